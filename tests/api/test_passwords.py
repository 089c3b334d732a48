"""Passwords: strength, guessing, changing."""

from __future__ import annotations

import re
from collections.abc import Callable

import psycopg
import pytest
from starlette.testclient import TestClient

from api.auth import passwords
from geodata import accounts
from geodata.database import Audience
from kyodo_geo.errors import InputError
from tests.api.conftest import HOST, PAGE
from tests.api.signing import OTHER, PASSWORD, audit, become_admin, send
from tests.fixtures_db import DatabaseUrls

Serve = Callable[..., TestClient]


def test_wrong_passwords_lock_the_account_and_say_no_more(visitor: TestClient, town: DatabaseUrls) -> None:
    become_admin(visitor)
    visitor.cookies.clear()
    texts = set()
    for _ in range(accounts.MAX_FAILURES):
        answer = send(visitor, "/login", login="admin", password="wrong")
        assert answer.status_code == 400
        texts.add(re.sub(r'value="[^"]*"', "", answer.text))
    locked = send(visitor, "/login", login="admin", password=PASSWORD)
    assert locked.status_code == 400, "even the right password does not help now"
    texts.add(re.sub(r'value="[^"]*"', "", locked.text))
    unknown = send(visitor, "/login", login="nobody", password="wrong")
    texts.add(re.sub(r'value="[^"]*"', "", unknown.text))
    assert len(texts) == 1, "locked, wrong and unknown look the same"
    assert audit(town).count(("admin", "sign-in.failed")) == accounts.MAX_FAILURES + 1
    assert ("unknown", "sign-in.failed") in audit(town)
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.app_user SET locked_until = now() - interval '1 second'")
    assert send(visitor, "/login", login="admin", password=PASSWORD).status_code == 303, (
        "after a while it works again"
    )


def test_guesses_sent_at_once_are_all_counted(visitor: TestClient) -> None:
    from concurrent.futures import ThreadPoolExecutor

    become_admin(visitor)
    services = visitor.app.state.services

    def guess(_: int) -> bool:
        with services.database.write(Audience.AUTH) as conn:
            return accounts.begin_attempt(conn, services.settings.municipality, "admin") is not None

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(guess, range(12))) == accounts.MAX_FAILURES


def test_what_was_typed_as_a_name_is_not_written_down(visitor: TestClient, town: DatabaseUrls) -> None:
    send(visitor, "/login", login="MyPasswordTypedHere", password="x")
    with psycopg.connect(town.superuser) as conn:
        text = str(conn.execute("SELECT array_agg(a::text) FROM kyodo.audit a").fetchone())
    assert "MyPasswordTypedHere" not in text


def test_changing_the_password_ends_other_sessions(visitor: TestClient) -> None:
    become_admin(visitor)
    other = TestClient(
        visitor.app,
        base_url=HOST,
        follow_redirects=False,
        cookies={"kyodo_session": visitor.cookies["kyodo_session"]},
    )
    assert other.get("/account", headers=PAGE).status_code == 200
    wrong = send(
        visitor,
        "/account/password",
        form="/account",
        old_password="nonsense",
        password=OTHER,
        password_again=OTHER,
    )
    assert wrong.status_code == 400
    done = send(
        visitor,
        "/account/password",
        form="/account",
        old_password=PASSWORD,
        password=OTHER,
        password_again=OTHER,
    )
    assert done.status_code == 303
    assert visitor.get("/account").status_code == 200
    assert other.get("/account", headers=PAGE).status_code == 303


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "a" * 40,
        "123456789012",
        "abcdefghijklmnop",
        "qwertyuiopqwerty",
        "admin-admin-admin",
        "password2026",
        "x" * 201,
    ],
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
