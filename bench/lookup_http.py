"""`make bench-lookup-http`: CPU milliseconds per lookup by address over HTTP, server and PostgreSQL together.

Against a service that runs already in this checkout (`make up`): its processes are found as descendants of the given
`kyodo-geo up`, PostgreSQL's by their data directory. Eight connections stay open; only CPU time is counted, so that
the load this program makes itself, and other people's, do not matter.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

from api.commands.context import open_database
from geodata.cluster.process import processes_in
from geodata.queries.generation import resolve
from geodata.queries.snapshot import lookup_snapshot

TICKS = os.sysconf("SC_CLK_TCK")


def addresses(count: int) -> tuple[list[str], Path]:
    """Addresses in the towns that are loaded, and the database's data directory."""
    with open_database() as (settings, database):
        cluster = settings.cluster()
        if cluster is None:
            raise SystemExit("PostgreSQL's processes can only be found for the private cluster.")
        with database.read() as conn:
            towns = lookup_snapshot(conn, resolve(conn, settings.municipality)).towns
    names = cycle(f"盛岡市{town.name}{town.koaza or ''}" for town in towns[:: max(1, len(towns) // 500)])
    return [
        f"{name}{i % 30 + 1}番{i % 20 + 1}号" for i, name in enumerate(islice(names, count))
    ], cluster.layout.data


async def load(port: int, texts: Sequence[str], connections: int) -> int:
    """Ask every text once over the given number of connections; returns how many were answered with 200."""
    todo = iter(texts)

    async def one() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        good = 0
        for text in todo:
            body = json.dumps({"address": text}).encode()
            writer.write(
                b"POST /api/v1/lookup HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n" % len(body) + body
            )
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = int(head.partition("content-length:")[2].split("\r\n")[0])
            await reader.readexactly(length)
            good += head.startswith("http/1.1 200")
        writer.close()
        return good

    return sum(await asyncio.gather(*(one() for _ in range(connections))))


def descendants(pid: int) -> Iterator[int]:
    """The process and everything it started."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from descendants(int(child))


def cpu_seconds(pids: Sequence[int]) -> float:
    """User and system time of the processes, their ended children included; one that has ended meanwhile is such a child."""
    total = 0
    for pid in pids:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += sum(map(int, fields[11:15]))
    return total / TICKS


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=int(os.environ.get("KYODO_PORT", "8000")))
    parser.add_argument("--up", type=int, required=True, help="process id of the running `kyodo-geo up`")
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=8)
    options = parser.parse_args()
    texts, data = addresses(options.requests)
    asyncio.run(load(options.port, texts[:1000], options.connections))
    service, postgres = list(descendants(options.up)), list(processes_in(data))
    before = cpu_seconds(service), cpu_seconds(postgres)
    began = time.monotonic()
    good = asyncio.run(load(options.port, texts, options.connections))
    wall = time.monotonic() - began
    service_ms = (cpu_seconds(service) - before[0]) * 1000 / len(texts)
    postgres_ms = (cpu_seconds(postgres) - before[1]) * 1000 / len(texts)
    print(
        f"{len(texts):,} lookups by address over {options.connections} connections, {good:,} answered with 200"
    )
    print(f"CPU per request: service {service_ms:.3f} ms + PostgreSQL {postgres_ms:.3f} ms "
          f"= {service_ms + postgres_ms:.3f} ms (bar 0.6, stretch 0.35); {len(texts) / wall:,.0f} requests/s")  # fmt: skip


if __name__ == "__main__":
    main()
