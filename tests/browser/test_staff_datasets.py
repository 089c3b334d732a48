"""The datasets pages in a browser: from a file to the public page and back; every page clean, narrow, without scripts."""

from __future__ import annotations

import functools
import json
import re
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Page, expect

from api.jobs.dataset_uploads import run_uploads
from geodata.database import Database
from kyodo_geo.roles import Role
from tests.browser.conftest import SignedIn
from tests.browser.pages import LARGE, NARROW, PHONE, Site, collect_errors
from tests.browser.test_accessibility import SMALL, violations
from tests.browser.test_layout import CLIPPED, WIDTH
from tests.fixtures_db import DatabaseUrls

BASE = "/staff/datasets"


@pytest.fixture
def city(office_city: DatabaseUrls) -> DatabaseUrls:
    return office_city


@pytest.fixture
def database(office_database: Database) -> Database:
    return office_database


@pytest.fixture
def keeper(signed_in: SignedIn) -> Callable[..., Page]:
    """The browser of a new planner at the list of datasets."""
    return functools.partial(signed_in, Role.PLANNER, BASE)


def figures(city: DatabaseUrls, year: int) -> dict[str, tuple[int, int]]:
    with psycopg.connect(city.superuser) as conn:
        rows = conn.execute(
            "SELECT association_id, households, member_households FROM kyodo.membership WHERE fiscal_year = %s "
            "AND dataset_id = kyodo.active_dataset('03201', (SELECT max(generation_no) FROM kyodo.generation), "
            "'membership') ORDER BY association_id",
            (year,),
        ).fetchall()
    return {key: (households, members) for key, households, members in rows}


@pytest.fixture
def membership(city: DatabaseUrls, tmp_path: Path) -> Path:
    """Next year's figures: one association jumps, one is missing, one is above 100 %, one is unknown."""
    rows = ["町内会番号,年度,世帯数,加入世帯数,世帯数の種類"]
    for place, (key, (households, members)) in enumerate(figures(city, 2025).items()):
        if place == 0:
            continue
        new = {1: members // 2, 2: households + 1}.get(place, members)
        rows.append(f"{key},R8,{households},{new},住基")
    rows.append("nobody-1,R8,100,90,住基")
    path = tmp_path / "加入世帯数_令和8年度.csv"
    path.write_bytes("\r\n".join(rows).encode("cp932"))
    return path


@pytest.fixture
def areas(city: DatabaseUrls, tmp_path: Path) -> Path:
    """The associations' areas: one moved over its neighbours, one a bow tie, one left out, one new."""
    with psycopg.connect(city.superuser) as conn:
        rows = conn.execute(
            "SELECT association_id, name, kana, kind, area_text, ST_AsGeoJSON(geom, 6) FROM kyodo.association_area "
            "WHERE dataset_id = kyodo.active_dataset('03201', 1, 'associations') AND geom IS NOT NULL ORDER BY 1"
        ).fetchall()
    features = []
    for place, (key, name, kana, kind, text, geometry) in enumerate(rows):
        shape = json.loads(geometry)
        if place == 0:
            continue
        if place == 1:
            shape["coordinates"] = [
                [[[x + 0.002, y] for x, y in ring] for ring in part] for part in shape["coordinates"]
            ]
        if place == 2:
            x, y = shape["coordinates"][0][0][0]
            bow = [[x, y], [x + 0.002, y + 0.002], [x + 0.002, y], [x, y + 0.002], [x, y]]
            shape = {"type": "Polygon", "coordinates": [bow]}
        properties = {"町内会番号": key, "町内会名": name, "よみ": kana, "種別": kind, "区域": text}
        features.append({"type": "Feature", "properties": properties, "geometry": shape})
    x, y = 141.16, 39.70
    ring = [[x, y], [x + 0.003, y], [x + 0.003, y + 0.003], [x, y + 0.003], [x, y]]
    features.append(
        {
            "type": "Feature",
            "properties": {"町内会番号": "new-1", "町内会名": "<b>新しい町内会</b>"},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
    )
    path = tmp_path / "町内会の区域.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def upload(page: Page, kind: str, path: Path, *, sample: bool = True) -> None:
    page.goto(re.sub(r"/staff.*", f"{BASE}/new?kind={kind}", page.url))
    if sample:
        page.get_by_label("データの区分").select_option("sample")
    page.get_by_label("ファイル", exact=True).set_input_files(path)
    with page.expect_navigation():
        page.get_by_role("button", name="アップロードして確認する").click()


def work(database: Database) -> int:
    return run_uploads(database, threading.Event())


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()


def clean(page: Page, *, axe: bool = True) -> None:
    """Checks 6, 7, 17 and 18 on the page as it stands."""
    assert not axe or violations(page) == []
    assert page.locator("h1").count() == 1
    assert re.search(r" \| 盛岡市 ", page.title())
    targets = page.locator("a, button, input:not([type=hidden]), select, summary")
    assert targets.evaluate_all(SMALL) == []
    size = page.viewport_size
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert page.evaluate(WIDTH) <= 320
    assert page.evaluate(CLIPPED) == []
    page.set_viewport_size(size or LARGE)  # type: ignore[arg-type]


def test_a_years_membership_from_the_file_to_the_public_page_and_back(
    keeper, office: Site, database: Database, membership: Path, page: Page
) -> None:
    staff = keeper()
    errors = collect_errors(staff)
    clean(staff)
    upload(staff, "membership", membership)
    assert staff.get_by_role("progressbar", name="進み具合").is_visible()
    clean(staff)
    assert work(database) == 1
    staff.get_by_role("heading", name="読み取った内容の確認").wait_for()
    for words in ("大きく動きます", "ファイルにありません", "加入世帯数が世帯数より多くなっています"):
        assert staff.get_by_text(words).count() >= 1, words
    assert "nobody-1" in staff.locator("#faults").inner_text()
    clean(staff)
    press(staff, "データセットとして保存する")
    assert work(database) == 1
    staff.get_by_role("heading", name="保存しました").wait_for()
    clean(staff)
    page.goto(office.url("/maps/membership"))
    assert page.locator("#chooser option[selected]").inner_text().startswith("令和7年度"), (
        "nothing has changed yet"
    )

    with staff.expect_navigation():
        staff.get_by_role("link", name="有効にする").click()
    clean(staff)
    staff.get_by_label("理由").fill("令和8年度の調査")
    press(staff, "有効にする")
    assert staff.get_by_role("status").inner_text().startswith("第 2 世代を有効にしました")
    assert "令和8年度の調査" in staff.locator("tbody tr").first.inner_text()
    clean(staff)
    page.goto(office.url("/maps/membership"))
    assert page.locator("#chooser option[selected]").inner_text().startswith("令和8年度"), "at once"

    with staff.expect_navigation():
        staff.get_by_role("link", name="前の内容に戻す").click()
    clean(staff)
    press(staff, "第 1 世代の内容に戻す")
    page.goto(office.url("/maps/membership"))
    assert page.locator("#chooser option[selected]").inner_text().startswith("令和7年度")
    assert errors == []


@pytest.fixture(scope="module")
def stored() -> dict[str, str]:
    """Address of the dataset of areas, once one test has loaded it."""
    return {}


def load(keeper, database: Database, areas: Path, stored: dict[str, str]) -> str:
    if "areas" not in stored:
        page = keeper()
        upload(page, "associations", areas)
        assert work(database) == 1
        page.reload()
        press(page, "データセットとして保存する")
        assert work(database) == 1
        page.reload()
        stored["areas"] = page.get_by_role("link", name="点検の結果").get_attribute("href") or ""
    return stored["areas"]


@pytest.mark.parametrize(
    "size", [pytest.param(LARGE, id="1280"), pytest.param(PHONE, id="375", marks=pytest.mark.full)]
)
def test_faults_are_drawn_under_their_numbers(
    keeper, office: Site, database: Database, areas: Path, stored, size
) -> None:
    address = load(keeper, database, areas, stored)
    page = keeper(viewport=size)
    errors = collect_errors(page)
    page.goto(office.url(address))
    page.wait_for_selector(".map path[aria-label]", state="attached")
    rows = page.locator("#faults tbody tr")
    marks = page.locator(".map path[data-feature]")
    with_place = page.locator("#faults .row-select")
    assert marks.count() == with_place.count() >= 3, "one mark for every row with a place"
    numbers = set(page.locator(".fault-number span").all_inner_texts())
    assert numbers == set(rows.evaluate_all("all => all.map(row => row.dataset.key)"))
    assert violations(page) == []
    with_place.nth(1).focus()
    page.keyboard.press("Enter")
    page.locator(".leaflet-popup").wait_for()
    key = with_place.nth(1).get_attribute("data-feature")
    assert page.locator(f"path.is-selected[data-feature='{key}']").count() == 1
    assert f"{key} " in page.locator(".leaflet-popup").inner_text()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(with_place.nth(1)).to_be_focused()
    clean(page, axe=False)
    with page.expect_download() as caught:
        page.get_by_role("link", name="見つかったところ（CSV）").click()
    lines = Path(caught.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == rows.count() + 1
    assert all("見本データ" in line for line in lines[1:])
    assert errors == []


def centre(page: Page, side: str) -> tuple[float, float, float]:
    found = page.evaluate(
        f"() => [map_changes_{side}.getCenter().lat, map_changes_{side}.getCenter().lng, map_changes_{side}.getZoom()]"
    )
    return tuple(round(value, 4) for value in found)  # type: ignore[return-value]


def test_two_maps_of_the_comparison_move_together(
    keeper, office: Site, database: Database, areas: Path, stored
) -> None:
    page = keeper()
    page.goto(office.url(load(keeper, database, areas, stored) + "/compare"))
    errors = collect_errors(page)
    page.reload()
    page.wait_for_selector(".map path[data-feature]", state="attached")
    left, right = (page.locator(".map-twin").nth(n).bounding_box() for n in (0, 1))
    assert left and right and abs(left["y"] - right["y"]) < 2 and right["x"] > left["x"] + left["width"] - 1
    assert centre(page, "before") == centre(page, "after")
    page.get_by_role("button", name="拡大").first.click()
    page.wait_for_function("() => map_changes_before.getZoom() === map_changes_after.getZoom()")
    page.get_by_role("button", name="右へ移動").nth(1).click()
    page.wait_for_function(
        "() => !map_changes_before._panAnim?._inProgress && !map_changes_after._panAnim?._inProgress"
    )
    assert centre(page, "before") == centre(page, "after")
    before = centre(page, "after")
    page.locator(".leaflet-container").nth(1).focus()
    page.keyboard.press("ArrowRight")
    still = "() => ![map_changes_before, map_changes_after].some(map => map._panAnim?._inProgress)"
    page.wait_for_function(still)
    by_key = centre(page, "after")
    assert by_key[1] > before[1] and centre(page, "before") == by_key, "arrow keys of the right map move both"
    box = page.locator(".map-twin .leaflet-container").first.bounding_box()
    assert box
    page.mouse.move(box["x"] + 200, box["y"] + 150)
    page.mouse.down()
    page.mouse.move(box["x"] + 260, box["y"] + 180, steps=4)
    page.mouse.up()
    page.wait_for_function(still)
    assert centre(page, "before")[1] < by_key[1] and centre(page, "before") == centre(page, "after"), (
        "a drag too"
    )
    # The same rows on both sides and in the tables.
    for side, verdicts in (("before", {"変更", "削除"}), ("after", {"追加", "変更"})):
        rows = page.locator(f"#{side} tbody tr")
        assert set(page.locator(f"#{side} tbody td:nth-child(2)").all_inner_texts()) == verdicts
        twin = page.locator(".map-twin").nth(int(side == "after"))
        # Two associations of the sample have no area: they stand in the table alone.
        assert twin.locator("path[data-feature]").count() == rows.locator(".row-select").count() > 1
    changed = page.locator("#after tr", has_text="変更").locator(".row-select").first
    key = changed.get_attribute("data-feature")
    changed.click()
    page.locator(".leaflet-popup").wait_for()
    assert page.locator(f"path.is-selected[data-feature='{key}']").count() == 2, "outlined on both maps"
    assert page.locator("b", has_text="新しい町内会").count() == 0, "a hostile name is text"
    clean(page)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    left, right = (page.locator(".map-twin").nth(n).bounding_box() for n in (0, 1))
    assert left and right and right["y"] > left["y"] + left["height"] - 1, "below 600 px under each other"
    assert errors == []


def test_check_09_without_javascript(
    keeper, office: Site, database: Database, areas: Path, membership: Path, stored
) -> None:
    address = load(keeper, database, areas, stored)
    page = keeper(java_script_enabled=False)
    page.goto(office.url(f"{address}/compare"))
    assert page.locator("#after tbody tr").count() >= 2 and page.locator(".map-fallback").first.is_visible()
    page.goto(office.url(address))
    assert page.locator("#faults tbody tr").count() >= 3
    upload(page, "membership", membership)
    assert work(database) == 1
    with page.expect_navigation():
        page.get_by_role("link", name="進み具合を見直す").click()
    assert page.locator("h1").inner_text() == "読み取った内容の確認"
    press(page, "取りやめてファイルを消す")
    assert page.url.endswith(BASE)


def test_a_bad_file_is_told_with_the_focus_on_it_and_nothing_typed_is_lost(keeper, tmp_path: Path) -> None:
    page = keeper()
    bad = tmp_path / "空.csv"
    bad.write_bytes(b"")
    page.goto(page.url + "/new?kind=membership")
    page.get_by_label("出典", exact=True).fill("市の調査")
    page.get_by_label("ファイル", exact=True).set_input_files(bad)
    press(page, "アップロードして確認する")
    page.wait_for_function("() => document.activeElement.classList.contains('error-summary')")
    assert "空のファイルです" in page.locator(".error-summary").inner_text()
    assert page.get_by_label("出典", exact=True).input_value() == "市の調査"
    assert page.get_by_label("データの種類").input_value() == "membership"
    clean(page)


def test_check_33_the_report_prints(keeper, office: Site, database: Database, areas: Path, stored) -> None:
    page = keeper()
    page.goto(office.url(load(keeper, database, areas, stored) + "/compare"))
    page.wait_for_selector(".map path[data-feature]", state="attached")
    page.emulate_media(media="print")
    assert not page.locator(".button-row").first.is_visible()
    for selector in (".legend", "#after", ".map-twin >> nth=1", "#source-heading"):
        assert page.locator(selector).first.is_visible(), selector
