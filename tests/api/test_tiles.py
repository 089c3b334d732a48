"""Vector tiles: what is in them, who sees it, how long it may be kept, and that nothing stale is ever sent."""

from __future__ import annotations

import asyncio
import gzip
import json
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from starlette.testclient import TestClient

from api.tiles.store import MVT
from geodata.features.tile_layers import TILE_LAYERS
from geodata.generations import activate
from geodata.statements import Statements
from kyodo_geo.collections import COLLECTIONS
from tests.api import city, signing
from tests.api.test_live import SEEN_WITHIN_S, other_process, renamed_associations, within
from tests.api.tile_reading import SET, decoded, features, path, place, unit
from tests.fixtures_db import DatabaseUrls

Serve = Callable[..., TestClient]
MIDDLE = (141.105, 39.705)
"""In the middle of district 1."""
DISTRICTS = path("districts", *MIDDLE, 14)


# -- what is in a tile ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zoom", [12, 14, 16])
def test_a_shape_is_where_it_is_in_the_data(client: TestClient, zoom: int) -> None:
    """Corners of district 1 (141.10–141.11, 39.70–39.71) that lie in the tile, to the unit."""
    (one,) = (f for f in features(client, path("districts", *MIDDLE, zoom)) if f["properties"]["no"] == 1)
    found = {tuple(corner) for ring in one["geometry"]["coordinates"] for corner in ring}
    for lon in (141.10, 141.11):
        for lat in (39.70, 39.71):
            if place(lon, lat, zoom) == place(*MIDDLE, zoom):
                x, y = unit(lon, lat, zoom)
                assert any(abs(x - a) <= 1 and abs(y - b) <= 1 for a, b in found), (lon, lat)


def test_a_shape_ends_a_little_beyond_the_edge(client: TestClient) -> None:
    corners = [
        corner
        for feature in features(client, path("outline", *MIDDLE, 16))
        for ring in feature["geometry"]["coordinates"]
        for corner in ring
    ]
    assert {max(x for x, _ in corners), min(x for x, _ in corners)} == {4096 + 64, -64}


def test_whole_numbers_are_the_features_ids(client: TestClient) -> None:
    found = features(client, DISTRICTS)
    assert sorted(f["id"] for f in found) == sorted(f["properties"]["no"] for f in found)
    assert 1 in [f["id"] for f in found]


@pytest.mark.parametrize("layer", TILE_LAYERS)
def test_a_layer_has_only_properties_everybody_may_read_who_reads_it(layer: str) -> None:
    collection = COLLECTIONS[layer]
    known = {p.name: p for p in collection.properties}
    assert set(TILE_LAYERS[layer].columns) <= set(known)
    assert all(known[name].readers is None for name in TILE_LAYERS[layer].columns)


def test_nothing_secret_is_in_any_tile(client: TestClient) -> None:
    """Every layer, all tiles of one zoom, against what is planted in the town."""
    layers = client.get(f"/ogc/tiles/{SET}").json()["layers"]
    names = ",".join(layer["id"] for layer in layers)
    body = client.get(f"/ogc/tiles/{SET}/{place(*MIDDLE, 12)}?collections={names}").content
    text = body.decode("utf-8", "replace")
    assert "1-1町内会" in text
    for secret in (city.SECRET_ADDRESS, "019-999-9999", "非公開", "member_households", "vacant"):
        assert secret not in text


@pytest.mark.parametrize(
    "layer", ["vacant-houses", "memberships", "association-contacts", "halls", "no-such"]
)
def test_a_layer_that_is_not_for_everybody_does_not_exist(client: TestClient, layer: str) -> None:
    for address in (
        path(layer, *MIDDLE, 14),
        f"/ogc/collections/{layer}/tiles",
        f"/ogc/collections/{layer}/tiles/{SET}",
    ):
        assert client.get(address).status_code == 404
    assert client.get(f"/ogc/tiles/{SET}/{place(*MIDDLE, 14)}?collections=outline,{layer}").status_code == 400


def test_staff_see_the_halls_and_nobody_stores_them(serve: Serve, town: DatabaseUrls) -> None:
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET search_path = kyodo, public")
        builder = city.Builder(conn)
        builder.dataset("halls", "sample")
        builder.row(
            "hall", dataset_id=builder.ids["halls"], hall_id="h1", name="試験公民館", geom=city.point(*MIDDLE)
        )
        conn.execute(
            "INSERT INTO generation_dataset SELECT municipality_code, generation_no, 'halls', %s FROM generation",
            (builder.ids["halls"],),
        )
    client = serve()
    assert client.get(path("halls", *MIDDLE, 14)).status_code == 404
    assert "halls" not in client.get(f"/ogc/tiles/{SET}").text
    signing.become_admin(client)
    answer = client.get(path("halls", *MIDDLE, 14))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")
    assert [f["properties"]["name"] for f in decoded(answer.content)["halls"]["features"]] == ["試験公民館"]


def test_several_layers_stand_in_the_order_asked_for(client: TestClient) -> None:
    body = client.get(f"/ogc/tiles/{SET}/{place(*MIDDLE, 14)}?collections=towns,outline,districts").content
    assert list(decoded(body)) == ["towns", "outline", "districts"]


def test_facilities_are_those_of_the_day(serve: Serve, town: DatabaseUrls) -> None:
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET session_replication_role = replica")
        (day,) = conn.execute(
            "UPDATE kyodo.facility_site SET opened_on = current_date - 100 RETURNING opened_on"
        ).fetchone()
        (lon, lat) = conn.execute("SELECT ST_X(geom), ST_Y(geom) FROM kyodo.facility_site LIMIT 1").fetchone()
    address = path("facilities", lon, lat, 14)
    client = serve()
    assert len(features(client, address)) >= 1
    before = day.fromordinal(day.toordinal() - 1)
    assert features(client, f"{address}?datetime={before}") == []


def test_gdal_reads_a_tile(client: TestClient, tmp_path: Path) -> None:
    file = tmp_path / "tile.mvt"
    file.write_bytes(client.get(path("districts", *MIDDLE, 12)).content)
    zoom, row, col = place(*MIDDLE, 12).split("/")
    where = [word for pair in (f"X={col}", f"Y={row}", f"Z={zoom}") for word in ("-oo", pair)]
    command = ["ogr2ogr", "-f", "GeoJSON", "/vsistdout/", f"MVT:{file}", *where, "-t_srs", "EPSG:4326"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    read = json.loads(done.stdout)["features"]
    one = next(f for f in read if f["properties"]["no"] == 1)
    corners = [corner for polygon in _polygons(one["geometry"]) for ring in polygon for corner in ring]
    assert min(x for x, _ in corners) == pytest.approx(141.10, abs=1e-4)
    assert min(y for _, y in corners) == pytest.approx(39.70, abs=1e-4)


def _polygons(geometry: dict) -> list:
    found = geometry["coordinates"]
    return found if geometry["type"] == "MultiPolygon" else [found]


# -- statuses ------------------------------------------------------------------------------------------------------


def test_an_empty_tile_is_204(client: TestClient) -> None:
    """Towns are four points in a row: between two of them there is nothing."""
    answer = client.get(path("towns", 141.11, 39.705, 18))
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["etag"]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (path("districts", 140.0, 39.0, 14), 404),
        (f"/ogc/collections/districts/tiles/{SET}/19/0/0", 404),
        (f"/ogc/collections/districts/tiles/{SET}/3/8/0", 404),
        (f"/ogc/collections/districts/tiles/{SET}/3/0/8", 404),
        (f"/ogc/collections/districts/tiles/{SET}/3/-1/0", 404),
        (f"/ogc/collections/districts/tiles/{SET}/3/99999999999/0", 404),
        (f"/ogc/collections/districts/tiles/{SET}/a/0/0", 400),
        (f"/ogc/collections/districts/tiles/{SET}/3/1.0/0", 400),
        (f"/ogc/collections/districts/tiles/{SET}/03/1/0", 400),
        (f"/ogc/collections/districts/tiles/{SET}/３/1/0", 400),
        ("/ogc/collections/districts/tiles/NoSuchQuad/3/1/0", 404),
        ("/ogc/collections/districts/tiles/NoSuchQuad", 404),
        ("/ogc/tileMatrixSets/NoSuchQuad", 404),
        (f"{DISTRICTS}?nosuch=1", 400),
        (f"{DISTRICTS}?f=png", 400),
        (f"{DISTRICTS}?f=mvt&f=mvt", 400),
        (f"{DISTRICTS}?v=%27", 400),
        (f"{DISTRICTS}?datetime=yesterday", 400),
        (f"{DISTRICTS}?datetime=2200-01-01&as_of=2200-01-01", 400),
        (f"{DISTRICTS}?subset=Lat(1:2)", 400),
        (f"{DISTRICTS}?datetime=1999-01-01", 404),
        (f"{DISTRICTS}?municipality=99999", 404),
        (f"/ogc/tiles/{SET}/{place(*MIDDLE, 14)}?collections=", 400),
        (f"/ogc/tiles/{SET}/{place(*MIDDLE, 14)}?collections=districts,districts", 400),
        (f"/ogc/tiles/{SET}?collections=no-such", 400),
    ],
)
def test_what_cannot_be_is_refused(client: TestClient, address: str, status: int) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_another_media_type_is_406(client: TestClient) -> None:
    assert client.get(DISTRICTS, headers={"accept": "image/png"}).status_code == 406
    assert client.get(DISTRICTS, headers={"accept": MVT}).status_code == 200


@pytest.mark.parametrize(
    "day",
    [
        "datetime=2200-01-01",
        "as_of=2200-01-01",
        "datetime=../2200-01-01",
        'subset=datetime("2200-01-01")',
        'subset=datetime("2026-01-01":"2200-01-01")',
    ],
)
def test_a_day_is_asked_for_in_each_way(client: TestClient, day: str) -> None:
    assert client.get(f"{DISTRICTS}?{day}").content == client.get(DISTRICTS).content


# -- keeping -------------------------------------------------------------------------------------------------------


def test_a_tile_is_kept_and_asked_about(client: TestClient) -> None:
    answer = client.get(DISTRICTS)
    assert answer.headers["content-type"] == MVT
    assert answer.headers["cache-control"] == "public, no-cache"
    again = client.get(DISTRICTS, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", answer.headers["etag"])


def test_a_large_tile_travels_compressed_with_a_tag_of_its_own(client: TestClient, monkeypatch) -> None:
    monkeypatch.setattr("api.tiles.store.COMPRESS_FROM", 10)
    address = path("associations", *MIDDLE, 13)
    plain = client.get(address, headers={"accept-encoding": "identity"})
    with client.stream("GET", address, headers={"accept-encoding": "gzip"}) as packed:
        raw = b"".join(packed.iter_raw())
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]


def version_of(client: TestClient, layer: str = "associations") -> str:
    """Version in the addresses of TileJSON."""
    (address,) = client.get(f"/ogc/collections/{layer}/tiles/{SET}?f=tilejson").json()["tiles"]
    return address.rpartition("v=")[2]


def test_at_the_address_of_its_version_it_holds_for_good(client: TestClient) -> None:
    address = path("associations", *MIDDLE, 14)
    kept = client.get(f"{address}?f=mvt&v={version_of(client)}")
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    other = client.get(f"{address}?f=mvt&v=1-000000000000")
    assert (other.status_code, other.headers["cache-control"]) == (200, "public, no-cache")
    assert other.content == kept.content


def test_a_collection_without_tiles_has_none_of_any_version(client: TestClient) -> None:
    answer = client.get(f"{path('projects', *MIDDLE, 14)}?v=1-000000000000")
    assert answer.status_code == 404


def test_the_version_of_several_layers_is_known_without_asking_the_database(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    (address,) = client.get(f"/ogc/tiles/{SET}?f=tilejson&collections=districts,outline").json()["tiles"]
    zoom, row, col = place(*MIDDLE, 14).split("/")
    tile = address.replace("{z}", zoom).replace("{y}", row).replace("{x}", col)
    client.get(DISTRICTS)  # what is active is known now
    tiles, asked = client.app.state.services.tiles, []
    resolved = tiles._resolved
    monkeypatch.setattr(tiles, "_resolved", lambda *args: asked.append(args) or resolved(*args))
    held = client.get(tile)
    assert held.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asked == []


def names_in(client: TestClient, query: str = "") -> set[str]:
    return {f["properties"]["name"] for f in features(client, path("associations", *MIDDLE, 14) + query)}


def test_an_activation_is_seen_by_every_process_and_nothing_stale_after(
    serve: Serve, town: DatabaseUrls
) -> None:
    """Two applications of their own, each with the tile in memory; one activation elsewhere."""
    workers = [serve(), serve()]
    old = version_of(workers[0])
    before = [client.get(path("associations", *MIDDLE, 14)) for client in workers]
    assert before[0].headers["etag"] == before[1].headers["etag"], "equal in all workers"
    dataset = renamed_associations(town, "新しい町内会")
    with other_process(town) as database:
        activate(database, city.CODE, [dataset], by="test")
    for client in workers:
        assert within(SEEN_WITHIN_S, lambda client=client: names_in(client) == {"新しい町内会"})
        held = {"if-none-match": before[0].headers["etag"]}
        assert client.get(path("associations", *MIDDLE, 14), headers=held).status_code == 200
        assert names_in(client, f"?f=mvt&v={old}") == {"新しい町内会"}
        late = client.get(path("associations", *MIDDLE, 14) + f"?f=mvt&v={old}")
        assert late.headers["cache-control"] == "public, no-cache"
        assert version_of(client) != old
    past = f"?as_of={_yesterday(town)}"
    assert "1-1町内会" in names_in(workers[0], past)


def _yesterday(town: DatabaseUrls) -> str:
    with psycopg.connect(town.superuser) as conn:
        (day,) = conn.execute("SELECT (now() AT TIME ZONE 'Asia/Tokyo')::date - 1").fetchone()
    return day.isoformat()


def test_a_new_version_is_served_although_the_notice_has_not_come(
    serve: Serve, town: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One process tells of the version; the next request goes to another, which hears nothing."""
    client = serve(tile_cache_mb=24)
    names_in(client)
    services = client.app.state.services
    deaf = services.live.revision(city.CODE)
    monkeypatch.setattr(type(services.live), "revision", lambda self, code: deaf)
    dataset = renamed_associations(town, "新しい町内会")
    with other_process(town) as database:
        activate(database, city.CODE, [dataset], by="test")
    assert names_in(client, "?f=mvt&v=2-000000000000") == {"新しい町内会"}


def test_a_change_of_other_data_throws_no_tile_away(
    serve: Serve, town: DatabaseUrls, made: list[str]
) -> None:
    client = serve()
    names_in(client)
    revision = client.app.state.services.live.revision(city.CODE)
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.association_contact SET phone = '019-000-2222' WHERE contact_no = 1")
    assert within(SEEN_WITHIN_S, lambda: client.app.state.services.live.revision(city.CODE) != revision)
    names_in(client)
    assert made == ["associations"]


# -- work is bounded -----------------------------------------------------------------------------------------------


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the statements that were run."""
    found: list[str] = []
    value = Statements.value

    async def watched(self, name, params):
        found.append(name)
        await asyncio.sleep(0.05)
        return await value(self, name, params)

    monkeypatch.setattr(Statements, "value", watched)
    return found


def test_many_who_ask_at_once_share_one_making(client: TestClient, made: list[str]) -> None:
    address = path("associations", *MIDDLE, 17)
    client.get(path("associations", *MIDDLE, 16))
    made.clear()
    answers: list[bytes] = []
    threads = [threading.Thread(target=lambda: answers.append(client.get(address).content)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == ["associations"]
    assert len(set(answers)) == 1


def test_without_memory_each_tile_is_made_anew(serve: Serve, made: list[str]) -> None:
    client = serve(tile_cache_mb=0)
    assert names_in(client) == names_in(client)
    assert made == ["associations"] * 2


def test_a_statement_that_takes_too_long_is_given_up(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    client = serve()
    statements = client.app.state.services.tiles._statements
    monkeypatch.setattr(statements, "_timeout_ms", 50)
    slow = "SELECT NULL::bytea FROM pg_sleep(5), (VALUES ($1::text, $2::int, $3::int, $4::int, $5::int)) v"
    monkeypatch.setitem(statements._texts, "districts", slow)
    answer = client.get(DISTRICTS)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert features(client, path("outline", *MIDDLE, 14)), "and nothing is broken by it"


def test_a_cut_connection_is_mended(serve: Serve, town: DatabaseUrls) -> None:
    client = serve(tile_cache_mb=0)
    names_in(client)
    with psycopg.connect(town.superuser, autocommit=True) as conn:
        cut = conn.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE application_name = 'kyodo-geo-statements' AND datname = current_database()"
        ).fetchone()
    assert cut[0] >= 1
    assert names_in(client)


def test_the_connections_of_tiles_can_neither_write_nor_read_more(serve: Serve, town: DatabaseUrls) -> None:
    conn = serve().app.state.services.tiles._statements._connect()
    assert conn.execute("SELECT current_user").fetchone() == ("kyodo_public",)
    for statement in (
        "SELECT 1 FROM kyodo_vacant.vacant_house",
        "SELECT 1 FROM hall",
        "DELETE FROM association_area",
    ):
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
            conn.execute(statement)
    conn.close()
