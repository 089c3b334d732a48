"""The sheet: everything that closing one facility in a fiscal year means, as sections for the page and for one A4 page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from api import facility_karte
from api.close_sheet import people, things
from api.close_sheet.params import CloseParams, choice_for, year_of, years_of
from api.karte.parts import Grid, Section
from api.reach_pages.params import BY, assumptions
from api.scenario_edit.reading import floor_areas
from api.scenario_pages.inputs import effects_of
from geodata import unit_costs
from geodata.queries import facility_sheet, facility_use
from geodata.queries.association_names import district_names
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.scenarios.actions import Action

if TYPE_CHECKING:
    from api.answers import Reading
    from api.reach_pages.shelf import Held
    from kyodo_geo.reach.report import Choice

CLOSES = "廃止・除却"
PAPER_ROWS = {"who": 6, "where": 5, "rooms": 5, "groups": 8, "shelter": 3}
"""Rows of a table that fit on the one page; the rest is counted there and stands on the page of the service."""
PAPER_NAME, PAPER_CELL, PAPER_LINE = 34, 60, 90


@dataclass(frozen=True, slots=True)
class CloseSheet:
    """`headline`: the answer in sentences; `sections` in the order of reading; `unknown` and `assumptions` in sentences."""

    karte: facility_karte.Karte
    year: int
    year_label: str
    headline: tuple[str, ...]
    sections: tuple[Section, ...]
    unknown: tuple[str, ...]
    assumptions: tuple[str, ...]
    ready: bool
    years: tuple[tuple[int, str, bool], ...]
    for_staff: bool
    by: str
    distance: int
    bys: tuple[tuple[str, str, bool], ...]

    @property
    def dataset(self) -> dict[str, Any]:
        return self.karte.dataset

    def section(self, name: str) -> Section | None:
        """One of the sections by its id."""
        return next((item for item in self.sections if item.id == name), None)


def close_sheet(
    reading: Reading, held: Held, facility_id: str, params: CloseParams, *, for_staff: bool
) -> CloseSheet:
    """Raises NotFoundError, InputError for a year outside of the plan's horizon or after the facility has closed.

    `for_staff`: with the registered groups; the reading is then of the staff audience.
    """
    conn, ref = reading.conn, reading.ref
    karte = facility_karte.public(reading, facility_id)
    assumed = unit_costs.assumptions(conn, ref.municipality_code)
    horizon = assumed.assumptions.horizon_years
    year = year_of(params, horizon)
    base = years_of(horizon)[0]
    choice = choice_for(held, params, facility_id, year)
    found = effects_of(reading, held, choice, [Action(year, facility_id, CLOSES)], base=base, horizon=horizon)
    districts = dict(district_names(conn, ref))
    headline, parts = people.sections(held, choice, found, facility_id, year, districts)
    site = {item.id: item for item in facility_sheet.sites(conn, ref, all_times=True)}
    money, unsure = things.money(found, karte.found, year)
    groups = [_groups(reading, held, choice, facility_id)] if for_staff else []
    sections = [
        *parts, things.rooms(karte.found), *groups, money,
        things.shelter(karte.found, facility_use.shelters(conn, ref), site, date(year, 10, 1)),
        things.freed(karte.found, floor_areas(conn, ref).get(facility_id)),
    ]  # fmt: skip
    unknown = list(unsure)
    if karte.unknown:
        unknown.append(f"記録がない項目：{'、'.join(karte.unknown)}。")
    unknown.append(
        "跡地の使い道と売却の額、職員の配置、代わりの送迎、移るためにかかる費用は、計算に入っていません。"
    )
    return CloseSheet(
        karte, year, fiscal_year_label(year), tuple(headline), tuple(sections), tuple(unknown),
        tuple(_assumed(held, choice, districts, assumed, for_staff=for_staff)), held.ready,
        tuple((item, fiscal_year_label(item), item == year) for item in years_of(horizon)), for_staff, params.by,
        params.distance,
        tuple(
            (key, label, key == params.by)
            for key, label in BY.items()
            if key == "straight" or held.prepared.has_network or key == params.by
        ),
    )  # fmt: skip


def _groups(reading: Reading, held: Held, choice: Choice, facility_id: str) -> Section:
    from api.reach_pages.groups import WORDS, rehoused_groups

    site, known, placed = rehoused_groups(reading.conn, reading.ref, held, choice, facility_id)
    own = [group for group in known if group.facility_id == facility_id]
    return things.groups(site, own, placed.get(facility_id, []), WORDS, choice.drive_m)


def _assumed(
    held: Held, choice: Choice, districts: dict[int, str], assumed: Any, *, for_staff: bool
) -> list[str]:
    from kyodo_geo.reach.modes import car_minutes
    from kyodo_geo.reach.report import limits

    driving = limits(held.prepared, choice, held.prepared.people_in(choice.year))[1]
    lines = [
        "この施設だけを閉じ、ほかはすべて今のまま続けるとした計算です。閉じる計画があるという意味ではありません。",
        *assumptions(held, choice, [districts.get(no, str(no)) for no in driving]),
        f"徒歩の分は 1 分 {people.WALK_M_PER_MINUTE} m で割った目安です。"
        + (
            "車の分は自動車の道路網によります。"
            if car_minutes(held.prepared, choice.by) is not None
            else f"車の分は平均 {choice.kmh:g} km/h で割った目安です。"
        ),
        f"定員の見込みは、最寄りの住民の {choice.use_percent:g} % が同時に来るとしました。",
    ]
    unit = assumed.assumptions.demolition_yen_m2
    lines.append(
        f"費用は前提の第{assumed.version}版（物価の倍率 {assumed.assumptions.price_index:g}、"
        f"除却 {'不明' if unit is None else f'{unit:,} 円/m²'}）によります。"
    )
    if for_staff:
        lines.append("登録団体、部屋、開館時間は今の記録で、年によって変えていません。")
    return lines


def on_one_page(found: CloseSheet) -> CloseSheet:
    """The same with tables and texts cut to what one A4 page holds; what is left out is counted."""
    return replace(
        found,
        sections=tuple(_short(section) for section in found.sections),
        unknown=tuple(_cut(line, 160) for line in found.unknown[:5]),
        assumptions=tuple(_cut(line, 150) for line in found.assumptions),
    )


def _short(section: Section) -> Section:
    most = PAPER_ROWS.get(section.id, 6)
    grids, notes = [], [_cut(note, PAPER_LINE * 2) for note in section.notes]
    for grid in section.grids:
        rows = grid.rows
        if len(rows) > most:
            last = [rows[-1]] if rows[-1][0] == "計" else []
            left = len(rows) - (most - len(last)) - len(last)
            rows = (*rows[: most - len(last)], *last)
            notes.append(f"ほか {left} 件は、画面のページにあります。")
        grids.append(
            Grid(
                _cut(grid.caption, PAPER_LINE), grid.columns,
                tuple((_cut(row[0], PAPER_NAME), *(_cut(cell, PAPER_CELL) for cell in row[1:])) for row in rows), grid.numeric,
            )
        )  # fmt: skip
    return replace(
        section,
        grids=tuple(grids),
        notes=tuple(notes),
        facts=tuple((a, _cut(b, PAPER_LINE)) for a, b in section.facts),
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
