"""A member of staff who changes features below /ogc with a program: session, token, entity tags."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
import psycopg
from httpx import Response
from starlette.testclient import TestClient

from kyodo_geo.roles import Role
from tests.api.conftest import JSON, another
from tests.api.ticket_world import sign_in
from tests.fixtures_db import DatabaseUrls

FEATURE = "application/geo+json"
PATCH = "application/merge-patch+json"


def feature(**properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": None, "properties": properties}


@dataclass
class Writer:
    """Sends requests with the token of the session; `headers` of a call replace its own (None: leave out)."""

    client: TestClient
    token: str

    def send(self, method: str, path: str, body: Any = None, **headers: str | None) -> Response:
        kind = PATCH if method == "PATCH" else FEATURE
        own = {"accept": "application/json", "x-csrf-token": self.token}
        if body is not None:
            own["content-type"] = kind
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        chosen = {name: value for name, value in {**own, **named}.items() if value is not None}
        content = body if isinstance(body, bytes) else None if body is None else orjson.dumps(body)
        request = self.client.build_request(
            method, f"/ogc/collections/{path}", content=content, headers=chosen
        )
        return self.client.send(request)

    def get(self, path: str) -> Response:
        return self.client.get(f"/ogc/collections/{path}", headers=JSON)

    def create(self, collection: str, **properties: Any) -> Response:
        answer = self.send("POST", f"{collection}/items", feature(**properties))
        assert answer.status_code == 201, answer.text
        return answer


def writer(client: TestClient, role: Role = Role.PLANNER) -> Writer:
    """A further client of the same service, signed in."""
    found = another(client)
    sign_in(found, role)
    return Writer(found, found.get("/ogc", headers=JSON).headers.get("x-csrf-token", ""))


def everything(urls: DatabaseUrls) -> list[Any]:
    """All that a change could touch."""
    with psycopg.connect(urls.superuser) as conn:
        return [
            conn.execute(f"SELECT * FROM kyodo.{table} ORDER BY 1, 2, 3").fetchall()
            for table in (
                "project",
                "district_plan",
                "association_contact",
                "building",
                "room",
                "facility_year",
                "edit_draft",
                "edit_draft_change",
                "audit",
            )
        ]


def audited(urls: DatabaseUrls) -> tuple[str, str, str, dict[str, Any]]:
    with psycopg.connect(urls.superuser) as conn:
        row = conn.execute(
            "SELECT actor, action, target, details->'changes' FROM kyodo.audit ORDER BY entry_no DESC LIMIT 1"
        ).fetchone()
    assert row is not None
    return row


def at_once(client: TestClient, path: str, tag: str, said: Callable[[int], dict[str, Any]]) -> dict[int, Any]:
    """Answers to four writers who start together with the same entity tag."""
    writers = [writer(client, role) for role in (Role.PLANNER, Role.ADMINISTRATOR) for _ in range(2)]
    start = threading.Barrier(len(writers))
    answers: dict[int, Any] = {}

    def race(n: int, who: Writer) -> None:
        start.wait(20)
        answers[n] = who.send("PATCH", path, {"properties": said(n)}, if_match=tag)

    threads = [threading.Thread(target=race, args=(n, who)) for n, who in enumerate(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers
