"""Staff enter values and records: checks, questions, versions, withdrawal, history, and who may."""

from __future__ import annotations

import re
from collections.abc import Callable

import psycopg
import pytest
from starlette.testclient import TestClient

from kyodo_geo.roles import Role
from tests.api.city import CODE, HOSTILE
from tests.api.conftest import HOST, PAGE
from tests.api.signing import token_of
from tests.api.test_live import SEEN_WITHIN_S, within
from tests.api.ticket_world import sign_in
from tests.fixtures_db import DatabaseUrls

RATE = "/staff/progress/indicators/rate"
AGREEMENT = "/staff/progress/initiatives/1"
VALUE = {"fiscal_year": "2021", "version": "0", "value": "86.9", "source": "庁内調査", "quality": "real"}
RECORD = {"fiscal_year": "2021", "version": "0", "record": "協定を結びました。", "quality": "real"}


@pytest.fixture
def desk(serve: Callable[..., TestClient]) -> TestClient:
    client = serve()
    client.headers.update(PAGE)
    sign_in(client, Role.PLANNER)
    return client


def send(client: TestClient, path: str, base: dict[str, str], **fields: str):
    """Send a form as a browser would."""
    token = token_of(client.get(path).text)
    return client.post(path, data={"csrf_token": token, **base, **fields}, headers={"origin": HOST})


def values(client: TestClient) -> dict[int, float]:
    rows = client.get("/api/v1/indicators").json()["indicators"][0]["values"]
    return {row["fiscal_year"]: row["value"] for row in rows}


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_forms_lead_to_their_own_address(desk: TestClient) -> None:
    for path in (RATE, AGREEMENT):
        html = desk.get(f"{path}?fiscal_year=2021").text
        assert f'method="post" action="{path}"' in html
        assert f'href="{path}?fiscal_year=2022"' in html


def test_a_value_shows_on_every_page_at_once(desk: TestClient) -> None:
    assert "不明" in desk.get("/progress/indicators/rate").text
    answer = send(desk, RATE, VALUE)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{RATE}?fiscal_year=2021&saved=yes")
    page = desk.get(answer.headers["location"])
    assert page.headers["cache-control"] == "private, no-store"
    assert "保存しました" in page.text
    assert within(SEEN_WITHIN_S, lambda: values(desk) == {2019: 87.5, 2021: 86.9})
    assert "86.9 %" in desk.get("/progress").text
    assert "86.9" in desk.get("/progress/values.csv").text
    assert 'value="86.9"' in desk.get(f"{RATE}?fiscal_year=2021").text


def test_a_correction_needs_a_reason_and_stays_in_the_history(desk: TestClient) -> None:
    send(desk, RATE, VALUE)
    refused = send(desk, RATE, VALUE, version="1", value="86.5")
    assert refused.status_code == 400 and "理由を入力" in refused.text
    assert 'value="86.5"' in refused.text, "what was typed stays"
    assert send(desk, RATE, VALUE, version="1", value="86.5", reason="転記の誤り").status_code == 303
    told = text_of(desk.get(RATE).text)
    assert "値： 86.9 % → 86.5 %".replace(" ", "") in told.replace(" ", "")
    for words in ("planner-x", "訂正", "転記の誤り", "入力", "令和3年度(2021年度)"):
        assert words in told
    assert send(desk, RATE, VALUE, version="2", value="86.5").status_code == 303, "nothing has changed"


def test_a_withdrawn_value_is_gone_for_everybody_else_and_can_come_back(desk: TestClient) -> None:
    send(desk, RATE, VALUE)
    assert send(desk, RATE, VALUE, version="1", action="withdraw").status_code == 400, "a reason is needed"
    gone = send(desk, RATE, VALUE, version="1", action="withdraw", reason="再集計")
    assert gone.status_code == 303
    assert within(SEEN_WITHIN_S, lambda: values(desk) == {2019: 87.5})
    page = desk.get(f"{RATE}?fiscal_year=2021").text
    assert "取り下げられています" in page and 'value="86.9"' in page
    assert "再集計" not in desk.get("/progress/indicators/rate").text
    assert send(desk, RATE, VALUE, version="2").status_code == 303
    assert within(SEEN_WITHIN_S, lambda: values(desk) == {2019: 87.5, 2021: 86.9})


def test_of_two_editors_the_second_sees_both_values(desk: TestClient) -> None:
    send(desk, RATE, VALUE)
    sign_in(desk, Role.ADMINISTRATOR)
    answer = send(desk, RATE, VALUE, value="80.1")  # opened before the first was saved
    assert answer.status_code == 409
    assert 'value="80.1"' in answer.text, "nothing that was typed is lost"
    told = text_of(answer.text)
    assert "planner-x" in told
    assert re.search(r"<td>86\.9 %</td>\s*<td>80\.1</td>", answer.text), "both stand side by side"
    assert values(desk)[2021] == 86.9
    version = re.search(r'name="version" value="(\d+)"', answer.text)
    assert version is not None
    again = send(desk, RATE, VALUE, value="80.1", version=version[1], reason="正しい値")
    assert again.status_code == 303
    assert within(SEEN_WITHIN_S, lambda: values(desk)[2021] == 80.1)


def test_a_withdrawal_of_what_somebody_has_changed_is_refused_too(desk: TestClient) -> None:
    send(desk, RATE, VALUE)
    send(desk, RATE, VALUE, version="1", value="86.5", reason="x")
    answer = send(desk, RATE, VALUE, version="1", action="withdraw", reason="y")
    assert answer.status_code == 409 and "86.5 %" in text_of(answer.text)


def test_a_jump_is_saved_only_when_confirmed(desk: TestClient) -> None:
    asked = send(desk, RATE, VALUE, value="68.9")
    assert asked.status_code == 200 and "87.5 % から大きく変わっています" in asked.text
    assert values(desk) == {2019: 87.5}
    assert send(desk, RATE, VALUE, value="68.9", sure="yes").status_code == 303


REFUSED = [
    ({"value": "101"}, "value"),
    ({"value": "-1"}, "value"),
    ({"value": ""}, "value"),
    ({"value": "八十"}, "value"),
    ({"sample_size": "0"}, "sample_size"),
    ({"low": "80"}, "low"),
    ({"low": "90", "high": "91"}, "low"),
    ({"source": "  "}, "source"),
    ({"source": "あ" * 201}, "source"),
    ({"quality": "best"}, "quality"),
]


def test_what_cannot_be_true_is_refused_at_its_field(desk: TestClient) -> None:
    for fields, field in REFUSED:
        answer = send(desk, RATE, VALUE, **fields)
        assert answer.status_code == 400, fields
        assert f'id="{field}-error"' in answer.text, fields
        assert f'href="#{field}"' in answer.text, "the summary leads there"
    assert values(desk) == {2019: 87.5}


def test_a_year_out_of_reach_is_refused(desk: TestClient) -> None:
    for year in ("2018", "2099"):
        answer = send(desk, RATE, VALUE, fiscal_year=year)
        assert answer.status_code == 400 and "年度から" in answer.text


def test_the_baseline_keeps_its_printed_value(desk: TestClient) -> None:
    base = {**VALUE, "fiscal_year": "2019", "version": "1", "reason": "回答者数の追加"}
    assert "計画書のとおり" in send(desk, RATE, base, value="87").text
    assert send(desk, RATE, base, action="withdraw").status_code == 400
    assert send(desk, RATE, base, value="87.5", sample_size="1,000").status_code == 303
    found = desk.get("/api/v1/indicators").json()["indicators"][0]["values"][0]
    assert (found["value"], found["sample_size"], found["interval_method"]) == (87.5, 1000, "wilson")


DOCUMENTS = {
    "evidence_title_1": "協定書",
    "evidence_url_1": "https://www.example.jp/a?b=1",
    "evidence_title_3": "議事録",  # a line left empty between two is no document
    "evidence_number_3": "協第13号",
}


def test_ten_documents_can_be_kept_and_no_more(desk: TestClient) -> None:
    ten = {
        f"evidence_{name}_{no}": text
        for no in range(1, 11)
        for name, text in (("title", f"資料{no}"), ("url", f"https://a.jp/{no}"), ("number", str(no)))
    }
    assert send(desk, AGREEMENT, RECORD, **ten).status_code == 303
    form = desk.get(f"{AGREEMENT}?fiscal_year=2021").text
    assert 'name="evidence_title_10"' in form and 'name="evidence_title_11"' not in form


def test_documents_have_their_history_and_both_sides_of_a_conflict(desk: TestClient) -> None:
    send(desk, AGREEMENT, RECORD, **DOCUMENTS)
    fewer = {name: text for name, text in DOCUMENTS.items() if name.endswith("_1")}
    stale = send(desk, AGREEMENT, RECORD, **fewer)
    assert stale.status_code == 409
    assert re.search(
        r"<td>協定書 https://\S+\n議事録（協第13号）</td><td>協定書 https://\S+</td>", stale.text
    )
    assert send(desk, AGREEMENT, RECORD, version="1", reason="重複", **fewer).status_code == 303
    told = text_of(desk.get(AGREEMENT).text)
    assert "議事録（協第13号） → 協定書" in told and "重複" in told


def test_a_record_with_its_evidence(desk: TestClient) -> None:
    assert send(desk, AGREEMENT, RECORD, **DOCUMENTS).status_code == 303
    page = desk.get("/progress/initiatives/1").text
    assert RECORD["record"] in page and 'href="https://www.example.jp/a?b=1"' in page
    assert "協定書" in page and "協第13号" in page, "a document without an address is named too"
    form = desk.get(f"{AGREEMENT}?fiscal_year=2021").text
    assert 'name="evidence_number_2" type="text" inputmode="text" value="協第13号"' in form
    assert 'name="evidence_title_4"' in form, "there is room for further ones"
    held = desk.get("/api/v1/initiatives").json()["initiatives"][0]["records"][0]["evidence"]
    assert held == [
        {"title": "協定書", "url": "https://www.example.jp/a?b=1", "number": None},
        {"title": "議事録", "url": None, "number": "協第13号"},
    ]
    bad = {**DOCUMENTS, "evidence_title_2": "x", "evidence_url_2": "javascript:alert(1)"}
    refused = send(desk, AGREEMENT, RECORD, version="1", reason="x", **bad)
    assert refused.status_code == 400 and 'id="evidence_url_2-error"' in refused.text
    assert 'href="#evidence_url_2"' in refused.text, "the summary leads to the line"
    assert send(desk, AGREEMENT, RECORD, version="1", reason="x", record=" ").status_code == 400
    assert "entry-form" in desk.get(AGREEMENT).text


def test_what_is_typed_is_text_everywhere(desk: TestClient) -> None:
    send(desk, AGREEMENT, RECORD, record=HOSTILE + "\x00\x1b", source=HOSTILE)
    for path in (f"{AGREEMENT}?fiscal_year=2021", "/progress", "/progress/initiatives/1"):
        text = desk.get(path).text
        assert HOSTILE not in text
        assert "&lt;" in text
    again = send(desk, AGREEMENT, RECORD, version="1", record=HOSTILE + "2", reason=HOSTILE)
    assert again.status_code == 303
    assert HOSTILE not in desk.get(AGREEMENT).text


def test_the_audit_log_has_every_change(desk: TestClient, town: DatabaseUrls) -> None:
    send(desk, RATE, VALUE)
    send(desk, RATE, VALUE, version="1", action="withdraw", reason="再集計")
    with psycopg.connect(town.superuser) as conn:
        rows = conn.execute(
            "SELECT actor, action, target, details->>'fiscal_year', details->'before'->>'value', "
            "details->'after'->>'value', details->>'reason' FROM kyodo.audit WHERE municipality_code = %s "
            "AND starts_with(action, 'progress.') ORDER BY entry_no",
            (CODE,),
        ).fetchall()
    target = "r3-r7/indicator/rate"
    assert rows == [
        ("planner-x", "progress.enter", target, "2021", None, "86.9", ""),
        ("planner-x", "progress.withdraw", target, "2021", "86.9", None, "再集計"),
    ]
    told = desk.get("/staff/audit?topic=progress").text
    title = desk.get("/api/v1/indicators").json()["indicators"][0]["title"]
    assert f"指標：{title}" in told and ">r3-r7/" not in told, "in words, not by the name of the record"


def test_a_source_is_quoted_as_it_is_written(desk: TestClient) -> None:
    source = "市民アンケート（令和3年度）　速報"
    send(desk, RATE, VALUE, source=source)
    found = desk.get("/api/v1/indicators").json()["indicators"][0]["values"][1]
    assert found["source"] == "市民アンケート（令和3年度） 速報", "letters as wide as typed, one blank"


def test_forms_carry_a_token_and_come_from_us(desk: TestClient) -> None:
    for data in (VALUE, {**VALUE, "csrf_token": "x" * 43}):
        assert desk.post(RATE, data=data, headers={"origin": HOST}).status_code == 403
    token = token_of(desk.get(RATE).text)
    foreign = desk.post(RATE, data={**VALUE, "csrf_token": token}, headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert values(desk) == {2019: 87.5}


def test_others_may_neither_see_nor_change(desk: TestClient) -> None:
    for role in (Role.FACILITY_STAFF, Role.ADVISORY, Role.PARTNER, None):
        sign_in(desk, role)
        for path in ("/staff/progress", RATE, AGREEMENT):
            assert desk.get(path, headers={"accept": "application/json"}).status_code in (401, 403)
        refused = desk.post(RATE, data=VALUE, headers={"accept": "application/json"})
        assert refused.status_code in (401, 403)


def test_the_desk_leads_to_every_year(desk: TestClient) -> None:
    text = desk.get("/staff/progress").text
    assert f'href="{RATE}?fiscal_year=2019"' in text
    assert f'href="{AGREEMENT}?fiscal_year=2021"' in text
    assert f'href="{AGREEMENT}?fiscal_year=2020"' not in text, "the plan had not begun"
    assert f'href="{AGREEMENT}?fiscal_year=2026"' not in text, "a successor's initiatives begin"
    late = send(desk, AGREEMENT, RECORD, fiscal_year="2026")
    assert late.status_code == 400 and "2025 年度までの間" in late.text
    assert 'href="/staff/progress"' in desk.get("/staff").text


def test_a_plan_that_has_not_begun_has_pages_and_takes_nothing(desk: TestClient, town: DatabaseUrls) -> None:
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.plan SET first_fiscal_year = 2090, last_fiscal_year = 2094")
    assert desk.get("/staff/progress").status_code == 200
    refused = send(desk, AGREEMENT, RECORD, fiscal_year="2090")
    assert refused.status_code == 400 and "まだ始まっていません" in refused.text


def test_hidden_fields_that_no_form_has(desk: TestClient) -> None:
    for fields in ({"version": "x"}, {"fiscal_year": "２０２１"}, {"version": ""}, {"fiscal_year": "1" * 9}):
        assert send(desk, RATE, VALUE, **fields).status_code == 400
