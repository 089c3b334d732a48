"""Signing in and out, sessions that end, and answers nobody may keep."""

from __future__ import annotations

import re
from collections.abc import Callable

import psycopg
import pytest
from starlette.testclient import TestClient

from api.auth.links import create_link
from geodata import accounts
from geodata.database import Audience
from kyodo_geo.errors import ConflictError
from kyodo_geo.roles import Role
from tests.api.conftest import HOST, PAGE
from tests.api.signing import PASSWORD, admin_link, audit, become_admin, send
from tests.fixtures_db import DatabaseUrls

Serve = Callable[..., TestClient]


def test_sign_in_and_out(visitor: TestClient, town: DatabaseUrls) -> None:
    become_admin(visitor)
    assert send(visitor, "/logout", form="/account").status_code == 303
    assert visitor.get("/account").status_code == 303
    answer = send(
        visitor, "/login", form="/login?next=/staff", login="admin", password=PASSWORD, next="/staff"
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff")
    assert visitor.get("/staff").status_code == 200
    assert ("admin", "sign-out") in audit(town)


def test_the_cookie_is_for_us_alone(visitor: TestClient) -> None:
    link = admin_link(visitor)
    answer = send(
        visitor,
        "/welcome",
        form=link,
        token=link.partition("token=")[2],
        password=PASSWORD,
        password_again=PASSWORD,
    )
    cookie = next(
        value for value in answer.headers.get_list("set-cookie") if value.startswith("kyodo_session=")
    )
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie, "plain http on a closed network"


def test_over_https_cookies_are_secure(serve: Serve) -> None:
    client = serve(base_url="https://kyodo.example.lg.jp", trusted_hosts=["127.0.0.1"])
    answer = client.get("/login")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-kyodo_form=")
    assert "Secure" in cookie
    assert answer.headers["strict-transport-security"]


def test_stored_tokens_are_hashes(visitor: TestClient, town: DatabaseUrls) -> None:
    become_admin(visitor)
    token = visitor.cookies["kyodo_session"]
    with psycopg.connect(town.superuser) as conn:
        rows = conn.execute("SELECT session_hash FROM kyodo.session").fetchall()
        stored = conn.execute("SELECT password_hash FROM kyodo.app_user").fetchone()
    assert token.encode() not in rows[0][0]
    assert stored is not None
    assert stored[0].startswith("$argon2id$")


def test_sign_in_rotates_the_session(visitor: TestClient) -> None:
    """A token planted before sign-in is worth nothing, and the old one ends."""
    become_admin(visitor)
    old = visitor.cookies["kyodo_session"]
    form = re.search(
        r'value="([0-9A-Za-z_-]{43})"', TestClient(visitor.app, base_url=HOST).get("/login").text
    )
    assert form is not None
    visitor.cookies.set("kyodo_form", form[1])
    visitor.post(
        "/login",
        data={"csrf_token": form[1], "login": "admin", "password": PASSWORD},
        headers={"origin": HOST},
    )
    new = visitor.cookies["kyodo_session"]
    assert new != old
    other = TestClient(visitor.app, base_url=HOST, follow_redirects=False, cookies={"kyodo_session": old})
    assert other.get("/account", headers=PAGE).status_code == 303


@pytest.mark.parametrize(
    ("column", "value"),
    [("last_seen_at", "now() - interval '61 minutes'"), ("expires_at", "now() - interval '1 second'")],
)
def test_sessions_end_idle_or_old(visitor: TestClient, town: DatabaseUrls, column: str, value: str) -> None:
    become_admin(visitor)
    with psycopg.connect(town.superuser) as conn:
        conn.execute(f"UPDATE kyodo.session SET {column} = {value}")
    assert visitor.get("/account").status_code == 303


def test_use_keeps_a_session_alive(visitor: TestClient, town: DatabaseUrls) -> None:
    become_admin(visitor)
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.session SET last_seen_at = now() - interval '59 minutes'")
    assert visitor.get("/account").status_code == 200
    with psycopg.connect(town.superuser) as conn:
        row = conn.execute("SELECT now() - last_seen_at < interval '1 minute' FROM kyodo.session").fetchone()
    assert row == (True,)


def test_a_disabled_user_is_out_at_once(visitor: TestClient) -> None:
    become_admin(visitor)
    services = visitor.app.state.services
    with services.database.write(Audience.AUTH) as conn:
        accounts.set_active(conn, "03201", "admin", False, by="test")
    assert visitor.get("/account").status_code == 303
    with pytest.raises(ConflictError):
        create_link(services.database, services.settings, "admin")


def test_other_roles_end_every_session(visitor: TestClient) -> None:
    """What was begun with one set of rights does not go on with another: a new sign-in brings a new token."""
    become_admin(visitor)
    assert visitor.get("/staff").status_code == 200
    services = visitor.app.state.services

    def give(*roles: Role) -> None:
        with services.database.write(Audience.AUTH) as conn:
            user = accounts.user(conn, "03201", "admin")
            accounts.set_roles(conn, "03201", user.user_id, "admin", set(roles), by="test")

    give(Role.ADMINISTRATOR)
    assert visitor.get("/staff").status_code == 200, "the same roles change nothing"
    give(Role.COUNTER)
    assert visitor.get("/staff").status_code == 303
    send(visitor, "/login", login="admin", password=PASSWORD)
    assert visitor.get("/staff").status_code == 403


def test_pages_for_one_person_are_never_stored(visitor: TestClient) -> None:
    become_admin(visitor)
    for path in ("/account", "/staff", "/login", "/api/v1/vacant-houses"):
        answer = visitor.get(path, headers={"accept": "*/*"})
        assert "no-store" in answer.headers["cache-control"]
        assert "public" not in answer.headers["cache-control"]


def test_staff_and_offices_are_led_to_their_pages(visitor: TestClient) -> None:
    become_admin(visitor)
    for path in ("/account", "/staff/agreement"):
        assert 'href="/staff"' in visitor.get(path).text, path
    assert 'href="/partner"' not in visitor.get("/account").text
