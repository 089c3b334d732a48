"""Maps of what a grant comes to in the districts: the amount as circle, per head as shade.

Classes and scale are made from the amounts of all years, so that years compare and no amount is fixed in the program.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.support.parts import Made, by_district, circles, common, credits_of, districts_of, sample_mark
from geodata.queries.support import FigureRow
from kyodo_geo.amounts import format_per_head, per_head, round_breaks, round_steps
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.per_people import class_labels, class_of

if TYPE_CHECKING:
    from api.answers import Reading
    from api.figures import DistrictFigures
    from maps.district_counts import Circles, Counted
    from maps.specs import Figure
    from maps.tables import Cell, Column, Table

LARGEST_PX = 20.0
"""Radius of the largest amount of all years."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Columns beside the amount: each district's cells, and those of the totals."""

    columns: tuple[Column, ...]
    cells: Mapping[int, tuple[Cell, ...]]
    totals: tuple[Cell, ...]


def amount_map(
    reading: Reading,
    found: DistrictFigures,
    year: int | None,
    rows: Sequence[FigureRow],
    measure: str,
    *,
    name: str,
    title: str,
    nothing: Collection[int] = (),
    total: str | None = None,
    beside: Beside | None = None,
    figures: tuple[Figure, ...] = (),
    notes: tuple[str, ...] = (),
) -> Made:
    """The map of a measure in yen; `rows` are its figures in all years.

    `nothing`: districts that have no figure because they were granted nothing; of others without one nothing is known.
    `total`: the measure of the whole city, where it is a figure of its own.
    """
    from maps.district_counts import DistrictCountsSpec, Shades
    from maps.palettes import ramp
    from maps.specs import Figure
    from maps.tables import Cell, Column
    from maps.text import number

    label = fiscal_year_label(year) if year is not None else ""
    of_year = [row for row in rows if row.fiscal_year == year]
    amounts = by_district(of_year, measure)
    everything = sum(amounts.values())
    whole: int | None = everything if amounts else None
    whole = next(
        (round(row.value) for row in of_year if row.measure == total and row.area_kind == "city"), whole
    )
    here = {row.no: amounts.get(row.no, 0 if row.no in nothing else None) for row in found.rows}
    shown = sum(yen or 0 for yen in here.values())
    breaks = round_breaks(_heads(found, rows, measure))
    left_out = sum(yen is None for yen in here.values())
    people = _people(found, [no for no, yen in here.items() if yen is not None])
    head = per_head(shown, people) if whole is not None else None
    extra = beside or Beside((), {}, ())
    counted = {
        row.no: _counted(here[row.no], row.people, breaks, extra.cells.get(row.no, ()))
        for row in found.rows
        if here[row.no] is not None or row.no in extra.cells
    }
    spec = DistrictCountsSpec(
        name=name,
        label=f"{label}の{title}の地図",
        caption=f"{label}の地区ごとの{title}",
        summary=_summary(f"{label}の{title}", whole, sum(bool(yen) for yen in here.values()), left_out),
        districts=districts_of(found),
        counted=counted,
        columns=(
            Column("amount_yen", f"{title}（円）", numeric=True),
            Column("per_head", "人口 1 人あたり（円）", numeric=True, digits=1),
            Column("population", "人口", numeric=True),
            *extra.columns,
        ),
        shades=Shades(
            f"人口 1 人あたりの{title}", "単位 円、人口 1 人あたり", class_labels(breaks), ramp("YlGnBu", len(breaks) + 1)
        ),
        circles=_circles(title, rows, measure),
        totals=(
            Cell(number(whole), whole),
            Cell("不明" if head is None else format_per_head(head), head),
            Cell(number(people), people),
            *extra.totals,
        )
        if counted
        else (),
        figures=(
            Figure(title, "不明" if whole is None else f"{number(whole)} 円", f"{label}、市全体"),
            *figures,
        )
        if counted
        else (),
        left_out=left_out if of_year else None,
        notes=(
            *_elsewhere(whole, shown),
            *((_LEFT_OUT.format(left_out),) if of_year and left_out else ()),
            *notes,
            "色の区切りと円の大きさは、登録のあるすべての年度の額から決めるので、年度を比べられます。",
            "人口は国勢調査の小地域" + sample_mark(found) + "の人口を、地区ごとに合計したものです。",
        ),
        **common(reading),
    )  # fmt: skip
    second = _years(rows, measure, total, title)
    return Made(spec, *credits_of(of_year), second, "年度ごとの表" if second else "")


_LEFT_OUT = "額のわからない地区が {} あります。1 人あたりの額と人口の合計に、その地区は入っていません。"


def _summary(what: str, whole: int | None, some: int, left_out: int) -> str:
    from maps.text import number

    if whole is None:
        return f"{what}のデータはありません。"
    unknown = f"額のわからない地区は {left_out} 地区です。" if left_out else ""
    return f"{what}は、市全体で {number(whole)} 円です。額のある地区は {some} 地区です。{unknown}"


def _elsewhere(whole: int | None, shown: int) -> tuple[str, ...]:
    """An amount of the total that is in no row of the table, so that rows and total can be held against each other."""
    if whole is None or whole == shown:
        return ()
    if whole > shown:
        return (
            f"合計のうち {whole - shown:,} 円は、地区が未登録の団体や、今はない地区の額です。表の行と地図にはありません。",
        )
    return (
        f"地区の額を足すと、市全体の額より {shown - whole:,} 円多くなります。年度ごとの数値を確かめてください。",
    )


def _counted(
    yen: int | None, people: int | None, breaks: tuple[float, ...], more: tuple[Cell, ...]
) -> Counted:
    from maps.district_counts import Counted
    from maps.tables import Cell
    from maps.text import number

    head = per_head(yen, people)
    cells = (
        Cell(number(yen), yen),
        Cell("不明" if head is None else format_per_head(head), head),
        Cell(number(people), people),
        *more,
    )
    return Counted(class_of(head, breaks), cells, yen)


def _people(found: DistrictFigures, numbers: list[int]) -> int | None:
    people = {row.no: row.people for row in found.rows}
    known = [people[no] for no in numbers]
    return None if any(value is None for value in known) else sum(value or 0 for value in known)


def _heads(found: DistrictFigures, rows: Sequence[FigureRow], measure: str) -> list[float]:
    """The amounts per head of all years."""
    people = {str(row.no): row.people for row in found.rows}
    heads = (
        per_head(round(row.value), people.get(row.area_key))
        for row in rows
        if row.measure == measure and row.area_kind == "district"
    )
    return [head for head in heads if head is not None]


def _circles(title: str, rows: Sequence[FigureRow], measure: str) -> Circles | None:
    """One scale for all years; None where nobody was paid anything."""
    largest = max(
        (row.value for row in rows if row.measure == measure and row.area_kind == "district"), default=0
    )
    return (
        circles(title, "円", LARGEST_PX / math.sqrt(largest), round_steps(largest)) if largest > 0 else None
    )


def _years(rows: Sequence[FigureRow], measure: str, total: str | None, title: str) -> Table | None:
    """The city's amount of every year."""
    from maps.tables import Cell, Column, Row, Table
    from maps.text import number

    years = sorted({row.fiscal_year for row in rows})
    lines = []
    for year in years:
        of_year = [row for row in rows if row.fiscal_year == year]
        held = by_district(of_year, measure)
        city = [round(row.value) for row in of_year if row.measure == total and row.area_kind == "city"]
        yen = city[0] if city else sum(held.values())
        some = sum(value > 0 for value in held.values())
        cells = (Cell(number(yen), yen), Cell(number(some), some))
        lines.append(Row(year, fiscal_year_label(year), cells, on_map=False))
    if not lines:
        return None
    columns = (
        Column("amount_yen", f"{title}（円）", numeric=True),
        Column("districts", "額のある地区", numeric=True),
    )
    return Table(f"年度ごとの{title}（市全体）", "年度", columns, tuple(lines), layer="years")
