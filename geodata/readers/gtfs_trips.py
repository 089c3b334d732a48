"""Trips of a GTFS timetable: their stops with minutes; what cannot be used is left out and told."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from geodata.readers.gtfs_days import cells
from geodata.readers.reading import Reading
from geodata.readers.sources import Table
from geodata.readers.values import narrow

NOT_SERVED = "1"
"""pickup_type, drop_off_type: nobody gets on or off here."""
MOST_RUNS = 2_000
"""Departures of one trip by a headway in a day; more is an error of the file."""
_TIME = re.compile(r"([0-9]{1,2}):([0-5][0-9]):([0-5][0-9])")


@dataclass(frozen=True, slots=True, eq=False)
class Trip:
    """k stops. `steps` (k − 1): minutes between them; `leaves` (k): minutes from the start of the trip to each departure;
    `starts`: minutes since midnight at which it starts, several for trips by a headway."""

    route: str
    service: str
    stops: tuple[str, ...]
    board: tuple[bool, ...]
    alight: tuple[bool, ...]
    steps: np.ndarray
    leaves: np.ndarray
    starts: tuple[float, ...]


def minutes_of(cell: str) -> float:
    """Minutes since midnight of 8:05:00 (hours may exceed 24); NaN for none. Raises `ValueError`."""
    plain = narrow(cell)
    if not plain:
        return float("nan")
    match = _TIME.fullmatch(plain)
    if match is None:
        raise ValueError(cell)
    return int(match[1]) * 60 + int(match[2]) + int(match[3]) / 60


def read_trips(
    reading: Reading, tables: dict[str, Table], lines: dict[str, str], stops: set[str]
) -> list[Trip]:
    """All usable trips of known routes. Reasons of what is left out are in the report."""
    table = tables["trips"]
    ids, routes, services = cells(table, "trip_id", "route_id", "service_id")
    of_trip = {
        trip: (route, service)
        for trip, route, service in zip(ids, routes, services, strict=True)
        if route in lines
    }
    lost: Counter[str] = Counter()
    lost["路線（routes.txt）のない便"] = len(ids) - len(of_trip)
    runs = _frequencies(tables.get("frequencies"), lost)
    found = []
    for trip, calls in _calls(tables["stop_times"], set(of_trip), reading).items():
        route, service = of_trip[trip]
        made = _trip(route, service, calls, stops, runs.get(trip), lost)
        if made is not None:
            found.append(made)
    for reason, count in lost.items():
        if count:
            reading.report.note(
                f"{table.source.rpartition('/')[0] or table.source}: {reason}が {count:,} 件あります。"
            )
    return found


Call = tuple[int, str, float, float, bool, bool]
"""Place in the trip, stop, arrival, departure, may get on, may get off."""


def _calls(table: Table, known: set[str], reading: Reading) -> dict[str, list[Call]]:
    """Calls by trip in the order of the trip; a trip with an unreadable row is left out as a whole."""
    trips, arrive, leave, stops, places = cells(
        table, "trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence"
    )
    plain = {str(column).strip().casefold(): column for column in table.frame.columns}
    on, off = (
        [cell.strip() for cell in table.frame[plain[name]]] if name in plain else [""] * len(trips)
        for name in ("pickup_type", "drop_off_type")
    )
    found: dict[str, list[Call]] = {}
    broken: set[str] = set()
    times: dict[str, float] = {}

    def time(cell: str) -> float:
        value = times.get(cell)
        if value is None:
            value = times[cell] = minutes_of(cell)
        return value

    for at, row in enumerate(table.frame.index):
        trip = trips[at]
        if trip not in known:
            continue
        try:
            call = (
                int(narrow(places[at])), stops[at], time(arrive[at]), time(leave[at]),
                on[at] != NOT_SERVED, off[at] != NOT_SERVED,
            )  # fmt: skip
        except ValueError:
            broken.add(trip)
            reading.report.reject(
                table.source, int(row), "arrival_time", f"{places[at]} {arrive[at]} {leave[at]}",
                "時刻か順番を読めません。この便は読みませんでした。",
            )  # fmt: skip
            continue
        found.setdefault(trip, []).append(call)
    return {trip: sorted(calls, key=lambda c: c[0]) for trip, calls in found.items() if trip not in broken}


def _trip(
    route: str, service: str, calls: list[Call], stops: set[str], runs: list[float] | None, lost: Counter[str]
) -> Trip | None:
    kept = [call for call in calls if call[1] in stops]
    lost["位置の分からない停留所への停車"] += len(calls) - len(kept)
    if len(kept) < 2:
        lost["停留所が2か所に満たない便"] += 1
        return None
    arrive, leave = (np.array([call[place] for call in kept]) for place in (2, 3))
    arrive, leave = np.where(np.isnan(arrive), leave, arrive), np.where(np.isnan(leave), arrive, leave)
    known = ~np.isnan(arrive)
    if not (known[0] and known[-1]):
        lost["始まりか終わりの時刻のない便"] += 1
        return None
    if not known.all():
        lost["途中の時刻がなく、前後から割り振った便"] += 1
        at = np.arange(len(kept))
        arrive, leave = (np.interp(at, at[known], times[known]) for times in (arrive, leave))
    passed = np.concatenate([leave[:1], arrive[1:]])
    if (np.diff(passed) < 0).any() or (leave < arrive).any():
        lost["時刻が逆に進む便"] += 1
        return None
    return Trip(
        route,
        service,
        tuple(call[1] for call in kept),
        tuple(call[4] for call in kept),
        tuple(call[5] for call in kept),
        np.diff(passed),
        leave - leave[0],
        tuple([float(leave[0])] if runs is None else runs),
    )


def _frequencies(table: Table | None, lost: Counter[str]) -> dict[str, list[float]]:
    """Starts of the trips that run by a headway."""
    found: dict[str, list[float]] = {}
    if table is None:
        return found
    for trip, begin, end, headway in zip(
        *cells(table, "trip_id", "start_time", "end_time", "headway_secs"), strict=True
    ):
        try:
            first, last, step = minutes_of(begin), minutes_of(end), int(narrow(headway)) / 60
            if not (step > 0 and first < last and (last - first) / step <= MOST_RUNS):
                raise ValueError(headway)
        except ValueError:
            lost["読めない運行間隔（frequencies.txt）"] += 1
            continue
        found.setdefault(trip, []).extend(np.arange(first, last, step).tolist())
    return found
