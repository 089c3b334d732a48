"""Checks 24–26, 29, 34: legend, map, table and downloads say the same."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from kyodo_geo.classes import format_percent
from tests.browser.pages import EVERY, MAPS, Site

LEGEND = """() => [...document.querySelectorAll('.legend li, .map-legend li')].map(e => {
    const swatch = e.querySelector('.swatch');
    return { text: e.textContent.trim(), key: swatch?.dataset.key ?? e.dataset.key ?? null };
})"""


def downloads(site: Site, page: Page, path: str, kind: str, folder: Path) -> tuple[str, bytes]:
    """File name and bytes behind the download button whose address ends in `kind`."""
    site.open(page, path)
    with page.expect_download() as caught:
        page.locator(f".download-list a[href*='{kind}']").first.click()
    target = folder / "file"
    caught.value.save_as(target)
    return caught.value.suggested_filename, target.read_bytes()


@pytest.mark.parametrize("path", MAPS)
def test_check_25_counts_of_the_legend_sum_to_the_districts(site: Site, page: Page, path: str) -> None:
    site.open(page, path)
    text = page.locator("[class*=legend]").first.inner_text()
    counts = [int(found) for found in re.findall(r"(\d+) 地区(?!の)", text)]

    total = int(re.search(r"合計 (\d+) 地区", text)[1])  # type: ignore[index]
    assert total == 30
    assert sum(counts) - total == 30
    if path != "/maps/plan-adoption":
        assert "単位 %" in text
        assert "以上" in text
        assert "未満" in text


@pytest.mark.parametrize("path", MAPS)
def test_check_26_table_map_geojson_and_csv_agree(site: Site, page: Page, path: str, tmp_path: Path) -> None:
    _, raw = downloads(site, page, path, "geojson", tmp_path)
    features = {str(f["id"]): f["properties"] for f in json.loads(raw)["features"]}
    _, raw = downloads(site, page, path, "csv", tmp_path)
    lines = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    rows = page.locator("#figures tbody tr").evaluate_all(
        "all => all.map(e => [e.dataset.key, [...e.querySelectorAll('td')].map(c => c.textContent.trim())])"
    )
    on_map = page.locator("path[data-feature]").evaluate_all(
        "all => all.map(e => [e.dataset.feature, e.getAttribute('aria-label')])"
    )

    keys = {key for key, _ in rows}
    assert keys == set(features) == {key for key, _ in on_map if key in keys}
    assert len(keys) == 30
    assert sum(1 for line in lines if line and line[0] in keys) == 30
    if path == "/maps/membership":
        by_csv = {line[0]: line for line in lines if line}
        for key, cells in rows:
            rate = format_percent(features[key]["membership_rate"])
            assert cells[0].replace(" ", "") == f"{rate}%"
            assert f"{rate}" in dict(on_map)[key]
            assert rate in by_csv[key]


@pytest.mark.parametrize("path", EVERY)
def test_check_29_the_mark_of_sample_data_is_on_every_page_with_such_data(
    site: Site, page: Page, path: str
) -> None:
    site.open(page, path, ready=False)
    if path in ("/api", "/login", "/about"):
        return
    assert "見本データ（架空）" in page.locator("body").inner_text()


@pytest.mark.parametrize("kind", ["csv", "geojson"])
@pytest.mark.parametrize("path", MAPS)
def test_check_29_and_34_downloads_carry_source_mark_and_date(
    site: Site, page: Page, path: str, kind: str, tmp_path: Path
) -> None:
    name, raw = downloads(site, page, path, kind, tmp_path)
    text = raw.decode("utf-8-sig")

    assert re.search(r"\d{4}-?\d{2}-?\d{2}", name)
    assert name.endswith(f".{kind}")
    assert "見本データ（架空）" in text
    assert "kyodo-geo が作った架空のデータ" in text
    if kind == "csv":
        assert raw.startswith(b"\xef\xbb\xbf")
    else:
        assert json.loads(text)["type"] == "FeatureCollection"


@pytest.mark.parametrize("path", MAPS)
def test_check_34_downloads_state_their_type(site: Site, page: Page, path: str) -> None:
    site.open(page, path)
    for link in page.locator(".download-list a").all():
        response = page.request.get(site.url(link.get_attribute("href") or ""))
        kind = response.headers["content-type"]
        assert kind.startswith(("text/csv", "application/geo+json"))
        assert response.headers["content-disposition"].startswith("attachment")
