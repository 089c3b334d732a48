"""Forms must come from our own pages and lead nowhere else."""

from __future__ import annotations

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
