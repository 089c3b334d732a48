"""Minutes by bus on networks that can be reckoned by hand."""

from __future__ import annotations

import numpy as np
import pytest

from kyodo_geo.errors import InputError
from kyodo_geo.reach.network import Network
from kyodo_geo.reach.straight import DETOUR
from kyodo_geo.reach.transit import Buses, Riding, bus_minutes, rides

HOURS = Riding(from_hour=8, to_hour=18, walk_m=400, transfer_m=200, wait_max=30, walk_m_per_minute=80)
FAR = 10_000.0


def buses(stops, *lines, board=None, alight=None) -> Buses:
    """`lines`: (stops, minutes between them, departures an hour from 8 to 18)."""
    pattern, stop, minutes, departures = [], [], [], []
    for number, (calls, between, an_hour) in enumerate(lines):
        row = np.zeros(30, dtype=int)
        row[8:18] = an_hour
        for place, at in enumerate(calls):
            pattern.append(number)
            stop.append(at)
            minutes.append(np.nan if place == 0 else between[place - 1])
            departures.append(row)
    yes = np.ones(len(stop), dtype=bool)
    return Buses(
        np.array(stops, dtype=float), np.array(pattern), np.array(stop), np.array(minutes, dtype=float),
        yes if board is None else np.array(board), yes if alight is None else np.array(alight), np.array(departures),
    )  # fmt: skip


LINE = [(0.0, 0.0), (FAR, 0.0), (2 * FAR, 0.0)]


def table(found: Buses, riding: Riding = HOURS) -> dict[tuple[int, int], float]:
    pairs, minutes = rides(found, riding)
    return {(int(a), int(b)): float(m) for (a, b), m in zip(pairs, minutes, strict=True)}


def test_one_waits_half_the_headway_and_rides_in_the_direction_of_the_line():
    # Two an hour: every 30 minutes, 15 of waiting.
    assert table(buses(LINE, ((0, 1, 2), (10, 12), 2))) == {(0, 1): 25, (1, 2): 27, (0, 2): 37}


def test_the_wait_has_a_limit():
    seldom = buses(LINE, ((0, 1), (10,), 0))
    seldom.departures[:, 9] = 1  # one bus in ten hours: half the headway would be 300 minutes
    assert table(seldom) == {(0, 1): 40}


def test_lines_between_the_same_stops_are_waited_for_together():
    # 2 + 4 an hour: every 10 minutes, wait 5; mean ride (2 × 10 + 4 × 13) ÷ 6 = 12.
    assert table(buses(LINE, ((0, 1), (10,), 2), ((0, 1), (13,), 4)))[0, 1] == pytest.approx(17)


def test_a_line_that_is_much_slower_is_not_waited_for():
    # Alone: 15 + 10 = 25. Together with the slow one: 7.5 + 35 = 42.5.
    assert table(buses(LINE, ((0, 1), (10,), 2), ((0, 1), (60,), 2)))[0, 1] == pytest.approx(25)


def test_a_stop_that_recurs_counts_by_the_shortest_ride_and_once():
    # A loop 0 → 1 → 2 → 0 → 1: from 0 to 1 it is 4 minutes, and the bus of each round is one bus.
    found = table(buses(LINE, ((0, 1, 2, 0, 1), (4, 5, 6, 4), 2)))
    assert found[0, 1] == 19 and found[2, 1] == 15 + 10


def test_where_one_may_not_get_on_or_off_there_is_no_ride():
    found = buses(LINE, ((0, 1, 2), (10, 10), 2), board=[True, False, True], alight=[True, False, True])
    assert table(found) == {(0, 2): 35}


def test_departures_outside_the_hours_do_not_count():
    early = buses(LINE, ((0, 1), (10,), 0))
    early.departures[:, 7] = 6
    assert table(early) == {}
    cells, places = np.array([[0.0, 0.0]]), np.array([[FAR, 0.0]])
    assert np.isinf(bus_minutes(early, HOURS, cells, places)).all()


def test_walk_wait_ride_walk():
    found = bus_minutes(
        buses(LINE, ((0, 1), (10,), 2)), HOURS,
        np.array([[0.0, 160 / DETOUR], [0.0, 401 / DETOUR], [FAR, 0.0]]), np.array([[FAR, 80 / DETOUR]]),
    )  # fmt: skip
    # 160 m are 2 minutes, then 15 + 10, then 80 m. The second lives too far from a stop; the third has a bus that leads away
    # only and is no "bus" to the facility at its own stop.
    assert found[0, 0] == pytest.approx(2 + 25 + 1)
    assert np.isinf(found[1:, 0]).all()


def test_one_changes_at_the_stop_or_walks_to_one_nearby():
    stops = [(0.0, 0.0), (FAR, 0.0), (FAR, 80 / DETOUR), (2 * FAR, 0.0), (FAR, 240 / DETOUR), (3 * FAR, 0.0)]
    found = bus_minutes(
        buses(stops, ((0, 1), (10,), 2), ((2, 3), (5,), 6), ((4, 5), (7,), 6)), HOURS,
        np.array([[0.0, 0.0]]), np.array([[2 * FAR, 0.0], [3 * FAR, 0.0]]),
    )  # fmt: skip
    # 15 + 10, one minute across the street, 5 + 5. The third line leaves 240 m away: farther than one walks (also in two steps).
    assert found[0, 0] == pytest.approx(36)
    assert np.isinf(found[0, 1])


def test_who_could_walk_all_the_way_is_no_passenger():
    found = bus_minutes(
        buses(LINE, ((0, 1), (10,), 2)), HOURS, np.array([[0.0, 0.0]]), np.array([[10.0, 0.0]])
    )
    assert np.isinf(found).all()


def test_on_a_walking_network_the_way_to_the_stop_is_its_metres():
    # A square corner of 100 + 100 m instead of the diagonal.
    nodes = np.array([[0.0, 0.0], [100.0, 0.0], [100.0, 100.0], [FAR, 0.0]])
    graph = Network.of(np.array([[0, 1], [1, 2]]), np.array([100.0, 100.0]), nodes=4)
    stops = [(100.0, 100.0), (FAR, 0.0)]
    line = buses(stops, ((0, 1), (10,), 2))
    cells, places = np.array([[0.0, 0.0]]), np.array([[FAR, 0.0]])
    assert bus_minutes(line, HOURS, cells, places, graph, nodes)[0, 0] == pytest.approx(200 / 80 + 25)
    near = Riding(walk_m=199)
    assert np.isinf(bus_minutes(line, near, cells, places, graph, nodes)).all()


def test_ways_of_many_equal_a_slow_search_by_hand():
    """Every pair of random timetables against a search that knows no matrices."""
    draws = np.random.default_rng(5)
    for _ in range(12):
        stops = draws.uniform(0, 900, (9, 2))
        lines = [
            (
                tuple(draws.permutation(9)[:4].tolist()),
                tuple(draws.integers(1, 9, 3).tolist()),
                int(draws.integers(1, 4)),
            )
            for _ in range(4)
        ]
        found = buses(stops, *lines)
        cells, places = draws.uniform(0, 900, (6, 2)), draws.uniform(0, 900, (3, 2))
        direct = table(found)
        walk = lambda a, b: float(np.hypot(*(a - b))) * DETOUR  # noqa: E731
        for cell, row in zip(cells, bus_minutes(found, HOURS, cells, places), strict=True):
            best = {a: walk(cell, s) / 80 for a, s in enumerate(stops) if walk(cell, s) <= HOURS.walk_m}
            waits, off = dict(best), {}
            for _ in range(6):  # as many buses as matter
                for (a, b), m in direct.items():
                    if a in waits:
                        off[b] = min(off.get(b, np.inf), waits[a] + m)
                for b, m in off.items():
                    for c, s in enumerate(stops):
                        if b == c or walk(stops[b], s) <= HOURS.transfer_m:
                            waits[c] = min(waits.get(c, np.inf), m + walk(stops[b], s) / 80)
            for place, minutes in zip(places, row, strict=True):
                ends = [
                    m + walk(stops[b], place) / 80
                    for b, m in off.items()
                    if walk(stops[b], place) <= HOURS.walk_m
                ]
                assert minutes == pytest.approx(min(ends, default=np.inf))


@pytest.mark.parametrize(
    "wrong",
    [{"day": "monday"}, {"from_hour": 18, "to_hour": 8}, {"walk_m": 0}, {"wait_max": 0}, {"to_hour": 31}],
)
def test_assumptions_that_make_no_sense_are_refused(wrong):
    with pytest.raises(InputError):
        Riding(**wrong)


def test_assumptions_are_kept_with_the_arrays():
    asked = Riding("sunday", 9, 21, 300, 150, 20, 70)
    assert Riding.from_array(asked.as_array()) == asked
