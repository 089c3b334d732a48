"""The networks of the sample: streets along the borders of the cells, and lanes to the middle of each; roads for cars.

All invented. Some borders have no street (rivers, slopes), so that ways are longer than straight lines; one lane hangs
together with nothing, so that somebody cannot be reached.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from shapely import LineString

from geodata.sample.draws import Draws
from geodata.sample.ground import Ground
from geodata.sample.plane import to_degrees, to_metres
from kyodo_geo.reach.driving import default_kmh, minutes

Row = dict[str, Any]
Place = tuple[float, float]

STREET_SHARE = 0.62
"""Of the borders that are not needed to hold the network together, so many carry a street."""
LANES = 3
CUT_OFF_DISTRICT = 30
STEEP = 0.06
WINTER_STEEP = 1.2
"""Factor in winter on steep ways: invented, as everything of the sample."""
_TOWN_M = 6_000.0
_STREETS = ("residential", "residential", "residential", "tertiary", "unclassified")
_LANES = ("footway", "service", "living_street")
ONE_WAY_SHARE = 0.06
LONG_M = 450.0
"""Streets so long run through the country: roads signposted with 50 km/h."""
SIGNS = {"tertiary": 40.0}
"""Signposted speeds, km/h, on half of the streets of a class: invented, as the one below."""
COUNTRY = "secondary", 50.0


def network_rows(seed: int, ground: Ground) -> list[Row]:
    """Canonical rows of the kind walk-network, by node numbers."""
    draws = Draws(seed, "network")
    rings = [[(float(x), float(y)) for x, y in shapely.get_coordinates(cell)[:-1]] for cell in ground.cells]
    middles: list[Place] = [(float(x), float(y)) for x, y in to_degrees(ground.xy)]
    numbers = _numbered(rings, middles)
    streets = _streets(draws, rings, numbers)
    cut = ground.of_district(CUT_OFF_DISTRICT)[0]
    lanes: set[tuple[int, int]] = set()
    places = {number: place for place, number in numbers.items()}
    for cell, (ring, middle) in enumerate(zip(rings, middles, strict=True)):
        own = numbers[middle]
        if cell == cut:
            end = (round(middle[0] + 0.0008, 6), round(middle[1] + 0.0004, 6))
            places[len(places) + 1] = end
            lanes.add((own, len(places)))
            continue
        near = sorted(set(ring), key=lambda corner: (_metres(corner, middle), corner))[:LANES]
        lanes |= {_pair(own, numbers[corner]) for corner in near if corner != middle}
    heights = _heights(draws, places)
    rows = [_row(draws, places, heights, pair, pair in lanes) for pair in sorted(streets | lanes)]
    return [row for row in rows if row["length_m"] > 0]


def _numbered(rings: list[list[Place]], middles: list[Place]) -> dict[Place, int]:
    """Place → number from 1: corners and middles, west to east."""
    places = sorted({corner for ring in rings for corner in ring} | set(middles))
    return {place: number for number, place in enumerate(places, start=1)}


def _pair(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def _streets(draws: Draws, rings: list[list[Place]], numbers: dict[Place, int]) -> set[tuple[int, int]]:
    """Borders with a street: as many as hold the corners together, and a share of the others."""
    borders = sorted(
        {
            _pair(numbers[a], numbers[b])
            for ring in rings
            for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)
            if a != b
        }
    )
    luck = draws.uniform(len(borders), 2)
    parent: dict[int, int] = {}

    def root(node: int) -> int:
        while parent.setdefault(node, node) != node:
            parent[node] = node = parent[parent[node]]
        return node

    kept: set[tuple[int, int]] = set()
    for place in sorted(range(len(borders)), key=lambda i: (luck[i, 0], i)):
        a, b = (root(node) for node in borders[place])
        if a != b:
            parent[a] = b
            kept.add(borders[place])
        elif luck[place, 1] < STREET_SHARE:
            kept.add(borders[place])
    return kept


def _heights(draws: Draws, places: dict[int, Place]) -> dict[int, float]:
    """Metres above the sea: a plain in the middle of the city, hills around it."""
    flat = to_metres(np.array([places[number] for number in sorted(places)]))
    centre = np.median(flat, axis=0)
    far = np.hypot(*(flat - centre).T)
    noise = draws.uniform(len(flat), 1)[:, 0] - 0.5
    hill = np.where(far < _TOWN_M, 4.0, 4.0 + (far - _TOWN_M) / 120.0)
    return dict(zip(sorted(places), (130.0 + far / 60.0 + noise * hill).tolist(), strict=True))


def _metres(a: Place, b: Place) -> float:
    (x, y), (u, v) = to_metres(np.array([a, b]))
    return float(np.hypot(x - u, y - v))


def _row(
    draws: Draws, places: dict[int, Place], heights: dict[int, float], pair: tuple[int, int], lane: bool
) -> Row:
    u, v = pair
    length = round(_metres(places[u], places[v]), 1)
    rise = heights[v] - heights[u]
    slope = round(max(-0.14, min(0.14, rise / length)), 3) if length else 0.0
    return {
        "u": u,
        "v": v,
        "length_m": length,
        "highway": draws.pick(_LANES if lane else _STREETS),
        "slope": None if draws.chance(0.02) else slope,
        "winter_factor": WINTER_STEEP if abs(slope) > STEEP else 1.0,
        "geom": LineString([places[u], places[v]]),
    }


def drive_rows(seed: int, walking: list[Row]) -> list[Row]:
    """Canonical rows of the kind drive-network: the streets and lanes that are no footway, some of them one way."""
    draws = Draws(seed, "drive-network")
    found = []
    for edge in walking:
        one_way, signed, backwards = (draws.chance(share) for share in (ONE_WAY_SHARE, 0.5, 0.5))
        if edge["highway"] == "footway":
            continue
        sign = SIGNS.get(edge["highway"]) if signed else None
        there = _driven(edge, edge["u"], edge["v"], sign)
        back = _driven(edge, edge["v"], edge["u"], sign)
        # Lanes stay open both ways: one cannot turn at their end.
        both = not one_way or edge["highway"] in _LANES
        found += [there, back] if both else [back if backwards else there]
    return sorted(found, key=lambda row: (row["u"], row["v"]))


def _driven(edge: Row, u: int, v: int, sign: float | None) -> Row:
    highway = edge["highway"]
    if edge["length_m"] >= LONG_M and highway not in _LANES:
        highway, sign = COUNTRY
    kmh = sign or default_kmh(highway)
    line = edge["geom"] if u == edge["u"] else LineString(list(edge["geom"].coords)[::-1])
    return {
        "u": u,
        "v": v,
        "length_m": edge["length_m"],
        "highway": highway,
        "kmh": kmh,
        "speed_from": "maxspeed" if sign else "class",
        "congestion": 1.0,
        "winter_factor": 1.0,
        "minutes": round(minutes(edge["length_m"], kmh), 5),
        "geom": line,
    }
