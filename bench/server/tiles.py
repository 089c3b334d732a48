"""Vector tiles: cached, and made anew for every request."""

from __future__ import annotations

import itertools

from bench.server import client
from bench.server.client import Got, request_bytes
from bench.server.data import CITIES, LARGE, PEER_SCHEMA, SMALL, City
from bench.server.scenarios import CONNECTIONS, Ask, Scenario, tile_numbers

OURS = "/ogc/collections/associations/tiles/WebMercatorQuad/{z}/{y}/{x}"
TIPG = f"/collections/{PEER_SCHEMA}.{{table}}/tiles/WebMercatorQuad/{{z}}/{{x}}/{{y}}"
PYGEOAPI = "/collections/{table}/tiles/WebMercatorQuad/{z}/{y}/{x}?f=mvt"
NOT_YET = "this version has no tiles of collections"

ROWS = (
    # key, title, city, zoom, tiles at most, ratios wanted (cached, uncached)
    ("z12", "500 areas, z12", SMALL, 12, 24, 12.0, 1.6),
    ("z14", "500 areas, z14", SMALL, 14, 40, 12.0, 5.8),
    ("z8", "300,000 areas, z8", LARGE, 8, 1, 12.0, None),
)


def planned(port: int) -> list[Scenario]:
    """Two rows for each zoom; skipped with the reason while our server (one of the small city, at `port`) has no
    such route.

    At z8 the whole city is one tile. So that each answer of "made anew" is a tile that was made, it is asked for by one
    connection there, of everybody alike.
    """
    x, y = tile_numbers(12, 1)[0]
    probe = request_bytes(OURS.format(z=12, x=x, y=y))
    there = client.fetch(port, probe).status in (200, 204)
    return list(itertools.chain.from_iterable(_rows(*row, there) for row in ROWS))


def _rows(
    key: str, title: str, city: City, z: int, most: int, cached: float, uncached: float | None, there: bool
) -> list[Scenario]:
    numbers = tile_numbers(z, most)
    ours = "small" if city is CITIES[0] else "large"
    tipg = [request_bytes(TIPG.format(table=city.table, z=z, x=x, y=y)) for x, y in numbers]
    theirs = [Ask("tipg", tipg, _a_tile)]
    if z >= 12:  # a second and more for a tile
        pygeoapi = [request_bytes(PYGEOAPI.format(table=city.table, z=z, x=x, y=y)) for x, y in numbers[:6]]
        theirs.append(Ask("pygeoapi", pygeoapi, _a_tile))
    kept = [request_bytes(OURS.format(z=z, x=x, y=y)) for x, y in numbers]
    why = "" if there else NOT_YET
    return [
        Scenario(
            f"tile-{key}-cached",
            f"tile, {title}, cached",
            [Ask(ours, kept, _a_tile), *theirs],
            cached,
            None,
            why,
        ),
        Scenario(
            f"tile-{key}-made",
            f"tile, {title}, made anew" + (", one at a time" if len(numbers) == 1 else ""),
            [Ask(f"{ours} (nothing kept)", kept, _a_tile), *theirs],
            uncached,
            None,
            why,
            # Asked by many at once, one tile is made once for all of them.
            connections=1 if len(numbers) == 1 else CONNECTIONS,
        ),
    ]


def _a_tile(_: int, got: Got) -> str | None:
    """A vector tile with at least one layer (its first field), or an empty one that says so."""
    if got.status == 204 and not got.body:
        return None
    return (
        None if got.status == 200 and got.body[:1] == b"\x1a" else f"status {got.status}, {got.body[:20]!r}"
    )
