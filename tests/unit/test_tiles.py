"""Tiles on the server: each format gives the same tile, says whose it is, and a bad file is refused with its reason."""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from geodata.tiles import TileSource, open_tiles
from geodata.tiles.source import MAX_TILE_BYTES, box_of, media_type, unpacked
from kyodo_geo.errors import FileFormatError, InputError
from maps.basemaps import LOCAL, local_basemap
from maps.build import build_map
from maps.credit_text import credit
from maps.specs import MembershipSpec
from tests import tiles_world
from tests.unit.maps_world import rated

AT = (10, 913, 388)
TILES = {AT: tiles_world.png(*AT), (11, 1826, 777): tiles_world.png(11, 1826, 777)}


def as_mbtiles(path: Path) -> Path:
    return tiles_world.mbtiles(path / "a.mbtiles", TILES)


def as_folder(path: Path) -> Path:
    return tiles_world.folder(path / "tiles", TILES)


def as_tms_folder(path: Path) -> Path:
    return tiles_world.folder(path / "tms", TILES, scheme="tms")


def as_pmtiles(path: Path) -> Path:
    return tiles_world.pmtiles(path / "a.pmtiles", TILES)


MAKERS = [as_mbtiles, as_folder, as_tms_folder, as_pmtiles]


@pytest.fixture(params=MAKERS, ids=lambda make: make.__name__)
def tiles(request: pytest.FixtureRequest, tmp_path: Path) -> TileSource:
    """The two tiles, opened from each format."""
    make: Callable[[Path], Path] = request.param
    return open_tiles(make(tmp_path))


def test_every_format_gives_the_tile_that_was_put_in(tiles: TileSource) -> None:
    assert tiles.tile(*AT) == TILES[AT]
    assert tiles.tile(10, 913, 389) is None
    assert tiles.tile(3, 0, 0) is None


def test_zooms_bounds_and_credit_come_from_the_file(tiles: TileSource) -> None:
    info = tiles.info
    assert (info.min_zoom, info.max_zoom, info.bounds) == (10, 11, tiles_world.CITY)
    assert info.attribution == tiles_world.CREDIT
    assert not info.vector


def test_a_replaced_file_has_another_version(tmp_path: Path) -> None:
    first = open_tiles(tiles_world.mbtiles(tmp_path / "a.mbtiles", TILES)).info.version
    other = tiles_world.mbtiles(tmp_path / "b.mbtiles", TILES, name="もう一つの地図、すこし大きい" * 400)
    other.rename(tmp_path / "a.mbtiles")
    assert open_tiles(tmp_path / "a.mbtiles").info.version != first


def test_an_open_file_survives_its_replacement(tmp_path: Path) -> None:
    tiles = open_tiles(as_mbtiles(tmp_path))
    tiles_world.mbtiles(tmp_path / "b.mbtiles", {(1, 0, 0): b"\x89PNG\r\n\x1a\n"}).rename(
        tmp_path / "a.mbtiles"
    )
    assert tiles.tile(*AT) == TILES[AT]


def test_a_file_with_many_directories_gives_every_tile(tmp_path: Path) -> None:
    """20,000 tiles do not fit into the root directory: leaves are read too."""
    many = {
        (14, n * 7919 % 16384, n * 104_729 % 16_381): tiles_world.PIXEL + str(n).encode()
        for n in range(20_000)
    }
    tiles = open_tiles(tiles_world.pmtiles(tmp_path / "many.pmtiles", many))
    assert tiles._header["leaf_directory_length"] > 0  # type: ignore[attr-defined]
    for tile in list(many)[::499]:
        assert tiles.tile(*tile) == many[tile]
    empty = next((14, x, 3) for x in range(16384) if (14, x, 3) not in many)
    assert tiles.tile(*empty) is None


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    made = as_folder(tmp_path)
    secret = tmp_path / "secret.png"
    secret.write_bytes(TILES[AT])
    (made / "10" / "1").mkdir()
    (made / "10" / "1" / "2.png").symlink_to(secret)
    assert open_tiles(made).tile(10, 1, 2) is None


# -- what cannot be used ------------------------------------------------------------------------------------


def missing(path: Path) -> Path:
    return path / "none.mbtiles"


def text(path: Path) -> Path:
    made = path / "a.mbtiles"
    made.write_text("タイルではありません")
    return made


def another_database(path: Path) -> Path:
    made = path / "other.mbtiles"
    with sqlite3.connect(made) as conn:
        conn.execute("CREATE TABLE t (a)")
    return made


def cut_short(path: Path) -> Path:
    made = tiles_world.mbtiles(path / "a.mbtiles", tiles_world.city_tiles([10, 11]))
    made.write_bytes(made.read_bytes()[:-8192])
    return made


def without_tiles(path: Path) -> Path:
    return tiles_world.mbtiles(path / "a.mbtiles", {})


def of_svg(path: Path) -> Path:
    return tiles_world.mbtiles(path / "a.mbtiles", {AT: b"<svg onload='alert(1)'/>"})


def cut_pmtiles(path: Path) -> Path:
    made = as_pmtiles(path)
    made.write_bytes(made.read_bytes()[:-10])
    return made


def spoilt_pmtiles(path: Path) -> Path:
    """The root directory is no gzip any more."""
    made = as_pmtiles(path)
    data = bytearray(made.read_bytes())
    data[127:140] = b"\0" * 13
    made.write_bytes(data)
    return made


def old_pmtiles(path: Path) -> Path:
    made = as_pmtiles(path)
    data = bytearray(made.read_bytes())
    data[7] = 2
    made.write_bytes(data)
    return made


def head_of_pmtiles(path: Path) -> Path:
    made = path / "a.pmtiles"
    made.write_bytes(b"PMTiles\x03")
    return made


def brotli_pmtiles(path: Path) -> Path:
    made = as_pmtiles(path)
    data = bytearray(made.read_bytes())
    data[98] = 3
    made.write_bytes(data)
    return made


def empty_folder(path: Path) -> Path:
    made = path / "empty"
    made.mkdir()
    return made


def folder_with_bad_words(path: Path) -> Path:
    made = as_folder(path)
    (made / "metadata.json").write_text("{")
    return made


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (missing, "開けません"),
        (text, "MBTiles でも PMTiles でもありません"),
        (another_database, "表（metadata、tiles）を読めません"),
        (cut_short, "途中で切れています"),
        (without_tiles, "1 枚も入っていません"),
        (of_svg, "画像（PNG、JPEG、WebP）でも"),
        (cut_pmtiles, "途中で切れています"),
        (spoilt_pmtiles, "目録または説明を読めません"),
        (old_pmtiles, "版が 3 ではありません"),
        (head_of_pmtiles, "見出しを読めません"),
        (brotli_pmtiles, "gzip 以外の方法で圧縮"),
        (empty_folder, "「ズーム/列/行.png」"),
        (folder_with_bad_words, "metadata.json が JSON として読めません"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_bad_file_is_refused_with_the_reason(
    tmp_path: Path, make: Callable[[Path], Path], why: str
) -> None:
    with pytest.raises(FileFormatError, match=why) as caught:
        open_tiles(make(tmp_path))
    assert caught.value.details["field"] == "KYODO_BASEMAP_FILE"


def test_packed_tiles_are_unpacked_and_bounded() -> None:
    assert unpacked(gzip.compress(b"abc")) == b"abc"
    assert unpacked(b"plain") == b"plain"
    for bad in (gzip.compress(b"abc")[:-4], gzip.compress(b"abc" * 99)[:12] + b"\xff" * 30):
        with pytest.raises(OSError):
            unpacked(bad)
    with pytest.raises(OSError, match="too large"):
        unpacked(gzip.compress(b"\0" * (MAX_TILE_BYTES + 1)))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (tiles_world.png(1, 0, 0), "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"<svg/>", None),
        (b"\x1a\x05", None),
    ],
)
def test_kinds_of_pictures_are_told_by_their_bytes(data: bytes, kind: str | None) -> None:
    assert media_type(data) == kind


@pytest.mark.parametrize("value", ["1,2,3", "a,b,c,d", "nan,0,1,1", "10,0,5,1", None, 7, "-999,0,1,1"])
def test_senseless_bounds_are_no_bounds(value: object) -> None:
    assert box_of(value) is None


# -- the credit ---------------------------------------------------------------------------------------------


def test_a_credit_keeps_words_and_https_links() -> None:
    made = credit(
        '&copy; <b>OpenStreetMap</b> <a href="https://www.openstreetmap.org/copyright">contributors</a>'
    )
    assert made == '© OpenStreetMap <a href="https://www.openstreetmap.org/copyright">contributors</a>'


@pytest.mark.parametrize(
    "hostile",
    [
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href="https://a.example/&quot; onmouseover=&quot;alert(1)">x</a>',
        "<script>alert(1)</script>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "`${window.x=1}`",
        '"><svg onload=alert(1)>',
        '<a href="https://[">x</a>',
    ],
)
def test_a_hostile_credit_is_only_text(hostile: str) -> None:
    made = str(credit(hostile))
    assert "<img" not in made and "<svg" not in made and "<script" not in made and "`" not in made
    assert 'onmouseover="' not in made and "javascript:" not in made


def test_a_long_credit_is_cut() -> None:
    assert len(credit("あ" * 1000)) == 300


# -- on the map ---------------------------------------------------------------------------------------------


def test_the_map_asks_for_tiles_within_their_bounds_and_enlarges_the_last_ones() -> None:
    ground = local_basemap("/basemap/{z}/{x}/{y}?v=abc", "架空", 8, 12, tiles_world.CITY)
    script = build_map(MembershipSpec(districts=(rated(1, 0.9),), fiscal_year=2019, basemap=ground)).script
    called = script.split("L.tileLayer(")[1].split(");")[0]
    options = json.loads(re.sub(r",\s*([}\]])", r"\1", called[called.index("{\n") : called.rindex("}") + 1]))
    assert (ground.profile, options["maxNativeZoom"], options["maxZoom"], options["minZoom"]) == (
        LOCAL,
        12,
        18,
        8,
    )
    assert options["bounds"] == [[39.45, 140.95], [40.05, 141.65]]
    assert '"/basemap/{z}/{x}/{y}?v=abc"' in script
    assert "http" not in options["attribution"]


def test_a_basemap_without_a_credit_is_none() -> None:
    with pytest.raises(InputError, match="出典"):
        local_basemap("/b", "<img src=x>", 1, 2)
