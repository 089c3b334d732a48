"""Consultations, events, case sheets: staff enter them, the public reads counts and what is published, roles keep their doors."""

from __future__ import annotations

import csv
import io
import re
from xml.etree import ElementTree as ET

import psycopg
import pytest
from starlette.testclient import TestClient

from api.settings import Settings
from geodata import centre_staff, purges
from geodata.database import Audience, Database
from kyodo_geo.errors import NotFoundError
from kyodo_geo.roles import Role
from tests.api.signing import become_admin
from tests.api.test_staff_drafts import send
from tests.api.test_staff_plans import HOSTILE, audit_of, post, sign_in_as, version_of
from tests.fixtures_db import DatabaseUrls

SECRET = "会長が入院して会計がとまっている"
TOPIC = {"label": "会計と規約", "sort_order": "10", "quality": "real"}
CENTRE = {"name": "中央センター", "kind": "centre", "quality": "real"}
EVENT = {
    "title": f"担い手の講座{HOSTILE}", "initiative_no": "26", "starts_on": "2026-06-01", "starts_at": "13時", "ends_at": "15:30",
    "place": "大会議室", "state": "held", "participants": "9", "published": "yes", "quality": "real", "source": "名簿",
}  # fmt: skip
CASE = {"association_id": "a11", "opened_on": "2026-04-01", "state": "open", "reason": SECRET, "person_name": "盛岡花子",
        "quality": "real"}  # fmt: skip
VISIT = {"visited_on": "2026-05-01", "way": "visit", "heard": SECRET, "next_on": "2026-06-01"}
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def staff(visitor: TestClient) -> TestClient:
    become_admin(visitor)
    return visitor


def first(client: TestClient, page: str, pattern: str) -> str:
    found = re.search(pattern, client.get(page).text)
    assert found is not None, (page, pattern)
    return found[1]


def consultation(client: TestClient) -> dict[str, str]:
    """A form that can be sent: with the centre and the topic of the town."""
    send(client, "/staff/records/bodies", **CENTRE)
    send(client, "/staff/records/topics", **TOPIC)
    page = client.get("/staff/consultations").text
    centre = re.search(r'<option value="(b[0-9a-f]{32})"', page)
    topic = re.search(r'<option value="(t[0-9a-f]{32})"', page)
    assert centre and topic
    return {
        "body_id": centre[1], "topic_id": topic[1], "held_on": "2026-05-01", "asker": "resident", "way": "phone",
        "result": "answered", "content": SECRET, "quality": "real",
    }  # fmt: skip


def audit_text(town: DatabaseUrls) -> str:
    with psycopg.connect(town.superuser) as conn:
        row = conn.execute("SELECT coalesce(string_agg(details::text, ''), '') FROM kyodo.audit").fetchone()
    assert row is not None
    return str(row[0])


def case(client: TestClient, **fields: str) -> str:
    """Begin a case; its page."""
    answer = send(client, "/staff/at-risk/new", **{**CASE, **fields})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("?")[0]


def test_consultations_are_entered_and_the_public_reads_counts_alone(
    staff: TestClient, town: DatabaseUrls
) -> None:
    form = consultation(staff)
    assert (
        send(staff, "/staff/consultations", **form).headers["location"].endswith("fiscal_year=2026&done=add")
    )
    again = send(staff, "/staff/consultations", **form)
    assert (
        again.status_code == 400
        and "もう登録されています" in again.text
        and 'id="add-file_no-error"' in again.text
    )
    for number in ("2", "3"):
        assert send(staff, "/staff/consultations", **form, file_no=number).status_code == 303
    assert staff.get("/staff/consultations?asker=npo").text.count("中央センター</a>") == 0
    listed = staff.get(f"/staff/consultations?topic_id={form['topic_id']}&body_id={form['body_id']}").text
    assert SECRET not in listed and "3 件" in listed
    path = first(staff, "/staff/consultations", r'href="(/staff/consultations/c[0-9a-f]{32})"')
    assert SECRET in staff.get(path).text
    post(staff, path, path, **{**form, "content": SECRET + "。", "file_no": "9"})
    assert SECRET not in audit_text(town) and "相談の内容の文が変わりました" in staff.get(path).text
    assert SECRET not in staff.get("/staff/consultations/table.csv").text

    page = staff.get("/centres/consultations").text
    assert "令和8年度(2026年度)：3 件" in page and SECRET not in page
    data = staff.get("/api/v1/consultations").json()
    assert data["years"][0]["total"] == 3
    assert {item["centre_id"]: item["count"] for item in data["years"][0]["counts"]} == {
        None: 3,
        form["body_id"]: 3,
    }
    post(staff, f"{path}/withdraw", path)
    page = staff.get("/centres/consultations").text
    assert "3未満等 件" in page, "two are too few, at once"
    table = staff.get("/centres/consultations.csv?fiscal_year=2026").text
    assert "中央センター,会計と規約,3未満等" in table and SECRET not in table
    assert staff.get("/centres/consultations?fiscal_year=2020").status_code == 404


def test_a_pasted_table_names_centre_and_topic_as_people_do(staff: TestClient) -> None:
    consultation(staff)
    head = "センター\t相談の日\t相談した人\t方法\t内容\t結果"
    rows = f"{head}\n中央センター\tR8.5.2\tNPO・市民活動団体\t来所\t会計と規約\t続いている"
    looked = send(staff, "/staff/consultations/table", rows=rows, act="check")
    assert "1 件を読み取りました" in looked.text
    assert send(staff, "/staff/consultations/table", rows=rows, act="save").status_code == 303


def test_published_events_are_read_by_everybody_and_drafts_by_nobody(staff: TestClient) -> None:
    draft = {**EVENT, "title": "まだ秘密の催し", "published": "", "state": "planned", "participants": ""}
    assert send(staff, "/staff/events", **draft).status_code == 303
    secret = first(staff, "/staff/events", r'href="/staff/events/(e[0-9a-f]{32})"')
    assert staff.get(f"/events/{secret}").status_code == 404
    assert send(staff, "/staff/events", **EVENT).status_code == 303
    for path in ("/events", "/events.csv", "/events.atom", "/api/v1/events", "/opendata/standard/event.csv"):
        answer = staff.get(path)
        assert answer.status_code == 200, path
        assert "担い手の講座" in answer.text and "まだ秘密" not in answer.text, path
    event = staff.get("/api/v1/events?initiative=26&fiscal_year=2026").json()["events"][0]
    assert (event["starts_at"], event["ends_at"], event["participants"]) == ("13:00", "15:30", 9)
    assert staff.get("/api/v1/events?initiative=3").json()["count"] == 0
    page = staff.get(f"/events/{event['id']}").text
    assert "令和8年6月1日 13:00〜15:30" in page and "<img src=x" not in page
    standard = staff.get("/opendata/standard/event.csv").text.splitlines()
    assert (
        standard[0]
        .lstrip("\ufeff")
        .startswith("都道府県コード又は市区町村コード,NO,都道府県名,市区町村名,イベント名")
    )
    assert f"032018,{event['id']},岩手県,盛岡市" in standard[1]


def test_so_few_participants_that_they_might_be_known_are_withheld_everywhere(staff: TestClient) -> None:
    for number, count, told, words in (
        ("1", "0", 0, "0 人"),
        ("2", "2", None, "3 人未満等"),
        ("3", "9", None, "3 人未満等"),  # less this one, the year's figure would tell the 2
        ("4", "30", 30, "30 人"),
    ):
        send(staff, "/staff/events", **{**EVENT, "title": f"講座その{number}", "participants": count})
        (event,) = [
            row for row in staff.get("/api/v1/events").json()["events"] if row["title"] == f"講座その{number}"
        ]
        assert event["participants"] == told
        assert f"<dd>{words}</dd>" in staff.get(f"/events/{event['id']}").text
        assert f"<td>{words}</td>" in staff.get("/events").text
    rows = csv.DictReader(io.StringIO(staff.get("/events.csv").content.decode("utf-8-sig")))
    assert {row["名前"]: row["参加者数"] for row in rows} == {
        "講座その1": "0",
        "講座その2": "",
        "講座その3": "",
        "講座その4": "30",
    }
    standard = staff.get("/opendata/standard/event.csv").text
    assert "参加者数" in standard and not re.search(r"参加者数[^0-9]{1,3}2(?![0-9])", standard)


def test_the_feed_is_atom_with_ids_that_stay_and_a_time_that_follows(staff: TestClient) -> None:
    """RFC 4287: feed and entries have id, title, updated; the feed an author and a link to itself."""
    empty = ET.fromstring(staff.get("/events.atom").content)
    assert empty.find(f"{ATOM}updated") is not None and empty.findall(f"{ATOM}entry") == []
    send(staff, "/staff/events", **{**EVENT, "title": HOSTILE})
    answer = staff.get("/events.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ET.fromstring(answer.content)
    assert feed.tag == f"{ATOM}feed" and feed.findtext(f"{ATOM}author/{ATOM}name")
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links["self"].endswith("/events.atom") and links["alternate"].endswith("/events")
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == HOSTILE
    before = entry.findtext(f"{ATOM}id"), entry.findtext(f"{ATOM}updated")
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", before[0] or "")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", before[1] or "")
    path = first(staff, "/staff/events", r'href="(/staff/events/e[0-9a-f]{32})"')
    post(staff, path, path, **{**EVENT, "title": "新しい名前"})
    (entry,) = ET.fromstring(staff.get("/events.atom").content).findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "新しい名前" and entry.findtext(f"{ATOM}id") == before[0]


def test_participants_become_the_yearly_figure_by_one_press_and_then_the_indicator(
    staff: TestClient, town: DatabaseUrls
) -> None:
    send(staff, "/staff/events", **EVENT)
    send(staff, "/staff/events", **{**EVENT, "initiative_no": "27", "title": "研修会", "participants": ""})
    send(staff, "/staff/figures?measure=participants_26", fiscal_year="2026", v1="2", quality="real", source="名簿", act="save",
         version=version_of(staff.get("/staff/figures?measure=participants_26&fiscal_year=2026").text))  # fmt: skip
    beside = "/staff/event-figures?fiscal_year=2026"
    assert "入力のたりない記録があります" in staff.get(beside).text
    refused = send(staff, "/staff/event-figures", measure="participants_26", fiscal_year="2026", version="x")
    assert refused.status_code == 400 and "まだ数えられない記録" in refused.text
    sheets = re.findall(r'href="(/staff/events/e[0-9a-f]{32})"', staff.get("/staff/events").text)
    for sheet in dict.fromkeys(sheets):
        path = f"{sheet}/participants"
        too_many = post(staff, path, path, participants="3", v1="4")
        assert too_many.status_code == 400 and 'value="4"' in too_many.text
        assert (
            post(staff, path, path, participants="9", v1="4", v2="5")
            .headers["location"]
            .endswith("done=saved")
        )
    page = staff.get(beside).text
    assert "記録の合計（9 人）を年度の数値にする" in page and "2 人" in page and "+2" in page
    stale = send(staff, "/staff/event-figures", measure="participants_26", fiscal_year="2026", version="x")
    assert stale.status_code == 409 and "<td>2 人</td><td>4 人</td>" in stale.text
    for measure in ("participants_26", "participants_27", "events_26"):
        form = staff.get(beside).text.partition(f'name="measure" value="{measure}"')[2]
        done = send(
            staff, "/staff/event-figures", measure=measure, fiscal_year="2026", version=version_of(form)
        )
        assert done.headers["location"].endswith("done=taken"), measure
    with psycopg.connect(town.superuser) as conn:
        kept = conn.execute(
            "SELECT measure, area_key, value, source FROM kyodo.area_figure WHERE fiscal_year = 2026 "
            "AND (starts_with(measure, 'participants') OR starts_with(measure, 'events')) ORDER BY 1, 2"
        ).fetchall()
    assert kept == [
        ("events_26", "03201", 1.0, "催しの記録"),
        ("participants_26", "1", 4.0, "催しの記録"), ("participants_26", "2", 5.0, "催しの記録"),
        ("participants_27", "1", 4.0, "催しの記録"), ("participants_27", "2", 5.0, "催しの記録"),
    ], "the sum took the place of the typed figure; nothing is counted twice"  # fmt: skip
    assert len(audit_of(town, "edit.figures.save")) == 4
    assert "同じです" in staff.get(beside).text


def test_a_case_sheet_from_the_rule_to_the_paper(staff: TestClient, town: DatabaseUrls) -> None:
    new = staff.get("/staff/at-risk/new?association=a11").text
    assert "の判定：" in new and '<option value="a11" selected>' in new
    sheet = case(staff)
    twice = send(staff, "/staff/at-risk/new", **{**CASE, "opened_on": "2026-05-01"})
    assert (
        twice.status_code == 400
        and "続いている見守りの記録がもうあります" in twice.text
        and SECRET in twice.text
    )
    assert send(staff, f"{sheet}/visits", **VISIT).headers["location"].endswith("done=visit")
    early = send(staff, f"{sheet}/visits", **{**VISIT, "visited_on": "2199-01-01", "next_on": ""})
    assert early.status_code == 400 and 'id="visit-visited_on-error"' in early.text
    sent = {"dispatched_on": "2026-05-20", "adviser": "見本NPO", "theme": "会計", "quality": "real"}
    assert send(staff, f"{sheet}/dispatches", **sent).headers["location"].endswith("done=dispatch")
    page = staff.get(sheet).text
    assert SECRET in page and "見本NPO" in page and "（過ぎています）" in page
    assert staff.get(sheet).headers["cache-control"] == "private, no-store"
    log = audit_text(town)
    assert SECRET not in log and "盛岡花子" not in log
    listed = staff.get("/staff/at-risk?show=late").text
    assert "1 件" in listed and SECRET not in listed
    table = staff.get("/staff/at-risk.csv?show=cases")
    assert "対応中" in table.text and SECRET not in table.text and "盛岡花子" not in table.text
    blocked = post(staff, f"{sheet}/withdraw", sheet)
    assert blocked.status_code == 400 and "取り消せません" in blocked.text
    visit = first(staff, sheet, rf'href="({sheet}/visits/v[0-9a-f]{{32}})"')
    assert (
        post(staff, visit, visit, **{**VISIT, "heard": "落ち着いた"})
        .headers["location"]
        .endswith("visit-correct")
    )
    assert staff.get(f"/staff/at-risk/none/visits/{visit.rpartition('/')[2]}").status_code == 404
    closed = post(
        staff, sheet, sheet, **{**CASE, "state": "closed", "closed_on": "2026-06-30", "outcome": "合同の行事"}
    )
    assert closed.headers["location"].endswith("done=correct")
    assert "終了" in staff.get("/staff/at-risk?show=closed").text
    before = views(town)
    paper = staff.get(f"{sheet}/sheet.pdf")
    assert paper.content.startswith(b"%PDF") and paper.headers["cache-control"] == "private, no-store"
    assert views(town)[len(before) :] == [(f"risk-case/{sheet.rpartition('/')[2]}", {"format": "pdf"})]
    assert ("list", {"rows": 1, "show": "cases"}) in before, "the file"
    told = staff.get("/staff/audit?topic=centres").text
    assert "見守りの記録" in told and SECRET not in told


def views(town: DatabaseUrls) -> list[tuple[str, dict[str, object]]]:
    """Who looked: target and facts of each view of a sheet, in order."""
    with psycopg.connect(town.superuser) as conn:
        return conn.execute(
            "SELECT target, details FROM kyodo.audit WHERE action = 'risk-case.view' AND action_kind = 'view' "
            "ORDER BY entry_no"
        ).fetchall()


def test_each_sheet_that_is_read_leaves_one_entry_as_a_vacant_house_does(
    staff: TestClient, town: DatabaseUrls
) -> None:
    sheet = case(staff)
    send(staff, f"{sheet}/visits", **VISIT)
    visit = first(staff, sheet, rf'href="({sheet}/visits/v[0-9a-f]{{32}})"')
    target, seen = f"risk-case/{sheet.rpartition('/')[2]}", len(views(town))

    def fresh() -> list[tuple[str, dict[str, object]]]:
        nonlocal seen
        found = views(town)[seen:]
        seen += len(found)
        return found

    assert SECRET in staff.get(sheet).text
    assert fresh() == [(target, {"part": "page"})]
    assert SECRET in staff.get(visit).text
    assert fresh() == [(target, {"part": "visit", "visit": visit.rpartition("/")[2]})]
    refused = send(staff, f"{sheet}/visits", **{**VISIT, "visited_on": "2199-01-01", "next_on": ""})
    assert refused.status_code == 400 and SECRET in refused.text, "a refused form shows the sheet once more"
    assert (target, {"part": "page"}) in fresh()
    for path in (f"{sheet}x", f"{sheet}/visits/none", "/staff/at-risk", "/staff/at-risk/new"):
        assert SECRET not in staff.get(path).text
        assert fresh() == [], path
    sign_in_as(staff, Role.DISTRICT_OFFICER)
    assert staff.get(sheet).status_code == 403
    assert fresh() == [] and SECRET not in audit_text(town)


def test_two_editors_of_a_case_see_both_sides(staff: TestClient) -> None:
    sheet = case(staff)
    seen = version_of(staff.get(sheet).text)
    post(staff, sheet, sheet, **{**CASE, "reason": "先の人の理由"})
    late = send(staff, sheet, version=seen, **{**CASE, "reason": "後の人の理由"})
    assert late.status_code == 409 and "先の人の理由" in late.text and "後の人の理由" in late.text
    post(staff, f"{sheet}/withdraw", sheet)
    gone = send(staff, f"{sheet}/visits", **VISIT)
    assert gone.status_code == 404


def test_counts_by_district_stand_on_the_planners_map(staff: TestClient) -> None:
    assert (
        "対応中・見守り中の記録と、この年度の訪問の記録はありません" in staff.get("/staff/maps/at-risk").text
    )
    sheet = case(staff)
    send(staff, f"{sheet}/visits", **{**VISIT, "visited_on": "2020-05-01", "next_on": ""})
    page = staff.get("/staff/maps/at-risk?fiscal_year=2020").text
    assert "対応中・見守り中の記録" in page and "地区ごとの見守りの記録" in page
    row = re.search(
        r'<tr><th scope="row">(\d+) [^<]*</th><td class="numeric">1</td><td class="numeric">1</td></tr>', page
    )
    assert row is not None and SECRET not in page


def test_other_staff_reach_no_case_and_no_consultation(visitor: TestClient) -> None:
    sign_in_as(visitor, Role.DISTRICT_OFFICER)
    for path in (
        "/staff/at-risk",
        "/staff/at-risk.csv",
        "/staff/at-risk/x",
        "/staff/consultations",
        "/staff/events",
    ):
        assert visitor.get(path).status_code == 403, path


def test_centre_staff_keep_consultations_and_cases_but_no_events(visitor: TestClient) -> None:
    sign_in_as(visitor, Role.CENTRE_STAFF)
    for path in ("/staff/consultations", "/staff/at-risk", "/staff/at-risk/new"):
        assert visitor.get(path).status_code == 200, path
    for path in ("/staff/events", "/staff/event-figures", "/staff/records/topics"):
        assert visitor.get(path).status_code == 403, path
    assert "/staff/at-risk" in visitor.get("/staff").text


def test_staff_of_a_centre_enter_and_change_the_consultations_of_their_own_alone(
    staff: TestClient, town: DatabaseUrls
) -> None:
    form = consultation(staff)
    send(staff, "/staff/records/bodies", **{**CENTRE, "name": "北センター"})
    north = first(staff, "/staff/consultations", r'<option value="(b[0-9a-f]{32})"[^>]*>北センター')
    send(staff, "/staff/consultations", **form)
    other = first(staff, "/staff/consultations", r'href="(/staff/consultations/c[0-9a-f]{32})"')
    sign_in_as(staff, Role.CENTRE_STAFF)
    assert staff.get("/staff/consultations").text.count(" selected>北センター") == 0
    assert send(staff, "/staff/consultations", **form, file_no="2").status_code == 303, (
        "none is set: every centre"
    )

    database = staff.app.state.services.database
    login = f"u.{Role.CENTRE_STAFF.value}"
    with database.write(Audience.AUTH) as conn:
        assert centre_staff.set_centre(conn, "03201", login, "北センター", by="test") == north
        for who, where in (("nobody", north), (login, "南センター")):
            with pytest.raises(NotFoundError):
                centre_staff.set_centre(conn, "03201", who, where, by="test")
    assert staff.get("/staff/consultations").text.count(" selected>北センター") == 1, "it stands in the form"
    refused = send(staff, "/staff/consultations", **form, file_no="3")
    assert refused.status_code == 400 and 'id="add-body_id-error"' in refused.text
    head = "センター\t相談の日\t相談した人\t方法\t内容\t結果"
    rows = f"{head}\n中央センター\tR8.5.2\tNPO・市民活動団体\t来所\t会計と規約\t続いている"
    assert "2 行目：ほかのセンター" in send(staff, "/staff/consultations/table", rows=rows, act="save").text

    page = staff.get(other).text
    assert "ほかのセンターの相談です" in page and 'name="version"' not in page, "read, not changed"
    assert send(staff, other, **form, version="x").status_code == 403
    assert send(staff, f"{other}/withdraw", version="x").status_code == 403
    mine = {**form, "body_id": north}
    assert send(staff, "/staff/consultations", **mine).status_code == 303
    own = first(
        staff, f"/staff/consultations?body_id={north}", r'href="(/staff/consultations/c[0-9a-f]{32})"'
    )
    assert post(staff, own, own, **{**mine, "minutes": "10"}).status_code == 303
    moved = post(staff, own, own, **form, file_no="4")
    assert moved.status_code == 400 and "ほかのセンターの相談は登録できません" in moved.text
    assert post(staff, f"{own}/withdraw", own).status_code == 303
    with psycopg.connect(town.superuser) as conn:
        held = conn.execute("SELECT body_id, count(*) FROM kyodo.consultation GROUP BY 1").fetchall()
    assert held == [(form["body_id"], 2)]
    with database.write(Audience.AUTH) as conn:
        centre_staff.set_centre(conn, "03201", login, None, by="test")
    assert staff.get(other).text.count('name="version"') > 0


def test_texts_go_when_their_time_is_over_and_counts_stay(staff: TestClient, town: DatabaseUrls) -> None:
    form = consultation(staff)
    for number, day in enumerate(("2020-05-01", "2020-06-01", "2020-07-01")):
        send(staff, "/staff/consultations", **{**form, "held_on": day, "file_no": str(number)})
    sheet = case(staff, opened_on="2019-04-01")
    send(staff, f"{sheet}/visits", **{**VISIT, "visited_on": "2019-05-01", "next_on": ""})
    closed = {
        **CASE,
        "opened_on": "2019-04-01",
        "state": "closed",
        "closed_on": "2020-01-01",
        "outcome": "終わり",
    }
    post(staff, sheet, sheet, **closed)
    settings = Settings(database_url=town.app)
    with Database(town.app).write(Audience.STAFF) as conn:
        assert purges.consultation_texts(conn, "03201", keep_days=settings.consultation_text_days) == 3
        assert purges.risk_texts(conn, "03201", keep_days=settings.risk_text_days) == 2
        assert purges.risk_texts(conn, "03201", keep_days=settings.risk_text_days) == 0
    assert staff.get("/api/v1/consultations").json()["years"][0]["total"] == 3
    page = staff.get(sheet).text
    assert SECRET not in page and "盛岡花子" not in page and "令和元年5月1日" in page
