"""A visitor's browser against the sign-in pages: open the form, send it, follow nothing."""

from __future__ import annotations

import re

import psycopg
from httpx import Response
from starlette.testclient import TestClient

from api.auth.links import create_admin_link
from geodata.queries.generation import resolve
from tests.api.conftest import HOST
from tests.fixtures_db import DatabaseUrls

PASSWORD = "とても長い秘密の言葉です2026"
OTHER = "別のとても長い秘密の言葉2026"


def token_of(html: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert found is not None, "every form carries a token"
    return found[1]


def send(client: TestClient, path: str, *, form: str | None = None, **fields: str):
    """Open the page with the form, then send it as a browser would."""
    csrf_token = token_of(client.get(form or path).text)
    return client.post(path, data={"csrf_token": csrf_token, **fields}, headers={"origin": HOST})


def admin_link(client: TestClient) -> str:
    services = client.app.state.services
    return create_admin_link(services.database, services.settings).removeprefix(HOST)


def become_admin(client: TestClient) -> None:
    link = admin_link(client)
    token = link.partition("token=")[2]
    answer = send(client, "/welcome", form=link, token=token, password=PASSWORD, password_again=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")


def audit(town: DatabaseUrls) -> list[tuple[str, str]]:
    with psycopg.connect(town.superuser) as conn:
        return conn.execute("SELECT actor, action FROM kyodo.audit ORDER BY entry_no").fetchall()


def caught_up(client: TestClient, answer: Response) -> Response:
    """The answer, once the service has heard of what it changed: public pages are made anew within a second, not at once."""
    services = client.app.state.services  # type: ignore[attr-defined]
    code, live = services.settings.municipality, services.live
    with services.database.read() as conn:
        revision = resolve(conn, code).revision
    with live._changed:
        assert live._changed.wait_for(lambda: (live.revision(code) or 0) >= revision, 20)
    return answer
