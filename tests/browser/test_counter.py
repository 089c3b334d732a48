"""At the counter: suggestions while typing, names instead of addresses, the device's position, a place on the map."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenContext
from tests.browser.pages import ANSWERS, Site, collect_errors
from tests.browser.test_accessibility import RULES

OUTCOME = re.compile(
    r"^(?:.+(?:町内会|自治会)|候補は 1 件ですが、確かではありません|候補が [0-9]+ 件あります"
    r"|この場所には、町内会・自治会の登録がありません)$"
)
INSIDE = "みたけ三丁目見本第3町内会"


def type_into(site: Site, page: Page, text: str) -> Page:
    page.goto(site.url("/lookup"))
    page.locator("#address").press_sequentially(text)
    page.locator("#address-suggestions li").first.wait_for()
    return page


def test_a_town_is_chosen_by_keyboard_and_wants_its_number(site: Site, page: Page) -> None:
    type_into(site, page, "みた")
    field = page.locator("#address")
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    chosen = page.locator("#address-suggestions [aria-selected=true]")
    expect(chosen).to_have_count(1)
    assert field.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    name = chosen.get_attribute("data-text")
    field.press("Enter")
    assert name is not None and name.startswith("みたけ")
    expect(field).to_have_value(name)
    assert page.url.endswith("/lookup"), "not sent yet"
    expect(field).to_be_focused()


def test_on_a_phone_the_suggestions_leave_the_button_free(site: Site, new_context: OpenContext) -> None:
    page = new_context(viewport={"width": 375, "height": 740}).new_page()
    type_into(site, page, "みた")
    listed = page.locator("#address-suggestions").bounding_box()
    button = page.locator(".lookup-form button[type=submit]").bounding_box()
    assert listed is not None and button is not None
    assert listed["y"] + listed["height"] <= button["y"], "the list takes room above the button"
    page.locator(".lookup-form button[type=submit]").click(trial=True)


def test_escape_closes_the_suggestions_and_keeps_the_text(site: Site, page: Page) -> None:
    type_into(site, page, "みた").locator("#address").press("Escape")
    expect(page.locator("#address-suggestions")).to_be_hidden()
    expect(page.locator("#address")).to_have_value("みた")


def test_an_association_is_an_answer(site: Site, page: Page) -> None:
    errors = collect_errors(page)
    type_into(site, page, "みたけ三丁目見本第3")
    with page.expect_navigation():
        page.locator("#address-suggestions li", has_text="町内会").first.click()
    assert INSIDE in page.locator("h1").inner_text()
    assert page.locator("main a[href^='/associations/']").count() >= 1
    assert errors == []


def test_where_there_is_none_the_map_shows_who_is_near(site: Site, page: Page) -> None:
    site.ask(page, ANSWERS["none_here"])
    page.wait_for_selector(".map path[aria-label]")
    named = page.locator(".map path[aria-label]").evaluate_all(
        "all => all.map(e => e.getAttribute('aria-label'))"
    )
    assert 1 <= len(named) <= 10
    assert all("町内会" in name or "自治会" in name for name in named)


def test_what_is_typed_is_in_no_address_and_axe_finds_nothing_in_the_open_list(
    site: Site, page: Page
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    type_into(site, page, "みたけ3")
    assert any(url.endswith("/lookup/suggest") for url in asked)
    assert not any("%E3%81%BF" in url or "みたけ" in url for url in asked)
    found = Axe().run(page, options=RULES).response["violations"]
    assert [rule["id"] for rule in found] == []


@pytest.mark.parametrize("text", ["みたけ三丁目見本第3町内会", "見本第3町内会"])
def test_without_scripts_a_name_gives_a_list(site: Site, new_context: OpenContext, text: str) -> None:
    page = new_context(java_script_enabled=False).new_page()
    site.ask(page, text)
    assert INSIDE in page.locator("main").inner_text()
    assert page.locator(".named a").count() >= 1


def position(site: Site) -> dict[str, float]:
    """A point well inside the association, from the service itself."""
    import httpx

    found = httpx.post(
        site.url("/api/v1/lookup"), json={"address": "みたけ三丁目12番1号"}, trust_env=False
    ).json()
    return {"longitude": found["address"]["lon"], "latitude": found["address"]["lat"]}


@pytest.mark.parametrize(("accuracy", "heading"), [(5, INSIDE), (400, "候補が")])
def test_the_devices_position_counts_with_its_accuracy(
    site: Site, new_context: OpenContext, accuracy: float, heading: str
) -> None:
    context = new_context(
        viewport={"width": 375, "height": 740},
        permissions=["geolocation"],
        geolocation={**position(site), "accuracy": accuracy},
    )
    page = context.new_page()
    page.goto(site.url("/lookup"))
    with page.expect_navigation():
        page.locator("#here").click()
    assert heading in page.locator("h1").inner_text()


def test_a_refused_position_says_what_to_do(site: Site, new_context: OpenContext) -> None:
    page = new_context().new_page()
    page.goto(site.url("/lookup"))
    page.locator("#here").click()
    expect(page.locator("#here-status")).to_contain_text("住所で調べて")


def test_a_place_is_picked_on_the_map_without_a_base_map(site: Site, page: Page) -> None:
    page.goto(site.url("/lookup"))
    page.locator("details.by-point summary").click()
    page.wait_for_selector(".map path[aria-label], .map path.leaflet-interactive")
    page.locator(".map").click()
    expect(page.locator("#lon")).to_have_value(re.compile(r"^14[01]\."))
    expect(page.locator("#lat")).to_have_value(re.compile(r"^39\."))
    picked = {name: page.locator(f"#{name}").input_value() for name in ("lon", "lat")}
    sent: list[dict[str, list[str]]] = []
    page.on(
        "request", lambda request: request.method == "POST" and sent.append(parse_qs(request.post_data or ""))
    )
    with page.expect_navigation():
        page.locator(".point-form button").click()
    asked = next(form for form in sent if "lon" in form)
    assert (asked["lon"], asked["lat"]) == ([picked["lon"]], [picked["lat"]])
    assert page.locator("h1").count() == 1
    expect(page.locator("h1")).to_have_text(OUTCOME)
