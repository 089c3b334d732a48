"""Checks 6, 10, 11, 16, 23 and 27: what assistive technology and keyboards meet (test_every_page.py has the others)."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import OpenContext
from tests.browser.pages import ANSWERS, MAPS, REPRESENTATIVE, Site

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # what passes need not be told element by element
}


MORE_OF_THE_SAME = {
    "exclude": [["tbody tr:nth-child(n + 9):not(:last-child)"], ["option:nth-child(n + 9)"]],
}
"""Rows and choices made by one loop: the eight first and the last stand for them. Long tables were half of axe's time."""


def violations(page: Page, *, whole: bool = False) -> list[str]:
    """What axe finds, one line a rule with its first element; `whole` looks at every row of long tables too."""
    context = None if whole else MORE_OF_THE_SAME
    found = Axe().run(page, context=context, options=RULES).response["violations"]
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in found]


@pytest.mark.parametrize("outcome", ANSWERS)
def test_check_06_axe_finds_nothing_in_answers(site: Site, page: Page, outcome: str) -> None:
    assert violations(site.ask(page, ANSWERS[outcome])) == []


@pytest.mark.parametrize("path", MAPS)
def test_check_06_axe_finds_nothing_beside_an_open_popup(site: Site, page: Page, path: str) -> None:
    site.open(page, path).locator("#figures .row-select").nth(4).click()
    page.locator(".leaflet-popup").wait_for()
    assert violations(page) == []


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


SMALL = """all => all.filter(e => e.checkVisibility({ visibilityProperty: true })).filter(e => {
    // Only a link inside a sentence may be as low as its line.
    if (e.tagName !== 'A' || getComputedStyle(e).display !== 'inline') return true;
    const block = e.parentElement.closest('p, li, td, th, dd, div').cloneNode(true);
    block.querySelectorAll('a, button').forEach(inner => inner.remove());
    return !/[。、]/.test(block.textContent);
}).map(e => [(e.closest('label') || e).getBoundingClientRect(), e.outerHTML.slice(0, 120)])
    .filter(([box]) => box.width > 1 && (box.width < 24 || box.height < 24)).map(([, html]) => html)"""


FOCUS = """() => {
    const at = document.activeElement;
    if (at === document.body || at.dataset.seen) return null;
    at.dataset.seen = 'yes';
    const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
    const light = colour => numbers(colour).slice(0, 3).map(c => c / 255)
        .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const contrast = (a, b) => {
        const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
        return (high + 0.05) / (low + 0.05);
    };
    let ground = at.parentElement;
    while (ground && (numbers(getComputedStyle(ground).backgroundColor)[3] ?? 1) < 1) ground = ground.parentElement;
    const behind = ground ? getComputedStyle(ground).backgroundColor : 'rgb(255, 255, 255)';
    const style = getComputedStyle(at), box = at.getBoundingClientRect();
    const drawn = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    const bar = style.boxShadow.match(/^rgba?\\([^)]*\\)/);
    const mark = drawn ? style.outlineColor : bar && bar[0];
    const seen = [0.1, 0.5, 0.9].some(x => [0.1, 0.5, 0.9].some(y => {
        const top = document.elementFromPoint(box.left + x * box.width, box.top + y * box.height);
        return top && (at.contains(top) || top.closest('label')?.control === at);
    }));
    return {
        what: at.outerHTML.slice(0, 120),
        contrast: mark ? Math.round(contrast(mark, behind) * 10) / 10 : 0,
        seen,
    };
}"""


@pytest.mark.parametrize("path", REPRESENTATIVE)
def test_check_16_the_focus_is_seen_at_every_stop(site: Site, new_context: OpenContext, path: str) -> None:
    """The mark stands out by 3:1 from what is behind it, and nothing covers what has the focus."""
    page = site.open(new_context(reduced_motion="reduce").new_page(), path)  # no scrolling to wait for
    stops = []
    while len(stops) < 200:
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop is None:
            break
        stops.append(stop)
    assert (70 if path in MAPS else 15) < len(stops) < 200
    assert [stop for stop in stops if stop["contrast"] < 3 or not stop["seen"]] == []


@pytest.mark.parametrize(("path", "columns"), list(zip(MAPS, (0, 1, 2, 1), strict=True)))
def test_check_23_the_class_is_told_in_words_everywhere(
    site: Site, page: Page, path: str, columns: int
) -> None:
    """In the table, in the details and in the name of the area on the map, as the legend words it."""
    site.open(page, path)
    labels = page.locator(".legend-list li:has([data-count]) .legend-label").all_inner_texts()
    for no in ("1", "7", "30"):
        row = page.locator(f"#figures tbody tr[data-key='{no}']")
        label = row.locator("td").nth(columns).inner_text().strip()
        assert label in labels
        row.locator(".row-select").click()
        page.locator(".leaflet-popup", has_text=row.locator(".row-name a").inner_text()).wait_for()
        assert label in page.locator(".leaflet-popup td").all_inner_texts()
        name = page.locator(f".leaflet-districts-pane path[data-feature='{no}']").get_attribute("aria-label")
        assert re.search(f"（{label}）|は{label}（", name or "")


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
