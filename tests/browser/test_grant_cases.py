"""A grant from the empty application to the printed decision and the number on the public map; the page checks on the way."""

from __future__ import annotations

import subprocess

import pytest
from playwright.sync_api import Page

from geodata.database import Audience, Database
from geodata.grants import rules
from kyodo_geo.grants.schemes import PROJECTS
from kyodo_geo.grants.table import Check, Condition, Part, RuleTable
from tests.browser.conftest import OpenContext
from tests.browser.pages import Site
from tests.browser.test_editing import shoot, staff  # noqa: F401
from tests.browser.test_signed_in import Look, city, visitor  # noqa: F401
from tests.fixtures_db import DatabaseUrls

pytestmark = pytest.mark.full
"""Minutes on a busy machine; its steps are tried one by one in tests/api."""

CASES = "/staff/grants/cases"
TABLE = RuleTable(
    (Part("事業費の補助", "対象経費 × 1/2"),), conditions=(Condition(Check.TICKED, "国や県の補助を受けない"),)
)


def put_rule_into_force(town: DatabaseUrls) -> None:
    database = Database(town.app)
    try:
        with database.write(Audience.STAFF) as conn:
            held = rules.save_draft(
                conn, "03201", PROJECTS, 2026, TABLE, quality="sample", source="見本", seen="", actor="p"
            )
            rules.put_into_force(conn, "03201", PROJECTS, 2026, seen=held.mark, reason="初版", actor="p")
    finally:
        database.close()


def test_from_the_empty_application_to_the_printed_decision_and_the_map(
    city: Site,  # noqa: F811
    staff: tuple[Page, Look],  # noqa: F811
    sample_town: DatabaseUrls,
    new_context: OpenContext,
) -> None:
    page, look = staff
    put_rule_into_force(sample_town)
    page.goto(city.url(CASES))
    look("補助金の案件")
    page.get_by_role("link", name="新しい案件").click()
    look("新しい案件：地域づくり事業補助金")
    page.locator("#add-district_no").select_option("5")
    page.locator("#add-applicant").fill("松園地区 地域づくり協議会")
    page.locator("#add-title").fill("坂道の見守り隊")
    page.locator("#add-yen").fill("３００，０００円")
    page.locator("#add-eligible_cost").fill("500000")
    page.locator("#add-day").fill("令和8年13月1日")
    page.get_by_role("button", name="案件を登録する").click()
    look("新しい案件")
    assert page.evaluate("document.activeElement.className") == "error-summary"
    assert page.locator("#add-title").input_value() == "坂道の見守り隊"
    page.locator("#add-day").fill("令和8年6月1日")
    page.get_by_role("button", name="案件を登録する").click()
    look("坂道の見守り隊")
    assert "250,000 円" in page.locator("#rule-heading ~ .table-scroll").first.inner_text()

    assert page.locator("#grant-yen").input_value() == "250000"
    page.locator("#grant-day").fill("令和8年6月20日")
    page.get_by_role("button", name="交付決定を登録する").click()
    look("坂道の見守り隊")
    assert "国や県の補助を受けない" in page.locator("#grant-answered-error").inner_text()
    page.locator("#grant-condition1").check()
    page.get_by_role("button", name="交付決定を登録する").click()
    look("坂道の見守り隊")
    assert "「交付決定」を登録しました" in page.locator("main").inner_text()
    shoot(page, "grant-case")

    href = page.get_by_role("link", name="交付決定通知書（案）").get_attribute("href")
    paper = page.context.request.get(city.url(str(href)))
    text = subprocess.run(
        ["pdftotext", "-", "-"], input=paper.body(), capture_output=True, check=True
    ).stdout.decode()
    assert "補助金交付決定通知書" in text and "250,000 円" in text and "松園地区" in text

    public = new_context().new_page()
    public.set_default_timeout(15_000)
    public.goto(city.url("/maps/projects?fiscal_year=2026"))
    public.locator("#figures tr[data-key='5']", has_text="250,000").wait_for()
    public.goto(city.url("/districts/5"))
    assert (
        "坂道の見守り隊" in public.content()
        and "地域づくり協議会" not in public.locator("#projects-heading").inner_text()
    )

    for path, heading in {
        f"{CASES}/year": "集計と予算", f"{CASES}/past/hall-works": "過去の案件", f"{CASES}/new/hall-rent": "新しい案件",
    }.items():  # fmt: skip
        page.goto(city.url(path))
        look(heading)
    page.goto(city.url(CASES))
    shoot(page, "grant-cases")
