"""Checks 6–12, 16, 17, 21, 23, 27, 28: what assistive technology and keyboards meet."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import OpenContext
from tests.browser.pages import ANSWERS, EVERY, LARGE, MAPS, PHONE, Site

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def violations(page: Page) -> list[str]:
    """What axe finds, one line a rule with its first element."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in found]


@pytest.mark.parametrize("size", [LARGE, PHONE], ids=["1280", "375"])
@pytest.mark.parametrize("path", EVERY)
def test_check_06_axe_finds_nothing(
    site: Site, new_context: OpenContext, path: str, size: dict[str, Any]
) -> None:
    page = site.open(new_context(viewport=size).new_page(), path)
    assert violations(page) == []


@pytest.mark.parametrize("outcome", ANSWERS)
def test_check_06_axe_finds_nothing_in_answers(site: Site, page: Page, outcome: str) -> None:
    assert violations(site.ask(page, ANSWERS[outcome])) == []


@pytest.mark.parametrize("path", MAPS)
def test_check_06_axe_finds_nothing_beside_an_open_popup(site: Site, page: Page, path: str) -> None:
    site.open(page, path).locator("#figures .row-select").nth(4).click()
    page.locator(".leaflet-popup").wait_for()
    assert violations(page) == []


@pytest.mark.parametrize("path", EVERY)
def test_check_07_and_08_language_title_heading_zoom(site: Site, page: Page, path: str) -> None:
    site.open(page, path, ready=False)

    assert page.locator("html").get_attribute("lang") == "ja"
    assert re.search(r" \| 盛岡市 ", page.title())
    assert page.locator("h1").count() == 1
    viewport = page.locator("meta[name=viewport]").get_attribute("content") or ""
    assert "user-scalable" not in viewport
    assert "maximum-scale" not in viewport


def test_check_07_no_two_titles_alike(site: Site, page: Page) -> None:
    titles = [site.open(page, path, ready=False).title() for path in EVERY]
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


@pytest.mark.parametrize("path", MAPS)
def test_check_10_the_first_tab_leads_past_the_map(site: Site, page: Page, path: str) -> None:
    site.open(page, path)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.id === 'figures-heading'")


FOCUSED_IN_MAP_OR_BEFORE = """() => {
    const at = document.activeElement, map = document.querySelector('.map-layout');
    return !(at.compareDocumentPosition(map) & Node.DOCUMENT_POSITION_PRECEDING) || map.contains(at);
}"""


@pytest.mark.parametrize("path", MAPS)
def test_check_11_few_tab_stops_up_to_the_end_of_the_map(site: Site, page: Page, path: str) -> None:
    site.open(page, path)
    page.keyboard.press("Tab")
    stops = 0
    while page.evaluate(FOCUSED_IN_MAP_OR_BEFORE):
        page.keyboard.press("Tab")
        stops += 1
        assert stops <= 16
    assert 5 < stops <= 15 + 1  # the last press leaves the map


@pytest.mark.parametrize("path", MAPS)
def test_check_12_and_23_everything_on_the_map_has_a_japanese_name(site: Site, page: Page, path: str) -> None:
    site.open(page, path)
    names = page.locator(".map a, .map button, .map [tabindex], .map path.leaflet-interactive").evaluate_all(
        "all => all.filter(e => e.checkVisibility()).map(e => e.getAttribute('aria-label') || e.textContent.trim())"
    )
    assert len(names) > 30
    assert [name for name in names if not name or re.search("Zoom|Close|close", name)] == []
    # Each area's name says its class in words: colour alone carries nothing.
    areas = page.locator("path[data-feature][aria-label]").evaluate_all(
        "all => all.map(e => e.getAttribute('aria-label'))"
    )
    classes = ("策定", "未策定", "以上", "未満", "データなし", "非公表", "不明", "センター", "公民館")
    assert all(any(word in area for word in classes) for area in areas)


@pytest.mark.parametrize("path", EVERY)
def test_check_16_and_17_focus_shows_and_targets_are_large(site: Site, page: Page, path: str) -> None:
    site.open(page, path)
    small = page.locator("a, button, input, select, summary").evaluate_all(
        """all => all.filter(e => e.checkVisibility() && !e.closest('p, li, td, th, dd, address'))
            .map(e => [(e.closest('label') || e).getBoundingClientRect(), e.outerHTML.slice(0, 120)])
            .filter(([box]) => box.width > 1 && (box.width < 24 || box.height < 24)).map(([, html]) => html)"""
    )
    assert small == []
    for _ in range(6):
        page.keyboard.press("Tab")
        outline = page.evaluate(
            "(() => { const s = getComputedStyle(document.activeElement);"
            " return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2; })()"
        )
        assert outline


@pytest.mark.parametrize("path", MAPS)
def test_check_27_tables_have_captions_scopes_and_sort_by_button(site: Site, page: Page, path: str) -> None:
    site.open(page, path)
    table = page.locator("#figures")

    assert table.locator("caption").inner_text()
    assert table.locator("thead th:not([scope=col]), tbody th:not([scope=row])").count() == 0
    heading = table.locator("thead th").last
    # Figures are of interest from the top: the first press sorts them downwards.
    for direction in ("descending", "ascending"):
        heading.locator("button").click()
        assert heading.get_attribute("aria-sort") == direction
        shown = table.locator("tbody tr td:last-child").evaluate_all(
            "all => all.map(e => Number(e.dataset.value))"
        )
        assert shown == sorted(shown, reverse=direction == "descending")
    assert table.locator("thead th[aria-sort]").count() == 1


@pytest.mark.parametrize("path", MAPS)
def test_check_28_swatches_keep_their_colour_in_forced_colours(
    site: Site, new_context: OpenContext, path: str
) -> None:
    page = site.open(new_context(forced_colors="active").new_page(), path)
    adjust = page.locator(".map-legend .swatch, .legend .swatch").evaluate_all(
        "all => all.map(e => getComputedStyle(e).forcedColorAdjust)"
    )
    assert len(adjust) >= 3
    assert set(adjust) == {"none"}
