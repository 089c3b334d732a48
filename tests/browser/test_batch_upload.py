"""The upload page in a browser: with and without scripts, by keyboard, checked by axe, narrow, with its worker."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from api.jobs.batches import run_batches
from api.settings import Settings
from geodata.database import Database
from kyodo_geo.roles import Role
from tests.browser.conftest import SignedIn
from tests.browser.pages import ANSWERS, LARGE, NARROW, PHONE, collect_errors
from tests.browser.test_accessibility import violations
from tests.fixtures_db import DatabaseUrls

TABLE = "番号,所在地,備考\n" + "".join(
    f"{n},{text},=1+1\n" for n, text in enumerate(ANSWERS.values(), start=1)
)


@pytest.fixture
def city(office_city: DatabaseUrls) -> DatabaseUrls:
    return office_city


@pytest.fixture
def database(office_database: Database) -> Database:
    return office_database


@pytest.fixture
def partner(signed_in: SignedIn) -> Callable[..., Page]:
    """A new partner's browser at the upload page."""
    return functools.partial(signed_in, Role.PARTNER, "/partner/batch")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "物件の一覧.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def work(database: Database, city: DatabaseUrls) -> int:
    settings = Settings(database_url=city.app, owner_database_url=city.owner)
    return run_batches(database, settings, threading.Event())


def upload(page: Page, table: Path) -> None:
    page.get_by_label("住所の表").set_input_files(table)
    with page.expect_navigation():
        page.get_by_role("button", name="アップロードして列を選ぶ").click()


@pytest.mark.parametrize("size", [LARGE, PHONE], ids=["1280", "375"])
def test_from_file_to_result_with_every_page_clean(
    partner, table: Path, database: Database, city: DatabaseUrls, size: dict[str, int]
) -> None:
    page = partner(viewport=size)
    errors = collect_errors(page)
    assert violations(page) == []
    upload(page, table)
    assert page.locator("h1").inner_text() == "住所の列を選ぶ"
    assert page.get_by_role("radio", name="所在地").is_checked(), "the column that looks like addresses"
    assert page.locator("table tbody tr").count() == 5
    assert violations(page) == []
    with page.expect_navigation():
        page.get_by_role("button", name="この列で調べる").click()
    assert page.get_by_role("progressbar", name="進み具合").is_visible()
    assert violations(page) == []
    assert work(database, city) == 1
    # The page's script sees that it is done and shows the result.
    page.get_by_role("heading", name="結果ができました").wait_for()
    assert page.evaluate("document.activeElement.tagName") == "H1"
    assert violations(page) == []
    with page.expect_download() as caught:
        page.get_by_role("link", name="結果をダウンロードする").click()
    assert caught.value.suggested_filename == "物件の一覧_結果.csv"
    lines = Path(caught.value.path()).read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("番号,所在地,備考,outcome,municipality")
    assert [line.split(",")[3] for line in lines[1:]] == list(ANSWERS)
    assert all(",'=1+1," in line for line in lines[1:])
    with page.expect_navigation():
        page.get_by_role("button", name="このファイルを削除する").click()
    assert page.get_by_text("ありません。").is_visible()
    assert errors == []


def test_check_09_without_javascript(partner, table: Path, database: Database, city: DatabaseUrls) -> None:
    page = partner(java_script_enabled=False)
    upload(page, table)
    with page.expect_navigation():
        page.get_by_role("button", name="この列で調べる").click()
    assert page.locator("h1").inner_text() in ("順番を待っています", "調べています")
    assert work(database, city) == 1
    with page.expect_navigation():
        page.get_by_role("link", name="進み具合を見直す").click()
    assert page.locator("h1").inner_text() == "結果ができました"


def test_check_18_narrow_pages_do_not_scroll_sideways(partner, table: Path) -> None:
    page = partner(viewport=NARROW)
    for step in (lambda: None, lambda: upload(page, table)):
        step()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_bad_file_is_told_with_the_focus_on_it(partner, tmp_path: Path) -> None:
    page = partner()
    bad = tmp_path / "写真.csv"
    bad.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    upload(page, bad)
    page.wait_for_function("() => document.activeElement.classList.contains('error-summary')")
    assert "文字の表（CSV）ではありません" in page.locator(".error-summary").inner_text()
    assert page.get_by_label("住所の表").get_attribute("aria-invalid") == "true"
    assert violations(page) == []


def test_a_file_that_is_too_large_is_not_even_sent(partner, tmp_path: Path) -> None:
    page = partner()
    large = tmp_path / "大きい.csv"
    large.write_bytes(b"a,b\n" * (6 << 20))
    page.get_by_label("住所の表").set_input_files(large)
    assert "20 MB まで" in page.locator("#file-error").inner_text()
    page.get_by_role("button", name="アップロードして列を選ぶ").click()
    assert page.evaluate("document.activeElement.id") == "file"
    assert page.url.endswith("/partner/batch") and page.locator(".error-summary").count() == 0
