"""Siting in a real browser: asked without JavaScript, followed, looked at on a desk and in a narrow window."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from api.jobs import siting as job
from geodata.database import Database
from kyodo_geo.roles import Role
from tests.browser.conftest import SignedIn
from tests.browser.pages import LARGE, NARROW, Site, collect_errors
from tests.browser.test_accessibility import SMALL, violations
from tests.browser.test_layout import CLIPPED, WIDTH

BASE = "/facilities/siting"


@pytest.fixture
def work(office_database: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """The worker is the test itself."""
    monkeypatch.setattr(job, "wake", lambda settings: None)
    return lambda: job.run_all(office_database, threading.Event())


def stands(page: Page) -> None:
    """axe, targets, 320 px."""
    assert violations(page) == []
    assert page.locator("a, button, input:not([type=hidden]), select, summary").evaluate_all(SMALL) == []
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert page.evaluate(WIDTH) <= 320
    assert page.evaluate(CLIPPED) == []
    page.set_viewport_size(LARGE)  # type: ignore[arg-type]


def test_asked_without_javascript_followed_and_read(
    office: Site, signed_in: SignedIn, work: Callable[[], int]
) -> None:
    plain = signed_in(Role.FACILITY_STAFF, BASE, java_script_enabled=False)
    plain.fill("[name=p]", "2")
    plain.select_option("[name=by]", "straight")
    plain.click("form.siting-form button[type=submit]")
    address = plain.url
    assert "順番待ち" in plain.locator("h1").inner_text()

    page = signed_in(Role.PLANNER, BASE)
    errors = collect_errors(page)
    page.evaluate("document.querySelectorAll('details').forEach((item) => { item.open = true; })")
    stands(page)
    page.goto(address)
    stands(page)
    assert work() == 1
    page.wait_for_selector(".siting-optimal")  # the page has seen by itself that the run has ended
    page.wait_for_selector(".map .leaflet-places-pane path")
    assert page.locator(".legend").inner_text().count("小地域") >= 5
    page.click("#sites tbody tr:first-child .row-select")
    assert "新しく開く" in page.locator(".map-details").inner_text()
    page.keyboard.press("Escape")
    stands(page)
    page.goto(office.url(f"{BASE}/compare?a={address[-24:]}&b={address[-24:]}"))
    stands(page)
    assert errors == []
    plain.goto(address)
    assert plain.locator("#sites tbody tr").count() == 21  # 19 facilities and the two
    assert "差の上限" in plain.locator(".siting-status").inner_text()
