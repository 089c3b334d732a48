"""`python -m bench.server.memory`: PSS of a web worker at city size, page after page, as visitors and staff open them.

Follows the links of our own pages, some of each kind, first as nobody, then signed in as an administrator. Prints what
each group of pages leaves behind, and every single page after which the worker stands more than `SHOWN_MB` higher.
"""

from __future__ import annotations

import argparse
import contextlib
import html
import http.client
import re
import sys
import tempfile
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from api.auth.links import create_admin_link
from api.settings import Settings
from bench.server import peers
from bench.server.processes import Running, running
from geodata.cluster import Cluster
from geodata.database import Database
from geodata.migrate import upgrade
from geodata.sample.load import load_sample

PORT = 8630
SHOWN_MB = 1.5
MOST = 120
"""Pages of a group."""
OF_A_KIND = 2
"""Addresses opened that differ in numbers and names only."""
PASSWORD = "メモリーを測るための長い言葉2026"
LINK = re.compile(r'(?:href|src)"?[=:] ?"(?:https?://[^/"]+)?(/[^"#]*)')
"""In pages and in JSON."""
NEVER = re.compile(r"^/(logout|basemap|staff/backup)")


@dataclass
class Browser:
    """Keeps cookies, follows nothing."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: str = "") -> tuple[int, str, str]:
        """Status, kind of content, text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        origin = f"http://127.0.0.1:{self.port}"
        headers = {
            "Accept": "text/html, */*;q=0.8",
            "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
        }
        if body:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": origin}
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        connection.close()
        return answer.status, answer.getheader("Content-Type") or "", text

    def sign_in(self, link: str) -> None:
        """Become the administrator of a one-time link."""
        path = link[link.index("/welcome") :]
        _, _, page = self.ask("GET", path)
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found is not None
        fields = {
            "csrf_token": found[1],
            "token": path.partition("token=")[2],
            "password": PASSWORD,
            "password_again": PASSWORD,
        }
        status, _, _ = self.ask("POST", "/welcome", urlencode(fields))
        assert status == 303, status


def crawl(browser: Browser, starts: list[str], wanted: re.Pattern[str]) -> Iterator[str]:
    """Every page and file behind links from `starts` whose address is wanted, a few of each kind; opened when given out."""
    kinds: Counter[str] = Counter()
    waiting, seen = deque(starts), set(starts)
    while waiting:
        path = waiting.popleft()
        kind = re.sub(r"[0-9A-Za-z_-]*[0-9][0-9A-Za-z_-]*", "N", path)
        kinds[kind] += 1
        if kinds[kind] > OF_A_KIND:
            continue
        status, content, text = browser.ask("GET", path)
        if status != 200:
            continue
        yield path
        if "html" not in content and "json" not in content:
            continue
        for link in map(html.unescape, LINK.findall(text)):
            if link not in seen and wanted.match(link) and not NEVER.match(link):
                seen.add(link)
                waiting.append(link)


def walk(server: Running, link: str, most: int = MOST) -> dict[str, float]:
    """What the worker holds after each group, MB, and what makes it grow on standard error. `link`: an administrator's."""
    last = server.pss_mb()
    print(f"{'started':60} {last:7.1f} MB", file=sys.stderr)
    found, opened = {}, 0
    browser = Browser(server.port)
    groups = (
        ("of the public", ["/"], re.compile(r"/(?!staff|api/v1)")),
        ("of the OGC API", ["/ogc"], re.compile(r"/ogc")),
        ("of the staff", ["/staff"], re.compile(r"/")),
    )
    for name, starts, wanted in groups:
        if starts == ["/staff"]:
            browser.sign_in(link)
        number = 0
        for path in crawl(browser, starts, wanted):
            number += 1
            now = server.pss_mb()
            if now > last + SHOWN_MB:
                print(f"  {path[:90]:90} {now - last:+7.1f}", file=sys.stderr)
            last = max(last, now)
            if number >= most:
                break
        last = server.pss_mb()
        opened += number
        found[f"{opened} pages, the last {number} of them {name}"] = last
        print(f"{f'{number} {name}':60} {last:7.1f} MB", file=sys.stderr, flush=True)
    return found


def admin_link(cluster: Cluster, settings: Settings) -> str:
    """A one-time link by which the walk signs in."""
    database = Database(cluster.url(), min_size=1, max_size=1)
    try:
        return create_admin_link(database, settings)
    finally:
        database.close()


def main() -> None:
    """Start a worker on the sample city and walk."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, help="a state directory; without it one is made and removed")
    parser.add_argument("--most", type=int, default=MOST, help="pages of a group")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        state = options.state
        if state is None:
            state = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            state.chmod(0o711)
        cluster = Cluster(state, durable=False)
        stack.callback(cluster.stop)
        cluster.ensure()
        upgrade(cluster.url("kyodo_owner"))
        settings = Settings(state_dir=state, port=PORT)
        database = Database(cluster.url(), min_size=1, max_size=1)
        load_sample(database)
        database.close()
        server = peers.our_server(cluster, settings.municipality, "city", PORT)
        with running(server.command, server.environment, PORT, server.ready, state / "walk.log") as worker:
            walk(worker, admin_link(cluster, settings), options.most)


if __name__ == "__main__":
    main()
