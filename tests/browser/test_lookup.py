"""Checks 35–37: asking for an address, in any spelling, without leaving a trace of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenContext
from tests.browser.pages import ANSWERS, Site

PHONE_NUMBER = "019-626-7535"
HEADINGS = {
    "several": "候補が",
    "none_here": "町内会・自治会の登録がありません",
    "outside_city": "盛岡市の外の場所です",
    "not_understood": "住所を読み取れませんでした",
}
SPELLINGS = [
    "みたけ3-12-1",
    "みたけ３－１２－１",
    "みたけ三丁目12番1号",
    "みたけ3丁目12の1",
    "岩手県盛岡市みたけ3-12-1",
    "盛岡市 みたけ　三丁目 12-1",
    " 岩手県 盛岡市 みたけ3丁目12番地1 ",
    "みたけ3ー12ー1",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_check_35_spellings_of_one_address_give_one_answer(site: Site, page: Page, spelling: str) -> None:
    site.ask(page, spelling)
    assert page.locator("h1").inner_text() == "みたけ三丁目見本第3町内会"
    assert "みたけ三丁目12番" in page.locator("main").inner_text()


@pytest.mark.parametrize("outcome", HEADINGS)
def test_check_36_each_outcome_has_its_heading_and_a_next_step(site: Site, page: Page, outcome: str) -> None:
    site.ask(page, ANSWERS[outcome])

    assert HEADINGS[outcome] in page.locator("h1").inner_text()
    assert PHONE_NUMBER in page.locator("main").inner_text()


def test_check_36_a_found_association_comes_with_its_district_and_whom_to_ask(site: Site, page: Page) -> None:
    site.ask(page, ANSWERS["one"])
    text = page.locator("main").inner_text()

    assert "7 みたけ" in text
    assert text.count(PHONE_NUMBER) >= 1
    assert "加入は任意です" in text
    assert "見本データ（架空）" in page.locator("body").inner_text()


def test_check_36_several_are_chosen_by_radio_and_stay_a_choice(site: Site, page: Page) -> None:
    site.ask(page, ANSWERS["several"])
    choices = page.locator("input[type=radio][name=association]")
    assert 2 <= choices.count() <= 6
    assert "まず市の窓口へ" in page.locator("main").inner_text(), "rule and area disagree there"
    name = page.locator("label.radio span").first.evaluate("e => e.firstChild.textContent")

    choices.first.check()
    with page.expect_navigation():
        page.get_by_role("button", name="これを選ぶ").click()
    assert page.locator("h1").inner_text() == name
    assert page.title().startswith("候補から選んだ町内会・自治会")
    assert "件の中から選んだものです" in page.locator("h1 + .notice").inner_text()


def test_check_36_more_than_six_are_chosen_from_a_list(site: Site, page: Page) -> None:
    site.ask(page, "みたけ")
    assert page.locator("input[type=radio][name=association]").count() == 0
    options = page.locator("select[name=association] option")
    assert options.count() > 7  # the first says what to do
    page.select_option("select[name=association]", index=3)
    name = options.nth(3).inner_text().split("（")[0]
    with page.expect_navigation():
        page.get_by_role("button", name="これを選ぶ").click()
    assert page.locator("h1").inner_text() == name


def test_check_36_errors_are_summed_up_and_get_the_focus(site: Site, page: Page) -> None:
    site.ask(page, ANSWERS["not_understood"])
    page.wait_for_function("() => document.activeElement.classList.contains('error-summary')")

    link = page.locator(".error-summary a")
    target = page.locator(link.get_attribute("href") or "#nowhere")
    described = (target.get_attribute("aria-describedby") or "").split()
    assert target.input_value() == ANSWERS["not_understood"]
    assert all(page.locator(f"#{id_}").count() == 1 for id_ in described)


@pytest.mark.parametrize("outcome", ANSWERS)
def test_check_09_and_36_without_javascript(site: Site, new_context: OpenContext, outcome: str) -> None:
    page = new_context(java_script_enabled=False).new_page()
    site.ask(page, ANSWERS[outcome])
    assert page.locator("h1").count() == 1
    assert PHONE_NUMBER in page.locator("body").inner_text()


def test_check_37_the_address_stays_out_of_url_title_and_referer(site: Site, page: Page) -> None:
    address = ANSWERS["one"]
    referers: list[str] = []
    page.on("request", lambda request: referers.append(request.headers.get("referer", "")))
    site.ask(page, address)
    page.wait_for_load_state("networkidle")

    assert page.url == site.url("/lookup")
    assert "みたけ" not in page.title()
    assert page.locator("meta[name=robots]").get_attribute("content") == "noindex"
    with page.expect_response(lambda response: response.request.method == "POST") as caught:
        page.fill("form.lookup-form input[name=address]", address)
        page.click("form.lookup-form button[type=submit]")
    headers = caught.value.headers
    assert "no-store" in headers["cache-control"]
    assert headers["referrer-policy"] in ("no-referrer", "same-origin", "strict-origin")
    assert not any("%E3" in referer or "みたけ" in referer for referer in referers)
