"""A keeper of datasets at the pages: sign in, upload, let the worker work, press buttons."""

from __future__ import annotations

import itertools
import re
import threading
from pathlib import Path
from typing import Any

import httpx
import psycopg
from starlette.testclient import TestClient

from api.auth.sign_in import SignIn
from api.jobs.dataset_uploads import run_uploads
from geodata import accounts
from geodata.database import Audience
from kyodo_geo.roles import Role
from tests.api import city
from tests.api.conftest import HOST
from tests.api.signing import token_of
from tests.fixtures_db import DatabaseUrls

BASE = "/staff/datasets"
_numbers = itertools.count(1)


def enter(client: TestClient, role: Role = Role.PLANNER, name: str = "keeper") -> TestClient:
    """A browser of a new user of the role, on the service of `client`."""
    services = client.app.state.services
    with services.database.write(Audience.AUTH) as conn:
        login = f"{name}-{next(_numbers)}"
        user = accounts.add_user(conn, city.CODE, login, name, {role}, by="test")
        token = SignIn(services.database, services.settings)._open(conn, user.user_id, None)
    found = TestClient(client.app, base_url=HOST, follow_redirects=False)
    found.headers["accept"] = "text/html"
    found.cookies.set("kyodo_session", token)
    return found


def upload(client: TestClient, kind: str, *files: tuple[str, bytes], **fields: str) -> httpx.Response:
    token = token_of(client.get(f"{BASE}/new").text)
    return client.post(
        f"{BASE}/new",
        data={"csrf_token": token, "kind": kind, **fields},
        files=[("files", file) for file in files],
        headers={"origin": HOST},
    )


def press(client: TestClient, path: str, action: str = "", **fields: str) -> httpx.Response:
    """Send the form of the page at `path` to `path/action`, with the hidden fields the page carries."""
    html = client.get(path).text
    data = {"csrf_token": token_of(html), **hidden(html), **fields}
    return client.post(f"{path}/{action}" if action else path, data=data, headers={"origin": HOST})


def hidden(html: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(version|generation|to)" value="([^"]*)"', html))


def work(client: TestClient) -> int:
    return run_uploads(client.app.state.services.database, threading.Event())


def checked(client: TestClient, kind: str, *files: tuple[str, bytes], **fields: str) -> str:
    """Upload and let the worker look; returns the upload's page."""
    answer = upload(client, kind, *files, **fields)
    assert answer.status_code == 303, answer.text
    work(client)
    return answer.headers["location"]


def kept(client: TestClient, kind: str, *files: tuple[str, bytes], **fields: str) -> int:
    """The same, kept; returns the dataset's number."""
    path = checked(client, kind, *files, **fields)
    assert press(client, path, "keep", replace="yes").status_code == 303
    assert work(client) == 1
    with client.app.state.services.database.read(Audience.LOADER) as conn:
        row = conn.execute(
            "SELECT dataset_ids FROM dataset_upload WHERE upload_id = %s", (Path(path).name,)
        ).fetchone()
    assert row is not None
    return int(row["dataset_ids"][0])


def one(town: DatabaseUrls, query: str, *values: Any) -> Any:
    with psycopg.connect(town.superuser) as conn:
        row = conn.execute(query, values).fetchone()
    return row[0] if row else None
