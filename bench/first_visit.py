"""`python -m bench.first_visit BASE_URL`: how long somebody who has never seen the service needs for one address.

A real Chromium does what a person does: opens the page, points at the field, types the address at five keys a second,
presses Enter, and reads the heading of the answer. Slow machines and lines are emulated by the browser (CDP): the
processor four times slower, and a line with the figures of "fast 3G" and "slow 3G". Prints a table for
docs/BENCH_LOOKUP.md. Time to find the field and to read is a person's and not measured.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, sync_playwright

ADDRESS = "内丸12-2"
KEYS_PER_SECOND = 5.0
LINES = {
    "as it is": None,
    "fast 3G": (1_600_000, 750_000, 150),
    "slow 3G": (400_000, 400_000, 400),
}
"""Bits per second down and up, milliseconds of delay."""


@dataclass(frozen=True)
class Visit:
    """One visit in seconds: first paint, field usable, answer's heading there; actions, and bytes received."""

    first_paint_s: float
    usable_s: float
    answer_s: float
    total_s: float
    clicks: int
    keys: int


def throttle(page: Page, slowdown: int, line: tuple[int, int, int] | None) -> None:
    cdp = page.context.new_cdp_session(page)
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
    if line is not None:
        down, up, delay = line
        cdp.send("Network.enable")
        cdp.send(
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": delay, "downloadThroughput": down / 8, "uploadThroughput": up / 8},
        )


def visit(browser: Browser, base: str, start: str, slowdown: int, line: tuple[int, int, int] | None) -> Visit:
    context = browser.new_context(viewport={"width": 375, "height": 812}, locale="ja-JP")
    page = context.new_page()
    throttle(page, slowdown, line)
    clicks = keys = 0
    begin = time.monotonic()
    page.goto(base + ("/" if start == "/ → link" else start), wait_until="commit")
    if start == "/ → link":
        page.get_by_role("link", name="住所から調べる").first.click()
        page.wait_for_url("**/lookup", wait_until="commit")
        clicks += 1
    field = page.locator("#address")
    field.wait_for(state="visible")
    usable = time.monotonic() - begin
    if not field.evaluate("element => element === document.activeElement"):
        field.click()
        clicks += 1
    for char in ADDRESS:
        page.keyboard.type(char)
        time.sleep(1 / KEYS_PER_SECOND)
        keys += 1
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1") / 1000
    sent = time.monotonic()
    page.keyboard.press("Enter")
    keys += 1
    page.get_by_text("調べた結果").first.wait_for(state="visible")
    end = time.monotonic()
    context.close()
    return Visit(paint, usable, end - sent, end - begin, clicks, keys)


def main() -> None:
    base = sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    print("| from | processor | line | clicks | keys | first paint | field there | Enter → answer | in all |")
    print("|---|---|---|---|---|---|---|---|---|")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-background-networking", "--no-first-run"],
        )
        for start in ("/", "/ → link", "/lookup"):
            for slowdown in (1, 4):
                for name, line in LINES.items():
                    if slowdown == 1 and line is not None:
                        continue
                    runs = sorted(
                        (visit(browser, base, start, slowdown, line) for _ in range(3)),
                        key=lambda run: run.total_s,
                    )
                    middle = runs[1]
                    print(
                        f"| `{start}` | {slowdown}× slower | {name} | {middle.clicks} | {middle.keys} "
                        f"| {middle.first_paint_s:.2f} s | {middle.usable_s:.2f} s | {middle.answer_s:.2f} s "
                        f"| **{middle.total_s:.1f} s** |",
                        flush=True,
                    )
        browser.close()


if __name__ == "__main__":
    main()
