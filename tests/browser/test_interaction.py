"""Checks 13–15, 31, 32: choosing, moving, linking and going back on the map."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenContext
from tests.browser.pages import MAPS, Site

SELECTED = "path.is-selected"
SETTLED = """() => {
    const map = window[document.querySelector('.map').dataset.map];
    const [, lat, lon] = new URLSearchParams(location.hash.slice(1)).get('map').split('/').map(Number);
    const at = map.getCenter();
    return !map._panAnim?._inProgress && Math.abs(at.lat - lat) < 1e-5 && Math.abs(at.lng - lon) < 1e-5;
}"""


def hash_has(page: Page, part: str) -> None:
    page.wait_for_function("part => location.hash.includes(part)", arg=part)


@pytest.mark.parametrize("path", MAPS)
def test_check_13_a_row_selects_its_district_by_keyboard(site: Site, page: Page, path: str) -> None:
    site.open(page, path)
    row = page.locator("#figures tbody tr[data-key='7']")
    button = row.locator(".row-select")
    button.focus()
    page.keyboard.press("Enter")

    popup = page.locator(".leaflet-popup")
    popup.wait_for()
    assert "みたけ" in popup.inner_text()
    assert "みたけ" in (page.locator(SELECTED).first.get_attribute("aria-label") or "")
    assert button.get_attribute("aria-pressed") == "true"
    page.wait_for_function("() => document.querySelector('.leaflet-popup').contains(document.activeElement)")


@pytest.mark.parametrize("path", MAPS)
def test_check_14_escape_closes_the_details_and_gives_the_focus_back(
    site: Site, page: Page, path: str
) -> None:
    site.open(page, path)
    button = page.locator("#figures tbody tr[data-key='7'] .row-select")
    button.focus()
    page.keyboard.press("Enter")
    page.locator(".leaflet-popup").wait_for()
    page.keyboard.press("Escape")

    page.locator(".leaflet-popup").wait_for(state="detached")
    assert button.evaluate("e => e === document.activeElement")
    assert page.locator(SELECTED).count() == 0


def select_on_map(page: Page, start: str) -> None:
    """Open details with the mouse: of district 7, or of the first facility."""
    if start == "marker":
        page.locator(".leaflet-facilities-pane path[data-feature]").first.click(force=True)
    else:
        page.locator(".map").scroll_into_view_if_needed()
        box = page.locator(".map-label", has_text="みたけ").bounding_box()
        assert box is not None
        page.mouse.click(box["x"], box["y"])  # the label is centred on its point
    page.locator(".leaflet-popup").wait_for()


@pytest.mark.parametrize("start", ["polygon", "marker"])
def test_check_14_escape_closes_what_the_mouse_has_opened(site: Site, page: Page, start: str) -> None:
    site.open(page, "/maps/facility-coverage")
    select_on_map(page, start)
    page.keyboard.press("Escape")

    page.locator(".leaflet-popup").wait_for(state="detached")
    assert page.locator(SELECTED).count() == 0
    page.wait_for_function("() => document.querySelector('.map').contains(document.activeElement)")


@pytest.mark.parametrize("start", ["close button", "row button", "another place"])
def test_check_14_escape_closes_the_details_wherever_the_focus_is(site: Site, page: Page, start: str) -> None:
    site.open(page, "/maps/membership")
    button = page.locator("#figures tbody tr[data-key='7'] .row-select")
    button.click()
    page.locator(".leaflet-popup").wait_for()
    focus = {
        "close button": page.locator(".leaflet-popup-close-button"),
        "row button": button,
        "another place": page.locator("#figures tbody tr[data-key='9'] .row-select"),
    }[start]
    focus.focus()
    page.keyboard.press("Escape")

    page.locator(".leaflet-popup").wait_for(state="detached")
    assert page.locator(SELECTED).count() == 0
    assert button.get_attribute("aria-pressed") == "false"
    back = button if start == "close button" else focus
    page.wait_for_function("e => e === document.activeElement", arg=back.element_handle())


def view_of(page: Page) -> list[float]:
    """Zoom, latitude and longitude as the link states them."""
    page.wait_for_function("() => location.hash.includes('map=')")
    place = page.evaluate("new URLSearchParams(location.hash.slice(1)).get('map')")
    return [float(part) for part in place.split("/")]


def test_check_15_keys_and_buttons_move_the_map_without_dragging(site: Site, page: Page) -> None:
    site.open(page, "/maps/membership")
    page.get_by_role("button", name="拡大").click()
    zoomed = view_of(page)
    page.get_by_role("button", name="右へ移動").click()
    page.wait_for_function("lon => Number(location.hash.split('/')[2].split('&')[0]) > lon", arg=zoomed[2])

    page.locator(".leaflet-container").focus()
    before = view_of(page)
    page.keyboard.press("ArrowUp")
    page.wait_for_function("lat => Number(location.hash.split('/')[1]) > lat", arg=before[1])
    page.keyboard.press("+")
    page.wait_for_function("zoom => Number(location.hash.split('/')[0].split('=')[1]) > zoom", arg=before[0])
    page.keyboard.press("-")
    page.wait_for_function(
        "zoom => Number(location.hash.split('/')[0].split('=')[1]) === zoom", arg=before[0]
    )


@pytest.mark.parametrize("path", MAPS)
def test_check_31_a_link_shows_the_same_view_elsewhere(
    site: Site, new_context: OpenContext, path: str
) -> None:
    page = site.open(new_context().new_page(), path)
    page.get_by_role("button", name="拡大").click()
    view_of(page)
    page.locator("#figures tbody tr[data-key='12'] .row-select").click()
    hash_has(page, "district=12")
    page.locator(".leaflet-popup").wait_for()
    page.wait_for_function(SETTLED)  # the map has moved its popup into view, and the link has followed
    link = page.evaluate("location.href")
    first = view_of(page)

    other = new_context().new_page()
    other.goto(link)
    other.locator(".leaflet-popup").wait_for()
    assert "城南" in other.locator(".leaflet-popup").inner_text()
    second = view_of(other)
    assert second[0] == first[0]
    assert second[1:] == pytest.approx(first[1:], abs=1e-4)


def test_check_31_layers_and_the_year_are_part_of_the_link(site: Site, page: Page) -> None:
    site.open(page, "/maps/facility-coverage")
    page.locator("[data-toggle=reach]").uncheck()
    hash_has(page, "layers=")
    page.reload()
    page.wait_for_selector(".map path[aria-label]")
    assert not page.locator("[data-toggle=reach]").is_checked()

    site.open(page, "/maps/membership")
    page.select_option("#chooser", "2019")
    with page.expect_navigation():
        page.get_by_role("button", name="表示する").click()
    assert "fiscal_year=2019" in page.url
    assert "令和元年度" in page.locator("main").inner_text()


def test_check_32_back_restores_the_former_selection(site: Site, page: Page) -> None:
    site.open(page, "/maps/plan-adoption")
    for no in ("5", "7"):
        page.locator(f"#figures tbody tr[data-key='{no}'] .row-select").click()
        hash_has(page, f"district={no}")
    page.go_back()
    hash_has(page, "district=5")
    page.wait_for_function("() => document.querySelector('path.is-selected')?.ariaLabel.includes('松園')")


@pytest.mark.parametrize(
    "broken", ["#map=99/x/y", "#district=999", "#map=&district=%3Cimg%3E", "#map=12/0/0", "#layers=nosuch"]
)
def test_check_32_a_broken_link_falls_back_politely(site: Site, page: Page, broken: str) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    site.open(page, "/maps/plan-adoption" + broken)

    page.get_by_text("リンクの一部を読み取れなかった").wait_for()
    assert page.locator("path[data-feature]").count() == 30
    assert errors == []


def test_check_31_layers_over_a_rate_are_chosen_by_keyboard_and_kept_in_the_link(
    site: Site, page: Page
) -> None:
    """Facilities and circles over a rate: off at first, their lines of the legend come with them, Back takes them off."""
    site.open(page, "/maps/membership?compare_year=2019")
    lines = page.locator(".legend li[data-overlay]")
    assert not any(lines.nth(i).is_visible() for i in range(lines.count()))
    box = page.locator("[data-toggle=facilities]")
    box.focus()
    page.keyboard.press("Space")
    hash_has(page, "layers=facilities")
    page.locator("[data-toggle=projects]").focus()
    page.keyboard.press("Space")
    hash_has(page, "layers=projects%2Cfacilities" if "%2C" in page.url else "layers=projects,facilities")
    assert all(lines.nth(i).is_visible() for i in range(lines.count()))
    assert page.locator(".leaflet-facilities-pane path[data-feature]").count() > 10
    assert page.locator(".leaflet-projects-pane path").count() == 12

    page.reload()
    page.wait_for_selector(".leaflet-projects-pane path")
    assert page.locator("[data-toggle=facilities]").is_checked()
    assert "compare_year=2019" in page.url
    page.go_back()
    page.wait_for_function("() => !document.querySelector('[data-toggle=projects]').checked")
    assert page.locator("[data-toggle=facilities]").is_checked()


def test_check_31_facilities_lie_over_support_too_in_a_second_browser(
    site: Site, page: Page, new_context: OpenContext
) -> None:
    site.open(page, "/maps/support?theme=centres")
    page.locator("[data-toggle=facilities]").check()
    hash_has(page, "layers=reach")
    other = new_context().new_page()
    other.goto(page.url)
    other.wait_for_selector(".leaflet-facilities-pane path[data-feature]")
    assert other.locator(".leaflet-places-pane path[data-feature]").count() == 6
    assert other.locator("li[data-overlay=facilities]").is_visible()
    page.go_back()
    page.wait_for_function("() => !document.querySelector('[data-toggle=facilities]').checked")
    assert not page.locator("li[data-overlay=facilities]").is_visible()


def test_the_details_of_a_district_lead_to_its_plan(site: Site, page: Page) -> None:
    """The document of a plan is linked in the table; the details of the district have the same link, and the note."""
    site.open(page, "/maps/plan-adoption")
    page.locator("tr[data-key='5'] td").nth(3).evaluate(
        "cell => cell.innerHTML = '<a href=\"https://example.org/plan.pdf\">松園の計画</a>'"
    )
    page.locator("#figures tbody tr[data-key='5'] .row-select").click()
    link = page.locator(".leaflet-popup a", has_text="松園の計画を開く")
    link.wait_for()
    assert link.get_attribute("href") == "https://example.org/plan.pdf"
    assert "備考" in page.locator(".leaflet-popup").inner_text()


def test_a_click_on_a_circle_reaches_its_district(site: Site, page: Page) -> None:
    site.open(page, "/maps/projects")
    circle = page.locator(".leaflet-projects-pane path").first
    circle.scroll_into_view_if_needed()
    box = circle.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.locator(".leaflet-popup").wait_for()
    hash_has(page, "district=")


def test_the_details_of_a_district_lead_to_its_page(site: Site, page: Page) -> None:
    site.open(page, "/maps/plan-adoption")
    page.locator("#figures tbody tr[data-key='5'] .row-select").focus()
    page.keyboard.press("Enter")
    link = page.locator(".leaflet-popup a", has_text="松園のページを開く")
    link.wait_for()
    with page.expect_navigation():
        link.press("Enter")
    assert page.url.endswith("/districts/5")
    page.go_back()
    hash_has(page, "district=5")


def test_a_past_day_is_part_of_the_link(site: Site, page: Page) -> None:
    site.open(page, "/maps/plan-adoption")
    page.fill("#chooser", "令和6年5月1日")
    with page.expect_navigation():
        page.get_by_role("button", name="表示する").click()
    assert "on=" in page.url
    assert "令和6年5月1日" in page.locator("main").inner_text()
