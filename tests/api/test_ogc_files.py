"""Items of the OGC API as files: every format, every parameter, and nothing for those who may not see it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import psycopg
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from api.auth.sign_in import SignIn
from geodata import accounts
from geodata.database import Audience
from geodata.exports.formats import FORMATS
from kyodo_geo.roles import Role
from tests.api import city
from tests.fixtures_db import DatabaseUrls

PLANE = "http://www.opengis.net/def/crs/EPSG/0/6678"
TEXT = [name for name, item in FORMATS.items() if item.text and not item.collections]
FILES = [name for name, item in FORMATS.items() if not item.text and not item.collections]
EACH = TEXT + FILES
"""Tests of what all binary formats share take one of them: a child of a second each."""


@pytest.fixture(scope="module")
def staff(client: TestClient) -> Callable[[Role], dict[str, str]]:
    """Headers of a member of staff with one role."""
    services = client.app.state.services
    made: dict[Role, dict[str, str]] = {}

    def headers(role: Role) -> dict[str, str]:
        if role not in made:
            with services.database.write(Audience.AUTH) as conn:
                user = accounts.add_user(conn, "03201", f"u-{role.value}", "職員", {role}, by="test")
                token = SignIn(services.database, services.settings)._open(conn, user.user_id, None)
            made[role] = {"cookie": f"kyodo_session={token}"}
        return made[role]

    return headers


def items(client: TestClient, collection: str, name: str, headers: Any = None, **params: Any) -> Any:
    asked = {"f": name, **{key.replace("_", "-"): value for key, value in params.items()}}
    return client.get(f"/ogc/collections/{collection}/items", params=asked, headers=headers)


def frame(body: bytes, name: str, folder: Path) -> gpd.GeoDataFrame:
    path = folder / f"got.{FORMATS[name].ending}"
    path.write_bytes(body)
    if name == "parquet":
        file = pq.ParquetFile(path)
        return gpd.read_parquet(path) if b"geo" in file.metadata.metadata else file.read().to_pandas()
    if name == "csv":
        return gpd.read_file(
            path, X_POSSIBLE_NAMES="lon,easting", Y_POSSIBLE_NAMES="lat,northing", GEOM_POSSIBLE_NAMES="WKT"
        )
    return gpd.read_file(path)


@pytest.mark.parametrize("name", EACH)
def test_every_format_holds_the_rows_of_the_page(client: TestClient, tmp_path: Path, name: str) -> None:
    answer = items(client, "districts", name)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == FORMATS[name].media_type
    wanted = 'attachment; filename="03201_districts_g1_'
    assert answer.headers["content-disposition"].startswith(wanted)
    assert name in TEXT or int(answer.headers["content-length"]) == len(answer.content) > 500
    found = frame(answer.content, name, tmp_path)
    page = client.get("/ogc/collections/districts/items?f=json").json()
    assert len(found) == page["numberMatched"] == 4
    assert sorted(map(int, found["no"])) == [1, 2, 3, 4]
    assert [float(value) for value in found["area_m2"].astype(float).sort_values()] == pytest.approx(
        sorted(item["properties"]["area_m2"] for item in page["features"])
    )
    assert found.total_bounds.tolist() == pytest.approx([141.10, 39.70, 141.14, 39.71], abs=1e-6)


@pytest.mark.parametrize("name", EACH)
def test_box_order_limit_and_choice_of_properties_hold(client: TestClient, tmp_path: Path, name: str) -> None:
    answer = items(
        client, "districts", name, bbox="141.115,39.701,141.135,39.702", sortby="-no", properties="no,name",
        limit=2, offset=1,
    )  # fmt: skip
    found = frame(answer.content, name, tmp_path)
    assert sorted(map(int, found["no"])) == [2, 3]
    if name != "fgb":  # FlatGeobuf has the order of its index
        assert list(map(int, found["no"])) == [3, 2]
    assert "area_m2" not in found.columns


@pytest.mark.parametrize("name", [*TEXT, "gpkg"])
def test_equal_values_and_days_hold(client: TestClient, tmp_path: Path, name: str) -> None:
    found = frame(items(client, "associations", name, kind="association").content, name, tmp_path)
    assert len(found) == 8
    before = items(client, "associations", name, datetime="1990-01-01")
    assert before.status_code == 200
    assert b"1-1" not in before.content


@pytest.mark.parametrize("name", [*TEXT, "parquet"])
def test_a_filter_holds_in_the_stream_and_in_the_child(client: TestClient, tmp_path: Path, name: str) -> None:
    asked = "no >= 2 AND S_INTERSECTS(geometry, POINT(141.125 39.705))"
    found = frame(items(client, "districts", name, filter=asked).content, name, tmp_path)
    assert list(map(int, found["no"])) == [3]
    plane = "S_INTERSECTS(geometry, BBOX(-32000, 25000, -31500, 35000))"
    answer = items(client, "districts", name, filter=plane, **{"filter-crs": PLANE})
    page = items(client, "districts", "json", filter=plane, **{"filter-crs": PLANE}).json()
    assert answer.status_code == 200
    assert page["numberMatched"] == 0 or len(frame(answer.content, name, tmp_path)) == page["numberMatched"]
    assert items(client, "districts", name, filter="no >= ").status_code == 400


@pytest.mark.parametrize("name", ["csv", "gpkg"])
def test_the_plane_system_is_that_of_the_file(client: TestClient, tmp_path: Path, name: str) -> None:
    found = frame(items(client, "towns", name, crs=PLANE).content, name, tmp_path)
    lonlat = frame(items(client, "towns", name).content, name, tmp_path)
    if name == "csv":
        assert "easting" in found.columns
        found, lonlat = found.set_crs(6678), lonlat.set_crs(4326)
    assert found.crs.to_epsg() == 6678
    moved = lonlat.to_crs(6678).set_index("town_id").geometry
    for town, point in found.set_index("town_id").geometry.items():
        assert point.distance(moved[town]) < 0.2


def test_jgd2011_is_named_in_the_file(client: TestClient, tmp_path: Path) -> None:
    crs = "http://www.opengis.net/def/crs/EPSG/0/6668"
    found = frame(items(client, "towns", "gpkg", crs=crs).content, "gpkg", tmp_path)
    assert found.crs.to_epsg() == 6668
    assert found.geometry.x.min() > 141


def test_a_sequence_has_the_order_of_axes_of_its_system_and_says_so(client: TestClient) -> None:
    answer = items(client, "towns", "geojsonseq", crs=PLANE, limit=1)
    assert answer.headers["content-crs"] == f"<{PLANE}>"
    page = client.get("/ogc/collections/towns/items", params={"f": "json", "crs": PLANE, "limit": 1}).json()
    assert json.loads(answer.content[1:])["geometry"] == page["features"][0]["geometry"]


@pytest.mark.parametrize("name", ["geojson", "kml"])
def test_formats_of_lon_and_lat_refuse_others(client: TestClient, name: str) -> None:
    answer = items(client, "towns", name, crs=PLANE)
    assert answer.status_code == 400
    assert answer.json()["field"] == "crs"


@pytest.mark.parametrize("name", [*TEXT, "fgb", "parquet"])
def test_records_without_a_place_are_tables(client: TestClient, tmp_path: Path, name: str) -> None:
    answer = items(client, "association-contacts", name)
    assert answer.status_code == 200
    count = client.get("/ogc/collections/association-contacts/items?f=json").json()["numberMatched"]
    assert len(frame(answer.content, name, tmp_path)) == count == 1


@pytest.mark.parametrize("name", [*TEXT, "gpkg"])
def test_accept_chooses_the_format_too(client: TestClient, name: str) -> None:
    if name == "geojson":
        return  # application/geo+json is the page
    media = FORMATS[name].media_type.partition(";")[0]
    answer = client.get("/ogc/collections/outline/items", headers={"accept": media})
    assert answer.headers["content-type"] == FORMATS[name].media_type


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("csv", {"limit": "x"}), ("csv", {"unknown": "1"}), ("gpkg", {"csv-bom": "true"}), ("csv", {"csv-shape": "x"}),
        ("gpkg", {"bbox": "1,2,3"}), ("gpkg", {"sortby": "geom"}), ("csv", {"cursor": "abc"}), ("xlsx", {}),
        ("parquet", {"properties": "secret"}), ("fgb", {"crs": "EPSG:1"}),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_refused(client: TestClient, name: str, params: dict[str, str]) -> None:
    answer = client.get("/ogc/collections/districts/items", params={"f": name, **params})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_csv_choices_reach_the_file(client: TestClient) -> None:
    answer = items(client, "towns", "csv", csv_bom="false", csv_shape="wkt", csv_heading="title")
    assert answer.content.startswith("町・字の番号,".encode())
    assert b"POINT (141.105 39.705)" in answer.content


def test_the_public_file_has_a_tag_of_its_question(client: TestClient) -> None:
    first = items(client, "districts", "csv")
    assert first.headers["cache-control"] == "public, no-cache"
    again = items(client, "districts", "csv", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304 and not again.content
    assert items(client, "districts", "csv", limit=1).headers["etag"] != first.headers["etag"]
    assert items(client, "districts", "kml").headers["etag"] != first.headers["etag"]


def test_the_collection_links_to_every_format(client: TestClient) -> None:
    links = client.get("/ogc/collections/districts?f=json").json()["links"]
    types = {link["type"] for link in links if link["rel"] == "items"}
    assert {FORMATS[name].media_type for name in EACH} <= types


def words_in(body: bytes, name: str) -> str:
    """All text of a file, compressed columns included."""
    if name == "parquet":
        return str(pq.read_table(io.BytesIO(body)).to_pydict())
    return body.decode("utf-8", "replace")


@pytest.mark.parametrize("name", EACH)
def test_vacant_houses_are_for_those_who_may_see_them(
    client: TestClient, staff: Callable[[Role], dict[str, str]], shared_town: DatabaseUrls, name: str
) -> None:
    for headers in (None, staff(Role.CENTRE_STAFF)):
        answer = items(client, "vacant-houses", name, headers)
        assert answer.status_code == 404
    answer = items(client, "vacant-houses", name, staff(Role.PLANNER))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store" and "etag" not in answer.headers
    assert city.SECRET_ADDRESS in words_in(answer.content, name)
    with psycopg.connect(shared_town.superuser) as conn:
        actor, details = conn.execute(
            "SELECT actor, details FROM kyodo.audit WHERE action = 'vacant-houses.view' ORDER BY entry_no DESC LIMIT 1"
        ).fetchone()
    assert actor == "u-planner" and details["rows"] == 1


@pytest.mark.parametrize("name", [*TEXT, "parquet"])
def test_hidden_rows_and_columns_are_in_no_public_file(
    client: TestClient, staff: Callable[[Role], dict[str, str]], name: str
) -> None:
    contacts = words_in(items(client, "association-contacts", name).content, name)
    assert "019-000-1111" in contacts and "019-999-9999" not in contacts and "published" not in contacts
    whole = words_in(items(client, "association-contacts", name, staff(Role.PLANNER)).content, name)
    assert "019-999-9999" in whole and "published" in whole
    associations = words_in(items(client, "associations", name).content, name)
    assert "member_households" not in associations
    assert "member_households" in words_in(
        items(client, "associations", name, staff(Role.PLANNER)).content, name
    )


def test_a_reader_is_told_when_the_child_fails(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.exports.process.MAX_FILE", 1)
    monkeypatch.setattr(
        "api.exports.process.file_of.__kwdefaults__", {"timeout_s": 60.0, "memory": 3 << 30, "largest": 100}
    )
    answer = items(client, "districts", "gpkg")
    assert answer.status_code == 503
    assert "ファイルを作れませんでした" in answer.json()["detail"]


def test_a_row_without_a_shape_gets_into_flatgeobuf_too(
    serve: Callable[..., TestClient], town: DatabaseUrls, tmp_path: Path
) -> None:
    """The index cannot hold it: the rows are read a second time, from a cursor of the same name."""
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET search_path = kyodo, public")
        conn.execute("SET session_replication_role = replica")
        conn.execute("UPDATE association_area SET geom = NULL WHERE association_id = 'a31'")
    found = frame(items(serve(), "associations", "fgb").content, "fgb", tmp_path)
    assert len(found) == 8
    assert found.set_index("association_id").geometry["a31"] is None


@pytest.fixture
def few_places(client: TestClient) -> Iterator[Any]:
    """All places for streams are taken."""
    limiter = client.app.state.services.stream_limiter
    holders = [object() for _ in range(int(limiter.total_tokens))]
    for holder in holders:
        client.portal.call(limiter.acquire_on_behalf_of, holder)
    yield
    for holder in holders:
        client.portal.call(limiter.release_on_behalf_of, holder)


def test_more_streams_than_places_are_asked_to_wait(
    client: TestClient, few_places: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.exports.answer.WAIT_S", 0.05)
    answer = items(client, "districts", "csv")
    assert answer.status_code == 503 and "retry-after" in answer.headers
    assert client.get("/ogc/collections/districts/items?f=json").status_code == 200


def test_every_place_is_given_back(client: TestClient) -> None:
    services = client.app.state.services
    for name in ("csv", "gpkg"):
        items(client, "districts", name)
    for limiter in (services.stream_limiter, services.export_limiter, services.limiter):
        assert limiter.borrowed_tokens == 0
