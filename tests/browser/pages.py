"""Addresses of the service's pages, and what tests do on them again and again."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page

MAPS = ["/maps/plan-adoption", "/maps/membership", "/maps/projects", "/maps/facility-coverage"]
"""Pages with a map."""

SUPPORT = [
    f"/maps/support?theme={theme}"
    for theme in ("officers", "meetings", "centres", "advisers", "community", "events")
]
"""The support map by theme."""

REPRESENTATIVE = ["/maps/plan-adoption", "/maps/membership", "/maps/projects", "/lookup"]
"""Pages that the whole matrix runs on."""

PROGRESS = [
    "/progress",
    "/progress/indicators/participation",
    "/progress/initiatives/9",
    "/progress/meetings",
]
"""Pages of the plan's progress."""

EVERY = [
    "/", *REPRESENTATIVE, "/maps", "/maps/facility-coverage", SUPPORT[0], SUPPORT[-1], *PROGRESS, "/datasets", "/about",
    "/opendata", "/opendata/generations/1", "/meetings", "/events", "/events/sample-event-5", "/centres/consultations",
    "/facilities", "/listed-houses", "/facilities/gaps", "/facilities/closing", "/facilities/costs", "/facilities/f-00850322cd37",
    "/facilities/scenarios", "/facilities/scenarios/sample-gather", "/facilities/scenarios/compare?ids=sample-gather,base",
    "/cases", "/cases?q=お茶会", "/cases/sample-2", "/handbooks", "/subsidy-information", "/subsidy-information?past=true",
    "/districts", "/districts/7", "/districts/5?compare=city", "/api", "/partner/widget", "/login",
    "/facilities/f-00850322cd37/close",
    "/ogc", "/ogc/conformance", "/ogc/collections/districts",
    "/ogc/collections/districts/items", "/ogc/collections/districts/items/7",
]  # fmt: skip
"""Every page a visitor reaches by links from the first."""

ANSWERS = {
    "one": "みたけ3-12-1",
    "several": "桜台一丁目18番",
    "none_here": "高松三丁目5番",
    "not_understood": "仙北9-1-1",
    "outside_city": "仙台市青葉区本町1-1",
}
"""One address for each outcome, from the cases listed in docs/SAMPLE.md."""

LARGE = {"width": 1280, "height": 900}
PHONE = {"width": 375, "height": 740}
NARROW = {"width": 320, "height": 256}


@dataclass(frozen=True)
class Site:
    """A running service."""

    address: str

    def url(self, path: str) -> str:
        return self.address + path

    def open(self, page: Page, path: str, *, ready: bool = True) -> Page:
        """Open a page; on a page with a map, wait until its areas are drawn."""
        page.goto(self.url(path))
        if ready and path.split("#")[0].split("?")[0] in [
            *MAPS,
            "/maps/support",
            "/facilities",
            "/facilities/gaps",
            "/facilities/scenarios/sample-gather",
        ]:
            page.wait_for_selector(".map path[aria-label]")
        return page

    def ask(self, page: Page, address: str) -> Page:
        """Type an address into the lookup page and send it."""
        page.goto(self.url("/lookup"))
        page.fill("input[name=address]", address)
        with page.expect_navigation():
            page.click("form.lookup-form button[type=submit]")
        return page


def collect_errors(page: Page) -> list[str]:
    """Console errors and uncaught exceptions of a page, from now on."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def collect_hosts(page: Page) -> set[str]:
    """Hosts a page asks anything of, from now on."""
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    return hosts
