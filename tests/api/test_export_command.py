"""`kyodo-geo export` and `dump`: the same files as over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.cli import app
from kyodo_geo.errors import InputError, NotFoundError
from tests.api import city
from tests.fixtures_db import DatabaseUrls


@pytest.fixture
def run(town: DatabaseUrls, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    monkeypatch.setenv("KYODO_DATABASE_URL", town.app)

    def call(*asked: str) -> str:
        found = CliRunner().invoke(app, list(asked))
        if found.exception is not None and not isinstance(found.exception, SystemExit):
            raise found.exception
        assert found.exit_code == 0, found.output
        return found.stdout

    return call


def test_the_file_is_the_one_over_http(
    run: Callable[..., str], serve: Callable[..., TestClient], tmp_path: Path
) -> None:
    out = tmp_path / "towns.csv"
    said = run(
        "export", "towns", "--format", "csv", "--out", str(out), "--filter", "chome >= 2", "--sortby=-town_id",
        "--properties", "name,chome", "--bbox", "141.1,39.7,141.135,39.71", "--csv-heading", "title",
    )  # fmt: skip
    assert "町・字の一覧（第 1 世代）" in said
    asked = {
        "f": "csv", "filter": "chome >= 2", "sortby": "-town_id", "properties": "name,chome",
        "bbox": "141.1,39.7,141.135,39.71", "csv-heading": "title",
    }  # fmt: skip
    assert out.read_bytes() == serve().get("/ogc/collections/towns/items", params=asked).content
    assert out.read_text(encoding="utf-8-sig").count("丁目") == 4  # the heading and three rows
    assert [path.name for path in tmp_path.iterdir()] == ["towns.csv"]


def test_a_file_is_not_overwritten_unless_told(run: Callable[..., str], tmp_path: Path) -> None:
    out = tmp_path / "a.geojson"
    out.write_text("mine")
    with pytest.raises(InputError, match="--overwrite"):
        run("export", "districts", "--format", "geojson", "--out", str(out))
    assert out.read_text() == "mine"
    run("export", "districts", "--format", "geojson", "--out", str(out), "--overwrite")
    assert len(json.loads(out.read_text())["features"]) == 4


def test_what_does_not_exist_leaves_no_file(run: Callable[..., str], tmp_path: Path) -> None:
    out = str(tmp_path / "a.kml")
    with pytest.raises(NotFoundError, match="districts"):
        run("export", "vacant-houses", "--format", "csv", "--out", out)
    with pytest.raises(InputError, match="geojsonseq"):
        run("export", "districts", "--format", "shp", "--out", out)
    plane = "http://www.opengis.net/def/crs/EPSG/0/6678"
    with pytest.raises(InputError, match="CRS84"):
        run("export", "districts", "--format", "kml", "--out", out, "--crs", plane)
    assert list(tmp_path.iterdir()) == []


def test_what_is_for_staff_is_written_down(
    run: Callable[..., str], town: DatabaseUrls, tmp_path: Path
) -> None:
    out = tmp_path / "v.csv"
    run("export", "vacant-houses", "--format", "csv", "--out", str(out), "--staff")
    assert city.SECRET_ADDRESS in out.read_text(encoding="utf-8")
    with psycopg.connect(town.superuser) as conn:
        found = conn.execute(
            "SELECT actor, action, action_kind FROM kyodo.audit ORDER BY entry_no DESC"
        ).fetchone()
    assert found is not None and found[0].startswith("cli:") and found[1:] == ("vacant-houses.view", "view")


def test_a_dump_goes_into_an_empty_folder(run: Callable[..., str], tmp_path: Path) -> None:
    said = run("dump", "1", "--out", str(tmp_path / "d"))
    told = json.loads((tmp_path / "d" / "manifest.json").read_text(encoding="utf-8"))
    assert f"{len(told['files'])} 個のファイル" in said
    assert {path.name for path in (tmp_path / "d").iterdir()} == {f["name"] for f in told["files"]} | {
        "manifest.json"
    }
    with pytest.raises(InputError, match="空ではありません"):
        run("dump", "--out", str(tmp_path / "d"))
