"""A partner office from the city's list to the counter, and the staff's pages about it; the page checks on each."""

from __future__ import annotations

import csv
import os
from pathlib import Path

from playwright.sync_api import Page

from geodata import accounts, buildings
from geodata.database import Audience, Database
from kyodo_geo.buildings import Fact, JoinsAs
from kyodo_geo.roles import Role
from tests.api.signing import PASSWORD
from tests.api.ticket_world import OFFICES, add_offices
from tests.browser.conftest import OpenContext
from tests.browser.pages import LARGE, PHONE, Site
from tests.browser.test_layout import WIDTH
from tests.browser.test_paper import printed
from tests.browser.test_signed_in import Look, city, first_link, send, visitor  # noqa: F401
from tests.fixtures_db import DatabaseUrls

SHOTS = os.environ.get("KYODO_TEST_SHOTS")
LIST = "事業所番号,事業所名,電話,メール,担当者,利用者名\r\nA1,見本不動産 北店,,,花子,a1.hana\r\n"


def test_from_the_list_to_the_counter(
    city: Site,  # noqa: F811
    sample_town: DatabaseUrls,
    visitor: tuple[Page, Look],  # noqa: F811
    new_context: OpenContext,
    tmp_path: Path,
) -> None:
    page, look = visitor
    page.goto(city.url(first_link(sample_town)))
    send(page, password=PASSWORD, password_again=PASSWORD)
    page.goto(city.url("/staff/offices"))
    look("会員店の登録")
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")
    page.fill("#partner_id", "kyokai")
    page.fill("#partner", "見本協会")
    page.set_input_files("#file", tmp_path / "list.csv")
    page.click("main form button[type=submit]")
    look("会員店を登録しました")
    assert "新しいアカウントは 1 件" in page.locator("main").inner_text()
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/entered-1280.png", full_page=True)
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        page.screenshot(path=f"{SHOTS}/entered-375.png", full_page=True)
        page.set_viewport_size(LARGE)  # type: ignore[arg-type]
    with page.expect_download() as wanted:
        page.click("main form[action$='links.csv'] button")
    assert "会員店を登録しました" in page.locator("h1").inner_text(), "the page stays for another try"
    wanted.value.save_as(tmp_path / "links.csv")
    page.goto(city.url("/staff/offices"))
    look("会員店の登録")
    assert "北店" in page.locator("main").inner_text()
    with (tmp_path / "links.csv").open(encoding="utf-8-sig", newline="") as file:
        link = list(csv.reader(file))[1][4]

    office = new_context().new_page()
    office.goto(city.url("/welcome?" + link.partition("?")[2]))
    send(office, password=PASSWORD, password_again=PASSWORD)
    city.ask(office, "みたけ三丁目12番1号")
    pages, text = printed(office, tmp_path)
    assert pages == 1, "the customer's paper, without what only the office needs"
    assert "物件台帳" not in text and "市に取り次いでもらう" not in text
    office.get_by_role("button", name="この建物を登録する").click()
    office.fill("#name", "メゾンみたけ")
    office.check("input[name=joins_as][value=household]")
    office.locator("form[action='/buildings'] button").click()
    assert "登録しました" in office.locator("main").inner_text()
    office.goto(city.url("/lookup"))
    office.locator("input[name=address]").press_sequentially("めぞん")
    with office.expect_navigation():
        office.locator(".suggestions li", has_text="物件台帳の建物").click()
    assert "みたけ三丁目見本第3町内会" in office.locator("h1").inner_text(), "one tap"
    assert "物件台帳の登録とも一致します" in office.locator("main").inner_text()
    cookies = office.context.cookies()

    page.context.clear_cookies()
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    for path, heading in (
        ("/partner", "北店"),
        ("/partner/keys", "この事業所の鍵"),
        ("/buildings", "物件台帳"),
        ("/partner/tickets", "取次"),
    ):
        page.goto(city.url(path))
        look(heading)
    city.ask(page, "メゾンみたけ")
    look("みたけ三丁目見本第3町内会")
    page.goto(city.url("/buildings"))
    page.fill("#name", "メゾンみたけ-203")
    page.fill("#address", "みたけ三丁目12番1号")
    page.check("input[name=joins_as][value=none]")
    page.locator("form[action='/buildings'] button").click()
    look("物件台帳")
    assert "部屋番号を除いて「メゾンみたけ」と" in page.locator(".error-summary").inner_text()
    assert page.locator("#own_name").count() == 0, "only the city vouches for a name"


CELLS = """cells => cells.filter(cell => cell.textContent.trim() && cell.colSpan === 1)
    .map(cell => cell.getBoundingClientRect().width)"""


def contradict(urls: DatabaseUrls) -> None:
    """Two offices that say different things of one building."""
    add_offices(urls)
    database = Database(urls.app)
    try:
        with database.write(Audience.AUTH) as conn:
            for office in OFFICES:
                user = accounts.add_user(conn, "03201", f"{office}.hana", "花子", {Role.PARTNER}, by="test")
                conn.execute("UPDATE app_user SET office_id = %s WHERE user_id = %s", (office, user.user_id))
        with database.write(Audience.STAFF) as conn:
            fact = Fact("sample-0104", JoinsAs.HOUSEHOLD)
            buildings.enter(conn, "03201", "合わない見本", "盛岡市内丸12-2", fact, by="admin")
        for office, association in (("o1", "sample-0104"), ("o2", "sample-0200")):
            with database.write(Audience.PARTNER, office=office) as conn:
                fact = Fact(association, JoinsAs.HOUSEHOLD, "家賃と一緒に管理会社が集めて払う")
                buildings.enter(conn, "03201", "メゾン見本", "盛岡市みたけ3-12-1", fact, by=f"{office}.hana")
    finally:
        database.close()


def test_the_staffs_pages_of_the_agreement(
    city: Site,  # noqa: F811
    sample_town: DatabaseUrls,
    visitor: tuple[Page, Look],  # noqa: F811
) -> None:
    page, look = visitor
    contradict(sample_town)
    city.ask(page, "桜台1-18")
    page.goto(city.url(first_link(sample_town)))
    send(page, password=PASSWORD, password_again=PASSWORD)
    for path, heading in (
        ("/staff/agreement", "協定の実績"),
        ("/staff/unresolved", "決まらなかった検索"),
        ("/staff/buildings", "物件台帳の食い違い"),
        ("/staff/data-faults", "食い違い"),
        ("/staff/offices", "会員店の登録"),
        ("/staff/keys", "会員店の鍵"),
        ("/staff/disclosure", "開示請求の資料"),
    ):
        page.goto(city.url(path))
        look(heading)
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        widths = page.locator(".data-table-plain td:not(.numeric)").evaluate_all(CELLS)
        assert min(widths, default=200) >= 120, "words stand in lines, not one under the other"
        assert page.evaluate(WIDTH) <= PHONE["width"]
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{path.rpartition('/')[2]}-375.png", full_page=True)
        page.set_viewport_size(LARGE)  # type: ignore[arg-type]
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{path.rpartition('/')[2]}-1280.png", full_page=True)
