"""/staff/facilities/scenarios: scenarios are entered, changed, compared, published and withdrawn; nobody overwrites another."""

from __future__ import annotations

import re

import psycopg
import pytest
from starlette.testclient import TestClient

from kyodo_geo.roles import FACILITY_KEEPERS, STAFF, Role
from tests.api import city
from tests.api.conftest import HOST, PAGE, another
from tests.api.signing import become_admin, token_of
from tests.api.test_staff_plans import HOSTILE, audit_of, version_of
from tests.api.test_staff_records import send
from tests.api.ticket_world import sign_in
from tests.fixtures_db import DatabaseUrls

BASE = "/staff/facilities/scenarios"
HEAD = {
    "title": f"試験の案{HOSTILE}",
    "author": "施設課",
    "reason": "確かめるため",
    "base_year": "令和9年度",
    "horizon": "40",
}
MERGE = {
    "year": "2030", "facility_id": "f3", "action": "集約化", "into_facility": "f1", "floor_area_m2": "", "cost_yen": "",
    "note": f"近いため{HOSTILE}",
}  # fmt: skip
SECRET = "ヒミツの下書きの備考"


@pytest.fixture
def staff(visitor: TestClient) -> TestClient:
    become_admin(visitor)
    return visitor


def new(client: TestClient, **changed: str) -> str:
    """A new scenario's page."""
    answer = send(client, BASE, **{**HEAD, **changed})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("?")[0]


def seen(client: TestClient, own: str) -> str:
    return version_of(client.get(own).text)


def add(client: TestClient, own: str, **changed: str):
    return send(client, f"{own}/actions", version=seen(client, own), **{**MERGE, **changed})


def held(town: DatabaseUrls, own: str) -> list[tuple[object, ...]]:
    """Actions of the newest version."""
    with psycopg.connect(town.superuser) as conn:
        return conn.execute(
            "SELECT year, facility_id, action, into_facility, floor_area_m2, cost_yen FROM kyodo.scenario_action WHERE "
            "scenario_id = %(id)s AND version = (SELECT max(version) FROM kyodo.scenario WHERE scenario_id = %(id)s) "
            "ORDER BY action_no",
            {"id": own.rpartition("/")[2]},
        ).fetchall()


def test_a_scenario_grows_by_versions_and_each_is_told(staff: TestClient, town: DatabaseUrls) -> None:
    own = new(staff)
    assert add(staff, own).headers["location"] == f"{own}?done=add"
    assert (
        add(
            staff,
            own,
            year="2028",
            facility_id="f1",
            action="大規模改修",
            into_facility="",
            cost_yen="1,200,000円",
        ).status_code
        == 303
    )
    page = staff.get(own)
    assert page.headers["cache-control"] == "private, no-store"
    assert HOSTILE not in page.text and city.HOSTILE not in page.text and "1,200,000 円" in page.text
    assert "第3版" in page.text
    # the list is in the order of the years: the renovation is the first
    form = staff.get(f"{own}/actions/1").text
    row = re.search(r'name="row" value="([0-9a-f]+)"', form)
    assert row is not None and 'value="1200000"' in form
    changed = {
        **MERGE,
        "year": "2029",
        "facility_id": "f1",
        "action": "長寿命化",
        "into_facility": "",
        "note": "",
    }
    assert send(staff, f"{own}/actions/1", version="3", row=row[1], **changed).status_code == 303
    assert held(town, own) == [
        (2029, "f1", "長寿命化", None, None, None),
        (2030, "f3", "集約化", "f1", None, None),
    ]
    row = re.search(r'name="row" value="([0-9a-f]+)"', staff.get(f"{own}/actions/2").text)
    assert row is not None
    assert send(staff, f"{own}/actions/2/remove", version="4", row=row[1]).status_code == 303
    assert [line[1] for line in held(town, own)] == ["f1"]
    told = staff.get(f"{own}/changes?from=3&to=5").text
    assert "除いた行動" in told and "変えた行動" in told and "大規模改修" in told and HOSTILE not in told
    assert "第1版と第5版" in staff.get(f"{own}/changes?from=1").text
    assert send(staff, f"{own}/restore", version="5", wanted="3").status_code == 303
    assert len(held(town, own)) == 2 and "第6版" in staff.get(own).text
    entries = audit_of(town, "scenario.")
    assert [entry[0] for entry in entries] == ["scenario.save"] * 6
    assert sorted((e[2].get("added", 0), e[2].get("removed", 0), e[2].get("altered", 0)) for e in entries) == [
        (0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0), (1, 0, 0), (1, 0, 1)
    ]  # fmt: skip
    assert "公共施設の案" in staff.get("/staff/audit?topic=scenarios").text


WRONG = [
    ({"year": "2026"}, "year"), ({"year": "いつか"}, "year"), ({"year": ""}, "year"), ({"facility_id": "zz"}, "facility_id"),
    ({"action": "爆破"}, "action"), ({"into_facility": "f3"}, "into_facility"), ({"into_facility": ""}, "into_facility"),
    ({"action": "継続"}, "into_facility"), ({"floor_area_m2": "-3"}, "floor_area_m2"), ({"floor_area_m2": "0"}, "floor_area_m2"),
    ({"cost_yen": "1.5"}, "cost_yen"), ({"note": "x" * 501}, "note"),
    ({"action": "建替（縮小）", "into_facility": ""}, "floor_area_m2"),
    ({"facility_id": "f1", "action": "大規模改修", "into_facility": "", "year": "2041"}, "year"),
    ({"facility_id": "f1", "action": "大規模改修", "into_facility": "", "year": "2040"}, "action"),
]  # fmt: skip


def test_what_cannot_be_is_said_at_its_field_and_what_was_typed_stays(
    staff: TestClient, town: DatabaseUrls
) -> None:
    own = new(staff)
    add(staff, own, year="2040", facility_id="f1", action="廃止・除却", into_facility="")
    for changed, field in WRONG:
        answer = add(staff, own, **{"note": "残る言葉", **changed})
        assert answer.status_code == 400 and f'id="add-{field}-error"' in answer.text, (changed, field)
        assert "note" in changed or 'value="残る言葉"' in answer.text
    # an end before what is planned already: the other action is named
    answer = add(staff, own, year="2035", facility_id="f3", into_facility="f1")
    assert answer.status_code == 303
    answer = add(staff, own, year="2034", facility_id="f1", action="譲渡", into_facility="")
    assert answer.status_code == 400 and "2034年度の「譲渡」" in answer.text
    assert len(held(town, own)) == 2


@pytest.mark.parametrize("field", ["title", "author", "reason", "base_year", "horizon"])
def test_what_a_scenario_lacks_is_asked_for(staff: TestClient, field: str) -> None:
    answer = send(staff, BASE, **{**HEAD, field: " "})
    assert (
        answer.status_code == 400 and f'id="new-{field}-error"' in answer.text and HOSTILE not in answer.text
    )


def test_a_period_that_leaves_actions_outside_is_refused_and_a_copy_brings_them(
    staff: TestClient, town: DatabaseUrls
) -> None:
    own = new(staff)
    add(staff, own)
    short = send(staff, own, version="2", **{**HEAD, "horizon": "2"})
    assert short.status_code == 400 and "期間（2027〜2028年度）の外" in short.text
    key = f"{own.rpartition('/')[2]}/2"
    other = new(staff, title="写し", copy_from=key)
    assert held(town, other) == held(town, own)
    refused = send(staff, BASE, **{**HEAD, "base_year": "2040", "copy_from": key})
    assert refused.status_code == 400 and 'id="new-copy_from-error"' in refused.text


# -- conflicts -------------------------------------------------------------------------------------------------


def test_of_two_editors_the_second_sees_both_sides_and_loses_nothing(
    staff: TestClient, town: DatabaseUrls
) -> None:
    own = new(staff)
    add(staff, own)
    first = send(staff, own, version="2", **{**HEAD, "title": "先の題名"})
    assert first.status_code == 303
    lost = send(staff, own, version="2", **{**HEAD, "title": "後の題名"})
    assert lost.status_code == 409 and "先の題名" in lost.text and "後の題名" in lost.text
    assert send(staff, own, version=version_of(lost.text), **{**HEAD, "title": "後の題名"}).status_code == 303
    # a new action on an old page: what others did is shown, what was typed stays in the form
    late = send(
        staff, f"{own}/actions", version="2", **{**MERGE, "facility_id": "f2", "note": "遅れて入れた"}
    )
    assert late.status_code == 409 and "遅れて入れた" in late.text and "試験の案" in late.text
    assert (
        send(
            staff, f"{own}/actions", version=version_of(late.text), **{**MERGE, "facility_id": "f2"}
        ).status_code
        == 303
    )
    assert len(held(town, own)) == 2


def test_an_action_that_somebody_has_changed_meanwhile_becomes_one_to_add(
    staff: TestClient, town: DatabaseUrls
) -> None:
    own = new(staff)
    add(staff, own)
    row = re.search(r'name="row" value="([0-9a-f]+)"', staff.get(f"{own}/actions/1").text)
    assert row is not None
    assert (
        send(staff, f"{own}/actions/1", version="2", row=row[1], **{**MERGE, "year": "2031"}).status_code
        == 303
    )
    lost = send(
        staff, f"{own}/actions/1", version="2", row=row[1], **{**MERGE, "year": "2033", "note": "私の直し"}
    )
    assert lost.status_code == 409 and "私の直し" in lost.text and "2031年度" in lost.text
    assert f'action="{own}/actions"' in lost.text
    gone = send(staff, f"{own}/actions/1", version="3", row=row[1], **{**MERGE, "year": "2033"})
    assert gone.status_code == 409 and "先に変えたか" in gone.text
    assert [line[0] for line in held(town, own)] == [2031]
    assert staff.get(f"{own}/actions/9").status_code == 404


# -- publishing ------------------------------------------------------------------------------------------------


def public_rows(town: DatabaseUrls) -> list[tuple[object, ...]]:
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET ROLE kyodo_public")
        return conn.execute(
            "SELECT s.title, s.version, a.note FROM kyodo.scenario s LEFT JOIN kyodo.scenario_action a "
            "USING (municipality_code, scenario_id, version)"
        ).fetchall()


def test_what_is_published_is_read_by_all_and_what_is_withdrawn_by_staff_alone(
    staff: TestClient, town: DatabaseUrls
) -> None:
    own = new(staff, title="公開する案")
    add(staff, own, note="公開する備考")
    page = staff.get(f"{own}/publish").text
    assert "公開する備考" in page and "公開される内容" in page and public_rows(town) == []
    unseen = send(staff, f"{own}/publish", version="2")
    assert unseen.status_code == 400 and 'id="publish-seen-error"' in unseen.text
    assert send(staff, f"{own}/publish", version="1", seen="yes").status_code == 409
    assert send(staff, f"{own}/publish", version="2", seen="yes").headers["location"] == f"{own}?done=publish"
    assert public_rows(town) == [("公開する案", 2, "公開する備考")]
    assert send(staff, f"{own}/publish", version="2", seen="yes").status_code == 409
    add(staff, own, year="2031", facility_id="f2", note=SECRET)
    assert public_rows(town) == [("公開する案", 2, "公開する備考")]
    assert "今の公開版との違い" in staff.get(f"{own}/publish").text
    guest = another(staff)
    sign_in(guest, Role.PARTNER)
    for path in (
        own,
        f"{own}?version=3",
        f"{own}/actions.csv",
        f"{own}/actions.xlsx",
        f"{own}/changes",
        BASE,
    ):
        answer = guest.get(path)
        assert answer.status_code == 403 and SECRET not in answer.text
    assert send(staff, f"{own}/withdraw", version="2", reason=" ").status_code == 400
    assert send(staff, f"{own}/withdraw", version="3", reason="誤り").status_code == 409
    assert (
        send(staff, f"{own}/withdraw", version="2", reason="費用の誤り").headers["location"]
        == f"{own}?done=withdraw"
    )
    assert public_rows(town) == []
    assert "理由：費用の誤り" in staff.get(own).text
    (entry,) = audit_of(town, "scenario.withdraw")
    assert entry[2] == {"version": 2, "reason": "費用の誤り"}


def test_a_new_scenario_is_as_good_as_the_data_it_rests_on(staff: TestClient, town: DatabaseUrls) -> None:
    """Made of the sample's facilities or buildings it is a sample, and says so before and after it is published."""
    assert "見本データから作られて" not in staff.get(f"{new(staff)}/publish").text
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET session_replication_role = replica")
        conn.execute("UPDATE kyodo.dataset SET quality = 'sample' WHERE kind = 'facilities'")
    own = new(staff, title="見本の施設による案")
    add(staff, own)
    page = staff.get(f"{own}/publish").text
    assert "見本データから作られて" in page and "見本データ（架空）" in page
    assert ' class="mark mark-sample">見本</span>' in staff.get(BASE).text


def test_what_cannot_be_is_not_published(staff: TestClient, town: DatabaseUrls) -> None:
    own = new(staff)
    add(staff, own)
    with psycopg.connect(town.superuser) as conn:
        conn.execute(
            "INSERT INTO kyodo.facility_closure (municipality_code, facility_id, closed_from, reason) "
            "VALUES (%s, 'f1', '2029-04-01', 'works')",
            (city.CODE,),
        )
    refused = send(staff, f"{own}/publish", version="2", seen="yes")
    assert refused.status_code == 400 and "公開できません" in refused.text and public_rows(town) == []


# -- tables ----------------------------------------------------------------------------------------------------


def table(client: TestClient, own: str, rows: str, act: str, mode: str = "append"):
    return send(client, f"{own}/table", version=seen(client, own), rows=rows, act=act, mode=mode)


def upload(client: TestClient, own: str, body: bytes, name: str, **fields: str):
    data = {
        "csrf_token": token_of(client.get("/account").text), "mode": "replace", "act": "save",
        "scenario_id": own.rpartition("/")[2], "version": fields.pop("version", "") or seen(client, own), **fields,
    }  # fmt: skip
    return client.post(
        f"{BASE}/import", data=data, files={"file": (name, body)}, headers={**PAGE, "origin": HOST}
    )


def test_a_pasted_table_is_looked_at_first(staff: TestClient, town: DatabaseUrls) -> None:
    own = new(staff)
    add(staff, own)
    rows = "年度\t施設\t行動\n令和10年度\t中央センター\t大規模改修\n2031\tf2\t継続"
    looked = table(staff, own, rows, "check")
    assert looked.status_code == 200 and "まだ保存していません" in looked.text and len(held(town, own)) == 1
    assert table(staff, own, rows, "save").status_code == 303 and len(held(town, own)) == 3
    again = table(staff, own, rows, "save")
    assert again.status_code == 400 and 'id="table-rows-error"' in again.text
    assert table(staff, own, rows, "save", "replace").status_code == 303
    assert [line[1] for line in held(town, own)] == ["f1", "f2"]
    assert "変わったところがありません" in table(staff, own, rows, "check", "replace").text
    late = send(staff, f"{own}/table", version="1", rows=rows, act="save", mode="append")
    assert late.status_code == 409 and "大規模改修" in late.text


def test_files_come_back_as_they_went(staff: TestClient, town: DatabaseUrls) -> None:
    own = new(staff)
    add(staff, own, note="=HYPERLINK(1)", floor_area_m2="12.5", cost_yen="300")
    add(staff, own, year="2028", facility_id="f2", action="転用", into_facility="", note="")
    before = held(town, own)
    csv, xlsx = staff.get(f"{own}/actions.csv"), staff.get(f"{own}/actions.xlsx")
    assert ",'=HYPERLINK(1)," in csv.text and "_v3_" in csv.headers["content-disposition"]
    assert {answer.headers["cache-control"] for answer in (csv, xlsx)} == {"private, no-store"}
    for answer, name in ((csv, "a.csv"), (xlsx, "a.xlsx")):
        assert "変わったところがありません" in upload(staff, own, answer.content, name).text
        other = new(staff, title=name)
        looked = upload(staff, other, answer.content, name, act="check")
        assert (
            looked.status_code == 200 and "同じファイルをもう一度" in looked.text and held(town, other) == []
        )
        assert upload(staff, other, answer.content, name).status_code == 303
        assert held(town, other) == before
        assert "=HYPERLINK(1)" in staff.get(f"{other}/actions/2").text


def test_files_that_are_no_table_are_refused(staff: TestClient) -> None:
    own = new(staff)
    for body, name in (
        (b"", "a.csv"), (b"\x00\x01\x02", "a.xlsx"),
        ("年度,施設,行動\n2030,無い,継続".encode(), "a.csv"), (b"x" * ((1 << 20) + 1), "a.csv"),
    ):  # fmt: skip
        answer = upload(staff, own, body, name)
        assert answer.status_code == 400 and 'id="import-file-error"' in answer.text, name
    assert upload(staff, f"{BASE}/none", b"a", "a.csv", version="1").status_code == 404


# -- who -------------------------------------------------------------------------------------------------------


def test_staff_read_and_three_roles_change(staff: TestClient) -> None:
    own = new(staff, title="見てよい案")
    guest = another(staff)
    guest.headers["accept"] = "text/html"
    reads = (BASE, own, f"{own}/changes", f"{own}/actions.csv", f"{own}/actions.xlsx")
    forms = (f"{own}/publish", f"{own}/actions/1")
    posts = (
        BASE, f"{BASE}/import", own,
        *(f"{own}/{name}" for name in ("actions", "actions/1", "actions/1/remove", "table", "restore", "publish", "withdraw")),
    )  # fmt: skip
    for role in Role:
        sign_in(guest, role)
        for path in reads:
            assert (guest.get(path).status_code == 200) == (role in STAFF), (role, path)
        for path in forms:
            allowed = guest.get(path).status_code in (200, 404)
            assert allowed == (role in FACILITY_KEEPERS), (role, path)
        for path in posts:
            refused = guest.post(path, data={}, headers={"origin": HOST})
            assert (refused.status_code != 403 or "担当の職員だけ" not in refused.text) == (
                role in FACILITY_KEEPERS
            ) or (role is Role.PUBLIC and refused.status_code in (303, 401)), (role, path)
    sign_in(guest, Role.DISTRICT_OFFICER)
    assert (
        '<form class="stack' not in guest.get(own).text and '<form class="stack' not in guest.get(BASE).text
    )


def test_a_city_without_buildings_ages_or_ways_says_so(staff: TestClient, town: DatabaseUrls) -> None:
    own = new(staff)
    add(staff, own, year="2028")
    add(staff, own, year="2028", facility_id="f2", action="大規模改修", into_facility="")
    plan = staff.get(f"{own}/plan?from=2027")
    assert (
        plan.status_code == 200 and "未定" in plan.text and "2 件" in plan.text and HOSTILE not in plan.text
    )
    assert city.HOSTILE not in plan.text and city.HOSTILE not in staff.get(f"{own}/plan?from=2027").text
    sheet = staff.get("/staff/facilities/f2/close?year=2030")
    assert sheet.status_code == 200 and city.HOSTILE not in sheet.text and "建物の記録がない" in sheet.text
    assert "不明" in sheet.text and "部屋の記録がないため" in sheet.text
    assert staff.get("/facilities/f3/close").status_code == 200  # a school: beside its kind
    with psycopg.connect(town.superuser) as conn:
        conn.execute(
            "INSERT INTO kyodo.facility_closure (municipality_code, facility_id, closed_from, reason) "
            "VALUES (%s, 'f2', '2029-04-01', 'works')",
            (city.CODE,),
        )
    assert "2030年10月1日には開いていない" in staff.get("/staff/facilities/f2/close?year=2030").text


def test_what_is_not_there_is_not_there(staff: TestClient) -> None:
    assert staff.get(f"{BASE}/none").status_code == 404
    own = new(staff)
    assert staff.get(f"{own}?version=9").status_code == 404
    assert staff.get(f"{own}?version=x").status_code == 400 and staff.get(f"{own}?what=1").status_code == 400
    assert staff.get(BASE).text.count("<h1>") == 1
