"""`make bench-server`: load equal data, start everybody, measure in turn, write docs/BENCH_SERVER.md."""

from __future__ import annotations

import argparse
import contextlib
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from api.settings import Settings
from bench.server import client, data, measuring, memory, peers, report, scenarios, tiles, truth
from bench.server.measuring import Cost
from bench.server.processes import Running, postgres_pids, running
from geodata.cluster import Cluster, default_state_dir
from geodata.sample.load import MUNICIPALITY as CITY

PORT = 8610
KEPT_NOTHING = " (nothing kept)"
OURS = {
    "city": CITY,
    "small": data.SMALL.code,
    "large": data.LARGE.code,
    f"small{KEPT_NOTHING}": data.SMALL.code,
    f"large{KEPT_NOTHING}": data.LARGE.code,
}
"""Our servers: one worker each, with one municipality as its own; two of them make every tile anew."""


@dataclass
class Found:
    """Everything the table is written from."""

    costs: dict[str, dict[str, Cost]] = field(default_factory=dict)
    scenarios: list[scenarios.Scenario] = field(default_factory=list)
    memory_mb: dict[str, float] = field(default_factory=dict)


@contextlib.contextmanager
def database(state: Path) -> Iterator[Cluster]:
    """The private PostGIS of the bench with its data; kept for the next run."""
    cluster = Cluster(state, durable=False)
    started = cluster.ensure()
    try:
        data.prepare(cluster)
        yield cluster
    finally:
        if started:
            cluster.stop()


@contextlib.contextmanager
def everybody(cluster: Cluster, with_peers: bool, wanted: Sequence[str]) -> Iterator[dict[str, Running]]:
    """Our servers and the peers that could be installed; only those `wanted`, if any are named."""
    servers = [
        peers.our_server(cluster, OURS[name], name, PORT + i, nothing_kept=name.endswith(KEPT_NOTHING))
        for i, name in enumerate(OURS)
    ]
    if with_peers:
        found = [peers.tipg(cluster, PORT + 5), peers.pygeoapi(cluster, PORT + 6, cluster.layout.state_dir)]
        servers += [server for server in found if server is not None]
    with contextlib.ExitStack() as stack:
        logs = cluster.layout.state_dir / "servers"
        logs.mkdir(exist_ok=True)
        yield {
            server.name: stack.enter_context(
                running(
                    server.command, server.environment, server.port, server.ready, logs / f"{server.name}.log"
                )
            )
            for server in servers
            if not wanted or server.name in wanted
        }


def planned(cluster: Cluster, servers: Mapping[str, Running]) -> list[scenarios.Scenario]:
    """All rows of the table."""
    small, large = (truth.areas_at(cluster, city, 400) for city in data.CITIES)
    port = next(server.port for name, server in servers.items() if OURS.get(name) == data.SMALL.code)
    got = client.fetch(port, client.request_bytes("/api/v1/districts"))
    tag = client.etag(port, "/api/v1/districts")
    print(f"districts: {len(got.body):,} bytes", file=sys.stderr)
    return [
        scenarios.point_lookup(data.SMALL, "point → area, 500 areas", "point-small", "small", small),
        scenarios.point_lookup(data.LARGE, "point → area, 300,000 areas", "point-large", "large", large),
        scenarios.districts("small", "", 200),
        scenarios.districts("small", "gzip", 200),
        scenarios.districts("small", "br", 200),
        scenarios.districts("small", "zstd", 200),
        scenarios.unchanged("small", tag, 200),
        scenarios.addresses("city", truth.addresses(cluster, 2000)),
        *tiles.planned(port),
    ]


def measure(cluster: Cluster, servers: Mapping[str, Running], rounds: int, only: Sequence[str]) -> Found:
    """Every scenario in turn."""
    found = Found()
    for name in (name for name in OURS if name in servers):
        found.memory_mb[f"{name}, started"] = servers[name].pss_mb()
    for scenario in planned(cluster, servers):
        if only and not any(scenario.key.startswith(key) for key in only):
            continue
        found.scenarios.append(scenario)
        if scenario.skipped or not any(ask.server in servers for ask in scenario.asks):
            continue
        costs = measuring.measured(scenario, servers, lambda: postgres_pids(cluster.layout.data), rounds)
        found.costs[scenario.key] = costs
        print(report.line(scenario, costs), file=sys.stderr, flush=True)
    for name in servers:
        found.memory_mb[f"{name}, after all questions"] = servers[name].pss_mb()
    if "city" in servers and (not only or "memory" in only):
        settings = Settings(state_dir=cluster.layout.state_dir, port=servers["city"].port)
        walked = memory.walk(servers["city"], memory.admin_link(cluster, settings))
        found.memory_mb |= {f"city, after these and {pages}": mb for pages, mb in walked.items()}
    return found


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--only",
        default="",
        help="beginnings of scenarios' keys, separated by commas; memory: the walk over the pages of the city",
    )
    parser.add_argument(
        "--servers",
        default="",
        help="only these, separated by commas: city, small, 'large (nothing kept)', tipg, …; one of the small ones must be there",
    )
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--fresh", action="store_true", help="make the database anew")
    own = default_state_dir()
    parser.add_argument("--state", type=Path, default=own.with_name(f"{own.name}-bench"), help="its database")
    parser.add_argument(
        "--write", type=Path, help="where the page goes; without it the table is only printed"
    )
    options = parser.parse_args()
    # Told to end, end what was started too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if options.fresh:
        Cluster(options.state, durable=False).stop()
        shutil.rmtree(options.state, ignore_errors=True)
    options.state.mkdir(parents=True, exist_ok=True)
    only = [key for key in options.only.split(",") if key]
    with (
        database(options.state) as cluster,
        everybody(cluster, not options.no_peers, list(filter(None, options.servers.split(",")))) as servers,
    ):
        found = measure(cluster, servers, options.rounds, only)
        page = report.page(found, cluster, options.rounds)
    if options.write:
        options.write.write_text(page, encoding="utf-8")
    else:
        print(page)


if __name__ == "__main__":
    main()
