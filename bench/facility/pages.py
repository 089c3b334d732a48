"""CPU of the city's report pages on the bundled sample: a service of its own, its processes and PostgreSQL's together.

Cold: the first request of a fresh web process; changed: the first one after every revision; warm: asked again and again.
"""

from __future__ import annotations

import http.client
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

from api.settings import Settings, load_settings
from bench.facility.running import Bar
from bench.lookup_http import cpu_seconds, descendants
from geodata.cluster.process import processes_in

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.executable).parent / "kyodo-geo"
PAGES = ("/facilities/gaps", "/facilities/costs")
COLD_MS, WARM_MS = 1000.0, 50.0
PSS_MB = 150.0
READY_S = 420.0
PUBLIC = (
    "/", "/lookup", "/maps", "/maps/plan-adoption", "/maps/membership", "/maps/projects", "/maps/facility-coverage",
    "/maps/support", "/districts", "/districts/7", "/districts/5?compare=city", "/facilities", "/facilities/closing",
    "/facilities/gaps?compare_year=2015", "/facilities/costs?by=district", "/facilities/costs?by=building", "/progress",
    "/progress/report.xlsx", "/progress/report.pdf", "/datasets", "/about", "/api", "/downloads/districts.csv",
    "/downloads/facility-gaps.csv", "/downloads/facility-gaps.geojson", "/downloads/facility-closing.csv",
    "/downloads/facility-costs.csv", "/downloads/membership.geojson", "/fax-sheet.pdf",
)  # fmt: skip
"""What a reader browses before memory is looked at."""


@contextmanager
def service() -> Iterator[tuple[int, Settings]]:
    """(port, settings) of a service of its own on the bundled sample, with the arrays of reach made."""
    with tempfile.TemporaryDirectory(prefix="kyodo-bench-") as place:
        Path(place).chmod(0o755)  # PostgreSQL may run as another user
        state, port = Path(place) / "state", _free_port()
        environment = {
            **os.environ,
            "KYODO_STATE_DIR": str(state),
            "KYODO_PORT": str(port),
            "KYODO_LOG_LEVEL": "warning",
        }
        with subprocess.Popen(
            [PROGRAM, "up"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as up:  # fmt: skip
            try:
                _wait(port, "/facilities/gaps")
                yield port, load_settings(state_dir=state)
            finally:
                up.terminate()
                up.wait(60)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, path: str) -> None:
    """Until the service answers; for the page of gaps also until the arrays of reach are made."""
    began = time.monotonic()
    while time.monotonic() - began < READY_S:
        try:
            if "道のりを計算しています" not in fetch(port, path):
                return
        except (OSError, http.client.HTTPException, RuntimeError):
            pass
        time.sleep(0.5)
    raise SystemExit("the service did not become ready")


def fetch(port: int, path: str) -> str:
    """The page; raises RuntimeError when it is not 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", path, headers={"Accept": "text/html"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status}")
    return body.decode("utf-8", "replace")


def pss_mb(pid: int) -> float:
    """Proportional set size of a process."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)[1]) / 1024  # type: ignore[index]


def cost(port: int, path: str, pids: Sequence[int], times: int = 1) -> tuple[float, float]:
    """(CPU ms, ms on the clock) of one request, the mean of `times`."""
    before, began = cpu_seconds(pids), time.monotonic()
    for _ in range(times):
        fetch(port, path)
    return (cpu_seconds(pids) - before) * 1000 / times, (time.monotonic() - began) * 1000 / times


def bump(settings: Settings) -> None:
    """Another revision: a value is written again."""
    with psycopg.connect(settings.owner_url()) as conn:
        conn.execute(
            "UPDATE kyodo.facility_year SET users = users WHERE municipality_code = %s",
            (settings.municipality,),
        )


@contextmanager
def fresh(settings: Settings) -> Iterator[tuple[int, list[int]]]:
    """(port, processes) of another web process beside the service, which has answered nothing but /readyz yet."""
    port = _free_port()
    environment = {**os.environ, "KYODO_STATE_DIR": str(settings.state_dir), "KYODO_LOG_LEVEL": "warning"}
    with subprocess.Popen(
        [PROGRAM, "serve", "--port", str(port)], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    ) as serving:  # fmt: skip
        try:
            _wait(port, "/readyz")
            yield port, list(descendants(serving.pid))
        finally:
            serving.terminate()
            serving.wait(60)


def measured(rounds: int = 5, times: int = 50, browse: Sequence[str] = PUBLIC) -> list[Bar]:
    """The report pages, and the memory of a web process that has been browsed; a table is printed too."""
    bars: list[Bar] = []
    print("\n| page | cold: CPU ms (clock) | after a change | warm |\n|---|---|---|---|")
    with service() as (_, settings):
        cluster = settings.cluster()
        assert cluster is not None
        for path in PAGES:
            with fresh(settings) as (port, web):
                pids = [*web, *processes_in(cluster.layout.data)]
                cold, clock = cost(port, path, pids)
                warm = statistics.median(cost(port, path, pids, times)[0] for _ in range(rounds))
                changed = []
                for _ in range(rounds):
                    bump(settings)
                    changed.append(cost(port, path, pids)[0])
            after = statistics.median(changed)
            print(f"| {path} | {cold:.0f} ({clock:.0f}) | {after:.0f} | {warm:.1f} |", flush=True)
            here = f"cold {cold:.0f} ms CPU, after a change {after:.0f}, warm {warm:.1f}"
            met = max(cold, after) <= COLD_MS and warm <= WARM_MS
            bars.append(Bar(f"page {path}, server and PostgreSQL", "≤ 1 s cold, ≤ 50 ms warm", here, met))
        with fresh(settings) as (port, web):
            began = sum(map(pss_mb, web))
            for path in (*PAGES, *browse):
                fetch(port, path)
            ended = sum(map(pss_mb, web))
    here = f"{began:.0f} MB at first, {ended:.0f} MB after {len(PAGES) + len(browse)} public pages and files"
    bars.append(Bar("memory of a web process (PSS)", f"≤ {PSS_MB:.0f} MB", here, ended <= PSS_MB))
    return bars
