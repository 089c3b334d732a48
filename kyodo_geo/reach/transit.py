"""Minutes by bus: walk to a stop, wait half the headway, ride, change, walk to the facility.

Lines that run between the same two stops are waited for together: of the lines sorted by their minutes as many are taken
as make the whole trip shortest, the headway being that of all of them (Chriqui and Robillard 1975). One must walk no farther
than a threshold at each end and between two buses. Where no bus goes within the hours, the answer is infinite.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass

import numpy as np

from kyodo_geo.errors import InputError
from kyodo_geo.reach.network import Network, snapped
from kyodo_geo.reach.straight import DETOUR

DAYS = {"weekday": "平日", "saturday": "土曜", "sunday": "日曜・祝日"}
STOPS_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Riding:
    """What is assumed: kind of day, hours [from, to) in which departures count, metres walked at most to a stop and between
    two buses, minutes waited at most, metres walked in a minute."""

    day: str = "weekday"
    from_hour: int = 8
    to_hour: int = 18
    walk_m: float = 500.0
    transfer_m: float = 300.0
    wait_max: float = 30.0
    walk_m_per_minute: float = 80.0

    def __post_init__(self) -> None:
        if self.day not in DAYS:
            raise InputError(f"バスの日の種類は {'、'.join(DAYS)} のどれかにしてください。", field="day")
        if not 0 <= self.from_hour < self.to_hour <= 30:
            raise InputError(
                "バスの時間帯は、0 から 30 までの時刻で、始まりを先にしてください。", field="hours"
            )
        if not (
            0 < self.walk_m <= 5000 and 0 <= self.transfer_m <= 5000 and 0 < self.walk_m_per_minute <= 200
        ):
            raise InputError("バス停まで歩く距離は 0 より大きく 5,000 m までにしてください。", field="walk_m")
        if not 0 < self.wait_max <= 600:
            raise InputError(
                "バスを待つ時間の上限は 0 より大きく 600 分までにしてください。", field="wait_max"
            )

    @property
    def window(self) -> float:
        """Minutes in which departures are counted."""
        return 60.0 * (self.to_hour - self.from_hour)

    def as_array(self) -> np.ndarray:
        return np.array([list(DAYS).index(self.day), *astuple(self)[1:]], dtype=float)

    @classmethod
    def from_array(cls, held: np.ndarray) -> Riding:
        day, begin, end, *rest = held.tolist()
        return cls(list(DAYS)[int(day)], int(begin), int(end), *rest)


@dataclass(frozen=True, slots=True, eq=False)
class Buses:
    """Calls of bus lines in order: `pattern`, `stop` (c, place in `stops`), `minutes` from the call before (c, ignored at the
    first), `board`, `alight` (c), `departures` (c × 30 hours of one kind of day); `stops` (s × 2, metres)."""

    stops: np.ndarray
    pattern: np.ndarray
    stop: np.ndarray
    minutes: np.ndarray
    board: np.ndarray
    alight: np.ndarray
    departures: np.ndarray


def rides(buses: Buses, riding: Riding) -> tuple[np.ndarray, np.ndarray]:
    """(pairs of stops (r × 2) that one bus joins within the hours, minutes (r) with the wait)."""
    count = buses.departures[:, riding.from_hour : riding.to_hour].sum(axis=1)
    found = [part for part in _by_pattern(buses, count) if len(part)]
    if not found:
        return np.zeros((0, 2), dtype=int), np.zeros(0)
    start, end, minutes, runs = np.concatenate(found).T
    order = np.lexsort((minutes, end, start))
    start, end, minutes, runs = (column[order] for column in (start, end, minutes, runs))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (start[1:] != start[:-1]) | (end[1:] != end[:-1])
    begins = np.flatnonzero(first)
    of = np.cumsum(first) - 1
    all_runs, all_minutes = np.cumsum(runs), np.cumsum(runs * minutes)
    together = all_runs - (all_runs - runs)[begins][of]
    ridden = (all_minutes - (all_minutes - runs * minutes)[begins][of]) / together
    whole = np.minimum(riding.window / (2 * together), riding.wait_max) + ridden
    pairs = np.column_stack([start[begins], end[begins]]).astype(int)
    return pairs, np.minimum.reduceat(whole, begins)


def _by_pattern(buses: Buses, count: np.ndarray) -> Iterator[np.ndarray]:
    """(from, to, minutes on board, departures) of each pair of calls of each line, the shortest where a stop recurs."""
    edges = np.flatnonzero(np.diff(buses.pattern)) + 1
    for calls in np.split(np.arange(len(buses.pattern)), edges):
        if not len(calls):
            continue
        since = np.cumsum(np.concatenate([[0.0], buses.minutes[calls[1:]]]))
        on, off = np.triu_indices(len(calls), 1)
        stop, board = buses.stop[calls], buses.board[calls] & (count[calls] > 0)
        kept = board[on] & buses.alight[calls][off] & (stop[on] != stop[off])
        on, off = on[kept], off[kept]
        part = np.column_stack([stop[on], stop[off], since[off] - since[on], count[calls][on]]).astype(float)
        order = np.lexsort((part[:, 2], part[:, 1], part[:, 0]))
        part = part[order]
        again = np.zeros(len(part), dtype=bool)
        again[1:] = (part[1:, :2] == part[:-1, :2]).all(axis=1)
        yield part[~again]


def within_walk(
    points: np.ndarray, stops: np.ndarray, limit: float, graph: Network | None, nodes: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(place of the point, place of the stop, metres) of all pairs at most `limit` metres apart on foot, by points.

    On the walking network (`graph` of metres, its `nodes` in metres), else by the straight line × detour.
    """
    from scipy.spatial import cKDTree

    if not len(points) or not len(stops):
        return np.zeros(0, dtype=int), np.zeros(0, dtype=int), np.zeros(0)
    if graph is None or nodes is None:
        near = cKDTree(stops).query_ball_point(points, limit / DETOUR)
        of = np.repeat(np.arange(len(points)), [len(item) for item in near])
        stop = np.array([i for item in near for i in sorted(item)], dtype=int)
        return of, stop, np.hypot(*(points[of] - stops[stop]).T) * DETOUR
    point_node, point_m = snapped(points, nodes)
    stop_node, stop_m = snapped(stops, nodes)
    found = []
    for begin in range(0, len(stops), STOPS_AT_ONCE):
        part = slice(begin, begin + STOPS_AT_ONCE)
        metres = graph.costs(point_node, stop_node[part], limit) + point_m[:, None] + stop_m[None, part]
        of, stop = np.nonzero(metres <= limit)
        found.append((of, stop + begin, metres[of, stop]))
    of, stop, metres = (np.concatenate(columns) for columns in zip(*found, strict=True))
    order = np.argsort(of, kind="stable")
    return of[order], stop[order], metres[order]


def bus_minutes(
    buses: Buses,
    riding: Riding,
    cells: np.ndarray,
    places: np.ndarray,
    graph: Network | None = None,
    nodes: np.ndarray | None = None,
) -> np.ndarray:
    """Minutes from cells (n × 2, metres) to places (m × 2) with at least one ride; infinite where no bus goes."""
    from scipy.spatial import cKDTree

    count, many = len(buses.stops), len(places)
    out = np.full((len(cells), many), np.inf)
    pairs, minutes = rides(buses, riding)
    if not len(pairs) or not len(cells) or not many:
        return out
    pace = riding.walk_m_per_minute
    place, last, last_m = within_walk(places, buses.stops, riding.walk_m, graph, nodes)
    # A node per stop for who waits there and for who has got off there: no walk of two stretches, at least one ride.
    change = cKDTree(buses.stops).query_pairs(riding.transfer_m / DETOUR, output_type="ndarray")
    change = np.concatenate([change, change[:, ::-1], np.repeat(np.arange(count)[:, None], 2, axis=1)])
    change_m = np.hypot(*(buses.stops[change[:, 0]] - buses.stops[change[:, 1]]).T) * DETOUR
    ends = np.concatenate(
        [
            np.column_stack([pairs[:, 0], pairs[:, 1] + count]),
            np.column_stack([change[:, 0] + count, change[:, 1]]),
            np.column_stack([last + count, place + 2 * count]),
        ]
    )
    cost = np.concatenate([minutes, change_m / pace, last_m / pace])
    trips = Network.of(ends, cost, np.full(len(cost), np.inf), nodes=2 * count + many)
    onwards = trips.costs(np.arange(count), 2 * count + np.arange(many))
    cell, stop, metres = within_walk(cells, buses.stops, riding.walk_m, graph, nodes)
    if not len(cell):
        return out
    begins = np.flatnonzero(np.diff(cell, prepend=-1))
    walked = metres / pace
    for column in range(many):
        out[cell[begins], column] = np.minimum.reduceat(walked + onwards[stop, column], begins)
    return out
