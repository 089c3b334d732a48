"""A member of staff who changes features below /ogc with a program: session, token, entity tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from httpx import Response
from starlette.testclient import TestClient

from kyodo_geo.roles import Role
from tests.api.conftest import JSON, another
from tests.api.ticket_world import sign_in

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
