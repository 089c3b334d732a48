"""/staff/grants: rules without JSON, trial, comparison, and the incentive from calculation to payment and correction."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import psycopg
import pytest
from openpyxl import load_workbook
from starlette.testclient import TestClient

from kyodo_geo.roles import Role
from tests.api.conftest import PAGE
from tests.api.signing import become_admin
from tests.api.test_leaflets import text_of
from tests.api.test_staff_plans import HOSTILE, audit_of, sign_in_as
from tests.api.test_staff_records import send
from tests.fixtures_db import DatabaseUrls

BASE = "/staff/grants"
RULE = f"{BASE}/rules/incentive/2026"
RUNS = f"{BASE}/runs"
FORM = {
    "part-1-name": "均等割", "part-1-formula": "10,000円", "part-2-name": "世帯割", "part-2-formula": "会員世帯数 × 300円",
    "whole-unit": "100", "whole-way": "down", "quality": "sample", "source": "見本の要綱", "act": "save",
}  # fmt: skip
"""Members of the town in the newest year: 200 × district × its rate."""


@pytest.fixture
def staff(visitor: TestClient) -> TestClient:
    become_admin(visitor)
    return visitor


def mark(client: TestClient, path: str) -> str:
    found = re.search(r'name="version" value="([^"]*)"', client.get(path).text)
    assert found is not None
    return found[1]


def draft(client: TestClient, path: str = RULE, **changed: str) -> Any:
    form = f"{path}/draft"
    return send(client, form, version=mark(client, form), **{**FORM, **changed})


def force(client: TestClient, path: str = RULE, **fields: str) -> Any:
    return send(client, f"{path}/force", version=mark(client, path), **fields)


def in_force(client: TestClient, path: str = RULE, **changed: str) -> None:
    assert draft(client, path, **changed).status_code == 303
    assert force(client, path, reason="試験").headers["location"] == f"{path}?done=forced"


def calculated(client: TestClient, year: int = 2026) -> str:
    answer = send(client, RUNS, fiscal_year=str(year))
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).partition("?")[0]


# -- rules -------------------------------------------------------------------------------------------------------


def test_a_rule_is_written_in_rows_tried_and_put_into_force(staff: TestClient, town: DatabaseUrls) -> None:
    html = staff.get(f"{RULE}/draft").text
    assert "まだきまりがありません" in html and 'name="part-3-band-2-formula"' in html
    assert draft(staff).headers["location"] == f"{RULE}?done=saved"
    html = staff.get(RULE).text
    assert "下書き（第1版）" in html and "会員世帯数 × 300円" in html and "まだ適用されていません" in html
    trial = staff.get(f"{RULE}/trial", params={"member_households": "１２３"}).text
    assert "会員世帯数（123世帯）× 300円 = 36,900円" in trial and "46,900円" in trial
    assert force(staff).headers["location"] == f"{RULE}?done=forced"
    html = staff.get(RULE).text
    assert "適用中のきまり（第1版）" in html and "置き換える下書きを作る" in html
    told = re.findall(r"<del>(.*?)</del>.*?<ins>(.*?)</ins>", html.split('id="history"')[-1])
    assert told and ("（なし）", "（なし）") not in told, "what stayed empty is no change"
    assert [action for action, *_ in audit_of(town, "edit.grant-rule.")] == [
        "edit.grant-rule.save",
        "edit.grant-rule.force",
    ]


def test_last_years_rule_is_what_a_new_year_begins_with(staff: TestClient) -> None:
    in_force(staff)
    html = staff.get(f"{BASE}/rules/incentive/2027/draft").text
    assert "2026 年度のきまり（第1版）を写しました" in html and 'value="会員世帯数 × 300円"' in html
    assert 'name="version" value=""' in html


def test_bands_bounds_and_conditions_come_back_in_the_form(staff: TestClient) -> None:
    more = {
        "part-3-name": "規模割", "part-3-by": "世帯数", "part-3-band-1-least": "0", "part-3-band-1-formula": "1,000円",
        "part-3-band-2-least": "1,000", "part-3-band-2-formula": "2,000円", "part-3-most": "1,500", "condition-1-check":
        "approved-return", "condition-1-words": "届を出している", "whole-cap": "世帯数 × 500円", "note": HOSTILE,
    }  # fmt: skip
    assert draft(staff, **more).status_code == 303
    html = staff.get(f"{RULE}/draft").text
    assert 'name="part-3-band-2-least" type="text" maxlength="16"' in html and 'value="1000"' in html
    assert 'value="届を出している"' in html and 'value="世帯数 × 500円"' in html and HOSTILE not in html
    shown = staff.get(RULE).text
    assert (
        "世帯数 が 0 以上 1,000 未満：1,000円" in shown and "上限 1,500円" in shown and HOSTILE not in shown
    )


WRONG: list[tuple[dict[str, str], str, str]] = [
    ({"part-2-formula": "会員数 × 300"}, "part-2-formula", "「会員数」は使えません"),
    ({"part-2-formula": "会員世帯数 ×"}, "part-2-formula", "途中で終わって"),
    ({"part-2-name": ""}, "part-2-name", "行の名前"),
    ({"part-2-most": "多い"}, "part-2-most", "0 以上の整数"),
    ({"part-1-name": "", "part-1-formula": "", "part-2-formula": "x y"}, "part-1-formula", "「x」|から読めません"),
    ({"part-4-name": "段", "part-4-by": "世帯数", "part-4-band-1-least": "5"}, "part-3-band-1-formula", "入力してください"),
    ({"source": ""}, "source", "出典"),
    ({"quality": "nice"}, "quality", "記録の種類"),
]  # fmt: skip


def test_what_is_wrong_is_told_at_its_field_and_nothing_is_lost(staff: TestClient) -> None:
    for changed, field, words in WRONG:
        answer = send(staff, f"{RULE}/draft", version="", **{**FORM, "note": "消えない説明", **changed})
        assert answer.status_code == 400, changed
        assert f'href="#rule-{field}"' in answer.text and f'id="rule-{field}"' in answer.text, changed
        assert re.search(words, answer.text) and "消えない説明" in answer.text, changed
    assert "まだありません" in staff.get(BASE).text


def test_more_rows_are_asked_for_and_nothing_is_kept(staff: TestClient) -> None:
    answer = send(staff, f"{RULE}/draft", version="", **{**FORM, "act": "more"})
    assert (
        answer.status_code == 200 and 'name="part-5-name"' in answer.text and 'value="世帯割"' in answer.text
    )
    assert "下書きを直す" not in staff.get(RULE).text


def test_two_planners_do_not_overwrite_each_other(staff: TestClient) -> None:
    draft(staff)
    seen = mark(staff, f"{RULE}/draft")
    assert (
        send(staff, f"{RULE}/draft", version=seen, **{**FORM, "part-1-formula": "20,000円"}).status_code
        == 303
    )
    lost = send(staff, f"{RULE}/draft", version=seen, **{**FORM, "part-1-formula": "30,000円"})
    assert lost.status_code == 409 and "均等割 = 20,000円" in lost.text and 'value="30,000円"' in lost.text
    again = re.search(r'name="version" value="([^"]+)"', lost.text)
    assert again is not None
    assert (
        send(staff, f"{RULE}/draft", version=again[1], **{**FORM, "part-1-formula": "30,000円"}).status_code
        == 303
    )
    assert force(staff).status_code == 303
    # Whoever was slower stays on the rule's page and reads there why nothing happened.
    for deed in ("force", "discard"):
        late = send(staff, f"{RULE}/{deed}", version=seen)
        assert late.status_code == 409 and "下書きがもうありません" in late.text
        assert "適用中のきまり（第1版）" in late.text


def test_a_rule_in_force_is_replaced_with_a_reason_and_compared(
    staff: TestClient, town: DatabaseUrls
) -> None:
    in_force(staff)
    draft(staff, **{"part-1-formula": "5,000円", "part-2-formula": "会員世帯数 × 350円"})
    html = staff.get(RULE).text
    assert "均等割 = 10,000円" in html and "均等割 = 5,000円" in html
    compared = staff.get(f"{RULE}/compare").text
    assert "増える" in compared and "2026 年度 第1版（適用中）" in compared
    table = list(csv.reader(io.StringIO(staff.get(f"{RULE}/compare.csv").content.decode("utf-8-sig"))))
    assert len(table) == 9
    for row in table[1:]:
        assert int(row[6]) == int(row[5]) - int(row[4])
    refused = force(staff, reason=" ")
    assert refused.status_code == 400 and "理由を入力" in refused.text
    assert force(staff, reason="単価の改定").status_code == 303
    assert "単価の改定" in staff.get(RULE).text
    assert "適用中" in staff.get(BASE).text


def test_a_draft_can_be_thrown_away(staff: TestClient) -> None:
    draft(staff)
    assert (
        send(staff, f"{RULE}/discard", version=mark(staff, RULE)).headers["location"]
        == f"{RULE}?done=discarded"
    )
    assert "きまりの下書きを作る" in staff.get(RULE).text


def test_a_trial_takes_an_associations_figures_and_says_what_is_missing(staff: TestClient) -> None:
    draft(staff, **{"part-3-name": "回覧割", "part-3-formula": "回覧部数 × 10"})
    html = staff.get(f"{RULE}/trial", params={"area": "a21"}).text
    assert (
        "2-1町内会：計算できません" in html
        and "回覧割：回覧部数が分かりません" in html
        and "加入世帯数のデータ" in html
    )
    html = staff.get(f"{RULE}/trial", params={"area": "a21", "circulation_copies": "50"}).text
    assert "回覧部数（50部）× 10 = 500円" in html
    wrong = staff.get(f"{RULE}/trial", params={"circulation_copies": "五十"})
    assert (
        wrong.status_code == 400
        and 'href="#trial-circulation_copies"' in wrong.text
        and 'value="五十"' in wrong.text
    )
    assert staff.get(f"{RULE}/trial", params={"area": "nobody"}).status_code == 404


def test_a_grant_for_cases_is_tried_with_typed_figures(staff: TestClient) -> None:
    works = f"{BASE}/rules/hall-works/2026"
    draft(
        staff, works, **{"part-1-formula": "0円", "part-2-formula": "対象経費 × 1/2", "whole-most": "500000"}
    )
    html = staff.get(f"{works}/trial", params={"eligible_cost": "2,000,000円"}).text
    assert "上限 500,000円" in html and "500,000円" in html
    force(staff, works)
    draft(staff, works, **{"part-2-formula": "対象経費 × 1/3"})
    assert "申請ごとの金額" in staff.get(f"{works}/compare").text


# -- calculations --------------------------------------------------------------------------------------------------


def test_without_a_rule_nothing_is_calculated(staff: TestClient) -> None:
    assert "適用中のきまりがありません" in staff.get(RUNS).text
    answer = send(staff, RUNS, fiscal_year="2026")
    assert answer.status_code == 400 and "まだ適用されていません" in answer.text


def test_the_incentive_from_the_calculation_to_the_payment(
    staff: TestClient, town: DatabaseUrls, tmp_path: Path
) -> None:
    in_force(staff)
    path = calculated(staff)
    html = staff.get(path).text
    assert "計算済み" in html and "8 団体" in html and "加入世帯数のデータ" in html and HOSTILE not in html
    assert "payment.xlsx" not in html and staff.get(f"{path}/payment.xlsx").status_code == 409
    sheet = staff.get(f"{path}/sheets/a21").text
    assert "2-1町内会の計算書" in sheet and "見本データ" in sheet and "会員世帯数（" in sheet
    paper = staff.get(f"{path}/sheets/a21/paper.pdf")
    assert paper.headers["content-type"] == "application/pdf" and "no-store" in paper.headers["cache-control"]
    words = text_of(paper.content, tmp_path)
    assert "2-1町内会" in words and "まだ決定していません" in words and "300円" in words

    printed = staff.get(f"{path}/sheets").text
    assert printed.count('class="grant-sheet"') == 8 and "8 枚" in printed and HOSTILE not in printed
    assert staff.get(f"{path}/sheets?district=2").text.count('class="grant-sheet"') == 2

    early = send(staff, f"{path}/decide", decided_on="2190-01-01")
    assert early.status_code == 400 and "今日より後" in early.text
    assert (
        send(staff, f"{path}/decide", decided_on="令和8年4月1日").headers["location"]
        == f"{path}?done=decided"
    )
    assert send(staff, f"{path}/discard").status_code == 409
    before = send(staff, f"{path}/pay", paid_on="2026-03-31")
    assert before.status_code == 400 and "決定の日より前" in before.text
    assert send(staff, f"{path}/pay", paid_on="2026-05-01").headers["location"] == f"{path}?done=paid"
    again = send(staff, RUNS, fiscal_year="2026")
    assert again.status_code == 400 and "もう決定しています" in again.text

    book = load_workbook(io.BytesIO(staff.get(f"{path}/list.xlsx").content))
    assert book.sheetnames == [
        "地区ごとの合計",
        "町内会・自治会",
        "計算",
        "計算できない団体",
        "この表について",
    ]
    sums = list(book["地区ごとの合計"].values)
    each = list(book["町内会・自治会"].values)
    amount = each[0].index("額（円）")
    assert len(each) == 9 and sums[-1][0] == "合計" and sums[-1][3] == sum(row[amount] for row in each[1:])
    steps = [row for row in book["計算"].values if row[0] == "a21"]
    assert sum(row[4] for row in steps) == next(row[amount] for row in each if row[0] == "a21")
    payment = load_workbook(io.BytesIO(staff.get(f"{path}/payment.xlsx").content))["支払一覧"]
    rows = list(payment.values)
    assert rows[-1][2] == "合計" and rows[-1][5] == sums[-1][3] and len(rows) == 10
    table = list(csv.reader(io.StringIO(staff.get(f"{path}/list.csv").content.decode("utf-8-sig"))))
    assert [row[0] for row in table[1:]] == [row[0] for row in each[1:]]

    with psycopg.connect(town.superuser) as conn:
        kept: dict[str, float] = dict(conn.execute(
            "SELECT area_key, value FROM kyodo.area_figure WHERE measure = 'grant_incentive' AND fiscal_year = 2026"
        ).fetchall())  # fmt: skip
    assert kept == {str(row[0])[:1]: row[3] for row in sums[1:-1]}
    actions = [action for action, *_ in audit_of(town, "edit.grant-run.")]
    assert actions == ["edit.grant-run.calculate", "edit.grant-run.decide", "edit.grant-run.pay"]


def test_a_correction_pays_the_difference_and_leaves_what_was_decided(
    staff: TestClient, town: DatabaseUrls
) -> None:
    in_force(staff)
    first = calculated(staff)
    send(staff, f"{first}/decide", decided_on="2026-04-01")
    total = re.search(r"合計 ([\d,]+)円", staff.get(first).text)
    draft(staff, **{"part-1-formula": "9,000円"})
    force(staff, reason="要綱の訂正")
    refused = send(staff, f"{first}/correct", reason="")
    assert refused.status_code == 400 and "訂正の理由" in refused.text
    second = str(send(staff, f"{first}/correct", reason="均等割の誤り").headers["location"]).partition("?")[0]
    stale = str(send(staff, f"{first}/correct", reason="同じ").headers["location"]).partition("?")[0]
    html = staff.get(second).text
    assert "（訂正）" in html and "均等割の誤り" in html and "-8,000" in html
    assert send(staff, f"{second}/decide", decided_on="2026-06-01").status_code == 303
    late = send(staff, f"{stale}/decide", decided_on="2026-06-01")
    assert late.status_code == 409 and "別の計算が決定しました" in late.text
    rows = list(load_workbook(io.BytesIO(staff.get(f"{second}/payment.xlsx").content))["支払一覧"].values)
    assert rows[-1][6] == -8_000 and {row[7] for row in rows[1:-1]} == {"返還"}
    again = re.search(r"合計 ([\d,]+)円", staff.get(first).text)
    assert total is not None and again is not None and again[1] == total[1]
    assert "後の計算で訂正" in staff.get(first).text and "訂正の計算をする" not in staff.get(first).text
    with psycopg.connect(town.superuser) as conn:
        kept = conn.execute(
            "SELECT value FROM kyodo.area_figure WHERE measure = 'grant_incentive_total' AND fiscal_year = 2026"
        ).fetchall()
    assert kept == [(float(total[1].replace(",", "")) - 8_000,)]


def test_who_cannot_be_calculated_is_listed_with_the_reason(staff: TestClient, tmp_path: Path) -> None:
    in_force(staff, **{"part-3-name": "回覧割", "part-3-formula": "回覧部数 × 10"})
    path = calculated(staff)
    html = staff.get(path).text
    assert "計算できない団体（8）" in html and "回覧割：回覧部数が分かりません" in html
    assert "計算できません" in text_of(staff.get(f"{path}/sheets.pdf?district=2").content, tmp_path)
    refused = send(staff, f"{path}/decide", decided_on="2026-04-01")
    assert refused.status_code == 400 and "決定できません" in refused.text
    assert send(staff, f"{path}/discard").headers["location"] == f"{RUNS}?done=discarded"
    assert staff.get(path).status_code == 404


def test_last_years_decision_stands_beside_this_years(staff: TestClient) -> None:
    in_force(staff, f"{BASE}/rules/incentive/2025")
    last = calculated(staff, 2025)
    send(staff, f"{last}/decide", decided_on="2025-04-01")
    in_force(staff, **{"part-1-formula": "12,000円"})
    html = staff.get(calculated(staff)).text
    assert "（第1号）と比べて、合計は +16,000円。増える 8、減る 0" in html


# -- who, and what cannot be ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.FACILITY_STAFF, Role.PARTNER])
def test_only_planners_and_administrators(visitor: TestClient, role: Role) -> None:
    sign_in_as(visitor, role)
    for path in (BASE, RULE, RUNS):
        assert visitor.get(path, headers=PAGE).status_code == 403


def test_visitors_are_sent_to_sign_in(client: TestClient) -> None:
    assert client.get(RUNS, headers=PAGE).status_code == 303


STRANGE = [
    f"{BASE}/rules/gold/2026",
    f"{BASE}/rules/incentive/1900",
    f"{BASE}/rules/incentive/2026x",
    f"{RUNS}/0",
    f"{RULE}/trial?rule=2026",
    f"{RULE}/compare?old=2026-1%27",
    f"{RUNS}/1",
    f"{RUNS}/99/sheets/a11",
    f"{RULE}/trial",
    f"{BASE}/rules?scheme=gold&year=2026",
    f"{RUNS}/1/list.xlsx",
    f"{RULE}/compare.csv",
]


def test_strange_addresses_are_refused(staff: TestClient) -> None:
    for path in STRANGE:
        assert staff.get(path, headers=PAGE).status_code in (400, 404, 422), path


def test_forms_need_their_token(staff: TestClient) -> None:
    for path in (f"{RULE}/draft", f"{RULE}/force", RUNS):
        assert staff.post(path, data=FORM, headers=PAGE).status_code == 403
