"""Forms must come from our own pages and lead nowhere else."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import HOST
from tests.api.signing import OTHER, PASSWORD, become_admin, token_of

Serve = Callable[..., TestClient]


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}]
)
def test_forms_from_elsewhere_are_refused(visitor: TestClient, headers: dict[str, str]) -> None:
    token = token_of(visitor.get("/login").text)
    answer = visitor.post(
        "/login", data={"csrf_token": token, "login": "a", "password": "b"}, headers=headers
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("token", ["", "x" * 43, None])
@pytest.mark.parametrize("path", ["/login", "/welcome"])
def test_forms_without_their_token_are_refused(visitor: TestClient, path: str, token: str | None) -> None:
    visitor.get("/login")
    data = {"login": "a", "password": "b"} | ({} if token is None else {"csrf_token": token})
    assert visitor.post(path, data=data, headers={"origin": HOST}).status_code == 403


@pytest.mark.parametrize("path", ["/logout", "/account/password"])
def test_forms_of_signed_in_people_need_the_sessions_token(visitor: TestClient, path: str) -> None:
    become_admin(visitor)
    wrong = {"csrf_token": "x" * 43, "old_password": PASSWORD, "password": OTHER, "password_again": OTHER}
    assert visitor.post(path, data=wrong, headers={"origin": HOST}).status_code == 403
    assert visitor.get("/account").status_code == 200, "still signed in"


@pytest.mark.parametrize(
    "to", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/%0d%0aX: y"]
)
def test_sign_in_leads_nowhere_else(visitor: TestClient, to: str) -> None:
    become_admin(visitor)
    answer = visitor.get("/login", params={"next": to})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/")
    assert not answer.headers["location"].startswith(("//", "/\\"))


CHANGE_NOTHING = {
    "/lookup", "/embed/lookup", "/lookup/suggest", "/lookup/sheet.pdf", "/associations/{association_id}/leaflet.pdf",
}  # fmt: skip
"""Questions that stand in a body so that they are in no address; answered to pages of ours and to no other site's."""
OF_PROGRAMS = {"/api/v1/lookup", "/api/v1/lookup/batch", "/api/v1/referrals", "/login/oidc/signed-out"}
"""What no browser brings a cookie of ours to: keys, no key, or a signed word of the city's sign-in service."""


OF_A_VISIT = {"/returns/form", "/returns/send", "/returns/leave"}
"""The token of the return that a code has opened, which this browser has not: tests/api/test_return_pages.py sends wrong ones."""


NAMES = {
    "collection_id": "projects", "kind": "officers", "scope": "districts", "rule_set": "60-year", "login": "everything",
    "key_id": "0123456789ab", "fiscal_year": "2025", "year": "2025", "scheme": "projects", "about": "wish", "run_no": "1",
    "deed": "apply", "inquiry_id": "q" + "0" * 32, "item_no": "1", "link_id": "0" * 12,
}  # fmt: skip


def test_every_route_that_changes_something_wants_its_token(visitor: TestClient) -> None:
    """A walk over the table of access: somebody with every role, whose browser is led there by another page."""
    from api.access_table import ACCESS
    from api.auth.csrf import STALE, STALE_HEADER
    from geodata import accounts, offices
    from geodata.database import Audience
    from kyodo_geo.offices import OfficeRow
    from kyodo_geo.roles import Role

    services = visitor.app.state.services
    with services.database.write(Audience.AUTH) as conn:
        user = accounts.add_user(conn, "03201", "everything", "すべて", set(Role), by="test")
        offices.enter(conn, "03201", "p", "協会", [OfficeRow("o1", "店", "colleague", "同僚")], by="test")
        conn.execute("UPDATE app_user SET office_id = 'o1' WHERE user_id = %s", (user.user_id,))
        token = services.sign_in._open(conn, user.user_id, None)
    visitor.cookies.set("kyodo_session", token)
    visitor.get("/login")
    walked, wrong = 0, []
    for method, template in sorted(ACCESS):
        nobodys = template == "/ogc/collections/{collection_id}/items" and method != "POST"
        nobodys |= (method, template) == ("POST", "/ogc/collections/{collection_id}/items/{feature_id}")
        if method in ("GET", "OPTIONS") or template in CHANGE_NOTHING | OF_PROGRAMS or nobodys:
            continue
        path = re.sub(r"\{(upload_id|job_id|run_id)\}", "a" * 24, template)
        path = re.sub(r"\{(no|number|record_no|dataset_id|session_no)\}", "1", path)
        for name, value in NAMES.items():
            path = path.replace(f"{{{name}}}", value)
        path = path.replace("{", "").replace("}", "")
        for sent in ({"csrf_token": "x" * 43}, {}):
            answer = visitor.request(
                method, path, data=sent, headers={"origin": HOST, "accept": "application/json"}
            )
            told = answer.json().get("detail", "") if "json" in answer.headers.get("content-type", "") else ""
            if template in OF_A_VISIT:
                continue
            if answer.status_code != 403 or told not in (STALE, STALE_HEADER):
                wrong.append((method, template, answer.status_code, told))
        elsewhere = visitor.request(
            method, path, data={"csrf_token": "x" * 43},
            headers={"origin": "https://evil.example", "accept": "application/json"},
        )  # fmt: skip
        if elsewhere.status_code != 403:
            wrong.append((method, template, elsewhere.status_code, "from elsewhere"))
        walked += 1
    assert not wrong, "\n".join(map(str, wrong))
    assert walked > 80
    assert visitor.get("/account").status_code == 200
