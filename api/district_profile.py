"""Everything one district's page and its JSON say: gathered once, by one function, for both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field

from api import figures
from api.map_views import RADII_M
from api.params import DataParams, refuse
from api.reach import reach_by_district
from geodata.queries import associations as association_queries
from geodata.queries import coverage as coverage_queries
from geodata.queries import district_profile as queries
from geodata.queries import facilities as facility_queries
from geodata.queries import membership as membership_queries
from geodata.queries import sharing as sharing_queries
from geodata.queries.associations import AssociationRow
from geodata.queries.district_profile import Neighbour, RegisterCount
from geodata.queries.districts import DistrictRow
from geodata.queries.facilities import FacilityRow
from geodata.queries.membership import CityYear, DistrictYear
from geodata.queries.sharing import CaseRow
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.figure_sheets import COMMUNITY_GRANTS

if TYPE_CHECKING:
    from api.answers import Reading
    from maps.locator import Locator
    from maps.specs import Reach

MOST = 1000
CITY = "city"
OFFICERS = {"contact": "地域窓口担当", "issue": "地域課題担当", "coordinator": "専任職員"}
BODIES = {"district-organisation": "コミュニティ推進地区組織", "community-building": "地域づくり組織"}
"""Labels by kind."""


def _place(value: str) -> str:
    if value and value != CITY and not (value.isascii() and value.isdigit() and 1 <= int(value[:4]) <= 999):
        raise refuse("地区の番号、または city（市全体）を指定してください")
    return value


class ProfileParams(DataParams):
    """What the district is compared with."""

    compare: Annotated[str, AfterValidator(_place)] | None = Field(
        default=None,
        max_length=4,
        description="比べる相手。地区の番号、または city（市全体。数は 1 地区あたりの平均）",
        examples=["city"],
    )


@dataclass(frozen=True, slots=True)
class City:
    """What all districts' pages share: kept per revision. Rows carry no geometry; `reach` is by radius and district.

    `drawings` keeps by district what is drawn alike whatever it is compared with.
    """

    found: figures.DistrictFigures
    reach: dict[int, dict[int, Reach]]
    years: list[CityYear]
    register: list[RegisterCount]
    projects: list[dict[str, Any]]
    locator: Locator
    drawings: dict[int, Any] = field(default_factory=dict)

    def row(self, no: int) -> DistrictRow:
        """Raises NotFoundError."""
        row = next((row for row in self.found.rows if row.no == no), None)
        if row is None:
            raise NotFoundError(f"番号 {no} のコミュニティ推進地区はありません。", district_no=no)
        return row


@dataclass(frozen=True, slots=True)
class ProjectYear:
    """Projects of a fiscal year, as the map of projects counts them: only those that count for the indicator.

    `grant_yen` and `participants` sum what is known: 0 without projects, None where nothing is known of them.
    `others` are grants that count for nothing (to organisations), with their sum. `recorded`: whether the city has
    records of the year at all; else nothing is known of it.
    """

    fiscal_year: int
    counted: int
    grant_yen: int | None
    unknown_grants: int
    participants: int | None
    others: int
    other_grant_yen: int | None
    unknown_others: int
    recorded: bool = True


@dataclass(frozen=True, slots=True)
class Profile:
    """One district. `other` is what it is compared with: a district's row, CITY or None."""

    city: City
    row: DistrictRow
    towns: list[str]
    small_areas: list[str]
    register: list[RegisterCount]
    years: list[DistrictYear]
    plan: list[dict[str, Any]]
    projects: list[dict[str, Any]]
    community_grants: list[dict[str, Any]]
    officers: list[dict[str, Any]]
    bodies: list[dict[str, Any]]
    centre: dict[str, Any] | None
    facilities: list[FacilityRow]
    associations: list[AssociationRow]
    neighbours: list[Neighbour]
    cases: list[CaseRow]
    other: DistrictRow | str | None
    other_years: list[DistrictYear]
    other_register: list[RegisterCount]

    @property
    def reach(self) -> dict[int, Reach]:
        """Reach by radius; a radius is left out where nothing is known of the district."""
        return {
            radius: found[self.row.no] for radius, found in self.city.reach.items() if self.row.no in found
        }

    @property
    def project_years(self) -> list[ProjectYear]:
        """All years from the city's first record to its last, also those without any of this district."""
        of_city = {item["fiscal_year"] for item in self.city.projects}
        if not of_city:
            return []
        years = by_year(self.projects, range(min(of_city), max(of_city) + 1))
        return [replace(year, recorded=year.fiscal_year in of_city) for year in years]

    def dataset(self) -> dict[str, Any]:
        """The credit of everything on the page; dated records bring their own quality."""
        kinds = (
            *figures.PLACE_KINDS, *figures.PEOPLE_KINDS, "register-population", *figures.RATE_KINDS, "facilities", "towns",
        )  # fmt: skip
        records = [
            self.plan,
            self.projects,
            self.community_grants,
            self.officers,
            self.bodies,
            [self.centre] if self.centre else [],
        ]
        made = self.city.found.credit(*kinds)
        qualities = [item["quality"] for held in records for item in held] + [
            case.quality for case in self.cases
        ]
        from kyodo_geo.quality import Quality, worst

        whole = worst([Quality(made["quality"]), *(Quality(item) for item in qualities)])
        return {**made, "quality": whole.value, "quality_label": whole.label}


def gather(reading: Reading, no: int, compare: str | None = None) -> Profile:
    """Facts of the district `no`; raises NotFoundError, and InputError when it is compared with itself or with a
    district that does not exist."""
    conn, ref, on = reading.conn, reading.ref, reading.on
    city = _city(reading)
    city.row(no)
    other: DistrictRow | str | None = None
    if compare == CITY:
        other = CITY
    elif compare:
        other = _other(city, no, int(compare))
    row = figures.district_figures(reading, no=no).rows[0]
    members, _ = association_queries.page(conn, ref, district=no, limit=MOST)
    other_no = other.no if isinstance(other, DistrictRow) else None
    return Profile(
        city=city,
        row=row,
        towns=queries.towns(conn, ref, no, on),
        small_areas=queries.small_area_names(conn, ref, no),
        register=queries.register(conn, ref, on, no),
        years=membership_queries.district(conn, ref, no),
        plan=queries.plan_history(conn, ref, no, on),
        projects=[item for item in city.projects if item["district_no"] == no],
        community_grants=queries.yearly(conn, ref, no, COMMUNITY_GRANTS.key),
        officers=queries.officers(conn, ref, no, on),
        bodies=queries.bodies(conn, ref, no, on),
        centre=queries.nearest_centre(conn, ref, no, on),
        facilities=_inside(row, facility_queries.facilities(conn, ref, activity=True, on=on)),
        associations=[replace(item, geometry=None) for item in members],
        neighbours=queries.neighbours(conn, ref, no),
        cases=sharing_queries.cases(conn, ref.municipality_code, ref.generation_no, district=no),
        other=other,
        other_years=membership_queries.district(conn, ref, other_no) if other_no is not None else [],
        other_register=queries.register(conn, ref, on, other_no) if other_no is not None else [],
    )


def _other(city: City, no: int, other: int) -> DistrictRow:
    if other == no:
        raise InputError("同じ地区どうしは比べられません。別の地区を選んでください。", field="compare")
    try:
        return city.row(other)
    except NotFoundError as missing:
        raise InputError(
            f"比べる相手にした番号 {other} のコミュニティ推進地区はありません。別の地区を選んでください。",
            field="compare",
        ) from missing


def _city(reading: Reading) -> City:
    key = ("district-profiles", reading.ref.municipality_code, reading.ref.generation_no, reading.on)
    return reading.services.drawn.get_or_make(key, reading.ref.revision, lambda: _make_city(reading))


def _make_city(reading: Reading) -> City:
    from maps.locator import Locator

    conn, ref = reading.conn, reading.ref
    found = figures.district_figures(reading)
    inputs = coverage_queries.inputs(conn, ref, reading.on)
    return City(
        found=replace(found, rows=[replace(row, geometry=None) for row in found.rows]),
        reach={radius: reach_by_district(inputs, ref.municipality_code, radius) for radius in RADII_M},
        years=membership_queries.city(conn, ref),
        register=queries.register(conn, ref, reading.on),
        projects=queries.projects(conn, ref),
        locator=Locator.of({row.no: row.geometry for row in found.rows if row.geometry}),
    )


def _inside(row: DistrictRow, places: list[FacilityRow]) -> list[FacilityRow]:
    """Facilities whose point the district covers (its border belongs to it)."""
    import shapely

    if row.geometry is None or not places:
        return []
    area = shapely.from_geojson(row.geometry)
    shapely.prepare(area)
    return [place for place in places if area.covers(shapely.Point(place.lon, place.lat))]


def by_year(projects: Sequence[dict[str, Any]], wanted: Iterable[int] = ()) -> list[ProjectYear]:
    """Projects by fiscal year, oldest first; `wanted` years stand there without projects too."""
    years: dict[int, list[dict[str, Any]]] = {year: [] for year in wanted}
    for item in projects:
        years.setdefault(item["fiscal_year"], []).append(item)
    return [_project_year(year, items) for year, items in sorted(years.items())]


def _project_year(year: int, items: list[dict[str, Any]]) -> ProjectYear:
    counted = [item for item in items if item["counts_as_project"]]
    others = [item for item in items if not item["counts_as_project"]]
    return ProjectYear(
        fiscal_year=year,
        counted=len(counted),
        grant_yen=_sum(item["grant_yen"] for item in counted) if counted else 0,
        unknown_grants=sum(item["grant_yen"] is None for item in counted),
        participants=_sum(item["participants"] for item in counted) if counted else 0,
        others=len(others),
        other_grant_yen=_sum(item["grant_yen"] for item in others) if others else 0,
        unknown_others=sum(item["grant_yen"] is None for item in others),
    )


def _sum(values: Any) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
