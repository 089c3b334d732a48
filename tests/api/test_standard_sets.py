"""Files of the standard over HTTP and from the command line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.cli import app
from api.settings import Settings
from kyodo_geo.opendata.layouts import LAYOUTS
from tests.api.conftest import client_of
from tests.fixtures_db import DatabaseUrls


@pytest.fixture(scope="module")
def sample(sample_town: DatabaseUrls) -> Iterator[TestClient]:
    settings = Settings(
        database_url=sample_town.app, owner_database_url=sample_town.owner, database_pool_size=4
    )
    with client_of(create_app(settings)) as client:
        yield client


def rows(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def test_the_page_of_the_data_leads_to_each_file(sample: TestClient) -> None:
    page = sample.get("/datasets", headers={"accept": "text/html"}).text
    for name in ("public_facility", "population"):
        assert f'href="/opendata/standard/{name}.csv"' in page
        answer = sample.get(f"/opendata/standard/{name}.csv")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert f'filename="032018_{name}.csv"' in answer.headers["content-disposition"]
        assert tuple(rows(answer.content)[0]) == LAYOUTS[name].columns


def test_an_empty_list_of_evacuation_sites_is_not_given(sample: TestClient) -> None:
    """The sample designates no 指定緊急避難場所: that nothing is known is not the same as that there are none."""
    page = sample.get("/datasets", headers={"accept": "text/html"}).text
    assert "evacuation_space.csv" not in page
    assert sample.get("/opendata/standard/evacuation_space.csv").status_code == 404


def test_the_rows_are_those_of_the_service(sample: TestClient) -> None:
    found = rows(sample.get("/opendata/standard/public_facility.csv").content)
    points = sample.get("/api/v1/facilities").json()["features"]
    assert [row["ID"] for row in found] == [feature["id"] for feature in points]
    for row, feature in zip(found, points, strict=True):
        lon, lat = feature["geometry"]["coordinates"]
        assert (float(row["経度"]), float(row["緯度"])) == pytest.approx((lon, lat), abs=1e-6)


def test_no_invented_figure_goes_out_unmarked(sample: TestClient) -> None:
    for row in rows(sample.get("/opendata/standard/population.csv").content):
        assert row["備考"] == "見本データ（架空）"
    for row in rows(sample.get("/opendata/standard/public_facility.csv").content):
        assert not row["利用可能曜日"] or row["備考"] == "見本データ（架空）"


def test_bad_questions(sample: TestClient) -> None:
    assert sample.get("/opendata/standard/tourism.csv").status_code == 404
    assert sample.get("/opendata/standard/population.csv?year=2020").status_code == 400
    assert sample.get("/opendata/standard/population.csv?as_of=1999-01-01").status_code == 404


def test_the_command_writes_the_same_file(
    sample: TestClient, sample_town: DatabaseUrls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KYODO_DATABASE_URL", sample_town.app)
    monkeypatch.chdir(tmp_path)
    assert "01 公共施設一覧" in CliRunner().invoke(app, ["opendata", "list"]).output
    done = CliRunner().invoke(app, ["opendata", "export", "public_facility"])
    assert done.exit_code == 0, done.output
    written = (tmp_path / "032018_public_facility.csv").read_bytes()
    assert written == sample.get("/opendata/standard/public_facility.csv").content
    failed = CliRunner().invoke(app, ["opendata", "export", "tourism"])
    assert failed.exit_code == 1 and "public_facility" in failed.exception.message
