"""/staff/records and /staff/figures: what the maps of support show is entered, corrected, pasted and withdrawn here."""

from __future__ import annotations

import re

import psycopg
import pytest
from starlette.testclient import TestClient

from tests.api.conftest import HOST, PAGE
from tests.api.signing import become_admin, token_of
from tests.api.test_staff_plans import HOSTILE, audit_of, post, version_of
from tests.fixtures_db import DatabaseUrls

OFFICERS, FIGURES = "/staff/records/officers", "/staff/figures"
OFFICER = {
    "district_no": "2", "kind": "contact", "office": "市民協働推進課", "office_phone": "019-626-7535",
    "person_name": "盛岡花子", "valid_from": "令和8年4月1日", "valid_to": "", "quality": "real", "source": "辞令",
}  # fmt: skip


@pytest.fixture
def staff(visitor: TestClient) -> TestClient:
    become_admin(visitor)
    return visitor


def send(client: TestClient, path: str, **fields: str):
    data = {"csrf_token": token_of(client.get("/account").text), **fields}
    return client.post(path, data=data, headers={**PAGE, "origin": HOST})


def path_of(client: TestClient, base: str = OFFICERS) -> str:
    found = re.search(rf'href="({base}/[a-z][0-9a-f]{{32}}[~0-9]*)"', client.get(base).text)
    assert found is not None
    return found[1]


def test_an_officer_is_entered_and_the_public_map_has_the_department_and_never_the_name(
    staff: TestClient, town: DatabaseUrls
) -> None:
    answer = send(staff, OFFICERS, **OFFICER)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{OFFICERS}?done=add")
    page = staff.get(path_of(staff))
    assert page.headers["cache-control"] == "private, no-store"
    assert 'value="盛岡花子"' in page.text and "2026-04-01" in page.text
    with psycopg.connect(town.superuser) as conn:
        log = conn.execute("SELECT string_agg(details::text, '') FROM kyodo.audit").fetchone()
    assert log is not None and "盛岡花子" not in log[0] and "市民協働推進課" in log[0]
    assert "盛岡花子" not in staff.get(f"{OFFICERS}/table.csv").text
    for path in ("/maps/support?theme=officers", "/districts/2"):
        assert "盛岡花子" not in staff.get(path).text


def test_the_last_day_is_typed_as_people_say_it_and_kept_half_open(
    staff: TestClient, town: DatabaseUrls
) -> None:
    send(staff, OFFICERS, **{**OFFICER, "valid_to": "2027-03-31"})
    with psycopg.connect(town.superuser) as conn:
        assert str(conn.execute("SELECT valid_to FROM kyodo.officer").fetchone()[0]) == "2027-04-01"  # type: ignore[index]
    assert 'value="2027-03-31"' in staff.get(path_of(staff)).text
    assert "令和9年3月31日" in staff.get(OFFICERS).text
    answer = send(staff, OFFICERS, **{**OFFICER, "valid_from": "2027-04-01"})
    assert answer.status_code == 303, "the next one begins the day after"


WRONG = [
    ({"office": " "}, "office"), ({"district_no": "77"}, "district_no"), ({"kind": "chief"}, "kind"),
    ({"office_phone": "電話なし"}, "office_phone"), ({"valid_to": "2026-03-30"}, "valid_to"),
    ({"valid_from": "2026-02-30"}, "valid_from"), ({"quality": "best"}, "quality"),
]  # fmt: skip


def test_what_cannot_be_is_refused_beside_its_field(staff: TestClient, town: DatabaseUrls) -> None:
    for fields, field in WRONG:
        answer = send(staff, OFFICERS, **{**OFFICER, **fields})
        assert answer.status_code == 400, fields
        assert f'id="add-{field}-error"' in answer.text and 'value="辞令"' in answer.text, fields
    assert audit_of(town, "edit.officer.") == []
    for path in (
        "/staff/records/chiefs",
        f"{OFFICERS}?x=1",
        f"{FIGURES}?measure=nix",
        f"{FIGURES}?fiscal_year=1",
    ):
        assert staff.get(path).status_code in (400, 404), path


def test_two_contact_officers_at_once_are_refused_in_words(staff: TestClient) -> None:
    send(staff, OFFICERS, **OFFICER)
    answer = send(staff, OFFICERS, **{**OFFICER, "office": "健康福祉課", "valid_from": "2026-10-01"})
    assert answer.status_code == 400 and "先に前の担当の終わりの日" in answer.text


def test_the_second_editor_sees_both_and_a_withdrawn_record_is_a_conflict(
    staff: TestClient, town: DatabaseUrls
) -> None:
    send(staff, OFFICERS, **OFFICER)
    path = path_of(staff)
    first = staff.get(path).text
    seen = {"version": version_of(first)}
    assert (
        post(staff, path, path, **{**OFFICER, "office": "健康福祉課"})
        .headers["location"]
        .endswith("done=correct")
    )
    late = send(staff, path, **{**seen, **OFFICER, "office": "地域課"})
    assert late.status_code == 409
    assert "<td>健康福祉課</td><td>地域課</td>" in late.text and 'value="地域課"' in late.text
    assert send(staff, f"{path}/withdraw", **seen).status_code == 409
    assert post(staff, f"{path}/withdraw", path).headers["location"] == f"{OFFICERS}?done=withdraw"
    late = send(staff, path, **{**seen, **OFFICER, "office": "遅れた課"})
    assert (
        late.status_code == 409 and 'id="add-office" name="office" type="text" value="遅れた課"' in late.text
    )
    assert [action for action, _, _ in audit_of(town, "edit.officer.")] == [
        "edit.officer.add", "edit.officer.correct", "edit.officer.withdraw",
    ]  # fmt: skip


def test_a_pasted_table_is_looked_at_first_and_entered_whole_or_not_at_all(
    staff: TestClient, town: DatabaseUrls
) -> None:
    table = "地区\t担当\t課\t始まりの日\n2\t地域窓口担当\t第一課\t2026-04-01\n第3\t専任職員\t第二課\tR8.4.1\n"
    looked = send(staff, f"{OFFICERS}/table", rows=table, act="check")
    assert looked.status_code == 200 and "まだ登録していません" in looked.text and "第二課" in looked.text
    assert audit_of(town, "edit.officer.") == [], "looking keeps nothing"
    wrong = send(staff, f"{OFFICERS}/table", rows=table + "99\t地域窓口担当\t第三課\t\n", act="save")
    assert wrong.status_code == 400 and "4 行目" in wrong.text and audit_of(town, "edit.officer.") == []
    assert (
        "見出し「係」はありません" in send(staff, f"{OFFICERS}/table", rows="地区,係\n2,x", act="save").text
    )
    assert send(staff, f"{OFFICERS}/table", rows=table, act="save").headers["location"].endswith("done=table")
    assert len(audit_of(town, "edit.officer.add")) == 2, "one entry per record"
    again = send(staff, f"{OFFICERS}/table", rows=table, act="save")
    assert again.status_code == 400 and "2 行目" in again.text and "もう登録" in again.text


def test_a_subsidy_refers_to_an_association_that_there_is(staff: TestClient, town: DatabaseUrls) -> None:
    base = "/staff/records/hall-subsidies"
    entry = {
        "fiscal_year": "2026", "association_id": "a11", "kind": "rent", "work": "", "amount_yen": "120,000",
        "hall_id": "", "geom": "39.7036, 141.1527", "quality": "real", "source": "",
    }  # fmt: skip
    assert 'id="add-work-error"' in send(staff, base, **{**entry, "work": "new"}).text
    assert 'id="add-association_id-error"' in send(staff, base, **{**entry, "association_id": "nix"}).text
    assert 'id="add-geom-error"' in send(staff, base, **{**entry, "geom": "141.15, 39.70"}).text
    assert send(staff, base, **entry).status_code == 303
    path = path_of(staff, base)
    assert 'value="39.7036, 141.1527"' in staff.get(path).text
    assert post(staff, path, path, **{**entry, "geom": ""}).status_code == 303
    assert [action for action, _, _ in audit_of(town, "edit.hall-subsidy.")] == [
        "edit.hall-subsidy.add",
        "edit.hall-subsidy.correct",
    ]
    assert send(staff, base, **{**entry, "geom": ""}).status_code == 400, "the same one twice"


def test_hostile_texts_stay_texts(staff: TestClient) -> None:
    send(staff, OFFICERS, **{**OFFICER, "office": HOSTILE[:80], "person_name": HOSTILE[:80]})
    pasted = send(staff, f"{OFFICERS}/table", rows=HOSTILE, act="check").text
    for text in (staff.get(OFFICERS).text, staff.get(path_of(staff)).text, pasted):
        assert "<script>alert" not in text and "<img src=x" not in text


# -- yearly figures -----------------------------------------------------------------------------------------------


def sheet(client: TestClient, measure: str = "meetings_issue", **fields: str):
    path = f"{FIGURES}?measure={measure}"
    seen = version_of(client.get(f"{path}&fiscal_year=2025").text)
    data = {
        "version": seen,
        "fiscal_year": "2025",
        "quality": "real",
        "source": "報告",
        "act": "save",
        **fields,
    }
    return send(client, path, **data)


def test_a_sheet_of_figures_is_kept_and_shown_on_the_map_at_once(
    staff: TestClient, town: DatabaseUrls
) -> None:
    answer = sheet(staff, v2="３件", v3="0")
    assert answer.headers["location"] == f"{FIGURES}?measure=meetings_issue&fiscal_year=2025&done=saved"
    with psycopg.connect(town.superuser) as conn:
        kept = conn.execute("SELECT area_key, value, unit FROM kyodo.area_figure ORDER BY 1").fetchall()
    assert kept == [("2", 3.0, "件"), ("3", 0.0, "件")], "unknown is not nought"
    assert "年度" in staff.get("/maps/support?theme=meetings").text
    assert sheet(staff, v2="3", v3="0").headers["location"].endswith("done=same")
    (told,) = audit_of(town, "edit.figures.")
    assert told[1] == "figures/meetings_issue/2025" and told[2]["changes"]["2"] == {
        "before": None,
        "after": 3,
    }


def test_of_two_editors_of_a_sheet_the_second_is_told(staff: TestClient) -> None:
    path = f"{FIGURES}?measure=meetings_issue"
    seen = version_of(staff.get(f"{path}&fiscal_year=2025").text)
    sheet(staff, v2="3")
    late = sheet(staff, version=seen, v2="5", v3="1")
    assert late.status_code == 409 and "<td>3 件</td><td>5 件</td>" in late.text
    assert re.search(r'id="sheet-v3"[^>]*value="1"', late.text), "what was typed stays"


def test_a_share_is_typed_as_percent_and_two_columns_fill_the_fields(
    staff: TestClient, town: DatabaseUrls
) -> None:
    filled = sheet(staff, "aged_65_share", act="fill", rows="地区\t割合\n2 桜城\t31.5%\n第3\t28\n")
    assert (
        filled.status_code == 200 and 'value="31.5%"' in filled.text and audit_of(town, "edit.figures.") == []
    )
    assert sheet(staff, "aged_65_share", v2="31.5%", v3="28").status_code == 303
    with psycopg.connect(town.superuser) as conn:
        kept = conn.execute("SELECT value, unit FROM kyodo.area_figure ORDER BY area_key").fetchall()
    assert kept == [(0.315, "rate"), (0.28, "rate")]
    assert 'id="sheet-v2-error"' in sheet(staff, "aged_65_share", v2="101").text
    assert "1 行目" in sheet(staff, "aged_65_share", act="fill", rows="99\t3").text
    assert sheet(staff, "aged_65_share", v2="", v3="").status_code == 303, "all unknown again"
