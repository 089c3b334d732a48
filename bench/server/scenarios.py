"""What is asked of whom, and what a right answer is."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench.server import ground
from bench.server.client import Got, request_bytes
from bench.server.data import DISTRICTS, LARGE, PEER_SCHEMA, SMALL, City

CONNECTIONS = 8

Check = Callable[[int, Got], str | None]
"""(number of the request, its answer) → what is wrong with it, or None."""


@dataclass(frozen=True)
class Ask:
    """Requests to one server, and the check of their answers."""

    server: str
    requests: Sequence[bytes]
    check: Check


@dataclass(frozen=True)
class Scenario:
    """A row of the table. `bar`: the ratio to tipg that is wanted of us; `most_ms`: what it may cost at most;
    `connections`: how many ask at once."""

    key: str
    title: str
    asks: Sequence[Ask] = field(default_factory=list)
    bar: float | None = None
    most_ms: float | None = None
    skipped: str = ""
    connections: int = CONNECTIONS


def point_lookup(city: City, title: str, key: str, ours: str, truth: Sequence[str]) -> Scenario:
    """Point → the area that holds it. (tipg forgets the box when it is to leave the geometry out.)"""
    places = ground.points(len(truth))

    def has_id(found: Callable[[dict[str, object]], object]) -> Check:
        def check(number: int, got: Got) -> str | None:
            if got.status != 200:
                return f"status {got.status}"
            seen = found(json.loads(got.body))
            return None if seen == [truth[number]] else f"{seen} instead of {truth[number]}"

        return check

    features = has_id(lambda data: [item["properties"]["code"] for item in data["features"]])  # type: ignore[attr-defined]
    associations = has_id(lambda data: [item["id"] for item in data["associations"]])  # type: ignore[attr-defined]
    # A millimetre wide: tipg finds nothing in a box without extent.
    boxes = [f"{lon:.8f},{lat:.8f},{lon + 1e-8:.8f},{lat + 1e-8:.8f}" for lon, lat in places]
    return Scenario(
        key,
        title,
        [
            Ask(
                ours,
                [request_bytes(f"/api/v1/lookup?lon={lon}&lat={lat}") for lon, lat in places],
                associations,
            ),
            Ask(
                "tipg",
                [
                    request_bytes(f"/collections/{PEER_SCHEMA}.{city.table}/items?bbox={box}&f=geojson")
                    for box in boxes
                ],
                features,
            ),
            Ask(
                "pygeoapi",
                [
                    request_bytes(f"/collections/{city.table}/items?bbox={box}&skipGeometry=true&f=json")
                    for box in boxes
                ],
                features,
            ),
        ],
        bar=12,
        most_ms=0.2,
    )


def districts(ours: str, encoding: str, repeats: int) -> Scenario:
    """All districts as GeoJSON."""

    def check(_: int, got: Got) -> str | None:
        if got.status != 200 or got.encoding:
            return None if got.encoding else f"status {got.status}"
        found = json.loads(got.body)["features"]
        shapes = {item["geometry"]["type"] for item in found}
        right = len(found) == DISTRICTS.count and shapes == {"MultiPolygon"}
        return None if right else f"{len(found)} features of {shapes}"

    headers = [("Accept-Encoding", encoding)] if encoding else []
    limit = f"limit={DISTRICTS.count}"
    paths = {
        ours: "/api/v1/districts",
        "tipg": f"/collections/{PEER_SCHEMA}.districts/items?{limit}&f=geojson",
        "pygeoapi": f"/collections/districts/items?{limit}&f=json",
    }
    name = "30 districts" + (f", {encoding}" if encoding else "")
    asks = [
        Ask(server, [request_bytes(path, headers=headers)] * repeats, check) for server, path in paths.items()
    ]
    return Scenario(
        f"districts-{encoding or 'plain'}", name, asks, bar=None if encoding else 80, most_ms=0.25
    )


def unchanged(ours: str, etag: str, repeats: int) -> Scenario:
    """The same again by a reader who holds it: only we have a tag to compare."""
    request = request_bytes("/api/v1/districts", headers=[("If-None-Match", etag)])
    ask = Ask(ours, [request] * repeats, lambda _, got: None if got.status == 304 else f"status {got.status}")
    return Scenario("districts-304", "30 districts, held already (304)", [ask])


def addresses(ours: str, texts: Sequence[str]) -> Scenario:
    """Address → association, as the page and partner programs ask."""

    def check(_: int, got: Got) -> str | None:
        outcome = json.loads(got.body).get("outcome") if got.status == 200 else got.status
        return None if outcome in ("one", "several", "none_here", "not_understood") else f"outcome {outcome}"

    requests = [
        request_bytes(
            "/api/v1/lookup",
            method="POST",
            body=json.dumps({"address": text}).encode(),
        )
        for text in texts
    ]
    return Scenario("address", "address lookup, sample city", [Ask(ours, requests, check)], most_ms=0.35)


def tile_numbers(z: int, most: int) -> list[tuple[int, int]]:
    """(x, y) of the tiles of the outline at a zoom, evenly thinned out to at most `most`."""
    west, north = _tile(ground.WEST, ground.NORTH, z)
    east, south = _tile(ground.EAST, ground.SOUTH, z)
    found = [(x, y) for y in range(north, south + 1) for x in range(west, east + 1)]
    step = max(1, len(found) // most)
    return found[::step][:most]


def _tile(lon: float, lat: float, z: int) -> tuple[int, int]:
    size = 2**z
    sine = math.asinh(math.tan(math.radians(lat)))
    return int((lon + 180) / 360 * size), int((1 - sine / math.pi) / 2 * size)


CITIES = {"small": SMALL, "large": LARGE}
