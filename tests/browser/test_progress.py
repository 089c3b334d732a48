"""The plan's progress in a real browser: filters without JavaScript, print, and the staff's form from entry to history."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page

from api.auth.sign_in import SignIn
from api.settings import Settings
from geodata import accounts
from geodata.cluster import Cluster
from geodata.database import Audience, Database
from kyodo_geo.roles import Role
from tests.browser.conftest import OpenContext, served
from tests.browser.pages import LARGE, NARROW, PHONE, PROGRESS, Site, collect_errors
from tests.browser.test_accessibility import SMALL, violations
from tests.browser.test_layout import CLIPPED, WIDTH
from tests.browser.test_paper import printed
from tests.fixtures_db import DatabaseUrls, copied

CODE = "03201"
SHOTS = os.environ.get("KYODO_TEST_SHOTS")
FORM = "/staff/progress/indicators/participation"
STAFF_PAGES = {
    "desk": "/staff/progress",
    "value": f"{FORM}?fiscal_year=2024",
    "record": "/staff/progress/initiatives/9?fiscal_year=2025",
}


@dataclass(frozen=True)
class Desk:
    """A service whose records this module may change, and the session of a planner."""

    site: Site
    session: str

    def open(self, new_context: OpenContext, path: str, **options: object) -> Page:
        context = new_context(**options)
        context.add_cookies([{"name": "kyodo_session", "value": self.session, "url": self.site.address}])
        page = context.new_page()
        page.goto(self.site.url(path))
        return page


@pytest.fixture(scope="module")
def desk(cluster: Cluster, sample_db_template: DatabaseUrls) -> Iterator[Desk]:
    with copied(cluster, sample_db_template) as urls:
        database = Database(urls.app, max_size=2)
        with database.write(Audience.AUTH) as conn:
            user = accounts.add_user(conn, CODE, "planner", "計画", {Role.PLANNER}, by="test")
            session = SignIn(database, Settings(database_url=urls.app))._open(conn, user.user_id, None)
        database.close()
        with served(urls) as address:
            yield Desk(Site(address), session)


def shoot(page: Page, name: str) -> None:
    """Pictures for people who look (KYODO_TEST_SHOTS names the folder)."""
    if SHOTS:
        for label, size in (("1280", LARGE), ("375", PHONE)):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.screenshot(path=f"{SHOTS}/progress-{name}-{label}.png", full_page=True)
        page.set_viewport_size(LARGE)  # type: ignore[arg-type]


def send(page: Page, button: str = "保存する") -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=button).click()


def test_the_list_is_narrowed_down_without_javascript(site: Site, new_context: OpenContext) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(site.url("/progress"))
    page.select_option("#challenge", "資金")
    page.check("input[name=priority]")
    send(page, "絞り込む")
    rows = page.locator("#initiatives-table tbody tr")
    assert rows.evaluate_all("all => all.map(e => e.dataset.key)") == ["9"]
    assert page.locator("#challenge").input_value() == "資金"
    page.get_by_role("link", name="すべての取組を見る").click()
    assert page.locator("#initiatives-table tbody tr").count() == 27
    page.select_option("#fiscal_year", "2021")
    send(page, "表示する")
    assert "令和3年度(2021年度)" in page.locator("#outcome-table caption").inner_text()


def test_an_anchor_leads_to_its_row(site: Site, page: Page) -> None:
    page.goto(site.url("/progress#initiative-19"))
    row = page.locator("#initiative-19")
    assert "公共施設のアセットマネジメント" in row.inner_text()
    page.wait_for_function(
        "() => { const box = document.querySelector('#initiative-19').getBoundingClientRect();"
        " return box.top >= 0 && box.bottom <= innerHeight; }"
    )
    row.get_by_role("link", name=re.compile("^19")).click()
    assert "公共施設" in page.locator("h1").inner_text()
    page.get_by_role("navigation", name="現在の位置").get_by_role(
        "link", name="計画の進捗", exact=True
    ).click()
    assert page.url.endswith("/progress#initiative-19")


def test_the_tables_fit_a_desk_and_can_be_sorted(site: Site, page: Page) -> None:
    page.goto(site.url("/progress"))
    for table in ("outcome-table", "reference-table", "initiatives-table"):
        box = page.locator(f".table-scroll:has(#{table})")
        assert box.evaluate("e => e.scrollWidth - e.clientWidth") <= 0, table
    page.get_by_role("button", name="課題").click()
    first = page.locator("#initiatives-table tbody tr").first
    assert page.locator("#initiatives-table th[aria-sort]").count() == 1
    assert first.get_attribute("data-key") != "1"


# Nobody has published a meeting of the two bodies in the sample: a page that states no fact has no source to name.
# With meetings it does (tests/api/test_plan_reviews.py).
@pytest.mark.parametrize("path", [path for path in PROGRESS if path != "/progress/meetings"])
def test_check_33_pages_print_with_their_tables_and_sources(
    site: Site, page: Page, path: str, tmp_path: Path
) -> None:
    page.goto(site.url(path))
    _, text = printed(page, tmp_path)
    assert "出典" in text and "見本データ" in text
    assert "絞り込む" not in text and "ダウンロード" not in text
    assert page.locator("h1").inner_text()[:8] in re.sub(r"\s", "", text)


def test_the_report_opens_from_the_page(site: Site, page: Page, tmp_path: Path) -> None:
    page.goto(site.url("/progress"))
    href = page.get_by_role("link", name="進捗状況の報告（PDF）").get_attribute("href")
    body = page.request.get(site.url(href or "")).body()
    (tmp_path / "report.pdf").write_bytes(body)
    done = subprocess.run(["pdftotext", tmp_path / "report.pdf", "-"], capture_output=True, check=True)
    assert "市民協働推進アドバイザー会議" in done.stdout.decode()


@pytest.mark.parametrize("name", STAFF_PAGES)
def test_the_page_checks_on_the_staffs_pages(desk: Desk, new_context: OpenContext, name: str) -> None:
    page = desk.open(new_context, "/login")
    errors = collect_errors(page)
    page.goto(desk.site.url(STAFF_PAGES[name]))
    assert violations(page) == []
    targets = page.locator("a, button, input:not([type=hidden]), select, summary")
    assert targets.evaluate_all(SMALL) == []
    shoot(page, name)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert page.evaluate(WIDTH) <= 320
    assert page.evaluate(CLIPPED) == []
    assert errors == []


def test_a_value_from_entry_to_history(desk: Desk, new_context: OpenContext) -> None:
    page = desk.open(new_context, f"{FORM}?fiscal_year=2025")
    page.fill("#value", "540")
    page.fill("#source", "令和7年度の調査")
    send(page)
    page.wait_for_function("() => document.activeElement.classList.contains('error-summary')")
    assert page.locator("#value").get_attribute("aria-invalid") == "true"
    assert violations(page) == []
    shoot(page, "refused")
    page.fill("#value", "84.0")
    send(page)
    assert "大きく変わっています" in page.locator("main").inner_text()
    assert violations(page) == []
    shoot(page, "asked")
    page.fill("#value", "54.0")
    page.fill("#sample_size", "1,200")
    send(page)
    assert "保存しました" in page.get_by_role("status").inner_text()
    assert "入力" in page.locator("#history tbody tr").first.inner_text()
    assert violations(page) == []
    shoot(page, "saved")
    page.goto(desk.site.url("/progress/indicators/participation"))
    last = page.locator("#years tbody tr").last.inner_text()
    assert "54.0 %" in last and "95 % 区間 51.2 %〜56.8 %" in last


def test_two_editors_without_javascript(desk: Desk, new_context: OpenContext) -> None:
    path = "/staff/progress/initiatives/15?fiscal_year=2024"
    first = desk.open(new_context, path, java_script_enabled=False)
    second = desk.open(new_context, path, java_script_enabled=False)
    first.fill("#record", "地区の会議に 14 回出席しました。")
    send(first)
    second.fill("#record", "地区の会議に 41 回出席しました。")
    send(second)
    words = second.locator("main").inner_text()
    assert "ほかの職員が先に変更しました" in words
    assert "14 回" in second.locator(".conflict").inner_text()
    assert second.locator("#record").input_value() == "地区の会議に 41 回出席しました。"
    second.fill("#reason", "数え直し")
    send(second)
    assert "保存しました" in second.locator("main").inner_text()
    rows = second.locator("#history tbody tr")
    assert "14 回" in rows.first.inner_text() and "41 回" in rows.first.inner_text()
    assert rows.count() == 2
    second.fill("#reason", "確かめ直すため")
    send(second, "この年度を取り下げる")
    assert "取り下げられています" in second.locator("main").inner_text()
    second.goto(desk.site.url("/progress/initiatives/15"))
    assert "41 回" not in second.locator("main").inner_text()


def test_the_page_of_a_conflict_stands_the_checks(desk: Desk, new_context: OpenContext) -> None:
    path = "/staff/progress/indicators/letters?fiscal_year=2024"
    first, second = desk.open(new_context, path), desk.open(new_context, path)
    for page, value in ((first, "91"), (second, "93")):
        page.fill("#value", value)
        page.fill("#reason", "再集計")
        send(page)
    assert "91 件" in second.locator(".conflict").inner_text()
    assert second.locator("#value").input_value() == "93"
    assert violations(second) == []
    shoot(second, "conflict")
    second.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert second.evaluate(WIDTH) <= 320
