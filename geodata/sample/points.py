"""Points of the sample: towns, blocks, house numbers and lots. All generated, none of them a real place."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from shapely import Point, Polygon

from geodata.sample.claims import HOUSES, Claims
from geodata.sample.draws import Draws
from geodata.sample.ground import Ground
from geodata.sample.plane import degrees, metric
from geodata.sample.streets import Streets

BLOCK_M, HOUSE_M, LOT_M = 40.0, 12.0, 90.0
"""Accuracy of the points: an address lies within this distance."""

_MARGIN_M = 4.0
_LOT_STEP = 12
"""One lot in so many has a point; the others are found by their town."""

Row = dict[str, Any]


def scattered(draws: Draws, ground: Ground, cell: int, count: int, margin_m: float) -> list[Point]:
    """Points (lon/lat) inside a cell, `margin_m` from its border where it is wide enough for that."""
    flat = metric(ground.cells[cell])
    inner = flat
    for share in (1.0, 0.6, 0.3, 0.0):
        inner = shapely.buffer(flat, -margin_m * share)
        if isinstance(inner, Polygon) and not inner.is_empty and inner.area > 200.0:
            break
    west, south, east, north = inner.bounds
    found: list[Point] = []
    while len(found) < count:
        tried = draws.uniform(4 * count, 2) * (east - west, north - south) + (west, south)
        inside = tried[shapely.contains_xy(inner, tried)]
        found += [Point(xy) for xy in inside[: count - len(found)]]
    return list(degrees(np.array(found, dtype=object)))


def block_rows(seed: int, ground: Ground, streets: Streets, claims: Claims) -> list[Row]:
    """Canonical rows of the kind blocks: every 番 of towns with 住居表示, and single 号 where a block is shared."""
    draws = Draws(seed, "blocks")
    rows: list[Row] = []
    split = {(s.town, s.number): s for s in claims.splits}
    flats = {(f.town, f.number): f for f in claims.flats}
    for index, town in enumerate(streets.towns):
        if town.fact.by_lot:
            continue
        for cell in town.numbers:
            numbers = streets.numbers(cell)
            points = scattered(draws, ground, cell, len(numbers), BLOCK_M + _MARGIN_M)
            for number, point in zip(numbers, points, strict=True):
                place = (town.fact.name, str(number))
                if shared := split.get((index, number)):
                    # The block straddles the border: its own point lies on it, its houses on both sides.
                    border = shapely.intersection(
                        ground.cells[shared.first_cell], ground.cells[shared.second_cell]
                    )
                    point = degrees(shapely.line_interpolate_point(metric(border), 0.5, normalized=True))
                    here = scattered(draws, ground, shared.first_cell, shared.last_of_first, 2 * HOUSE_M)
                    there = scattered(
                        draws, ground, shared.second_cell, HOUSES - shared.last_of_first, 2 * HOUSE_M
                    )
                    rows.append(_row(*place, None, 60.0, point))
                    rows += [_row(*place, n, HOUSE_M, p) for n, p in enumerate(here + there, start=1)]
                    continue
                rows.append(_row(*place, None, BLOCK_M, point))
                if flat := flats.get((index, number)):
                    houses = range(flat.first_house, flat.last_house + 1)
                    rows += [_row(*place, n, HOUSE_M, point) for n in houses]
    return rows


def _row(town: str, block: str, house: int | None, accuracy_m: float, point: Point) -> Row:
    return {
        "town": town,
        "koaza": None,
        "block": block,
        "house": None if house is None else str(house),
        "accuracy_m": accuracy_m,
        "geom": point,
    }


def lot_rows(seed: int, ground: Ground, streets: Streets) -> list[Row]:
    """Canonical rows of the kind lots: some 地番 of towns without 住居表示."""
    draws = Draws(seed, "lots")
    rows: list[Row] = []
    for town in streets.towns:
        if not town.fact.by_lot:
            continue
        for cell in town.numbers:
            numbers = list(streets.numbers(cell))[::_LOT_STEP]
            points = scattered(draws, ground, cell, len(numbers), LOT_M + _MARGIN_M)
            rows += [
                {
                    "town": town.fact.name,
                    "koaza": town.fact.koaza,
                    "lot": str(number),
                    "accuracy_m": LOT_M,
                    "geom": point,
                }
                for number, point in zip(numbers, points, strict=True)
            ]
    return rows


def town_rows(ground: Ground, streets: Streets) -> list[Row]:
    """Canonical rows of the kind towns: each town, and the 大字 above its 地割 and 小字.

    The accuracy is the distance from the point to the farthest corner of the town's cells.
    """
    rows: list[Row] = []
    parents: dict[str, list[int]] = {}
    for town in streets.towns:
        fact = town.fact
        if fact.by_lot:
            parents.setdefault(fact.oaza, []).extend(town.cells)
        point, accuracy = _middle(ground, town.cells)
        rows.append(
            {
                "name": fact.name,
                "koaza": fact.koaza,
                "oaza": fact.oaza,
                "chome": fact.chome,
                "jiwari": fact.jiwari,
                "kana": fact.kana,
                "postal_code": fact.postal_code,
                "level": fact.level,
                "aliases": [] if fact.by_lot else _aliases(fact.name, fact.oaza, fact.aliases),
                "accuracy_m": accuracy,
                "geom": point,
            }
        )
    by_name = {town.fact.oaza: town.fact for town in reversed(streets.towns) if town.fact.by_lot}
    for oaza, cells in parents.items():
        fact = by_name[oaza]
        point, accuracy = _middle(ground, cells)
        rows.append(
            {
                "name": oaza,
                "koaza": None,
                "oaza": oaza,
                "chome": None,
                "jiwari": None,
                "kana": fact.oaza_kana,
                "postal_code": fact.postal_code,
                "level": "oaza",
                "aliases": list(fact.aliases),
                "accuracy_m": accuracy,
                "geom": point,
            }
        )
    dates: Row = {"valid_from": None, "valid_to": None}
    return [{"town_id": f"town-{n:04}", **row, **dates} for n, row in enumerate(rows, start=1)]


def _aliases(name: str, oaza: str, aliases: tuple[str, ...]) -> list[str]:
    """Other spellings of the 大字 carried on to the whole name: 南大通り → 南大通り一丁目."""
    return [alias + name.removeprefix(oaza) for alias in aliases]


def _middle(ground: Ground, cells: list[int]) -> tuple[Point, float]:
    shape = shapely.union_all(metric(ground.cells[cells]))
    flat = shapely.point_on_surface(shape)
    corners = shapely.get_coordinates(shape)
    reach = float(np.hypot(*(corners - shapely.get_coordinates(flat)[0]).T).max())
    return degrees(flat), float(-(-reach // 10) * 10)
