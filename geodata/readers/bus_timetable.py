"""Bus timetables: GTFS static → lines by their order of stops, median minutes between stops, departures by hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from geodata.readers.gtfs_days import TYPES, cells, usual_days
from geodata.readers.gtfs_files import feeds
from geodata.readers.gtfs_trips import Trip, read_trips
from geodata.readers.reading import Reading, canonical
from geodata.readers.sources import Table
from geodata.readers.values import clean, name, narrow, number
from kyodo_geo.errors import FileFormatError, InputError

COLUMNS = (
    "pattern_no", "seq", "line", "stop_id", "stop_name", "minutes", "board", "alight", "weekday", "saturday",
    "sunday", "geom",
)  # fmt: skip
HOURS = 30
NEAR_DEGREES = 0.02
"""About 2 km: a stop this near to the municipality is one of its."""


@dataclass(slots=True)
class Stop:
    """A stop that can be used, lon/lat."""

    id: str
    name: str
    lon: float
    lat: float


@dataclass(slots=True)
class Pattern:
    """A line with one order of stops; per trip the minutes between stops, and departures by kind of day."""

    line: str
    stops: tuple[str, ...]
    board: tuple[bool, ...]
    alight: tuple[bool, ...]
    steps: list[np.ndarray] = field(default_factory=list)
    departures: np.ndarray = field(default_factory=lambda: np.zeros(0))


def read(reading: Reading) -> Any:
    """One row per stop of each pattern."""
    import pandas as pd

    found = feeds(reading.tables)
    rows: list[dict[str, Any]] = []
    totals = dict.fromkeys(("stops", "lines", "patterns", "services", "trips"), 0.0)
    for no, (shown, tables) in enumerate(found, start=1):
        _feed(reading, shown or "時刻表", tables, f"{no}:" if len(found) > 1 else "", rows, totals)
    if not rows:
        raise FileFormatError("市域を通るバスの便がありません。市区町村とファイルを確かめてください。")
    reading.report.totals |= totals
    return canonical(pd.DataFrame(rows), COLUMNS)


def _feed(
    reading: Reading,
    shown: str,
    tables: dict[str, Table],
    prefix: str,
    rows: list[dict[str, Any]],
    totals: dict[str, float],
) -> None:
    stops = _stops(reading, tables["stops"])
    lines = _lines(tables["routes"])
    trips = read_trips(reading, tables, lines, set(stops))
    usual = usual_days(reading, shown, tables, frozenset(trip.service for trip in trips))
    reading.report.note(f"{shown}: 時刻表の期間は {usual.first:%Y-%m-%d} から {usual.last:%Y-%m-%d} です。")
    if reading.as_of is None:
        reading.as_of = next((day for day in usual.days.values() if day is not None), usual.first)
    patterns = _patterns(trips, lines, usual.services)
    idle = sum(not pattern.departures.any() for pattern in patterns)
    patterns = [pattern for pattern in patterns if pattern.departures.any()]
    if idle:
        reading.report.note(f"{shown}: ふだんの日に走らない停車のしかた {idle:,} 種類は、読みませんでした。")
    here = _here(reading, stops)
    kept = [pattern for pattern in patterns if here & set(pattern.stops)]
    if len(kept) < len(patterns):
        reading.report.note(
            f"{shown}: 市域（とその 2 km ほど）に停まらない停車のしかた {len(patterns) - len(kept):,} 種類は、読みませんでした。"
        )
    begin = int(totals["patterns"])
    for pattern_no, pattern in enumerate(kept, start=begin + 1):
        rows += _rows(pattern_no, pattern, stops, prefix)
    running = {service for services in usual.services.values() for service in services}
    totals["stops"] += len({stop for pattern in kept for stop in pattern.stops})
    totals["lines"] += len({pattern.line for pattern in kept})
    totals["patterns"] += len(kept)
    totals["services"] += len(running)
    totals["trips"] += sum(len(pattern.steps) for pattern in kept)


def _stops(reading: Reading, table: Table) -> dict[str, Stop]:
    """Stops with a place; the others are rejected."""
    ids, names, lons, lats = cells(table, "stop_id", "stop_name", "stop_lon", "stop_lat")
    found: dict[str, Stop] = {}
    for row, key, label, lon, lat in zip(table.frame.index, ids, names, lons, lats, strict=True):
        try:
            x, y = number(lon) if lon else None, number(lat) if lat else None
            if not key or len(key) > 200:
                raise InputError("停留所の番号（stop_id）がないか、長すぎます。")
            if x is None or y is None:
                raise InputError("停留所の位置がありません。")
            if not (122 <= x <= 154.5 and 20 <= y <= 46):
                raise InputError("停留所の位置が日本の範囲にありません（緯度と経度の順を確かめてください）。")
            found[key] = Stop(key, name(clean(label)) or key, x, y)
        except InputError as error:
            reading.report.reject(table.source, int(row), "stop_id", key, error.message)
    if not found:
        raise FileFormatError(f"{table.source} に、位置のある停留所がありません。", file=table.source)
    return found


def _lines(table: Table) -> dict[str, str]:
    """route_id → its name: the short one, else the long one, else the id."""
    (ids,) = cells(table, "route_id")
    plain = {str(column).strip().casefold(): column for column in table.frame.columns}
    named = [table.frame[plain[c]] for c in ("route_short_name", "route_long_name") if c in plain]
    found = {}
    for place, key in enumerate(ids):
        words = [clean(column.iloc[place]) for column in named]
        found[key] = name(next((word for word in words if word), narrow(key))[:200])
    return found


def _patterns(
    trips: Sequence[Trip], lines: dict[str, str], services: dict[str, frozenset[str]]
) -> list[Pattern]:
    """Trips by line and order of stops, sorted."""
    found: dict[tuple[Any, ...], Pattern] = {}
    for trip in trips:
        key = (lines[trip.route], trip.route, trip.stops, trip.board, trip.alight)
        pattern = found.get(key)
        if pattern is None:
            pattern = found[key] = Pattern(lines[trip.route], trip.stops, trip.board, trip.alight)
            pattern.departures = np.zeros((len(TYPES), len(trip.stops), HOURS), dtype=int)
        pattern.steps.append(trip.steps)
        for kind, running in enumerate(services[kind] for kind in TYPES):
            if trip.service in running:
                for start in trip.starts:
                    hours = ((start + trip.leaves) // 60).astype(int)
                    within = hours < HOURS
                    np.add.at(pattern.departures[kind], (np.flatnonzero(within), hours[within]), 1)
    return [found[key] for key in sorted(found)]


def _here(reading: Reading, stops: dict[str, Stop]) -> set[str]:
    """Stops of the municipality and close to it; all in its box where no outline is known."""
    keys = list(stops)
    points = shapely.points([(stops[key].lon, stops[key].lat) for key in keys])
    outline = reading.place.outline
    if outline is None:
        mask = reading.place.holds_each(points)
    else:
        ground = outline.buffer(NEAR_DEGREES)
        shapely.prepare(ground)
        mask = shapely.intersects(ground, points)
    return {key for key, inside in zip(keys, mask.tolist(), strict=True) if inside}


def _rows(no: int, pattern: Pattern, stops: dict[str, Stop], prefix: str) -> list[dict[str, Any]]:
    minutes = np.median(np.stack(pattern.steps), axis=0).round(3)
    return [
        {
            "pattern_no": no,
            "seq": place + 1,
            "line": pattern.line,
            "stop_id": prefix + key,
            "stop_name": stops[key].name,
            "minutes": np.nan if place == 0 else float(minutes[place - 1]),
            "board": pattern.board[place],
            "alight": pattern.alight[place],
            **{kind: pattern.departures[at, place].tolist() for at, kind in enumerate(TYPES)},
            "geom": shapely.Point(stops[key].lon, stops[key].lat),
        }
        for place, key in enumerate(pattern.stops)
    ]
