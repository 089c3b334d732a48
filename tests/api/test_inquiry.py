"""The yearly inquiry: sheets out and in, both sides of a conflict, and nothing that is kept without a decision."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from anyio import to_thread
from openpyxl import load_workbook
from starlette.testclient import TestClient

from api.routes import staff_inquiry_files
from kyodo_geo.roles import Role
from tests.api.conftest import PAGE, another
from tests.api.inquiry_world import BASE, ROUND, begun, department, filled, responsible, rows, send, upload
from tests.api.test_staff_progress import AGREEMENT, RECORD, text_of
from tests.api.test_staff_progress import send as enter
from tests.api.ticket_world import sign_in
from tests.fixtures_db import DatabaseUrls


@pytest.fixture
def desk(serve: Callable[..., TestClient]) -> TestClient:
    client = serve()
    client.headers.update(PAGE)
    sign_in(client, Role.PLANNER)
    return client


def kept(town: DatabaseUrls) -> list[tuple[str, int]]:
    return rows(town, "SELECT record, version FROM kyodo.initiative_year WHERE fiscal_year = 2024")


def test_a_sheet_goes_out_with_what_is_known_and_its_answers_come_back_into_the_records(
    desk: TestClient, town: DatabaseUrls
) -> None:
    enter(desk, AGREEMENT, RECORD, fiscal_year="2023", record="前の年にしたこと")
    enter(desk, AGREEMENT, RECORD, fiscal_year="2024", record="途中の記録")
    here, sheet = begun(desk)
    body = desk.get(f"{sheet}/sheet.xlsx").content
    page = load_workbook(io.BytesIO(body)).worksheets[0]
    cells = {str(cell.value) for row in page.iter_rows() for cell in row if cell.value}
    assert {"前の年にしたこと", "途中の記録", "市民協働推進課 御中", "3　補助金の件数は"} <= cells
    assert page.protection.sheet, "what went out cannot be changed by a slip of the hand"
    back = filled(
        body, n1_record="協定を結び、12 件を取り次いだ。", n1_self_evaluation="計画どおり", n1_difficulties="人手",
        n1_next_year="続ける", n1_evidence_title_1="実績表", n1_evidence_number_1="協 12", n2_value="88.1", n2_source="庁内調査",
        n2_as_of="令和7年3月31日", n3_answer="12 件",
    )  # fmt: skip
    answer = upload(desk, here, ("返事.xlsx", back))
    assert answer.status_code == 200 and "新しい回答 3 項目" in answer.text
    assert kept(town) == [("途中の記録", 1)], "an upload decides nothing"
    assert "前の回答と同じ 3 項目" in upload(desk, here, ("もう一度.xlsx", back)).text
    done = send(desk, f"{sheet}/accept", sheet)
    assert done.headers["location"] == f"{sheet}?done=all"
    assert kept(town) == [("協定を結び、12 件を取り次いだ。", 2)]
    assert rows(town, "SELECT value::float, source FROM kyodo.indicator_value WHERE fiscal_year = 2024") == [
        (88.1, "庁内調査（令和7年3月31日(2025年3月31日)時点）")
    ]
    assert rows(town, "SELECT self_evaluation, difficulties, next_year FROM kyodo.initiative_review") == [
        ("as_planned", "人手", "続ける")
    ]
    public = another(desk)
    shown = public.get("/progress/initiatives/1").text
    assert "12 件を取り次いだ" in shown and "実績表" in shown and "人手" not in shown
    told = rows(
        town,
        "SELECT action FROM kyodo.audit WHERE action LIKE 'inquiry.%' OR action LIKE 'progress.%' ORDER BY entry_no",
    )
    assert [row[0] for row in told][-6:] == [
        "progress.correct", "inquiry.accept", "progress.enter", "inquiry.accept", "inquiry.accept",
    ][-6:] or told[-1][0] == "inquiry.accept"  # fmt: skip


def test_a_record_changed_after_the_sheet_went_out_is_shown_beside_the_answer_and_never_overwritten_unseen(
    desk: TestClient, town: DatabaseUrls
) -> None:
    _, sheet = begun(desk)
    send(desk, f"{sheet}/1", record="課の回答", self_evaluation="late")
    enter(desk, AGREEMENT, RECORD, fiscal_year="2024", record="画面で入れた記録")
    assert "食い違い" in desk.get(sheet).text
    refused = send(desk, f"{sheet}/accept", sheet)
    assert refused.status_code == 400 and kept(town) == [("画面で入れた記録", 1)]
    page = desk.get(f"{sheet}/1").text
    assert "画面で入れた記録" in page and "課の回答" in page and "記録が変わりました" in page
    unchosen = send(desk, f"{sheet}/1/accept", f"{sheet}/1", quality="real")
    assert unchosen.status_code == 400 and 'id="accept-record-error"' in unchosen.text
    send(desk, f"{sheet}/1/accept", f"{sheet}/1", quality="real", side_record="now")
    assert kept(town) == [("画面で入れた記録", 1)], "what stands there was chosen"
    assert rows(town, "SELECT self_evaluation FROM kyodo.initiative_review") == [("late",)], (
        "the rest of the answer came in"
    )


def test_two_sheets_with_other_words_stand_side_by_side_and_each_field_is_chosen(
    desk: TestClient, town: DatabaseUrls
) -> None:
    here, sheet = begun(desk)
    out = desk.get(f"{sheet}/sheet.xlsx").content
    both = [
        ("一.xlsx", filled(out, n1_record="十二件", n1_next_year="続ける")),
        ("二.xlsx", filled(out, n1_record="13 件", n1_next_year="続ける")),
    ]
    assert upload(desk, here, *both).text.count("新しい回答 1 項目") == 2
    page = desk.get(f"{sheet}/1").text
    assert "回答 1、2" in page, "what both say stands there once"
    chosen = send(desk, f"{sheet}/1/accept", f"{sheet}/1", quality="real", side_record="2")
    assert chosen.status_code == 303
    assert kept(town) == [("13 件", 1)]
    assert rows(town, "SELECT answer_no, state FROM kyodo.inquiry_answer ORDER BY 1") == [
        (1, "set_aside"),
        (2, "accepted"),
    ]


def test_one_upload_at_a_time_is_looked_through(desk: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    here, _ = begun(desk)
    places: list[float] = []

    async def watched(work: Any, *, limiter: Any) -> Any:
        places.append(limiter.total_tokens)
        return await to_thread.run_sync(work, limiter=limiter)

    monkeypatch.setattr(staff_inquiry_files, "run_sync", watched)
    assert upload(desk, here, ("x.xlsx", b"no workbook")).status_code in (200, 400)
    assert places == [1]


def test_who_decides_on_what_has_changed_since_sees_it_first(desk: TestClient, town: DatabaseUrls) -> None:
    _, sheet = begun(desk)
    send(desk, f"{sheet}/1", record="最初の回答")
    before = desk.get(f"{sheet}/1").text
    seen = re.search(r'name="version" value="([^"]+)"', before)
    assert seen is not None
    send(desk, f"{sheet}/1", record="後の回答")
    late = send(desk, f"{sheet}/1/accept", f"{sheet}/1", quality="real", side_record="1", version=seen[1])
    assert late.status_code == 409 and "後の回答" in late.text and kept(town) == []


def test_an_unlikely_value_is_asked_about_and_stays_out_of_the_press_for_all(
    desk: TestClient, town: DatabaseUrls
) -> None:
    _, sheet = begun(desk)
    send(desk, f"{sheet}/2", value="8.8", source="庁内調査")
    assert send(desk, f"{sheet}/accept", sheet).status_code == 400
    asked = send(desk, f"{sheet}/2/accept", f"{sheet}/2", quality="real")
    assert asked.status_code == 200 and "大きく変わっています" in asked.text
    assert rows(town, "SELECT count(*) FROM kyodo.indicator_value WHERE fiscal_year = 2024") == [(0,)]
    sure = send(desk, f"{sheet}/2/accept", f"{sheet}/2", quality="real", sure="yes")
    assert sure.status_code == 303
    aside = send(desk, f"{sheet}/1", record="使わない")
    assert aside.status_code == 303
    send(desk, f"{sheet}/1/accept", f"{sheet}/1", deed="aside")
    assert kept(town) == []


@pytest.mark.parametrize(
    ("number", "fields", "field"),
    [
        (1, {"record": " ", "next_year": "続ける"}, "record"), (1, {"record": "あ" * 2001}, "record"),
        (1, {"record": "した", "evidence_title_1": "表"}, "evidence_url_1"),
        (1, {"record": "した", "self_evaluation": "x"}, "self_evaluation"),
        (2, {"value": "", "source": "調査"}, "value"), (2, {"value": "八十", "source": "調査"}, "value"),
        (2, {"value": "88"}, "source"),
        (2, {"value": "88", "source": "調査", "low": "80"}, "low"), (3, {"answer": ""}, "answer"),
    ],
)  # fmt: skip
def test_what_cannot_be_an_answer_is_told_beside_its_field_and_what_was_typed_stays(
    desk: TestClient, number: int, fields: dict[str, str], field: str
) -> None:
    _, sheet = begun(desk)
    answer = send(desk, f"{sheet}/{number}", **fields)
    assert answer.status_code == 400 and f'id="answer-{field}-error"' in answer.text
    assert all(typed in answer.text for typed in fields.values())


def test_a_file_is_taken_whole_or_told_why_not(desk: TestClient, town: DatabaseUrls) -> None:
    here, sheet = begun(desk)
    out = desk.get(f"{sheet}/sheet.xlsx").content
    bad = filled(out, n1_record="した", n2_value="多い", n2_source="調査")
    answer = upload(desk, here, ("悪い.xlsx", bad), ("別物.xlsx", b"no workbook"), ("白紙.xlsx", out))
    assert answer.status_code == 200
    words = text_of(answer.text)
    assert "値は 0 以上" in words and words.count("読み込みませんでした") == 2 and "未記入 3 項目" in words
    assert rows(town, "SELECT count(*) FROM kyodo.inquiry_answer") == [(0,)]
    with zipfile.ZipFile(io.BytesIO(desk.get(f"{here}/sheets.zip").content)) as archive:
        (name,) = archive.namelist()
        assert name == "01_市民協働推進課.xlsx" and archive.read(name) == out, "equal input, equal bytes"


def test_a_form_that_says_less_than_the_page_s_own_changes_nothing(
    desk: TestClient, town: DatabaseUrls
) -> None:
    here, sheet = begun(desk)
    one = sheet.rpartition("/")[2]
    assert send(desk, f"{here}/state", here).status_code == 400
    assert send(desk, f"{here}/marks", here, department=one).status_code == 400
    assert send(desk, f"{here}/marks", here, deed="sent", department="a\0b").status_code == 400
    assert send(desk, f"{BASE}/upload", here, inquiry="q\0").status_code == 404
    assert rows(town, "SELECT state, sent_at FROM kyodo.inquiry NATURAL JOIN kyodo.inquiry_sheet") == [
        ("open", None)
    ]


def test_a_closed_round_takes_nothing_and_another_year_s_sheet_is_refused(
    desk: TestClient, town: DatabaseUrls
) -> None:
    here, sheet = begun(desk)
    out = filled(desk.get(f"{sheet}/sheet.xlsx").content, n1_record="した")
    assert send(desk, BASE, **ROUND).status_code == 400, "one round of a year is open at a time"
    send(desk, f"{here}/state", here, deed="close")
    assert upload(desk, here, ("遅い.xlsx", out)).status_code == 409
    assert send(desk, f"{sheet}/1", sheet, keep=False, record="した").status_code == 409
    other = send(desk, BASE, **{**ROUND, "plan": "r3-r7/2023"}).headers["location"].partition("?")[0]
    assert "別の調べか別の年度" in upload(desk, other, ("前の.xlsx", out)).text
    assert rows(town, "SELECT count(*) FROM kyodo.inquiry_answer") == [(0,)]


def test_who_has_not_answered_is_listed_with_mail_and_letter(desk: TestClient) -> None:
    here, sheet = begun(desk)
    page = desk.get(here).text
    assert "1 課から、まだ回答がありません" in page and 'href="mailto:ka@example.lg.jp?subject=' in page
    letter = desk.get(f"{here}/reminder.pdf")
    assert letter.status_code == 200 and letter.content.startswith(b"%PDF")
    department_id = sheet.rpartition("/")[2]
    send(desk, f"{here}/marks", here, deed="sent", department=department_id)
    send(desk, f"{here}/marks", here, deed="reminded", department=department_id)
    assert "催促（1 回）" in desk.get(here).text
    assert send(desk, f"{here}/marks", here, deed="sent").status_code == 400
    send(desk, f"{sheet}/1", record="した")
    assert "すべての課から回答がありました" in desk.get(here).text
    assert desk.get(f"{here}/reminder.pdf").status_code == 404


def test_any_staff_answers_and_only_planners_decide(desk: TestClient) -> None:
    here, sheet = begun(desk)
    other = another(desk)
    sign_in(other, Role.FACILITY_STAFF)
    assert send(other, f"{sheet}/1", record="施設の課の回答").status_code == 303
    page = other.get(f"{sheet}/1").text
    assert "施設の課の回答" in page and "記録に入れる</button>" not in page
    for path in (f"{sheet}/1/accept", f"{sheet}/accept", f"{here}/state", BASE):
        assert send(other, path, f"{sheet}/1").status_code == 403


def test_one_department_leads_at_a_time_and_a_new_one_follows_in_another_year(desk: TestClient) -> None:
    one, two = department(desk), department(desk, "地域福祉課")
    assert responsible(desk, "r3-r7/initiative/1", one, last_year="2023").status_code == 303
    both = responsible(desk, "r3-r7/initiative/1", two, first_year="2023")
    assert both.status_code == 400 and "ほかの主担当があります" in both.text
    assert responsible(desk, "r3-r7/initiative/1", two, first_year="2024").status_code == 303
    assert responsible(desk, "r3-r7/initiative/1", one, role="with", first_year="2024").status_code == 303
    here = send(desk, BASE, **ROUND).headers["location"].partition("?")[0]
    page = desk.get(here).text
    assert "地域福祉課" in page and "市民協働推進課</a>" not in page
    assert "加入率" in desk.get(BASE).text, "what nobody answers for is told"
