"""Vector tiles become pictures on the server: what is drawn how, names escaped, and nothing that could run."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from xml.etree import ElementTree

import mapbox_vector_tile
import pytest

from geodata.tiles import open_tiles
from maps.tile_style import BUILDING, GREEN, MAJOR, MINOR, PATH, PLAIN, RAIL, WATER, label_of, paint_of
from maps.vector_tile import VectorTileError, draw_tile
from tests import tiles_world
from tests.unit.maps_world import HOSTILE

AT = (12, 3652, 1553)
SVG = "{http://www.w3.org/2000/svg}"


def tile(*layers: tuple[str, str, dict[str, object]]) -> bytes:
    found = [
        {"name": name, "features": [{"geometry": shape, "properties": properties}]}
        for name, shape, properties in layers
    ]
    made: bytes = mapbox_vector_tile.encode(found, default_options={"y_coord_down": True})
    return made


def texts(picture: bytes) -> list[str]:
    return ["".join(item.itertext()) for item in ElementTree.fromstring(picture).iter(f"{SVG}text")]


def test_shapes_lie_where_they_are_in_the_tile() -> None:
    """4096 units are 256 pixels, y from the north."""
    picture = draw_tile(tile(("water", "POLYGON((0 0, 0 2048, 1024 2048, 1024 0, 0 0))", {}))).decode()
    path = re.search(rf'd="([^"]+)" fill="{WATER.fill}"', picture)
    assert path is not None
    corners = {tuple(map(float, pair.split())) for pair in re.findall(r"[\d.]+ [\d.]+", path[1])}
    assert corners == {(0, 0), (64, 0), (64, 128), (0, 128)}


def test_layers_are_drawn_from_below_whatever_their_order_in_the_tile() -> None:
    picture = draw_tile(
        tile(
            ("transportation", "LINESTRING(0 0, 4096 4096)", {"class": "primary"}),
            ("building", "POLYGON((0 0, 0 9, 9 9, 9 0, 0 0))", {}),
            ("water", "POLYGON((0 0, 0 9, 9 9, 9 0, 0 0))", {}),
        )
    ).decode()
    assert (
        picture.index(str(WATER.fill)) < picture.index(str(BUILDING.fill)) < picture.index(str(MAJOR.stroke))
    )


@pytest.mark.parametrize(
    ("layer", "properties", "paint"),
    [
        ("transportation", {"class": "primary"}, MAJOR),
        ("transportation", {"class": "service"}, MINOR),
        ("transportation", {"class": "path"}, PATH),
        ("transportation", {"class": "rail"}, RAIL),
        ("roads", {"kind": "highway"}, MAJOR),
        ("RdCL", {"vt_rdctg": "国道"}, MAJOR),
        ("RdCL", {"vt_rdctg": "市区町村道等"}, MINOR),
        ("WA", {}, WATER),
        ("BldA", {}, BUILDING),
        ("landuse", {"kind": "park"}, GREEN),
        ("earth", {}, None),
        ("庁内の図", {}, PLAIN),
    ],
)
def test_common_schemas_are_known(layer: str, properties: dict[str, object], paint: object) -> None:
    assert paint_of(layer, properties) == paint


def test_names_come_in_japanese_first() -> None:
    assert label_of("place", {"name": "Morioka", "name:ja": "盛岡", "class": "city"}) == ("盛岡", 13.0)
    assert label_of("Anno", {"vt_text": "岩手山"}) == ("岩手山", 11.0)
    assert label_of("water", {"name": "池"}) is None


def test_names_neither_overlap_nor_run_over_the_edge() -> None:
    picture = draw_tile(
        tile(
            ("place", "POINT(2000 2000)", {"name": "中央町", "class": "town"}),
            ("place2", "POINT(2000 2000)", {"name": "ほか"}),
            ("poi", "POINT(2010 2010)", {"name": "重なる店"}),
            ("places", "POINT(10 2000)", {"name": "端の町"}),
        )
    )
    assert texts(picture) == ["中央町"]


def test_a_hostile_name_is_text_and_nothing_can_run() -> None:
    name = HOSTILE[:30]
    picture = draw_tile(tile(("place", "POINT(2048 2048)", {"name": name})))
    assert texts(picture) == [name]
    assert b"<script" not in picture and b"<img" not in picture and b"style=" not in picture


@pytest.mark.parametrize("data", [b"\x1a\xff\xff", b"\x1a\x05hello", b"\x89PNG", b"\x1a"])
def test_damaged_shapes_are_refused(data: bytes) -> None:
    with pytest.raises(VectorTileError):
        draw_tile(data)


def test_equal_tiles_give_equal_bytes() -> None:
    data = gzip.decompress(tiles_world.vector(*AT))
    assert draw_tile(data) == draw_tile(data)


@pytest.mark.parametrize("made", ["mbtiles", "pmtiles"])
def test_files_of_shapes_are_known_as_such(tmp_path: Path, made: str) -> None:
    tiles = {AT: tiles_world.vector(*AT)}
    if made == "mbtiles":
        path = tiles_world.mbtiles(tmp_path / "a.mbtiles", tiles, format="pbf")
    else:
        path = tiles_world.pmtiles(tmp_path / "a.pmtiles", tiles, kind="MVT", packed=True)
    found = open_tiles(path)
    assert found.info.vector
    assert found.tile(*AT) == tiles[AT]
