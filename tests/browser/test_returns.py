"""The yearly return from the start of a round to the printed label: letter, form (without JavaScript), approval, one press."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page

from api.auth.tokens import digest, new_token
from geodata import accounts, sessions
from geodata.database import Audience, Database
from kyodo_geo.roles import Role
from tests.api.test_leaflets import codes_on, text_of
from tests.browser.conftest import OpenContext, served
from tests.browser.pages import LARGE, NARROW, PHONE, collect_errors
from tests.browser.test_accessibility import SMALL, violations
from tests.browser.test_layout import CLIPPED, WIDTH
from tests.fixtures_db import DatabaseUrls

pytestmark = pytest.mark.full
"""Minutes on a busy machine; its steps are tried one by one in tests/api."""

YEAR = 2026
ROUND = f"/staff/returns/{YEAR}"
PATIENCE_MS = 60_000
"""A watchdog: a PDF is a process of its own."""
SHOTS = os.environ.get("KYODO_TEST_SHOTS")
NAME = "みたけ三丁目見本第3町内会"


def looked_at(page: Page, heading: str) -> None:
    """Checks 6, 7, 17 and 18 on a page; it is left as it was found."""
    assert heading in page.locator("h1").inner_text()
    assert page.locator("h1").count() == 1 and " | 盛岡市 " in page.title()
    assert violations(page) == []
    targets = page.locator("a, button, input:not([type=hidden]), select, summary")
    assert targets.evaluate_all(SMALL) == []
    before = page.viewport_size
    if SHOTS:  # pictures for whoever wants to look
        for size in (LARGE, PHONE):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.screenshot(path=f"{SHOTS}/{heading}-{size['width']}.png", full_page=True)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert page.evaluate(WIDTH) <= NARROW["width"], heading
    assert page.evaluate(CLIPPED) == []
    page.set_viewport_size(before)  # type: ignore[arg-type]


def paper(page: Page, address: str, path: str, *fields: tuple[str, str]) -> bytes:
    """The PDF behind a button of the page, whose form carries a token."""
    token = page.locator("main input[name=csrf_token]").first.get_attribute("value") or ""
    answer = page.request.post(
        address + path, data=urlencode([("csrf_token", token), *fields]), timeout=PATIENCE_MS,
        headers={"origin": address, "content-type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    assert answer.headers["content-type"] == "application/pdf", answer.text()[:2000]
    return answer.body()


def test_from_the_empty_round_to_the_printed_label(
    sample_town: DatabaseUrls, new_context: OpenContext, tmp_path: Path
) -> None:
    database, token = Database(sample_town.app, max_size=2), new_token()
    with database.write(Audience.AUTH) as conn:
        user = accounts.add_user(conn, "03201", "hana", "企画 花子", {Role.PLANNER}, by="test")
        sessions.open_session(conn, "03201", digest(token), user.user_id, new_token(), hours=1)
    database.close()
    with served(sample_town) as address:
        context = new_context()
        context.add_cookies([{"name": "kyodo_session", "value": token, "url": address}])
        staff = context.new_page()
        staff.set_default_timeout(PATIENCE_MS)
        errors = collect_errors(staff)
        staff.goto(f"{address}/staff")
        staff.get_by_role("link", name="町内会・自治会の年度更新").click()
        looked_at(staff, "町内会・自治会の年度更新")
        staff.locator("#start-fiscal_year").select_option(str(YEAR))
        staff.locator("#start-opens_on").fill("令和8年4月1日")
        staff.locator("#start-due_on").fill("2199-03-31")
        staff.get_by_role("button", name="始める").click()
        assert "年度更新を始めました" in staff.locator("[data-focus]").inner_text()
        staff.goto(f"{address}{ROUND}?district=7")
        looked_at(staff, "年度更新")
        where = staff.get_by_role("link", name=NAME).get_attribute("href") or ""
        association = where.rpartition("/")[2]

        staff.goto(f"{address}{ROUND}/letters?district=7")
        looked_at(staff, "お手紙・お願いを送る")
        letter = paper(staff, address, f"{ROUND}/letters.pdf", ("id", association))
        code = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", text_of(letter, tmp_path))
        assert code is not None and codes_on(letter, tmp_path) == [f"{address}/returns"]

        # -- the association, on a telephone, without JavaScript
        form = new_context(java_script_enabled=False, viewport=PHONE).new_page()
        form.set_default_timeout(PATIENCE_MS)
        form.goto(f"{address}/returns")
        form.locator("#code").fill(code[0].lower())
        form.get_by_role("button", name="回答を始める").click()
        assert code[0] not in form.url and NAME in form.locator("main").inner_text()
        following = form.get_by_role("button", name="保存して次へ")
        form.locator("#q-president_name").fill("見本 太郎")
        form.locator("#q-president_address").fill("〒020-8530 盛岡市内丸12-2")
        following.click()
        form.locator("#q-circulation_copies").fill("百部")
        following.click()
        assert "circulation_copies" in (form.locator(".error-summary a").get_attribute("href") or "")
        form.locator("#q-circulation_copies").fill("１２０")
        following.click()
        form.locator("#q-households").fill("150")
        form.locator("#q-member_households").fill("120")
        following.click()
        form.get_by_label("ない", exact=True).check()
        following.click()
        assert form.locator(".return-map svg.paper-map").count() == 1
        form.get_by_label("この区域で合っています").check()
        following.click()
        following.click()
        assert "回答を確かめて送る" in form.locator("h1").inner_text()
        form.get_by_role("button", name="この内容で送る").click()
        assert "回答を受け付けました" in form.locator("main").inner_text()
        copy = form.request.get(f"{address}/returns/copy.pdf", timeout=PATIENCE_MS).body()
        assert "120部" in text_of(copy, tmp_path) and NAME in text_of(copy, tmp_path)

        # -- with JavaScript the same pages stand the same checks
        again = new_context().new_page()
        again.set_default_timeout(PATIENCE_MS)
        seen = collect_errors(again)
        again.goto(f"{address}/returns")
        looked_at(again, "町内会・自治会の年度更新")
        again.locator("#code").fill(code[0])
        again.get_by_role("button", name="回答を始める").click()
        for step, heading in (("figures", "世帯数"), ("area", "区域")):
            again.goto(f"{address}/returns/form?step={step}")
            looked_at(again, heading)
        again.goto(f"{address}/returns/check")
        looked_at(again, "回答の内容")
        assert seen == []

        # -- the decision, the press, the label
        staff.goto(address + where)
        looked_at(staff, NAME)
        assert "120 部" in staff.locator("main").inner_text()
        staff.get_by_role("button", name="承認する").click()
        assert "承認しました" in staff.locator("[data-focus]").inner_text()
        staff.goto(f"{address}{ROUND}/files")
        looked_at(staff, "Excel の用紙")
        staff.goto(f"{address}{ROUND}/feed")
        staff.get_by_role("button", name="確かめる").click()
        looked_at(staff, "データに反映する")
        staff.get_by_role("button", name="この内容で反映する").click()
        assert "データに反映しました" in staff.locator("[data-focus]").inner_text()
        staff.goto(f"{address}{ROUND}/labels")
        looked_at(staff, "宛名ラベル")
        chosen = (("to", "circulation"), ("sheet", "24"), ("first", "1"), ("district", "7"))
        label = text_of(paper(staff, address, f"{ROUND}/labels.pdf", *chosen), tmp_path)
        assert "〒020-8530" in label and "会長見本太郎様" in label and "120部" in label
        assert errors == []
