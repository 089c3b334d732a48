"""/staff/notation: staff try out an area in words; nothing of it is kept."""

from __future__ import annotations

import logging
from collections.abc import Callable

import html5lib
import psycopg
import pytest
from starlette.testclient import TestClient

from api.routes.notation import MAX_AREA
from tests.api.conftest import HOST, PAGE
from tests.api.signing import become_admin, send, token_of
from tests.fixtures_db import DatabaseUrls

PATH = "/staff/notation"
TRACE = "まぼろし町の一部"


@pytest.fixture
def staff(visitor: TestClient) -> TestClient:
    become_admin(visitor)
    return visitor


def read(client: TestClient, area: str):
    return send(client, PATH, area=area)


def test_the_page_is_for_staff(client: TestClient) -> None:
    answer = client.get(PATH, headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next={PATH}")
    assert client.post(PATH, data={"area": "x"}, headers={**PAGE, "origin": HOST}).status_code == 401


def test_rules_normal_form_and_what_is_not_exact(staff: TestClient) -> None:
    answer = read(staff, "試験町1丁目1〜3番（2番を除く）、試験町2丁目の一部")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"
    assert "試験町一丁目1番〜3番。ただし、試験町一丁目2番を除く。" in answer.text
    assert "試験町一丁目 1番〜3番" in answer.text and "含む（一部）" in answer.text
    assert "確かめる部分があります" in answer.text
    assert "1 行 19 文字目" in answer.text


def test_errors_show_their_place(staff: TestClient) -> None:
    answer = read(staff, "試験町一丁目1番から\n、試験町三十丁目1番")
    assert "読めない部分があります" in answer.text
    assert "2 行 1 文字目" in answer.text and "書けるもの" in answer.text
    assert "町・字の一覧にありません" in answer.text


@pytest.mark.parametrize("area", ["", " \n", "あ" * (MAX_AREA + 1)])
def test_nothing_and_too_much(staff: TestClient, area: str) -> None:
    answer = read(staff, area)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text and 'aria-invalid="true"' in answer.text


def test_the_longest_text_fits_into_a_request(staff: TestClient) -> None:
    assert read(staff, "　" + "試" * (MAX_AREA - 1)).status_code == 200


@pytest.mark.parametrize(
    "area",
    ["<script>alert(1)</script>", "</textarea><img src=x onerror=alert(1)>", '"><b>1番', "試験町{{7*7}}"],
)
def test_hostile_texts_stay_texts(staff: TestClient, area: str) -> None:
    text = read(staff, area).text
    assert "<script>alert" not in text and "<img src=x" not in text and "<b>1番" not in text
    parser = html5lib.HTMLParser(strict=False)
    root = parser.parse(text)
    assert [error for error in parser.errors if error[1] != "unexpected-end-tag-treated-as"] == []
    field = root.find(".//{http://www.w3.org/1999/xhtml}textarea")
    assert field is not None and field.text == area


def test_the_form_needs_its_token(staff: TestClient) -> None:
    staff.get(PATH)
    data = {"csrf_token": "x" * 43, "area": "試験町"}
    assert staff.post(PATH, data=data, headers={"origin": HOST}).status_code == 403
    token = token_of(staff.get(PATH).text)
    data["csrf_token"] = token
    assert staff.post(PATH, data=data, headers={"origin": "https://evil.example"}).status_code == 403


def test_nothing_is_kept(staff: TestClient, town: DatabaseUrls, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with psycopg.connect(town.superuser) as conn:
        before = conn.execute("SELECT count(*) FROM kyodo.audit").fetchone()
    assert TRACE in read(staff, TRACE).text
    with psycopg.connect(town.superuser) as conn:
        assert conn.execute("SELECT count(*) FROM kyodo.audit").fetchone() == before
        tables = conn.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
            "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for (table,) in tables:
            hits = conn.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%まぼろし%'").fetchone()
            assert hits == (0,), table
    assert "まぼろし" not in caplog.text


def test_the_staff_page_leads_there(staff: TestClient, serve: Callable[..., TestClient]) -> None:
    assert f'href="{PATH}"' in staff.get("/staff").text
