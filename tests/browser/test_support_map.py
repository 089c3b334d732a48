"""The support map in a browser: legend, map, table and files say the same; circles are proportional; links hold."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import subprocess
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenContext
from tests.browser.pages import PHONE, SUPPORT, Site, collect_errors
from tests.browser.test_figures import COLOURS

COUNTED = [path for path in SUPPORT if "centres" not in path and "officers" not in path]


def fetched(site: Site, page: Page, ending: str) -> bytes:
    """What is behind the download button."""
    link = page.locator(f".download-list a[href*='.{ending}?']").first.get_attribute("href")
    with urlopen(site.url(link or "")) as answer:
        return bytes(answer.read())


@pytest.mark.parametrize("path", SUPPORT)
def test_check_24_25_legend_and_areas_have_the_same_paint_and_sum(site: Site, page: Page, path: str) -> None:
    site.open(page, path)
    found = page.evaluate(COLOURS)
    assert sum(item["count"] for item in found["classes"]) == len(found["areas"]) == 30
    for item in found["classes"]:
        painted = [area for area in found["areas"] if area["name"].endswith(f"（{item['label']}）")]
        assert len(painted) == item["count"], item["label"]
        assert {area["paint"] for area in painted} <= {item["paint"]}


@pytest.mark.parametrize("path", SUPPORT)
def test_check_26_29_34_table_map_csv_and_geojson_agree(site: Site, page: Page, path: str) -> None:
    site.open(page, path)
    shapes = {
        str(item["id"]): item["properties"] for item in json.loads(fetched(site, page, "geojson"))["features"]
    }
    lines = list(csv.reader(io.StringIO(fetched(site, page, "csv").decode("utf-8-sig"))))
    rows = page.locator("#figures tbody tr").evaluate_all(
        "all => all.map(e => [e.dataset.key, [...e.querySelectorAll('td')].map(c => c.textContent.trim())])"
    )
    names = dict(
        page.locator(".leaflet-districts-pane path[data-feature]").evaluate_all(
            "all => all.map(e => [e.dataset.feature, e.getAttribute('aria-label')])"
        )
    )
    by_csv = {line[0]: line for line in lines}
    assert {key for key, _ in rows} == set(shapes) == set(names) and len(rows) == 30
    for key, cells in rows:
        first, first_in_file = cells[0], by_csv[key][2]
        shape = next(value for name, value in shapes[key].items() if name not in ("no", "name"))
        assert first in names[key]
        assert shapes[key]["class"] in names[key]
        if shape is None:
            assert first == first_in_file == "非公表"
        else:
            assert first.replace(",", "") == first_in_file == str(shape)
    assert "見本データ" in lines[1][-4]
    assert "見本データ（架空）" in page.locator(".banner").inner_text()


@pytest.mark.parametrize("path", COUNTED)
def test_areas_of_circles_are_proportional_to_the_counts(site: Site, page: Page, path: str) -> None:
    site.open(page, path)
    shapes = json.loads(fetched(site, page, "geojson"))["features"]
    name = "amount_yen" if "community" in path else "count"
    counts = sorted(item["properties"][name] for item in shapes if item["properties"][name])
    boxes = page.locator(".leaflet-circles-pane path").evaluate_all(
        "all => all.map(e => e.getBBox().width / 2)"
    )
    assert len(boxes) == len(counts)
    per_one = [radius / math.sqrt(count) for radius, count in zip(sorted(boxes), counts, strict=True)]
    assert max(per_one) - min(per_one) < 0.2 * max(per_one)


def test_a_year_keeps_theme_and_view_and_a_link_opens_the_same(
    site: Site, page: Page, new_context: OpenContext
) -> None:
    site.open(page, "/maps/support?theme=meetings#map=12/39.7000/141.1500&district=7")
    page.wait_for_selector(".map-details")
    page.select_option("select[name=fiscal_year]", "2021")
    with page.expect_navigation():
        page.click(".chooser button")
    page.wait_for_selector(".map-details")
    assert "theme=meetings" in page.url and "fiscal_year=2021" in page.url and "district=7" in page.url
    assert "令和3年度(2021年度)" in page.locator(".lead").inner_text()

    other = new_context().new_page()
    other.goto(page.url)
    other.wait_for_selector(".map-details")
    assert other.locator("tr.is-selected th").inner_text() == page.locator("tr.is-selected th").inner_text()
    assert (
        abs(other.evaluate("map_support.getCenter().lat") - page.evaluate("map_support.getCenter().lat"))
        < 1e-4
    )


def test_another_theme_keeps_place_and_district_but_not_the_layers_of_this_one(
    site: Site, page: Page
) -> None:
    site.open(page, "/maps/support?theme=centres#map=12/39.7000/141.1500&district=7&layers=reach")
    page.wait_for_selector(".map-details")
    page.get_by_role("link", name=re.compile("アドバイザーの派遣")).click()
    page.wait_for_url("**theme=advisers#map=12/39.7000/141.1500&district=7")
    page.wait_for_selector(".map-details")


def test_a_row_shows_its_centre_and_escape_goes_back(site: Site, page: Page) -> None:
    site.open(page, "/maps/support?theme=centres")
    button = page.locator("#places .row-select").first
    button.click()
    page.wait_for_selector(".map-details")
    assert "市民協働推進センター" in page.locator(".map-details").inner_text()
    page.wait_for_function("() => location.hash.includes('place=')")
    page.keyboard.press("Escape")
    page.wait_for_selector(".map-details", state="detached")
    assert button.evaluate("e => e === document.activeElement")


def test_themes_work_without_javascript(site: Site, new_context: OpenContext) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(site.url("/maps/support"))
    page.get_by_role("link", name=re.compile("催しと参加者")).click()
    assert page.locator("h1").inner_text() == "地域への支援：催しと参加者"
    assert page.locator("#figures tbody tr").count() == 30
    assert page.locator("#places tbody tr").count() == 4
    page.select_option("select[name=fiscal_year]", "2019")
    page.click(".chooser button")
    assert "令和元年度(2019年度)" in page.locator(".lead").inner_text()


def test_on_a_phone_nothing_runs_over(site: Site, new_context: OpenContext) -> None:
    page = new_context(viewport=PHONE).new_page()
    errors = collect_errors(page)
    for path in SUPPORT:
        site.open(page, path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert errors == []


@pytest.mark.parametrize("path", SUPPORT)
def test_check_33_heading_map_and_legends_stand_on_one_sheet(
    site: Site, page: Page, path: str, tmp_path: Path
) -> None:
    site.open(page, path)
    page.pdf(path=str(tmp_path / "p.pdf"), format="A4", print_background=True)
    first = subprocess.run(
        ["pdftotext", "-l", "1", str(tmp_path / "p.pdf"), "-"], check=True, capture_output=True, text=True
    ).stdout
    for words in ("地域への支援", "凡例", "合計 30 地区", "見本データ"):
        assert words in first
    assert "表示する" not in first
