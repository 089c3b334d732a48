"""One-time links: opened without harm, used once, gone after their time."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
from starlette.testclient import TestClient

from tests.api.signing import PASSWORD, admin_link, audit, become_admin, send
from tests.fixtures_db import DatabaseUrls

Serve = Callable[..., TestClient]


def test_the_first_link_makes_an_administrator(visitor: TestClient, town: DatabaseUrls) -> None:
    become_admin(visitor)
    page = visitor.get("/account")
    assert page.status_code == 200
    assert "管理者" in page.text
    assert ("admin", "sign-in") in audit(town)


def test_opening_a_link_does_not_use_it_up(visitor: TestClient) -> None:
    link = admin_link(visitor)
    for _ in range(3):
        assert visitor.get(link).status_code == 200
    token = link.partition("token=")[2]
    assert (
        send(
            visitor, "/welcome", form=link, token=token, password=PASSWORD, password_again=PASSWORD
        ).status_code
        == 303
    )
    assert visitor.get(link).status_code == 404, "used"


def test_a_newer_link_replaces_the_older(visitor: TestClient) -> None:
    first, second = admin_link(visitor), admin_link(visitor)
    assert visitor.get(first).status_code == 404
    assert visitor.get(second).status_code == 200


def test_a_link_ends(visitor: TestClient, town: DatabaseUrls) -> None:
    link = admin_link(visitor)
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.sign_in_link SET expires_at = now() - interval '1 second'")
    assert visitor.get(link).status_code == 404


def test_two_at_the_same_moment_use_a_link_once(visitor: TestClient) -> None:
    from concurrent.futures import ThreadPoolExecutor

    services = visitor.app.state.services
    token = admin_link(visitor).partition("token=")[2]

    def use(_: int) -> bool:
        try:
            services.sign_in.with_link(token, PASSWORD)
        except Exception:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(use, range(4))) == 1
