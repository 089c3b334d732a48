"""`python -m bench.soak [--minutes 10] [--write docs/SOAK.md]`; how it is judged: `bench.soak.report`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from bench.soak.report import Round, judged, written
from bench.soak.traffic import Seen, Traffic
from bench.soak.world import World, machine, world

CONNECTIONS = (8, 16, 32, 64)
RATE = 25.0
"""Requests a second of all connections together: about half of what two cores with everything on them can do."""
SAMPLE_S = 5.0


async def run(found: World, minutes: float, rate: float) -> Round:
    """Warm-up, quiet stretch, busy stretch (import and analysis), and the rest at all numbers of connections."""
    traffic = Traffic(found)
    memory: list[dict[str, float]] = []
    over = asyncio.Event()

    async def watch() -> None:
        while not over.is_set():
            memory.append(await asyncio.to_thread(found.memory))
            try:
                await asyncio.wait_for(over.wait(), SAMPLE_S)
            except TimeoutError:
                continue

    whole = minutes * 60
    warm, quiet, busy, rest = Seen(), Seen(), Seen(), Seen()
    print(f"warm-up: {whole * 0.3:.0f} s", flush=True)
    await traffic.run(16, rate, whole * 0.3, warm)
    watching = asyncio.create_task(watch())
    print(f"quiet: {whole * 0.2:.0f} s", flush=True)
    await traffic.run(8, rate, whole * 0.2, quiet)
    print(f"with an import and an analysis: {whole * 0.2:.0f} s", flush=True)
    beside = asyncio.create_task(_beside(found))
    await traffic.run(8, rate, whole * 0.2, busy)
    beside.cancel()
    jobs = await asyncio.gather(beside, return_exceptions=True)
    for connections in CONNECTIONS:
        print(f"{connections} connections: {whole * 0.3 / len(CONNECTIONS):.0f} s", flush=True)
        await traffic.run(connections, rate, whole * 0.3 / len(CONNECTIONS), rest)
    over.set()
    await watching
    del jobs
    return Round(minutes, rate, warm, quiet, busy, rest, memory, machine(), found.log_faults(), found.done)


async def _beside(found: World) -> None:
    """Imports and analyses, one of each at any time."""

    async def again(start: str) -> None:
        while True:
            process = getattr(found, start)()
            try:
                code = await asyncio.to_thread(process.wait)
            except asyncio.CancelledError:
                process.terminate()
                raise
            found.done[start] = found.done.get(start, 0) + 1
            if code:
                found.done[f"{start} failed"] = found.done.get(f"{start} failed", 0) + 1

    await asyncio.gather(again("importing"), again("solving"))


def main() -> int:
    """Exit code 1 when a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    with world(given.workers) as found:
        done = asyncio.run(run(found, given.minutes, given.rate))
    bars = judged(done)
    text = written(done, bars)
    print(text)
    if given.write:
        given.write.write_text(text, encoding="utf-8")
    return 0 if all(bar.met for bar in bars) else 1


if __name__ == "__main__":
    sys.exit(main())
