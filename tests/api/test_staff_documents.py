"""/staff/documents: entered or pasted, counted by a rule that planners change, kept as the indicator's value."""

from __future__ import annotations

import io
import re
from datetime import date

import openpyxl
import psycopg
import pytest
from starlette.testclient import TestClient

from geodata.database import Audience
from geodata.sent_documents import record_sent
from kyodo_geo.roles import Role
from tests.api.conftest import another
from tests.api.signing import become_admin
from tests.api.test_staff_plans import audit_of, post, sign_in_as
from tests.api.test_staff_records import send
from tests.fixtures_db import DatabaseUrls

BASE, FIGURES = "/staff/documents", "/staff/documents/figures?fiscal_year=2026"
DOCUMENT = {
    "title": "防犯灯の調査", "department": "くらしの安全課", "sent_on": "令和8年6月1日", "document_no": "８く安第１号",
    "addressees": "presidents", "district_nos": "", "association_ids": "", "copies": "366部", "way": "post",
    "kind": "survey", "answer_by": "2026-06-30", "quality": "real", "source": "", "could_mail": "",
}  # fmt: skip
TABLE = """題名,担当課,送った日,宛先,部数,送り方,種類,電子メールやホームページで済む
清掃のお知らせ,資源循環推進課,2026-06-02,町内会・自治会長,,郵送,お知らせ・通知,はい
回覧,広聴広報課,2026-06-02,回覧担当者,2400,広報と一緒に配布,回覧の依頼,
訓練のお知らせ,危機管理防災課,2026-09-01,町内会・自治会長,366,電子メール,お知らせ・通知,"""
RULE = {
    "addressees-presidents": "yes", "addressees-associations": "yes", "addressees-circulation": "yes", "ways-post": "yes",
    "ways-koho": "yes", "ways-hand": "yes", "kinds-request": "yes", "kinds-notice": "yes", "kinds-survey": "yes",
    "kinds-circulation": "yes", "same_within": "31", "note": "回覧も数える",
}  # fmt: skip


@pytest.fixture
def staff(visitor: TestClient, town: DatabaseUrls) -> TestClient:
    become_admin(visitor)
    with psycopg.connect(town.superuser) as conn:
        conn.execute(
            "INSERT INTO kyodo.indicator (municipality_code, plan_id, indicator_id, chapter, kind, title, unit, direction, "
            "baseline_fiscal_year, baseline, sort_order) SELECT municipality_code, plan_id, 'letters', 'associations', "
            "'reference', '会長あて送付文書の数', '件', 'down', 2019, 116, 99 FROM kyodo.plan ON CONFLICT DO NOTHING"
        )
    return visitor


def counted(client: TestClient) -> str:
    found = re.search(r"この値（(\d+) 件）を指標に入れる", client.get(FIGURES).text)
    assert found is not None
    return found[1]


def filled(client: TestClient) -> None:
    assert send(client, BASE, **DOCUMENT).headers["location"] == f"{BASE}?fiscal_year=2026&done=add"
    assert send(client, f"{BASE}/table", rows=TABLE, act="save").status_code == 303


def test_a_document_is_entered_and_the_year_is_counted(staff: TestClient) -> None:
    filled(staff)
    page = staff.get(f"{BASE}?fiscal_year=2026").text
    assert "防犯灯の調査" in page and "4 件" in page and "不明" in page
    assert counted(staff) == "2", "the circular goes to others, the mail needs no paper"
    html = staff.get(FIGURES).text
    assert "116 件" in html and "まだありません" in html and "部数ではなく、題名を数えます" in html
    assert "封筒が 8 通減ります" in html, "two letters of a week to eight presidents"
    assert "担当課が、電子メールやホームページで済むとしています" in html
    former = staff.get(f"{BASE}?fiscal_year=2025").text
    assert "登録された記録がありません" in former


WRONG = [
    ({"title": ""}, "title"), ({"way": "pigeon"}, "way"), ({"copies": "-1"}, "copies"),
    ({"answer_by": "2026-05-31"}, "answer_by"), ({"addressees": "associations"}, "association_ids"),
    ({"association_ids": "なし町内会"}, "association_ids"),
]  # fmt: skip


def test_what_cannot_be_is_refused_beside_its_field(staff: TestClient) -> None:
    for change, field in WRONG:
        answer = send(staff, BASE, **{**DOCUMENT, **change})
        assert answer.status_code == 400 and f'id="add-{field}-error"' in answer.text, change


def test_the_number_becomes_the_indicators_value_and_is_seen_on_progress(
    staff: TestClient, town: DatabaseUrls
) -> None:
    filled(staff)
    path = "/staff/documents/indicator?fiscal_year=2026"
    answer = send(staff, path, version="0", value="2")
    assert answer.headers["location"].endswith("done=indicator")
    assert "登録と同じです" in staff.get(FIGURES).text
    assert "2" in another(staff).get("/progress/indicators/letters").text
    with psycopg.connect(town.superuser) as conn:
        row = conn.execute(
            "SELECT value::int, source, quality, changed_by FROM kyodo.indicator_value "
            "WHERE indicator_id = 'letters' AND fiscal_year = 2026"
        ).fetchone()
    assert row == (2, "送付文書の登録（令和8年度(2026年度)、はじめの数え方）", "real", "admin")
    send(staff, BASE, **{**DOCUMENT, "title": "もう一つ"})
    assert "登録より 1 件少ない" in staff.get(FIGURES).text
    stale = send(staff, path, version="1", value="2", reason="x")
    assert stale.status_code == 409, "another number than the one that was seen"
    assert send(staff, path, version="0", value="3", reason="追加").status_code == 409
    assert 'id="indicator-reason-error"' in send(staff, path, version="1", value="3", reason="").text
    assert send(staff, path, version="1", value="3", reason="追加").status_code == 303


def test_nothing_registered_is_no_zero(staff: TestClient) -> None:
    empty = staff.get(FIGURES).text
    assert "指標に入れる</button>" not in empty and "登録がないことは 0 件ではありません" in empty
    answer = send(staff, "/staff/documents/indicator?fiscal_year=2026", version="0", value="0")
    assert answer.status_code == 400 and "1 件も登録されていません" in answer.text
    assert (
        send(staff, "/staff/documents/indicator?fiscal_year=2010", version="0", value="0").status_code == 400
    )


def test_planners_change_what_counts_and_every_version_stays(staff: TestClient, town: DatabaseUrls) -> None:
    filled(staff)
    path = "/staff/documents/rule?fiscal_year=2026"
    assert send(staff, path, version="0", **RULE).headers["location"].endswith("done=rule")
    assert counted(staff) == "3"
    assert send(staff, path, version="0", **RULE).status_code == 409, (
        "made from a version that holds no longer"
    )
    assert send(staff, path, version="1", **RULE).status_code == 400, "nothing differs"
    nothing = {name: value for name, value in RULE.items() if not name.startswith("ways-")}
    refused = send(staff, path, version="1", **nothing)
    assert (
        refused.status_code == 400 and 'href="#rule-ways"' in refused.text and "回覧も数える" in refused.text
    )
    assert send(staff, path, version="1", **{**RULE, "same_within": "367"}).status_code == 400
    assert [action for action, _, _ in audit_of(town, "document-rule.")] == ["document-rule.change"]
    officer = another(staff)
    sign_in_as(officer, Role.DISTRICT_OFFICER)
    assert "この値" not in officer.get(FIGURES).text
    assert send(officer, path, version="1", **RULE).status_code == 403


def test_files_say_what_counts_and_by_which_rule(staff: TestClient) -> None:
    filled(staff)
    send(staff, BASE, **{**DOCUMENT, "title": "=1+1", "document_no": ""})
    book = openpyxl.load_workbook(
        io.BytesIO(staff.get("/staff/documents/year.xlsx?fiscal_year=2026").content)
    )
    about = {row[0]: row[1] for row in book["集計と数え方"].iter_rows(values_only=True)}
    assert about["会長あて送付文書の数（この登録から）"] == 3
    rows = [*book["文書"].iter_rows(values_only=True)]
    assert len(rows) == 6 and {row[9] for row in rows[1:]} == {"はい", "いいえ"}
    assert all(cell.data_type != "f" for row in book["文書"].iter_rows() for cell in row)
    total = [*book["課と月"].iter_rows(values_only=True)][-1]
    assert total[0] == "合計" and total[2] == 3 == sum(total[5:])
    assert book["まとめる候補"].max_row == 2 and book["紙でなくてよい候補"].max_row == 2
    csv = staff.get("/staff/documents/year.csv?fiscal_year=2026").text
    assert csv.startswith("\ufeff送った日") and "'=1+1" in csv and "宛先が、数えるものではありません" in csv


def test_departments_change_their_own_and_see_all(staff: TestClient) -> None:
    mine, other = another(staff), another(staff)
    sign_in_as(mine, Role.DISTRICT_OFFICER)
    sign_in_as(other, Role.FACILITY_STAFF)
    send(mine, BASE, **DOCUMENT)
    path = re.search(r'href="(/staff/documents/d\w{32})"', other.get(f"{BASE}?fiscal_year=2026").text)
    assert path is not None and "訂正を保存する" not in other.get(path[1]).text
    assert post(mine, path[1], path[1], **{**DOCUMENT, "copies": "300"}).status_code == 303
    assert post(staff, f"{path[1]}/withdraw", path[1]).status_code == 303


def test_another_part_enters_what_it_sent_once(staff: TestClient, town: DatabaseUrls) -> None:
    services = staff.app.state.services
    facts = {
        "department": "市民協働推進課",
        "title": "年度更新の依頼",
        "sent_on": date(2026, 5, 1),
        "copies": 8,
        "districts": [1, 2],
    }
    with services.database.write(Audience.STAFF) as conn:
        first = record_sent(conn, "03201", made_by="return/2026/letter", actor="job", **facts)
        again = record_sent(conn, "03201", made_by="return/2026/letter", actor="job", **facts)
    assert first is not None and again is None
    assert "年度更新の依頼" in staff.get(f"{BASE}/{first}").text and counted(staff) == "1"
    assert [action for action, _, _ in audit_of(town, "edit.document.")] == ["edit.document.add"]
