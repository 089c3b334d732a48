"""Figures to maps: what a page shows, its script, its tables and its downloads are parts of one drawn map."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlencode

from pydantic import AfterValidator, BeforeValidator, Field

from api import figures, planner_maps
from api.answers import Reading, key_of, tag_of
from api.params import DataParams, Day, FiscalYear, Integer, left_empty, refuse
from geodata.queries import associations as association_queries
from geodata.queries import coverage as coverage_queries
from geodata.queries import districts as district_queries
from geodata.queries.outline import outline
from kyodo_geo.dates import fiscal_year_of, parse_date
from kyodo_geo.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from maps.specs import BuiltMap, MapSpec

RADII_M = (500, 800, 1200)
SCRIPT_ROUTE = "/maps/{name}.js"
MAX_AREAS = 20


def _offered(value: int) -> int:
    if value not in RADII_M:
        raise refuse(f"{'、'.join(map(str, RADII_M))} のどれかで指定してください")
    return value


def _area_ids(value: str) -> str:
    ids = value.split(",")
    if len(ids) > MAX_AREAS or any(
        not 0 < len(i) <= 40 or not i.replace("-", "").replace("_", "").isalnum() for i in ids
    ):
        raise refuse(f"町内会・自治会の番号を、コンマで区切って {MAX_AREAS} 個までで指定してください")
    return value


Radius = Annotated[
    Integer, AfterValidator(_offered), Field(description="到達圏の半径（m、直線）", examples=[800])
]


def _any_day(value: Any) -> Any:
    """A day as people write it: also in an era, with slashes or full-width digits; nothing when left empty."""
    if not isinstance(value, str) or not value.strip():
        return None if value == "" or isinstance(value, str) else value
    try:
        return parse_date(value).isoformat()
    except InputError:
        return value


class MapParams(DataParams):
    """What the maps can be asked for; each map uses what concerns it.

    `on` is the day whose plan states are shown; `as_of` (of the base) is the day whose data are read.
    """

    fiscal_year: FiscalYear | None = None
    radius: Radius = 800
    on: Annotated[Day | None, BeforeValidator(_any_day)] = Field(
        default=None,
        description="この日の策定状況を示す（plan-adoption のみ）。指定しなければ今日",
        examples=[date(2026, 4, 1)],
    )
    compare_year: Annotated[FiscalYear | None, BeforeValidator(left_empty)] = Field(
        default=None, description="この年度からの増減を示す（membership のみ）", examples=[2019]
    )
    denominator: Literal["stored", "register", "census"] = Field(
        default="stored",
        description="加入率の分母（membership のみ）: stored 記録された世帯数 / register 住民基本台帳 / census 国勢調査",
        examples=["register"],
    )


class ScriptParams(MapParams):
    """The same for a map's script; `v` is the version the page expects."""

    areas: Annotated[str, AfterValidator(_area_ids), Field(max_length=900)] | None = None
    v: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,40}$")] | None = None


@dataclass(frozen=True, slots=True)
class MapView:
    """A drawn map with the figures it was drawn from and the credit for both."""

    name: str
    built: BuiltMap
    dataset: dict[str, Any]
    figures: figures.DistrictFigures | None = None
    reach: dict[int, Any] | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    """What the map's own template needs beside it."""


def view(reading: Reading, name: str, params: MapParams) -> MapView:
    """The map `name`, drawn once per revision and set of parameters; raises NotFoundError for an unknown name."""
    if name not in _MAKERS:
        raise NotFoundError(f"地図「{name[:40]}」はありません。")
    params = _relevant(name, params)
    if name == "place":
        return _place(reading, params)  # as many as there are answers, and cheap
    key = key_of(name, params, {}, reading.ref.municipality_code, reading.on)
    return reading.services.drawn.get_or_make(
        key, reading.ref.revision, lambda: _MAKERS[name](reading, params)
    )


def script_address(reading: Reading, name: str, params: MapParams) -> str:
    """Where the page finds the map's script, with the version that belongs to the page's figures."""
    from api.clock import today

    wanted = ScriptParams(**_relevant(name, params).model_dump())
    code = reading.ref.municipality_code
    version = tag_of(
        reading.services, reading.ref.revision, key_of(SCRIPT_ROUTE, wanted, {"name": name}, code, today())
    )
    default = ScriptParams().model_dump()
    asked = {k: v for k, v in wanted.model_dump(mode="json").items() if v is not None and v != default[k]}
    return f"/maps/{name}.js?{urlencode({**asked, 'v': version})}"


def _relevant(name: str, params: MapParams) -> MapParams:
    """Only what this map depends on, so that other parameters do not make other copies of it."""
    used = {"municipality", "as_of", *_USES[name]}
    kept = {k: v for k, v in params.model_dump(exclude={"v"}).items() if k in used}
    return (ScriptParams if name == "place" else MapParams)(**kept)


def _districts(found: figures.DistrictFigures) -> tuple[Any, ...]:
    from maps.specs import District

    return tuple(District.of(row) for row in found.rows)


def _draw(spec: MapSpec) -> BuiltMap:
    from maps.build import build_map

    return build_map(spec)


def _common(reading: Reading) -> dict[str, Any]:
    return {"basemap": reading.services.pages.basemap, "outline": outline(reading.conn, reading.ref)}


def _plan_adoption(reading: Reading, params: MapParams) -> MapView:
    from maps.specs import PlanAdoptionSpec

    plans = planner_maps.plan_figures(reading, params.on)
    made_of = (*figures.PLACE_KINDS, *figures.PEOPLE_KINDS, *figures.DRAWN_KINDS)
    spec = PlanAdoptionSpec(
        districts=_districts(plans.found),
        standings=plans.standings,
        day=plans.day,
        overlays=planner_maps.overlays(reading, fiscal_year=fiscal_year_of(plans.day)),
        **_common(reading),
    )
    credit = plans.found.credit(*made_of, also=plans.qualities())
    return MapView(
        "plan-adoption", _draw(spec), credit, plans.found, context={"day": plans.day, "days": plans.days}
    )


def _membership(reading: Reading, params: MapParams) -> MapView:
    stored = figures.district_figures(reading, params.fiscal_year)
    found = planner_maps.with_denominator(reading, stored, params.denominator)
    lines = planner_maps.denominators(reading, stored)
    year = found.fiscal_year or fiscal_year_of(reading.on)
    earlier = None
    if params.compare_year is not None and params.compare_year != year:
        before = figures.district_figures(reading, params.compare_year, geometry=False)
        earlier = planner_maps.with_denominator(reading, before, params.denominator)
        found = planner_maps.withheld_too(found, earlier)
    common = {
        "districts": _districts(found),
        "fiscal_year": year,
        "city_rate": found.city.rate if found.city else None,
        "warnings": planner_maps.membership_warnings(lines, params.denominator, found, earlier),
        "overlays": planner_maps.overlays(reading, fiscal_year=year),
        **_common(reading),
    }
    spec = _rates(found, common) if earlier is None else _change(found, earlier, common)
    made_of: tuple[str, ...] = (*figures.RATE_KINDS, *figures.PLACE_KINDS, *figures.DRAWN_KINDS)
    if params.denominator == "register":
        made_of = (*made_of, "register-population")
    elif params.denominator == "census":
        made_of = (*made_of, *figures.PEOPLE_KINDS)
    context = {"denominators": lines, "denominator": params.denominator, "compared": earlier is not None}
    return MapView("membership", _draw(spec), found.credit(*made_of, plans=False), found, context=context)


def _rates(found: figures.DistrictFigures, common: dict[str, Any]) -> MapSpec:
    from maps.specs import MembershipSpec

    return MembershipSpec(
        denominators=found.city.denominators if found.city else (),
        denominator_as_of=found.city.denominator_as_of if found.city else None,
        sample=found.is_sample(*figures.RATE_KINDS),
        **common,
    )


def _change(
    found: figures.DistrictFigures, earlier: figures.DistrictFigures, common: dict[str, Any]
) -> MapSpec:
    from maps.planner_specs import MembershipChangeSpec

    return MembershipChangeSpec(
        earlier_year=earlier.fiscal_year or 0,
        earlier={row.no: row.membership_rate for row in earlier.rows},
        withheld=frozenset(row.no for rows in (found.rows, earlier.rows) for row in rows if row.suppressed),
        city_earlier_rate=earlier.city.rate if earlier.city else None,
        **common,
    )


def _projects(reading: Reading, params: MapParams) -> MapView:
    from maps.planner_specs import ProjectFigures, ProjectsSpec

    found = figures.district_figures(reading)
    held = planner_maps.project_year(reading, params.fiscal_year)
    spec = ProjectsSpec(
        districts=_districts(found),
        fiscal_year=held.fiscal_year,
        projects={
            no: ProjectFigures(row.count, row.grant_yen, row.grants_unknown, row.participants)
            for no, row in held.rows.items()
        },
        known=held.fiscal_year is not None,
        path=planner_maps.project_path(reading, held),
        sample=found.is_sample(*figures.PEOPLE_KINDS),
        overlays=planner_maps.overlays(reading, projects=False),
        **_common(reading),
    )
    made_of = (*figures.PEOPLE_KINDS, *figures.PLACE_KINDS, *figures.DRAWN_KINDS)
    credit = found.credit(*made_of, plans=False, also=[row.quality for row in held.rows.values()])
    credit["source"] = "、".join(dict.fromkeys([*held.sources, credit["source"]]))
    return MapView(
        "projects", _draw(spec), credit, found, context={"years": held.years, "year": held.fiscal_year}
    )


def _facility_coverage(reading: Reading, params: MapParams) -> MapView:
    from api.reach import reach_by_district
    from maps.specs import FacilityCoverageSpec, FacilityPoint

    found = figures.district_figures(reading)
    inputs = coverage_queries.inputs(reading.conn, reading.ref, reading.on)
    reach = reach_by_district(inputs, reading.ref.municipality_code, params.radius)
    spec = FacilityCoverageSpec(
        districts=_districts(found),
        facilities=tuple(FacilityPoint.of(row) for row in inputs.facilities),
        reach=reach,
        radius_m=params.radius,
        sample=found.is_sample(*figures.PEOPLE_KINDS),
        **_common(reading),
    )
    made_of = ("facilities", *figures.PEOPLE_KINDS, *figures.PLACE_KINDS, *figures.DRAWN_KINDS)
    return MapView("facility-coverage", _draw(spec), found.credit(*made_of, plans=False), found, reach)


def _place(reading: Reading, params: MapParams) -> MapView:
    from maps.specs import Area, PlaceSpec

    wanted = getattr(params, "areas", None)
    rows = (
        [association_queries.one(reading.conn, reading.ref, i) for i in wanted.split(",")] if wanted else []
    )
    areas = tuple(Area(id=row.id, name=row.name, geometry=row.geometry) for row in rows)
    if wanted is None:
        # Nothing to show but the place: the districts say where one is, also without a base map.
        held = district_queries.districts(reading.conn, reading.ref, None)
        areas = tuple(
            Area(f"district-{row.no}", f"{row.no} {row.name}", row.geometry, "district") for row in held
        )
    return MapView("place", _draw(PlaceSpec(areas=areas, **_common(reading))), {})


_MAKERS: dict[str, Callable[[Reading, MapParams], MapView]] = {
    "plan-adoption": _plan_adoption,
    "membership": _membership,
    "projects": _projects,
    "facility-coverage": _facility_coverage,
    "place": _place,
}
_USES: dict[str, tuple[str, ...]] = {
    "plan-adoption": ("on",),
    "membership": ("fiscal_year", "compare_year", "denominator"),
    "projects": ("fiscal_year",),
    "facility-coverage": ("radius",),
    "place": ("areas",),
}
