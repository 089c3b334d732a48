"""From the round of the inquiry to the printed papers of a meeting, and from the grades to the published evaluation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.api.inquiry_world import filled
from tests.browser.conftest import OpenContext
from tests.browser.pages import Site
from tests.browser.test_editing import shoot, staff  # noqa: F401
from tests.browser.test_signed_in import Look, city, visitor  # noqa: F401

pytestmark = pytest.mark.full
"""Minutes on a busy machine; its steps are tried one by one in tests/api."""


def test_an_inquiry_is_sent_answered_decided_and_printed(
    city: Site,  # noqa: F811
    staff: tuple[Page, Look],  # noqa: F811
    new_context: OpenContext,
    tmp_path: Path,
) -> None:
    page, look = staff
    page.goto(city.url("/staff/records/responsibilities"))
    look("取組・指標の担当の登録")
    shoot(page, "responsibilities")

    # -- the round
    page.goto(city.url("/staff/inquiries"))
    look("進捗の照会")
    shoot(page, "inquiries")
    page.locator("#start-plan").select_option("r3-r7/2025")
    page.locator("#start-title").fill("令和7年度 進捗状況の照会")
    page.locator("#start-due_on").fill("令和8年5月29日")
    page.locator("#start-questions").fill("補助金の件数を教えてください")
    page.get_by_role("button", name="照会を始める").click()
    look("令和7年度 進捗状況の照会")
    assert "まだ回答がありません" in page.locator("#sheets-caption").inner_text()
    shoot(page, "inquiry")

    # -- a sheet out, filled in by another program, and back
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Excel.*市民協働推進課")).click()
    sheet = Path(download.value.path()).read_bytes()
    back = tmp_path / "返ってきたシート.xlsx"
    back.write_bytes(
        filled(
            sheet,
            n1_record="シートで答えた実績です。",
            n1_self_evaluation="計画どおり",
            n1_difficulties="担い手が足りません。",
        )
    )
    page.locator("#upload-files").set_input_files(back)
    page.get_by_role("button", name="読み込む").click()
    assert "新しい回答" in page.locator("[role=status]").inner_text()
    look("令和7年度 進捗状況の照会")

    # -- meanwhile somebody has entered something else on the page
    page.goto(city.url("/staff/progress/initiatives/1?plan=r3-r7&fiscal_year=2025"))
    page.locator("#record").fill("画面で入れた実績です。")
    if page.locator("#reason").count():
        page.locator("#reason").fill("年度末の数")
    page.locator("form button[type=submit]").first.click()
    page.goto(city.url("/staff/inquiries"))
    page.get_by_role("link", name="令和7年度 進捗状況の照会").click()
    page.get_by_role("link", name="市民協働推進課", exact=True).click()
    look("市民協働推進課のシート")
    shoot(page, "inquiry-sheet")
    page.locator("tbody a").first.click()
    look("取組 1")
    shoot(page, "inquiry-item")
    record = page.locator("#accept-record")
    assert (
        "画面で入れた実績です。" in record.inner_text() and "シートで答えた実績です。" in record.inner_text()
    )
    record.get_by_text("シートで答えた実績です。").click()
    page.get_by_role("button", name="記録に入れる").click()
    assert "記録に入れました" in page.locator("[role=status]").inner_text()
    public = new_context().new_page()
    public.goto(city.url("/progress/initiatives/1"))
    assert "シートで答えた実績です。" in public.locator("#years").inner_text()
    assert "担い手が足りません。" not in public.content()

    # -- the meeting and its papers
    page.goto(city.url("/staff/records/body-meetings"))
    look("会議（連絡会議・アドバイザー会議）の登録")
    page.locator("#add-body").select_option("liaison")
    page.locator("#add-held_on").fill("令和8年6月10日")
    page.locator("#add-place").fill("市役所 会議室")
    page.locator("#add-agenda").fill("令和7年度の進捗について\nそのほか")
    page.locator("#add-published").check()
    page.get_by_role("button", name="登録する", exact=True).click()
    page.goto(city.url("/staff/bodies?fiscal_year=2025"))
    look("会議の資料と決まったこと")
    shoot(page, "bodies")
    href = page.locator("a[href*='papers.pdf']").first.get_attribute("href") or ""
    paper = page.request.get(city.url(href), timeout=120_000)
    assert paper.ok and paper.body().startswith(b"%PDF")
    words = _words(paper.body(), tmp_path)
    assert all(
        word in words
        for word in (
            "市民協働推進連絡会議",
            "議題",
            "シートで答えた実績です。",
            "自己評価：計画どおり",
            "担い手が足りません。",
            "加入率",
        )
    )
    public.goto(city.url("/progress/meetings"))
    assert "令和7年度の進捗について" in public.locator("main").inner_text()


def test_the_evaluation_and_the_next_plan_stand_the_page_checks(
    city: Site,  # noqa: F811
    staff: tuple[Page, Look],  # noqa: F811
) -> None:
    page, look = staff
    page.goto(city.url("/staff/evaluation"))
    look("最終評価")
    page.locator("#initiative-1 summary").first.click()
    page.locator("#n1-grade").select_option("A")
    page.locator("#n1-carry_over").select_option("continue")
    page.locator("#n1-reason").fill("協定の会員店から取次が続きました。")
    page.locator("#initiative-1 button[type=submit]").click()
    look("最終評価")
    assert "協定の会員店から取次が続きました。" in page.locator("#initiative-1").inner_text()
    shoot(page, "evaluation")
    page.goto(city.url("/staff/successor"))
    look("次の計画")
    page.goto(city.url("/staff/records/plans"))
    look("次の計画（下書き）の登録")
    for name, text in (("plan_id", "r8-r12"), ("name", "次の計画（試し）")):
        page.locator(f"#add-{name}").fill(text)
    for name, value in (
        ("first_fiscal_year", "2026"),
        ("last_fiscal_year", "2030"),
        ("successor_of", "r3-r7"),
    ):
        page.locator(f"#add-{name}").select_option(value)
    page.get_by_role("button", name="登録する", exact=True).click()
    page.goto(city.url("/staff/successor"))
    look("次の計画")
    assert "取組が登録されていません。" in page.locator("main").inner_text()
    shoot(page, "successor")


def _words(body: bytes, folder: Path) -> str:
    import subprocess

    path = folder / "papers.pdf"
    path.write_bytes(body)
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True)
    return done.stdout.decode().replace("\n", "").replace(" ", "")
