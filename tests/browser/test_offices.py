"""A partner office from the city's list to the counter, and the staff's pages about it; the page checks on each."""

from __future__ import annotations

import csv
from pathlib import Path

from playwright.sync_api import Page

from tests.api.signing import PASSWORD
from tests.browser.conftest import OpenContext
from tests.browser.pages import Site
from tests.browser.test_signed_in import Look, city, first_link, send, visitor  # noqa: F401
from tests.fixtures_db import DatabaseUrls

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
    with page.expect_download() as wanted:
        page.click("main form button[type=submit]")
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
    office.get_by_role("button", name="この建物を登録する").click()
    office.fill("#name", "メゾンみたけ")
    office.check("input[name=joins_as][value=household]")
    office.locator("form[action='/buildings'] button").click()
    assert "登録しました" in office.locator("main").inner_text()
    city.ask(office, "メゾンみたけ")
    assert "物件台帳" in office.locator("h1").inner_text()
    cookies = office.context.cookies()

    page.context.clear_cookies()
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    for path, heading in (("/partner", "北店"), ("/buildings", "物件台帳"), ("/partner/tickets", "取次")):
        page.goto(city.url(path))
        look(heading)
    city.ask(page, "メゾンみたけ")
    look("物件台帳")


def test_the_staffs_pages_of_the_agreement(
    city: Site,  # noqa: F811
    sample_town: DatabaseUrls,
    visitor: tuple[Page, Look],  # noqa: F811
) -> None:
    page, look = visitor
    page.goto(city.url(first_link(sample_town)))
    send(page, password=PASSWORD, password_again=PASSWORD)
    for path, heading in (
        ("/staff/agreement", "協定の実績"),
        ("/staff/unresolved", "決まらなかった検索"),
        ("/staff/buildings", "物件台帳の食い違い"),
        ("/staff/data-faults", "食い違い"),
    ):
        page.goto(city.url(path))
        look(heading)
