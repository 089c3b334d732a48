"""A desk on the town of squares with a department that answers for its one initiative and its one indicator."""

from __future__ import annotations

import io
import re
from typing import Any

import psycopg
from openpyxl import load_workbook
from starlette.testclient import TestClient

from tests.api.conftest import HOST
from tests.api.signing import token_of
from tests.api.test_staff_plans import version_of
from tests.fixtures_db import DatabaseUrls

BASE = "/staff/inquiries"
ROUND = {
    "plan": "r3-r7/2024",
    "title": "令和6年度の照会",
    "due_on": "令和8年12月25日",
    "lead": "お願いします。",
    "questions": "補助金の件数は",
}


def send(client: TestClient, path: str, form: str | None = None, *, keep: bool = True, **fields: Any):
    """Send a form of the page `form` as a browser would, with its token and, where it has one, its version."""
    html = client.get(form or path).text
    data = {"csrf_token": token_of(html), **fields}
    if keep and "version" not in data and 'name="version"' in html:
        data["version"] = version_of(html)
    return client.post(path, data=data, headers={"origin": HOST})


def rows(town: DatabaseUrls, query: str) -> list[Any]:
    with psycopg.connect(town.superuser) as conn:
        return conn.execute(query).fetchall()


def department(client: TestClient, name: str = "市民協働推進課", *, email: str = "ka@example.lg.jp") -> str:
    made = send(
        client, "/staff/records/departments", name=name, email=email, phone="", quality="sample", source=""
    )
    assert made.status_code == 303, made.text
    found = re.search(
        rf'href="/staff/records/departments/(d[0-9a-f]+)">{name}',
        client.get("/staff/records/departments").text,
    )
    assert found is not None
    return found[1]


def responsible(client: TestClient, item: str, department_id: str, **fields: str):
    data = {
        "item": item,
        "department_id": department_id,
        "role": "lead",
        "first_year": "",
        "last_year": "",
        "quality": "sample",
        "source": "",
    }
    return send(client, "/staff/records/responsibilities", **{**data, **fields})


def begun(client: TestClient, **fields: str) -> tuple[str, str]:
    """(address of a round, address of its sheet)."""
    one = department(client)
    assert responsible(client, "r3-r7/initiative/1", one).status_code == 303
    assert responsible(client, "r3-r7/indicator/rate", one).status_code == 303
    made = send(client, BASE, **{**ROUND, **fields})
    assert made.status_code == 303, made.text
    here = made.headers["location"].partition("?")[0]
    return here, f"{here}/{one}"


def filled(sheet: bytes, **answers: Any) -> bytes:
    """A sheet with answers typed in, by name: item number and field as n1_record; written by another library."""
    book = load_workbook(io.BytesIO(sheet))
    page = book.worksheets[0]
    for row in page.iter_rows(min_row=2):
        name = str(row[0].value or "").partition("#")[0]
        key = "n" + name.replace(".", "_")
        if key in answers:
            row[3].value = answers[key]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(client: TestClient, here: str, *files: tuple[str, bytes]):
    token = token_of(client.get(here).text)
    return client.post(
        f"{BASE}/upload", data={"csrf_token": token, "inquiry": here.rpartition("/")[2]},
        files=[("files", (name, body, "application/octet-stream")) for name, body in files], headers={"origin": HOST},
    )  # fmt: skip
