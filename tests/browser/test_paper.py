"""The page of an association and the printed answer: without scripts, narrow, on paper, and by keyboard and ear."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenContext
from tests.browser.pages import ANSWERS, LARGE, NARROW, PHONE, Site, collect_errors, collect_hosts
from tests.browser.test_accessibility import violations

ASSOCIATION = "/associations/sample-0200"


def printed(page: Page, folder: Path) -> tuple[int, str]:
    """Pages and text (without spaces) of what the browser prints on A4."""
    page.pdf(path=folder / "print.pdf", format="A4")
    shown = subprocess.run(
        ["pdftotext", "-layout", folder / "print.pdf", "-"], capture_output=True, check=True
    )
    text = shown.stdout.decode()
    return text.count("\f"), "".join(text.split())


def test_the_page_asks_nobody_else_and_makes_no_errors(site: Site, page: Page) -> None:
    errors, hosts = collect_errors(page), collect_hosts(page)
    site.open(page, ASSOCIATION)
    assert errors == []
    assert {host.split(":")[0] for host in hosts} == {"127.0.0.1"}


@pytest.mark.parametrize("size", [LARGE, PHONE, NARROW], ids=["large", "phone", "narrow"])
def test_nothing_sticks_out(site: Site, new_context: OpenContext, size: dict[str, int]) -> None:
    page = new_context(viewport=size).new_page()
    site.open(page, ASSOCIATION)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_axe_finds_nothing(site: Site, page: Page) -> None:
    site.open(page, ASSOCIATION)
    assert violations(page) == []


def test_without_scripts_map_words_and_leaflet_are_there(site: Site, new_context: OpenContext) -> None:
    page = new_context(java_script_enabled=False).new_page()
    site.open(page, ASSOCIATION, ready=False)
    assert page.locator("svg.paper-map path.area").is_visible()
    assert page.get_by_text("加入は任意です").first.is_visible()
    assert page.get_by_role("button", name="渡す（PDF を開く）").is_visible()


def test_the_answer_leads_to_the_page(site: Site, page: Page) -> None:
    site.ask(page, ANSWERS["one"])
    page.get_by_role("link", name="のページ（区域・加入案内チラシ）").click()
    page.wait_for_url("**/associations/sample-*")
    assert page.locator("h1").inner_text().startswith("みたけ三丁目見本第3町内会")


def test_the_printed_answer_is_one_page_for_the_customer(site: Site, page: Page, tmp_path: Path) -> None:
    site.ask(page, ANSWERS["one"])
    pages, text = printed(page, tmp_path)

    assert pages == 1
    for words in ("みたけ三丁目見本第3町内会", "7みたけ", "防災と助け合い", "会費", "019-626-7535", "見本データ（架空）",
                  "時点", "出典", "確かでないこと", "加入は任意です", "太い線の中が"):  # fmt: skip
        assert words in text, words
    for words in ("住所から調べる", "お客様に渡す", "別の住所を調べる", "データの取得"):
        assert words not in text, words


def test_after_printing_the_map_is_still_there(site: Site, page: Page, tmp_path: Path) -> None:
    site.ask(page, ANSWERS["one"])
    page.wait_for_selector(".map path[aria-label]")
    before = page.locator(".map").bounding_box()
    printed(page, tmp_path)
    assert page.locator(".map").bounding_box() == before
    assert page.locator(".map path[aria-label]").first.is_visible()


def test_the_one_sheet_is_asked_for_without_the_address_in_any_address(site: Site, page: Page) -> None:
    site.ask(page, ANSWERS["one"])
    with (
        page.context.expect_page() as opened,
        page.context.expect_event(
            "response", lambda answer: answer.url.endswith("/lookup/sheet.pdf")
        ) as came,
    ):
        page.get_by_role("button", name="この結果の 1 枚（PDF）").click()
    answer = came.value
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["cache-control"] == "private, no-store"
    assert "?" not in opened.value.url
    assert answer.request.method == "POST"
