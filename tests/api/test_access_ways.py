"""Ways around the table of access that do not lead anywhere: other methods, odd paths, headers, caches, old sessions."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI, WebSocket
from httpx import Response
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from api import access
from api.access_table import ACCESS, EVERYBODY
from geodata.exports.formats import FORMATS
from kyodo_geo.collections import COLLECTIONS
from kyodo_geo.roles import STAFF, VACANT_HOUSE_READERS, Role
from tests.api import city
from tests.api.conftest import JSON, another
from tests.api.role_sessions import sessions
from tests.api.test_access import concrete
from tests.fixtures_db import DatabaseUrls

GUARDED = sorted(
    concrete(path) for (method, path), roles in ACCESS.items() if method == "GET" and roles != EVERYBODY
)
"""Every address that is not everybody's."""
HOUSES = "/api/v1/vacant-houses"


@pytest.fixture(scope="module")
def who(client: TestClient) -> dict[Role, dict[str, str]]:
    return sessions(client, "a11")


# -- every collection in every form


@pytest.mark.parametrize("role", sorted(Role))
def test_every_collection_in_every_form_is_for_its_readers_alone(
    client: TestClient, who: dict[Role, dict[str, str]], role: Role
) -> None:
    """What a role may not read does not exist for it, whatever part or form is asked for: the same 404 as for no such name."""

    def listed(role: Role) -> set[str]:
        answer = client.get("/ogc/collections", headers={**JSON, **who[role]})
        return {found["id"] for found in answer.json()["collections"]}

    seen, there = listed(role), listed(Role.ADMINISTRATOR)
    assert {"vacant-houses", "memberships", "listed-houses", "association-contacts"} <= there
    for collection in COLLECTIONS.values():
        may = collection.id in there and not collection.readers.isdisjoint({role, Role.PUBLIC})
        assert (collection.id in seen) == may, collection.id
        base = f"/ogc/collections/{collection.id}"
        if may:
            answer = client.get(f"{base}/items?f=json&limit=1", headers=who[role])
            assert answer.status_code == 200, collection.id
            if collection.readers != EVERYBODY:
                assert answer.headers["cache-control"] == "private, no-store", collection.id
            continue
        if not collection.readers.isdisjoint({role, Role.PUBLIC}):
            continue  # there are no data of it in this town
        paths = [
            base,
            f"{base}?f=html",
            f"{base}/schema",
            f"{base}/queryables",
            f"{base}/sortables",
            f"{base}/tiles",
        ]
        paths += [f"{base}/items?f={form}" for form in ("json", "html", *FORMATS)]
        paths += [f"{base}/items?draft=true", f"{base}/items/v1", f"{base}/items/v1?f=html"]
        paths += [f"{base}/tiles/WebMercatorQuad", f"{base}/tiles/WebMercatorQuad/14/6200/14600"]
        for path in paths:
            for headers in (who[role], {**who[role], "accept": "text/html"}):
                answer = client.get(path, headers=headers)
                nosuch = client.get(path.replace(collection.id, "nosuch"), headers=headers)
                assert answer.status_code == nosuch.status_code in (404, 406), (path, answer.status_code)
                assert "no-store" in answer.headers["cache-control"]


@pytest.mark.full
@pytest.mark.parametrize("role", sorted(Role))
def test_every_file_of_every_collection_opens_for_its_readers(
    client: TestClient, who: dict[Role, dict[str, str]], role: Role
) -> None:
    for collection in COLLECTIONS.values():
        if not collection.readers.isdisjoint({role, Role.PUBLIC}):
            for form in ("html", *FORMATS):
                answer = client.get(f"/ogc/collections/{collection.id}/items?f={form}", headers=who[role])
                assert answer.status_code in (200, 400), (collection.id, form)


# -- no other way in


def test_there_is_no_websocket_and_none_can_be_added_unseen(client: TestClient) -> None:
    for path in ("/", "/staff", "/ogc/collections", "/ws"):
        with pytest.raises((WebSocketDisconnect, RuntimeError)), client.websocket_connect(path):
            pass
    app = FastAPI()

    @app.websocket("/live")
    async def live(socket: WebSocket) -> None:
        await socket.accept()

    with pytest.raises(RuntimeError, match="/live"):
        access.check_complete(app)


def test_a_mounted_application_cannot_be_added_unseen() -> None:
    app = FastAPI()
    app.mount("/inner", FastAPI())
    with pytest.raises(RuntimeError, match="/inner"):
        access.check_complete(app)


def test_head_is_decided_as_get_is(client: TestClient) -> None:
    for path in GUARDED:
        answer = client.head(path, headers=JSON)
        assert answer.status_code == 401 and not answer.content, path


@pytest.mark.parametrize(
    "method", ["OPTIONS", "TRACE", "CONNECT", "PROPFIND", "PUT", "PATCH", "DELETE", "get", "G\u0000T"]
)
def test_other_methods_open_nothing(client: TestClient, method: str) -> None:
    for path in (
        "/staff",
        HOUSES,
        "/staff/audit.csv",
        "/consented-houses",
        "/staff/datasets",
        "/partner/tickets",
    ):
        status, headers, body = raw(client.app, method, path)
        assert status in (400, 401, 405), (method, path, status)
        assert b"access-control-allow-origin" not in headers
        assert city.SECRET_ADDRESS.encode() not in body


def raw(
    app: Any, method: str, path: str, *headers: tuple[str, str], query: str = ""
) -> tuple[int, dict[bytes, bytes], bytes]:
    """Send what no HTTP library would."""
    told: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        told.append(message)

    from urllib.parse import unquote

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": unquote(path), "raw_path": path.encode("latin-1"), "query_string": query.encode(), "root_path": "",
        "headers": [(b"host", b"127.0.0.1:8000"), *((k.encode(), v.encode()) for k, v in headers)],
        "client": ("127.0.0.1", 5), "server": ("127.0.0.1", 8000), "app": app, "state": {},
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    start = next(message for message in told if message["type"] == "http.response.start")
    body = b"".join(message.get("body", b"") for message in told if message["type"] == "http.response.body")
    return start["status"], dict(start["headers"]), body


ODD = (
    "{0}/", "/{0}", "//127.0.0.1{0}", "{0}/.", "{0}/../vacant-houses", "/static/..{0}", "/static/%2e%2e{0}",
    "/static/..%2f..{0}", "{0}%2f", "{0}%00", "{0}%20", "{0};x=1", "{0}.json", "{0}%3Fx", "/%61pi/v1/vacant-houses",
    "/%2561pi/v1/vacant-houses", "/API/V1/vacant-houses", "/api/v1/%76acant-houses", "/api//v1/vacant-houses",
    "/api/v1/vacant-houses%2Fx", "/leaflet/../../{0}", "/ogc/../api/v1/vacant-houses", "/api/v1/./vacant-houses",
    "/basemap/..%2f..%2fx/1/1", "/opendata/generations/1/..%2f..%2f{0}",
)  # fmt: skip


@pytest.mark.parametrize("odd", ODD)
def test_odd_paths_lead_to_the_route_itself_or_nowhere(client: TestClient, odd: str) -> None:
    status, headers, body = raw(client.app, "GET", odd.format(HOUSES), ("accept", "application/json"))
    assert status in (307, 400, 401, 404), status
    if status == 307:
        assert headers[b"location"].startswith((b"http://127.0.0.1:8000/", b"/")), "never to another host"
    assert city.SECRET_ADDRESS.encode() not in body


@pytest.mark.parametrize(
    "header",
    [
        ("x-http-method-override", "GET"), ("x-http-method", "DELETE"), ("x-method-override", "PUT"),
        ("x-original-url", "/static/site.css"), ("x-rewrite-url", "/"), ("x-forwarded-prefix", "/static"),
        ("x-forwarded-for", "127.0.0.1"), ("x-forwarded-user", "planner"), ("x-remote-user", "planner"),
        ("remote-user", "planner"), ("x-forwarded-host", "evil.example"), ("forwarded", "for=127.0.0.1;host=evil.example"),
        ("x-real-ip", "127.0.0.1"), ("cookie", "kyodo_session="), ("cookie", "kyodo_session=x; kyodo_session=y"),
        ("authorization", "Basic cGxhbm5lcjp4"), ("authorization", "Bearer"), ("authorization", "Bearer kg_x_y"),
        ("authorization", "bearer \u00e9"),
    ],
    ids=str,
)  # fmt: skip
def test_headers_make_nobody_somebody(client: TestClient, header: tuple[str, str]) -> None:
    for path in (HOUSES, "/staff", "/consented-houses"):
        status, headers, body = raw(client.app, "GET", path, header, ("accept", "application/json"))
        assert status == 401, (path, status)
        assert b"evil.example" not in body + b"".join(headers.values())


def test_an_answer_of_somebody_is_never_given_to_somebody_else(
    client: TestClient, who: dict[Role, dict[str, str]]
) -> None:
    """The same address, asked in turn by staff and public, with each other's ETag: the short ways and caches between."""
    for path in (
        "/ogc/collections",
        "/ogc/collections/associations/items?f=json&limit=5",
        "/ogc/tiles",
        "/ogc/api",
    ):
        bodies: dict[Role, bytes] = {}
        tags: dict[Role, str] = {}

        def said(answer: Response) -> bytes:
            """But for the second in which it was made."""
            return re.sub(rb'"timeStamp":"[^"]*"', b"", answer.content)

        for _ in range(3):
            for role in (Role.PLANNER, Role.PUBLIC, Role.CENTRE_STAFF):
                answer = client.get(path, headers={**JSON, **who[role]})
                assert answer.status_code == 200
                assert bodies.setdefault(role, said(answer)) == said(answer)
                tags[role] = answer.headers.get("etag", "")
                if bodies[role] != bodies.get(Role.PUBLIC, bodies[role]):
                    assert answer.headers["cache-control"] == "private, no-store", path
        for asker in (Role.PUBLIC, Role.PLANNER):
            for other, tag in tags.items():
                if tag and bodies[other] != bodies[asker]:
                    answer = client.get(path, headers={**JSON, **who[asker], "if-none-match": tag})
                    assert answer.status_code == 200 and said(answer) == bodies[asker], (path, asker, other)
    shown = client.get("/ogc/collections", headers={**JSON, **who[Role.PLANNER]}).text
    assert (
        '"vacant-houses"' in shown
        and '"vacant-houses"' not in client.get("/ogc/collections", headers=JSON).text
    )


def test_what_is_asked_for_makes_nobody_more(client: TestClient, who: dict[Role, dict[str, str]]) -> None:
    for role in (Role.PUBLIC, Role.DISTRICT_OFFICER, Role.PARTNER):
        for query in (
            "draft=true",
            "as_of=2030-01-01",
            "municipality=03201",
            "f=json",
            "role=planner",
            "staff=true",
        ):
            for path in (HOUSES, "/ogc/collections/vacant-houses/items", "/staff/facilities/vacant-houses"):
                answer = client.get(f"{path}?{query}", headers={**JSON, **who[role]})
                assert answer.status_code in (400, 401, 403, 404), (role, path, query)
                assert city.SECRET_ADDRESS not in answer.text


# -- roles that come and go


def change(town: DatabaseUrls, statement: str) -> None:
    with psycopg.connect(town.superuser) as conn:
        conn.execute(f"SET search_path = kyodo; {statement}")


ID = "(SELECT user_id FROM app_user WHERE login = 'u-{role}')"


def test_a_role_given_and_withdrawn_holds_at_the_next_request(
    client: TestClient, who: dict[Role, dict[str, str]], shared_town: DatabaseUrls
) -> None:
    officer = who[Role.DISTRICT_OFFICER]
    user = ID.format(role="district_officer")
    assert client.get(HOUSES, headers={**JSON, **officer}).status_code == 403
    change(
        shared_town,
        f"INSERT INTO user_role (municipality_code, user_id, role, granted_by) VALUES ('{city.CODE}', {user}, 'planner', 'x')",
    )
    assert client.get(HOUSES, headers={**JSON, **officer}).status_code == 200, (
        "several roles: what any of them may"
    )
    assert client.get("/staff/agreement", headers={**JSON, **officer}).status_code == 200
    change(shared_town, f"DELETE FROM user_role WHERE user_id = {user} AND role = 'planner'")
    assert client.get(HOUSES, headers={**JSON, **officer}).status_code == 403
    change(shared_town, f"DELETE FROM user_role WHERE user_id = {user}")
    assert client.get("/staff", headers={**JSON, **officer}).status_code == 403, (
        "signed in, with no role at all"
    )
    assert client.get("/account", headers={**JSON, **officer}).status_code in (200, 403)


def test_an_account_that_is_stopped_is_nobody_at_once(
    client: TestClient, who: dict[Role, dict[str, str]], shared_town: DatabaseUrls
) -> None:
    headers = {**JSON, **who[Role.ADVISORY]}
    assert client.get("/account", headers=headers).status_code == 200
    change(shared_town, f"UPDATE app_user SET active = false WHERE user_id = {ID.format(role='advisory')}")
    assert client.get("/account", headers=headers).status_code == 401
    change(shared_town, f"UPDATE app_user SET active = true WHERE user_id = {ID.format(role='advisory')}")
    change(shared_town, f"UPDATE session SET expires_at = now() WHERE user_id = {ID.format(role='advisory')}")
    assert client.get("/account", headers=headers).status_code == 401


def test_a_key_does_not_add_to_a_session_nor_a_session_to_a_key(
    client: TestClient, who: dict[Role, dict[str, str]]
) -> None:
    """With both, the key alone speaks: a program that leaks its key with a browser's cookie gains nothing."""
    headers = {**JSON, **who[Role.PLANNER], "authorization": "Bearer kg_nosuch"}
    assert client.get(HOUSES, headers=headers).status_code == 401


def test_roles_of_the_houses_are_the_staff_who_work_on_them() -> None:
    assert VACANT_HOUSE_READERS < STAFF
    for (_, path), roles in ACCESS.items():
        if "vacant-houses" in path and "{" not in path:
            assert roles <= VACANT_HOUSE_READERS, path


def test_another_browser_shares_nothing(client: TestClient, who: dict[Role, dict[str, str]]) -> None:
    assert client.get(HOUSES, headers={**JSON, **who[Role.PLANNER]}).status_code == 200
    assert another(client).get(HOUSES, headers=JSON).status_code == 401
