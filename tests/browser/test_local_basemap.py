"""The base map of a closed network, in a browser: tiles from our own host alone, credited, on a phone too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests import tiles_world
from tests.browser.conftest import OpenContext, served
from tests.browser.pages import PHONE, Site, collect_errors, collect_hosts
from tests.fixtures_db import DatabaseUrls


@pytest.fixture(scope="module")
def local_site(sample_city: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The service with made-up tiles of the whole city, one of which is missing."""
    tiles = tiles_world.city_tiles()
    tiles.pop(next(tile for tile in tiles if tile[0] == 10))
    file = tiles_world.mbtiles(tmp_path_factory.mktemp("tiles") / "city.mbtiles", tiles)
    with served(sample_city, basemap="local", basemap_file=file) as address:
        yield Site(address)


def wait_for_tiles(page: Page) -> None:
    page.wait_for_function(
        "() => [...document.querySelectorAll('.leaflet-tile')].some((tile) => tile.naturalWidth === 256)"
    )


def test_check_01_04_30_tiles_come_from_our_host_alone_and_are_credited(local_site: Site, page: Page) -> None:
    hosts, errors, seen = collect_hosts(page), collect_errors(page), []
    page.on("response", lambda answer: seen.append((answer.url, answer.status)))
    local_site.open(page, "/maps/membership")
    wait_for_tiles(page)
    page.wait_for_load_state("networkidle")

    assert {f"http://{host}" for host in hosts} == {local_site.address}
    assert errors == []
    tiles = [status for url, status in seen if "/basemap/" in url]
    assert 200 in tiles and set(tiles) <= {200, 204}
    credit = page.locator(".leaflet-control-attribution")
    assert "架空の背景地図（試験用）" in credit.inner_text()
    assert credit.get_by_role("link", name="利用条件").get_attribute("href") == "https://example.com/licence"
    assert "背景地図を表示できません" not in page.locator(".map-message").inner_text()


def test_nothing_is_asked_for_outside_the_file_and_the_last_tiles_are_enlarged(
    local_site: Site, page: Page
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/basemap/" in request.url else None)
    local_site.open(page, "/maps/membership#map=17/39.7012/141.1500", ready=False)
    wait_for_tiles(page)
    page.wait_for_load_state("networkidle")

    zooms = {int(url.split("/basemap/")[1].split("/")[0]) for url in asked}
    assert max(zooms) == 12, "zoom 17 shows the tiles of zoom 12, enlarged"
    inside = set(tiles_world.tiles_in(tiles_world.CITY, range(8, 13)))
    numbers = {tuple(map(int, url.split("/basemap/")[1].split("?")[0].split("/"))) for url in asked}
    assert numbers <= inside


def test_on_a_phone_the_tiles_lie_under_the_districts(local_site: Site, new_context: OpenContext) -> None:
    page = new_context(viewport=PHONE).new_page()
    errors = collect_errors(page)
    local_site.open(page, "/maps/membership")
    wait_for_tiles(page)

    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert page.locator(".map path[aria-label]").count() >= 30
    credit = page.locator(".leaflet-control-attribution").bounding_box()
    frame = page.locator(".map-frame").bounding_box()
    assert credit and frame and credit["width"] <= frame["width"]
    assert errors == []


def test_vector_tiles_are_drawn_by_our_host(
    sample_city: DatabaseUrls, tmp_path: Path, new_context: OpenContext
) -> None:
    """The browser gets pictures: no further script, no WebGL, no font from elsewhere."""
    shapes = {
        tile: tiles_world.vector(*tile) for tile in tiles_world.tiles_in(tiles_world.CITY, range(8, 12))
    }
    file = tiles_world.pmtiles(tmp_path / "city.pmtiles", shapes, kind="MVT", packed=True)
    with served(sample_city, basemap="local", basemap_file=file) as address:
        page = new_context().new_page()
        hosts, errors = collect_hosts(page), collect_errors(page)
        Site(address).open(page, "/maps/support?theme=centres")
        wait_for_tiles(page)
        page.wait_for_load_state("networkidle")
        assert {f"http://{host}" for host in hosts} == {address}
        assert errors == []
        assert "架空の背景地図（試験用）" in page.locator(".leaflet-control-attribution").inner_text()


def test_a_file_that_goes_bad_leaves_the_map_usable_and_says_so(
    sample_city: DatabaseUrls, tmp_path: Path, page: Page
) -> None:
    made = tiles_world.folder(tmp_path / "tiles", tiles_world.city_tiles([8, 9]))
    with served(sample_city, basemap="local", basemap_file=made) as address:
        for file in made.rglob("*.png"):
            file.write_bytes(b"damaged")
        Site(address).open(page, "/maps/membership")
        page.get_by_text("背景地図を表示できません").wait_for()
        assert page.locator(".map path[aria-label]").count() >= 30
