"""The yearly return in the browser: a round, the association's own form, checks, decisions, letters, labels – and who may see what."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import html5lib
import psycopg
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from geodata import accounts, returns
from geodata.cluster import Cluster
from geodata.database import Audience
from kyodo_geo.roles import Role
from tests.api.conftest import HOST, another, client_of
from tests.api.signing import become_admin, token_of
from tests.api.test_leaflets import codes_on, text_of
from tests.api.test_staff_plans import version_of
from tests.fixtures_db import DatabaseUrls, copied

YEAR = 2026
ROUND = f"/staff/returns/{YEAR}"
OF = f"{ROUND}/of/a11"
DAYS = {"fiscal_year": str(YEAR), "reference_day": "令和8年4月1日", "opens_on": "2026-04-01", "due_on": "2199-03-31"}
WELL = {
    "households": "210", "member_households": "180", "circulation_copies": "185", "president_name": "試験 太郎",
}  # fmt: skip


@pytest.fixture
def staff(visitor: TestClient) -> TestClient:
    become_admin(visitor)
    return visitor


@pytest.fixture
def asked(staff: TestClient) -> TestClient:
    """A planner's browser after a round was started."""
    answer = post(staff, "/staff/returns", "/staff/returns", **DAYS)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{ROUND}?done=start"), answer.text
    return staff


def post(client: TestClient, path: str, form: str, **fields):
    """Send a form of the page `form` as a browser would, with its token and (unless given) its version."""
    html = client.get(form).text
    found = re.search(r'name="version" value="([^"]+)"', html)
    data = {"csrf_token": token_of(html), **({"version": found[1]} if found else {}), **fields}
    return client.post(path, data=data, headers={"origin": HOST})


def code_of(client: TestClient, association: str = "a11") -> str:
    """A code, as it is told over the telephone."""
    made = post(client, f"{ROUND}/of/{association}/code", f"{ROUND}/of/{association}")
    assert made.status_code == 200, made.text
    return re.search(r'class="return-code">([^<]+)<', made.text)[1]  # type: ignore[index]


def visiting(client: TestClient, code: str) -> TestClient:
    """An association's browser that has typed its code."""
    browser = another(client)
    opened = post(browser, "/returns", "/returns", code=code.lower().replace("-", "　"))
    assert (opened.status_code, opened.headers["location"]) == (303, "/returns/form"), opened.text
    return browser


def fill(browser: TestClient, step: str, **fields: str):
    """A step with what stands in it and what is typed over it."""
    form = f"/returns/form?step={step}"
    html = browser.get(form).text
    stands = dict(re.findall(r'<input id="q-\w+" name="(\w+)" type="text" value="([^"]*)"', html))
    return post(browser, "/returns/form", form, step=step, act="next", **{**stands, **fields})


def answered(browser: TestClient, **fields: str) -> None:
    for step in ("president", "circulation", "figures"):
        html = browser.get(f"/returns/form?step={step}").text
        names = set(re.findall(r' name="(\w+)"', html))
        done = fill(browser, step, **{name: text for name, text in {**WELL, **fields}.items() if name in names})
        assert done.status_code == 303, done.text


def valid(html: str) -> None:
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(html)
    assert parser.errors == []


def test_from_the_letter_to_the_approval(asked: TestClient, town: DatabaseUrls, tmp_path) -> None:
    page = asked.get(ROUND)
    assert page.status_code == 200 and page.headers["cache-control"] == "private, no-store"
    valid(page.text)
    assert "8 件" in page.text and page.text.count("未送付") >= 8
