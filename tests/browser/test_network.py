"""Checks 1–4 and 40: what answers and maps with tiles ask of the network, and a finger on a map."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, Route

from tests.browser.conftest import OpenContext
from tests.browser.pages import ANSWERS, MAPS, Site, collect_errors, collect_hosts

TILES = "https://cyberjapandata.gsi.go.jp/**"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
    "a5f645400000000049454e44ae426082"
)


@pytest.mark.parametrize("address", ANSWERS.values(), ids=ANSWERS)
def test_check_01_and_04_answers_too(site: Site, page: Page, address: str) -> None:
    hosts, errors = collect_hosts(page), collect_errors(page)
    site.ask(page, address)
    page.wait_for_load_state("networkidle")

    assert {f"http://{host}" for host in hosts} == {site.address}
    assert errors == []


def test_check_02_and_30_with_tiles_only_the_credited_publisher(gsi_site: Site, page: Page) -> None:
    page.route(TILES, lambda route: route.fulfill(body=PIXEL, content_type="image/png"))
    hosts, errors = collect_hosts(page), collect_errors(page)
    gsi_site.open(page, "/maps/membership")
    page.wait_for_load_state("networkidle")

    assert {f"http://{host}" for host in hosts} == {gsi_site.address, "http://cyberjapandata.gsi.go.jp"}
    assert errors == []
    credit = page.get_by_role("link", name="地理院タイル")
    assert credit.get_attribute("href") == "https://maps.gsi.go.jp/development/ichiran.html"


@pytest.mark.parametrize("path", MAPS)
def test_check_03_the_map_stands_when_tiles_cannot_be_had(gsi_site: Site, page: Page, path: str) -> None:
    def only_ours(route: Route) -> None:
        if route.request.url.startswith(gsi_site.address):
            route.continue_()
        else:
            route.abort()

    page.route("**/*", only_ours)
    gsi_site.open(page, path)

    page.get_by_text("背景地図を表示できません").wait_for()
    assert page.locator(".map path[aria-label]").count() >= 30


def test_check_40_one_finger_scrolls_past_the_map_on_a_phone(site: Site, new_context: OpenContext) -> None:
    context = new_context(viewport={"width": 393, "height": 727}, is_mobile=True, has_touch=True)
    page = site.open(context.new_page(), "/maps/plan-adoption")
    box = page.locator(".map").bounding_box()
    assert box is not None
    assert box["height"] <= 0.7 * 727 + 1

    page.locator(".map").scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    box = page.locator(".map").bounding_box()
    assert box is not None
    swipe_up(context, page, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_function("before => scrollY > before + 100", arg=before)


def swipe_up(context: BrowserContext, page: Page, x: float, y: float) -> None:
    """One finger, 200 px upwards."""
    client = context.new_cdp_session(page)
    client.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 11):
        point = {"x": x, "y": y - 20 * step}
        client.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
