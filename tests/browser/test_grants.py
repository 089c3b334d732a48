"""A planner writes a rule from the empty form, tries it, puts it into force, calculates, decides, and prints the sheet."""

from __future__ import annotations

import io
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page

from tests.api.test_leaflets import text_of
from tests.browser.pages import Site
from tests.browser.test_editing import shoot, staff  # noqa: F401
from tests.browser.test_signed_in import Look, city, visitor  # noqa: F401

RULE = "/staff/grants/rules/incentive/2024"


def fill(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.fill(f"#rule-{name.replace('_', '-')}", value)


def press(page: Page, button: str) -> None:
    with page.expect_navigation():
        page.locator("main button", has_text=button).first.click()


def test_from_the_empty_rule_to_the_printed_sheet(
    city: Site,  # noqa: F811
    staff: tuple[Page, Look],  # noqa: F811
    tmp_path: Path,
) -> None:
    page, look = staff
    page.set_default_timeout(30_000)
    page.goto(city.url("/staff"))
    page.click("main a[href='/staff/grants']")
    look("補助と奨励金のきまり")
    shoot(page, "grants")
    page.select_option("#go-year", "2024")
    press(page, "きまりを開く")
    look("協働推進奨励金のきまり")
    page.click("main a[href$='/draft']")
    look("下書き")

    fill(
        page,
        part_1_name="均等割",
        part_1_formula="10,000円",
        part_2_name="世帯割",
        part_2_formula="会員数 × 300円",
    )
    page.locator("fieldset", has_text="計算の行 3").locator("summary", has_text="段階で決める").click()
    fill(
        page, part_3_name="規模割", part_3_by="世帯数", part_3_band_1_least="0", part_3_band_1_formula="0円",
        part_3_band_2_least="300", part_3_band_2_formula="5,000円", source="試験の要綱",
    )  # fmt: skip
    press(page, "下書きを保存する")
    assert "「会員数」は使えません" in page.locator(".error-summary").inner_text()
    look("下書き")
    assert page.input_value("#rule-part-3-band-2-formula") == "5,000円"
    page.click(".error-summary a")
    page.keyboard.press("Control+a")
    page.keyboard.type("会員世帯数 × 300円")
    press(page, "下書きを保存する")
    look("協働推進奨励金のきまり")
    assert "世帯数 が 300 以上：5,000円" in page.locator("main").inner_text()
    shoot(page, "grant-rule")

    page.click("main a[href$='/trial']")
    page.fill("#trial-member_households", "100")
    page.fill("#trial-households", "250")
    press(page, "計算する")
    look("試算")
    assert "40,000円" in page.locator("#result-heading").inner_text()
    page.goto(city.url(RULE))
    press(page, "この下書きを適用する")
    assert "適用中のきまり（第1版）" in page.locator("main").inner_text()
    page.goto(city.url("/staff/grants/rules/incentive/2026/compare?old=2024-1&new=2026-1"))
    look("比べる")
    assert "増える" in page.locator("main").inner_text()

    page.goto(city.url("/staff/grants/runs?fiscal_year=2024"))
    look("協働推進奨励金の計算")
    press(page, "計算する")
    look("協働推進奨励金")
    shoot(page, "grant-run")
    total = page.locator(".lead").inner_text().partition("合計 ")[2].partition("円")[0].replace(",", "")
    press(page, "この額で決定する")
    assert "決定しました" in page.locator(".done").inner_text()
    run = page.url.partition("?")[0]
    page.locator("section[aria-labelledby=each-heading] tbody a").first.click()
    look("計算書")
    words = page.locator("main").inner_text()
    assert "× 300円" in words and "加入世帯数のデータ" in words
    paper = page.context.request.get(page.url + "/paper.pdf", timeout=60_000)
    name = page.locator("h1").inner_text().removesuffix("の計算書")
    # Lines break where the names are long.
    printed = "".join(text_of(paper.body(), tmp_path).split())
    assert name in printed and "×300円" in printed and "まだ決定していません" not in printed
    book = load_workbook(io.BytesIO(page.context.request.get(run + "/payment.xlsx").body()))
    assert list(book["支払一覧"].values)[-1][5] == int(total)
    page.goto(city.url("/staff/figures?measure=grant_incentive&fiscal_year=2024"))
    look("年度ごとの数値の登録")
    assert f"{int(total):,} 円" in page.locator("main").inner_text()
