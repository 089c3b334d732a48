"""Maps by association, for staff alone. They are drawn from a staff connection and kept under keys of their own.

Nothing here is reachable from `api/map_views.py`, whose answers may be stored by anybody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any

from markupsafe import Markup
from pydantic import BeforeValidator, Field

from api import figures
from api.answers import SCRIPT, Reading
from api.cache import Answer, finish
from api.clock import today
from api.packed import Part, part
from api.params import FiscalYear, Integer, Params, left_empty
from api.planner_maps import districts_of, overlays
from api.services import Services
from geodata import at_risk_rules
from geodata.database import Audience
from geodata.queries import association_figures, risk_cases
from geodata.queries import datasets as dataset_queries
from geodata.queries import districts as district_queries
from geodata.queries import membership as membership_queries
from geodata.queries.association_figures import AssociationRow
from geodata.queries.generation import resolve
from geodata.queries.outline import outline
from kyodo_geo.at_risk import Facts, Judgement, Show, Thresholds, judge
from kyodo_geo.centres.cases import by_district
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.membership import membership_rate
from kyodo_geo.quality import DatasetInfo, credit
from kyodo_geo.rate_change import change_points
from maps.planner_specs import AssociationFigures, AssociationRatesSpec, AtRiskSpec
from maps.specs import BuiltMap
from maps.tables import Table

NAMES = ("membership", "at-risk")
KINDS = (*figures.RATE_KINDS, *figures.PLACE_KINDS, *figures.DRAWN_KINDS)


class StaffMapParams(Params):
    """Which years; of the associations at risk also which of them. District 0 are those without a known one."""

    fiscal_year: FiscalYear | None = None
    compare_year: Annotated[FiscalYear | None, BeforeValidator(left_empty)] = None
    district: Annotated[Annotated[Integer, Field(ge=0, le=999)] | None, BeforeValidator(left_empty)] = None
    show: Show = Show.AT_RISK

    @property
    def narrows(self) -> bool:
        return self.district is not None or self.show is not Show.AT_RISK


@dataclass(frozen=True, slots=True)
class StaffMap:
    """A drawn map with its credit, the exact geometries by association, and what its page needs beside it.

    `districts` may be chosen; `hidden` associations are left out by what was chosen.
    The hundreds of rows of the table and the script are made ready once: `table_html`, its bytes as `part`, and `script`.
    """

    built: BuiltMap
    dataset: dict[str, Any]
    geometries: dict[str, str | None]
    fiscal_year: int
    fiscal_years: list[int]
    table_html: Markup
    part: Part
    script: Answer
    compare_year: int | None = None
    districts: tuple[tuple[int, str], ...] = ()
    hidden: int = 0
    cases: Table | None = None
    """Case sheets by district."""


def _made(
    reading: Reading, spec: AssociationRatesSpec | AtRiskSpec, kinds: tuple[str, ...], years: list[int],
    rows: list[AssociationRow], earlier: int | None = None,
) -> StaffMap:  # fmt: skip
    built = _draw(spec)
    html = reading.services.pages.render("staff_map_table.html", path="", ref=reading.ref, table=built.table)
    return StaffMap(
        built=built,
        dataset=_credit(reading, *kinds),
        geometries={row.id: row.geometry for row in rows},
        fiscal_year=spec.fiscal_year,
        fiscal_years=years,
        table_html=Markup(html),  # noqa: S704 - a template of ours, which escapes
        part=part(html),
        script=finish(built.script.encode(), SCRIPT, ""),
        compare_year=earlier,
    )


def staff_map(services: Services, name: str, params: StaffMapParams) -> StaffMap:
    """The map `name` (blocking); raises NotFoundError for an unknown name or a year without figures."""
    if name not in _MAKERS:
        raise NotFoundError(f"地図「{name[:40]}」はありません。")
    if name != "at-risk" and params.narrows:
        raise InputError("この地図は、地区と判定では絞り込めません。")
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        reading = Reading(conn, ref, today(), services)
        key = ("staff", name, ref.municipality_code, *params.model_dump().values(), reading.on)
        return services.drawn.get_or_make(key, ref.revision, lambda: _MAKERS[name](reading, params))


def _year(reading: Reading, wanted: int | None) -> tuple[int, list[int], float | None]:
    """The year shown, all years, and the city's rate of that year."""
    held = membership_queries.city(reading.conn, reading.ref)
    known = [row.fiscal_year for row in held]
    if not known:
        raise NotFoundError("加入率の数値がまだありません。")
    year = known[-1] if wanted is None else wanted
    if year not in known:
        raise NotFoundError(f"{year} 年度の加入率はありません。ある年度: {'、'.join(map(str, known))}")
    return year, known, next(row.rate for row in held if row.fiscal_year == year)


def _figures(row: AssociationRow) -> AssociationFigures:
    rate = membership_rate(row.member_households, row.households)
    earlier = membership_rate(row.earlier_members, row.earlier_households)
    return AssociationFigures(
        id=row.id, name=row.name, kana=row.kana, geometry=row.geometry, label_lon=row.label_lon,
        label_lat=row.label_lat, district_no=row.district_no, district=row.district, households=row.households,
        member_households=row.member_households, rate=rate, earlier_rate=earlier, change=change_points(rate, earlier),
    )  # fmt: skip


def _ground(reading: Reading) -> dict[str, Any]:
    return {
        "basemap": reading.services.pages.basemap,
        "outline": outline(reading.conn, reading.ref),
        "overlays": overlays(reading, projects=False),
    }


def _draw(spec: AssociationRatesSpec | AtRiskSpec) -> BuiltMap:
    from maps.build import build_map

    return build_map(spec)


def _credit(reading: Reading, *kinds: str) -> dict[str, Any]:
    infos: dict[str, DatasetInfo] = dataset_queries.active_datasets(reading.conn, reading.ref)
    return credit(infos, kinds)


def _membership(reading: Reading, params: StaffMapParams) -> StaffMap:
    year, years, city = _year(reading, params.fiscal_year)
    earlier = params.compare_year if params.compare_year != year else None
    if earlier is not None:
        _year(reading, earlier)
    rows = association_figures.associations(reading.conn, reading.ref, year, earlier)
    spec = AssociationRatesSpec(
        associations=tuple(map(_figures, rows)),
        fiscal_year=year,
        earlier_year=earlier,
        city_rate=city,
        **_ground(reading),
    )
    return _made(reading, spec, KINDS, years, rows, earlier)


@dataclass(frozen=True, slots=True)
class Judged:
    """Every association with its figures of a year and what the rule makes of them."""

    fiscal_year: int
    fiscal_years: list[int]
    rule: Thresholds
    rows: list[AssociationRow]
    facts: dict[str, Facts]
    judgements: dict[str, Judgement]


def judged(reading: Reading, fiscal_year: int | None) -> Judged:
    """The rule applied to a year (default: the newest with rates), with the rights of the reading's connection.

    Raises NotFoundError for a year without rates.
    """
    conn, ref = reading.conn, reading.ref
    year, years, _ = _year(reading, fiscal_year)
    rule = at_risk_rules.current(conn, ref.municipality_code).thresholds
    rows = association_figures.associations(conn, ref, year, year - rule.fall_years)
    aged = association_figures.aged_shares(conn, ref, year)
    people = association_figures.people_by_district(conn, ref, year)
    earlier_people = association_figures.people_by_district(conn, ref, year - rule.people_fall_years)
    facts = {
        row.id: Facts(
            households=row.households,
            rate=membership_rate(row.member_households, row.households),
            earlier_rate=membership_rate(row.earlier_members, row.earlier_households),
            aged_share=aged.by_association.get(row.id, aged.by_district.get(row.district_no or 0)),
            people=people.get(row.district_no or 0),
            earlier_people=earlier_people.get(row.district_no or 0),
        )
        for row in rows
    }
    return Judged(year, years, rule, rows, facts, {key: judge(of_one, rule) for key, of_one in facts.items()})


def _at_risk(reading: Reading, params: StaffMapParams) -> StaffMap:
    from maps.at_risk import case_table

    found = judged(reading, params.fiscal_year)
    rows, judgements, year = found.rows, found.judgements, found.fiscal_year
    districts = _districts(rows)
    if params.district is not None and params.district not in districts:
        raise NotFoundError(f"地区 {params.district} の町内会・自治会はありません。")
    shown = [
        row for row in rows
        if params.show.takes(judgements[row.id]) and params.district in (None, row.district_no or 0)
    ]  # fmt: skip
    spec = AtRiskSpec(
        associations=tuple(map(_figures, rows)),
        facts=found.facts,
        judgements=judgements,
        thresholds=found.rule,
        fiscal_year=year,
        districts=districts_of(
            district_queries.districts(reading.conn, reading.ref, None, with_geometry=False)
        ),
        cases=by_district(risk_cases.lines(risk_cases.cases(reading.conn, reading.ref, year))),
        shown=frozenset(row.id for row in shown),
        chosen="、".join(
            [params.show.label, *([] if params.district is None else [districts[params.district]])]
        ),
        **_ground(reading),
    )
    made = _made(reading, spec, (*KINDS, "register-population"), found.fiscal_years, rows)
    return replace(
        made, districts=tuple(districts.items()), hidden=len(rows) - len(shown), cases=case_table(spec)
    )


def _districts(rows: list[AssociationRow]) -> dict[int, str]:
    """Districts with associations by number; 0 for those without a known district, last."""
    found = {
        row.district_no: f"{row.district_no} {row.district or ''}".strip() for row in rows if row.district_no
    }
    unknown = {0: "地区不明"} if any(not row.district_no for row in rows) else {}
    return {**dict(sorted(found.items())), **unknown}


_MAKERS: dict[str, Callable[[Reading, StaffMapParams], StaffMap]] = {
    "membership": _membership,
    "at-risk": _at_risk,
}
