"""`make bench-bulk`: bulk lookups and national coverage with no, one and two Dask workers; writes docs/BENCH_BULK.md.

CPU seconds are those of the worker processes while they work (`/proc/PID/stat`), so that a busy machine does not spoil
them; the split is all CPU seconds ÷ those of the busiest worker: what the wall clock would gain on a machine of its own.
`--ground DIR` measures on other municipalities of the same layout (bench/national).
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.bulk_world import make_addresses, make_ground
from geodata.bulk import coverage, lookup, parts, running

ROOT = Path(__file__).resolve().parents[1]
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Run:
    """`cpu` and `peak_mb` by worker process."""

    workers: int
    wall: float
    cpu: tuple[float, ...]
    peak_mb: tuple[float, ...]


def cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_of(pid: int) -> float:
    """Largest resident size so far, MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


@contextmanager
def dask(workers: int, folder: Path) -> Iterator[tuple[str, list[int]]]:
    """A scheduler and workers of one thread each on loopback, without dashboards."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    with ExitStack() as stack:

        def start(name: str, *arguments: str) -> subprocess.Popen[bytes]:
            log = stack.enter_context((folder / f"{name}.log").open("wb"))
            command = [sys.executable, "-m", "dask", *arguments, "--host", "127.0.0.1", "--no-dashboard"]
            process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
            stack.callback(process.wait)
            stack.callback(process.terminate)
            return process

        start("scheduler", "scheduler", "--port", str(port))
        _until(folder / "scheduler.log", "Scheduler at")
        pids = []
        for number in range(workers):
            process = start(
                f"worker{number}", "worker", address, "--nthreads", "1", "--no-nanny", "--memory-limit", "1GiB",
                "--local-directory", str(folder / f"w{number}"),
            )  # fmt: skip
            pids.append(process.pid)
        for number in range(workers):
            _until(folder / f"worker{number}.log", "Registered to")
        yield address, pids


def _until(log: Path, line: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while line not in log.read_text():
        if time.monotonic() > deadline:
            raise TimeoutError(log.read_text())
        time.sleep(0.1)


ALONE = """
import pickle, resource, sys, time
from geodata.bulk import running
plan, work = pickle.load(sys.stdin.buffer)
began = time.process_time()
assert not running.run(plan, work)
print(time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def measured(plan: Sequence[Any], work: Callable[[Any], running.Done], workers: int) -> Run:
    """Make all parts anew."""
    import pickle

    began = time.monotonic()
    if workers == 0:
        done = subprocess.run(
            [sys.executable, "-c", ALONE],
            input=pickle.dumps((plan, work)),
            capture_output=True,
            check=True,
            cwd=ROOT,
        )
        cpu, peak = map(float, done.stdout.split())
        return Run(0, time.monotonic() - began, (cpu,), (peak,))
    with tempfile.TemporaryDirectory() as place, dask(workers, Path(place)) as (address, pids):
        before = [cpu_of(pid) for pid in pids]
        began = time.monotonic()
        failed = running.run(plan, work, scheduler=address)
        wall = time.monotonic() - began
        assert not failed, failed
        spent = tuple(cpu_of(pid) - start for pid, start in zip(pids, before, strict=True))
        return Run(workers, wall, spent, tuple(map(peak_of, pids)))


def table(runs: Sequence[Run], amount: int, unit: str) -> list[str]:
    """Lines of Markdown."""
    lines = [
        f"| workers | {unit}/s (wall) | CPU s | {unit} per CPU s | split | speed-up (wall) | peak MB per worker |",
        "|---|---|---|---|---|---|---|",
    ]
    base = next((run.wall for run in runs if run.workers == 1), runs[0].wall)
    for run in runs:
        cpu = sum(run.cpu)
        name = "none (this process)" if run.workers == 0 else str(run.workers)
        split = f"{cpu / max(run.cpu):.2f}"
        lines.append(
            f"| {name} | {amount / run.wall:,.0f} | {cpu:.1f} | {amount / cpu:,.0f} | {split} | {base / run.wall:.2f} | "
            f"{max(run.peak_mb):.0f} |"
        )
    return lines


def heading() -> str:
    return (
        f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start"
    )


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m bench.bulk", description=__doc__)
    parser.add_argument("--municipalities", type=int, default=8)
    parser.add_argument("--rows", type=int, default=10_000, help="addresses per municipality")
    parser.add_argument("--part", type=int, default=5_000, help="rows per part")
    parser.add_argument("--ground", type=Path, help="a folder of municipalities instead of the sample's")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "BENCH_BULK.md")
    given = parser.parse_args()
    lines = [
        "# Bulk work, measured",
        "",
        "Made by `make bench-bulk` (`bench/bulk.py` says what the columns mean).",
        "",
        heading(),
        "",
    ]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        grounds = given.ground or make_ground(folder / "ground", given.municipalities)
        rows = make_addresses(folder / "in", grounds, given.rows)
        size = sum(path.stat().st_size for path in grounds.glob("*/municipality=*/*.parquet"))
        count = len(list((grounds / "outline").glob("municipality=*")))
        lines += [
            f"{count} municipalities ({size / count / 1e6:.2f} MB of GeoParquet each), {rows:,} addresses.",
            "",
        ]
        for what, unit in (("lookup", "rows"), ("coverage", "municipalities")):
            runs = []
            for workers in (0, 1, 2):
                target = folder / f"{what}{workers}"
                plan: Sequence[Any]
                if what == "lookup":
                    plan, work = (
                        lookup.plan(folder / "in", target, grounds, "住所", rows=given.part),
                        lookup.run,
                    )
                else:
                    day = datetime.date(2026, 10, 1)
                    plan = coverage.plan(
                        grounds, target, of="activity", on=day, distances=(500.0, 800.0, 1200.0)
                    )
                    work = coverage.run
                runs.append(measured(plan, work, workers))
                print(what, runs[-1], flush=True)
            same = [parts.hash_of(sorted((folder / f"{what}{n}").glob("*/*.parquet"))) for n in (0, 1, 2)]
            lines += [f"## {what}", "", *table(runs, rows if what == "lookup" else count, unit), ""]
            lines += [
                f"Results of the three runs are {'equal byte by byte' if len(set(same)) == 1 else 'NOT equal'}.",
                "",
            ]
    text = "\n".join(lines).rstrip() + "\n"
    print(text)
    given.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
