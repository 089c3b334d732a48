"""Sessions: tokens that change without signing anybody out, one's own list, and limits that all workers share."""

from __future__ import annotations

import re
from collections.abc import Callable

import psycopg
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from geodata.database import Audience
from geodata.sessions import purge
from tests.api.conftest import HOST, PAGE, another, client_of
from tests.api.signing import PASSWORD, become_admin, send
from tests.fixtures_db import DatabaseUrls

Serve = Callable[..., TestClient]
OLD = "rotated_at = now() - interval '16 minutes'"


def change(town: DatabaseUrls, what: str) -> None:
    with psycopg.connect(town.superuser) as conn:
        conn.execute(f"UPDATE kyodo.session SET {what}")


def holding(client: TestClient, token: str) -> TestClient:
    found = another(client)
    found.cookies.set("kyodo_session", token)
    return found


def signed_in(client: TestClient, path: str = "/account") -> bool:
    return client.get(path, headers=PAGE).status_code == 200


# -- tokens that change ---------------------------------------------------------------------------------------


def test_a_token_changes_while_it_is_used(visitor: TestClient, town: DatabaseUrls) -> None:
    become_admin(visitor)
    old = visitor.cookies["kyodo_session"]
    assert "set-cookie" not in visitor.get("/account").headers, "not before its time"
    change(town, OLD)
    answer = visitor.get("/account")
    assert "HttpOnly" in answer.headers["set-cookie"]
    new = visitor.cookies["kyodo_session"]
    assert new != old
    assert signed_in(holding(visitor, old)), "until the new one was seen the old one is the present one"
    assert signed_in(visitor)
    assert signed_in(holding(visitor, old)), "a request that was on its way beside it"
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
    assert csrf is not None
    sent = visitor.post("/logout", data={"csrf_token": csrf[1]}, headers={"origin": HOST})
    assert sent.status_code == 303, "a form that was opened before still goes"


def test_an_answer_that_was_lost_signs_nobody_out(visitor: TestClient, town: DatabaseUrls) -> None:
    become_admin(visitor)
    browser = holding(visitor, visitor.cookies["kyodo_session"])
    change(town, OLD)
    visitor.get("/account")  # the new token goes elsewhere
    for _ in range(3):
        assert signed_in(browser)
        assert "set-cookie" not in browser.get("/account").headers, "one may be on its way"
    change(town, "offered_at = now() - interval '11 minutes'")
    assert browser.get("/account").headers["set-cookie"].startswith("kyodo_session=")


def test_a_copy_of_an_old_token_ends_the_session(visitor: TestClient, town: DatabaseUrls) -> None:
    become_admin(visitor)
    stolen = visitor.cookies["kyodo_session"]
    change(town, OLD)
    visitor.get("/account")
    assert signed_in(visitor)
    change(town, "former_until = now() - interval '1 second'")
    assert not signed_in(holding(visitor, stolen))
    assert not signed_in(visitor), "whoever of both is the owner signs in again"
    with psycopg.connect(town.superuser) as conn:
        row = conn.execute("SELECT actor FROM kyodo.audit WHERE action = 'sign-in.copied'").fetchone()
    assert row == ("admin",)


def test_what_a_cache_may_keep_carries_no_token(visitor: TestClient, town: DatabaseUrls) -> None:
    become_admin(visitor)
    change(town, OLD)
    for path in ("/", "/districts", "/ogc", "/api/v1/districts", "/static/site.css"):
        answer = visitor.get(path)
        if answer.headers.get("cache-control", "").startswith("public"):
            assert "kyodo_session" not in answer.headers.get("set-cookie", ""), path


def test_of_requests_side_by_side_one_brings_the_new_token(visitor: TestClient, town: DatabaseUrls) -> None:
    from concurrent.futures import ThreadPoolExecutor

    become_admin(visitor)
    token = visitor.cookies["kyodo_session"]
    change(town, OLD)
    browsers = [holding(visitor, token) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: one.get("/account", headers=PAGE), browsers))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert sum("set-cookie" in answer.headers for answer in answers) == 1


def test_it_can_be_left_out(serve: Serve, town: DatabaseUrls) -> None:
    client = serve(session_rotate_minutes=0)
    client.headers["accept"] = "text/html"
    become_admin(client)
    change(town, "rotated_at = now() - interval '5 hours'")
    assert "set-cookie" not in client.get("/account").headers


# -- one's own list -------------------------------------------------------------------------------------------


def test_the_list_of_ones_own_sessions(visitor: TestClient, town: DatabaseUrls) -> None:
    visitor.headers["user-agent"] = (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0 Safari/537.36 Edg/130.0"
    )
    become_admin(visitor)
    phone = another(visitor)
    phone.headers["user-agent"] = (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"
    )
    send(phone, "/login", login="admin", password=PASSWORD)
    page = visitor.get("/account/sessions").text
    assert "Edge（Windows）<strong>（この画面）" in page
    assert "Safari（iPhone）" in page
    with psycopg.connect(town.superuser) as conn:
        rows = conn.execute("SELECT session_no, device FROM kyodo.session ORDER BY session_no").fetchall()
        stored = str(conn.execute("SELECT array_agg(s::text) FROM kyodo.session s").fetchone())
    assert "Mozilla" not in stored, "no more than its owner needs"
    number = rows[1][0]
    send(visitor, f"/account/sessions/{number}/end", form="/account/sessions")
    assert (signed_in(visitor), signed_in(phone)) == (True, False)
    send(phone, "/login", login="admin", password=PASSWORD)
    done = send(visitor, "/account/sessions/end-others", form="/account/sessions")
    assert "ほかの 1 件" in done.text
    assert (signed_in(visitor), signed_in(phone)) == (True, False)
    own = send(visitor, f"/account/sessions/{rows[0][0]}/end", form="/account/sessions")
    assert (own.headers["location"], signed_in(visitor)) == ("/login", False)


def test_nobody_ends_the_sessions_of_others(visitor: TestClient, town: DatabaseUrls) -> None:
    from geodata import accounts
    from kyodo_geo.roles import Role

    become_admin(visitor)
    services = visitor.app.state.services
    with services.database.write(Audience.AUTH) as conn:
        user = accounts.add_user(conn, "03201", "counter", "窓口", {Role.COUNTER}, by="test")
        token = services.sign_in._open(conn, user.user_id, None)
    with psycopg.connect(town.superuser) as conn:
        row = conn.execute("SELECT min(session_no) FROM kyodo.session").fetchone()
    assert row is not None
    colleague = holding(visitor, token)
    colleague.headers["accept"] = "text/html"
    send(colleague, f"/account/sessions/{row[0]}/end", form="/account/sessions")
    send(colleague, "/account/sessions/end-others", form="/account/sessions")
    assert (signed_in(visitor), signed_in(colleague)) == (True, True)
    assert colleague.get("/staff/accounts").status_code == 403


def test_a_first_role_ends_sessions_as_a_change_does(visitor: TestClient) -> None:
    from geodata import accounts
    from kyodo_geo.roles import Role

    services = visitor.app.state.services
    with services.database.write(Audience.AUTH) as conn:
        user = accounts.add_user(conn, "03201", "newcomer", "新人", set(), by="test")
        token = services.sign_in._open(conn, user.user_id, None)
    newcomer = holding(visitor, token)
    assert newcomer.get("/account", headers=PAGE).status_code == 403, "signed in, and without a role"
    with services.database.write(Audience.AUTH) as conn:
        accounts.set_roles(conn, "03201", user.user_id, "newcomer", {Role.ADMINISTRATOR}, by="test")
    assert newcomer.get("/account", headers=PAGE).status_code == 303, (
        "a token from before opens nothing with the new role"
    )


def test_an_administrator_signs_somebody_out(visitor: TestClient, town: DatabaseUrls) -> None:
    become_admin(visitor)
    assert send(visitor, "/staff/accounts/admin/sign-out", form="/staff/accounts").status_code == 200
    assert not signed_in(visitor)
    send(visitor, "/login", login="admin", password=PASSWORD)
    assert send(visitor, "/staff/accounts/nobody/unlock", form="/staff/accounts").status_code == 404


# -- limits ---------------------------------------------------------------------------------------------------


def test_the_limit_of_a_source_is_that_of_all_workers(
    serve: Serve, town: DatabaseUrls, settings_for: Callable[..., Settings]
) -> None:
    """Two applications on one database, as two worker processes are."""
    first = serve(sign_in_failures_per_source=6)
    first.headers["accept"] = "text/html"
    become_admin(first)
    with client_of(create_app(settings_for(town, sign_in_failures_per_source=6))) as second:
        second.headers["accept"] = "text/html"
        for number in range(6):
            worker = (first, second)[number % 2]
            answer = send(another(worker), "/login", login=f"nobody{number}", password="wrong wrong wrong")
            assert answer.status_code == 400
        for worker in (first, second):
            answer = send(another(worker), "/login", login="admin", password=PASSWORD)
            assert answer.status_code == 429
            assert 0 < int(answer.headers["retry-after"]) <= 600
            assert "失敗が続いています" in answer.text
        assert signed_in(first), "who is in stays in"
        with psycopg.connect(town.superuser) as conn:
            conn.execute("UPDATE kyodo.sign_in_rate SET began_at = now() - interval '11 minutes'")
        assert send(another(second), "/login", login="admin", password=PASSWORD).status_code == 303


def test_good_sign_ins_do_not_count(serve: Serve) -> None:
    client = serve(sign_in_failures_per_source=5)
    client.headers["accept"] = "text/html"
    become_admin(client)
    for _ in range(8):
        assert send(another(client), "/login", login="admin", password=PASSWORD).status_code == 303


def test_attempts_sent_at_once_are_all_counted(visitor: TestClient) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from kyodo_geo.errors import TooManyRequestsError

    sign_in = visitor.app.state.services.sign_in
    most = sign_in.settings.sign_in_failures_per_source

    def passes(_: int) -> bool:
        try:
            sign_in.count(b"s" * 32)
        except TooManyRequestsError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(passes, range(most + 10))) == most


# -- the job --------------------------------------------------------------------------------------------------


def test_what_has_ended_is_deleted(visitor: TestClient, town: DatabaseUrls) -> None:
    become_admin(visitor)
    send(another(visitor), "/login", login="nobody", password="wrong wrong wrong")
    services = visitor.app.state.services
    with services.database.write(Audience.AUTH) as conn:
        none = purge(conn, idle_minutes=services.settings.session_idle_minutes)
    assert none == {
        "sessions": 0, "links": 0, "pending": 0, "rates": 0,
    }  # fmt: skip
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.session SET expires_at = now()")
        conn.execute("UPDATE kyodo.sign_in_rate SET began_at = now() - interval '2 hours'")
    with services.database.write(Audience.AUTH) as conn:
        done = purge(conn, idle_minutes=services.settings.session_idle_minutes)
    assert (done["sessions"], done["rates"]) == (1, 1)
