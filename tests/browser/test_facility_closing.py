"""The closing table in a browser: the slider fills it, and the form does without a script."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenContext
from tests.browser.pages import Site, collect_errors


def column(page: Page, key: str) -> list[str]:
    return page.locator(f'#closing td[data-column="{key}"]').all_inner_texts()


def test_the_slider_fills_the_table_with_what_the_form_would_show(
    site: Site, page: Page, new_context: OpenContext
) -> None:
    errors = collect_errors(page)
    page.goto(site.url("/facilities/closing?year=2020&distance=1200"))
    slider = page.get_by_label("年を動かす")
    expect(slider).to_have_attribute("aria-valuetext", "2020年")
    for _ in range(5):
        slider.press("ArrowRight")
    expect(page.locator("[data-closing-status]")).to_have_text("2025年（補間）の表にしました。")
    expect(page.get_by_label("年", exact=True)).to_have_value("2025")
    assert "year=2025" in page.url and "distance=1200" in page.url
    assert column(page, "open").count("開いていない") == 1
    assert "year=2025" in (page.locator(".download-list a").first.get_attribute("href") or "")
    expect(page.locator(".reach-assumed li").first).to_contain_text("2025年")

    plain = new_context(java_script_enabled=False).new_page()
    plain.goto(site.url("/facilities/closing?year=2020&distance=1200"))
    plain.get_by_label("年", exact=True).select_option("2025")
    plain.get_by_role("button", name="表示する").click()
    for key in (
        "open",
        "people",
        "longer_m",
        "added_km",
        "pushed_out",
        "stranded",
        "without_room",
        "to",
        "shelters",
    ):
        assert column(page, key) == column(plain, key), key
    assert page.locator("#closing caption").inner_text() == plain.locator("#closing caption").inner_text()
    assert not errors


def test_what_the_slider_says_goes_along_to_where_it_is_understood(site: Site, page: Page) -> None:
    page.goto(site.url("/facilities/closing?year=2030"))
    page.get_by_label("年を動かす").press("ArrowRight")
    expect(page.locator("[data-closing-status]")).to_contain_text("2031年")
    sheets = page.locator(".close-sheets")
    sheets.locator("summary").click()
    assert "year=2031" in (sheets.locator("a").first.get_attribute("href") or "")
    for link in page.locator(".reach-tabs a").all():
        address = link.get_attribute("href") or ""
        answer = page.request.get(site.url(address) if address.startswith("/") else address)
        assert answer.ok, address
    page.get_by_label("年", exact=True).select_option("2020")  # no sheet of a year that is over
    expect(page.locator("[data-closing-status]")).to_contain_text("2020年")
    assert "year" not in (sheets.locator("a").first.get_attribute("href") or "")
