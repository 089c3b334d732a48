"""The staff's maps, read with the staff's rights and drawn for one reader: grants, halls' subsidies, the agreement."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from api.agreement_years import year_rows
from api.answers import SCRIPT, Reading
from api.cache import Answer, finish
from api.clock import today
from api.figures import district_figures
from api.params import FiscalYear, Integer, Params
from api.services import Services
from api.support.agreement import MEASURES, agreement
from api.support.grants import GRANTS, grants
from api.support.halls import halls
from api.support.parts import Made, with_records
from api.support.view import KINDS
from geodata.database import Audience
from geodata.queries import support as queries
from geodata.queries.generation import Ref, resolve
from kyodo_geo.dates import fiscal_year_label, fiscal_year_of
from kyodo_geo.errors import NotFoundError
from kyodo_geo.grants.schemes import INCENTIVE
from kyodo_geo.roles import Role
from kyodo_geo.small_counts import sees_all
from kyodo_geo.tickets import FIRST_YEAR

if TYPE_CHECKING:
    from maps.specs import BuiltMap


class HallParams(Params):
    """The fiscal year; the newest with a subsidy when left out."""

    fiscal_year: FiscalYear | None = None


class AgreementParams(Params):
    """What is counted, and when: a fiscal year (the newest with figures when left out) or one of its months."""

    measure: Annotated[str, Field(pattern=r"^[a-z]{1,20}$")] = "lookups"
    fiscal_year: FiscalYear | None = None
    month: Annotated[Integer, Field(ge=0, le=12)] = 0


class GrantParams(Params):
    """Which grant, and the fiscal year; the newest with an amount when left out."""

    scheme: Annotated[str, Field(pattern=r"^[a-z-]{1,20}$")] = INCENTIVE.key
    fiscal_year: FiscalYear | None = None


@dataclass(frozen=True, slots=True)
class StaffView:
    """A drawn map for staff with what its page and files say beside it."""

    ref: Ref
    made: Made
    built: BuiltMap
    dataset: dict[str, Any]
    script: Answer
    period: str
    year: int | None
    years: list[int]


def read_view(services: Services, make: Callable[[Reading], StaffView]) -> StaffView:
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        return make(Reading(conn, ref, today(), services))


Drawn = tuple[Made, "BuiltMap", dict[str, Any], Answer]


def _drawn(reading: Reading, key: tuple[object, ...], make: Callable[[], Made]) -> Drawn:
    """Drawn once for the figures that `key` holds; it must tell one reader's figures from another's."""

    def draw() -> Drawn:
        from maps.build import build_map

        made = make()
        credit = district_figures(reading, geometry=False).credit(*KINDS, plans=False)
        built = build_map(made.spec)
        script = finish(built.script.encode(), SCRIPT, "")
        return made, built, with_records(credit, made.qualities, made.sources), script

    whole = ("staff-map", reading.ref.municipality_code, reading.on, *key)
    return reading.services.drawn.get_or_make(whole, reading.ref.revision, draw)


def hall_view(params: HallParams) -> Callable[[Reading], StaffView]:
    """The halls' map of a year. Raises NotFoundError for a year without subsidies."""

    def make(reading: Reading) -> StaffView:
        years = queries.subsidy_years(reading.conn, reading.ref)
        year = params.fiscal_year if params.fiscal_year is not None else (years[-1] if years else None)
        if year is not None and year not in years:
            words = "、".join(map(str, years)) or "なし"
            raise NotFoundError(
                f"{year} 年度の補助のデータはありません。ある年度: {words}", fiscal_years=years
            )
        made, built, dataset, script = _drawn(
            reading, ("halls", year), lambda: halls(reading, district_figures(reading), year)
        )
        period = fiscal_year_label(year) if year is not None else ""
        return StaffView(reading.ref, made, built, dataset, script, period, year, years)

    return make


def grant_view(params: GrantParams) -> Callable[[Reading], StaffView]:
    """A grant's map of a year. Raises NotFoundError for an unknown grant or a year without amounts."""

    def make(reading: Reading) -> StaffView:
        grant = GRANTS.get(params.scheme)
        if grant is None:
            raise NotFoundError(
                f"この補助の地図はありません。使える名前: {'、'.join(GRANTS)}", schemes=list(GRANTS)
            )
        rows = queries.figures(reading.conn, reading.ref, grant.measures, None)
        years = sorted({row.fiscal_year for row in rows})
        year = params.fiscal_year if params.fiscal_year is not None else (years[-1] if years else None)
        if year is not None and year not in years:
            words = "、".join(map(str, years)) or "なし"
            raise NotFoundError(f"{year} 年度の額はありません。ある年度: {words}", fiscal_years=years)
        # Cases and payments do not bump the revision, so what stands behind the amounts is part of the key.
        received = grant.received(reading.conn, reading.ref, year) if year is not None else ()
        made, built, dataset, script = _drawn(
            reading,
            ("grants", grant.key, year, received),
            lambda: grants(reading, district_figures(reading), grant, year, rows, received),
        )
        period = fiscal_year_label(year) if year is not None else ""
        return StaffView(reading.ref, made, built, dataset, script, period, year, years)

    return make


def agreement_view(params: AgreementParams, roles: Collection[Role]) -> Callable[[Reading], StaffView]:
    """The agreement's map as this reader may see it. Raises NotFoundError for an unknown measure or year."""
    full = sees_all(roles)

    def make(reading: Reading) -> StaffView:
        this_year = fiscal_year_of(reading.on)
        years = list(range(FIRST_YEAR, this_year + 1))
        if params.measure not in MEASURES:
            raise NotFoundError(
                f"この数値はありません。使える名前: {'、'.join(MEASURES)}", measures=list(MEASURES)
            )
        if params.fiscal_year is not None and params.fiscal_year not in years:
            raise NotFoundError(f"{params.fiscal_year} 年度のデータはありません。", fiscal_years=years)
        month = params.month or None
        held = year_rows(reading.services, reading.conn, reading.ref, params.fiscal_year, this_year)
        year = held.year
        # Counts do not bump the revision, so they are part of the key; so is what the reader may see of them.
        made, built, dataset, script = _drawn(
            reading,
            ("agreement", full, params.measure, year, month, held.counted),
            lambda: agreement(
                reading,
                district_figures(reading),
                held.rows,
                params.measure,
                year,
                month,
                full=full,
                invented=held.invented,
            ),
        )
        period = fiscal_year_label(year) + (f" {month}月" if month else "")
        return StaffView(reading.ref, made, built, dataset, script, period, year, years)

    return make
