"""Meetings and documents in Chromium: from the empty form to the printed month, and to the figure on the progress pages."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page

from api.clock import today
from tests.api.test_staff_meetings import DAY
from tests.browser.conftest import OpenContext
from tests.browser.pages import PHONE, Site
from tests.browser.test_editing import shoot, staff  # noqa: F401
from tests.browser.test_layout import WIDTH
from tests.browser.test_signed_in import Look, city, visitor  # noqa: F401


def enter(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        field = page.locator(f"#add-{name}")
        if field.evaluate("element => element.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.get_by_role("button", name="登録する", exact=True).click()


def test_from_a_wish_to_the_printed_month_and_the_public_calendar(
    city: Site,  # noqa: F811
    staff: tuple[Page, Look],  # noqa: F811
    new_context: OpenContext,
    tmp_path: Path,
) -> None:
    page, look = staff
    page.set_default_timeout(60_000)
    page.goto(city.url("/staff"))
    page.locator("main a[href='/staff/meetings']").click()
    look("会議のカレンダー")
    page.get_by_role("link", name="会議を登録する").click()
    look("会長などを呼ぶ会議の登録")
    page.get_by_label("公開の予定表").check()
    enter(
        page, title="防災の説明会", department="危機管理防災課", held_on=str(DAY), starts="14:00", ends="15:30",
        place="市役所 大会議室", audience="presidents", state="fixed",
    )  # fmt: skip
    look("防災の説明会")
    assert "重なりは、ありません" in page.locator("main").inner_text()

    page.get_by_role("link", name="この月のカレンダー").click()
    page.get_by_role("link", name="日程を探す").first.click()
    look("会議の日程を探す")
    page.locator("#wish-districts").fill("1、2")
    page.locator("#wish-first").fill(str(DAY - timedelta(days=2)))
    page.locator("#wish-last").fill("来週")
    page.get_by_role("button", name="候補を探す").click()
    look("会議の日程を探す")
    assert page.evaluate("document.activeElement.className") == "error-summary"
    assert page.locator("#wish-districts").input_value() == "1、2"
    page.locator("#wish-last").fill(str(DAY + timedelta(days=2)))
    page.get_by_role("button", name="候補を探す").click()
    look("会議の日程を探す")
    first = page.locator(".proposals > li").first
    assert "「防災の説明会」" in first.inner_text() and "市役所 大会議室" in first.inner_text()
    shoot(page, "meeting-dates")
    first.get_by_role("link").click()
    assert page.locator("#add-held_on").input_value() == str(DAY)
    page.locator("#add-starts").fill("15:00")
    enter(page, title="福祉の懇談会", department="地域福祉課", ends="16:00")
    look("福祉の懇談会")
    assert "時間の重なり" in page.locator("main").inner_text()
    shoot(page, "meeting")

    page.goto(city.url(f"/staff/meetings?month={DAY:%Y-%m}"))
    look("会議のカレンダー")
    shoot(page, "meetings")
    assert page.locator(".month .clash").count() == 2
    page.emulate_media(media="print")
    paper = tmp_path / "month.pdf"
    paper.write_bytes(page.pdf(prefer_css_page_size=True))
    page.emulate_media(media="screen")
    words = subprocess.run(
        ["pdftotext", "-layout", "-l", "1", str(paper), "-"], capture_output=True, text=True, check=True
    )
    sheet = "".join(words.stdout.split())
    assert f"{DAY.year}年{DAY.month}月" in sheet and "防災の説明会" in sheet and "時間の重なり" in sheet
    assert "前の月" not in sheet and "会議を登録する" not in sheet
    size = subprocess.run(["pdfinfo", str(paper)], capture_output=True, text=True, check=True).stdout
    assert "841.92 x 594.96" in size, "one sheet of A4 across"

    page.goto(city.url(f"/staff/meetings/load?fiscal_year={DAY.year if DAY.month > 3 else DAY.year - 1}"))
    look("会議の負担")
    shoot(page, "meeting-load")
    assert (
        "1.0 件" in page.locator("tbody tr").first.inner_text()
        or "2.0 件" in page.locator("tbody tr").first.inner_text()
    )
    page.goto(city.url("/staff/meetings/links"))
    page.locator("#link-label").fill("自分の予定表")
    page.get_by_role("button", name="リンクを作る").click()
    look("会議のカレンダーのリンク")
    shoot(page, "calendar-links")
    address = page.locator(".secret-address code").inner_text()

    public = new_context(java_script_enabled=False).new_page()
    public.goto(city.url("/meetings"))
    assert "防災の説明会" in public.locator("main").inner_text()
    assert "福祉の懇談会" not in public.locator("main").inner_text()
    public.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert public.evaluate(WIDTH) <= PHONE["width"]
    feed = public.request.get(city.url("/calendar/" + address.rpartition("/")[2]))
    assert feed.ok and feed.text().count("BEGIN:VEVENT") == 2


def test_documents_become_the_figure_on_the_progress_pages(
    city: Site,  # noqa: F811
    staff: tuple[Page, Look],  # noqa: F811
) -> None:
    page, look = staff
    page.goto(city.url("/staff/documents"))
    look("会長などに送った文書の登録")
    day = today().replace(day=1)
    enter(
        page, title="防犯灯の調査", department="くらしの安全課", sent_on=str(day), addressees="presidents", copies="366部",
        way="post", kind="survey",
    )  # fmt: skip
    look("会長などに送った文書の登録")
    page.locator("#table-rows").fill(
        f"題名\t担当課\t送った日\t宛先\t送り方\t種類\n清掃のお知らせ\t資源循環推進課\t{day}\t町内会・自治会長\t郵送\tお知らせ・通知"
    )
    page.get_by_role("button", name="読み取りを確かめる").click()
    page.get_by_role("button", name="1 件を登録する").click()
    look("会長などに送った文書の登録")
    shoot(page, "documents")
    page.get_by_role("link", name="集計と、まとめる候補を見る").click()
    look("送付文書の集計")
    assert "封筒が 366 通減ります" in page.locator("main").inner_text()
    page.locator("details.edit-open summary").first.click()
    shoot(page, "document-figures")
    page.get_by_role("button", name="この値（2 件）を指標に入れる").click()
    look("送付文書の集計")
    assert "登録と同じです" in page.locator("main").inner_text()
    page.locator("main").get_by_role("link", name="計画の進捗").click()
    assert "会長あて送付文書の数" in page.locator("h1").inner_text()
    assert "送付文書の登録" in page.locator("main").inner_text()
