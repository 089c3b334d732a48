"""The staff page for areas in words, in a real browser: page checks, the form by keyboard, both sizes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from api.auth.links import create_admin_link
from api.settings import Settings
from geodata.cluster import Cluster
from geodata.database import Database
from tests.browser.conftest import OpenContext, served
from tests.browser.pages import LARGE, NARROW, PHONE, Site, collect_errors
from tests.browser.test_accessibility import violations
from tests.fixtures_db import DatabaseUrls, copied

PATH = "/staff/notation"
PASSWORD = "とても長い秘密の言葉です2026"
AREA = "みたけ三丁目1番から12番まで（5番を除く）、北松園二丁目の一部、\nみたけ三丁目5番から、上田"


@pytest.fixture(scope="module")
def staff_site(
    cluster: Cluster, sample_db_template: DatabaseUrls
) -> Iterator[tuple[Site, list[dict[str, Any]]]]:
    """A service of its own and the cookies of somebody who is signed in to it."""
    with copied(cluster, sample_db_template) as urls, served(urls) as address:
        yield Site(address), _sign_in(urls, address)


def _sign_in(urls: DatabaseUrls, address: str) -> list[dict[str, Any]]:
    import httpx

    database = Database(urls.app)
    try:
        settings = Settings(database_url=urls.app, owner_database_url=urls.owner)
        token = create_admin_link(database, settings).partition("token=")[2]
    finally:
        database.close()
    with httpx.Client(base_url=address, trust_env=False) as client:
        form = client.get("/welcome", params={"token": token}).text
        found = re.search(r'name="csrf_token" value="([^"]+)"', form)
        assert found is not None
        data = {"csrf_token": found[1], "token": token, "password": PASSWORD, "password_again": PASSWORD}
        client.post("/welcome", data=data, headers={"origin": address})
        return [
            {"name": cookie.name, "value": cookie.value or "", "url": address}
            for cookie in client.cookies.jar
        ]


@pytest.fixture
def open_page(staff_site: tuple[Site, list[dict[str, Any]]], new_context: OpenContext):
    site, cookies = staff_site

    def opened(**options: Any) -> Page:
        context = new_context(**options)
        context.add_cookies(cookies)
        page = context.new_page()
        page.goto(site.url(PATH))
        return page

    return opened


def read(page: Page, area: str = AREA) -> Page:
    page.fill("#area", area)
    with page.expect_navigation():
        page.click(".notation-form button")
    return page


@pytest.mark.parametrize("size", [LARGE, PHONE], ids=["1280", "375"])
def test_axe_finds_nothing_before_and_after(open_page, size: dict[str, Any]) -> None:
    page = open_page(viewport=size)
    errors = collect_errors(page)
    assert violations(page) == []
    assert violations(read(page)) == []
    assert errors == []


def test_nothing_is_wider_than_a_narrow_screen(open_page) -> None:
    page = read(open_page(viewport=NARROW), AREA + "ながい町名" * 40)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


def test_the_result_takes_the_focus_and_shows_places(open_page) -> None:
    page = read(open_page())
    assert page.evaluate("document.activeElement.id") == "result-heading"
    assert page.locator(".notation-finding").count() >= 2
    assert "みたけ三丁目1番〜12番" in page.locator(".notation-normal").inner_text()
    assert page.input_value("#area") == AREA


def test_it_works_without_javascript(open_page) -> None:
    page = read(open_page(java_script_enabled=False), "みたけ三丁目")
    assert page.locator("h2").first.inner_text() == "すべて読み取れました"


def test_titles_say_what_happened(open_page) -> None:
    page = open_page()
    assert page.title().startswith("区域の文を規則に直す | ")
    assert read(page, "みたけ三丁目").title().startswith("結果 - ")
