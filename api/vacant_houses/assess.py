"""All houses with their filters and figures, by one function for page, files, sheet and the job's selection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from api.reach_pages.params import check_supply, checked_year, drive_districts_of
from geodata import vacant_arrays
from geodata.queries import association_names, planning_layers, vacant
from geodata.queries import halls as hall_queries
from kyodo_geo.errors import InputError
from kyodo_geo.reach import modes
from kyodo_geo.reach.report import Choice, drives, limits, supplied
from kyodo_geo.vacancy.checks import Facts, check_all, overall
from kyodo_geo.vacancy.near import Near
from kyodo_geo.vacancy.ranking import Gain, gains
from kyodo_geo.vacancy.verdict import Check, Verdict

if TYPE_CHECKING:
    from api.reach_pages.shelf import Held
    from api.services import Services
    from api.vacant_houses.params import HouseParams
    from geodata.database import Connection
    from geodata.queries.generation import Ref
    from geodata.queries.halls import HallRow
    from geodata.queries.vacant import House
    from kyodo_geo.reach.prepared import Prepared
    from kyodo_geo.vacancy.near import HouseReach


@dataclass(frozen=True, slots=True, eq=False)
class Assessed:
    """Houses in the order of their ids; `checks`, `verdicts`, `gains`, `among` (asked for) and `groups` belong to them.

    `covered`: cells that a hall or facility serves already. `groups`: number of the association, −1 where none is known.
    `by`: the kind of distance that could be used. `near`: the cells each house serves within the distance of `params`, by
    `choice` where people drive; `driving`: names of the districts that drive by its rule, `by_car`: whether minutes by car
    could be used there (else they were counted on foot).
    """

    params: HouseParams
    year: int
    by: str
    prepared: Prepared
    reach: HouseReach
    near: Near
    choice: Choice
    driving: list[str]
    by_car: bool
    houses: list[House]
    checks: list[tuple[Check, ...]]
    verdicts: list[Verdict]
    gains: list[Gain]
    among: np.ndarray
    groups: np.ndarray
    covered: np.ndarray
    people: np.ndarray
    facilities: np.ndarray
    halls: list[HallRow]
    layers: list[str]

    @property
    def order(self) -> list[int]:
        """The ranked houses by their rank, then all others by id."""
        return sorted(
            range(len(self.houses)),
            key=lambda at: (
                self.gains[at].any.rank if self.gains[at].any is not None else len(self.houses) + 1,  # type: ignore[union-attr]
                self.houses[at].house_id,
            ),
        )

    def halls_of(self, association_id: str | None) -> list[HallRow]:
        return [hall for hall in self.halls if association_id and hall.association_id == association_id]


def assess(
    conn: Connection, ref: Ref, prepared: Prepared, reach: HouseReach, params: HouseParams
) -> Assessed:
    """`conn` is of the staff audience; `prepared` and `reach` have the same cells. Raises `InputError`."""
    check_supply(prepared, params.supply)
    check_where(conn, ref, params)
    year = checked_year(prepared, params.year)
    by = params.by if bool(reach.has_network) and prepared.has_network else "straight"
    houses = vacant.places(conn, ref)
    layers = planning_layers.loaded(conn, ref)
    areas: dict[int, dict[str, list[str]]] = {}
    for found in planning_layers.at_places(conn, ref, [(house.lon, house.lat) for house in houses]):
        text = (
            found.name
            if not found.detail or found.detail in found.name
            else f"{found.name}（{found.detail}）"
        )
        areas.setdefault(found.no, {}).setdefault(found.kind, []).append(text)
    checks = [
        check_all(_facts(house, areas.get(no, {}), layers), params.room) for no, house in enumerate(houses)
    ]
    verdicts = [overall(item) for item in checks]
    existing = hall_queries.halls(conn, ref)
    with_hall = {hall.association_id for hall in existing}
    among = np.array([_asked(house, params, with_hall) for house in houses], dtype=bool)
    sites = supplied(prepared, params.supply)
    sites = sites[prepared.open_in(year)[sites]]
    people = prepared.people_in(year)
    choice = Choice(
        year,
        supply=params.supply,
        by=by,
        distance_m=float(params.distance),
        minutes=float(params.minutes),
        drive_below=float(params.drive_below),
        drive_districts=drive_districts_of(prepared, params.drive_districts),
    )
    districts = limits(prepared, choice, people)[1]
    near, covered = reach.near(by), reach.to_hall(by) <= params.distance
    driving, car = np.zeros(len(people), dtype=bool), reach.by_car(by)
    if car is not None and prepared.has_car and districts:
        driving = drives(prepared, districts)
        near = Near.served(near, params.distance, car[0], params.minutes, driving)
        covered |= driving & (car[1] <= params.minutes)
    if len(sites):
        limit = np.where(driving, choice.drive_m, choice.distance_m)
        covered |= (modes.costs(prepared, choice, driving, sites) <= limit[:, None]).any(axis=1)
    names_of = dict(association_names.district_names(conn, ref)) if districts else {}
    names = sorted({house.association_id for house in houses if house.association_id})
    groups = np.array(
        [names.index(house.association_id) if house.association_id else -1 for house in houses], dtype=int
    )
    return Assessed(
        params, year, by, prepared, reach, near, choice, [names_of.get(no, str(no)) for no in districts],
        car is not None and prepared.has_car, houses, checks, verdicts,
        gains(
            near, params.distance, covered, people, params.weights, verdicts, [h.house_id for h in houses],
            least=params.least, among=among,
        ),
        among, groups, covered, people, sites, existing, layers,
    )  # fmt: skip


def check_where(conn: Connection, ref: Ref, params: HouseParams) -> None:
    """Refuses districts and associations the city does not have: with them nothing would be ranked. Raises `InputError`."""
    if params.districts:
        known = {no for no, _ in association_names.district_names(conn, ref)}
        if strange := sorted(params.district_numbers - known):
            raise InputError(f"地区の番号 {_some(strange)} は、この市にありません。", field="districts")
    if params.associations:
        named = {item.id for item in association_names.names(conn, ref)}
        if missing := sorted(params.association_ids - named):
            raise InputError(
                f"町内会・自治会の番号 {_some(missing)} は、この市にありません。", field="associations"
            )


def _some(strange: Sequence[object]) -> str:
    return "、".join(map(str, strange[:5])) + (" など" if len(strange) > 5 else "")


def _facts(house: House, areas: dict[str, list[str]], layers: Sequence[str]) -> Facts:
    return Facts(
        rank=house.rank,
        neglected=house.neglected,
        owner_willing=house.owner_willing,
        largest_room_m2=house.largest_room_m2,
        floor_area_m2=house.floor_area_m2,
        confirmed_on=house.confirmed_on,
        built_year=house.built_year,
        seismic=house.seismic,
        hazard=house.hazard,
        landslide=tuple(areas.get("landslide", ())) if "landslide" in layers else None,
        flood=tuple(areas.get("flood", ())) if "flood" in layers else None,
        road_access=house.road_access,
        use_district=house.use_district,
        certificate=house.certificate,
        office_answer=house.office_answer,
        capacity=house.capacity,
    )


def _asked(house: House, params: HouseParams, with_hall: set[str | None]) -> bool:
    districts, associations = params.district_numbers, params.association_ids
    return (
        (not districts or house.district_no in districts)
        and (not associations or house.association_id in associations)
        and (
            params.halls == "any"
            or (house.association_id is not None and house.association_id not in with_hall)
        )
    )


def arrays_for(
    services: Services, held: Held, conn: Connection, ref: Ref
) -> tuple[Prepared, HouseReach, bool]:
    """(arrays of people and facilities, ways to the houses, whether the worker has made them); else straight lines between
    inner points, both of the same cells (blocking)."""
    if held.ready:
        kept = services.reach.derived(held, ("vacant-houses", ref.municipality_code), _Kept)
        if kept.reach is None:
            kept.reach = vacant_arrays.held_by(conn, ref.municipality_code, held.input_hash)
        if kept.reach is not None and _fits(held.prepared, kept.reach, conn, ref):
            return held.prepared, kept.reach, True
    from geodata import reach_arrays

    reach = vacant_arrays.straight_only(conn, ref)
    prepared = held.prepared
    if held.ready or len(prepared.key) != len(reach.hall_straight):
        prepared = reach_arrays.gathered(conn, ref, with_network=False)
    return prepared, reach, False


def _fits(prepared: Prepared, reach: HouseReach, conn: Connection, ref: Ref) -> bool:
    """Whether arrays read at another moment are of the cells and houses of this reading."""
    return len(prepared.key) == len(reach.hall_straight) and reach.house.tolist() == vacant.ids(conn, ref)


@dataclass(slots=True, eq=False)
class _Kept:
    reach: HouseReach | None = None
