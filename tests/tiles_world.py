"""Made-up map tiles in each format: a picture that says its own number, so that a test sees which one is shown."""

from __future__ import annotations

import gzip
import io
import json
import math
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import mapbox_vector_tile
from PIL import Image, ImageDraw
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

CITY = (140.95, 39.45, 141.65, 40.05)
"""Around the sample's city: west, south, east, north."""
CREDIT = '架空の背景地図（試験用）、<a href="https://example.com/licence">利用条件</a>'
Tile = tuple[int, int, int]
PIXEL = b"\x89PNG\r\n\x1a\n"
"""What a picture begins with, for tiles nobody looks at."""


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int]:
    """Column and row (from the north) of the tile of Web Mercator that holds a point."""
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return int((lon + 180) / 360 * 2**z), int(y * 2**z)


def tiles_in(box: tuple[float, float, float, float], zooms: Iterable[int]) -> Iterator[Tile]:
    """Every tile of the zooms that touches the box."""
    west, south, east, north = box
    for z in zooms:
        left, top = tile_of(west, north, z)
        right, bottom = tile_of(east, south, z)
        yield from ((z, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1))


def png(z: int, x: int, y: int) -> bytes:
    """A small picture: grounds like a chessboard, a frame, and its number."""
    image = Image.new("P", (256, 256), (x + y) % 2)
    image.putpalette([226, 236, 220, 238, 232, 216, 120, 130, 140, 60, 60, 60])
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 255, 255), outline=2)
    draw.line((0, 200, 255, 60), fill=2, width=5)
    draw.text((20, 20), f"{z}/{x}/{y}", fill=3)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def metadata(**other: str) -> dict[str, str]:
    """What a well-made file says of itself."""
    return {
        "name": "試験用",
        "format": "png",
        "attribution": CREDIT,
        "bounds": ",".join(map(str, CITY)),
        **other,
    }


def mbtiles(path: Path, tiles: dict[Tile, bytes], **other: str) -> Path:
    """An MBTiles file; a value of '' leaves that entry of the metadata out."""
    conn = sqlite3.connect(path)
    with conn:
        conn.execute("CREATE TABLE metadata (name text, value text)")
        conn.execute(
            "CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob)"
        )
        conn.execute("CREATE UNIQUE INDEX tile_index ON tiles (zoom_level, tile_column, tile_row)")
        conn.executemany(
            "INSERT INTO metadata VALUES (?, ?)", [item for item in metadata(**other).items() if item[1]]
        )
        conn.executemany(
            "INSERT INTO tiles VALUES (?, ?, ?, ?)",
            [(z, x, 2**z - 1 - y, data) for (z, x, y), data in tiles.items()],
        )
    conn.close()
    return path


def folder(path: Path, tiles: dict[Tile, bytes], **other: str) -> Path:
    """A folder of tiles with its metadata.json."""
    for (z, x, y), data in tiles.items():
        file = path / str(z) / str(x) / f"{2**z - 1 - y if other.get('scheme') == 'tms' else y}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    (path / "metadata.json").write_text(json.dumps(metadata(**other), ensure_ascii=False), encoding="utf-8")
    return path


def pmtiles(
    path: Path, tiles: dict[Tile, bytes], *, kind: str = "PNG", packed: bool = False, **other: str
) -> Path:
    """A PMTiles file, made by the format's own writer."""
    west, south, east, north = CITY
    with path.open("wb") as file:
        writer = Writer(file)
        for number, data in sorted((zxy_to_tileid(*tile), data) for tile, data in tiles.items()):
            writer.write_tile(number, data)
        writer.finalize(
            {
                "tile_type": TileType[kind],
                "tile_compression": Compression.GZIP if packed else Compression.NONE,
                "min_zoom": min(z for z, _, _ in tiles),
                "max_zoom": max(z for z, _, _ in tiles),
                "min_lon_e7": round(west * 1e7),
                "min_lat_e7": round(south * 1e7),
                "max_lon_e7": round(east * 1e7),
                "max_lat_e7": round(north * 1e7),
                "center_zoom": 10,
                "center_lon_e7": 0,
                "center_lat_e7": 0,
            },
            {key: value for key, value in metadata(**other).items() if value},
        )
    return path


def vector(z: int, x: int, y: int) -> bytes:
    """A made-up vector tile, packed: water, two roads, a building and the name of a place."""

    def line(a: int, b: int) -> str:
        return f"LINESTRING(0 {a}, 4096 {b})"

    roads = [(line(1000, 3000), {"class": "primary"}), (line(3000, 1000), {"class": "minor"})]
    layers = {
        "water": [("POLYGON((0 0, 1200 0, 1200 4096, 0 4096, 0 0))", {})],
        "transportation": roads,
        "building": [("POLYGON((2000 2000, 2400 2000, 2400 2400, 2000 2400, 2000 2000))", {})],
        "place": [("POINT(2800 3000)", {"name:ja": f"架空{x}の{y}", "class": "town"})],
    }
    made = mapbox_vector_tile.encode(
        [
            {
                "name": name,
                "features": [{"geometry": shape, "properties": properties} for shape, properties in shapes],
            }
            for name, shapes in layers.items()
        ],
        default_options={"y_coord_down": True},
    )
    return gzip.compress(made, mtime=0)


def city_tiles(zooms: Iterable[int] = range(8, 13)) -> dict[Tile, bytes]:
    """Tiles of the whole city."""
    return {tile: png(*tile) for tile in tiles_in(CITY, zooms)}
