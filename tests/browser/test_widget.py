"""The widget on another site's page: a second server, a strict policy, keyboard only, axe, and the wrong site refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from geodata.database import Audience, Database
from geodata.partner_keys import issue
from tests.browser.conftest import OpenContext
from tests.browser.hosts import Host, host
from tests.browser.pages import ANSWERS, NARROW, Site, collect_errors
from tests.browser.test_accessibility import violations
from tests.fixtures_db import DatabaseUrls

HEADINGS = {
    "one": "町内会・自治会がわかりました",
    "several": "候補がいくつかあります",
    "none_here": "この場所には登録がありません",
    "outside_city": "市の外の場所です",
    "not_understood": "住所を読み取れませんでした",
}
CITY_PHONE = "019-626-7535"


@pytest.fixture
def other_site() -> Iterator[Host]:
    with host() as found:
        yield found


def key_for(city: DatabaseUrls, *origins: str) -> str:
    database = Database(city.app, max_size=2)
    try:
        with database.write(Audience.AUTH) as conn:
            return issue(conn, "03201", "店のサイト", by="test", origins=origins)[1]
    finally:
        database.close()


def embed(host: Host, site: Site, key: str, *, lang: str = "ja") -> None:
    """The page of an agent: a form of its own before and after, hostile styles, and the widget between."""
    host.policy = (
        f"default-src 'none'; script-src {site.address}; connect-src {site.address}; "
        "require-trusted-types-for 'script'; style-src 'none'; form-action 'none'; base-uri 'none'"
    )
    host.html = f"""<!doctype html><html lang="ja"><head><meta charset="utf-8"><title>店</title>
<meta name="viewport" content="width=device-width"></head><body><main><h1>店の案内</h1>
<p><a href="#before">前のリンク</a></p>
<script src="{site.address}/widget/v1.js" data-key="{key}" data-lang="{lang}" async></script>
<p><a href="#after">後のリンク</a></p></main></body></html>"""


def ask_by_keyboard(page: Page, address: str) -> None:
    page.locator("label").wait_for()
    page.get_by_role("link", name="前のリンク").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.shadowRoot.activeElement.id") == "address"
    page.keyboard.insert_text(address)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("outcome", ANSWERS)
def test_five_outcomes_by_keyboard_alone_on_another_site(
    site: Site, sample_city: DatabaseUrls, other_site: Host, page: Page, outcome: str
) -> None:
    errors = collect_errors(page)
    requests: list[tuple[str, str]] = []
    page.on("request", lambda request: requests.append((request.method, request.url)))
    embed(other_site, site, key_for(sample_city, other_site.address))
    page.goto(other_site.address)
    ask_by_keyboard(page, ANSWERS[outcome])
    answer = page.locator(".answer")
    answer.wait_for()

    assert answer.locator(".head").inner_text() == HEADINGS[outcome]
    assert CITY_PHONE in answer.inner_text() or outcome == "outside_city"
    assert page.evaluate("document.activeElement.shadowRoot.activeElement.className") == "answer", (
        "focus is on the answer"
    )
    assert page.locator("[role=status]").inner_text() == ""
    assert violations(page) == []
    assert errors == []
    lookups = [(method, url) for method, url in requests if "/api/" in url]
    assert {url for _, url in lookups} == {f"{site.address}/api/v1/lookup"}, "the address is in no URL"
    assert "POST" in {method for method, _ in lookups}
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    if outcome == "several":
        assert answer.locator("li").count() >= 2
    if outcome == "one":
        assert answer.locator(".name").inner_text() == "みたけ三丁目見本第3町内会"
        assert "見本データ（架空）" in answer.inner_text()


def test_the_wrong_site_is_refused(
    site: Site, sample_city: DatabaseUrls, other_site: Host, page: Page
) -> None:
    embed(other_site, site, key_for(sample_city, "https://www.agent.example"))
    statuses: list[int] = []
    page.on("response", lambda r: statuses.append(r.status) if "/api/" in r.url else None)
    page.goto(other_site.address)
    ask_by_keyboard(page, ANSWERS["one"])
    page.get_by_text("いま調べられません").wait_for()
    assert page.locator(".answer").is_hidden()
    assert 200 not in statuses


def test_mistakes_are_told_at_the_field(
    site: Site, sample_city: DatabaseUrls, other_site: Host, page: Page
) -> None:
    embed(other_site, site, key_for(sample_city, other_site.address))
    page.goto(other_site.address)
    ask_by_keyboard(page, "")
    error = page.locator("#error")
    assert error.inner_text() == "住所を入力してください。"
    assert error.get_attribute("role") == "alert"
    field = page.get_by_label("住所")
    assert field.get_attribute("aria-invalid") == "true"
    assert "error" in (field.get_attribute("aria-describedby") or "")
    assert page.evaluate("document.activeElement.shadowRoot.activeElement.id") == "address"
    assert violations(page) == []
    page.keyboard.insert_text(ANSWERS["one"])
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator(".answer").wait_for()
    assert error.inner_text() == "" and field.get_attribute("aria-invalid") is None


def test_hostile_names_are_text(site: Site, other_site: Host, page: Page) -> None:
    """Whatever the service may answer, it is shown and not run; the policy is off, so that only the script guards."""
    embed(other_site, site, "kp_x")
    other_site.policy = ""
    evil = "<img src=x onerror='window.x=1'>"
    answer = {
        "outcome": "one", "message": evil, "dataset": {"quality": "sample", "quality_label": evil},
        "associations": [{"name": evil, "district": {"no": 1, "name": evil},
                          "contact": {"phone": "javascript:window.x=1", "email": "a@b.jp?bcc=evil@x.jp"}}],
    }  # fmt: skip
    page.route(
        "**/api/v1/lookup",
        lambda route: route.fulfill(json=answer, headers={
            "Access-Control-Allow-Origin": other_site.address, "Access-Control-Allow-Headers": "authorization,content-type"}),
    )  # fmt: skip
    page.goto(other_site.address)
    ask_by_keyboard(page, "x")
    page.locator(".answer").wait_for()
    assert page.locator(".name").inner_text() == evil
    assert page.locator(".answer img").count() == 0
    assert page.evaluate("window.x") is None
    hrefs = page.locator(".answer a").evaluate_all("all => all.map(a => a.href)")
    assert hrefs == ["tel:1", "mailto:a@b.jp%3Fbcc%3Devil%40x.jp"]


def test_a_service_that_is_away_is_told(
    site: Site, sample_city: DatabaseUrls, other_site: Host, page: Page
) -> None:
    embed(other_site, site, key_for(sample_city, other_site.address))
    page.route("**/api/v1/lookup", lambda route: route.abort())
    page.goto(other_site.address)
    ask_by_keyboard(page, "x")
    page.get_by_text("いま調べられません").wait_for()


def test_english_words_and_a_narrow_place(
    site: Site, sample_city: DatabaseUrls, other_site: Host, new_context: OpenContext
) -> None:
    page = new_context(viewport=NARROW).new_page()
    embed(other_site, site, key_for(sample_city, other_site.address), lang="en")
    page.goto(other_site.address)
    ask_by_keyboard(page, ANSWERS["one"])
    page.locator(".answer").wait_for()
    assert page.locator(".head").inner_text() == "Association found"
    assert page.locator(".answer .name").get_attribute("lang") == "ja"
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert violations(page) == []


def test_our_own_page_shows_it_working(site: Site, page: Page) -> None:
    errors = collect_errors(page)
    page.goto(site.url("/partner/widget"))
    page.locator("#widget-place").get_by_label("住所").fill(ANSWERS["one"])
    page.locator("#widget-place").get_by_role("button", name="調べる").click()
    page.locator(".answer .name").wait_for()
    assert violations(page) == []
    assert errors == []
