"""`make bench-maps`: processor time and bytes of the map pages, on the bundled sample in a database of its own run.

Against a service that runs already in this checkout (`make up`). Warm: the page is asked for again and again, as by its
readers. After a change: every request finds another revision, so figures are read and the map is drawn anew. Processor
time of the service and of PostgreSQL is counted; other people's load does not matter.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import os
import re
import statistics
from collections.abc import Sequence

from api.commands.context import open_database
from bench.lookup_http import cpu_seconds, descendants
from geodata.cluster.process import processes_in
from geodata.database import Audience

PAGES = (
    "/maps",
    "/maps/plan-adoption",
    "/maps/plan-adoption?on=2024-05-01",
    "/maps/membership",
    "/maps/membership?compare_year=2019",
    "/maps/projects",
    "/maps/facility-coverage",
)
STAFF_PAGES = (
    "/staff/maps/membership",
    "/staff/maps/membership?compare_year=2019",
    "/staff/maps/at-risk",
    "/maps/grants",
    "/maps/halls",
    "/maps/agreement",
    "/maps/agreement?measure=referrals&month=3",
)
"""Measured too when a signed-in planner's cookie is given."""
BAR_MS, BAR_BYTES = 30.0, 500_000
COOKIE = ""


def fetch(port: int, path: str, encoding: str = "br, gzip") -> bytes:
    """The answer's bytes as they travel; exits when it is not 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(
        "GET", path, headers={"Accept": "text/html", "Accept-Encoding": encoding, "Cookie": COOKIE}
    )
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"{path}: {answer.status}")
    return body


def first_load(port: int, path: str) -> int:
    """Bytes of the page with all it names, without tiles, compressed as for any browser."""
    answer = fetch(port, path, "gzip")
    page = (gzip.decompress(answer) if answer.startswith(b"\x1f\x8b") else answer).decode()
    parts = set(re.findall(r'<script src="([^"]+)"', page)) | set(
        re.findall(r'rel="stylesheet" href="([^"]+)"', page)
    )
    return len(fetch(port, path)) + sum(len(fetch(port, part.replace("&amp;", "&"))) for part in parts)


def measured(port: int, path: str, pids: Sequence[int], rounds: int, times: int) -> float:
    """Median over `rounds` of the processor milliseconds of one request; each round is `times` requests."""
    found = []
    for _ in range(rounds):
        before = cpu_seconds(pids)
        for _ in range(times):
            fetch(port, path)
        found.append((cpu_seconds(pids) - before) * 1000 / times)
    return statistics.median(found)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=int(os.environ.get("KYODO_PORT", "8000")))
    parser.add_argument("--up", type=int, required=True, help="process id of the running `kyodo-geo up`")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--times", type=int, default=200, help="requests per round")
    parser.add_argument(
        "--cookie", default="", help="`name=value` of a signed-in planner's session: staff's maps too"
    )
    options = parser.parse_args()
    global COOKIE
    COOKIE = options.cookie
    with open_database() as (settings, database):
        cluster = settings.cluster()
        if cluster is None:
            raise SystemExit("PostgreSQL's processes can only be found for the private cluster.")
        pids = [*descendants(options.up), *processes_in(cluster.layout.data)]
        print(
            f"{'page':45} {'warm ms':>8} {'changed ms':>11} {'bytes':>9}   (bars: {BAR_MS:g} ms warm, {BAR_BYTES:,} bytes)"
        )
        for path in (*PAGES, *(STAFF_PAGES if options.cookie else ())):
            fetch(options.port, path)
            warm = measured(options.port, path, pids, options.rounds, options.times)
            changed = []
            for _ in range(options.rounds):
                with database.write(
                    Audience.STAFF
                ) as conn:  # the same value again: the revision moves all the same
                    conn.execute(
                        "UPDATE district_plan SET note = note WHERE municipality_code = %s",
                        (settings.municipality,),
                    )
                changed.append(measured(options.port, path, pids, 1, 1))
            size = first_load(options.port, path)
            print(f"{path:45} {warm:8.2f} {statistics.median(changed):11.0f} {size:9,}")


if __name__ == "__main__":
    main()
