"""The staff's page of contradictions in the data: who sees it, what it lists, and nothing that a person typed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import html5lib
import psycopg
import pytest
from starlette.testclient import TestClient

from tests.api.city import CODE, HOSTILE
from tests.api.conftest import PAGE
from tests.api.signing import become_admin
from tests.fixtures_db import DatabaseUrls

PATHS = ["/staff/data-faults", "/staff/data-faults.csv"]


@pytest.fixture
def staff(town: DatabaseUrls, serve: Callable[..., TestClient]) -> TestClient:
    """An administrator on a city where a rule names a town that does not exist and two associations claim one town."""
    with psycopg.connect(town.superuser) as conn:
        # Rows of an active generation cannot be changed: only here, so that faults stand beside the city's own rows.
        conn.execute("SET session_replication_role = replica")
        conn.execute("UPDATE kyodo.association_area SET name = %s WHERE association_id = 'a11'", (HOSTILE,))
        conn.execute(
            """
            INSERT INTO kyodo.address_rule (municipality_code, dataset_id, association_id, rule_no, kind, town)
            SELECT municipality_code, dataset_id, wrong.key, 90 + wrong.no, 'whole', wrong.town
            FROM (SELECT DISTINCT municipality_code, dataset_id FROM kyodo.address_rule WHERE municipality_code = %s) d,
                 (VALUES ('a11', 1, '=存在しない町'), ('a21', 2, '試験町一丁目')) AS wrong (key, no, town)
            """,
            (CODE,),
        )
        conn.execute(
            "INSERT INTO kyodo.lookup_count (municipality_code, day, channel, outcome, town, key_id, lookups, data_faults) "
            "VALUES (%(m)s, current_date, 'page', 'several', '試験町一丁目', '', 9, 7), "
            "(%(m)s, current_date - 400, 'page', 'several', '古い町', '', 5, 5)",
            {"m": CODE},
        )
    client = serve()
    become_admin(client)
    return client


@pytest.mark.parametrize("path", PATHS)
def test_only_staff_see_it(visitor: TestClient, path: str) -> None:
    assert visitor.get(path, headers=PAGE).status_code == 303
    assert visitor.get(path, headers={"accept": "application/json"}).status_code == 401


def test_the_page_lists_contradictions_and_where_lookups_met_them(staff: TestClient) -> None:
    answer = staff.get(PATHS[0], headers=PAGE)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")
    html5lib.HTMLParser(strict=False).parse(answer.text)
    for shown in ("一覧にない町・字の範囲", "存在しない町", "住所の範囲が重なっている", "試験町一丁目"):
        assert shown in answer.text
    assert '<td class="numeric" data-value="7">7</td>' in answer.text
    assert "古い町" not in answer.text
    assert "点検していないもの" in answer.text and "地番" in answer.text
    assert "banner-sample" in answer.text
    assert HOSTILE not in answer.text
    assert 'href="/staff/data-faults"' in staff.get("/staff", headers=PAGE).text


def test_the_table_holds_every_fault_and_no_formula(staff: TestClient) -> None:
    answer = staff.get(PATHS[1])
    assert answer.headers["cache-control"] == "private, no-store"
    head, *rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert head == ["種類", "町内会・自治会", "内容", "データの質"]
    assert {row[0] for row in rows} >= {"一覧にない町・字の範囲", "住所の範囲が重なっている"}
    assert any("存在しない町" in row[2] for row in rows)
    assert {row[3] for row in rows} == {"見本データ（架空）"}
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


class TestUncoveredBlocks:
    """Towns and blocks in no association's rules."""

    @pytest.fixture
    def many(self, town: DatabaseUrls, serve: Callable[..., TestClient]) -> TestClient:
        """The city with 60 towns more that no rule names."""
        with psycopg.connect(town.superuser) as conn:
            conn.execute("SET session_replication_role = replica")
            names = conn.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = 'kyodo.town'::regclass AND attnum > 0 "
                "AND NOT attisdropped AND attgenerated = '' AND attname NOT IN ('name', 'town_id')"
            ).fetchall()
            columns = ", ".join(f'"{name}"' for (name,) in names)
            conn.execute(
                f"INSERT INTO kyodo.town (name, town_id, {columns}) SELECT '空き' || n || '町', 900 + n, {columns} "
                "FROM (SELECT * FROM kyodo.town WHERE municipality_code = %s ORDER BY name LIMIT 1) t, "
                "generate_series(1, 60) n",
                (CODE,),
            )
        client = serve()
        become_admin(client)
        return client

    def test_only_staff_see_the_table(self, visitor: TestClient) -> None:
        path = "/staff/uncovered-blocks.csv"
        assert visitor.get(path, headers={"accept": "application/json"}).status_code == 401

    def test_the_page_is_bounded_and_every_town_is_on_one(self, many: TestClient) -> None:
        first = many.get("/staff/data-faults", headers=PAGE).text
        second = many.get("/staff/data-faults?page=2", headers=PAGE).text
        html5lib.HTMLParser(strict=False).parse(first)
        assert 'href="/staff/data-faults?page=2#uncovered-heading"' in first
        for number in range(1, 61):
            shown = f'<th scope="row">空き{number}町</th>'
            assert (shown in first) + (shown in second) == 1
        assert many.get("/staff/data-faults?page=0", headers=PAGE).status_code == 400
        assert many.get("/staff/data-faults?page=9999", headers=PAGE).status_code == 200

    def test_all_of_them_as_a_table(self, many: TestClient) -> None:
        answer = many.get("/staff/uncovered-blocks.csv")
        assert answer.headers["cache-control"] == "private, no-store"
        head, *rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
        assert head[:4] == ["町・字", "小字", "町の全体", "どの範囲にも入らない番"]
        assert {f"空き{number}町" for number in range(1, 61)} <= {row[0] for row in rows}
