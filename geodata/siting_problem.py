"""What a siting run is computed from, gathered: people, places, ways. Audience `STAFF`; takes seconds and scipy."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from geodata import computed, reach_arrays, siting_sites
from geodata.database import Connection
from geodata.queries import demand, driving
from geodata.queries.generation import Ref
from geodata.reach_demand import demand_of
from geodata.siting_sites import facilities
from kyodo_geo.reach.modes import Modes, car_minutes
from kyodo_geo.reach.network import FAR_FROM_NETWORK_M
from kyodo_geo.reach.prepared import Prepared, Site, prepare
from kyodo_geo.siting_city.outcome import FORM
from kyodo_geo.siting_city.place import Place
from kyodo_geo.siting_city.problem import Problem, problem_of
from kyodo_geo.siting_city.question import Question


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """`spots`: small area or grid square → lon/lat; `made_of`: facts of the data for the page; `input_hash`: of all of it."""

    problem: Problem
    spots: dict[str, tuple[float, float]]
    made_of: dict[str, Any]
    input_hash: str


def hash_of(conn: Connection, ref: Ref, asked: Question) -> str:
    """What equal answers are made from: the question, the generation, closures and rooms."""
    return computed.input_hash(
        {"form": FORM, "question": asdict(asked), "arrays": reach_arrays.hash_of(conn, ref)}
    )


def gather(conn: Connection, ref: Ref, asked: Question) -> Gathered:
    """Raises `InputError` for a question that these data cannot answer."""
    places = [*facilities.gather(conn, ref, asked), *siting_sites.new_places(conn, ref, asked)]
    people = demand_of(conn, ref, "mesh" if asked.demand == "mesh" else "areas", spread_out=True)
    ways = None if asked.by == "straight" else reach_arrays.ways_of(conn, ref)
    modes = Modes(driving.roads(conn, ref)) if asked.in_minutes and asked.by != "straight" else None
    held = prepare(
        people.areas,
        people.years,
        [_site(place) for place in places],
        ways,
        cohort=people.cohort,
        modes=modes,
    )
    problem = problem_of(asked, held, places)
    return Gathered(
        problem,
        _spots(conn, ref, asked),
        _made_of(ref, held, problem, places, has_network=ways is not None),
        hash_of(conn, ref, asked),
    )


def _spots(conn: Connection, ref: Ref, asked: Question) -> dict[str, tuple[float, float]]:
    """Where each small area or grid square is shown."""
    if asked.demand != "mesh":
        return {
            point.key_code: (round(point.lon, 6), round(point.lat, 6)) for point in demand.points(conn, ref)
        }
    cells = (cell for year in demand.mesh_years(conn, ref) for cell in demand.mesh_cells(conn, ref, year))
    return {cell.mesh_code: (round(cell.lon, 6), round(cell.lat, 6)) for cell in cells}


def _site(place: Place) -> Site:
    capacity = None if place.capacity is None else round(place.capacity)
    return Site(place.id, place.name, place.kind, True, capacity, None, None, place.xy)


def _made_of(
    ref: Ref, held: Prepared, problem: Problem, places: list[Place], *, has_network: bool
) -> dict[str, Any]:
    total = problem.people.sum(axis=1)
    nearest_year = int(np.abs(held.years - problem.asked.year).argmin()) if len(held.years) else 0
    return {
        "generation": ref.generation_no,
        "activated_at": str(ref.activated_at),
        "points": len(held.key),
        "years": [[int(year), bool(projected)] for year, projected in zip(held.years, held.projected, strict=True)],
        "year_kind": held.series(problem.asked.projection).kind(problem.asked.year),
        "secret_areas": int(held.secret[nearest_year]),
        "partly_areas": int(held.partly[nearest_year]),
        "network": has_network,
        "parts": len(held.parts),
        "far_people": round(float(total[held.cell_snap > FAR_FROM_NETWORK_M].sum())),
        "car": car_minutes(held, problem.by) is not None,
        "car_winter": held.car_winter.shape == held.car.shape,
        "car_far_people": round(float(total[held.car_snap > FAR_FROM_NETWORK_M].sum())) if held.has_car else 0,
        "unknown_capacity": sum(place.existing and place.capacity is None for place in places),
        "unknown_home": sum(
            (place.association if problem.asked.one_per == "association" else place.district) is None
            for place in places
        ),
    }  # fmt: skip
