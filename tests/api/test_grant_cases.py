"""/staff/grants/cases: a case is entered, decided, reported, settled and paid on its pages; papers, ledger and maps follow."""

from __future__ import annotations

import io
import re
import subprocess
from typing import Any

import openpyxl
import psycopg
import pytest
from starlette.testclient import TestClient

from geodata.database import Audience
from geodata.grants import rules
from kyodo_geo.grants.schemes import scheme_of
from kyodo_geo.grants.table import Check, Condition, Part, RuleTable
from tests.api.conftest import HOST, PAGE
from tests.api.signing import become_admin, token_of
from tests.api.test_staff_drafts import send
from tests.api.test_staff_plans import HOSTILE, post, version_of
from tests.fixtures_db import DatabaseUrls

CASES = "/staff/grants/cases"
NEW = f"{CASES}/new/projects"
CASE = {
    "fiscal_year": "2026", "district_no": "2", "applicant": "地区2 地域づくり協議会", "title": "見守りの集い", "theme": "見守り",
    "contact_name": "連絡先 花子", "contact_phone": "019-999-9999", "quality": "sample", "counts_as_project": "yes",
    "deed": "apply", "day": "令和8年5月1日", "yen": "300,000", "eligible_cost": "500000", "due_on": "2026-06-30",
}  # fmt: skip
GRANT = {
    "day": "2026-06-10",
    "yen": "250000",
    "paper_no": "8盛協第1号",
    "due_on": "2026-10-31",
    "condition1": "yes",
}
TABLE = RuleTable(
    (Part("事業費の補助", "対象経費 × 1/2", most=400_000),),
    conditions=(Condition(Check.TICKED, "ほかの補助を受けない"),),
)


@pytest.fixture
def staff(visitor: TestClient) -> TestClient:
    become_admin(visitor)
    services = visitor.app.state.services  # type: ignore[attr-defined]
    with services.database.write(Audience.STAFF) as conn:
        for scheme in ("projects", "community"):
            held = rules.save_draft(
                conn,
                "03201",
                scheme_of(scheme),
                2026,
                TABLE,
                quality="sample",
                source="見本",
                seen="",
                actor="p",
            )
            rules.put_into_force(
                conn, "03201", scheme_of(scheme), 2026, seen=held.mark, reason="初版", actor="p"
            )
    return visitor


def enter(client: TestClient, scheme: str = "projects", **fields: str) -> str:
    """The new case's page."""
    answer = send(client, f"{CASES}/new/{scheme}", **{**CASE, **fields})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("?")[0]


def step(client: TestClient, case: str, deed: str, **fields: str) -> Any:
    return post(client, f"{case}/steps/{deed}", case, **fields)


def walk(client: TestClient, case: str) -> None:
    for deed, fields in (
        ("grant", GRANT), ("report", {"day": "2026-10-01", "eligible_cost": "480000", "participants": "85"}),
        ("settle", {"day": "2026-10-10", "yen": "240000", "paper_no": "8盛協第9号"}),
        ("pay", {"day": "2026-10-20", "yen": "240000"}),
    ):  # fmt: skip
        answer = step(client, case, deed, **fields)
        assert answer.status_code == 303, (
            deed,
            re.findall(r"error-heading.*?</div>", answer.text, re.DOTALL),
        )


def words(pdf: bytes) -> str:
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return done.stdout.decode()


def test_a_case_goes_its_way_and_the_map_of_projects_shows_it(staff: TestClient) -> None:
    assert "あてはまる案件がありません" in staff.get(CASES).text
    case = enter(staff)
    html = staff.get(case).text
    assert "250,000 円" in html and "見本のきまり" in html and "未確認" in html
    before = staff.get("/downloads/projects.csv?fiscal_year=2026")
    assert before.status_code == 404 or "見守りの集い" not in before.text
    walk(staff, case)
    html = staff.get(case).text
    assert all(
        f"<strong>{deed}</strong>" in html for deed in ("申請", "交付決定", "実績報告", "額の確定", "支払")
    )
    profile = staff.get("/districts/2").text
    assert "見守りの集い" in profile and "240,000" in profile
    row = re.search(r'href="(/staff/projects/p[0-9a-f]{32})"', html)
    assert row is not None
    refused = post(staff, f"{row[1]}/withdraw", row[1])
    assert refused.status_code == 400 and "案件 第1号" in refused.text
    assert step(staff, case, "undo", day="2026-11-01", words="別の案件").status_code == 303
    assert "取り消されました" in staff.get(case).text


def test_nobody_outside_reads_of_the_application(staff: TestClient, town: DatabaseUrls) -> None:
    case = enter(staff)
    step(staff, case, "grant", **GRANT)
    page = staff.get(case)
    assert page.headers["cache-control"] == "private, no-store" and "連絡先 花子" in page.text
    for path in (
        CASES,
        f"{CASES}/ledger.csv",
        f"{CASES}/year",
        "/staff/audit",
        "/districts/2",
        "/maps/projects",
    ):
        assert "連絡先 花子" not in staff.get(path).text and "019-999-9999" not in staff.get(path).text, path
    with psycopg.connect(town.superuser) as conn:
        log = conn.execute("SELECT string_agg(details::text, '') FROM kyodo.audit").fetchone()
    assert log is not None and "花子" not in log[0] and "019-999" not in log[0] and "見守りの集い" in log[0]
    send(staff, "/logout")
    assert staff.get(case, headers=PAGE).status_code in (302, 303, 401)


WRONG = [
    ({"title": " "}, "title"), ({"district_no": "77"}, "district_no"), ({"day": "2026-13-01"}, "day"),
    ({"day": "2199-01-01"}, "day"), ({"starts_on": "2026-07-01", "ends_on": "2026-06-01"}, "ends_on"),
    ({"yen": ""}, "yen"), ({"yen": "多め"}, "yen"), ({"eligible_cost": "-1"}, "eligible_cost"), ({"deed": "grant"}, "deed"),
    ({"due_on": "2026-04-01"}, "due_on"), ({"contact_phone": "なし"}, "contact_phone"),
]  # fmt: skip


def test_what_cannot_be_is_refused_beside_its_field_and_stays_typed(staff: TestClient) -> None:
    for fields, field in WRONG:
        answer = send(staff, NEW, **{**CASE, **fields})
        assert answer.status_code == 400, fields
        assert f'id="add-{field}-error"' in answer.text and 'value="地区2 地域づくり協議会"' in answer.text, (
            fields
        )
    assert "あてはまる案件がありません" in staff.get(CASES).text


def test_a_decision_against_the_rule_needs_its_reason_and_shows_it(staff: TestClient) -> None:
    case = enter(staff)
    answer = step(staff, case, "grant", **{**GRANT, "yen": "280000", "condition1": ""})
    assert answer.status_code == 400 and 'id="grant-answered-error"' in answer.text
    assert (
        "280,000 円が、きまりの計算 250,000 円を超えています" in answer.text
        and 'value="280000"' in answer.text
    )
    assert (
        step(staff, case, "grant", **{**GRANT, "yen": "280000", "answered": "前年の繰越のため"}).status_code
        == 303
    )
    html = staff.get(case).text
    assert "前年の繰越のため" in html and "超えています" in html


def test_who_was_slower_sees_both_sides_and_nothing_is_lost(staff: TestClient) -> None:
    case = enter(staff)
    seen = version_of(staff.get(case).text)
    assert step(staff, case, "grant", **GRANT).status_code == 303
    late = step(staff, case, "refuse", version=seen, day="2026-06-11", words="予算がない")
    assert late.status_code == 409 and "交付決定" in late.text
    facts = {
        name: value
        for name, value in CASE.items()
        if name not in ("deed", "day", "yen", "eligible_cost", "due_on")
    }
    late = post(staff, case, case, **{**facts, "version": seen, "theme": "福祉"})
    assert late.status_code == 409 and "違います" in late.text and 'value="福祉"' in late.text
    assert post(staff, case, case, **{**facts, "theme": "福祉"}).status_code == 303
    assert "福祉" in staff.get("/districts/2").text


def test_a_step_that_may_not_follow_is_told_and_not_taken(staff: TestClient) -> None:
    case = enter(staff)
    answer = step(staff, case, "pay", day="2026-06-01", yen="1")
    assert answer.status_code == 409 and "できません" in answer.text
    assert staff.get(f"{CASES}/77").status_code == 404
    assert staff.get(f"{CASES}/1/papers/decision.pdf").status_code == 404


def test_hostile_words_are_shown_as_words(staff: TestClient) -> None:
    case = enter(staff, title=HOSTILE, applicant=HOSTILE, theme="")
    for path in (CASES, case, f"{CASES}/year", "/staff/audit"):
        assert HOSTILE not in staff.get(path).text, path
    assert staff.get(f"{CASES}/ledger.xlsx").status_code == 200


def test_the_papers_say_what_was_decided_and_settled(staff: TestClient) -> None:
    case = enter(staff)
    walk(staff, case)
    decision = staff.get(f"{case}/papers/decision.pdf")
    assert (
        decision.headers["content-type"] == "application/pdf"
        and "no-store" in decision.headers["cache-control"]
    )
    text = words(decision.content)
    for said in (
        "補助金交付決定通知書",
        "8盛協第1号",
        "250,000 円",
        "見守りの集い",
        "ほかの補助を受けない",
        "見本",
    ):
        assert said in text, said
    settlement = words(staff.get(f"{case}/papers/settlement.pdf").content)
    assert "額の確定通知書" in settlement and "240,000 円" in settlement
    sheet = words(staff.get(f"{case}/papers/calculation.pdf").content)
    assert "480,000円" in sheet.replace(" ", "") and "満たす" in sheet
    assert "花子" not in text + settlement + sheet


def test_the_ledger_is_read_back_whole(staff: TestClient) -> None:
    walk(staff, enter(staff))
    enter(staff, "community", applicant="=1+1", district_no="1", title="")
    book = openpyxl.load_workbook(io.BytesIO(staff.get(f"{CASES}/ledger.xlsx").content))
    head, *rows = book.active.iter_rows(values_only=True)  # type: ignore[union-attr]
    told = [dict(zip(head, row, strict=True)) for row in rows]
    assert [(row["番号"], row["状態"], row["確定額（円）"], row["支払日"]) for row in told] == [
        (1, "支払済", 240000, "2026-10-20"), (2, "申請中", None, None),
    ]  # fmt: skip
    assert told[1]["申請した団体"] == "=1+1" and told[0]["次の期限"] is None and told[1]["期限超過"] == "超過"
    csv = staff.get(f"{CASES}/ledger.csv?scheme=projects").text
    assert csv.startswith("\ufeff番号") and csv.count("\r\n") == 2 and "花子" not in csv


def test_filters_and_late_cases(staff: TestClient) -> None:
    enter(staff)
    html = staff.get(CASES).text
    assert "期限を過ぎた案件が 1 件あります" in html
    for asked, found in (
        ("scheme=projects", True), ("scheme=community", False), ("late=yes", True), ("state=applied&district=2", True),
        ("state=paid", False), ("fiscal_year=2025", False), ("scheme=&fiscal_year=&state=&district=", True),
    ):  # fmt: skip
        assert ("第1号" in staff.get(f"{CASES}?{asked}").text) == found, asked
    assert staff.get(f"{CASES}?state=x").status_code == 400


def test_budget_and_the_year_in_sums(staff: TestClient) -> None:
    year = f"{CASES}/year?fiscal_year=2026"
    case = enter(staff)

    def save(frame: str, version: str | None = None):
        html = staff.get(year).text
        own = re.search(r'budgets/2026/projects">.*?name="version" value="([^"]+)"', html, re.DOTALL)
        assert own is not None
        return staff.post(
            f"{CASES}/budgets/2026/projects", headers={**PAGE, "origin": HOST},
            data={"csrf_token": token_of(html), "version": version or own[1], "frame_yen": frame, "note": "当初"},
        )  # fmt: skip

    assert save("たくさん").status_code == 400
    assert save("200,000").status_code == 303
    assert save("1", "old").status_code == 409
    assert "200,000 円" in staff.get(year).text
    answer = step(staff, case, "grant", **GRANT)
    assert answer.status_code == 400 and "予算の枠を 50,000 円超えます" in answer.text
    assert step(staff, case, "grant", **{**GRANT, "answered": "補正の見込み"}).status_code == 303
    html = staff.get(year).text
    assert "50,000 円の超過" in html and "250,000 円（1 件）" in html


def test_old_cases_are_pasted_all_or_none(staff: TestClient) -> None:
    past = f"{CASES}/past/projects"
    head = "年度\t地区\t申請した団体\t事業の名前\t決定日\t決定額\t確定額\t支払日\t参加者数\t出典"
    good = "2024\t2\t協議会\t夏の行事\t令和6年5月1日\t100,000\t90000\t2025-03-31\t40\t台帳"
    open_ = "2025\t1\t協議会\t冬の行事\t2025-06-01\t50000\t\t\t\t台帳"
    wrong = "2025\t1\t協議会\t春の行事\t2026-06-01\t50000\t\t\t\t台帳"
    answer = send(staff, past, rows=f"{head}\n{good}\n{wrong}", act="save")
    assert answer.status_code == 400 and "3 行目：決定の日" in answer.text and "夏の行事" in answer.text
    answer = send(staff, past, rows=f"{head}\n{good}\n{open_}", act="check")
    assert answer.status_code == 200 and "2 件を読み取りました" in answer.text
    assert "あてはまる案件がありません" in staff.get(CASES).text
    assert (
        send(staff, past, rows=f"{head}\n{good}\n{open_}", act="save").headers["location"]
        == f"{past}?entered=2"
    )
    html = staff.get(CASES).text
    assert "支払済" in html and "交付決定" in html
    assert "夏の行事" in staff.get("/districts/2").text and "90,000" in staff.get("/districts/2").text
    answer = send(staff, past, rows=f"{head}\n{good}", act="save")
    assert answer.status_code == 400 and "2 行目：同じ案件が、もう登録されています" in answer.text


def test_grants_to_the_districts_organisation_show_on_its_page(staff: TestClient) -> None:
    case = enter(staff, "community", title="")
    assert "コミュニティ活動費" not in staff.get("/districts/2").text
    step(staff, case, "grant", **GRANT)
    page = staff.get("/districts/2").text
    assert "コミュニティ活動費の補助（取組10）" in page and "250,000" in page
    found = staff.get("/api/v1/districts/2/profile").json()
    assert "250000" in str(found)


def test_works_of_a_hall_stand_on_the_staffs_map(staff: TestClient) -> None:
    with staff.app.state.services.database.read() as conn:  # type: ignore[attr-defined]
        row = conn.execute("SELECT min(association_id) AS id FROM association_area").fetchone()
    works = {
        "association_id": row["id"],
        "work": "repair",
        "geom": "39.605, 141.005",
        "applicant": "",
        "title": "",
    }
    form = staff.get(f"{CASES}/new/hall-works").text
    assert re.search(r'<select id="add-retrofitted".*?不明.*?はい.*?いいえ', form, re.DOTALL)
    case = enter(staff, "hall-works", **works, retrofitted="no")
    assert "いいえ" in staff.get(case).text
    step(staff, case, "grant", **{**GRANT, "answered": "見本のため"})
    table = staff.get("/maps/halls.csv?fiscal_year=2026&part=places")
    assert table.status_code == 200 and "250000" in table.text
