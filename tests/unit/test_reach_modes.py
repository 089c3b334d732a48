"""Minutes by car on small networks, what the pages compare them with, and who is left without a car."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kyodo_geo.reach.by_mode import by_mode, lost_without_car
from kyodo_geo.reach.modes import Modes, Roads, costs
from kyodo_geo.reach.prepared import Area, Prepared, Site, Ways, YearPeople, prepare
from kyodo_geo.reach.report import Choice, ClosingAsked, drives, limits, report
from kyodo_geo.reach.transit import Buses, Riding

KM = 1000.0
NODES = np.array([[0.0, 0.0], [KM, 0.0], [2 * KM, 0.0], [9 * KM, 0.0]])
CHOICE = Choice(2020, supply="all", distance_m=500, minutes=10, kmh=60, drive_below=1e9, bus_minutes=30)


def area(key: str, x: float) -> Area:
    return Area(key, key, 1, 1e6, np.array([[x, 0.0]]))


def site(name: str, x: float) -> Site:
    return Site(name, name, "館", True, 50, None, None, (x, 0.0))


def roads(*edges: tuple[int, int, float], winter: float = 1.0) -> Roads:
    ends, minutes = np.array([edge[:2] for edge in edges]), np.array([edge[2] for edge in edges], dtype=float)
    return Roads(NODES, ends, minutes, np.full(len(edges), winter))


RING = roads((0, 1, 2), (1, 2, 3), (2, 0, 9))
WALK = Ways(
    NODES, np.array([[0, 1], [1, 2]]), np.array([KM, KM]), np.full(2, np.nan), np.ones(2)
)  # the fourth node has no way at all


def line(runs: int) -> Buses:
    """A bus from 0 to 2 in 10 minutes, so many an hour from 8 to 18."""
    departures = np.zeros((2, 30), dtype=int)
    departures[:, 8:18] = runs
    yes = np.ones(2, dtype=bool)
    return Buses(
        NODES[[0, 2]], np.zeros(2, dtype=int), np.arange(2), np.array([np.nan, 10.0]), yes, yes, departures
    )


def made(modes: Modes | None, sites=(0.0, 2 * KM), areas=(0.0, KM, 2 * KM)) -> Prepared:
    people = {f"a{i}": [0.0, 70.0, 30.0, 0.0] for i in range(len(areas))}
    return prepare(
        [area(f"a{i}", x) for i, x in enumerate(areas)],
        [YearPeople(2020, False, people)],
        [site(f"s{i}", x) for i, x in enumerate(sites)],
        WALK,
        modes=modes,
    )


def test_minutes_go_towards_the_facility_and_respect_one_way_streets():
    found = made(Modes(RING))
    # To s0 at node 0: from 1 over 2 (3 + 9); to s1 at node 2.
    assert found.car.tolist() == [[0, 5], [12, 3], [9, 0]]
    assert found.car_parts.tolist() == [3, 1]
    assert not found.bus.size


def test_the_way_to_the_crossing_counts_at_a_slow_speed():
    found = made(Modes(RING), sites=(-100.0,), areas=(2 * KM,))
    assert found.car[0, 0] == pytest.approx(9 + 100 / (20_000 / 60))


def test_nobody_stands_at_the_tip_of_a_one_way_street():
    tip = roads((0, 1, 2), (1, 0, 2), (1, 2, 3))
    assert tip.usable()[0].tolist() == [0, 1, 3] and tip.usable()[1].tolist() == [2, 1, 1]
    found = made(Modes(tip), sites=(0.0,), areas=(2 * KM,))
    assert found.car[0, 0] == pytest.approx(2 + 1000 / (20_000 / 60)), "from the crossing 1 km away"


def test_winter_is_a_matrix_of_its_own_only_where_it_differs():
    assert not made(Modes(RING)).car_winter.size
    found = made(Modes(roads((0, 1, 2), (1, 2, 3), (2, 0, 9), winter=1.5)))
    assert np.allclose(found.car_winter, 1.5 * found.car)
    driving = np.ones(3, dtype=bool)
    by_winter = costs(found, replace(CHOICE, by="winter"), driving, np.arange(2))
    assert by_winter[1, 1] == pytest.approx(4.5 * 1000)


def test_everything_survives_being_kept_as_bytes():
    found = made(Modes(RING, line(2), Riding(walk_m=400)))
    again = Prepared.from_bytes(found.to_bytes())
    assert np.array_equal(again.car, found.car) and np.array_equal(again.bus, found.bus)
    assert Riding.from_array(again.bus_terms) == Riding(walk_m=400)
    assert again.has_car and again.has_bus
    old = Prepared.from_bytes(made(None).to_bytes())
    assert not old.has_car and not old.has_bus


def test_who_drives_is_judged_by_minutes_of_the_roads_and_who_walks_by_metres():
    found = made(Modes(RING), sites=(0.0,))
    by_road = report(found, replace(CHOICE, minutes=10))
    assert by_road.drives.all() and by_road.driving == (1,)
    # 0, 12 and 9 minutes; 1 km and 2 km on foot would be one and two minutes at 60 km/h.
    assert by_road.reached.sum() == 200 and (by_road.cost <= by_road.limit).tolist() == [True, False, True]
    assert by_road.metres.tolist() == [0, 1000, 2000], "distances are told in metres on foot"
    as_before = report(replace_arrays(found, car=np.zeros(0, dtype=np.float32)), replace(CHOICE, minutes=10))
    assert as_before.reached.sum() == 300
    on_foot = report(found, replace(CHOICE, drive_below=0, distance_m=1000))
    assert on_foot.reached.sum() == 200 and not on_foot.drives.any()


def test_the_mean_speed_does_not_matter_where_roads_are_loaded():
    found = made(Modes(RING), sites=(0.0,))
    slow, fast = (report(found, replace(CHOICE, kmh=kmh)) for kmh in (5.0, 100.0))
    assert np.array_equal(slow.reached, fast.reached) and np.array_equal(slow.gap, fast.gap)
    assert np.allclose(slow.access.access, fast.access.access)


def test_who_drives_may_also_walk_and_straight_lines_know_no_roads():
    found = made(Modes(RING), sites=(0.0,))
    walk = report(found, replace(CHOICE, minutes=1, distance_m=1000))
    assert (walk.cost <= walk.limit).tolist() == [True, True, False]
    straight = report(found, replace(CHOICE, by="straight", minutes=10))
    assert straight.reached.sum() == 300


def test_closing_sends_people_to_the_next_by_car_and_adds_metres_on_foot():
    found = made(Modes(RING))
    choice = replace(CHOICE, minutes=12)
    asked, people = ClosingAsked.of(found, choice), found.people_in(2020)
    effect = asked.effects(choice, people, limits(found, choice, people)[0])
    # a0 is 0 minutes from s0 and 5 from s1; a1 3 from s1 and 12 from s0; a2 0 from s1 and 9 from s0.
    assert effect.moved.sum(axis=1).tolist() == [100, 200]
    assert effect.pushed_out.sum() == 0
    assert effect.added.tolist() == [2000 * 100, (1000 - 1000) * 100 + 2000 * 100]
    tight = replace(CHOICE, minutes=10)
    effect = ClosingAsked.of(found, tight).effects(tight, people, limits(found, tight, people)[0])
    assert effect.pushed_out.sum(axis=1).tolist() == [0, 100]


def test_by_car_by_bus_on_foot_and_who_is_left():
    found = made(Modes(RING, line(2), Riding(walk_m=400)), sites=(2 * KM,))
    sites, opened = np.arange(1), np.ones(1, dtype=bool)
    modes = by_mode(found, CHOICE, sites, opened)
    assert modes.car.tolist() == [True, True, True] and modes.foot.tolist() == [False, False, True]
    # 15 + 10 minutes from a0; a1 has no stop within 400 m; a2 is at the terminal and needs no bus.
    assert found.bus[:, 0].tolist() == [25, np.inf, np.inf]
    assert modes.bus is not None and modes.bus.tolist() == [True, False, False]
    assert modes.left.tolist() == [False, True, False]
    slow = by_mode(found, replace(CHOICE, bus_minutes=20), sites, opened)
    assert slow.bus is not None and slow.rides is not None
    assert slow.bus.tolist() == [False] * 3 and slow.rides.tolist() == [True, False, False]
    closed = by_mode(found, CHOICE, sites, ~opened)
    assert closed.left.all() and not closed.car.any()


def test_without_a_timetable_buses_are_unknown_and_not_absent():
    modes = by_mode(made(Modes(RING)), CHOICE, np.arange(2), np.ones(2, dtype=bool))
    assert modes.bus is None and modes.rides is None
    held = made(Modes(RING))
    assert lost_without_car(held, CHOICE, np.arange(2), np.ones(2, dtype=bool), held.people_in(2020)) is None


def test_a_timetable_without_a_bus_in_the_hours_is_no_bus_and_no_large_number():
    found = made(Modes(RING, line(0), Riding()))
    assert found.has_bus and np.isinf(found.bus).all()


def test_closing_counts_who_loses_the_only_facility_without_a_car():
    found = made(Modes(RING, line(2), Riding(walk_m=400)))
    lost = lost_without_car(found, CHOICE, np.arange(2), np.ones(2, dtype=bool), found.people_in(2020))
    # a0 walks to s0 and takes the bus to s1: it loses neither. a2 walks to s1 and has nothing else. a1 has none anyway.
    assert lost is not None and lost.tolist() == [[0, 0, 0, 0], [0, 70, 30, 0]]


def test_districts_that_drive_may_be_named_instead_of_told_by_their_density():
    found, people = made(Modes(RING)), made(Modes(RING)).people_in(2020)
    named = replace(CHOICE, drive_below=0, drive_districts=(1,))
    assert limits(found, named, people)[1] == (1,)
    assert limits(found, replace(CHOICE, drive_districts=()), people)[1] == ()


def test_drives_is_by_district():
    assert drives(made(Modes(RING)), (1,)).all() and not drives(made(Modes(RING)), ()).any()


def replace_arrays(held: Prepared, **arrays: np.ndarray) -> Prepared:
    return replace(held, **arrays)
