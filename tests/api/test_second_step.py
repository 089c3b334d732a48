"""One-time codes: set up, asked for without a session in between, each good once; recovery codes; what roles require."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pyotp
import pytest
from cryptography.fernet import Fernet
from starlette.testclient import TestClient

from api.auth import apart, authenticator, child
from geodata import accounts
from geodata.database import Audience
from kyodo_geo.errors import UnavailableError
from tests.api.conftest import another
from tests.api.signing import PASSWORD, admin_link, audit, become_admin, send, token_of
from tests.fixtures_db import DatabaseUrls

Serve = Callable[..., TestClient]


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child's tasks without a process each; what goes in and out is JSON all the same."""

    def call(task: str, *, timeout_s: float, **given: Any) -> dict[str, Any]:
        return apart.unpacked(task, json.loads(json.dumps(child.answer(task, json.loads(json.dumps(given))))))

    monkeypatch.setattr(apart, "call", call)
    monkeypatch.setattr(authenticator, "time", SimpleNamespace(time=lambda: NOW))


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    found = tmp_path / "totp.key"
    found.write_text(Fernet.generate_key().decode())
    return found


@pytest.fixture
def city(serve: Serve, key_file: Path, in_this_process: None) -> Callable[..., TestClient]:
    def start(**values: Any) -> TestClient:
        client = serve(totp_key_file=key_file, **values)
        client.headers["accept"] = "text/html"
        return client

    return start


NOW = time.time()
"""The moment all codes of these tests are for: no test runs into the next step."""


def secret_in(html: str) -> str:
    found = re.search(r'<code class="secret"[^>]*>([A-Z2-7 ]+)</code>', html)
    assert found is not None, html
    assert 'src="data:image/svg+xml' in html
    return found[1].replace(" ", "")


def codes_in(html: str) -> list[str]:
    return re.findall(r"<code[^>]*>([a-z0-9]{4}(?:-[a-z0-9]{4}){3})</code>", html)


def code(secret: str, drift: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(NOW) + 30 * drift)


def enrol(client: TestClient) -> tuple[str, list[str]]:
    """Set codes up from the account, with the code of the step before: the present one stays unused."""
    assert (
        send(client, "/account/codes/begin", form="/account/codes", old_password=PASSWORD).status_code == 303
    )
    page = client.get("/account/codes").text
    secret = secret_in(page)
    done = send(client, "/account/codes/confirm", form="/account/codes", code=code(secret, -1))
    assert done.status_code == 200, done.text
    return secret, codes_in(done.text)


def first_step(client: TestClient) -> None:
    answer = send(client, "/login", login="admin", password=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login/code")
    assert "kyodo_session" not in client.cookies
    assert client.get("/account").status_code == 303, "no session in between"


def second_step(client: TestClient, typed: str) -> Any:
    return send(client, "/login/code", code=typed)


def test_setting_up_and_signing_in(city: Callable[..., TestClient], town: DatabaseUrls) -> None:
    client = city()
    become_admin(client)
    elsewhere = another(client)
    send(elsewhere, "/login", login="admin", password=PASSWORD)
    secret, codes = enrol(client)
    assert len(set(codes)) == 10
    assert client.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303, "what was begun with less has ended"
    fresh = another(client)
    first_step(fresh)
    assert second_step(fresh, "000000" if code(secret) != "000000" else "111111").status_code == 400
    answer = second_step(fresh, code(secret))
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert fresh.get("/account").status_code == 200
    with psycopg.connect(town.superuser) as conn:
        stored = str(conn.execute("SELECT array_agg(t::text) FROM kyodo.user_totp t").fetchone())
        hashes = str(conn.execute("SELECT array_agg(t::text) FROM kyodo.recovery_code t").fetchone())
        told = conn.execute(
            "SELECT details FROM kyodo.audit WHERE action = 'sign-in' ORDER BY entry_no"
        ).fetchall()
    assert secret not in stored
    assert not any(one in hashes or one.replace("-", "") in hashes for one in codes)
    assert told[-1] == ({"via": "password", "second": "totp"},)
    assert ("admin", "user.totp") in audit(town)


def test_a_code_works_once_and_no_older_one_after_it(city: Callable[..., TestClient]) -> None:
    client = city()
    become_admin(client)
    secret, _ = enrol(client)
    fresh = another(client)
    first_step(fresh)
    assert second_step(fresh, code(secret, -1)).status_code == 400, "the code that set it up"
    assert second_step(fresh, code(secret, 1)).status_code == 303, "a clock that is early"
    again = another(client)
    first_step(again)
    assert second_step(again, code(secret, 1)).status_code == 400
    assert second_step(again, code(secret, 0)).status_code == 400, "older than one that was used"


def test_too_far_away_is_wrong(city: Callable[..., TestClient]) -> None:
    client = city()
    become_admin(client)
    secret, _ = enrol(client)
    fresh = another(client)
    first_step(fresh)
    for drift in (-3, 3):
        assert second_step(fresh, code(secret, drift)).status_code == 400


def test_full_width_digits_and_spaces_are_the_same_code(city: Callable[..., TestClient]) -> None:
    client = city()
    become_admin(client)
    secret, _ = enrol(client)
    fresh = another(client)
    first_step(fresh)
    digits = code(secret).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert second_step(fresh, f"{digits[:3]}　{digits[3:]}").status_code == 303


def test_a_recovery_code_works_once(city: Callable[..., TestClient]) -> None:
    client = city()
    become_admin(client)
    _, codes = enrol(client)
    for number, expected in enumerate((303, 400)):
        fresh = another(client)
        first_step(fresh)
        typed = codes[0].upper() if number else codes[0].replace("-", " ")
        assert second_step(fresh, typed).status_code == expected
    assert "9 個" in client.get("/account/codes").text
    renewed = send(client, "/account/codes/recovery", form="/account/codes", old_password=PASSWORD)
    assert len(codes_in(renewed.text)) == 10
    fresh = another(client)
    first_step(fresh)
    assert second_step(fresh, codes[1]).status_code == 400, "the old ones are gone"
    assert second_step(fresh, codes_in(renewed.text)[0]).status_code == 303


def test_guessing_codes_locks_the_account(city: Callable[..., TestClient]) -> None:
    client = city()
    become_admin(client)
    secret, _ = enrol(client)
    fresh = another(client)
    first_step(fresh)
    for _ in range(accounts.MAX_FAILURES):
        assert second_step(fresh, "12345").status_code == 400
    assert second_step(fresh, code(secret)).status_code == 400, "even the right one, now"
    assert send(another(client), "/login", login="admin", password=PASSWORD).status_code == 400
    page = client.get("/staff/accounts").text
    assert "ロック中" in page
    assert send(client, "/staff/accounts/admin/unlock", form="/staff/accounts").status_code == 200
    assert second_step(fresh, code(secret)).status_code == 303


def test_knowing_the_password_does_not_give_more_guesses(city: Callable[..., TestClient]) -> None:
    """A good password must not set the count of failures back while a code is owed."""
    client = city()
    become_admin(client)
    secret, _ = enrol(client)
    for _ in range(accounts.MAX_FAILURES // 2):
        fresh = another(client)
        first_step(fresh)
        second_step(fresh, "12345")
    fresh = another(client)
    send(fresh, "/login", login="admin", password=PASSWORD)
    assert second_step_or_none(fresh, code(secret)) != 303


def second_step_or_none(client: TestClient, typed: str) -> int:
    page = client.get("/login/code").text
    return client.post("/login/code", data={"csrf_token": token_of(page), "code": typed}).status_code


def test_the_record_in_between_opens_nothing_else(
    city: Callable[..., TestClient], town: DatabaseUrls
) -> None:
    client = city()
    become_admin(client)
    secret, _ = enrol(client)
    fresh = another(client)
    first_step(fresh)
    pending = fresh.cookies["kyodo_pending"]
    fresh.cookies.set("kyodo_session", pending)
    assert fresh.get("/account").status_code == 303
    assert second_step(fresh, code(secret)).status_code == 303
    thief = another(client)
    thief.cookies.set("kyodo_pending", pending)
    assert thief.get("/login/code").status_code == 404, "used up"
    first_step(thief)
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.pending_sign_in SET expires_at = now() - interval '1 second'")
    assert thief.get("/login/code").status_code == 404


def test_a_link_for_a_new_password_does_not_go_around_the_code(city: Callable[..., TestClient]) -> None:
    client = city()
    become_admin(client)
    enrol(client)
    link = admin_link(client)
    fresh = another(client)
    answer = send(
        fresh,
        "/welcome",
        form=link,
        token=link.partition("token=")[2],
        password=PASSWORD,
        password_again=PASSWORD,
    )
    assert answer.headers["location"] == "/login/code"
    assert fresh.get("/account").status_code == 303


def test_what_a_role_requires_is_set_up_on_the_way_in(city: Callable[..., TestClient]) -> None:
    client = city(totp_roles=["administrator"])
    link = admin_link(client)
    answer = send(
        client,
        "/welcome",
        form=link,
        token=link.partition("token=")[2],
        password=PASSWORD,
        password_again=PASSWORD,
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/login/enrol")
    assert client.get("/account").status_code == 303
    page = client.get("/login/enrol").text
    secret = secret_in(page)
    assert secret_in(client.get("/login/enrol").text) == secret, "reading again changes nothing"
    assert send(client, "/login/enrol", code="12345").status_code == 400
    done = send(client, "/login/enrol", code=code(secret))
    assert (done.status_code, len(codes_in(done.text))) == (200, 10)
    assert client.get("/account").status_code == 200
    assert (
        send(client, "/account/codes/remove", form="/account/codes", old_password=PASSWORD).status_code == 409
    )


def test_a_secret_belongs_to_the_sign_in_that_began_it(
    city: Callable[..., TestClient], town: DatabaseUrls
) -> None:
    """Somebody who knows the password, too, must not wait with the same secret until its owner puts it in force."""
    client = city(totp_roles=["administrator"])
    link = admin_link(client)
    token = link.partition("token=")[2]
    send(client, "/welcome", form=link, token=token, password=PASSWORD, password_again=PASSWORD)
    thief, owner = another(client), another(client)
    for browser in (thief, owner):
        answer = send(browser, "/login", login="admin", password=PASSWORD)
        assert answer.headers["location"] == "/login/enrol"
    of_thief = secret_in(thief.get("/login/enrol").text)
    of_owner = secret_in(owner.get("/login/enrol").text)
    assert of_thief != of_owner
    late = send(thief, "/login/enrol", form="/login", code=code(of_thief))
    assert (late.status_code, codes_in(late.text)) == (404, [])
    done = send(owner, "/login/enrol", code=code(of_owner))
    assert (done.status_code, len(codes_in(done.text))) == (200, 10)
    assert thief.get("/login/enrol").status_code == 404, "with the first code every other sign-in has ended"


def test_a_secret_begun_in_another_session_is_not_shown(city: Callable[..., TestClient]) -> None:
    client = city()
    become_admin(client)
    other = another(client)
    send(other, "/login", login="admin", password=PASSWORD)
    send(other, "/account/codes/begin", form="/account/codes", old_password=PASSWORD)
    secret = secret_in(other.get("/account/codes").text)
    assert 'class="secret"' not in client.get("/account/codes").text
    refused = send(client, "/account/codes/confirm", form="/account/codes", code=code(secret))
    assert refused.status_code == 404


def test_a_code_of_a_secret_that_was_replaced_meanwhile_puts_nothing_in_force(
    city: Callable[..., TestClient], key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = city()
    become_admin(client)
    send(client, "/account/codes/begin", form="/account/codes", old_password=PASSWORD)
    secret = secret_in(client.get("/account/codes").text)
    another_secret = authenticator.make(str(key_file))["sealed"]
    services, ask = client.app.state.services, apart.call

    def meanwhile(task: str, **given: Any) -> dict[str, Any]:
        found = ask(task, **given)
        if task == "authenticator.step":
            with services.database.write(Audience.AUTH) as conn:
                conn.execute("UPDATE user_totp SET sealed_secret = %s", (another_secret,))
        return found

    monkeypatch.setattr(apart, "call", meanwhile)
    assert send(client, "/account/codes/confirm", form="/account/codes", code=code(secret)).status_code == 409


def test_taking_it_away(city: Callable[..., TestClient], town: DatabaseUrls) -> None:
    client = city()
    become_admin(client)
    enrol(client)
    wrong = send(client, "/account/codes/remove", form="/account/codes", old_password="wrong")
    assert wrong.status_code == 400
    assert "今のパスワードが違います" in wrong.text
    assert (
        send(client, "/account/codes/remove", form="/account/codes", old_password=PASSWORD).status_code == 200
    )
    assert send(another(client), "/login", login="admin", password=PASSWORD).headers["location"] == "/account"
    enrol(client)
    assert send(client, "/staff/accounts/admin/codes-reset", form="/staff/accounts").status_code == 200
    assert client.get("/account").status_code == 303, "sessions end with it"
    assert send(client, "/login", login="admin", password=PASSWORD).headers["location"] == "/account"
    assert audit(town).count(("admin", "user.totp-remove")) == 2


def test_without_a_key_nobody_is_enrolled(visitor: TestClient) -> None:
    become_admin(visitor)
    page = visitor.get("/account/codes")
    assert "準備ができていません" in page.text
    csrf_token = token_of(visitor.get("/account").text)
    sent = {"csrf_token": csrf_token, "old_password": PASSWORD}
    assert visitor.post("/account/codes/begin", data=sent).status_code == 503


def test_a_key_that_was_lost_stops_codes_but_not_recovery_codes(
    city: Callable[..., TestClient], key_file: Path
) -> None:
    client = city()
    become_admin(client)
    secret, codes = enrol(client)
    key_file.write_text(Fernet.generate_key().decode())
    fresh = another(client)
    first_step(fresh)
    answer = second_step(fresh, code(secret))
    assert (answer.status_code, "回復コードは使えます" in answer.text) == (503, True)
    assert second_step(fresh, codes[0]).status_code == 303


def test_a_new_key_first_opens_what_the_old_one_sealed(key_file: Path) -> None:
    sealed = authenticator.make(str(key_file))["sealed"]
    secret = authenticator.show(str(key_file), sealed, "a", "b")["secret"]
    key_file.write_text(Fernet.generate_key().decode() + "\n" + key_file.read_text())
    assert authenticator.show(str(key_file), sealed, "a", "b")["secret"] == secret
    key_file.write_text("no key")
    with pytest.raises(UnavailableError):
        authenticator.make(str(key_file))


def test_the_key_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from api.commands.users import app

    file = tmp_path / "key"
    for lines in (1, 2):
        assert CliRunner().invoke(app, ["totp-key", str(file)]).exit_code == 0
        assert len(file.read_text().split()) == lines
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o640)
    as_root = os.getuid() == 0
    if as_root:
        os.chown(file, 12345, 12346)
    assert CliRunner().invoke(app, ["totp-key", str(file)]).exit_code == 0
    held = file.stat()
    assert held.st_mode & 0o777 == 0o640, "who read the old file reads the new one"
    assert not as_root or (held.st_uid, held.st_gid) == (12345, 12346)
    assert [path.name for path in tmp_path.iterdir()] == ["key"]
    assert authenticator.make(str(file))["sealed"].startswith("gAAAA")


def test_a_process_of_its_own_makes_the_secret(
    city: Callable[..., TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = city()
    become_admin(client)
    monkeypatch.undo()
    send(client, "/account/codes/begin", form="/account/codes", old_password=PASSWORD)
    secret = secret_in(client.get("/account/codes").text)
    done = send(client, "/account/codes/confirm", form="/account/codes", code=pyotp.TOTP(secret).now())
    assert len(codes_in(done.text)) == 10
