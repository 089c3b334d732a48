"""The table route × role: complete, and what it says is what happens to every role on every route."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api import access
from api.access_overview import lines, overview
from api.access_table import EVERYBODY
from api.auth.csrf import STALE, STALE_HEADER
from api.ogc.write_kinds import WRITABLE
from geodata.database import Audience
from kyodo_geo.roles import STAFF, VACANT_HOUSE_READERS, Role
from tests.api.role_sessions import sessions
from tests.conftest import ROOT

PATHS = {
    "{no}": "1",
    "{name}": "membership",
    "{association_id}": "a11",
    "{collection_id}": "projects",  # one that can be written: what nobody may write is refused before anybody is asked
    "{indicator_id}": "rate",
    "{path:path}": "nosuch",
}


_ITEMS = "/ogc/collections/{collection_id}/items"
_ITEM = f"{_ITEMS}/{{feature_id}}"
FOR_KEYS = frozenset({("GET", "/api/v1/referrals"), ("POST", "/api/v1/referrals")})
"""Routes that a partner's program uses with its key; the session of a browser is told so."""


def is_nobodys(method: str, template: str) -> bool:
    """Methods that the collection of this test takes from nobody: that is said before anybody is asked who they are."""
    return (method, template) in {("POST", _ITEM)} | {(other, _ITEMS) for other in ("PUT", "PATCH", "DELETE")}


def refusal_owed(method: str, template: str, told: str) -> int | None:
    """The one refusal that a role of the table may get for the bare requests of this test; None: there is none."""
    if (method, template) in FOR_KEYS:
        return 403
    if method == "POST" and STALE in told:
        return 403  # a form without its token
    if STALE_HEADER in told:
        return 403  # a change below /ogc without it
    if template in (
        "/login/oidc",
        "/login/oidc/return",
        "/login/code",
        "/login/enrol",
        "/login/oidc/signed-out",
    ):
        return 404  # no such service is set, no sign-in is under way
    if "{" in template or template in ("/welcome", "/embed/lookup"):
        return 404  # a thing that is not there; frames are off unless a setting says so
    if (
        template.startswith(("/progress/evaluation", "/progress/successor"))
        or template == "/staff/successor.xlsx"
    ):
        return 404  # no evaluation is published, no plan follows another
    if template.startswith("/login/"):
        return 404  # a step of a sign-in that nobody has begun; no provider is set
    return None


def owed_to_every_site(role: Role, method: str, template: str, kept: str) -> bool:
    """Whether pages of other sites may read the answer: what everybody may read, never what was made for somebody."""
    if method != "GET" or template == "/api/v1/lookup":
        return False
    data = (
        template.startswith(("/ogc", "/opendata", "/api/v1/"))
        and access.ACCESS[method, template] == EVERYBODY
    )
    return data and (role is Role.PUBLIC or kept.startswith("public"))


def concrete(path: str) -> str:
    for name, value in PATHS.items():
        path = path.replace(name, value)
    return path


def test_every_route_has_exactly_one_entry(client: TestClient) -> None:
    served = {(entry.method, entry.path) for entry in access.routes_of(client.app)}
    assert served == set(access.ACCESS)


def test_an_application_with_an_undecided_route_does_not_start(client: TestClient) -> None:
    app = FastAPI()
    app.get("/secret")(lambda: None)
    with pytest.raises(RuntimeError, match="/secret"):
        access.check_complete(app)


def test_who_may_see_vacant_houses() -> None:
    assert access.ACCESS[("GET", "/api/v1/vacant-houses")] == VACANT_HOUSE_READERS
    assert {Role.PUBLIC, Role.PARTNER, Role.COUNTER, Role.FEDERATION}.isdisjoint(VACANT_HOUSE_READERS)
    assert access.ACCESS[("GET", "/staff")] == STAFF


@pytest.fixture(scope="module")
def credentials(client: TestClient) -> dict[Role, dict[str, str]]:
    """A signed-in session for each role (nothing for the public)."""
    return sessions(client)


@pytest.mark.parametrize("role", list(Role))
def test_every_route_as_every_role(
    client: TestClient, credentials: dict[Role, dict[str, str]], blank_paper: None, role: Role
) -> None:
    for (method, template), roles in sorted(access.ACCESS.items()):
        if (method, template) == ("POST", "/logout"):
            continue  # would end the session; tried in test_sign_in
        client.cookies.clear()
        headers = {"accept": "application/json", **credentials[role]}
        answer = client.request(method, concrete(template), headers=headers)
        told = answer.json().get("detail", "") if "json" in answer.headers.get("content-type", "") else ""
        if is_nobodys(method, template):
            assert answer.status_code == 405, (method, template)
        elif role in (
            WRITABLE["projects"].roles if template in (_ITEMS, _ITEM) and roles != EVERYBODY else roles
        ):
            if answer.status_code in {401, 403, 404, 405}:
                owed = refusal_owed(method, template, told)
                assert answer.status_code == owed, (method, template, told)
            assert "担当の職員だけ" not in told, (method, template)
        elif role is Role.PUBLIC:
            assert answer.status_code == 401, (method, template)
        else:
            assert answer.status_code == 403, (method, template)
            assert "担当の職員だけ" in told
        assert ("access-control-allow-origin" in answer.headers) == owed_to_every_site(
            role, method, template, answer.headers["cache-control"]
        ), (method, template)
    client.cookies.clear()


def test_a_page_sends_people_to_sign_in(client: TestClient) -> None:
    answer = client.get("/staff", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/staff")


def test_the_database_refuses_what_a_route_forgot(client: TestClient) -> None:
    """The second lock: the public role cannot read vacant houses or accounts, whatever the code says."""
    import psycopg

    for question in (
        "SELECT * FROM kyodo_vacant.vacant_house",
        "SELECT * FROM app_user",
        "SELECT * FROM membership",
    ):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            client.app.state.services.database.read(Audience.PUBLIC) as conn,
        ):
            conn.execute(question)


def test_the_overview_in_the_documentation_is_the_table() -> None:
    page = (ROOT / "docs" / "ACCESS.md").read_text(encoding="utf-8")
    written = page.partition("<!-- overview -->")[2].partition("<!-- end -->")[0]
    assert written.strip() == overview().strip(), "python -m api.access_overview"
    assert sum(total for _, total, _ in lines()) == len(access.ACCESS)
