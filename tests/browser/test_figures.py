"""Checks 24–26, 29, 34: legend, map, table and downloads say the same."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from kyodo_geo.classes import format_percent
from maps.text import day
from tests.browser.pages import EVERY, MAPS, Site


def test_a_reading_nobody_confirmed_says_so(site: Site, page: Page) -> None:
    site.open(page, "/districts/1", ready=False)
    assert "におう（読み未確認）" in page.locator("h1").inner_text()
    site.open(page, "/districts/7", ready=False)
    assert "未確認" not in page.locator("h1").inner_text()
    site.open(page, "/maps/plan-adoption", ready=False)
    assert page.locator("#figures .kana", has_text="読み未確認").count() == 5


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
        assert ("人口千人あたりの件数" if path == "/maps/projects" else "単位 %") in text
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
    by_csv = {line[0]: line for line in lines if line}
    for key, cells in rows:
        properties = features[key]
        shown = main_figure(path, properties)
        assert cells[0] == shown
        assert shown in dict(on_map)[key]
        assert by_csv[key][2] == shown.removesuffix(" %")
        people = cells[5 if path in ("/maps/projects", "/maps/plan-adoption") else 3].replace(",", "")
        if path == "/maps/membership":
            assert (cells[2].replace(",", ""), people) == (
                str(properties["member_households"]),
                str(properties["rate_households"]),
            )
        else:
            assert people == str(properties["population"])
        assert people in by_csv[key]


def main_figure(path: str, properties: dict[str, Any]) -> str:
    """The figure a map is about, as it is shown, from the properties of the GeoJSON."""
    if path == "/maps/plan-adoption":
        assert properties["plan_adopted"] == {"策定": True, "改定": True, "不明": None}.get(
            properties["plan"], False
        )
        return str(properties["plan"])
    if path == "/maps/projects":
        return str(properties["projects"])
    rate = properties["membership_rate" if path == "/maps/membership" else "share_inside"]
    return f"{format_percent(rate)} %"


COLOURS = """() => {
    const paint = e => {
        const s = getComputedStyle(e);
        return `${s.fill} × ${Number(s.fillOpacity) * Number(s.opacity)}`;
    };
    return {
        classes: [...document.querySelectorAll('.legend li[data-class]:has([data-count])')].map(li => ({
            label: li.querySelector('.legend-label').textContent,
            count: Number(li.querySelector('[data-count]').dataset.count),
            paint: paint(li.querySelector('.swatch').firstElementChild),
        })),
        areas: [...document.querySelectorAll('.leaflet-districts-pane path[data-feature]')].map(path => ({
            name: path.getAttribute('aria-label'),
            paint: paint(path),
        })),
    };
}"""


@pytest.mark.parametrize("path", MAPS)
def test_check_24_swatches_are_painted_as_the_areas_of_their_class(site: Site, page: Page, path: str) -> None:
    site.open(page, path)
    found = page.evaluate(COLOURS)

    assert sum(entry["count"] for entry in found["classes"]) == len(found["areas"]) == 30
    for entry in found["classes"]:
        label = re.escape(entry["label"])
        paints = [
            area["paint"] for area in found["areas"] if re.search(f"（{label}）|は{label}（", area["name"])
        ]
        assert paints == [entry["paint"]] * entry["count"]
    assert len({entry["paint"] for entry in found["classes"]}) == len(found["classes"])


# Pages that show no data.
PLAIN = {"/api", "/login", "/about", "/maps", "/partner/widget", "/ogc/conformance", "/progress/meetings"}


@pytest.mark.parametrize("path", [path for path in EVERY if path not in PLAIN])
def test_check_29_the_mark_of_sample_data_is_on_every_page_with_such_data(
    site: Site, page: Page, path: str
) -> None:
    site.open(page, path, ready=False)
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
    mark, source, as_of, licence = page.locator(".source > dl dd").all_inner_texts()
    assert mark == "見本データ（架空）"
    assert "kyodo-geo が作った架空のデータ" in source
    if kind == "csv":
        told = dict(zip(*list(csv.reader(io.StringIO(text)))[:2], strict=True))
        stated = [told[name] for name in ("データの品質", "出典", "利用条件", "時点")]
    else:
        dataset = json.loads(text)["dataset"]
        stated = [dataset[name] for name in ("quality_label", "source", "licence", "as_of")]
    assert stated[:3] == [mark, source, licence]
    assert day(date.fromisoformat(stated[3]) if re.match(r"\d{4}-", stated[3] or "") else None) == as_of
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
