"""docs/BENCH_SERVER.md: the table with its ratios, the memory, and everything a reader needs to repeat it."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from bench.server import peers
from bench.server.measuring import Cost
from bench.server.scenarios import Scenario
from geodata.cluster import Cluster

if TYPE_CHECKING:
    from bench.server.__main__ import Found

PEERS = ("tipg", "pygeoapi")
INTRODUCTION = """# Our server beside its peers

Written by `make bench-server`; not edited by hand.

Processor milliseconds per request: the server's processes and PostgreSQL's together, from `/proc/PID/stat`. Eight
connections over loopback, one worker each, the same rows in the same PostGIS (the peers' as plain tables with a spatial
index), the servers asked in turn and the median of the rounds taken. Answers are looked at before anything is timed.
Processor time hardly depends on what else the machine does; the ratios, taken in the same minutes, hardly at all.

How our short way works is in [PERFORMANCE.md](PERFORMANCE.md).
"""


def ours(costs: Mapping[str, Cost]) -> Cost | None:
    """Our cost among those of a scenario."""
    return next((cost for server, cost in costs.items() if server not in PEERS), None)


def ratio(costs: Mapping[str, Cost], peer: str) -> float | None:
    """How many times as much the peer costs."""
    own, theirs = ours(costs), costs.get(peer)
    return theirs.total_ms / max(own.total_ms, 1e-4) if own and theirs else None


def line(scenario: Scenario, costs: Mapping[str, Cost]) -> str:
    """A scenario in one line, while measuring."""
    parts = [f"{server} {cost.server_ms:.3f} + {cost.postgres_ms:.3f} ms" for server, cost in costs.items()]
    found = ratio(costs, "tipg")
    return f"{scenario.title}: {', '.join(parts)}" + (f"; {found:.1f} ×" if found else "")


def page(found: Found, cluster: Cluster, rounds: int) -> str:
    """The whole page."""
    rows = [
        "| | ours: server + PostgreSQL | tipg | pygeoapi | tipg ÷ ours | wanted |",
        "|---|--:|--:|--:|--:|---|",
    ]
    rows += [_row(scenario, found.costs.get(scenario.key, {})) for scenario in found.scenarios]
    parts = [
        INTRODUCTION,
        "\n".join(rows),
        _flatness(found),
        _memory(found),
        _machine(cluster, rounds),
    ]
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def _row(scenario: Scenario, costs: Mapping[str, Cost]) -> str:
    if scenario.skipped:
        return f"| {scenario.title} | not measured: {scenario.skipped} | | | | |"
    own = ours(costs)
    cells = [
        scenario.title,
        f"{own.server_ms:.3f} + {own.postgres_ms:.3f} = **{own.total_ms:.3f}**" if own else "",
    ]
    cells += [f"{costs[peer].total_ms:.2f}" if peer in costs else "–" for peer in PEERS]
    found = ratio(costs, "tipg")
    cells.append(f"{found:.1f} ×" if found else "–")
    wanted = [
        f"≥ {scenario.bar:g} ×" if scenario.bar else "",
        f"≤ {scenario.most_ms:g} ms" if scenario.most_ms else "",
    ]
    cells.append(", ".join(filter(None, wanted)))
    return f"| {' | '.join(cells)} |"


def _flatness(found: Found) -> str:
    small, large = (ours(found.costs.get(key, {})) for key in ("point-small", "point-large"))
    if small is None or large is None:
        return ""
    return f"From 500 to 300,000 areas a point costs {large.total_ms / small.total_ms:.2f} times as much (wanted: ≤ 1.25)."


def _memory(found: Found) -> str:
    rows = ["## Memory", "", "PSS of the worker process, MB.", "", "| | MB |", "|---|--:|"]
    return "\n".join([*rows, *(f"| {name} | {mb:.0f} |" for name, mb in found.memory_mb.items())])


def _machine(cluster: Cluster, rounds: int) -> str:
    with psycopg.connect(cluster.url("postgres")) as conn:
        row = conn.execute("SELECT current_setting('server_version'), postgis_lib_version()").fetchone()
    assert row is not None
    versions = {
        "kyodo-geo": version("kyodo-geo"),
        "Python": platform.python_version(),
        "PostgreSQL": row[0].split()[0],
        "PostGIS": row[1],
        **{
            name: version(name)
            for name in ("uvicorn", "uvloop", "httptools", "starlette", "fastapi", "shapely", "psycopg")
        },
    }
    for name, packages in {
        "tipg": ("tipg", "uvicorn", "asyncpg", "fastapi"),
        "pygeoapi": ("pygeoapi", "gunicorn", "flask", "sqlalchemy"),
    }.items():
        folder = peers.PLACE / name / "bin"
        if folder.exists():
            versions |= {
                f"{package} (of {name})" if package != name else name: v
                for package, v in peers.version(folder, *packages).items()
            }
    load = "load of the machine at the end " + " / ".join(f"{value:.1f}" for value in os.getloadavg())
    return "\n".join(
        [
            "## Where and when",
            "",
            f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} × {_processor()}, {rounds} rounds, {load}.",
            "",
            ", ".join(f"{name} {number}" for name, number in versions.items()) + ".",
        ]
    )  # fmt: skip


def _processor() -> str:
    for text in Path("/proc/cpuinfo").read_text().splitlines():
        if text.startswith("model name"):
            return text.partition(":")[2].strip()
    return platform.machine()
