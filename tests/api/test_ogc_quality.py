"""The mark of invented data at /ogc: dated records and the outline of a picture count as much as datasets do."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from starlette.testclient import TestClient

from tests.api import city
from tests.api.conftest import JSON, PAGE
from tests.fixtures_db import DatabaseUrls

BANNER = "banner-sample"


@pytest.fixture
def reader(town: DatabaseUrls, serve: Callable[..., TestClient]) -> TestClient:
    """A town whose facilities are real, whose outline and projects are invented."""
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET search_path = kyodo, public")
        conn.execute("SET session_replication_role = replica")
        conn.execute("UPDATE dataset SET quality = 'sample' WHERE kind = 'outline'")
        conn.execute("UPDATE dataset SET quality = 'real' WHERE kind = 'facilities'")
        city.Builder(conn).row(
            "project", project_id="p1", district_no=1, fiscal_year=2024, title="見本の事業", counts_as_project=True,
            quality="sample",
        )  # fmt: skip
    return serve()


def test_invented_records_are_marked_wherever_they_are_told_of(reader: TestClient) -> None:
    for path in ("/collections/projects", "/collections/projects/items"):
        body = reader.get(f"/ogc{path}", headers=JSON).json()
        assert body["dataset"]["quality"] == "sample", path
    record = reader.get("/ogc/collections/datasets/items/projects", headers=JSON).json()
    assert record["properties"]["quality_label"] == "見本データ（架空）"
    for path in ("", "/items", "/items/p1"):
        page = reader.get(f"/ogc/collections/projects{path}", headers=PAGE).text
        assert BANNER in page, path


def test_an_invented_outline_around_real_features_is_said_to_be_one(reader: TestClient) -> None:
    items = reader.get("/ogc/collections/facilities/items", headers=JSON).json()
    assert items["dataset"]["quality"] == "real", "the features themselves are"
    one = items["features"][0]["id"]
    for path in ("/items", f"/items/{one}"):
        page = reader.get(f"/ogc/collections/facilities{path}", headers=PAGE).text
        assert BANNER in page and "市域の線は見本データ（架空）です。" in page, path
        assert "<dt>データの種類</dt><dd>公表データ</dd>" in page, path
    assert BANNER not in reader.get("/ogc/collections/facilities", headers=PAGE).text
