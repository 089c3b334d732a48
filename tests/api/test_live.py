"""Changes made elsewhere are seen at once; the database may come late or go away for a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from geodata.cluster import Cluster
from geodata.database import Audience, Database
from geodata.generations import activate
from geodata.partner_keys import issue, revoke
from tests.api import city
from tests.api.conftest import HOST, client_of
from tests.fixtures_db import DatabaseUrls

Serve = Callable[..., TestClient]
SEEN_WITHIN_S = 1.0


def within(seconds: float, check: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if check():
            return True
        time.sleep(0.02)
    return check()


@contextmanager
def other_process(town: DatabaseUrls) -> Iterator[Database]:
    """A database handle that shares nothing with the application."""
    database = Database(town.app, max_size=2)
    try:
        yield database
    finally:
        database.close()


def renamed_associations(town: DatabaseUrls, name: str) -> int:
    """Load (not activate) a dataset in which every association has another name."""
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET search_path = kyodo, public")
        builder = city.Builder(conn)
        new = builder.dataset("associations", "sample")
        conn.execute(
            "INSERT INTO association_area (municipality_code, dataset_id, association_id, name, kind, geom) "
            "SELECT municipality_code, %s, association_id, %s, kind, geom FROM association_area "
            "WHERE municipality_code = %s AND dataset_id <> %s",
            (new, name, city.CODE, new),
        )
        return new


def name_found(client: TestClient) -> str:
    return client.post("/api/v1/lookup", json={"lon": 141.105, "lat": 39.702}).json()["associations"][0][
        "name"
    ]


def test_an_activation_elsewhere_changes_lookup_and_pages(serve: Serve, town: DatabaseUrls) -> None:
    client = serve()
    before = client.get("/api/v1/associations")
    assert name_found(client) == "1-1町内会"
    dataset = renamed_associations(town, "新しい町内会")
    assert client.get("/api/v1/associations").content == before.content, "loaded is not active"
    with other_process(town) as database:
        activate(database, city.CODE, [dataset], by="test")
    assert within(SEEN_WITHIN_S, lambda: name_found(client) == "新しい町内会")
    after = client.get("/api/v1/associations", headers={"if-none-match": before.headers["etag"]})
    assert after.status_code == 200
    assert "新しい町内会" in after.text
    page = client.post("/lookup", data={"lon": "141.105", "lat": "39.702"}, headers={"accept": "text/html"})
    assert "新しい町内会" in page.text


def test_a_dated_record_makes_new_pages(serve: Serve, town: DatabaseUrls) -> None:
    client = serve()
    before = client.get("/api/v1/indicators")
    with psycopg.connect(town.superuser) as conn:
        conn.execute(
            "INSERT INTO kyodo.indicator_value (municipality_code, plan_id, indicator_id, fiscal_year, value) "
            "VALUES ('03201', 'r3-r7', 'rate', 2020, 87)"
        )
    assert within(
        SEEN_WITHIN_S, lambda: len(client.get("/api/v1/indicators").json()["indicators"][0]["values"]) == 2
    )
    assert client.get("/api/v1/indicators").headers["etag"] != before.headers["etag"]


def test_the_index_is_built_anew_only_for_what_it_is_built_from(serve: Serve, town: DatabaseUrls) -> None:
    """Building takes the interpreter for tenths of a second: an edit of a plan must not make lookups wait for it."""
    live = serve().app.state.services.live

    def after(change: str) -> bool:
        """Whether the change, once seen, has brought another index."""
        before = live.ready(city.CODE)
        with psycopg.connect(town.superuser) as conn:
            conn.execute("SET search_path = kyodo, public")
            conn.execute(change)
        assert within(5, lambda: live.ready(city.CODE).revision > before.revision)
        return live.ready(city.CODE).index is not before.index

    value = (
        "INSERT INTO indicator_value (municipality_code, plan_id, indicator_id, fiscal_year, value) VALUES "
    )
    assert not after(f"{value} ('03201', 'r3-r7', 'rate', 2020, 87)")
    contact = (
        "INSERT INTO association_contact (municipality_code, association_id, contact_no, role, phone, published) "
        "SELECT '03201', min(association_id), {}, 'office', '019-000-0000', {} FROM association_area"
    )
    assert not after(contact.format(91, False)), "nobody outside sees it"
    assert after(contact.format(92, True))
    assert after("UPDATE association_contact SET phone = '019-000-0001' WHERE contact_no = 92")
    assert after("DELETE FROM association_contact WHERE contact_no = 92")
    assert after("UPDATE municipality SET contact_phone = '019-000-0002' WHERE municipality_code = '03201'")
    assert not after(f"{value} ('03201', 'r3-r7', 'rate', 2021, 88)")


def test_another_municipalitys_change_leaves_our_answers_alone(serve: Serve, town: DatabaseUrls) -> None:
    client = serve()
    before = client.get("/api/v1/districts").headers["etag"]
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET search_path = kyodo, public")
        conn.execute("INSERT INTO municipality VALUES ('22212', '焼津市', '静岡県', 6676)")
        other = city.Builder(conn, "22212")
        other.dataset("outline", "real")
        other.activate()
    assert within(
        SEEN_WITHIN_S, lambda: client.get("/api/v1/districts?municipality=22212").status_code == 200
    )
    assert client.get("/api/v1/districts?municipality=22212").json()["features"] == []
    assert client.get("/api/v1/districts").headers["etag"] == before
    found = client.post("/api/v1/lookup", json={"lon": 1, "lat": 1, "municipality": "22212"}).json()
    assert found["outcome"] == "outside_city"


def test_as_of_reads_the_generation_of_that_day(serve: Serve, town: DatabaseUrls) -> None:
    client = serve()
    with other_process(town) as database:
        activate(database, city.CODE, [renamed_associations(town, "新しい町内会")], by="test")
    assert within(SEEN_WITHIN_S, lambda: "新しい町内会" in client.get("/api/v1/associations").text)
    with psycopg.connect(town.superuser) as conn:
        row = conn.execute("SELECT (now() - interval '100 days')::date").fetchone()
    assert row is not None
    then = client.get("/api/v1/associations", params={"as_of": row[0].isoformat()})
    assert "1-1町内会" in then.text
    assert "新しい町内会" not in then.text


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def test_a_partners_key_works_until_it_is_revoked(serve: Serve, town: DatabaseUrls) -> None:
    client = serve()
    question = {"address": "試験町一丁目5番1号"}
    with other_process(town) as database:
        with database.write(Audience.AUTH) as conn:
            key_id, key = issue(conn, city.CODE, "試験", by="test")
        assert client.post("/api/v1/lookup", json=question, headers=bearer(key)).status_code == 200
        with database.write(Audience.AUTH) as conn:
            revoke(conn, city.CODE, key_id, by="test")
    refused = lambda: client.post("/api/v1/lookup", json=question, headers=bearer(key)).status_code == 401  # noqa: E731
    assert within(SEEN_WITHIN_S, refused)
    answer = client.get("/api/v1/districts", headers=bearer(key))
    assert answer.status_code == 401, "its holder has to learn of it, even where no key is needed"
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_key_ends_on_its_day(serve: Serve, town: DatabaseUrls) -> None:
    client = serve()
    with other_process(town) as database, database.write(Audience.AUTH) as conn:
        _, key = issue(conn, city.CODE, "試験", by="test")
    assert client.get("/api/v1/districts", headers=bearer(key)).status_code == 200
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.partner_key SET expires_at = now() + interval '300 ms'")
    assert within(
        SEEN_WITHIN_S + 0.5, lambda: client.get("/api/v1/districts", headers=bearer(key)).status_code == 401
    )


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer x", "Basic eDp5", "kg_0", "Bearer kg_000000000000_" + "A" * 43, "Bearer \xe3"],
)
def test_keys_that_are_none(serve: Serve, header: str) -> None:
    answer = serve().get("/api/v1/districts", headers={"authorization": header.encode("latin-1")})
    assert answer.status_code == 401


def test_a_key_opens_no_vacant_house(serve: Serve, town: DatabaseUrls) -> None:
    client = serve()
    with other_process(town) as database, database.write(Audience.AUTH) as conn:
        _, key = issue(conn, city.CODE, "試験", by="test")
    assert client.get("/api/v1/vacant-houses", headers=bearer(key)).status_code == 403
    assert client.get("/account", headers=bearer(key)).status_code == 401, "an account is a person's"


def test_keys_are_stored_hashed(town: DatabaseUrls) -> None:
    with other_process(town) as database, database.write(Audience.AUTH) as conn:
        _, key = issue(conn, city.CODE, "試験", by="test")
    with psycopg.connect(town.superuser) as conn:
        text = str(conn.execute("SELECT array_agg(k::text) FROM kyodo.partner_key k").fetchone())
    assert key not in text
    assert key.rpartition("_")[2] not in text


def test_it_starts_before_the_database_and_recovers(cluster: Cluster, city_template: DatabaseUrls) -> None:
    name = "late_" + city_template.name
    app = create_app(Settings(database_url=cluster.url("kyodo_app", name), database_pool_size=2))
    with TestClient(app, base_url=HOST) as client:
        assert client.get("/healthz").status_code == 200
        not_yet = client.get("/readyz")
        assert not_yet.status_code == 503
        assert not_yet.json()["reasons"]
        assert client.get("/", headers={"accept": "text/html"}).status_code == 503
        with psycopg.connect(cluster.url("postgres", "postgres"), autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name} OWNER kyodo_owner TEMPLATE {city_template.name}")
            try:
                assert within(20, lambda: client.get("/readyz").status_code == 200), client.get(
                    "/readyz"
                ).text
                assert client.get("/api/v1/districts").status_code == 200
            finally:
                admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_an_empty_database_is_not_ready(database: DatabaseUrls, settings_for) -> None:
    with TestClient(create_app(settings_for(database)), base_url=HOST) as client:
        assert within(3, lambda: "登録されていません" in client.get("/readyz").text)
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert client.get("/api/v1/districts").status_code == 503, "not loaded yet is no fault of the visitor"
        assert client.get("/about", headers={"accept": "text/html"}).status_code == 503
        assert client.get("/api/v1/districts?municipality=99999").status_code == 404


def test_a_cut_connection_is_mended_and_nothing_missed(town: DatabaseUrls, settings_for) -> None:
    with client_of(create_app(settings_for(town), poll_s=1.0)) as client:
        assert name_found(client) == "1-1町内会"
        dataset = renamed_associations(town, "切れた間の町内会")
        with psycopg.connect(town.superuser, autocommit=True) as conn:
            conn.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
                (town.name,),
            )
        with other_process(town) as database:
            activate(database, city.CODE, [dataset], by="test")
        assert within(8, lambda: name_found(client) == "切れた間の町内会")
        assert within(8, lambda: client.get("/readyz").status_code == 200)


def test_finished_answers_outlive_the_database(town: DatabaseUrls, settings_for, cluster: Cluster) -> None:
    """While the database is away, what was answered before is better than an error; what never was is a 503."""
    with client_of(create_app(settings_for(town), poll_s=0.5)) as client:
        before = client.get("/api/v1/districts")
        with psycopg.connect(cluster.url("postgres", "postgres"), autocommit=True) as admin:
            admin.execute(f"ALTER DATABASE {town.name} ALLOW_CONNECTIONS false")
            try:
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (town.name,)
                )
                assert within(5, lambda: not client.app.state.services.live.connected)
                kept = client.get("/api/v1/districts")
                assert (kept.status_code, kept.content) == (200, before.content)
                assert client.post("/api/v1/lookup", json={"lon": 141.105, "lat": 39.702}).status_code == 200
                assert client.get("/api/v1/facilities").status_code == 503
            finally:
                admin.execute(f"ALTER DATABASE {town.name} ALLOW_CONNECTIONS true")


def test_two_configurations_live_in_one_process(serve: Serve) -> None:
    plain, tiles = serve(basemap="none"), serve(basemap="gsi")
    assert "cyberjapandata" not in plain.get("/").headers["content-security-policy"]
    assert "cyberjapandata" in tiles.get("/").headers["content-security-policy"]
    assert plain.get("/about").headers["etag"] != tiles.get("/about").headers["etag"]
