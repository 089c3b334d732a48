"""Sign-in through the city's service, against a real provider on loopback: the good way, and every bad one we can think of."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import psycopg
import pytest
from starlette.testclient import TestClient

from api.auth import apart, child
from geodata import accounts, identities
from geodata.database import Audience
from kyodo_geo.errors import ConflictError
from kyodo_geo.roles import Role
from tests.api.conftest import HOST, another
from tests.api.signing import PASSWORD, admin_link, become_admin, send
from tests.fixtures_db import DatabaseUrls
from tests.oidc_provider import CLIENT, SECRET, Claims, Provider

Serve = Callable[..., TestClient]
PEOPLE: dict[str, Claims] = {
    "tanaka": {"preferred_username": "tanaka", "name": "田中", "groups": ["planners"]},
    "sato": {"preferred_username": "sato", "name": "佐藤", "groups": ["nobody-here"]},
}


@pytest.fixture
def provider() -> Iterator[Provider]:
    found = Provider(f"{HOST}/login/oidc/return", PEOPLE)
    yield found
    found.stop()


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child's tasks without a process each (half a second); what goes in and out is JSON all the same."""

    def call(task: str, *, timeout_s: float, **given: Any) -> dict[str, Any]:
        return apart.unpacked(task, json.loads(json.dumps(child.answer(task, json.loads(json.dumps(given))))))

    monkeypatch.setattr(apart, "call", call)


@pytest.fixture
def city(
    serve: Serve, provider: Provider, tmp_path: Path, in_this_process: None
) -> Callable[..., TestClient]:
    """A service that knows the provider, with `tanaka` entered as a planner."""

    def start(**values: Any) -> TestClient:
        secret = tmp_path / "secret"
        secret.write_text(SECRET + "\n")
        client = serve(
            base_url=HOST, oidc_issuer=provider.issuer, oidc_client_id=CLIENT, oidc_client_secret_file=secret, **values
        )  # fmt: skip
        client.headers["accept"] = "text/html"
        services = client.app.state.services
        with services.database.write(Audience.AUTH) as conn:
            accounts.add_user(conn, "03201", "tanaka", "田中", {Role.PLANNER}, by="test")
        return client

    return start


@pytest.fixture
def groups(tmp_path: Path) -> dict[str, Any]:
    """Settings of a city whose provider makes accounts."""
    table = tmp_path / "groups.json"
    table.write_text('{"planners": ["planner"]}')
    return {"group_roles_file": table, "roles_from_groups": True, "create_at_sign_in": True}


def leave(client: TestClient, to: str = "/staff") -> str:
    """Press the button; returns the address at the provider."""
    answer = client.get(f"/login/oidc?next={to}")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def at_provider(url: str) -> str:
    """What the provider sends the browser back to, as a path of ours."""
    answer = httpx.get(url)
    assert answer.status_code == 303
    return answer.headers["location"].removeprefix(HOST)


def sign_in(client: TestClient, to: str = "/staff") -> httpx.Response:
    return client.get(at_provider(leave(client, to)))


def told(answer: httpx.Response) -> str:
    found = re.search(r'class="error-summary".*?<p>(.*?)</p>', answer.text, re.DOTALL)
    assert found is not None, answer.text
    return re.sub("<[^>]+>", "", found[1])


def failed_at(town: DatabaseUrls) -> list[Any]:
    with psycopg.connect(town.superuser) as conn:
        return conn.execute(
            "SELECT actor, details FROM kyodo.audit WHERE action = 'sign-in.failed'"
        ).fetchall()


def is_out(client: TestClient) -> bool:
    return client.get("/account").status_code == 303


# -- the good way ---------------------------------------------------------------------------------------------


def test_the_whole_way(city: Callable[..., TestClient], provider: Provider, town: DatabaseUrls) -> None:
    client = city()
    page = client.get("/login?next=/staff/plans").text
    assert 'href="/login/oidc?next=/staff/plans"' in page
    url = leave(client, "/staff/plans")
    asked = dict(parse_qsl(urlsplit(url).query))
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert len(asked["state"]) == len(asked["nonce"]) == 43
    answer = client.get(at_provider(url))
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff/plans")
    assert "kyodo_pending" not in client.cookies
    assert client.get("/staff/plans").status_code == 200
    with psycopg.connect(town.superuser) as conn:
        row = conn.execute("SELECT issuer, linked_by FROM kyodo.user_identity").fetchone()
        audited = conn.execute(
            "SELECT details FROM kyodo.audit WHERE action = 'sign-in' AND actor = 'tanaka'"
        ).fetchone()
        pending = conn.execute("SELECT count(*) FROM kyodo.pending_sign_in").fetchone()
    assert row == (provider.issuer, identities.FIRST_SIGN_IN)
    assert audited == ({"via": "provider"},)
    assert pending == (0,)


def test_a_process_of_its_own_does_the_work(
    city: Callable[..., TestClient], provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in service: the worker imports none of the heavy libraries, and the child gets by with a bare environment."""
    client = city()
    monkeypatch.undo()
    assert sign_in(client).headers["location"] == "/staff"


def test_afterwards_the_subject_counts_not_the_name(
    city: Callable[..., TestClient], provider: Provider
) -> None:
    client = city()
    sign_in(client)
    provider.spoil = lambda claims: {**claims, "preferred_username": "renamed"}
    other = another(client)
    assert sign_in(other).headers["location"] == "/staff", "the same subject"
    provider.spoil = lambda claims: {**claims, "sub": "somebody-else"}
    third = another(client)
    answer = sign_in(third)
    assert (answer.status_code, is_out(third)) == (403, True), "the same name of another person"
    assert "別の利用者と結び付いています" in told(answer)


def test_new_keys_at_the_provider_need_nothing_here(
    city: Callable[..., TestClient], provider: Provider
) -> None:
    client = city()
    sign_in(client)
    old = provider.signing_keys()
    provider.rotate()
    assert sign_in(another(client)).headers["location"] == "/staff"
    provider.spoil = lambda claims: provider.sign(claims, keys=old)
    refused = another(client)
    assert sign_in(refused).status_code == 400, "a key it withdrew is not believed any more"


def test_nothing_leads_elsewhere_afterwards(city: Callable[..., TestClient], provider: Provider) -> None:
    client = city()
    for to in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"):
        browser = another(client)
        answer = browser.get("/login/oidc", params={"next": to})
        assert browser.get(at_provider(answer.headers["location"])).headers["location"] == "/account", to


# -- who may --------------------------------------------------------------------------------------------------


def test_nobody_is_made_by_signing_in(
    city: Callable[..., TestClient], provider: Provider, town: DatabaseUrls
) -> None:
    client = city()
    provider.user = "sato"
    answer = sign_in(client)
    assert (answer.status_code, is_out(client)) == (403, True)
    assert "登録されていません" in told(answer)
    assert failed_at(town)[-1][0] == "unknown"


def test_a_stopped_account_stays_out(city: Callable[..., TestClient], provider: Provider) -> None:
    client = city()
    sign_in(client)
    with client.app.state.services.database.write(Audience.AUTH) as conn:
        accounts.set_active(conn, "03201", "tanaka", False, by="test")
    assert is_out(client)
    answer = sign_in(client)
    assert (answer.status_code, is_out(client)) == (403, True)


def test_the_account_for_emergencies_is_not_the_providers_to_hand_out(
    city: Callable[..., TestClient], provider: Provider
) -> None:
    client = city()
    link = admin_link(client)
    token = link.partition("token=")[2]
    send(client, "/welcome", form=link, token=token, password=PASSWORD, password_again=PASSWORD)
    send(client, "/logout", form="/account")
    provider.spoil = lambda claims: {**claims, "preferred_username": "admin"}
    assert sign_in(client).status_code == 403
    assert send(client, "/login", login="admin", password=PASSWORD).status_code == 303, "its password works"


def test_a_password_does_not_go_around_the_provider(
    city: Callable[..., TestClient], provider: Provider
) -> None:
    from api.auth.links import create_link
    from api.auth.passwords import hash_password

    client = city()
    services = client.app.state.services
    with services.database.write(Audience.AUTH) as conn:
        user = accounts.user(conn, "03201", "tanaka")
        accounts.set_password(conn, "03201", user.user_id, "tanaka", hash_password(PASSWORD))
    assert send(client, "/login", login="tanaka", password=PASSWORD).status_code == 400
    with pytest.raises(ConflictError):
        create_link(services.database, services.settings, "tanaka")


def test_roles_of_groups(
    city: Callable[..., TestClient], provider: Provider, tmp_path: Path, town: DatabaseUrls
) -> None:
    table = tmp_path / "groups.json"
    table.write_text('{"Planners": ["planner", "facility_staff"], "admins": ["administrator"]}')
    client = city(group_roles_file=table, roles_from_groups=True, create_at_sign_in=True)
    assert sign_in(client, "/account").status_code == 303
    page = client.get("/account").text
    assert "施設担当" in page
    provider.spoil = lambda claims: {**claims, "groups": ["elsewhere"]}
    answer = sign_in(another(client))
    assert (answer.status_code, "グループに入っていません" in told(answer)) == (403, True)
    assert is_out(client), "who is in no group any more is out everywhere"
    with psycopg.connect(town.superuser) as conn:
        assert conn.execute("SELECT count(*) FROM kyodo.user_role JOIN kyodo.app_user USING (user_id) "
                            "WHERE login = 'tanaka'").fetchone() == (0,)  # fmt: skip
        last = conn.execute("SELECT details FROM kyodo.audit WHERE action = 'user.roles' AND target = 'tanaka' "
                            "ORDER BY entry_no DESC LIMIT 1").fetchone()  # fmt: skip
    assert last == ({"roles": []},)
    provider.spoil = None
    provider.user = "sato"
    assert sign_in(another(client)).status_code == 403, "nobody without a role is made"
    provider.spoil = lambda claims: {**claims, "groups": ["PLANNERS"]}
    assert sign_in(another(client)).status_code == 303
    with psycopg.connect(town.superuser) as conn:
        rows = conn.execute(
            "SELECT target, actor, details->'roles' FROM kyodo.audit WHERE action = 'user.roles' ORDER BY entry_no"
        ).fetchall()
    assert ("tanaka", "provider", ["facility_staff", "planner"]) in rows
    assert ("sato", identities.FIRST_SIGN_IN, ["facility_staff", "planner"]) in rows


def test_administrators_may_have_to_sign_in_more_strongly(
    city: Callable[..., TestClient], provider: Provider
) -> None:
    client = city(oidc_admin_strength=["mfa"])
    sign_in(client)
    with client.app.state.services.database.write(Audience.AUTH) as conn:
        user = accounts.user(conn, "03201", "tanaka")
        accounts.set_roles(conn, "03201", user.user_id, "tanaka", {Role.ADMINISTRATOR}, by="test")
    assert sign_in(client).status_code == 403
    provider.spoil = lambda claims: {**claims, "amr": ["pwd", "mfa"]}
    assert sign_in(client).status_code == 303


def test_who_may_not_come_in_loses_roles_all_the_same(
    city: Callable[..., TestClient], provider: Provider, tmp_path: Path
) -> None:
    table = tmp_path / "groups.json"
    table.write_text('{"planners": ["planner", "facility_staff"], "admins": ["administrator"]}')
    client = city(group_roles_file=table, roles_from_groups=True, oidc_admin_strength=["mfa"])
    assert sign_in(client).status_code == 303
    provider.spoil = lambda claims: {**claims, "groups": ["admins"]}
    assert sign_in(another(client)).status_code == 403, "too weak for an administrator"
    assert is_out(client), "and the roles that were taken away do not go on"


def test_the_name_for_emergencies_is_not_made_from_elsewhere(
    city: Callable[..., TestClient], provider: Provider, groups: dict[str, Any]
) -> None:
    """Before anybody entered it, too."""
    client = city(**groups)
    for name in ("admin", "Admin"):
        provider.spoil = lambda claims, name=name: {**claims, "preferred_username": name}
        assert sign_in(another(client)).status_code == 403, name
    with client.app.state.services.database.read(Audience.AUTH) as conn:
        assert [user.login for user in accounts.users(conn, "03201")] == ["tanaka"]


def test_a_name_that_differs_in_case_is_neither_linked_nor_made(
    city: Callable[..., TestClient], provider: Provider, groups: dict[str, Any]
) -> None:
    client = city(**groups)
    provider.spoil = lambda claims: {**claims, "preferred_username": "Tanaka"}
    assert (sign_in(client).status_code, is_out(client)) == (403, True)


@pytest.mark.full
@pytest.mark.parametrize(
    ("settings", "claims", "good"),
    [
        ({"oidc_login_claim": "email"}, {"email": "tanaka", "email_verified": False}, False),
        ({"oidc_login_claim": "email"}, {"email": "tanaka"}, False),
        ({"oidc_login_claim": "email"}, {"email": "tanaka", "email_verified": "true"}, False),
        ({"oidc_login_claim": "email"}, {"email": "tanaka", "email_verified": True}, True),
        (
            {"oidc_login_domain": "city.example.lg.jp"},
            {"preferred_username": "tanaka@city.example.lg.jp"},
            True,
        ),
        ({"oidc_login_domain": "city.example.lg.jp"}, {"preferred_username": "tanaka@evil.example"}, False),
        ({"oidc_login_domain": "city.example.lg.jp"}, {"preferred_username": "tanaka"}, False),
        ({"oidc_first_link": "command"}, {}, False),
        ({}, {"preferred_username": ["tanaka"]}, False),
    ],
)
def test_whom_the_first_sign_in_is_linked_to(
    city: Callable[..., TestClient], provider: Provider, settings: dict[str, Any], claims: Claims, good: bool
) -> None:
    client = city(**settings)
    provider.spoil = lambda held: {**held, **claims}
    assert sign_in(client).status_code == (303 if good else 403)
    assert is_out(client) is not good


# -- answers nobody should believe ----------------------------------------------------------------------------


def without(claims: Claims, name: str) -> Claims:
    return {key: value for key, value in claims.items() if key != name}


SPOILT: dict[str, Callable[[Provider, Claims], Claims | str]] = {
    "wrong nonce": lambda _, claims: {**claims, "nonce": "another"},
    "no nonce": lambda _, claims: without(claims, "nonce"),
    "wrong audience": lambda _, claims: {**claims, "aud": ["another-client"]},
    "further audience": lambda _, claims: {**claims, "aud": [CLIENT, "another-client"]},
    "other party": lambda _, claims: {**claims, "azp": "another-client"},
    "wrong issuer": lambda _, claims: {**claims, "iss": "https://another.example"},
    "expired": lambda _, claims: {**claims, "exp": int(time.time()) - 120},
    "no expiry": lambda _, claims: without(claims, "exp"),
    "from the future": lambda _, claims: {**claims, "iat": int(time.time()) + 600},
    "wrong access token": lambda _, claims: {**claims, "at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    "no subject": lambda _, claims: without(claims, "sub"),
    "subject of another kind": lambda _, claims: {**claims, "sub": 5},
    "alg none": lambda provider, claims: provider.unsigned(claims),
    "public key as a secret": lambda provider, claims: provider.sign_with_public_key(claims),
    "keys of somebody else": lambda provider, claims: provider.sign(claims, keys=_strangers()),
    "no token at all": lambda _, claims: "x.y.z",
    "algorithm not allowed": lambda provider, claims: provider.sign(claims, alg="RS512"),
}  # fmt: skip


def _strangers() -> list[Any]:
    from cryptojwt.key_jar import build_keyjar

    return list(build_keyjar([{"type": "RSA", "key": "", "use": ["sig"]}]).get_signing_key("rsa", ""))


def test_no_such_token_signs_anybody_in(city: Callable[..., TestClient], provider: Provider) -> None:
    client = city()
    for name, spoil in SPOILT.items():
        provider.spoil = lambda claims, spoil=spoil: spoil(provider, claims)
        browser = another(client)
        answer = sign_in(browser)
        assert answer.status_code == 400, name
        assert "確かめられませんでした" in told(answer), name
        assert is_out(browser), name
    provider.spoil = lambda claims: claims
    assert sign_in(another(client)).status_code == 303, "the same token, unspoilt, is a good one"


def test_an_answer_to_another_question(city: Callable[..., TestClient], provider: Provider) -> None:
    client = city()
    back = at_provider(leave(client))
    for change in ({"state": "x" * 43}, {"state": ""}):
        query = {**dict(parse_qsl(urlsplit(back).query)), **change}
        answer = client.get(f"/login/oidc/return?{urlencode(query)}")
        assert (answer.status_code, is_out(client)) == (400, True)
    assert client.get(back).status_code == 400, "the wrong answer used the question up"


def test_an_answer_in_another_browser(city: Callable[..., TestClient], provider: Provider) -> None:
    """Somebody is led to an address with the attacker's code: they must not end up in the attacker's account."""
    client = city()
    back = at_provider(leave(client))
    victim = another(client)
    assert victim.get(back).status_code == 400
    leave(victim)
    assert victim.get(back).status_code == 400, "not with a question of their own either"
    assert is_out(victim)


def test_an_answer_works_once(city: Callable[..., TestClient], provider: Provider) -> None:
    client = city()
    back = at_provider(leave(client))
    pending = client.cookies["kyodo_pending"]
    assert client.get(back).status_code == 303
    thief = another(client)
    thief.cookies.set("kyodo_pending", pending)
    assert thief.get(back).status_code == 400
    assert is_out(thief)


def test_a_code_that_was_used_is_refused_by_the_provider_and_so_by_us(
    city: Callable[..., TestClient], provider: Provider
) -> None:
    client = city()
    back = at_provider(leave(client))
    assert client.get(back).status_code == 303
    used = dict(parse_qsl(urlsplit(back).query))["code"]
    provider.answer = lambda sent: {**sent, "code": used}
    other = another(client)
    answer = sign_in(other)
    assert (answer.status_code, is_out(other)) == (400, True)
    assert "引き換え" in told(answer)


def test_an_answer_of_another_provider(city: Callable[..., TestClient], provider: Provider) -> None:
    """Mix-up: the answer says who it is from (RFC 9207); a code of another's is never sent to this one."""
    client = city()
    provider.metadata = {"authorization_response_iss_parameter_supported": True}
    for iss in ({"iss": "https://another.example"}, {}):
        provider.answer = lambda sent, iss=iss: {**without(sent, "iss"), **iss}
        assert sign_in(client).status_code == 400
    assert "/token" not in provider.asked


def test_the_provider_says_no(city: Callable[..., TestClient], provider: Provider) -> None:
    client = city()
    for error, status in {
        "access_denied": 403, "temporarily_unavailable": 503, "server_error": 503, "<script>": 400,
    }.items():  # fmt: skip
        provider.answer = lambda sent, error=error: {
            "state": sent["state"], "error": error, "error_description": "<b>x</b>",
        }  # fmt: skip
        answer = sign_in(client)
        assert answer.status_code == status, error
        assert ("retry-after" in answer.headers) == (status == 503)
        assert error not in told(answer)
    assert "/token" not in provider.asked


# -- a provider that is not there -----------------------------------------------------------------------------


def test_a_provider_that_is_down(
    city: Callable[..., TestClient], provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    client = city()
    back = at_provider(leave(client))
    provider.stop()
    for answer in (client.get("/login/oidc"), client.get(back)):
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
        assert "つながりません" in told(answer)
    become_admin(client)
    assert client.get("/account").status_code == 200, "who has a password here goes on"
    assert SECRET not in caplog.text


def test_metadata_nobody_should_believe(city: Callable[..., TestClient], provider: Provider) -> None:
    client = city()
    for metadata in (
        {"issuer": "https://another.example"},
        {"token_endpoint": "http://another.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
    ):
        provider.metadata = metadata
        assert client.get("/login/oidc").status_code == 503, metadata


def test_a_wrong_secret_is_the_operators_to_mend(
    city: Callable[..., TestClient], provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    client = city()
    client.app.state.services.settings.oidc_client_secret_file.write_text("wrong")
    assert sign_in(client).status_code == 503
    assert "refuses our client id or secret" in caplog.text


def test_without_a_provider_there_is_no_such_way(visitor: TestClient) -> None:
    assert "/login/oidc" not in visitor.get("/login").text
    assert visitor.get("/login/oidc").status_code == 404
    assert visitor.get("/login/oidc/return?state=x&code=y").status_code == 404
    assert visitor.post("/login/oidc/signed-out", data={"logout_token": "x"}).status_code == 404


def counted(town: DatabaseUrls) -> list[int]:
    with psycopg.connect(town.superuser) as conn:
        return [row[0] for row in conn.execute("SELECT attempts FROM kyodo.sign_in_rate ORDER BY 1")]


def test_pages_elsewhere_cannot_start_anything_here(
    city: Callable[..., TestClient], town: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An image or a frame in a page anywhere asks from within the city's network."""
    client = city()
    monkeypatch.setattr(apart, "call", lambda *_, **__: pytest.fail("a process was started"))
    for mode, where in (("no-cors", "image"), ("cors", "empty"), ("navigate", "iframe"), ("websocket", "")):
        answer = client.get("/login/oidc", headers={"sec-fetch-mode": mode, "sec-fetch-dest": where})
        assert answer.status_code == 403, mode
    assert client.post("/login/oidc/signed-out", data={"logout_token": "x"}).status_code == 400
    assert counted(town) == []


def test_a_browser_that_goes_there_is_let_through(
    city: Callable[..., TestClient], provider: Provider
) -> None:
    client = city()
    opened = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert client.get("/login/oidc", headers=opened).status_code == 303


def test_going_to_the_provider_uses_up_nobodys_passwords(
    city: Callable[..., TestClient], provider: Provider
) -> None:
    client = city(sign_in_failures_per_source=5)
    link = admin_link(client)
    for _ in range(5):
        assert client.get("/login/oidc").status_code == 303
        assert client.post("/login/oidc/signed-out", data={"logout_token": "x.y.z"}).status_code == 400
    assert client.get("/login/oidc").status_code == 429
    assert client.post("/login/oidc/signed-out", data={"logout_token": "x.y.z"}).status_code == 429
    token = link.partition("token=")[2]
    send(client, "/welcome", form=link, token=token, password=PASSWORD, password_again=PASSWORD)
    send(client, "/logout", form="/account")
    assert send(client, "/login", login="admin", password=PASSWORD).status_code == 303


def test_good_ways_through_the_provider_do_not_count(
    city: Callable[..., TestClient], provider: Provider, town: DatabaseUrls
) -> None:
    client = city()
    for _ in range(2):
        assert sign_in(another(client)).status_code == 303
    assert counted(town) == [0]


# -- signing out ----------------------------------------------------------------------------------------------


def test_signing_out_there_too_is_a_link(city: Callable[..., TestClient], provider: Provider) -> None:
    client = city()
    provider.metadata = {"end_session_endpoint": f"{provider.issuer}/bye"}
    sign_in(client)
    answer = send(client, "/logout", form="/account")
    assert answer.status_code == 200
    found = re.search(rf'href="({provider.issuer}/bye\?[^"]+)"', answer.text)
    assert found is not None
    query = dict(parse_qsl(urlsplit(found[1].replace("&amp;", "&")).query))
    assert query == {"client_id": CLIENT, "post_logout_redirect_uri": f"{HOST}/login"}
    assert is_out(client)
    provider.metadata = {}
    sign_in(client)
    assert send(client, "/logout", form="/account").status_code == 303, (
        "where it offers none, there is no page"
    )


def test_signed_out_at_the_provider_is_signed_out_here(
    city: Callable[..., TestClient], provider: Provider, town: DatabaseUrls
) -> None:
    client = city()
    seen: list[Claims] = []
    provider.spoil = lambda claims: seen.append(claims) or claims  # type: ignore[func-returns-value]
    first, second = another(client), another(client)
    sign_in(first), sign_in(second)

    def say(token: str) -> int:
        return client.post("/login/oidc/signed-out", data={"logout_token": token}).status_code

    sid, sub = seen[0]["sid"], seen[0]["sub"]
    now = int(time.time())
    for bad in (
        provider.logout_token(sid=sid, nonce="x"),
        provider.logout_token(sid=sid, events={}),
        provider.logout_token(),
        provider.logout_token(sid=sid, aud="another"),
        provider.logout_token(sid=sid, exp=now - 300),
        provider.unsigned({"iss": provider.issuer, "sid": sid}),
        "",
    ):
        assert say(bad) == 400
    assert not is_out(first)
    assert say(provider.logout_token(sid=sid)) == 200
    assert (is_out(first), is_out(second)) == (True, False)
    assert say(provider.logout_token(sub=sub)) == 200
    assert is_out(second)
