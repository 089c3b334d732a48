"""Framed pages in real Chromium, from two other sites on loopback: one the setting names, one it does not."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from html import unescape

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, Request

from api.embedding import FRAMED, MAPS
from tests.browser.conftest import OpenContext, contexts, served
from tests.browser.hosts import Host, host
from tests.browser.pages import ANSWERS, NARROW, Site, collect_errors
from tests.browser.test_accessibility import violations
from tests.fixtures_db import DatabaseUrls

CITY_PHONE = "019-626-7535"
SECRET = "盛岡市みたけ三丁目98765番4321号"


@pytest.fixture(scope="module")
def city_site() -> Iterator[Host]:
    with host() as found:
        yield found


@pytest.fixture(scope="module")
def foreign_site() -> Iterator[Host]:
    with host() as found:
        yield found


@pytest.fixture(scope="module")
def framed(sample_city: DatabaseUrls, city_site: Host) -> Iterator[Site]:
    """The service, which lets the city's site frame it."""
    with served(sample_city, embed_origins=city_site.address) as address:
        yield Site(address)


def page_with(code: str) -> str:
    return (
        '<!doctype html><html lang="ja"><head><meta charset="utf-8"><title>市のページ</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><style>body{margin:0}</style></head>'
        f'<body><main><h1>市のページ</h1><p><a href="#before">前のリンク</a></p>{code}</main></body></html>'
    )


def snippet_of(framed: Site, page: Page, path: str) -> str:
    """What the page says is to be pasted."""
    page.goto(framed.url(path))
    page.locator(".embed-code summary").click()
    return page.locator("#embed-code").input_value()


def frame(page: Page, city_site: Host, code: str) -> FrameLocator:
    """The city's page with the code, and what is in its frame."""
    city_site.html = page_with(code)
    page.goto(city_site.address)
    return page.frame_locator("iframe")


@pytest.mark.parametrize("name", MAPS)
def test_a_map_shows_on_the_citys_site(framed: Site, city_site: Host, page: Page, name: str) -> None:
    code = snippet_of(framed, page, f"/maps/{name}")
    errors = collect_errors(page)
    inside = frame(page, city_site, code)
    inside.locator("path.leaflet-interactive").first.wait_for()
    assert inside.locator("h1").inner_text()
    assert inside.locator(".banner-sample, .banner-unofficial").count() == 1
    assert inside.locator(".source").count() == 1
    assert inside.locator(".site-header, .site-footer, .chooser").count() == 0
    # a row of the table still leads to the map, by keyboard
    button = inside.locator("#figures .row-select").first
    button.focus()
    page.keyboard.press("Enter")
    inside.locator(".leaflet-popup").wait_for()
    assert errors == []


@pytest.mark.parametrize("path", sorted(FRAMED))
def test_a_foreign_site_gets_nothing(framed: Site, foreign_site: Host, page: Page, path: str) -> None:
    foreign_site.html = page_with(f'<iframe src="{framed.url(path)}" title="盗用"></iframe>')
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(foreign_site.address)
    page.wait_for_function("() => true")
    assert page.frame_locator("iframe").locator("h1").count() == 0
    assert any("frame-ancestors" in text or "Refused to frame" in text for text in refused), refused


@pytest.mark.parametrize(
    "path", ["/staff", "/login", "/lookup", "/maps/membership", "/referrals/new", "/account", "/"]
)
def test_other_pages_are_refused_even_on_the_citys_site(
    framed: Site, city_site: Host, page: Page, path: str
) -> None:
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    city_site.html = page_with(f'<iframe src="{framed.url(path)}" title="試し"></iframe>')
    page.goto(city_site.address)
    page.wait_for_function("() => true")
    assert page.frame_locator("iframe").locator("h1").count() == 0
    assert any("frame" in text for text in refused), refused


@pytest.mark.parametrize("outcome", ANSWERS)
def test_the_lookup_answers_in_the_frame_by_keyboard(
    framed: Site, city_site: Host, page: Page, outcome: str
) -> None:
    errors = collect_errors(page)
    inside = frame(page, city_site, snippet_of(framed, page, "/lookup"))
    inside.locator("#address").wait_for()
    inside.locator("#address").focus()
    page.keyboard.insert_text(ANSWERS[outcome])
    page.keyboard.press("Enter")
    inside.locator(".again").wait_for()
    text = inside.locator("main").inner_text()
    assert CITY_PHONE in text and "出典と利用条件" in text
    focused = inside.locator("h1").evaluate("element => document.activeElement === element")
    assert focused or outcome == "not_understood"
    assert errors == []


def test_what_is_typed_stands_in_no_address_referer_cookie_or_log(
    framed: Site, city_site: Host, page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    code = snippet_of(framed, page, "/lookup")
    seen: list[Request] = []
    page.context.on("request", lambda request: seen.append(request))
    inside = frame(page, city_site, code)
    inside.locator("#address").press_sequentially("みたけ三")
    inside.locator("#address").fill(SECRET)
    page.keyboard.press("Enter")
    inside.locator(".again").wait_for()
    with page.context.expect_page() as opened:
        inside.locator(".embed-footer a").click()
    opened.value.wait_for_load_state()
    assert opened.value.evaluate("window.opener") is None
    for request in seen:
        headers = request.all_headers()
        for value in (request.url, headers.get("referer", ""), headers.get("cookie", "")):
            assert "%E3%81%BF" not in value and "みたけ" not in value and "98765" not in value, request.url
    posted = [
        request for request in seen if request.method == "POST" and request.url.endswith("/embed/lookup")
    ]
    assert len(posted) == 1
    assert page.context.cookies() == []
    assert "98765" not in caplog.text
    assert inside.locator("body").evaluate("document.title + location.href").count("98765") == 0
    for asked in city_site.asked:
        assert "98765" not in str(asked)


def test_a_tab_opened_from_the_frame_is_a_full_page(framed: Site, city_site: Host, page: Page) -> None:
    """`allow-popups-to-escape-sandbox`: the new tab has its forms and downloads."""
    inside = frame(page, city_site, snippet_of(framed, page, "/maps/membership"))
    with page.context.expect_page() as opened:
        inside.locator(".embed-footer a").click()
    full = opened.value
    full.locator(".site-header").wait_for()
    with full.expect_download() as got:
        full.get_by_role("link", name="表（CSV）").click()
    assert got.value.suggested_filename.endswith(".csv")


@pytest.mark.parametrize("width", [320, 375, 800])
@pytest.mark.parametrize("path", sorted(FRAMED))
def test_a_frame_of_any_width_scrolls_down_only(
    framed: Site, new_context: OpenContext, path: str, width: int
) -> None:
    page = new_context(viewport={"width": width, "height": 560}).new_page()
    errors = collect_errors(page)
    page.goto(framed.url(path))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert errors == []


@pytest.mark.parametrize("path", [*sorted(FRAMED), "/embed/maps/unknown"])
def test_axe_finds_nothing(framed: Site, page: Page, path: str) -> None:
    page.goto(framed.url(path))
    assert violations(page) == []


@pytest.mark.parametrize("outcome", ANSWERS)
def test_axe_finds_nothing_in_answers(framed: Site, new_context: OpenContext, outcome: str) -> None:
    page = new_context(viewport=NARROW).new_page()
    page.goto(framed.url("/embed/lookup"))
    page.locator("#address").fill(ANSWERS[outcome])
    page.locator("#address").press("Enter")
    page.locator(".again").wait_for()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


def test_without_scripts_form_and_table_work(framed: Site, chromium: Browser, city_site: Host) -> None:
    with contexts(chromium) as make:
        page = make(java_script_enabled=False).new_page()
        page.goto(framed.url("/embed/lookup"))
        page.locator("#address").fill(ANSWERS["one"])
        page.get_by_role("button", name="調べる").click()
        assert page.locator(".embed-found > li").count() == 1
        page.goto(framed.url("/embed/maps/membership"))
        assert page.locator("#figures tbody tr").count() > 20
        code = unescape(page.context.request.get(framed.url("/lookup")).text())
        city_site.html = page_with(code.partition('spellcheck="false">')[2].partition("</textarea>")[0])
        page.goto(city_site.address)
        assert page.frame_locator("iframe").locator("#address").count() == 1
