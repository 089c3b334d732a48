"""Checks 1, 4–9, 12, 17, 18, 23, 28 and 40 on every page: each is opened once on a desk, once in a narrow window, once
without JavaScript, and looked at by all the checks that change nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from playwright.sync_api import Browser, Page, Request, Response

from tests.browser.conftest import OpenContext, contexts
from tests.browser.pages import (
    EVERY,
    MAPS,
    NARROW,
    PHONE,
    REPRESENTATIVE,
    Site,
    collect_errors,
    collect_hosts,
)
from tests.browser.test_accessibility import SMALL, violations
from tests.browser.test_layout import CLIPPED, WIDTH


@dataclass(frozen=True)
class Visit:
    """A page that has come to rest, and what happened on the way there. Tests leave it as they found it."""

    page: Page
    response: Response
    hosts: set[str]
    errors: list[str]
    requests: list[Request]


@pytest.fixture(scope="module")
def desk(chromium: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """The page of the parameter at 1280 px."""
    with contexts(chromium) as new_context:
        page = new_context().new_page()
        hosts, errors = collect_hosts(page), collect_errors(page)
        answers: list[Response] = []
        requests: list[Request] = []
        page.on("response", lambda answer: answers.append(answer))
        page.on("requestfinished", lambda finished: requests.append(finished))
        site.open(page, request.param)
        page.wait_for_load_state("networkidle")
        yield Visit(page, answers[0], hosts, errors, requests)


@pytest.fixture(scope="module")
def narrow(chromium: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page of the parameter, opened at 320 × 256 px."""
    with contexts(chromium) as new_context:
        yield site.open(new_context(viewport=NARROW).new_page(), request.param)


every_desk = pytest.mark.parametrize("desk", EVERY, indirect=True)
every_map = pytest.mark.parametrize("desk", MAPS, indirect=True)
every_narrow = pytest.mark.parametrize("narrow", EVERY, indirect=True)


@every_desk
def test_check_01_and_04_only_our_host_and_no_console_error(site: Site, desk: Visit) -> None:
    assert {f"http://{host}" for host in desk.hosts} == {site.address}
    assert desk.errors == []


@every_desk
def test_check_05_scripts_come_from_us_alone(desk: Visit) -> None:
    sent = desk.response.headers["content-security-policy"]
    policy = dict(part.strip().split(" ", 1) for part in sent.split(";"))
    assert policy["script-src"] == "'self'"
    assert "unsafe" not in sent
    # In what was sent, not in what scripts made of it.
    scripts = re.findall(r"<script\b([^>]*)>", desk.response.text())
    assert scripts and all(" src=" in attributes for attributes in scripts)


@every_desk
def test_check_06_axe_finds_nothing(desk: Visit) -> None:
    assert violations(desk.page) == []


@pytest.mark.full
@every_desk
def test_check_06_axe_finds_nothing_in_any_row(desk: Visit) -> None:
    assert violations(desk.page, whole=True) == []


@every_narrow
def test_check_18_no_sideways_scrolling_and_nothing_clipped_at_320_px(narrow: Page) -> None:
    narrow.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert narrow.evaluate(WIDTH) <= 320
    assert narrow.evaluate(CLIPPED) == []


@pytest.mark.parametrize(
    "narrow",
    [
        path if path in (*REPRESENTATIVE, "/") else pytest.param(path, marks=pytest.mark.full)
        for path in EVERY
    ],
    indirect=True,
)
def test_check_06_axe_finds_nothing_at_375_px(narrow: Page) -> None:
    narrow.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert violations(narrow) == []


@every_desk
def test_check_07_and_08_language_title_heading_zoom(desk: Visit) -> None:
    page = desk.page
    assert page.locator("html").get_attribute("lang") == "ja"
    assert re.search(r" \| 盛岡市 ", page.title())
    assert page.locator("h1").count() == 1
    viewport = page.locator("meta[name=viewport]").get_attribute("content") or ""
    assert "user-scalable" not in viewport
    assert "maximum-scale" not in viewport


def test_check_07_no_two_titles_alike(site: Site) -> None:
    titles = []
    for path in EVERY:
        html = httpx.get(site.url(path), headers={"accept": "text/html"}, trust_env=False).text
        titles.append(html.partition("<title>")[2].partition("</title>")[0])
    assert all(titles)
    assert len(set(titles)) == len(EVERY)


@pytest.mark.parametrize("path", EVERY)
def test_check_09_every_page_works_without_javascript(
    site: Site, new_context: OpenContext, path: str
) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(site.url(path))

    assert page.locator("h1").inner_text()
    if path in MAPS:
        assert page.locator("#figures tbody tr").count() == 30
        assert page.get_by_text("地図を表示するには JavaScript が必要です").is_visible()
        assert page.locator(".row-select:visible").count() == 0


@every_desk
def test_check_17_targets_are_large(desk: Visit) -> None:
    found = desk.page.locator("a, button, input:not([type=hidden]), select, summary")
    assert found.count() > 5
    assert found.evaluate_all(SMALL) == []


CLASSES = (
    "策定",
    "改定",
    "準備中",
    "期間終了",
    "以上",
    "未満",
    "データなし",
    "非公表",
    "不明",
    "センター",
    "公民館",
)


@every_map
def test_check_12_and_23_everything_on_the_map_has_a_japanese_name(desk: Visit) -> None:
    page = desk.page
    names = page.locator(".map a, .map button, .map [tabindex], .map path.leaflet-interactive").evaluate_all(
        "all => all.filter(e => e.checkVisibility()).map(e => e.getAttribute('aria-label') || e.textContent.trim())"
    )
    assert len(names) > 30
    assert [name for name in names if not re.search(r"[\u3041-\u30fa\u4e00-\u9fff]", name)] == []
    assert [name for name in names if re.search("zoom|close", name, re.IGNORECASE)] == []
    # Each area's name says its class in words: colour alone carries nothing.
    areas = page.locator("path[data-feature][aria-label]").evaluate_all(
        "all => all.map(e => e.getAttribute('aria-label'))"
    )
    assert all(any(word in area for word in CLASSES) for area in areas)


@every_map
def test_check_28_swatches_keep_their_colour_in_forced_colours(desk: Visit) -> None:
    desk.page.emulate_media(forced_colors="active")
    adjust = desk.page.locator(".map-legend .swatch, .legend .swatch").evaluate_all(
        "all => all.map(e => getComputedStyle(e).forcedColorAdjust)"
    )
    desk.page.emulate_media(forced_colors="null")
    assert len(adjust) >= 3
    assert set(adjust) == {"none"}


@every_map
def test_check_30_without_tiles_no_credit(desk: Visit) -> None:
    assert desk.page.get_by_text("地理院タイル").count() == 0


@every_map
def test_check_40_the_first_page_is_light(desk: Visit) -> None:
    assert 50_000 < sum(request.sizes()["responseBodySize"] for request in desk.requests) < 500_000
