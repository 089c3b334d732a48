"""The page checks on the pages of tickets, and the ways through them a counter and a resident take."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx
import psycopg
import pytest
from playwright.sync_api import Page

from api.auth.sign_in import SignIn
from api.settings import Settings
from geodata import accounts, tickets
from geodata.cluster import Cluster
from geodata.database import Audience, Database
from kyodo_geo.roles import Role
from kyodo_geo.ticket_entries import Referral, Wish
from kyodo_geo.tickets import State
from tests.api.ticket_world import add_offices
from tests.browser.conftest import OpenContext, served
from tests.browser.pages import ANSWERS, LARGE, NARROW, PHONE, Site, collect_errors
from tests.browser.test_accessibility import violations
from tests.browser.test_layout import CLIPPED, WIDTH
from tests.fixtures_db import DatabaseUrls, copied

CODE = "03201"
PERSON = ("山田 花子", "019-000-0000", "hanako@example.jp")
HOSTILE = "<img src=x onerror=window.x=1></script>${window.x=1}`'\" " + "長い質問" * 40
SHOTS = os.environ.get("KYODO_TEST_SHOTS")


@dataclass(frozen=True)
class Desk:
    """A running service with tickets in several states, and a session for each role."""

    site: Site
    sessions: dict[str, str]
    asked: int
    answered: int
    wished: int


@pytest.fixture(scope="module")
def desk(cluster: Cluster, sample_db_template: DatabaseUrls) -> Iterator[Desk]:
    with copied(cluster, sample_db_template) as urls:
        add_offices(urls)
        database = Database(urls.app, max_size=2)
        sessions = _sessions(database, urls)  # first: only somebody who is here can enter tickets
        numbers = _tickets(database)
        database.close()
        with psycopg.connect(urls.superuser) as conn:
            conn.execute("UPDATE kyodo.join_wish SET received_at = '2026-03-10T03:00Z'")
            conn.execute(
                "UPDATE kyodo.referral SET due_on = '2026-01-05' WHERE ticket_no = %s", (numbers[0],)
            )
        with served(urls) as address:
            yield Desk(Site(address), sessions, *numbers)


def _tickets(database: Database) -> tuple[int, int, int]:
    due = date(2099, 3, 12)
    channel = tickets.Channel("partner", "o1", "partner")
    with database.write(Audience.PARTNER, office="o1") as conn:
        asked = tickets.enter_referral(
            conn, CODE, Referral(HOSTILE, "sample-0104", *PERSON, consent=True), channel, due_on=due
        )
        answered = tickets.enter_referral(conn, CODE, Referral("会費はいくらですか"), channel, due_on=due)
        wished = tickets.enter_wish(
            conn, CODE, Wish("sample-0104", *PERSON, "盛岡市みたけ3-12-1", consent=True), channel, due_on=due
        )
    with database.write(Audience.STAFF) as conn:
        tickets.change_state(
            conn, CODE, answered, State.ANSWERED, version=1, actor="planner", answer=HOSTILE, note="確かめた"
        )
        tickets.change_state(conn, CODE, wished, State.PASSED_ON, version=1, actor="planner")
    return asked, answered, wished


def _sessions(database: Database, urls: DatabaseUrls) -> dict[str, str]:
    signing, found = SignIn(database, Settings(database_url=urls.app)), {}
    for role in (Role.PARTNER, Role.COUNTER, Role.PLANNER, Role.FEDERATION):
        with database.write(Audience.AUTH) as conn:
            user = accounts.add_user(conn, CODE, role.value, role.label, {role}, by="test")
            if role is Role.PARTNER:
                conn.execute("UPDATE app_user SET office_id = 'o1' WHERE user_id = %s", (user.user_id,))
            found[role.value] = signing._open(conn, user.user_id, None)
    return found


PAGES = {
    "question": ("/referrals/new", None),
    "question-about": ("/referrals/new?association=sample-0104", Role.PARTNER),
    "question-done": ("/referrals/done", None),
    "join": ("/join/new", None),
    "join-about": ("/join/new?association=sample-0104", Role.COUNTER),
    "join-done": ("/join/done", Role.PARTNER),
    "counter-list": ("/counter/tickets", Role.COUNTER),
    "partner-list": ("/partner/tickets", Role.PARTNER),
    "partner-ticket": ("/partner/tickets/{answered}", Role.PARTNER),
    "inbox": ("/staff/tickets", Role.PLANNER),
    "staff-question": ("/staff/tickets/{asked}", Role.PLANNER),
    "staff-answered": ("/staff/tickets/{answered}", Role.PLANNER),
    "staff-wish": ("/staff/tickets/{wished}", Role.PLANNER),
    "federation": ("/federation/joins?year=2026", Role.FEDERATION),
    "staff": ("/staff", Role.PLANNER),
    "account": ("/account", Role.PARTNER),
}


def as_role(desk: Desk, new_context: OpenContext, role: Role | None, **options: object) -> Page:
    context = new_context(**options)
    if role is not None:
        context.add_cookies(
            [{"name": "kyodo_session", "value": desk.sessions[role.value], "url": desk.site.address}]
        )
    return context.new_page()


def shoot(page: Page, name: str) -> None:
    """A picture for whoever asks for one (KYODO_TEST_SHOTS names a folder)."""
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize("name", PAGES)
def test_page_checks(desk: Desk, new_context: OpenContext, name: str) -> None:
    """Checks 4, 6, 7, 17, 18, 19, 37 and 39 on one page, from wide to narrow."""
    template, role = PAGES[name]
    path = template.format(asked=desk.asked, answered=desk.answered, wished=desk.wished)
    page = as_role(desk, new_context, role, viewport=LARGE)
    errors = collect_errors(page)
    answer = page.goto(desk.site.url(path))
    assert answer is not None and answer.status == 200
    assert answer.headers["cache-control"] == "private, no-store"
    assert page.locator("meta[name=robots][content=noindex]").count() == 1
    assert page.locator("h1").count() == 1
    assert re.search(r" \| 盛岡市 ", page.title())
    assert violations(page) == []
    shoot(page, f"{name}-1280")
    page.set_viewport_size(PHONE)
    assert violations(page) == []
    shoot(page, f"{name}-375")
    small = page.locator("main :is(a, button, input, select, textarea, summary)").evaluate_all(
        """all => all.filter(e => e.checkVisibility() && !e.closest('p, td, th, dd, address, li, .trap'))
            .map(e => [(e.closest('label') || e).getBoundingClientRect(), e.outerHTML.slice(0, 120)])
            .filter(([box]) => box.width > 1 && (box.width < 24 || box.height < 24)).map(([, html]) => html)"""
    )
    assert small == []
    page.set_viewport_size(NARROW)
    assert page.evaluate(WIDTH) <= 320
    assert page.evaluate(CLIPPED) == []
    assert page.evaluate("window.x") is None
    assert errors == []


def test_check_07_no_two_titles_alike(desk: Desk) -> None:
    titles = []
    for path, role in PAGES.values():
        if "?association" not in path:
            url = desk.site.url(path.format(asked=desk.asked, answered=desk.answered, wished=desk.wished))
            cookies = {} if role is None else {"kyodo_session": desk.sessions[role.value]}
            html = httpx.get(url, cookies=cookies, headers={"accept": "text/html"}, trust_env=False).text
            titles.append(html.partition("<title>")[2].partition("</title>")[0])
    assert len(set(titles)) == len(titles) > 10


def test_a_resident_asks_without_javascript(desk: Desk, new_context: OpenContext) -> None:
    page = new_context(java_script_enabled=False, viewport=PHONE).new_page()
    page.goto(desk.site.url("/referrals/new"))
    page.fill("#question", "会費はいくらですか")
    assert page.locator("#email").count() == 0, "this service sends no mail"
    page.fill("#phone", "019-000-0000")
    page.click("main form button[type=submit]")
    assert page.locator("#consent-error").is_visible(), "contacts need consent"
    assert page.input_value("#question") == "会費はいくらですか"
    shoot(page, "question-error-375")
    page.check("#consent")
    page.click("main form button[type=submit]")
    assert re.search(r"質問の取次 \d+ 番", page.locator("h1").inner_text())
    assert "019-000" not in page.url and "019-000-0000" not in page.content()


def test_a_mistake_is_said_at_its_field_and_gets_the_focus(desk: Desk, page: Page) -> None:
    page.goto(desk.site.url("/join/new"))
    page.locator("main form").evaluate("form => form.noValidate = true")
    page.click("main form button[type=submit]")
    page.wait_for_function("() => document.activeElement.classList.contains('error-summary')")
    assert violations(page) == []
    shoot(page, "join-errors-1280")
    for field in ("association", "name", "phone", "consent"):
        assert page.locator(f"#{field}").get_attribute("aria-invalid") == "true"
        assert page.locator(f".error-summary a[href='#{field}']").count() == 1
    page.click(".error-summary a[href='#name']")
    assert page.evaluate("document.activeElement.id") == "name"


def test_the_counter_goes_from_the_address_to_the_number_on_a_phone(
    desk: Desk, new_context: OpenContext
) -> None:
    page = as_role(desk, new_context, Role.COUNTER, viewport=PHONE)
    desk.site.ask(page, ANSWERS["one"])
    shoot(page, "flow-1")
    name = page.locator("h1").inner_text()
    page.get_by_role("link", name="加入の相談を").click()
    assert name in page.locator("main form").inner_text(), "the association is chosen already"
    page.fill("#name", "山田 花子")
    page.fill("#phone", "０１９－６２６－７５３５")
    page.check("#consent")
    shoot(page, "flow-2")
    page.click("main form button[type=submit]")
    page.locator(".ticket-number").wait_for()
    assert "no=" not in page.url
    assert page.get_by_role("link", name="続けて受け付ける").is_visible()
    shoot(page, "flow-3")


def test_what_people_must_not_fill_in_is_out_of_their_way(desk: Desk, page: Page) -> None:
    page.goto(desk.site.url("/referrals/new"))
    box = page.locator("#website").bounding_box()
    assert box is None or box["x"] + box["width"] < 0
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.id"))
    assert {"question", "name", "phone", "consent"} <= seen
    assert "website" not in seen


def test_the_staff_answer_and_the_office_reads_it(desk: Desk, new_context: OpenContext) -> None:
    page = as_role(desk, new_context, Role.PLANNER)
    page.goto(desk.site.url(f"/staff/tickets/{desk.asked}"))
    assert page.get_by_text("期限を過ぎています").is_visible()
    page.get_by_label("終了").check()
    page.fill("#answer", "会費は月 300 円です。")
    page.get_by_role("button", name="変更する").click()
    page.wait_for_url(f"**/staff/tickets/{desk.asked}")
    assert page.locator(".ticket-answer").inner_text() == "会費は月 300 円です。"
    office = as_role(desk, new_context, Role.PARTNER)
    office.goto(desk.site.url(f"/partner/tickets/{desk.asked}"))
    assert office.locator(".ticket-answer").inner_text() == "会費は月 300 円です。"
