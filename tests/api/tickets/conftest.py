"""A town with two partner offices whose tickets are gone before each test, and a browser on it."""

from __future__ import annotations

import psycopg
import pytest
from starlette.testclient import TestClient

from api.tickets.gate import Gate
from tests.api.ticket_world import (
    add_offices,
)
from tests.fixtures_db import DatabaseUrls


@pytest.fixture(scope="module")
def offices(shared_town: DatabaseUrls) -> DatabaseUrls:
    """The town of this module, with two partner offices."""
    add_offices(shared_town)
    return shared_town


@pytest.fixture
def town(offices: DatabaseUrls) -> DatabaseUrls:
    """The same without any ticket: a database of its own for each test would take longer than the tests."""
    with psycopg.connect(offices.superuser) as conn:
        for table in ("referral", "join_wish", "ticket_event", "ticket_notice"):
            conn.execute(f"DELETE FROM kyodo.{table}")
        conn.execute("UPDATE kyodo.user_role SET scope = NULL")
    return offices


@pytest.fixture
def desk(town: DatabaseUrls, client: TestClient) -> TestClient:
    """A browser nobody has signed in with, on a service that remembers no visitor."""
    client.app.state.services.gate = Gate()
    client.cookies.clear()
    client.headers["accept"] = "text/html"
    return client
