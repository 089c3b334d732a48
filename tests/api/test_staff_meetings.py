"""/staff/meetings: a meeting is entered, clashes are said, load is counted, dates are proposed, calendars are subscribed to."""

from __future__ import annotations

import re
from datetime import date, timedelta

import icalendar
import psycopg
import pytest
from starlette.testclient import TestClient

from api.clock import today
from kyodo_geo.roles import Role
from tests.api.conftest import another
from tests.api.signing import become_admin
from tests.api.test_staff_plans import HOSTILE, audit_of, post, sign_in_as, version_of
from tests.api.test_staff_records import send
from tests.fixtures_db import DatabaseUrls

BASE, LINKS = "/staff/meetings/entries", "/staff/meetings/links"
DAY = next(
    day
    for day in (date(today().year + more, month, 10) for more in (0, 1) for month in (6, 11))
    if day > today() + timedelta(days=20)
)
"""Within half a year and far from the turn of the year, on which nobody meets."""
MEETING = {
    "title": "防災の説明会", "department": "危機管理防災課", "held_on": str(DAY), "starts": "14:00", "ends": "15時半",
    "place": "市役所", "facility_id": "", "audience": "presidents", "district_nos": "", "association_ids": "",
    "state": "fixed", "reason": "図上訓練のため", "note": "", "quality": "real", "source": "", "required": "yes", "shown": "",
}  # fmt: skip


@pytest.fixture
def staff(visitor: TestClient) -> TestClient:
    become_admin(visitor)
    return visitor


def enter(client: TestClient, **change: str) -> str:
    """Path of the new meeting's page."""
    answer = send(client, BASE, **{**MEETING, **change})
    assert answer.status_code == 303, answer.text[:3000]
    return answer.headers["location"].partition("?")[0]


def month(day: date = DAY, **more: str) -> str:
    return f"/staff/meetings?month={day:%Y-%m}" + "".join(f"&{name}={value}" for name, value in more.items())


def main_of(html: str) -> str:
    return html.partition("<main")[2].partition("</main>")[0]


def test_a_meeting_is_entered_and_stands_in_the_month_and_in_the_list(staff: TestClient) -> None:
    path = enter(staff)
    page = staff.get(path + "?done=add").text
    assert "登録しました" in page and "15:30" in page and "重なりは、ありません" in page
    for view in ("month", "list"):
        html = main_of(staff.get(month(view=view)).text)
        assert "防災の説明会" in html and "14:00〜15:30" in html and "会長（すべての地区）" in html
    assert staff.get(month()).headers["cache-control"] == "private, no-store"
    assert "危機管理防災課" in re.search(r'id="add-department"[^>]*', staff.get(BASE).text)[0]  # type: ignore[index]


WRONG = [
    ({"title": " "}, "title"), ({"held_on": "11月"}, "held_on"), ({"starts": "25:00"}, "starts"),
    ({"starts": "午後3時", "ends": "14:00"}, "ends"), ({"starts": "", "ends": ""}, "starts"), ({"audience": "mayor"}, "audience"),
    ({"district_nos": "1、77"}, "district_nos"), ({"association_ids": "一丁目町内会"}, "association_ids"),
    ({"audience": "associations"}, "association_ids"), ({"facility_id": "nix"}, "facility_id"),
]  # fmt: skip


def test_what_cannot_be_is_refused_beside_its_field_and_nothing_is_lost(
    staff: TestClient, town: DatabaseUrls
) -> None:
    for fields, field in WRONG:
        answer = send(staff, BASE, **{**MEETING, **fields})
        assert answer.status_code == 400, fields
        assert f'id="add-{field}-error"' in answer.text and "図上訓練のため" in answer.text, fields
    assert audit_of(town, "edit.meeting.") == []


def test_the_same_people_at_the_same_hour_are_said_on_both_pages_and_in_the_month(staff: TestClient) -> None:
    first = enter(staff)
    second = enter(
        staff,
        title="ごみの懇談会",
        department="資源循環推進課",
        starts="15:00",
        ends="16:00",
        district_nos="1〜2",
    )
    for path in (first, second, month()):
        html = main_of(staff.get(path).text)
        assert "時間の重なり" in html and "4 人が両方に呼ばれています" in html, path
    assert "4 人が両方" not in main_of(staff.get(month(district="4", department="資源循環推進課")).text)
    post(staff, second, second, **{**MEETING, "title": "ごみの懇談会", "state": "cancelled"})
    assert "時間の重なり" not in main_of(staff.get(month()).text)


def test_meetings_that_one_day_could_hold_are_proposed(staff: TestClient) -> None:
    enter(staff)
    enter(staff, title="福祉の会議", held_on=str(DAY + timedelta(days=3)))
    html = staff.get(month()).text
    assert "1 日にまとめられそうな会議（1）" in html and "外出が 1 日減ります" in html


def test_busy_periods_are_data_and_are_said(staff: TestClient) -> None:
    answer = send(
        staff, "/staff/records/busy-periods", title="総会の時期", valid_from=str(DAY - timedelta(days=400)),
        valid_to=str(DAY - timedelta(days=300)), yearly="yes", quality="real", source="",
    )  # fmt: skip
    assert answer.status_code == 303
    path = enter(staff, held_on=str((DAY - timedelta(days=350)).replace(year=DAY.year, day=15)))
    assert "総会の時期" in main_of(staff.get(path).text)


def test_load_by_district_and_association_with_its_files(staff: TestClient) -> None:
    day = date(2026, 6, 6)
    enter(staff, held_on=str(day), district_nos="2")
    enter(staff, title="二つ目", held_on=str(day + timedelta(days=2)), district_nos="2 3")
    page = main_of(staff.get("/staff/meetings/load?fiscal_year=2026&district=2").text)
    assert "2.0 件" in page and "50.0 %" in page
    rows = staff.get("/staff/meetings/load.csv?fiscal_year=2026").text.splitlines()
    head, *body = (row.split(",") for row in rows)
    second = dict(zip(head, body[1], strict=True))
    assert (second["1 人あたりの会議（件）"], second["まとめれば減る外出（日）"], second["6月"]) == (
        "2.0",
        "1.0",
        "2.0",
    )
    table = staff.get("/staff/meetings/load.csv?fiscal_year=2026&table=associations&district=3").text
    assert len(table.splitlines()) == 3, "a head and the two associations of a district"


def test_a_date_is_proposed_beside_a_meeting_and_fills_the_form(staff: TestClient) -> None:
    enter(staff, held_on=str(DAY), place="市役所 大会議室")
    asked = (
        f"/staff/meetings/dates?audience=presidents&districts=1&first={DAY - timedelta(days=3)}&last={DAY + timedelta(days=3)}"
        "&minutes=60&day=yes&weekend=yes&holidays="
    ).replace("&holidays=", "")
    page = staff.get(asked).text
    first = page.partition('<ol class="proposals">')[2].partition("</li>\n")[0]
    assert "「防災の説明会」" in first and "2 人のうち 2 人" in first and "市役所 大会議室" in first
    link = re.search(r'href="(/staff/meetings/entries\?[^"#]+)', page)
    assert link is not None
    form = staff.get(link[1].replace("&amp;", "&")).text
    assert f'value="{DAY}"' in form and 'value="15:40"' in form and 'value="市役所 大会議室"' in form


WRONG_WISHES = [
    ("first=2020-01-01&last=2020-02-01", "first"), ("first=x&last=", "first"), ("minutes=5", "minutes"),
    ("audience=associations", "audience"), ("districts=99", "districts"), ("facility=nix", "facility"),
]  # fmt: skip


def test_a_wish_that_cannot_be_answered_is_refused_beside_its_field(staff: TestClient) -> None:
    plain = dict.fromkeys(("day", "evening"), "yes") | {
        "audience": "presidents", "districts": "1", "first": str(DAY), "last": str(DAY), "minutes": "60",
    }  # fmt: skip
    for change, field in WRONG_WISHES:
        asked = plain | dict(part.split("=") for part in change.split("&"))
        answer = staff.get("/staff/meetings/dates", params=asked)
        assert answer.status_code == 400 and f'href="#wish-{field}"' in answer.text, change
    assert staff.get("/staff/meetings/dates", params=plain | {"day": "no"}).status_code == 400
    none = {name: one for name, one in plain.items() if one != "yes"}
    assert "1 つ以上を選んで" in staff.get("/staff/meetings/dates", params=none).text


def test_a_pasted_table_enters_meetings_and_the_file_pastes_back(
    staff: TestClient, town: DatabaseUrls
) -> None:
    table = (
        "会議の名前,担当課,日,始まり,呼ぶ人,地区,町内会・自治会,状態\n"
        f"一,課,{DAY},９時,町内会・自治会長,1、3〜4,,\n二,課,{DAY},,町内会・自治会長（名前で選ぶ）,,a11、a12,予定"
    ).replace("1、3〜4", '"1、3〜4"').replace("a11、a12", '"a11\na12"')  # fmt: skip
    answer = send(staff, f"{BASE}/table", rows=table, act="check")
    assert answer.status_code == 200 and "2 件を読み取りました" in answer.text
    assert send(staff, f"{BASE}/table", rows=table, act="save").status_code == 303
    with psycopg.connect(town.superuser) as conn:
        rows = conn.execute(
            "SELECT title, starts::text, district_nos, association_ids FROM kyodo.city_meeting ORDER BY title"
        ).fetchall()
    assert rows == [("一", "09:00:00", [1, 3, 4], None), ("二", None, None, ["a11", "a12"])]
    again = (
        staff.get(f"{BASE}/table.csv")
        .text.lstrip("\ufeff")
        .replace("一,", "三,", 1)
        .replace("\n二,", "\n四,")
    )
    answer = send(staff, f"{BASE}/table", rows=again, act="save")
    assert answer.status_code == 303, main_of(answer.text)[:1500]


def test_who_entered_a_meeting_may_change_it_and_other_departments_may_not(staff: TestClient) -> None:
    mine, other, planner = another(staff), another(staff), another(staff)
    sign_in_as(mine, Role.DISTRICT_OFFICER)
    sign_in_as(other, Role.CENTRE_STAFF)
    sign_in_as(planner, Role.PLANNER)
    path = enter(mine)
    changed = {**MEETING, "place": "公民館"}
    page = other.get(path).text
    assert "登録した職員" in page and "訂正を保存する" not in page and "図上訓練のため" in page
    seen = version_of(mine.get(path).text)
    refused = send(other, path, version=seen, **changed)
    assert refused.status_code == 403 and send(other, f"{path}/withdraw", version=seen).status_code == 403
    assert post(mine, path, path, **changed).status_code == 303
    assert post(planner, path, path, **{**changed, "place": "体育館"}).status_code == 303
    late = send(mine, path, version=version_of(staff.get(path).text)[:-1] + "x", **changed)
    assert late.status_code == 409 and "<td>体育館</td><td>公民館</td>" in late.text


# -- calendars ------------------------------------------------------------------------------------------------


def events(body: bytes) -> dict[str, icalendar.Event]:
    """Summary → event, as another library reads the file."""
    assert body.endswith(b"\r\n") and all(len(line) <= 75 for line in body.split(b"\r\n"))
    found = icalendar.Calendar.from_ical(body)
    assert found["METHOD"] == "PUBLISH" and len(found.walk("VTIMEZONE")) == 1
    return {str(event["SUMMARY"]): event for event in found.walk("VEVENT")}


def test_a_calendar_file_is_what_was_entered(staff: TestClient) -> None:
    path = enter(staff, title="長い名前の会議、説明と\\意見交換; " * 4, note="一行目\n二行目")
    answer = staff.get("/staff/meetings/calendar.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    ((title, event),) = events(answer.content).items()
    assert title == ("長い名前の会議、説明と\\意見交換; " * 4).strip()
    assert (event["DTSTART"].dt.isoformat(), str(event["DTEND"].dt.time())) == (
        f"{DAY}T14:00:00+09:00",
        "15:30:00",
    )
    assert (event["STATUS"], event["SEQUENCE"], str(event["DESCRIPTION"])) == (
        "CONFIRMED",
        0,
        "一行目\n二行目",
    )
    assert str(event["UID"]).startswith(path.rpartition("/")[2])
    assert staff.get("/staff/meetings/calendar.ics?department=nix").content.count(b"BEGIN:VEVENT") == 0


def test_a_change_counts_up_and_a_cancelled_meeting_stays_as_cancelled(staff: TestClient) -> None:
    path = enter(staff)
    before = events(staff.get("/staff/meetings/calendar.ics").content)["防災の説明会"]
    post(staff, path, path, **{**MEETING, "place": "公民館"})
    post(staff, path, path, **{**MEETING, "place": "公民館", "state": "cancelled"})
    after = events(staff.get("/staff/meetings/calendar.ics").content)["【中止】防災の説明会"]
    assert (after["UID"], after["SEQUENCE"], after["STATUS"]) == (before["UID"], 2, "CANCELLED")
    assert after["LAST-MODIFIED"].dt >= before["LAST-MODIFIED"].dt


def test_a_meeting_without_hours_is_a_whole_day(staff: TestClient) -> None:
    enter(staff, starts="", ends="", state="planned")
    event = events(staff.get("/staff/meetings/calendar.ics").content)["防災の説明会"]
    assert (event["DTSTART"].dt, event["DTEND"].dt, event["STATUS"]) == (
        DAY,
        DAY + timedelta(days=1),
        "TENTATIVE",
    )


def make_link(client: TestClient, **fields: str) -> str:
    page = send(client, LINKS, **{"label": "自分の予定表", "district": "", "department": "", **fields})
    found = re.search(r"/calendar/[\w-]{43}\.ics", page.text)
    assert page.status_code == 200 and found is not None
    return found[0]


def test_a_secret_address_is_read_without_a_sign_in_until_it_is_revoked(
    staff: TestClient, town: DatabaseUrls
) -> None:
    enter(staff, district_nos="1")
    enter(staff, title="二区の会議", district_nos="2", reason="庁内だけの理由")
    address, second = make_link(staff), make_link(staff, district="2")
    assert address not in staff.get(LINKS).text, "shown once"
    stranger = another(staff)
    answer = stranger.get(address)
    assert answer.headers["cache-control"] == "private, no-store"
    assert {*events(answer.content)} == {"防災の説明会", "二区の会議"}
    assert {*events(stranger.get(second).content)} == {"二区の会議"}
    assert "庁内だけの理由" not in answer.text
    with psycopg.connect(town.superuser) as conn:
        kept = str(conn.execute("SELECT string_agg(l::text, '') FROM kyodo.calendar_link l").fetchone())
        log = str(conn.execute("SELECT string_agg(details::text, '') FROM kyodo.audit").fetchone())
    secret = address.removeprefix("/calendar/").removesuffix(".ics")
    assert secret not in kept + log
    number = re.search(rf"{LINKS}/(\w+)/revoke", staff.get(LINKS).text)
    assert number is not None
    for path in re.findall(rf"{LINKS}/\w+/revoke", staff.get(LINKS).text):
        assert send(staff, path).headers["location"] == f"{LINKS}?done=revoke"
    assert stranger.get(address).status_code == stranger.get(second).status_code == 404
    assert send(staff, f"{LINKS}/{number[1]}/revoke").status_code == 400, "nothing left to revoke"
    assert stranger.get(f"/calendar/{'x' * 43}.ics").status_code == 404


def test_a_link_ends_with_its_owners_account_and_nobody_ends_anothers(
    staff: TestClient, town: DatabaseUrls
) -> None:
    mine, other = another(staff), another(staff)
    sign_in_as(mine, Role.DISTRICT_OFFICER)
    sign_in_as(other, Role.CENTRE_STAFF)
    address = make_link(mine)
    path = re.search(rf"{LINKS}/\w+/revoke", mine.get(LINKS).text)
    assert (
        path is not None
        and "自分の予定表" not in main_of(other.get(LINKS).text).partition("links-heading")[2]
    )
    assert send(other, path[0]).status_code == 400
    assert another(staff).get(address).status_code == 200
    with psycopg.connect(town.superuser) as conn:
        conn.execute("DELETE FROM kyodo.user_role WHERE role = 'district_officer'")
    assert another(staff).get(address).status_code == 404
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.calendar_link SET expires_at = now()")
    assert another(staff).get(address).status_code == 404


def test_there_are_ten_links_at_most_and_a_link_needs_a_name(staff: TestClient) -> None:
    for _ in range(10):
        make_link(staff)
    assert "10 個まで" in send(staff, LINKS, label="もう一つ", district="", department="").text
    assert 'id="link-label-error"' in send(staff, LINKS, label=" ", district="", department="").text
    assert send(staff, LINKS, label="x", district="77", department="").status_code == 400


def test_everybody_sees_what_is_marked_for_everybody_and_nothing_else(staff: TestClient) -> None:
    enter(staff, shown="yes", district_nos="1")
    enter(staff, title="庁内の会議")
    stranger = another(staff)
    page = stranger.get("/meetings")
    assert "防災の説明会" in page.text and "庁内の会議" not in page.text and "図上訓練" not in page.text
    assert {*events(stranger.get("/meetings.ics").content)} == {"防災の説明会"}
    assert events(stranger.get("/meetings.ics?district=2").content) == {}
    assert "防災の説明会" not in stranger.get("/meetings?district=2").text
    assert stranger.get("/meetings?district=77").status_code == 404
    assert stranger.get(BASE, headers={"accept": "application/json"}).status_code == 401


def test_hostile_words_are_shown_as_words(staff: TestClient) -> None:
    path = enter(staff, title=HOSTILE[:120], place=HOSTILE[:120], note=HOSTILE, shown="yes")
    for page in (path, month(), month(view="list"), BASE, "/meetings", "/staff/audit"):
        assert "<img src=x" not in staff.get(page).text, page
    (event,) = events(staff.get("/meetings.ics").content).values()
    assert str(event["DESCRIPTION"]) == HOSTILE.strip()
