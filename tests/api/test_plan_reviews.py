"""Meetings and their papers, the final evaluation, and the next plan: from the first entry to what everybody sees."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import psycopg
import pytest
from openpyxl import load_workbook
from starlette.testclient import TestClient

from kyodo_geo.roles import Role
from tests.api.conftest import PAGE, another
from tests.api.inquiry_world import rows, send
from tests.api.test_staff_progress import AGREEMENT, RECORD, text_of
from tests.api.test_staff_progress import send as enter
from tests.api.ticket_world import sign_in
from tests.fixtures_db import DatabaseUrls

MEETINGS, ACTIONS = "/staff/records/body-meetings", "/staff/records/body-actions"
EVALUATION, SUCCESSOR = "/staff/evaluation", "/staff/successor"


@pytest.fixture
def desk(serve: Callable[..., TestClient]) -> TestClient:
    client = serve()
    client.headers.update(PAGE)
    sign_in(client, Role.PLANNER)
    return client


def record(client: TestClient, of: str, **fields: str):
    answer = send(client, f"/staff/records/{of}", keep=False, **fields)
    assert answer.status_code == 303, text_of(answer.text)[:600]
    return answer


def meeting(client: TestClient, town: DatabaseUrls, held_on: str, **fields: str) -> str:
    base = {
        "body": "liaison",
        "held_on": held_on,
        "place": "市役所",
        "agenda": "進捗について\nこれからの取組",
        "attendance": "",
        "minutes": "",
        "questions": "",
        "quality": "real",
        "source": "議事録",
    }
    record(client, "body-meetings", **{**base, **fields})
    found = rows(town, f"SELECT meeting_id FROM kyodo.body_meeting WHERE held_on = '{held_on}'")
    return found[0][0]


def action(client: TestClient, meeting_id: str, what: str, **fields: str):
    base = {
        "meeting_id": meeting_id,
        "what": what,
        "who": "市民協働推進課",
        "due_on": "",
        "state": "open",
        "settled_on": "",
        "outcome": "",
        "quality": "real",
        "source": "",
    }
    return send(client, ACTIONS, keep=False, **{**base, **fields})


def test_what_a_meeting_decided_comes_back_in_the_papers_of_the_next_until_it_is_done(
    desk: TestClient, town: DatabaseUrls
) -> None:
    enter(desk, AGREEMENT, RECORD)
    first = meeting(
        desk,
        town,
        "2026-05-20",
        minutes="加入のチラシについて話し合った。",
        questions="物件の数は",
        published="yes",
    )
    for what, fields in (
        ("チラシを直す", {"due_on": "2026-06-30"}),
        ("窓口を増やす", {"state": "done", "settled_on": "2026-07-01"}),
        ("前に終えた", {"state": "done", "settled_on": "2026-05-20"}),
    ):
        assert action(desk, first, what, **fields).status_code == 303
    assert action(desk, first, "日のない完了", state="done").status_code == 400
    second = meeting(desk, town, "2026-10-20")
    book = load_workbook(io.BytesIO(desk.get(f"/staff/bodies/{second}/papers.xlsx").content))
    carried = {
        row[0]: row[3] for row in book["前回までに決まったこと"].iter_rows(min_row=2, values_only=True)
    }
    assert carried == {"チラシを直す": "未着手（期限を過ぎています）", "窓口を増やす": "完了"}
    assert book["取組の実績"]["B2"].value == "試験の取組"
    paper = desk.get(f"/staff/bodies/{second}/papers.pdf")
    assert paper.status_code == 200 and paper.content.startswith(b"%PDF")
    listed = desk.get("/staff/bodies").text
    first = re.search(r'<option value="[^"]+/(\d{4})"', desk.get("/staff/inquiries").text)
    assert first is not None and f'<option value="{first[1]}" selected>' in listed, (
        "both open with the same year"
    )
    assert "チラシを直す" in listed and "窓口を増やす" not in listed
    public = another(desk)
    shown = public.get("/progress/meetings").text
    assert "加入のチラシについて話し合った。" in shown and "これからの取組" in shown
    assert shown.count('<h2 id="m-') == 1 and "チラシを直す" not in shown
    assert "出典と利用条件" in shown
    assert public.get(
        f"/staff/bodies/{second}/papers.pdf", headers={"accept": "application/json"}
    ).status_code in (401, 303)


def evaluate(client: TestClient, **fields: str):
    return send(
        client, f"{EVALUATION}/initiatives/1?plan=r3-r7", f"{EVALUATION}?plan=r3-r7", keep=False, **fields
    )


def mark(client: TestClient, path: str) -> str:
    html = client.get(f"{EVALUATION}?plan=r3-r7").text
    found = re.search(
        rf'action="{re.escape(path)}\?[^"]*">.*?name="version" value="([0-9a-f]+)"', html, re.DOTALL
    )
    assert found is not None, path
    return found[1]


GRADE = {"grade": "B", "reason": "おおむね進んだ。", "carry_over": "improve"}


def whole(client: TestClient, **fields: str):
    return send(
        client, f"{EVALUATION}?plan=r3-r7", keep=False, **{"version": mark(client, EVALUATION), **fields}
    )


def test_an_evaluation_is_drafted_decided_and_only_then_published(
    desk: TestClient, town: DatabaseUrls
) -> None:
    public = another(desk)
    decide = {"deed": "decide", "decided_on": "2026-03-25", "decided_by": "市民協働推進連絡会議"}
    refused = whole(desk, **decide)
    assert refused.status_code == 400 and "評価のない取組があります（1）" in refused.text
    one = f"{EVALUATION}/initiatives/1"
    assert evaluate(desk, version=mark(desk, one), **{**GRADE, "grade": "Z"}).status_code == 400
    old = mark(desk, one)
    assert evaluate(desk, version=old, **GRADE).status_code == 303
    late = evaluate(desk, version=old, **{**GRADE, "grade": "D"})
    assert late.status_code == 409 and "おおむね進んだ。" in late.text
    rate = f"{EVALUATION}/indicators/rate"
    assert (
        send(
            desk,
            f"{rate}?plan=r3-r7",
            f"{EVALUATION}?plan=r3-r7",
            keep=False,
            version=mark(desk, rate),
            remark="下がり続けた。",
        ).status_code
        == 303
    )
    scale = f"{EVALUATION}/scale"
    without = send(
        desk,
        f"{scale}?plan=r3-r7",
        f"{EVALUATION}?plan=r3-r7",
        keep=False,
        version=mark(desk, scale),
        scale="A よい\nC よくない",
    )
    assert without.status_code == 400 and "段階 B を使った評価" in without.text
    assert (
        send(
            desk,
            f"{scale}?plan=r3-r7",
            f"{EVALUATION}?plan=r3-r7",
            keep=False,
            version=mark(desk, scale),
            scale="A よい\nB ふつう",
        ).status_code
        == 303
    )
    assert whole(desk, summary="全体のまとめ", deed="save").status_code == 303
    assert whole(desk, **decide).status_code == 303
    assert public.get("/progress/evaluation").status_code == 404, "decided is not published"
    assert evaluate(desk, version=stamp_of_kept(), **GRADE).status_code == 409, "what is decided stays"
    assert whole(desk, deed="publish").status_code == 303
    page = public.get("/progress/evaluation")
    assert page.status_code == 200
    assert all(
        word in page.text
        for word in ("おおむね進んだ。", "見直して継続", "下がり続けた。", "全体のまとめ", "ふつう")
    )
    assert "planner" not in page.text
    book = load_workbook(io.BytesIO(public.get("/progress/evaluation.xlsx").content))
    assert [cell.value for cell in book["取組の評価"][2]] == [
        1,
        "試験の取組",
        "①",
        "B",
        "おおむね進んだ。",
        "見直して継続",
    ]
    assert public.get("/progress/evaluation.pdf").content.startswith(b"%PDF")
    assert 'href="/progress/evaluation?plan=r3-r7"' in public.get("/progress").text
    assert whole(desk, deed="unpublish").status_code == 303 and whole(desk, deed="reopen").status_code == 303
    assert public.get("/progress/evaluation").status_code == 404
    assert rows(town, "SELECT state FROM kyodo.plan_evaluation") == [("draft",)]


def stamp_of_kept() -> str:
    from kyodo_geo.edits import stamp

    return stamp(GRADE)


PLAN = {
    "plan_id": "r8-r12",
    "name": "次の計画",
    "first_fiscal_year": "2026",
    "last_fiscal_year": "2030",
    "successor_of": "r3-r7",
}
NEW = {
    "plan_id": "r8-r12",
    "title": "新しい番号の取組",
    "policy_no": "1",
    "direction": "方向",
    "challenge": "担い手",
    "novelty": "",
    "for_associations": "yes",
}
SHARE = {
    "plan_id": "r8-r12", "indicator_id": "joined", "title": "加入している世帯の割合",
    "chapter": "associations", "kind": "outcome",
    "unit": "%", "direction": "up", "baseline_fiscal_year": "2025", "baseline": "85.0",
    "target_fiscal_year": "2030", "target": "86",
    "measured_by": "庁内調査", "sort_order": "1",
}  # fmt: skip


def maps(client: TestClient, old: str, relation: str, new: str, **fields: str):
    base = {"plan_id": "r8-r12", "old_item": old, "relation": relation, "new_item": new, "note": ""}
    return send(client, "/staff/records/plan-mappings", keep=False, **{**base, **fields})


def drafted(client: TestClient) -> None:
    record(client, "plans", **PLAN)
    record(client, "plan-policies", plan_id="r8-r12", policy_no="1", name="基本方針の名前")
    record(client, "plan-initiatives", initiative_no="7", **NEW)
    record(client, "plan-indicators", **SHARE)


def force(client: TestClient, **fields: str):
    page = f"{SUCCESSOR}?plan=r8-r12"
    return send(client, page, **{"sure": "yes", **fields})


def test_the_next_plan_is_hidden_until_every_old_item_has_its_fate_and_then_shows_beside_the_old_one(
    desk: TestClient, town: DatabaseUrls
) -> None:
    public = another(desk)
    drafted(desk)
    for path in ("/progress?plan=r8-r12", "/progress/successor", "/progress/successor?plan=r8-r12"):
        assert public.get(path).status_code == 404, path
    assert "次の計画" not in public.get("/progress").text + public.get("/api/v1/initiatives").text
    page = text_of(desk.get(SUCCESSOR).text)
    assert (
        "前の計画の取組 1と指標 rateが、どうなったか登録されていません" in page
        and "有効にする</button>" not in page
    )
    old, new = "r3-r7/initiative/1", "r8-r12/initiative/7"
    assert maps(desk, old, "new", new).status_code == 400, "what is new has no former one"
    assert maps(desk, old, "continue", "r8-r12/indicator/joined").status_code == 400
    assert maps(desk, new, "continue", old).status_code == 400
    assert maps(desk, old, "continue", new).status_code == 303
    assert (
        maps(
            desk, "r3-r7/indicator/rate", "improve", "r8-r12/indicator/joined", same_measure="yes"
        ).status_code
        == 303
    )
    assert force(desk, sure="").status_code == 400
    assert force(desk).headers["location"] == f"{SUCCESSOR}?plan=r8-r12&done=force"
    side = public.get("/progress/successor").text
    assert "新しい番号の取組" in side and "試験の取組" in side and "前の計画の値に続けて読めます" in side
    page = public.get("/progress").text
    assert "次の計画" in page and 'href="/progress?plan=r3-r7"' in page
    assert "試験の取組" in public.get("/progress?plan=r3-r7").text, "the former plan stays as it was"
    share = text_of(public.get("/progress/indicators/joined").text)
    assert "87.5 %" in share and "前の計画の値に続けて読めます" in share
    assert (
        'href="/progress/initiatives/7?plan=r8-r12"' in public.get("/progress/initiatives/1?plan=r3-r7").text
    )
    book = load_workbook(io.BytesIO(public.get("/progress/successor.xlsx").content))
    assert [cell.value for cell in book["新旧対照"][2]][:6] == [
        "取組",
        "1",
        "試験の取組",
        "継続",
        "7",
        "新しい番号の取組",
    ]
    assert rows(town, "SELECT value::float, source FROM kyodo.indicator_value WHERE plan_id = 'r8-r12'") == [
        (85.0, "次の計画")
    ]


def test_what_is_in_force_no_form_of_the_staff_changes(desk: TestClient, town: DatabaseUrls) -> None:
    drafted(desk)
    path = "/staff/records/plan-initiatives/r8-r12~7"
    assert desk.get(path).status_code == 200
    assert desk.get("/staff/records/plan-initiatives/r3-r7~1").status_code == 404
    refused = send(
        desk,
        "/staff/records/plan-initiatives",
        keep=False,
        **{**NEW, "plan_id": "r3-r7", "initiative_no": "2"},
    )
    assert refused.status_code == 400 and 'id="add-plan_id-error"' in refused.text
    maps(desk, "r3-r7/initiative/1", "end", "")
    maps(desk, "", "new", "r8-r12/initiative/7")
    maps(desk, "r3-r7/indicator/rate", "improve", "r8-r12/indicator/joined")
    assert force(desk).status_code == 303
    assert "測り方が変わった" in another(desk).get("/progress/successor").text
    late = send(
        desk, path, "/staff/records/plan-initiatives", keep=False, version="x", initiative_no="7", **NEW
    )
    assert late.status_code == 400
    assert rows(town, "SELECT title FROM kyodo.initiative WHERE plan_id = 'r8-r12'") == [
        ("新しい番号の取組",)
    ]
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET ROLE kyodo_staff")
        conn.execute("SET search_path = kyodo")
        for table in ("plan", "plan_policy", "initiative", "indicator"):
            assert conn.execute(f"UPDATE {table} SET plan_id = plan_id").rowcount == 0, table
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("INSERT INTO plan_policy VALUES ('03201', 'r3-r7', 9, 'x')")


def test_a_plan_s_initiatives_are_pasted_as_a_table(desk: TestClient, town: DatabaseUrls) -> None:
    record(desk, "plans", **PLAN)
    table = (
        "計画\t取組番号\t取組\t基本方針の番号\t取組の方向性\t課題\t対象：地域協働\n"
        "r8-r12\t1\t一つ目\t1\t方向\t資金\t○\nr8-r12\t2\t二つ目\t1\t方向\t施設\tはい"
    )
    answer = send(
        desk,
        "/staff/records/plan-initiatives/table",
        "/staff/records/plan-initiatives",
        keep=False,
        rows=table,
        act="save",
    )
    assert answer.status_code == 303, text_of(answer.text)[:500]
    assert rows(town, "SELECT initiative_no, title, challenge FROM kyodo.initiative WHERE plan_id = 'r8-r12' ORDER BY 1") == [
        (1, "一つ目", "資金"), (2, "二つ目", "施設")
    ]  # fmt: skip
