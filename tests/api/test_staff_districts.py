"""Membership by association: staff see it, others are refused, and nobody may keep it."""

from __future__ import annotations

import re

import psycopg
import pytest
from starlette.testclient import TestClient

from api import access
from api.auth.sign_in import SignIn
from geodata import accounts
from geodata.database import Audience
from kyodo_geo.roles import Role
from tests.api import city
from tests.api.conftest import PAGE
from tests.fixtures_db import DatabaseUrls


@pytest.fixture(scope="module")
def staff(client: TestClient) -> dict[str, str]:
    services = client.app.state.services
    with services.database.write(Audience.AUTH) as conn:
        user = accounts.add_user(conn, city.CODE, "planner", "計画", {Role.PLANNER}, by="test")
        token = SignIn(services.database, services.settings)._open(conn, user.user_id, None)
    return {**PAGE, "cookie": f"kyodo_session={token}"}


def rows(html: str) -> list[str]:
    """Texts of the table's rows."""
    body = html[html.index("<tbody>") : html.index("</tbody>")]
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in body.split("</tr>")[:-1]]


def test_the_public_and_partners_are_sent_away(client: TestClient) -> None:
    for path in ("/staff/districts/1", "/staff/associations/a11/membership"):
        answer = client.get(path, headers=PAGE)
        assert answer.status_code in (303, 401)
        assert "87.5" not in answer.text


@pytest.mark.parametrize("role", [Role.PARTNER, Role.FEDERATION])
def test_other_roles_are_refused(role: Role) -> None:
    assert role not in access.allowed("GET", "/staff/districts/{no}")
    assert role not in access.allowed("GET", "/staff/associations/{association_id}/membership")


def test_staff_see_each_association_of_a_district(client: TestClient, staff: dict[str, str]) -> None:
    answer = client.get("/staff/districts/1", headers=staff)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"
    assert rows(answer.text) == [
        "1-1町内会 86.0 % 172 200 1.5 ポイント低い",
        "1-2町内会 86.0 % 172 200 1.5 ポイント低い",
    ]
    assert 'href="/staff/associations/a11/membership"' in answer.text


def test_one_association_over_the_years_with_chart_and_denominator(
    client: TestClient, staff: dict[str, str]
) -> None:
    answer = client.get("/staff/associations/a11/membership", headers=staff)
    assert answer.headers["cache-control"] == "private, no-store"
    assert [row.split(" ")[0] for row in rows(answer.text)] == ["令和元年度(2019年度)", "令和2年度(2020年度)"]
    assert "住民基本台帳" in rows(answer.text)[0]
    chart = answer.text[answer.text.index('class="chart-svg"') :]
    assert chart[: chart.index("</svg>")].count("<circle") == 2
    assert "1.5 ポイント低い" in answer.text


def test_hostile_names_are_text(client: TestClient, staff: dict[str, str]) -> None:
    for path in ("/staff/districts/4", "/staff/associations/a41/membership"):
        text = client.get(path, headers=staff).text
        assert "<img src=x" not in text
        assert "&lt;img src=x" in text


def test_what_is_not_known_is_said(
    client: TestClient, staff: dict[str, str], shared_town: DatabaseUrls
) -> None:
    assert client.get("/staff/districts/99", headers=staff).status_code == 404
    assert client.get("/staff/associations/nosuch/membership", headers=staff).status_code == 404
    with psycopg.connect(shared_town.superuser) as conn:
        conn.execute("SET search_path = kyodo, public")
        town = city.Builder(conn)
        town.ids = dict(
            conn.execute(
                "SELECT kind, dataset_id FROM generation_dataset WHERE kind <> 'membership'"
            ).fetchall()
        )
        town.activate()
    assert "データはありません" in client.get("/staff/districts/1", headers=staff).text
    assert "データはありません" in client.get("/staff/associations/a11/membership", headers=staff).text
