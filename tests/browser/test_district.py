"""A district's page: charts for eye and ear, comparison without scripts, two sheets of paper; staff's pages of membership."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenContext, served
from tests.browser.pages import NARROW, Site, collect_errors
from tests.browser.test_accessibility import violations
from tests.browser.test_layout import CLIPPED, WIDTH
from tests.browser.test_signed_in import PASSWORD, first_link, send
from tests.fixtures_db import DatabaseUrls

HEADINGS = ("位置と町・字", "人口と世帯", "加入率の推移", "地域づくり計画", "地域づくり事業と補助金", "到達圏", "担当と窓口",
            "町内会・自治会", "出典と利用条件")  # fmt: skip


def test_every_chart_is_an_image_with_a_name_and_has_a_table(site: Site, page: Page) -> None:
    site.open(page, "/districts/5")
    charts = page.locator("svg.chart-svg")
    assert charts.count() == 3
    for chart in charts.all():
        name = chart.locator("title").text_content()
        assert page.get_by_role("img", name=name, exact=True).count() == 1
        block = chart.locator("xpath=ancestor::*[contains(@class,'chart-block')]")
        written = block.locator("tbody td.numeric").all_inner_texts()
        for value in chart.locator("text.chart-value").all_text_contents():
            assert any(value in cell for cell in written), (name, value)


def test_comparing_needs_no_script(site: Site, new_context: OpenContext) -> None:
    page = new_context(java_script_enabled=False).new_page()
    site.open(page, "/districts/5", ready=False)
    page.get_by_label("比べる相手").select_option("3")
    with page.expect_navigation():
        page.get_by_role("button", name="くらべる").click()
    assert page.url.endswith("/districts/5?compare=3")
    table = page.get_by_role("table", name="松園が、上田より")
    assert table.get_by_role("row").count() == 9
    assert "ポイント" in table.inner_text()
    assert page.get_by_label("比べる相手").input_value() == "3"
    assert "上田" in page.locator(".chart-legend").first.inner_text()


@pytest.mark.parametrize("path", ["/districts/27", "/districts/5?compare=city"])
def test_it_fits_two_sheets_and_every_part_is_readable_text(
    site: Site, page: Page, tmp_path: Path, path: str
) -> None:
    site.open(page, path)
    page.emulate_media(media="print")
    target = tmp_path / "page.pdf"
    page.pdf(path=str(target), format="A4")
    shown = subprocess.run(["pdftotext", "-layout", str(target), "-"], capture_output=True, check=True)
    text = shown.stdout.decode()
    assert text.count("\f") <= 2
    words = "".join(text.split())
    for heading in (*HEADINGS, "見本データ（架空）"):
        assert heading in words, heading
    for control in ("くらべる", "職員用", "前：", "データのダウンロード"):
        assert control not in words, control
    assert page.locator("svg.chart-svg").first.is_visible()


def test_charts_keep_their_colours_in_forced_colours(site: Site, new_context: OpenContext) -> None:
    page = new_context(forced_colors="active").new_page()
    site.open(page, "/districts/5")
    colours = page.locator("svg.chart-svg rect[stroke='#1f5fa8']").evaluate_all(
        "all => [...new Set(all.map(e => getComputedStyle(e).fill))]"
    )
    assert colours == ["rgb(31, 95, 168)"]


def test_a_district_without_facilities_says_so(site: Site, page: Page) -> None:
    errors = collect_errors(page)
    site.open(page, "/districts/27")
    assert "この地区の中にはありません" in page.locator("main").inner_text()
    assert "0.0 %" in page.get_by_role("table", name="地域活動に使える施設の近く").inner_text()
    assert errors == []


def test_staff_see_membership_by_association(sample_town: DatabaseUrls, new_context: OpenContext) -> None:
    with served(sample_town) as address:
        site, page = Site(address), new_context().new_page()
        errors = collect_errors(page)
        page.goto(site.url(first_link(sample_town)))
        send(page, password=PASSWORD, password_again=PASSWORD)
        page.goto(site.url("/districts/27"))
        page.get_by_role("link", name="町内会・自治会ごとの加入率").click()
        assert "巻堀姫神の町内会・自治会の加入率" in page.locator("h1").inner_text()
        assert page.locator("tbody tr").count() == 5
        assert violations(page) == []
        page.locator("tbody th a").first.click()
        assert "加入世帯" in page.locator("h1").inner_text()
        assert page.locator("svg.chart-svg circle").count() >= 5
        assert violations(page) == []
        page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        assert page.evaluate(WIDTH) <= 320
        assert page.evaluate(CLIPPED) == []
        assert errors == []
