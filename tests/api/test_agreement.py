"""Figures of the agreement: by month and district for the city, an office's own for itself, and never an address."""

from __future__ import annotations

import csv
import io
import re
from datetime import date

import psycopg
import pytest
from starlette.testclient import TestClient

from api.asking import counted_town
from api.clock import today
from api.routes.agreement import next_step, without_small
from geodata.database import Audience, Database
from geodata.queries import agreement
from kyodo_geo.dates import fiscal_year_of
from kyodo_geo.lookup.answers import Answer, FoundAddress, Outcome
from kyodo_geo.roles import Role
from kyodo_geo.small_counts import MARK
from tests.api.conftest import PAGE
from tests.api.signing import become_admin
from tests.api.ticket_world import sign_in
from tests.fixtures_db import DatabaseUrls

YEAR = (date(2026, 4, 1), date(2027, 3, 31))


def plant(town: DatabaseUrls) -> None:
    """April and May 2026: office o1, office o2 and a resident."""
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET search_path = kyodo")
        conn.execute(
            "INSERT INTO partner (municipality_code, partner_id, name) VALUES ('03201', 'p', '協会')"
        )
        for office in ("o1", "o2"):
            conn.execute(
                "INSERT INTO partner_office (municipality_code, office_id, partner_id, name) "
                "VALUES ('03201', %s, 'p', %s)",
                (office, f"事業所{office}"),
            )
        lookups = [
            ("2026-04-02", "one", "試験町一丁目", "o1", 1, 5),
            ("2026-04-02", "several", "試験町一丁目", "o1", 1, 2),
            ("2026-04-30", "one", "試験町二丁目", "o2", 2, 7),
            ("2026-05-01", "none_here", "試験町三丁目", "", 3, 4),
            ("2026-05-01", "not_understood", "", "", 0, 3),
            ("2026-03-31", "one", "試験町一丁目", "o1", 1, 100),
        ]
        for day, outcome, name, office, district, number in lookups:
            conn.execute(
                "INSERT INTO lookup_count (municipality_code, day, channel, outcome, town, key_id, office_id, "
                "district_no, lookups, data_faults) VALUES ('03201', %s, 'page', %s, %s, '', %s, %s, %s, %s)",
                (day, outcome, name, office, district, number, 1 if outcome == "several" else 0),
            )
        conn.execute(
            "INSERT INTO leaflet_count (municipality_code, day, association_id, form, office_id, copies) VALUES "
            "('03201', '2026-04-03', 'a11', 'a4', 'o1', 6), ('03201', '2026-05-03', 'a21', 'a4', '', 1)"
        )
        conn.execute(
            "INSERT INTO referral (municipality_code, ticket_no, office_id, association_id, question, received_at) "
            "VALUES ('03201', 1, 'o1', 'a11', 'q', '2026-04-30 23:30+09'), ('03201', 2, 'o2', NULL, 'q', "
            "'2026-05-01 00:30+09')"
        )
        conn.execute(
            "INSERT INTO join_wish (municipality_code, ticket_no, office_id, association_id, purpose, consent_at, "
            "state, received_at) VALUES ('03201', 3, 'o1', 'a11', 'p', now(), 'joined', '2026-04-10 12:00+09'), "
            "('03201', 4, 'o1', 'a11', 'p', now(), 'received', '2026-04-11 12:00+09')"
        )


def figures(row: agreement.MonthRow) -> tuple[object, ...]:
    return (
        row.month.isoformat(), row.district_no, row.lookups, row.one, row.leaflets, row.referrals, row.wishes, row.joined,
    )  # fmt: skip


@pytest.fixture
def database(town: DatabaseUrls):
    plant(town)
    held = Database(town.app, max_size=2)
    yield held
    held.close()


def test_months_and_districts_of_a_year_in_japan_time(database: Database) -> None:
    with database.read(Audience.STAFF) as conn:
        rows = agreement.monthly(conn, "03201", 1, *YEAR)
    assert [figures(row) for row in rows] == [
        ("2026-04-01", 1, 7, 5, 6, 1, 2, 1),
        ("2026-04-01", 2, 7, 7, 0, 0, 0, 0),
        ("2026-05-01", 2, 0, 0, 1, 0, 0, 0),
        ("2026-05-01", 3, 4, 0, 0, 0, 0, 0),
        ("2026-05-01", None, 3, 0, 0, 1, 0, 0),
    ]


def test_partners_alone_can_be_counted(database: Database) -> None:
    with database.read(Audience.STAFF) as conn:
        rows = agreement.monthly(conn, "03201", 1, *YEAR, partners_only=True)
    assert sum(row.lookups for row in rows) == 14
    assert sum(row.leaflets for row in rows) == 6


@pytest.mark.parametrize(
    ("office", "lookups", "referrals"), [("o1", 7, 1), ("o2", 7, 1), ("", 0, 0), ("o3", 0, 0)]
)
def test_an_office_reads_its_own_figures_alone(
    database: Database, office: str, lookups: int, referrals: int
) -> None:
    with database.read(Audience.PARTNER, office=office) as conn:
        rows = agreement.monthly(conn, "03201", 1, *YEAR)
    assert sum(row.lookups for row in rows) == lookups
    assert sum(row.referrals for row in rows) == referrals


def test_towns_that_found_no_single_answer_come_first_by_how_often(database: Database) -> None:
    with database.read(Audience.STAFF) as conn:
        rows = agreement.unresolved(conn, "03201", *YEAR)
    assert [(row.town, row.none_here, row.several, row.not_understood, row.data_faults) for row in rows] == [
        ("試験町三丁目", 4, 0, 0, 0),
        ("", 0, 0, 3, 0),
        ("試験町一丁目", 0, 2, 0, 1),
    ]


def test_the_citys_pages_and_file_say_the_same(town: DatabaseUrls, visitor: TestClient) -> None:
    plant(town)
    become_admin(visitor)
    html = visitor.get("/staff/agreement?fiscal_year=2026").text
    assert "2026年4月" in html and "地区不明" in html
    answer = visitor.get("/staff/agreement.csv?fiscal_year=2026")
    assert "no-store" in answer.headers["cache-control"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["月"], row["地区番号"], row["検索"], row["チラシ"]) for row in rows][:2] == [
        ("2026-04", "1", "7", "6"),
        ("2026-04", "2", "7", "0"),
    ]
    assert sum(int(row["検索"]) for row in rows) == 21
    assert {row["地区のデータ"] for row in rows} == {"見本データ（架空）"}


def test_a_batch_of_thousands_does_not_hide_the_desks(town: DatabaseUrls, visitor: TestClient) -> None:
    """Each channel in a column of its own; the figures above count single lookups of pages and offices."""
    plant(town)
    channels = [
        ("counter", "", "", 10), ("partner", "", "o1", 20), ("partner", "k", "o1", 40), ("widget", "w", "o2", 80),
        ("api", "", "", 1000), ("batch", "", "o1", 1500), ("batch", "k", "o2", 2500), ("command-line", "", "", 3000),
    ]  # fmt: skip
    with psycopg.connect(town.superuser) as conn:
        for channel, key, office, number in channels:
            conn.execute(
                "INSERT INTO kyodo.lookup_count (municipality_code, day, channel, outcome, town, key_id, office_id, "
                "district_no, lookups, data_faults) VALUES ('03201', '2026-06-01', %s, 'one', '', %s, %s, 0, %s, 0)",
                (channel, key, office, number),
            )
    become_admin(visitor)
    answer = visitor.get("/staff/agreement.csv?fiscal_year=2026")
    june = [
        row
        for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
        if row["月"] == "2026-06"
    ]
    assert len(june) == 1
    assert june[0]["検索"] == june[0]["一つに決まった"] == "150"
    assert [int(value) for name, value in june[0].items() if name.startswith("検索：")] == [
        0, 10, 20, 40, 80, 1000, 4000, 3000,
    ]  # fmt: skip
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.lookup_count SET day = '2026-07-01' WHERE channel = 'batch'")
    html = visitor.get("/staff/agreement?fiscal_year=2026").text
    assert "2026年6月" in html and "2026年7月" not in html, "no lines of zeros for what is not counted there"
    assert "使われ方別の検索" in html and "4,000" in html and "banner-sample" in html


def office_lines(client: TestClient, query: str = "fiscal_year=2026&table=offices") -> list[dict[str, str]]:
    answer = client.get(f"/staff/agreement.csv?{query}")
    assert answer.status_code == 200 and "no-store" in answer.headers["cache-control"]
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_each_office_has_its_figures_and_they_add_up_to_the_citys(
    town: DatabaseUrls, visitor: TestClient
) -> None:
    plant(town)
    become_admin(visitor)
    names = ("検索（1 件ずつ）", "検索（まとめて）", "チラシ", "取次", "加入の申込み", "うち加入")
    lines = office_lines(visitor)
    assert [(row["事業所番号"], *(int(row[name]) for name in names)) for row in lines] == [
        ("o1", 7, 0, 6, 1, 2, 1),
        ("o2", 7, 0, 0, 1, 0, 0),
        ("", 7, 0, 1, 0, 0, 0),
    ]
    assert lines[-1]["会員店"] == "会員店以外"
    html = visitor.get("/staff/agreement?fiscal_year=2026").text
    table = re.search(r'<table[^>]* id="offices">.*?</table>', html, re.S)
    assert table is not None
    cells = [re.findall(r'class="numeric">([0-9,]+)</td>', row) for row in table[0].split("</tr>")]
    assert [row for row in cells if row] == [
        ["7", "0", "6", "1", "2", "1"],
        ["7", "0", "0", "1", "0", "0"],
        ["7", "0", "1", "0", "0", "0"],
        ["21", "0", "7", "2", "2", "1"],
    ]
    assert "table=offices" in html, "the file is offered"
    assert visitor.get("/staff/agreement.csv?table=nosuch").status_code == 400


def test_an_offices_few_customers_are_for_those_who_handle_tickets(
    town: DatabaseUrls, visitor: TestClient
) -> None:
    plant(town)
    sign_in(visitor, Role.DISTRICT_OFFICER)
    lines = office_lines(visitor)
    assert {row[name] for row in lines for name in ("取次", "加入の申込み", "うち加入")} <= {MARK, "0"}
    assert [row["取次"] for row in lines][:2] == [MARK, MARK]
    assert [row["チラシ"] for row in lines] == ["6", "0", "1"], "leaflets count nobody"
    html = visitor.get("/staff/agreement?fiscal_year=2026").text
    assert html.split('id="offices"')[1].split("</tbody>")[0].count(MARK) >= 6
    visitor.cookies.clear()


def test_an_office_that_left_stays_where_it_did_something(town: DatabaseUrls, visitor: TestClient) -> None:
    plant(town)
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.partner_office SET closed_on = '2026-06-01'")
    become_admin(visitor)
    assert [row["会員店"] for row in office_lines(visitor)] == [
        "事業所o1（終了）",
        "事業所o2（終了）",
        "会員店以外",
    ]
    assert office_lines(visitor, "fiscal_year=2023&table=offices") == []


def test_a_year_without_anything_says_so(visitor: TestClient) -> None:
    become_admin(visitor)
    assert "banner-sample" in visitor.get("/staff/unresolved").text
    assert "記録はまだありません" in visitor.get("/staff/agreement?fiscal_year=2022").text
    assert "ありません" in visitor.get("/staff/unresolved?days=1").text


def test_programs_without_a_key_do_not_make_a_year_the_one_of_the_page(
    town: DatabaseUrls, visitor: TestClient
) -> None:
    """The page shows none of their lookups: it would be empty, and the sample's newest year is not."""
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET search_path = kyodo")
        conn.execute(
            "INSERT INTO lookup_count (municipality_code, day, channel, outcome, town, key_id, office_id, district_no, "
            "lookups, data_faults) VALUES ('03201', %s, 'api', 'one', '', '', '', 1, 9, 0)",
            (today(),),
        )
        before = fiscal_year_of(today()) - 1
        conn.execute(
            "INSERT INTO area_figure VALUES ('03201', 'district', '2', 'agreement_one_04', %s, 40, '件', 'sample', '見本')",
            (before,),
        )
    become_admin(visitor)
    for path in ("/staff/agreement", "/maps/agreement"):
        text = visitor.get(path, headers=PAGE).text
        assert re.search(rf'value="{before}" selected', text), path


@pytest.mark.parametrize("query", ["fiscal_year=x", "fiscal_year=1", "nosuch=1", "days=90"])
def test_bad_parameters_are_refused(visitor: TestClient, query: str) -> None:
    become_admin(visitor)
    assert visitor.get(f"/staff/agreement?{query}").status_code == 400


def advice_for(html: str, town_name: str) -> str:
    """The last cell of the town's row."""
    found = re.search(rf'<th scope="row">{town_name}</th>.*?</tr>', html, re.S)
    assert found is not None, town_name
    return re.findall(r"<td[^>]*>(.*?)</td>", found[0], re.S)[-1]


def test_unresolved_towns_say_what_to_do_next(town: DatabaseUrls, visitor: TestClient) -> None:
    with psycopg.connect(town.superuser) as conn:
        conn.execute(
            "INSERT INTO kyodo.lookup_count (municipality_code, day, channel, outcome, town, key_id, lookups, data_faults) "
            "VALUES ('03201', current_date, 'page', 'several', '甲町', '', 3, 1), "
            "('03201', current_date, 'page', 'none_here', '乙町', '', 2, 0), "
            "('03201', current_date, 'page', 'several', '丙町', '', 1, 0)"
        )
    become_admin(visitor)
    html = visitor.get("/staff/unresolved").text
    assert html.index("甲町") < html.index("乙町") < html.index("丙町")
    for town_name, words in (
        ("甲町", "食い違っています"),
        ("乙町", "登録されていない場所"),
        ("丙町", "番・号の範囲"),
    ):
        assert words in advice_for(html, town_name), town_name


@pytest.mark.parametrize(
    ("row", "whole", "said", "not_said"),
    [
        ({"several": 3}, False, "番・号の範囲を登録すると", "登録にない"),
        ({"several": 3}, True, "番・号が登録にない問い合わせか、郵便番号", "範囲を登録すると"),
        ({"none_here": 3}, False, "区域が登録されていない場所", "番・号"),
        ({"not_understood": 3, "several": 1}, False, "番・号が登録にない問い合わせです", "範囲を登録すると"),
        ({"several": 3, "data_faults": 1}, True, "食い違っています", "番・号"),
    ],
)
def test_the_advice_fits_the_cause(row: dict[str, int], whole: bool, said: str, not_said: str) -> None:
    given = {"lookups": 5, "several": 0, "none_here": 0, "not_understood": 0, "data_faults": 0, **row}
    advice = next_step(agreement.TownRow("甲町", **given), whole)
    assert said in advice and not_said not in advice


def test_a_town_under_one_rule_is_not_told_to_add_ranges(town: DatabaseUrls, serve) -> None:
    """Its rule covers the whole town: what is several there has another cause."""
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET session_replication_role = replica")
        conn.execute(
            "INSERT INTO kyodo.address_rule (municipality_code, dataset_id, association_id, rule_no, kind, town) "
            "SELECT municipality_code, dataset_id, 'a11', 90, 'whole', '全域町' FROM kyodo.address_rule LIMIT 1"
        )
        conn.execute(
            "INSERT INTO kyodo.lookup_count (municipality_code, day, channel, outcome, town, key_id, lookups, data_faults) "
            "VALUES ('03201', current_date, 'page', 'several', '全域町', '', 3, 0), "
            "('03201', current_date, 'page', 'several', '丙町', '', 1, 0)"
        )
    client = serve()
    client.headers["accept"] = "text/html"
    become_admin(client)
    html = client.get("/staff/unresolved").text
    assert "足しても減りません" in advice_for(html, "全域町")
    assert "範囲を登録すると" in advice_for(html, "丙町")


def test_small_figures_of_people_are_for_those_who_handle_tickets(
    town: DatabaseUrls, visitor: TestClient
) -> None:
    """Two wishes, one joined, two questions in the year: other staff see lookups and leaflets, not those."""
    plant(town)
    people = ("取次", "加入の申込み", "うち加入")
    for role, full in (
        (Role.PLANNER, True),
        (Role.CENTRE_STAFF, True),
        (Role.FACILITY_STAFF, False),
        (Role.DISTRICT_OFFICER, False),
    ):
        sign_in(visitor, role)
        html = visitor.get("/staff/agreement?fiscal_year=2026").text
        rows = list(
            csv.DictReader(
                io.StringIO(visitor.get("/staff/agreement.csv?fiscal_year=2026").content.decode("utf-8-sig"))
            )
        )
        assert (MARK in html) is not full, role
        assert {row[name] == MARK for row in rows for name in people} == {not full}
        assert sum(int(row["検索"]) for row in rows) == 21, "lookups and leaflets count nobody"
    visitor.cookies.clear()


def test_an_office_sees_its_own_figures_whole(town: DatabaseUrls, visitor: TestClient) -> None:
    """It entered those tickets itself."""
    plant(town)
    sign_in(visitor, Role.PARTNER, "o1")
    assert MARK not in visitor.get("/partner").text


@pytest.mark.parametrize(
    ("wishes", "shown"), [([5, 6, 7], [5, 6, 7]), ([1, 6, 7], [MARK, MARK, 7]), ([0, 3, 2], [0, MARK, MARK])]
)
def test_a_small_month_takes_another_with_it(wishes: list[int], shown: list[object]) -> None:
    rows = [
        {"name": str(at), "lookups": 1, "referrals": 0, "wishes": number, "joined": 0}
        for at, number in enumerate(wishes)
    ]
    found = without_small(rows)
    assert [row["wishes"] for row in found] == shown
    assert [row["lookups"] for row in found] == [1, 1, 1]


def test_a_town_whose_number_is_not_registered_is_counted_by_its_own_name() -> None:
    """So that the staff see which blocks to load; what was typed beyond the town is nowhere."""
    known = FoundAddress(municipality="盛岡市", town="甲町")
    for outcome, town in (
        (Outcome.NOT_UNDERSTOOD, "甲町"),
        (Outcome.SEVERAL, "甲町"),
        (Outcome.OUTSIDE_CITY, ""),
    ):
        assert counted_town(Answer(outcome, known, (), None, {}, "")) == town
    assert counted_town(Answer(Outcome.NOT_UNDERSTOOD, FoundAddress(), (), None, {}, "")) == ""
