"""The base map from a file on the server: what a browser gets of it, and what an operator is told."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.cli import app
from api.settings import Settings
from kyodo_geo.errors import InputError
from tests import tiles_world

AT = (10, 913, 388)
PNG = tiles_world.png(*AT)
PACKED = (10, 914, 388)
TILES = {AT: PNG, PACKED: gzip.compress(PNG)}
Serve = Callable[..., TestClient]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tiles_world.mbtiles(tmp_path / "city.mbtiles", TILES)


@pytest.fixture
def client(serve: Serve, file: Path) -> TestClient:
    return serve(basemap="local", basemap_file=file)


def version(client: TestClient) -> str:
    return client.app.state.services.ground.tiles.info.version  # type: ignore[attr-defined, no-any-return]


def test_a_tile_is_a_picture_that_may_be_kept_while_the_file_stays(client: TestClient) -> None:
    found = client.get(f"/basemap/10/913/388?v={version(client)}")
    assert (found.status_code, found.content) == (200, PNG)
    assert found.headers["content-type"] == "image/png"
    assert found.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert found.headers["x-content-type-options"] == "nosniff"
    again = client.get("/basemap/10/913/388", headers={"if-none-match": found.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/basemap/10/913/388?v=0").headers["cache-control"] == "public, no-cache"


def test_a_packed_tile_goes_out_packed_to_who_takes_it_and_plain_to_others(client: TestClient) -> None:
    packed = client.get("/basemap/10/914/388", headers={"accept-encoding": "gzip"})
    plain = client.get("/basemap/10/914/388", headers={"accept-encoding": "identity"})
    assert (packed.headers["content-encoding"], packed.content) == ("gzip", PNG)
    assert "content-encoding" not in plain.headers and plain.content == PNG
    assert packed.headers["etag"] != plain.headers["etag"] and packed.headers["vary"] == "Accept-Encoding"


def test_where_the_file_has_no_tile_the_answer_is_empty_and_no_error(client: TestClient) -> None:
    found = client.get("/basemap/12/0/0")
    assert (found.status_code, found.content) == (204, b"")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("10/1024/0", 404),
        ("25/0/0", 404),
        ("10/-1/0", 400),
        ("10/913/388.png", 400),
        ("10/9_13/388", 400),
        ("10/913/388?x=1", 400),
        ("..%2f..%2fetc/913/388", 404),
        ("%2e%2e/%2e%2e/passwd", 400),
    ],
)
def test_nothing_but_numbers_of_tiles_is_answered(client: TestClient, path: str, status: int) -> None:
    assert client.get(f"/basemap/{path}").status_code == status


def test_a_folder_may_change_so_its_tiles_are_kept_for_a_day(serve: Serve, tmp_path: Path) -> None:
    client = serve(basemap="local", basemap_file=tiles_world.folder(tmp_path / "tiles", TILES))
    found = client.get(f"/basemap/10/913/388?v={version(client)}")
    assert (found.content, found.headers["cache-control"]) == (PNG, "public, max-age=86400")
    (tmp_path / "tiles" / "10" / "913" / "388.png").write_bytes(TILES[AT] + b"\0")
    assert client.get("/basemap/10/913/388").headers["etag"] != found.headers["etag"]


def test_a_damaged_tile_is_said_to_be_unavailable_and_not_sent(serve: Serve, tmp_path: Path) -> None:
    tiles = {(11, 0, 0): PNG, (10, 1, 1): b"<script>alert(1)</script>", (10, 1, 2): b"\x1f\x8b\x08damage"}
    client = serve(basemap="local", basemap_file=tiles_world.mbtiles(tmp_path / "a.mbtiles", tiles))
    for y in (1, 2):
        found = client.get(f"/basemap/10/1/{y}")
        assert found.status_code == 503 and "script" not in found.text


def test_vector_tiles_are_drawn_and_packed(serve: Serve, tmp_path: Path) -> None:
    tiles = {(12, 1, 1): tiles_world.vector(12, 1, 1), (12, 1, 2): gzip.compress(b"\x1a\xff\xff")}
    client = serve(
        basemap="local",
        basemap_file=tiles_world.pmtiles(tmp_path / "a.pmtiles", tiles, kind="MVT", packed=True),
    )
    found = client.get(f"/basemap/12/1/1?v={version(client)}", headers={"accept-encoding": "gzip"})
    assert (found.status_code, found.headers["content-type"]) == (200, "image/svg+xml")
    assert found.text.startswith("<svg") and "架空1の1" in found.text
    assert found.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert found.headers["content-security-policy"].startswith("default-src 'self'; script-src 'self'")
    assert client.get("/basemap/12/1/1").headers["etag"] != ""
    assert client.get("/basemap/12/1/2").status_code == 503


@pytest.mark.parametrize("profile", ["none", "gsi"])
def test_other_profiles_have_no_tiles(serve: Serve, profile: str) -> None:
    assert serve(basemap=profile).get("/basemap/10/913/388").status_code == 404


def test_pages_name_only_our_host_and_the_credit(client: TestClient) -> None:
    page = client.get("/maps/membership", headers={"accept": "text/html"})
    script = client.get(
        page.text.split('src="/maps/membership.js')[1].join(["/maps/membership.js", ""]).split('"')[0]
    )
    assert f"/basemap/{{z}}/{{x}}/{{y}}?v={version(client)}" in script.text
    assert page.headers["content-security-policy"].count("http") == 0
    assert "架空の背景地図（試験用）" in client.get("/about").text


def test_another_file_gives_pages_another_tag(serve: Serve, file: Path) -> None:
    before = serve(basemap="local", basemap_file=file).get("/about").headers["etag"]
    tiles_world.mbtiles(file.with_suffix(".new"), TILES, name="別の地図" * 500).rename(file)
    after = serve(basemap="local", basemap_file=file).get("/about").headers["etag"]
    assert before != after


# -- what an operator is told -------------------------------------------------------------------------------


def start(**values: object) -> None:
    create_app(Settings(database_url="postgresql://nobody@127.0.0.1:1/none", **values))  # type: ignore[arg-type]


def test_local_without_a_file_is_refused_at_the_start() -> None:
    with pytest.raises(InputError, match="KYODO_BASEMAP_FILE に MBTiles"):
        start(basemap="local")


def test_a_file_without_a_credit_is_refused_unless_one_is_set(tmp_path: Path) -> None:
    bare = tiles_world.mbtiles(tmp_path / "bare.mbtiles", TILES, attribution="")
    with pytest.raises(InputError, match="KYODO_BASEMAP_CREDIT に出典の文"):
        start(basemap="local", basemap_file=bare)
    start(basemap="local", basemap_file=bare, basemap_credit="架空の出典")


def test_the_command_says_what_a_file_holds_or_why_it_cannot_be_used(file: Path, tmp_path: Path) -> None:
    good = CliRunner().invoke(app, ["basemap", str(file)])
    assert good.exit_code == 0
    for words in (
        "形式: MBTiles（画像）",
        "ズーム: 10〜10",
        "140.95, 39.45",
        "出典: 架空の背景地図（試験用）、利用条件",
    ):
        assert words in good.output
    (tmp_path / "bad").write_text("x")
    bad = CliRunner().invoke(app, ["basemap", str(tmp_path / "bad")])
    assert isinstance(bad.exception, InputError)
    assert "MBTiles でも PMTiles でもありません" in bad.exception.message
