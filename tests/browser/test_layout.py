"""Checks 18 (answers), 19, 20 and 33: narrow windows, spaced text, long names, paper."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenContext, served
from tests.browser.pages import ANSWERS, MAPS, NARROW, REPRESENTATIVE, Site
from tests.fixtures_db import DatabaseUrls

SPACING = """
* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-bottom: 2em !important; }
"""
CLIPPED = """() => [...document.querySelectorAll('main :is(h1, h2, p, a, button, label, dt, dd, th, legend, li)')]
    .filter(e => e.checkVisibility() && !e.closest('.leaflet-container, .visually-hidden, .table-scroll'))
    .filter(e => getComputedStyle(e).overflow !== 'visible' && e.scrollWidth > e.clientWidth + 1
        || e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map(e => e.outerHTML.slice(0, 120))"""
SHEET_PX = (297 - 2 * 14) / 25.4 * 96
"""Height of an A4 sheet within its margins, in CSS pixels."""
WIDTH = "document.documentElement.scrollWidth"


@pytest.mark.parametrize("outcome", ANSWERS)
def test_check_18_nor_in_answers(site: Site, new_context: OpenContext, outcome: str) -> None:
    page = site.ask(new_context(viewport=NARROW).new_page(), ANSWERS[outcome])
    assert page.evaluate(WIDTH) <= 320
    assert page.evaluate(CLIPPED) == []


@pytest.mark.parametrize("path", REPRESENTATIVE)
def test_check_19_spaced_text_is_not_clipped(site: Site, new_context: OpenContext, path: str) -> None:
    page = site.open(new_context(viewport={"width": 375, "height": 740}).new_page(), path)
    page.evaluate(
        "css => { const s = new CSSStyleSheet(); s.replaceSync(css); document.adoptedStyleSheets = [s]; }",
        SPACING,
    )
    assert page.evaluate(WIDTH) <= 375
    assert page.evaluate(CLIPPED) == []


def test_check_20_the_longest_names_wrap(
    cluster: object, sample_town: DatabaseUrls, new_context: OpenContext
) -> None:
    """An association of 40 characters stands in district 7; the longest districts are real."""
    name = "みたけ見本長い名前の町内会" * 3 + "終"
    assert len(name) == 40
    with psycopg.connect(sample_town.superuser) as conn:
        # Rows of an active dataset cannot be changed otherwise.
        conn.execute("SET session_replication_role = replica")
        row = conn.execute(
            "UPDATE kyodo.association_area SET name = %s WHERE association_id = 'sample-0104' RETURNING 1",
            (name,),
        ).fetchone()
        assert row is not None
    with served(sample_town) as address:
        page = new_context(viewport=NARROW).new_page()
        for path in ("/districts/7", "/districts/27", "/districts/30"):
            page.goto(address + path)
            assert page.evaluate(WIDTH) <= 320
        page.goto(address + "/districts/7")
        assert page.get_by_text(name).first.is_visible()
        Site(address).ask(page, ANSWERS["one"])
        assert page.locator("h1").inner_text() == name
        assert page.evaluate(WIDTH) <= 320


@pytest.mark.parametrize("path", MAPS)
def test_check_33_paper_keeps_map_legend_table_and_source(
    site: Site, page: Page, path: str, tmp_path: Path
) -> None:
    site.open(page, path)
    page.emulate_media(media="print")
    assert (
        page.locator(".map-tools, .site-nav, .row-select, .chooser button").evaluate_all(
            "all => all.filter(e => e.checkVisibility()).length"
        )
        == 0
    )
    assert page.locator("[class*=legend]").first.is_visible()

    target = tmp_path / "page.pdf"
    page.pdf(path=str(target), format="A4", print_background=True)
    text = subprocess.run(
        ["pdftotext", "-layout", str(target), "-"], capture_output=True, check=True
    ).stdout.decode()
    first = text.split("\f")[0]
    assert page.locator("h1").inner_text().replace("\n", "") in first.replace(" ", "")
    assert "玉山薮川" in text
    # Check 29: whatever the page says of its sources stands on the paper too.
    joined = re.sub(r"\s", "", text)
    stated = page.locator(".source > dl dd").all_inner_texts()
    assert len(stated) == 4
    assert "見本データ（架空）" in stated
    for words in ["出典", "時点", "利用条件", *stated]:
        assert re.sub(r"\s", "", words) in joined
    one_sheet(page, first)


def one_sheet(page: Page, sheet: str) -> None:
    """The map, with the names on it, stands on the same sheet as the whole legend."""
    assert page.locator(".map-section").bounding_box()["height"] < SHEET_PX  # type: ignore[index]
    before_table = re.sub(r"\s", "", sheet.split("地区別の表")[0])
    for label in ["凡例", *page.locator("li:not([hidden]) > .legend-label").all_inner_texts()]:
        assert re.sub(r"\s", "", label) in before_table
    names = page.locator(".map-label:not(.is-crowded)").all_inner_texts()
    assert len(names) > 5
    assert sum(name in before_table for name in names) > len(names) / 2


def test_with_every_layer_on_the_map_still_stands_on_the_first_sheet(
    site: Site, page: Page, tmp_path: Path
) -> None:
    site.open(page, "/maps/plan-adoption#layers=projects,facilities")
    page.wait_for_selector(".legend li:not([hidden]) >> text=活動施設")
    page.pdf(path=str(tmp_path / "p.pdf"), format="A4")
    first = subprocess.run(
        ["pdftotext", "-l", "1", str(tmp_path / "p.pdf"), "-"], check=True, capture_output=True, text=True
    ).stdout
    assert "玉山薮川" in first
    assert "活動施設" in first


@pytest.mark.parametrize("path", ["/maps/membership", "/maps/support?theme=events"])
def test_most_of_the_map_stands_on_the_first_screen(site: Site, new_context: OpenContext, path: str) -> None:
    """And on a phone it begins there; what makes figures unfit to be compared is one line that opens."""
    for width, height, wanted in ((1280, 800, 0.65), (375, 740, 0.05)):
        page = site.open(new_context(viewport={"width": width, "height": height}).new_page(), path)
        box = page.locator(".map-frame").bounding_box()
        assert box is not None
        assert (height - box["y"]) / box["height"] > wanted, (width, box)
    cautions = page.locator("details.cautions")
    if cautions.count():
        assert not cautions.locator("li").first.is_visible()
        cautions.locator("summary").click()
        assert cautions.locator("li").first.is_visible()


def test_check_33_a_table_keeps_its_headings_on_every_sheet(site: Site, page: Page, tmp_path: Path) -> None:
    """At the size of the page: a table too wide for the paper would shrink everything on it."""
    site.open(page, "/maps/plan-adoption")
    page.pdf(path=str(tmp_path / "p.pdf"), format="A4")
    sheets = subprocess.run(
        ["pdftotext", str(tmp_path / "p.pdf"), "-"], check=True, capture_output=True, text=True
    ).stdout.split("\f")
    full = [sheet for sheet in sheets if re.search(r"^\d+ (?!地区)\S+$", sheet, re.M) and "未策定" in sheet]
    assert len(full) > 1
    for sheet in full:
        assert "その状態に" in sheet and "人口" in sheet
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 688, "height": 1016})  # an A4 sheet within its margins
    assert page.evaluate(WIDTH) <= 688


def test_check_33_an_answer_can_be_printed(site: Site, page: Page, tmp_path: Path) -> None:
    site.ask(page, ANSWERS["one"])
    page.emulate_media(media="print")
    target = tmp_path / "answer.pdf"
    page.pdf(path=str(target), format="A4")
    text = subprocess.run(["pdftotext", str(target), "-"], capture_output=True, check=True).stdout.decode()
    assert "みたけ三丁目見本第3町内会" in text
    assert "見本データ（架空）" in text
