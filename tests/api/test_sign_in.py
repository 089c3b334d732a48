"""Signing in, one-time links, sessions that end, forms that must be ours."""

from __future__ import annotations

import re
from collections.abc import Callable

import psycopg
import pytest
from starlette.testclient import TestClient

from api.auth import passwords
from api.auth.links import create_admin_link, create_link
from geodata import accounts
from geodata.database import Audience
from kyodo_geo.errors import ConflictError, InputError
from kyodo_geo.roles import Role
from tests.api.conftest import HOST, PAGE
from tests.fixtures_db import DatabaseUrls

PASSWORD = "とても長い秘密の言葉です2026"
OTHER = "別のとても長い秘密の言葉2026"
Serve = Callable[..., TestClient]


@pytest.fixture
def browser(serve: Serve) -> TestClient:
    """A browser without cookies on a service nobody has signed in to yet."""
    client = serve()
    client.headers["accept"] = "text/html"
    return client


def token_of(html: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert found is not None, "every form carries a token"
    return found[1]


def send(client: TestClient, path: str, *, form: str | None = None, **fields: str):
    """Open the page with the form, then send it as a browser would."""
    csrf_token = token_of(client.get(form or path).text)
    return client.post(path, data={"csrf_token": csrf_token, **fields}, headers={"origin": HOST})


def admin_link(client: TestClient) -> str:
    services = client.app.state.services
    return create_admin_link(services.database, services.settings).removeprefix(HOST)


def become_admin(client: TestClient) -> None:
    link = admin_link(client)
    token = link.partition("token=")[2]
    answer = send(client, "/welcome", form=link, token=token, password=PASSWORD, password_again=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")


def audit(town: DatabaseUrls) -> list[tuple[str, str]]:
    with psycopg.connect(town.superuser) as conn:
        return conn.execute("SELECT actor, action FROM kyodo.audit ORDER BY entry_no").fetchall()


def test_the_first_link_makes_an_administrator(browser: TestClient, town: DatabaseUrls) -> None:
    become_admin(browser)
    page = browser.get("/account")
    assert page.status_code == 200
    assert "管理者" in page.text
    assert ("admin", "sign-in") in audit(town)


def test_opening_a_link_does_not_use_it_up(browser: TestClient) -> None:
    link = admin_link(browser)
    for _ in range(3):
        assert browser.get(link).status_code == 200
    token = link.partition("token=")[2]
    assert send(browser, "/welcome", form=link, token=token, password=PASSWORD, password_again=PASSWORD).status_code == 303
    assert browser.get(link).status_code == 404, "used"


def test_a_newer_link_replaces_the_older(browser: TestClient) -> None:
    first, second = admin_link(browser), admin_link(browser)
    assert browser.get(first).status_code == 404
    assert browser.get(second).status_code == 200


def test_a_link_ends(browser: TestClient, town: DatabaseUrls) -> None:
    link = admin_link(browser)
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.sign_in_link SET expires_at = now() - interval '1 second'")
    assert browser.get(link).status_code == 404


def test_two_at_the_same_moment_use_a_link_once(browser: TestClient) -> None:
    from concurrent.futures import ThreadPoolExecutor

    services = browser.app.state.services
    token = admin_link(browser).partition("token=")[2]

    def use(_: int) -> bool:
        try:
            services.sign_in.with_link(token, PASSWORD)
        except Exception:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(use, range(4))) == 1


def test_sign_in_and_out(browser: TestClient, town: DatabaseUrls) -> None:
    become_admin(browser)
    assert send(browser, "/logout", form="/account").status_code == 303
    assert browser.get("/account").status_code == 303
    answer = send(browser, "/login", form="/login?next=/staff", login="admin", password=PASSWORD, next="/staff")
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff")
    assert browser.get("/staff").status_code == 200
    assert ("admin", "sign-out") in audit(town)


def test_the_cookie_is_for_us_alone(browser: TestClient) -> None:
    link = admin_link(browser)
    answer = send(
        browser, "/welcome", form=link, token=link.partition("token=")[2], password=PASSWORD, password_again=PASSWORD
    )
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith("kyodo_session="))
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


def test_stored_tokens_are_hashes(browser: TestClient, town: DatabaseUrls) -> None:
    become_admin(browser)
    token = browser.cookies["kyodo_session"]
    with psycopg.connect(town.superuser) as conn:
        rows = conn.execute("SELECT session_hash FROM kyodo.session").fetchall()
        stored = conn.execute("SELECT password_hash FROM kyodo.app_user").fetchone()
    assert token.encode() not in rows[0][0]
    assert stored is not None
    assert stored[0].startswith("$argon2id$")


def test_sign_in_rotates_the_session(browser: TestClient) -> None:
    """A token planted before sign-in is worth nothing, and the old one ends."""
    become_admin(browser)
    old = browser.cookies["kyodo_session"]
    form = re.search(r'value="([0-9A-Za-z_-]{43})"', TestClient(browser.app, base_url=HOST).get("/login").text)
    assert form is not None
    browser.cookies.set("kyodo_form", form[1])
    browser.post("/login", data={"csrf_token": form[1], "login": "admin", "password": PASSWORD}, headers={"origin": HOST})
    new = browser.cookies["kyodo_session"]
    assert new != old
    other = TestClient(browser.app, base_url=HOST, follow_redirects=False, cookies={"kyodo_session": old})
    assert other.get("/account", headers=PAGE).status_code == 303


@pytest.mark.parametrize(
    ("column", "value"),
    [("last_seen_at", "now() - interval '61 minutes'"), ("expires_at", "now() - interval '1 second'")],
)
def test_sessions_end_idle_or_old(browser: TestClient, town: DatabaseUrls, column: str, value: str) -> None:
    become_admin(browser)
    with psycopg.connect(town.superuser) as conn:
        conn.execute(f"UPDATE kyodo.session SET {column} = {value}")
    assert browser.get("/account").status_code == 303


def test_use_keeps_a_session_alive(browser: TestClient, town: DatabaseUrls) -> None:
    become_admin(browser)
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.session SET last_seen_at = now() - interval '59 minutes'")
    assert browser.get("/account").status_code == 200
    with psycopg.connect(town.superuser) as conn:
        row = conn.execute("SELECT now() - last_seen_at < interval '1 minute' FROM kyodo.session").fetchone()
    assert row == (True,)


def test_wrong_passwords_lock_the_account_and_say_no_more(browser: TestClient, town: DatabaseUrls) -> None:
    become_admin(browser)
    browser.cookies.clear()
    texts = set()
    for _ in range(accounts.MAX_FAILURES):
        answer = send(browser, "/login", login="admin", password="wrong")
        assert answer.status_code == 400
        texts.add(re.sub(r'value="[^"]*"', "", answer.text))
    locked = send(browser, "/login", login="admin", password=PASSWORD)
    assert locked.status_code == 400, "even the right password does not help now"
    texts.add(re.sub(r'value="[^"]*"', "", locked.text))
    unknown = send(browser, "/login", login="nobody", password="wrong")
    texts.add(re.sub(r'value="[^"]*"', "", unknown.text))
    assert len(texts) == 1, "locked, wrong and unknown look the same"
    assert audit(town).count(("admin", "sign-in.failed")) == accounts.MAX_FAILURES + 1
    assert ("unknown", "sign-in.failed") in audit(town)
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.app_user SET locked_until = now() - interval '1 second'")
    assert send(browser, "/login", login="admin", password=PASSWORD).status_code == 303, "after a while it works again"


def test_guesses_sent_at_once_are_all_counted(browser: TestClient) -> None:
    from concurrent.futures import ThreadPoolExecutor

    become_admin(browser)
    services = browser.app.state.services

    def guess(_: int) -> bool:
        with services.database.write(Audience.AUTH) as conn:
            return accounts.begin_attempt(conn, services.settings.municipality, "admin") is not None

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(guess, range(12))) == accounts.MAX_FAILURES


def test_what_was_typed_as_a_name_is_not_written_down(browser: TestClient, town: DatabaseUrls) -> None:
    send(browser, "/login", login="MyPasswordTypedHere", password="x")
    with psycopg.connect(town.superuser) as conn:
        text = str(conn.execute("SELECT array_agg(a::text) FROM kyodo.audit a").fetchone())
    assert "MyPasswordTypedHere" not in text


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}])
def test_forms_from_elsewhere_are_refused(browser: TestClient, headers: dict[str, str]) -> None:
    token = token_of(browser.get("/login").text)
    answer = browser.post("/login", data={"csrf_token": token, "login": "a", "password": "b"}, headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize("token", ["", "x" * 43, None])
@pytest.mark.parametrize("path", ["/login", "/welcome"])
def test_forms_without_their_token_are_refused(browser: TestClient, path: str, token: str | None) -> None:
    browser.get("/login")
    data = {"login": "a", "password": "b"} | ({} if token is None else {"csrf_token": token})
    assert browser.post(path, data=data, headers={"origin": HOST}).status_code == 403


@pytest.mark.parametrize("path", ["/logout", "/account/password"])
def test_forms_of_signed_in_people_need_the_sessions_token(browser: TestClient, path: str) -> None:
    become_admin(browser)
    wrong = {"csrf_token": "x" * 43, "old_password": PASSWORD, "password": OTHER, "password_again": OTHER}
    assert browser.post(path, data=wrong, headers={"origin": HOST}).status_code == 403
    assert browser.get("/account").status_code == 200, "still signed in"


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/%0d%0aX: y"])
def test_sign_in_leads_nowhere_else(browser: TestClient, to: str) -> None:
    become_admin(browser)
    answer = browser.get("/login", params={"next": to})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/")
    assert not answer.headers["location"].startswith(("//", "/\\"))


def test_changing_the_password_ends_other_sessions(browser: TestClient) -> None:
    become_admin(browser)
    other = TestClient(
        browser.app, base_url=HOST, follow_redirects=False, cookies={"kyodo_session": browser.cookies["kyodo_session"]}
    )
    assert other.get("/account", headers=PAGE).status_code == 200
    wrong = send(
        browser, "/account/password", form="/account", old_password="nonsense", password=OTHER, password_again=OTHER
    )
    assert wrong.status_code == 400
    done = send(browser, "/account/password", form="/account", old_password=PASSWORD, password=OTHER, password_again=OTHER)
    assert done.status_code == 303
    assert browser.get("/account").status_code == 200
    assert other.get("/account", headers=PAGE).status_code == 303


def test_a_disabled_user_is_out_at_once(browser: TestClient) -> None:
    become_admin(browser)
    services = browser.app.state.services
    with services.database.write(Audience.AUTH) as conn:
        accounts.set_active(conn, "03201", "admin", False, by="test")
    assert browser.get("/account").status_code == 303
    with pytest.raises(ConflictError):
        create_link(services.database, services.settings, "admin")


def test_roles_count_from_the_next_request(browser: TestClient) -> None:
    become_admin(browser)
    assert browser.get("/staff").status_code == 200
    services = browser.app.state.services
    with services.database.write(Audience.AUTH) as conn:
        user = accounts.user(conn, "03201", "admin")
        accounts.set_roles(conn, "03201", user.user_id, "admin", {Role.COUNTER}, by="test")
    assert browser.get("/staff").status_code == 403


def test_pages_for_one_person_are_never_stored(browser: TestClient) -> None:
    become_admin(browser)
    for path in ("/account", "/staff", "/login", "/api/v1/vacant-houses"):
        answer = browser.get(path, headers={"accept": "*/*"})
        assert "no-store" in answer.headers["cache-control"]
        assert "public" not in answer.headers["cache-control"]


@pytest.mark.parametrize(
    "password",
    ["", "short", "a" * 40, "123456789012", "abcdefghijklmnop", "qwertyuiopqwerty", "admin-admin-admin", "password2026", "x" * 201],
)
def test_easy_passwords_are_refused(password: str) -> None:
    with pytest.raises(InputError):
        passwords.check_strength(password, "admin")


@pytest.mark.parametrize("password", [PASSWORD, "correct horse battery staple", "Kj8#mQ2$vL9!pW"])
def test_good_passwords_pass(password: str) -> None:
    passwords.check_strength(password, "admin")


def test_full_width_and_half_width_are_one_password() -> None:
    stored = passwords.hash_password("ｐａｓｓ Word 12345 盛岡")
    assert passwords.verify(stored, "pass Word 12345 盛岡")
    assert not passwords.verify(stored, "pass word 12345 盛岡")
    assert not passwords.verify(None, "anything")
