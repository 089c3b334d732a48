"""Checks 38 and 39: nothing secret in any page, and hostile names stay text."""

from __future__ import annotations

import psycopg
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenContext, served
from tests.browser.pages import EVERY, MAPS, Site
from tests.fixtures_db import DatabaseUrls

HOSTILE = [
    "<img src=x onerror='window.x=1'>",
    "</script><script>window.x=1</script>",
    "${window.x=1}",
    "`-(window.x=1)-'\"",
]
SECRET = "1411234"  # digits of a planted coordinate and of an address that stand nowhere else


@pytest.fixture(scope="module")
def planted(sample_town: DatabaseUrls) -> DatabaseUrls:
    """The sample with hostile names on districts, associations and a facility, and one secret vacant house."""
    with psycopg.connect(sample_town.superuser) as conn:
        # Rows of an active dataset cannot be changed otherwise.
        conn.execute("SET session_replication_role = replica")
        for no, name in enumerate(HOSTILE, start=1):
            conn.execute("UPDATE kyodo.district_area SET name = %s WHERE district_no = %s", (name, no))
        conn.execute(
            "UPDATE kyodo.association_area SET name = %s WHERE association_id = 'sample-0104'", (HOSTILE[0],)
        )
        conn.execute(
            "UPDATE kyodo.facility_site SET name = %s, address = %s WHERE facility_id = "
            "(SELECT min(facility_id) FROM kyodo.facility_site)",
            (HOSTILE[1], HOSTILE[2]),
        )
        conn.execute(
            "UPDATE kyodo_vacant.vacant_house SET state = 'survey', address = %s, "
            "geom = ST_SetSRID(ST_Point(141.1234567, 39.7), 4326) "
            "WHERE house_id = (SELECT min(house_id) FROM kyodo_vacant.vacant_house)",
            (f"秘密{SECRET}",),
        )
    return sample_town


def test_check_38_and_39_hostile_names_stay_text_and_secrets_stay_away(
    planted: DatabaseUrls, new_context: OpenContext
) -> None:
    with served(planted) as address:
        site, page = Site(address), new_context().new_page()
        bodies: list[str] = []
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "response",
            lambda response: bodies.append(response.text()) if "vendor" not in response.url else None,
        )
        for path in [*EVERY, "/districts/1", "/districts/3"]:
            site.open(page, path)
            page.wait_for_load_state("networkidle")
            assert page.evaluate("window.x") is None, path
        for path in MAPS:
            site.open(page, path)
            for no, name in enumerate(HOSTILE, start=1):
                page.locator(f"#figures tbody tr[data-key='{no}'] .row-select").click()
                popup = page.locator(".leaflet-popup")
                popup.wait_for()
                page.wait_for_function(
                    "name => document.querySelector('.leaflet-popup').textContent.includes(name)", arg=name
                )
                page.locator(f"path[data-feature='{no}']").first.hover(force=True)
            assert page.evaluate("window.x") is None, path
        check_answer(site, page)
        assert errors == []
        assert len(bodies) > 50
        assert not any("141.12345" in body or SECRET in body for body in bodies)


def check_answer(site: Site, page: Page) -> None:
    """The hostile association as the answer to a lookup, on the page and on its map."""
    site.ask(page, "みたけ3-12-1")
    assert page.locator("h1").inner_text() == HOSTILE[0]
    page.wait_for_selector(".map path[aria-label]")
    assert page.evaluate("window.x") is None
