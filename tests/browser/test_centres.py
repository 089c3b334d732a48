"""From the empty form to the printed sheet and the figure on the map: consultations, events, an association at risk."""

from __future__ import annotations

import subprocess
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.conftest import OpenContext
from tests.browser.pages import Site
from tests.browser.test_editing import shoot, staff  # noqa: F401
from tests.browser.test_signed_in import Look, city, visitor  # noqa: F401


def main_of(page: Page) -> str:
    return page.locator("main").inner_text()


def test_a_consultation_becomes_a_count_and_an_event_a_figure_on_the_map(
    city: Site,  # noqa: F811
    staff: tuple[Page, Look],  # noqa: F811
    new_context: OpenContext,
) -> None:
    page, look = staff
    public = new_context().new_page()
    public.set_default_timeout(15_000)

    # -- a consultation: entered, refused with what was typed, counted for everybody
    public.goto(city.url("/centres/consultations"))
    before = public.locator("#counts-heading").inner_text()
    page.goto(city.url("/staff/consultations"))
    look("市民協働推進センターの相談の登録")
    shoot(page, "consultations")
    page.locator("#add-body_id").select_option(index=1)
    page.locator("#add-held_on").fill("令和8年10月5日")
    page.locator("#add-asker").select_option("association")
    page.locator("#add-way").select_option("visit")
    page.locator("#add-topic_id").select_option(index=1)
    page.locator("#add-topic_2").select_option(index=1)
    page.locator("#add-content").fill("会計の引き継ぎについて")
    page.locator("#add-result").select_option("answered")
    page.get_by_role("button", name="登録する", exact=True).click()
    look("市民協働推進センターの相談の登録")
    assert page.evaluate("document.activeElement.className") == "error-summary"
    assert page.locator("#add-content").input_value() == "会計の引き継ぎについて"
    page.locator("#add-topic_2").select_option(index=2)
    page.get_by_role("button", name="登録する", exact=True).click()
    look("市民協働推進センターの相談の登録")
    public.reload()
    assert public.locator("#counts-heading").inner_text() != before
    assert "会計の引き継ぎ" not in public.content()

    # -- an event: entered, published, its participants by district taken over into the year's figure
    page.goto(city.url("/staff/events"))
    look("催し（講座、交換会、発表会など）の登録")
    page.locator("#add-title").fill("冬の交換会")
    page.locator("#add-initiative_no").select_option("22")
    page.locator("#add-starts_on").fill("2026-10-10")
    page.locator("#add-starts_at").fill("１３時３０分")
    page.locator("#add-state").select_option("held")
    page.locator("#add-published").check()
    page.get_by_role("button", name="登録する", exact=True).click()
    look("催し（講座、交換会、発表会など）の登録")
    shoot(page, "events")
    page.get_by_role("link", name="冬の交換会").first.click()
    look("冬の交換会")
    page.get_by_role("link", name="参加者を地区ごとに入力する").click()
    look("参加者：冬の交換会")
    page.locator("#sheet-participants").fill("40")
    page.locator("#sheet-v5").fill("25")
    page.locator("#sheet-v6").fill("12")
    page.get_by_role("button", name="保存する").click()
    look("参加者：冬の交換会")
    shoot(page, "participants")
    page.get_by_role("link", name="の数値に取り込む").click()
    look("催しと派遣の数値の取り込み")
    shoot(page, "event-figures")
    page.get_by_role("button", name="記録の合計（37 人）を年度の数値にする").click()
    look("催しと派遣の数値の取り込み")
    assert "年度の数値として保存しました" in main_of(page)
    public.goto(city.url("/maps/support?theme=events&fiscal_year=2026"))
    assert "25" in public.locator("#figures tr[data-key='5']").inner_text()
    public.goto(city.url("/events"))
    public.get_by_role("link", name="冬の交換会").click()
    assert "40 人" in main_of(public) and "13:30から" in main_of(public)


def test_a_case_sheet_from_the_list_to_the_printed_page_and_the_map(
    city: Site,  # noqa: F811
    staff: tuple[Page, Look],  # noqa: F811
    tmp_path: Path,
) -> None:
    page, look = staff
    page.goto(city.url("/staff/at-risk"))
    look("見守りの一覧と記録")
    shoot(page, "at-risk")
    row = page.locator("tbody tr", has_text="記録を始める").first
    name = row.locator("th").inner_text().strip()
    row.locator("td a").click()
    look("見守りの記録を始める")
    assert "の判定：見守りが必要" in page.locator("#add-figures").input_value()
    page.locator("#add-reason").fill("役員がそろわない")
    page.locator("#add-opened_on").fill("令和7年5月1日")
    page.get_by_role("button", name="記録を始める").click()
    look(f"見守りの記録：{name}")
    page.locator("#visit-visited_on").fill("2025-06-01")
    page.locator("#visit-way").select_option("visit")
    page.locator("#visit-heard").fill("総会の準備を\n一緒にすることにした")
    page.locator("#visit-next_on").fill("2025-05-01")
    page.get_by_role("button", name="訪問・助言を登録する").click()
    look(f"見守りの記録：{name}")
    assert page.locator("#visit-next_on-error").is_visible()
    page.locator("#visit-next_on").fill("2199-05-01")
    page.get_by_role("button", name="訪問・助言を登録する").click()
    look(f"見守りの記録：{name}")
    shoot(page, "at-risk-case")
    paper = page.request.get(page.url.partition("?")[0] + "/sheet.pdf", timeout=60_000)
    file = tmp_path / "case.pdf"
    file.write_bytes(paper.body())
    text = subprocess.run(
        ["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True
    )
    for words in ("庁内限り", name, "役員がそろわない", "一緒にすることにした", "見守りが必要"):
        assert words in text.stdout.replace("\n", ""), words
    page.goto(city.url("/staff/maps/at-risk?fiscal_year=2025"))
    page.wait_for_selector(".map path[aria-label]")
    total = page.locator("section[aria-labelledby='cases-heading'] tfoot td").all_inner_texts()
    assert total == ["3", "3"], "two running of the sample and this one; visits of the fiscal year 2025"
    shoot(page, "at-risk-map")
