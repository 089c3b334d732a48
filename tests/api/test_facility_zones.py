"""Flood and 居住誘導 areas over the existing facilities: list, files, map, 施設カルテ and its PDF; a layer that is not loaded."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
import shapely
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from geodata.database import Database
from geodata.queries import facility_sheet
from geodata.queries.facility_sheet import Site
from geodata.queries.generation import resolve
from tests.api.conftest import PAGE, client_of
from tests.factories import CODE, make_active, put
from tests.fixtures_db import DatabaseUrls

HOSTILE = "<img src=x>"


def area(shape: Any, name: str, detail: str | None = None) -> dict[str, Any]:
    return {"name": name, "detail": detail, "geom": shapely.MultiPolygon([shape])}


@pytest.fixture(scope="module")
def sample(sample_town: DatabaseUrls) -> Iterator[TestClient]:
    settings = Settings(
        database_url=sample_town.app, owner_database_url=sample_town.owner, database_pool_size=4
    )
    with client_of(create_app(settings)) as client:
        yield client


@pytest.fixture(scope="module")
def without(sample: TestClient) -> str:
    """The list while no layer is loaded."""
    return sample.get("/facilities", headers=PAGE).text


@pytest.fixture(scope="module")
def sites(without: str, sample: TestClient, sample_town: DatabaseUrls) -> list[Site]:
    """The first facility stands in two flood areas and in the residential zone, the second in that alone."""
    database = Database(sample_town.app, max_size=2)
    with database.read() as conn:
        found = [s for s in facility_sheet.sites(conn, resolve(conn, CODE), all_times=True) if s.activity]
    around = [shapely.Point(s.lon, s.lat).buffer(0.0005) for s in found[:2]]
    elsewhere = shapely.Point(141.3, 39.9).buffer(0.0004)
    areas = [area(around[0], "0.5〜3.0m", "北上川"), area(around[0], HOSTILE), area(elsewhere, "よそ")]
    flood = put(database, "flood", areas)
    zone = put(
        database,
        "residential-zone",
        [area(shape, "居住誘導区域") for shape in around],
    )
    make_active(database, flood, zone)
    database.close()
    sample.app.state.services.live.wait(CODE)  # type: ignore[attr-defined]
    return found


def rows(text: str) -> dict[str, dict[str, str]]:
    return {row["番号"]: row for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))}


def test_a_layer_that_is_not_loaded_is_unknown_and_counted(without: str) -> None:
    for name in ("洪水浸水想定区域", "土砂災害（特別）警戒区域", "居住誘導区域"):
        assert f"{name}は読み込まれていないため、19 か所とも不明" in without
    assert 'data-toggle="zone_' not in without and "区域の外</td>" not in without


def test_list_and_files_say_where_each_stands(sample: TestClient, sites: list[Site]) -> None:
    found = rows(sample.get("/downloads/facility-list.csv").text)
    first, second, third = (found[site.id] for site in sites[:3])
    assert set(first["洪水浸水想定区域"].split("、")) == {"0.5〜3.0m（北上川）", HOSTILE}
    assert (second["洪水浸水想定区域"], third["洪水浸水想定区域"]) == ("区域の外", "区域の外")
    assert first["居住誘導区域"] == second["居住誘導区域"] == "居住誘導区域" != third["居住誘導区域"]
    assert {row["土砂災害（特別）警戒区域"] for row in found.values()} == {"不明"}
    points = {
        f["id"]: f["properties"] for f in sample.get("/downloads/facility-list.geojson").json()["features"]
    }
    assert points[sites[0].id]["flood"] == first["洪水浸水想定区域"]
    assert (
        points[sites[2].id]["landslide"] == "不明" and points[sites[2].id]["residential_zone"] == "区域の外"
    )


def test_the_page_counts_them_and_the_map_can_show_the_layers(sample: TestClient, sites: list[Site]) -> None:
    page = sample.get("/facilities", headers=PAGE).text
    assert "洪水浸水想定区域の中にある施設 1 か所（19 か所のうち）" in page
    assert "居住誘導区域の中にある施設 2 か所" in page
    assert 'data-toggle="zone_flood"' in page and 'data-toggle="zone_residential"' in page
    assert 'data-toggle="zone_landslide"' not in page and HOSTILE not in page
    script = sample.get("/maps/facility-list.js").text
    assert "\\u3088\\u305d" in script and HOSTILE not in script  # よそ, as the map writes it


def test_the_sheet_of_a_facility_says_the_same(sample: TestClient, sites: list[Site]) -> None:
    page = sample.get(f"/facilities/{sites[0].id}", headers=PAGE).text
    assert "災害の区域と居住誘導区域" in page and "0.5〜3.0m（北上川）" in page and HOSTILE not in page
    assert "土砂災害（特別）警戒区域は読み込まれていないため不明です" in page
    other = sample.get(f"/facilities/{sites[2].id}", headers=PAGE).text
    assert "区域の外" in other and "0.5〜3.0m" not in other
