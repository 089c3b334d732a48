"""nginx and PgBouncer from Debian before two web processes: TLS, cache, limits, the end of one, and a silent log."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest

from tests.api.front_world import Front, front
from tests.api.signing import PASSWORD, token_of
from tests.api.test_live import renamed_associations
from tests.api.tile_reading import path
from tests.fixtures_db import DatabaseUrls, copied
from tests.fixtures_replica import eventually

SECRET = "盛岡市試験町三丁目3番3号"
QUESTION = {"lon": 141.105, "lat": 39.702}
PAGE = {"accept": "text/html"}


@pytest.fixture(scope="module")
def town_behind(cluster, city_template) -> Iterator[DatabaseUrls]:
    with copied(cluster, city_template) as found:
        yield found


@pytest.fixture(scope="module")
def city(town_behind: DatabaseUrls) -> Iterator[Front]:
    with front(town_behind) as found:
        yield found


@pytest.fixture
def people(city: Front) -> Iterator[httpx.Client]:
    with city.client() as found:
        yield found


def test_people_get_pages_over_tls_with_each_header_once(people: httpx.Client) -> None:
    answer = people.get("/", headers=PAGE)
    assert answer.status_code == 200 and "<h1" in answer.text
    names = [name.lower() for name, _ in answer.headers.multi_items()]
    assert len(names) == len(set(names)), "no header twice"
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "x-accel-expires" not in answer.headers
    assert re.fullmatch(r"nginx", answer.headers["server"]), "no version"
    assert people.post("/api/v1/lookup", json=QUESTION).json()["outcome"] == "one"


def test_plain_http_leads_to_tls(city: Front) -> None:
    answer = httpx.get(f"{city.http}/districts?x=1", headers={"host": "kyodo.test"}, trust_env=False)
    assert (answer.status_code, answer.headers["location"]) == (301, f"{city.origin}/districts?x=1")


def test_old_tls_is_refused(city: Front) -> None:
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(httpx.ConnectError), httpx.Client(verify=context, trust_env=False) as client:
        client.get(city.https)


def test_public_answers_are_kept_and_asked_about_each_time(people: httpx.Client) -> None:
    first = people.get("/api/v1/districts", headers={"accept-encoding": "gzip"})
    again = people.get("/api/v1/districts", headers={"accept-encoding": "gzip"})
    assert again.headers["x-cache"] == "REVALIDATED"
    assert again.content == first.content and again.headers["etag"] == first.headers["etag"]
    assert again.headers["cache-control"] == "public, no-cache"
    plain = people.get("/api/v1/districts", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers and plain.json() == first.json(), "Vary is kept"
    for _ in range(2):
        same = people.get(
            "/api/v1/districts", headers={"accept-encoding": "gzip", "if-none-match": first.headers["etag"]}
        )
        assert (same.status_code, same.content) == (304, b"")


def test_what_never_changes_is_answered_without_asking(people: httpx.Client) -> None:
    page = people.get("/", headers=PAGE).text
    (style,) = re.findall(r'href="(/static/[^"]+\.css[^"]*)"', page)[:1]
    assert people.get(style).headers["cache-control"].endswith("immutable")
    assert people.get(style).headers["x-cache"] == "HIT"


def test_lookups_and_whoever_shows_a_key_or_a_cookie_are_never_kept(
    city: Front, people: httpx.Client
) -> None:
    for _ in range(3):
        assert "x-cache" not in people.post("/api/v1/lookup", json=QUESTION).headers
        assert people.get("/api/v1/lookup", params=QUESTION).headers["x-cache"] == "MISS"
        assert people.get("/api/v1/districts", headers={"authorization": "Bearer kg_none"}).status_code == 401
        assert (
            people.get("/api/v1/districts", headers={"cookie": "kyodo_session=x"}).headers["x-cache"]
            == "BYPASS"
        )
    assert people.get("/api/v1/districts").status_code == 200


def test_an_activation_shows_through_the_cache_within_a_second(
    city: Front, people: httpx.Client, town_behind: DatabaseUrls
) -> None:
    listed = "/api/v1/associations"
    for _ in range(4):
        assert "新しい町内会" not in people.get(listed).text
    dataset = renamed_associations(town_behind, "新しい町内会")
    assert city.workers[0].run("dataset", "activate", str(dataset)).returncode == 0
    with psycopg.connect(town_behind.superuser) as conn:
        (age,) = conn.execute(
            "SELECT extract(epoch FROM clock_timestamp() - max(activated_at))::float8 FROM kyodo.generation"
        ).fetchone()  # type: ignore[misc]
    time.sleep(max(0.0, 1.0 - age))
    assert {"新しい町内会" in people.get(listed).text for _ in range(8)} == {True}


def signed_in(city: Front, people: httpx.Client) -> None:
    made = city.workers[0].run("user", "add", "boss", "--name", "管理者", "--role", "administrator")
    assert made.returncode == 0, made.stderr
    link = re.search(r"https://kyodo\.test(/welcome\S+)", made.stdout)
    assert link is not None, made.stdout
    page = people.get(link[1], headers=PAGE)
    fields = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', page.text))
    fields |= {"csrf_token": token_of(page.text), "password": PASSWORD, "password_again": PASSWORD}
    answer = people.post("/welcome", data=fields, headers={"origin": city.origin, **PAGE})
    assert answer.status_code == 303, answer.text
    cookies = answer.headers.get_list("set-cookie")
    assert any("Secure" in cookie and "HttpOnly" in cookie for cookie in cookies), cookies


def test_staff_sign_in_upload_and_are_never_kept(city: Front, people: httpx.Client) -> None:
    signed_in(city, people)
    for _ in range(3):
        page = people.get("/staff/datasets", headers=PAGE)
        assert page.status_code == 200
        assert page.headers["x-cache"] == "BYPASS" and "no-store" in page.headers["cache-control"]
    with city.client() as stranger:
        assert stranger.get("/staff/datasets", headers=PAGE).status_code in (302, 303)
    page = people.get("/staff/datasets/new", headers=PAGE)
    assert page.status_code == 200
    big = b"x," * (6 << 20)  # more than any other route takes
    answer = people.post(
        "/staff/datasets/new",
        data={"csrf_token": token_of(page.text), "kind": "associations"},
        files={"files": ("a.csv", big, "text/csv")},
        headers={"origin": city.origin, **PAGE},
    )
    assert answer.status_code in (200, 303, 400, 422), "it reached the application"
    assert people.post("/api/v1/lookup", content=big).status_code == 413


def test_what_is_for_the_operators_is_not_shown(people: httpx.Client) -> None:
    assert {people.get(path).status_code for path in ("/metrics", "/readyz", "/healthz", "/metrics/x")} == {
        404
    }


def test_the_id_in_the_answer_is_the_proxys_and_not_the_callers(city: Front, people: httpx.Client) -> None:
    given = "0123456789abcdef" * 2
    answer = people.get("/nowhere", headers={"x-request-id": given, "x-forwarded-for": "192.0.2.1"})
    own = answer.headers["x-request-id"]
    assert own != given and len(own) == 32 and answer.json()["request_id"] == own
    eventually(lambda: any(own in worker.log.read_text() for worker in city.workers))
    eventually(lambda: own in city.log.read_text())


def test_too_many_are_told_so(city: Front) -> None:
    from tests.api.front_world import nginx

    folder = city.config.parent.parent / "strict"
    folder.mkdir()
    with (
        nginx(folder, city.workers, RATE_PER_SECOND="1", RATE_BURST="3") as strict,
        strict.client() as client,
    ):
        assert 429 in {client.get("/api/v1/districts").status_code for _ in range(12)}


def test_the_log_holds_no_address_and_every_line_is_json(city: Front, people: httpx.Client) -> None:
    people.get(
        "/api/v1/lookup", params={"address": SECRET}, headers={"referer": f"https://x/?a={SECRET}".encode()}
    )
    people.post("/lookup", data={"address": SECRET}, headers={"user-agent": SECRET.encode(), **PAGE})
    people.get(f"/{SECRET}")
    people.get(f"/districts/{SECRET}")
    people.get("/nowhere", headers={"x" * 9000: "1"})
    last = people.get("/districts").headers["x-request-id"]
    eventually(lambda: last in city.log.read_text())
    text = city.log.read_text() + city.errors.read_text()
    text += "".join(worker.log.read_text() for worker in city.workers)
    for trace in ("試験町三丁目", "%E8%A9%A6", "\\xe8\\xa9\\xa6", "\\xE8\\xA9\\xA6", "\\u8a66"):
        assert trace not in text
    paths = {json.loads(line)["path"] for line in city.log.read_text().splitlines()}
    assert paths <= {"-", "/", "/api", "/lookup", "/districts", "/static", "/staff"}


def test_the_pooler_is_really_in_between_and_changes_are_heard_directly(
    city: Front, town_behind: DatabaseUrls
) -> None:
    with psycopg.connect(town_behind.superuser) as conn:
        rows = conn.execute(
            "SELECT client_addr, query FROM pg_stat_activity WHERE datname = current_database() AND usename = 'kyodo_app'"
        ).fetchall()
    assert sum("LISTEN" in query or "municipality" in query for _, query in rows) >= 2
    admin = psycopg.conninfo.make_conninfo(city.bouncer)
    with psycopg.connect(admin, autocommit=True) as conn:
        assert conn.execute("SHOW search_path").fetchone() == ("kyodo, public",)


def test_tiles_side_by_side_are_the_same_and_asked_of_the_server_itself(
    city: Front, people: httpx.Client, town_behind: DatabaseUrls
) -> None:
    """Their connections keep a role and prepared statements, which a pooler by transactions would mix up."""
    paths = [path("districts", 141.105, 39.705, zoom) for zoom in (12, 13, 14, 15)]
    first = {one: people.get(one).content for one in paths}
    with ThreadPoolExecutor(8) as threads:
        answers = list(
            threads.map(
                lambda one: people.get(one, headers={"cookie": "x=1"}), [p for _ in range(8) for p in paths]
            )
        )
    told = {(answer.status_code, answer.content == first[answer.url.path]) for answer in answers}
    assert told == {(200, True)}
    assert all(first.values())
    with psycopg.connect(town_behind.superuser) as conn:
        (direct,) = conn.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND application_name = 'kyodo-geo-statements'"
        ).fetchone()  # type: ignore[misc]
    assert direct >= 1


def test_what_may_have_arrived_is_not_sent_again(city: Front) -> None:
    """A server that takes a request and ends: reading goes to the other one, a deletion is said to have failed."""
    from tests.api.front_world import nginx

    heard: list[bytes] = []

    def take(held: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = held.accept()
                with connection:
                    heard.append(connection.recv(65_536).split(b" ")[0])

    folder = city.config.parent.parent / "broken"
    folder.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as held:
        threading.Thread(target=take, args=(held,), daemon=True).start()
        servers = (
            f"server 127.0.0.1:{held.getsockname()[1]} max_fails=0; "
            f"server {city.workers[0].url.removeprefix('http://')} max_fails=0;"
        )
        with nginx(folder, city.workers, UPSTREAM_SERVERS=servers) as half, half.client() as client:
            item = "/ogc/collections/projects/items/nosuch"
            for method, body in (("DELETE", None), ("PUT", b"{}")):
                before = heard.count(method.encode())
                found = [client.request(method, item, content=body).status_code for _ in range(4)]
                times = heard.count(method.encode()) - before
                assert times >= 1 and found.count(502) == times
            passed_on = {"cookie": "x=1"}
            assert {client.get("/api/v1/districts", headers=passed_on).status_code for _ in range(4)} == {200}
            assert client.put(item, content=b"x" * (6 << 20)).status_code == 413, "the bound holds there too"
        held.shutdown(socket.SHUT_RDWR)


def test_the_end_of_one_process_costs_nobody_an_answer(city: Front, people: httpx.Client) -> None:
    statuses = [people.get("/api/v1/districts", headers={"cookie": "x=1"}).status_code for _ in range(6)]
    os.kill(city.workers[1].process.pid, signal.SIGKILL)
    city.workers[1].process.wait()
    for _ in range(20):
        statuses.append(people.get("/api/v1/districts", headers={"cookie": "x=1"}).status_code)
        statuses.append(people.post("/api/v1/lookup", json=QUESTION).status_code)
    assert set(statuses) == {200}
