"""Staff edit and the public page shows it: plans, projects, associations, districts on the map; the page checks on each."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import Page

from tests.api.signing import PASSWORD
from tests.browser.conftest import OpenContext
from tests.browser.pages import LARGE, NARROW, PHONE, Site
from tests.browser.test_layout import WIDTH
from tests.browser.test_signed_in import Look, city, first_link, send, visitor  # noqa: F401
from tests.fixtures_db import DatabaseUrls

SHOTS = os.environ.get("KYODO_TEST_SHOTS")


@pytest.fixture
def staff(
    city: Site,  # noqa: F811
    sample_town: DatabaseUrls,
    visitor: tuple[Page, Look],  # noqa: F811
) -> tuple[Page, Look]:
    page, look = visitor
    page.goto(city.url(first_link(sample_town)))
    send(page, password=PASSWORD, password_again=PASSWORD)
    return page, look


def shoot(page: Page, name: str) -> None:
    """Nothing is wider than a phone or a narrow screen; pictures for whoever wants to look."""
    for size in (LARGE, PHONE, NARROW):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert page.evaluate(WIDTH) <= size["width"], (name, size)
        if SHOTS and size is not NARROW:
            page.screenshot(path=f"{SHOTS}/{name}-{size['width']}.png", full_page=True)
    page.set_viewport_size(LARGE)  # type: ignore[arg-type]


def test_everything_staff_edit_reaches_the_public_pages(
    city: Site,  # noqa: F811
    staff: tuple[Page, Look],
    new_context: OpenContext,
) -> None:
    page, look = staff
    public = new_context().new_page()
    public.set_default_timeout(15_000)

    # -- a plan
    page.goto(city.url("/staff/plans"))
    look("地域づくり計画の登録")
    shoot(page, "plans")
    page.goto(city.url("/staff/plans/1"))
    look("地域づくり計画")
    page.locator(".edit-form select[name=state]").select_option("adopted")
    page.locator(".edit-form input[name=valid_from]").fill("令和7年4月1日")
    page.locator(".edit-form input[name=title]").fill("第1地区の計画")
    page.locator(".edit-form input[name=document_url]").fill("http://example.jp/plan.pdf")
    page.get_by_role("button", name="追加する").click()
    look("地域づくり計画")
    assert page.evaluate("document.activeElement.className") == "error-summary"
    assert page.locator(".edit-form input[name=title]").input_value() == "第1地区の計画"
    shoot(page, "plan-refused")
    page.locator(".edit-form input[name=document_url]").fill("https://example.jp/plan.pdf")
    page.get_by_role("button", name="追加する").click()
    look("地域づくり計画")
    assert "状態を追加しました" in page.locator("main").inner_text()
    page.locator("details.edit-open summary").first.click()
    shoot(page, "plan")
    public.goto(city.url("/maps/plan-adoption"))
    public.locator("#figures tr[data-key='1']", has_text="策定").wait_for()
    assert "未策定" not in public.locator("#figures tr[data-key='1']").inner_text()

    # -- a project
    page.goto(city.url("/staff/projects"))
    look("地域づくり事業の登録")
    page.locator("#add-title").fill("世代をつなぐ交流会")
    page.locator("#add-district_no").select_option("5")
    page.locator("#add-fiscal_year").select_option("2026")
    page.locator("#add-grant_yen").fill("８０，０００円")
    page.get_by_role("button", name="登録する").click()
    look("地域づくり事業の登録")
    shoot(page, "projects")
    page.get_by_role("link", name="世代をつなぐ交流会").first.click()
    look("世代をつなぐ交流会")
    shoot(page, "project")

    # -- records of support, figures by district, the log of it all
    page.goto(city.url("/staff/records/officers"))
    look("地域担当職員・専任職員の登録")
    page.locator("#table-rows").fill("地区\t担当\t課\t始まりの日\n3\t専任職員\t地域づくり課\t令和8年4月1日")
    page.get_by_role("button", name="読み取りを確かめる").click()
    look("地域担当職員・専任職員の登録")
    assert "まだ登録していません" in page.locator("[data-focus]").inner_text()
    page.get_by_role("button", name="1 件を登録する").click()
    look("地域担当職員・専任職員の登録")
    shoot(page, "officers")
    page.goto(city.url("/staff/figures?measure=meetings_issue&fiscal_year=2025"))
    page.locator("#sheet-v5").fill("7")
    page.get_by_role("button", name="保存する").click()
    look("年度ごとの数値の登録")
    shoot(page, "figures")
    public.goto(city.url("/maps/support?theme=meetings&fiscal_year=2025"))
    assert "7" in public.locator("#figures tr[data-key='5']").inner_text()
    page.goto(city.url("/staff/audit"))
    look("変更の記録")
    assert "地域づくり課" in page.locator("main").inner_text()
    shoot(page, "audit")

    # -- an association
    page.goto(city.url("/staff/associations?name=みたけ三丁目見本第3"))
    look("町内会・自治会の登録")
    shoot(page, "associations")
    page.locator("tbody a").first.click()
    look("みたけ三丁目見本第3町内会")
    page.locator("#master-rules").fill("みたけ三丁目1番から")
    page.get_by_role("button", name="住所の範囲の読み取りを試す").click()
    look("みたけ三丁目見本第3町内会")
    assert "文字目" in page.locator(".notation-findings").inner_text()
    shoot(page, "association-unread")
    page.locator("#master-rules").fill("みたけ三丁目9番〜13番")
    page.locator("#master-name").fill("改名見本町内会")
    page.get_by_role("button", name="下書きに入れる").click()
    look("みたけ三丁目見本第3町内会")
    shoot(page, "association")
    page.get_by_role("link", name="下書きを見て、比べる").click()
    look("下書き")
    page.get_by_role("button", name="今のデータと比べる").click()
    look("下書き")
    shoot(page, "draft-associations")
    page.get_by_role("button", name="有効にする").click()
    look("下書き")
    city.ask(public, "みたけ三丁目12番1号")
    assert "改名見本町内会" in public.locator("h1").inner_text()

    # -- districts on the map
    page.goto(city.url("/staff/assignment?district=5"))
    look("小地域の地区割り当て")
    page.wait_for_selector(".map path[data-feature]", state="attached")
    first = page.locator("#areas input[name=area]").first
    key = first.get_attribute("data-key")
    page.locator(f".map path[data-feature='{key}']").dispatch_event("click")
    assert first.is_checked(), "a click on the map ticks the row"
    other = page.evaluate(
        "() => [...document.querySelectorAll('.map path[data-feature]')].map((path) => path.dataset.feature)"
        ".find((key) => !document.querySelector(`#areas [data-key='${key}']`))"
    )
    page.locator(f".map path[data-feature='{other}']").dispatch_event("click")
    assert page.locator("#assign-area li").count() == 1, "an area of another district joins the list"
    page.locator("#assign-area input").click()
    assert page.locator("#assign-area li").count() == 0
    assert page.evaluate("document.activeElement.id") == "assign-area", "the focus stays in the list"
    page.get_by_role("button", name="1 つ前に戻す").click()
    assert page.locator("#assign-area li").count() == 1, "what was taken out is back"
    page.get_by_role("button", name="1 つ前に戻す").click()
    assert page.locator("#assign-area li").count() == 0 and first.is_checked()
    page.locator("#assign-district_no").select_option("6")
    shoot(page, "assignment")
    page.get_by_role("button", name="下書きに入れる", exact=True).click()
    look("小地域の地区割り当て")
    assert "1 か所の変更" in page.locator("main").inner_text()
    page.get_by_role("link", name="下書きを見て、比べる").click()
    page.get_by_role("button", name="今のデータと比べる").click()
    look("下書き")
    assert "から 6" in page.locator("main").inner_text()
    shoot(page, "draft-assignment")
    page.get_by_role("button", name="有効にする").click()
    look("下書き")


def test_the_table_assigns_without_javascript(
    city: Site,  # noqa: F811
    staff: tuple[Page, Look],
    new_context: OpenContext,
) -> None:
    page, _ = staff
    context = new_context(java_script_enabled=False)
    context.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    plain = context.new_page()
    plain.goto(city.url("/staff/assignment?district=7"))
    plain.locator("#areas input[name=area]").first.check()
    plain.locator("#assign-district_no").select_option("8")
    plain.locator(".assign-again button").click()
    assert "1 か所の変更" in plain.locator("main").inner_text()
    plain.goto(city.url("/staff/drafts/assignment"))
    plain.get_by_role("button", name="今のデータと比べる").click()
    assert plain.get_by_role("button", name="有効にする").count() == 1


def test_two_editors_meet_and_nothing_is_lost(
    city: Site,  # noqa: F811
    staff: tuple[Page, Look],
) -> None:
    page, _ = staff
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(city.url("/staff/plans/3"))
        tab.locator(".edit-form select[name=state]").select_option(index=0)
    other.locator(".edit-form input[name=valid_from]").fill("2025-04-01")
    page.locator(".edit-form input[name=valid_from]").fill("2025-05-01")
    state = other.locator(".edit-form select[name=state] option").evaluate_all(
        "options => options.map((option) => option.value)"
    )
    following = (
        "in_preparation" if "策定" not in page.locator(".plan-state").first.inner_text() else "revised"
    )
    following = "in_preparation" if "未策定" in page.locator(".plan-state").first.inner_text() else following
    assert following in state
    for tab in (page, other):
        tab.locator(".edit-form select[name=state]").select_option(following)
    page.locator(".edit-form textarea[name=note]").fill("消えてはいけない備考")
    other.get_by_role("button", name="追加する").click()
    other.locator(".done").wait_for()
    page.get_by_role("button", name="追加する").click()
    page.locator(".edit-conflict").wait_for()
    assert page.locator(".edit-form textarea[name=note]").input_value() == "消えてはいけない備考"
    assert page.locator(".edit-differs").count() >= 1
    shoot(page, "conflict")
    other.close()
