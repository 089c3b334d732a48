"""The town of squares with two partner offices, and people signed in by role."""

from __future__ import annotations

import re

import psycopg
from starlette.testclient import TestClient

from api.auth.sign_in import SignIn
from geodata import accounts
from geodata.database import Audience
from kyodo_geo.roles import Role
from tests.api import city
from tests.api.conftest import HOST
from tests.api.signing import token_of
from tests.fixtures_db import DatabaseUrls

SECRETS = {
    "name": "ヒミツ花子",
    "phone": "019-111-2222",
    "email": "himitsu@example.jp",
    "address": "秘密町九丁目9番9号",
    "question": "秘密の質問です",
    "answer": "秘密の回答です",
    "note": "秘密のメモです",
}
PERSON = {key: SECRETS[key] for key in ("name", "phone", "email")}
OFFICES = ("o1", "o2")


def add_offices(town: DatabaseUrls) -> None:
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET search_path = kyodo")
        conn.execute("INSERT INTO partner VALUES (%s, 'p', '協会')", (city.CODE,))
        for office in OFFICES:
            conn.execute(
                "INSERT INTO partner_office (municipality_code, office_id, partner_id, name, email) "
                "VALUES (%s, %s, 'p', '店', %s)",
                (city.CODE, office, f"{office}@example.jp"),
            )


def sign_in(
    client: TestClient, role: Role | None, office: str | None = None, login: str | None = None
) -> None:
    """Make the client somebody with a role (None: nobody)."""
    client.cookies.clear()
    if role is None:
        return
    services = client.app.state.services
    login = login or f"{role.value}-{office or 'x'}"
    with services.database.write(Audience.AUTH) as conn:
        known = {user.login: user for user in accounts.users(conn, city.CODE)}
        user = known.get(login) or accounts.add_user(conn, city.CODE, login, login, {role}, by="test")
        if office:
            conn.execute("UPDATE app_user SET office_id = %s WHERE user_id = %s", (office, user.user_id))
        token = SignIn(services.database, services.settings)._open(conn, user.user_id, None)
    client.cookies.set("kyodo_session", token)


def form_id_of(html: str) -> str:
    found = re.search(r'name="form_id" value="([^"]+)"', html)
    assert found is not None
    return found[1]


def fill(client: TestClient, path: str, **fields: str):
    """Open the form and send it as a browser would."""
    html = client.get(path).text
    given = {"csrf_token": token_of(html), "form_id": form_id_of(html), "website": "", **fields}
    return client.post(path.partition("?")[0], data=given, headers={"origin": HOST})


def number_of(answer) -> int:
    """The number on the page that answers a form; it stands in no address."""
    found = re.search(r'class="ticket-number">(\d+) 番', answer.text)
    assert answer.status_code == 200 and found is not None, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    return int(found[1])


def ask(client: TestClient, **fields: str) -> int:
    answer = fill(client, "/referrals/new", **{"question": "会費はいくらですか", **fields})
    return number_of(answer)


def wish(client: TestClient, **fields: str) -> int:
    given = {"association": "a21", "name": "山田", "phone": "019-626-7535", "consent": "yes", **fields}
    answer = fill(client, "/join/new", **given)
    return number_of(answer)


def version_of(html: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', html)
    assert found is not None
    return found[1]


def act(client: TestClient, no: int, what: str, **fields: str):
    """Open the ticket's page and send one of its forms."""
    html = client.get(f"/staff/tickets/{no}").text
    version = re.search(r'name="version" value="(\d+)"', html)
    given = {"csrf_token": token_of(html), "version": version[1] if version else "1", **fields}
    return client.post(f"/staff/tickets/{no}/{what}", data=given, headers={"origin": HOST})


def stored(town: DatabaseUrls, table: str = "referral") -> list[dict[str, object]]:
    with psycopg.connect(town.superuser, row_factory=psycopg.rows.dict_row) as conn:
        return conn.execute(f"SELECT * FROM kyodo.{table} ORDER BY ticket_no").fetchall()


def everything(town: DatabaseUrls) -> str:
    with psycopg.connect(town.superuser) as conn:
        tables = conn.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname LIKE 'kyodo%'"
        ).fetchall()
        return "\n".join(
            str(r) for (table,) in tables for r in conn.execute(f"SELECT t::text FROM {table} t")
        )
