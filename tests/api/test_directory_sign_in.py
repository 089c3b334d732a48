"""Sign-in with the password of the city's directory, against a real slapd with TLS on loopback."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient

from api.auth import apart, child, directory
from api.auth import sign_in as sign_in_module
from api.settings import Settings, load_settings
from geodata import accounts
from geodata.database import Audience
from kyodo_geo.errors import InputError, UnavailableError
from kyodo_geo.roles import Role
from tests import ldap_server
from tests.api.conftest import another
from tests.api.signing import PASSWORD, admin_link, send
from tests.fixtures_db import DatabaseUrls
from tests.ldap_server import GONE, SATO, SERVICE, STAFF, TANAKA, Directory

Serve = Callable[..., TestClient]
CLOSED = "ldaps://localhost:9"


@pytest.fixture(scope="module")
def ldap() -> Iterator[Directory]:
    found = ldap_server.make(Path(tempfile.mkdtemp(prefix="kyodo-geo-ldap-")))
    try:
        found.start()
        yield found
    finally:
        ldap_server.remove(found)


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child's tasks without a process each; what goes in and out is JSON all the same."""

    def call(task: str, *, timeout_s: float, **given: Any) -> dict[str, Any]:
        return apart.unpacked(task, json.loads(json.dumps(child.answer(task, json.loads(json.dumps(given))))))

    monkeypatch.setattr(apart, "call", call)


class Clock:
    """A clock that goes on only while somebody waits; `waited` keeps how long."""

    def __init__(self) -> None:
        self.now, self.waited = 0.0, list[float]()

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(sign_in_module, "time", found)
    return found


def settings_of(ldap: Directory, **values: Any) -> dict[str, Any]:
    return {
        "ldap_urls": [ldap.ldaps],
        "ldap_ca_file": ldap.authority,
        "ldap_search_base": STAFF,
        "ldap_bind_dn": SERVICE,
        "ldap_bind_password_file": ldap.service_password_file,
        # The schema of this server cannot compare sAMAccountName.
        "ldap_user_filter": "(&(objectClass=user)(cn={login}))",
        "ldap_timeout_s": 2.0,
        **values,
    }


@pytest.fixture
def city(serve: Serve, ldap: Directory, in_this_process: None) -> Callable[..., TestClient]:
    """A service that knows the directory, with `tanaka` entered and no password of ours."""

    def start(**values: Any) -> TestClient:
        client = serve(**settings_of(ldap, **values))
        client.headers["accept"] = "text/html"
        with client.app.state.services.database.write(Audience.AUTH) as conn:
            accounts.add_user(conn, "03201", "tanaka", "田中", {Role.PLANNER}, by="test")
        return client

    return start


def sign_in(client: TestClient, login: str = "tanaka", password: str = TANAKA) -> Any:
    return send(client, "/login", login=login, password=password)


def config(ldap: Directory, **values: Any) -> directory.Config:
    """What the child is told."""
    from api.auth.elsewhere import directory_config

    return directory_config(Settings(**settings_of(ldap, **values)))


# -- through the service --------------------------------------------------------------------------------------


def test_the_directorys_password_signs_in(city: Callable[..., TestClient], town: DatabaseUrls) -> None:
    client = city()
    answer = sign_in(client)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    page = client.get("/account").text
    assert "庁内のシステムで変えてください" in page
    assert "/account/password" not in page
    with psycopg.connect(town.superuser) as conn:
        row = conn.execute("SELECT issuer, subject FROM kyodo.user_identity").fetchone()
        via = conn.execute("SELECT details FROM kyodo.audit WHERE action = 'sign-in'").fetchone()
        everything = str(conn.execute("SELECT array_agg(a::text) FROM kyodo.audit a").fetchone())
    assert row == (f"ldap:{STAFF}", str(ldap_server.GUIDS["tanaka"]))
    assert via == ({"via": "directory"},)
    assert TANAKA not in everything


def test_a_process_of_its_own_asks_the_directory(
    city: Callable[..., TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = city()
    monkeypatch.undo()
    assert sign_in(client).status_code == 303


def test_wrong_and_unknown_look_the_same_and_count(
    city: Callable[..., TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = city()
    texts = set()
    for _ in range(accounts.MAX_FAILURES):
        answer = sign_in(client, password="wrong wrong wrong")
        assert answer.status_code == 400
        texts.add(answer.text.split("<form")[0])
    monkeypatch.setattr(apart, "call", lambda *a, **k: pytest.fail("a locked account asks nobody"))
    texts.add(sign_in(client).text.split("<form")[0])
    texts.add(sign_in(client, "nobody", "wrong wrong wrong").text.split("<form")[0])
    assert len(texts) == 1


def test_wrong_and_unknown_take_the_same_time(
    city: Callable[..., TestClient], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = city()
    ask = apart.call

    def slow(task: str, **given: Any) -> dict[str, Any]:
        clock.now += 0.75
        return ask(task, **given)

    monkeypatch.setattr(apart, "call", slow)
    for name in ("tanaka", "nobody", "admin"):
        before = clock.now
        sign_in(client, name, "wrong wrong wrong")
        assert clock.now - before == pytest.approx(sign_in_module.REFUSAL_S), name
    before = clock.now
    assert sign_in(client).status_code == 303
    assert clock.now - before == 0.75, "who comes in does not wait"


def test_an_empty_password_is_nobodys(
    city: Callable[..., TestClient], ldap: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The directory of this test takes it for an anonymous bind and says yes, as Active Directory does."""
    for password in ("", "\0", "\0x"):
        assert directory.check(config(ldap), "tanaka", password) == {"refused": directory.WRONG}
    client = city()
    monkeypatch.setattr(apart, "call", lambda *a, **k: pytest.fail("nobody is asked"))
    assert sign_in(client, password="").status_code == 400


def test_who_left_is_told_whom_to_ask(city: Callable[..., TestClient]) -> None:
    client = city()
    with client.app.state.services.database.write(Audience.AUTH) as conn:
        accounts.add_user(conn, "03201", "gone", "退職", {Role.PLANNER}, by="test")
    answer = sign_in(client, "gone", GONE)
    assert answer.status_code == 400
    assert "庁内のアカウントが停止しているか、ロックされています" in answer.text
    assert "停止している" not in sign_in(client, "gone", "wrong wrong wrong").text, (
        "only to who knows the password"
    )


def test_who_is_not_entered_here_stays_out(city: Callable[..., TestClient]) -> None:
    client = city()
    assert sign_in(client, "sato", SATO).status_code == 400


def test_a_name_given_to_another_person_is_not_their_account(
    city: Callable[..., TestClient], town: DatabaseUrls
) -> None:
    client = city()
    sign_in(client)
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.user_identity SET subject = 'the one before'")
    assert sign_in(another(client)).status_code == 409


def test_groups_decide_roles_where_asked_to(city: Callable[..., TestClient], tmp_path: Path) -> None:
    table = tmp_path / "groups.json"
    table.write_text(json.dumps({f"cn=planners,ou=groups,{ldap_server.BASE}": ["facility_staff"]}))
    client = city(group_roles_file=table, roles_from_groups=True, create_at_sign_in=True)
    assert sign_in(client).status_code == 303
    assert "施設担当" in client.get("/account").text
    other = another(client)
    assert sign_in(other, "sato", SATO).status_code == 303, "made at the first sign-in"
    assert sign_in(another(client), "sato", "wrong wrong wrong").status_code == 400
    assert sign_in(another(client), "nobody", "wrong wrong wrong").status_code == 400
    assert client.get("/account").status_code == other.get("/account").status_code == 200
    table.write_text("{}")
    assert sign_in(another(client)).status_code == 403
    assert client.get("/account").status_code == 303, "who is in no group any more is out everywhere"
    assert other.get("/account").status_code == 200, "others are not"
    with client.app.state.services.database.read(Audience.AUTH) as conn:
        assert accounts.user(conn, "03201", "tanaka").roles == frozenset()


@pytest.fixture
def groups(tmp_path: Path) -> dict[str, Any]:
    """Settings of a city whose directory makes accounts."""
    table = tmp_path / "groups.json"
    table.write_text(json.dumps({f"cn=planners,ou=groups,{ldap_server.BASE}": ["planner"]}))
    return {"group_roles_file": table, "roles_from_groups": True, "create_at_sign_in": True}


def test_another_spelling_is_the_same_account_and_the_same_lock(
    city: Callable[..., TestClient], groups: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = city(**groups)
    assert sign_in(another(client), "TANAKA").status_code == 303
    for name in ("tanaka", "Tanaka", "tAnaka", "taNaka", "tanAka"):
        assert sign_in(client, name, "wrong wrong wrong").status_code == 400
    monkeypatch.setattr(apart, "call", lambda *a, **k: pytest.fail("a locked account asks nobody"))
    assert sign_in(client, "TANAKA").status_code == 400
    with client.app.state.services.database.read(Audience.AUTH) as conn:
        assert [user.login for user in accounts.users(conn, "03201")] == ["tanaka"], "no second one is made"


def test_the_name_for_emergencies_is_not_made_from_the_directory(
    city: Callable[..., TestClient], groups: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = city(local_logins=["Sato"], **groups)
    monkeypatch.setattr(apart, "call", lambda *a, **k: pytest.fail("nobody is asked"))
    assert sign_in(client, "sato", SATO).status_code == 400


def test_a_name_without_an_account_has_no_more_guesses_than_one_with(
    city: Callable[..., TestClient],
    groups: dict[str, Any],
    town: DatabaseUrls,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = city(**groups)
    for name in ("sato", "Sato", "sAto", "saTo", "satO"):
        assert sign_in(client, name, "wrong wrong wrong").status_code == 400
    ask = apart.call
    monkeypatch.setattr(apart, "call", lambda *a, **k: pytest.fail("nobody is asked any more"))
    assert sign_in(client, "SATO", SATO).status_code == 400
    with psycopg.connect(town.superuser) as conn:
        assert "sato" not in str(
            conn.execute("SELECT array_agg(r::text) FROM kyodo.sign_in_rate r").fetchone()
        )
        conn.execute("UPDATE kyodo.sign_in_rate SET began_at = now() - interval '11 minutes'")
    monkeypatch.setattr(apart, "call", ask)
    assert sign_in(client, "sato", SATO).status_code == 303


def test_when_the_directory_is_down_the_account_for_emergencies_goes_on(
    city: Callable[..., TestClient], caplog: pytest.LogCaptureFixture
) -> None:
    client = city(ldap_urls=[CLOSED])
    answer = sign_in(client)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "庁内のディレクトリーにつながりません" in answer.text
    assert TANAKA not in caplog.text
    link = admin_link(client)
    token = link.partition("token=")[2]
    send(client, "/welcome", form=link, token=token, password=PASSWORD, password_again=PASSWORD)
    send(client, "/logout", form="/account")
    assert send(client, "/login", login="admin", password=PASSWORD).status_code == 303


# -- what the child does --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "login",
    [
        "*",
        "tan*",
        "tanaka)(objectClass=*",
        "tanaka)(|(cn=*",
        "sato)(cn=tanaka",
        "\\74anaka",
        "tanaka\0",
    ],
)
def test_a_name_is_never_part_of_the_question(ldap: Directory, login: str) -> None:
    assert directory.check(config(ldap), login, TANAKA) == {"refused": directory.WRONG}


@pytest.mark.parametrize("login", ["sato,ou=Staff", "tanaka,cn=x", "x+cn=tanaka"])
def test_nor_part_of_the_name_to_bind_with(ldap: Directory, login: str) -> None:
    found = config(ldap, ldap_bind_dn=None, ldap_bind_template=f"cn={{login}},{STAFF}")
    assert directory.check(found, login, TANAKA) == {"refused": directory.WRONG}


def test_binding_as_the_person(ldap: Directory) -> None:
    found = config(ldap, ldap_bind_dn=None, ldap_bind_template=f"cn={{login}},{STAFF}")
    assert directory.check(found, "tanaka", "wrong") == {"refused": directory.WRONG}
    assert directory.check(found, "tanaka", TANAKA)["name"] == "田中"


def test_the_password_is_that_of_the_entry_that_was_found(ldap: Directory) -> None:
    """Where name and search do not mean the same person, nobody comes in as the other."""
    found = config(
        ldap,
        ldap_bind_dn=None,
        ldap_bind_template=f"cn={{login}},{STAFF}",
        ldap_user_filter="(&(objectClass=user)(cn=tanaka)(!(cn={login})))",
    )
    assert directory.check(found, "sato", SATO) == {"refused": directory.WRONG}


def test_the_next_server_is_asked(ldap: Directory) -> None:
    found = directory.check(config(ldap, ldap_urls=[CLOSED, ldap.ldaps]), "tanaka", TANAKA)
    assert found["groups"] == [f"CN=Planners,OU=Groups,{ldap_server.BASE}"]


def test_starttls(ldap: Directory) -> None:
    assert directory.check(config(ldap, ldap_urls=[ldap.ldap]), "tanaka", TANAKA)["name"] == "田中"


@pytest.mark.parametrize("starttls", [False, True])
def test_nothing_is_said_to_a_server_whose_certificate_is_not_right(ldap: Directory, starttls: bool) -> None:
    address = ldap.ldap if starttls else ldap.ldaps
    other = ldap.folder / "other-ca.pem"
    elsewhere = address.replace("localhost", "127.0.0.1")
    for wrong in ({"ldap_ca_file": other}, {"ldap_ca_file": None}, {"ldap_urls": [elsewhere]}):
        with pytest.raises(UnavailableError):
            directory.check(config(ldap, **{"ldap_urls": [address], **wrong}), "tanaka", TANAKA)


def test_the_services_own_password_may_be_wrong(ldap: Directory, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("wrong")
    for file in (wrong, tmp_path / "missing"):
        with pytest.raises(UnavailableError):
            directory.check(config(ldap, ldap_bind_password_file=file), "tanaka", TANAKA)


@pytest.mark.parametrize(
    ("code", "told"),
    [("52e", directory.WRONG), ("525", directory.WRONG), ("532", directory.EXPIRED), ("773", directory.EXPIRED),
     ("533", directory.STOPPED), ("701", directory.STOPPED), ("775", directory.STOPPED)],
)  # fmt: skip
def test_what_active_directory_means(code: str, told: str) -> None:
    class Refusing:
        result = {  # noqa: RUF012
            "description": "invalidCredentials",
            "message": f"80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data {code}, v2580",
        }

        def bind(self, **_: object) -> bool:
            return False

    assert directory._bind(Refusing()) == told  # type: ignore[arg-type]


# -- settings -------------------------------------------------------------------------------------------------


def test_plain_text_is_refused_unless_asked_for(ldap: Directory) -> None:
    plain = settings_of(ldap, ldap_urls=["ldap://dc.example.lg.jp"], ldap_starttls=False)
    with pytest.raises(InputError, match="暗号化しない"):
        load_settings(**plain)
    assert load_settings(**plain, ldap_allow_plain=True).ldap_urls


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"ldap_search_base": None}, "KYODO_LDAP_SEARCH_BASE"),
        ({"ldap_bind_dn": None}, "KYODO_LDAP_BIND_DN"),
        ({"ldap_urls": ["https://dc"]}, "KYODO_LDAP_URLS"),
        ({"ldap_user_filter": "(cn=x)"}, "KYODO_LDAP_USER_FILTER"),
        ({"roles_from_groups": True}, "KYODO_GROUP_ROLES_FILE"),
        ({"create_at_sign_in": True}, "KYODO_CREATE_AT_SIGN_IN"),
        ({"oidc_issuer": "http://idp.example.lg.jp"}, "KYODO_OIDC_ISSUER"),
        ({"oidc_issuer": "https://idp.example.lg.jp"}, "KYODO_OIDC_CLIENT_ID"),
        ({"oidc_algorithms": ["HS256"]}, "KYODO_OIDC_ALGORITHMS"),
        ({"oidc_algorithms": ["none"]}, "KYODO_OIDC_ALGORITHMS"),
        ({"totp_roles": ["administrator"]}, "KYODO_TOTP_KEY_FILE"),
        ({"totp_roles": ["boss"]}, "KYODO_TOTP_ROLES"),
    ],
)
def test_settings_that_cannot_be_meant(ldap: Directory, values: dict[str, Any], named: str) -> None:
    with pytest.raises(InputError, match=named):
        load_settings(**settings_of(ldap, **values))
