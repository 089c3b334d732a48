"""The list of all districts: one line each with the figures a reader chooses by, as page and as file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from api import figures
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.plan_states import PlanState

if TYPE_CHECKING:
    from api.answers import Reading
    from maps.paper_districts import PaperChoropleth
    from maps.tables import Table

KINDS = (*figures.PLACE_KINDS, *figures.PEOPLE_KINDS, *figures.RATE_KINDS)


@dataclass(frozen=True, slots=True)
class DistrictList:
    """The table, the picture with the districts' numbers (None without areas), and the credit of both."""

    table: Table
    picture: PaperChoropleth | None
    dataset: dict[str, Any]
    fiscal_year: int | None


def district_list(reading: Reading) -> DistrictList:
    """All districts with people, newest membership rate, plan state of the day and associations."""
    from maps.paper_districts import numbered
    from maps.specs import District

    found = figures.district_figures(reading)
    areas = [District.of(row) for row in found.rows]
    drawn = numbered(areas) if any(area.geometry for area in areas) else None
    return DistrictList(_table(found, areas), drawn, found.credit(*KINDS), found.fiscal_year)


def _table(found: figures.DistrictFigures, areas: list[Any]) -> Table:
    from maps.districts import table_row
    from maps.membership import shown_rate
    from maps.tables import Cell, Column, Table
    from maps.text import UNKNOWN, number

    year = fiscal_year_label(found.fiscal_year) if found.fiscal_year else ""
    columns = (
        Column("population", "人口", numeric=True),
        Column("households", "世帯数", numeric=True),
        Column("membership_rate", "加入率", numeric=True),
        Column("plan", "地域づくり計画"),
        Column("associations", "町内会・自治会", numeric=True),
    )
    rows = []
    for row, area in zip(found.rows, areas, strict=True):
        cells = (
            Cell(number(row.people), row.people),
            Cell(number(row.households), row.households),
            Cell(shown_rate(area), None if row.suppressed else row.membership_rate),
            Cell.words(PlanState(row.plan_state).label if row.plan_state else UNKNOWN),
            Cell(number(row.associations), row.associations),
        )
        rows.append(replace(table_row(area, cells), on_map=False))
    notes = (
        f"人口と世帯数は、{found.stated('国勢調査', *figures.PEOPLE_KINDS)}の小地域を地区にまとめたものです。",
        "加入率が「非公表」の地区は、世帯が少ないか、ほかの地区との差から計算できてしまう地区です。",
    )
    caption = "コミュニティ推進地区の一覧" + (f"（加入率は{year}）" if year else "")
    return Table(caption, "地区", columns, tuple(rows), notes=notes)
