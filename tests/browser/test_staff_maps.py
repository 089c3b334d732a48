"""Page checks on the maps by association, on the town of squares: eight associations, one with a hostile name."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from playwright.sync_api import Page

from geodata.cluster import Cluster
from tests.api import city
from tests.api.signing import PASSWORD
from tests.browser.conftest import served
from tests.browser.pages import Site
from tests.browser.test_signed_in import Look, first_link, send, visitor  # noqa: F401
from tests.fixtures_db import DatabaseUrls, copied

PAGES = {
    "/staff/maps/membership?compare_year=2019": "町内会・自治会別の加入率",
    "/staff/maps/at-risk?show=all": "見守りが必要な町内会・自治会",
}


@pytest.fixture
def town(cluster: Cluster, template: DatabaseUrls) -> Iterator[DatabaseUrls]:
    with copied(cluster, template) as urls:
        with psycopg.connect(urls.superuser) as conn:
            city.build(conn)
            conn.execute(
                "INSERT INTO kyodo.lookup_count (municipality_code, day, channel, outcome, town, key_id, office_id, "
                "district_no, lookups, data_faults) VALUES ('03201', '2026-05-07', 'page', 'one', '', '', '', 1, 4, 0)"
            )
        yield urls


def test_maps_of_associations_and_the_form_of_their_rule(
    town: DatabaseUrls,
    visitor: tuple[Page, Look],  # noqa: F811
) -> None:
    page, look = visitor
    with served(town) as address:
        site = Site(address)
        page.goto(site.url(first_link(town)))
        send(page, password=PASSWORD, password_again=PASSWORD)
        for path, heading in PAGES.items():
            page.goto(site.url(path))
            page.wait_for_selector(".leaflet-associations-pane path[aria-label]")
            look(heading)
        assert page.evaluate("window.x") is None

        # Ten columns of figures, and the last one in view.
        screen = page.viewport_size
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(site.url("/staff/agreement?fiscal_year=2026"))
        cut = "els => els.filter(e => e.scrollWidth > e.clientWidth).map(e => e.getAttribute('aria-labelledby'))"
        assert page.locator(".table-scroll").evaluate_all(cut) == []
        page.set_viewport_size(screen or {"width": 1280, "height": 900})
        page.goto(site.url("/staff/maps/at-risk?show=all"))

        # A row selects its association on the map; the details lead to its page; the link keeps it.
        page.locator("#figures tr[data-key='a11'] .row-select").click()
        page.locator(".leaflet-popup a", has_text="1-1町内会のページを開く").wait_for()
        page.wait_for_function("() => location.hash.includes('association=a11')")
        page.keyboard.press("Escape")

        # A threshold out of reason: told at the top, the field one step away, nothing lost.
        page.fill("#rule-aged_percent", "101")
        page.fill("#rule-note", "試し")
        with page.expect_navigation():
            page.click("text=きまりを保存する")
        look("見守りが必要な町内会・自治会")
        page.click(".error-summary a")
        page.wait_for_function("() => document.activeElement.id === 'rule-aged_percent'")
        assert page.input_value("#rule-note") == "試し"
