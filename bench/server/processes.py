"""Servers as child processes, and what they cost: processor time and memory out of /proc."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from geodata.cluster.process import processes_in

TICKS = os.sysconf("SC_CLK_TCK")
READY_WITHIN_S = 240


@dataclass
class Running:
    """A server that answers at `port`."""

    process: subprocess.Popen[bytes]
    port: int

    def pids(self) -> list[int]:
        """It and everything it started."""
        return list(_descendants(self.process.pid))

    def pss_mb(self) -> float:
        """Memory of its largest process (its worker), shared pages in proportion."""
        return max(pss_mb(pid) for pid in self.pids())


@contextlib.contextmanager
def running(
    command: Sequence[str | Path], environment: Mapping[str, str], port: int, ready: str, log: Path
) -> Iterator[Running]:
    """A server that answers 200 at `ready`; ended with the block. Exits when somebody else has the port."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise SystemExit(f"port {port} is taken: end what listens there (a bench that was killed?)")
    with log.open("wb") as out:
        process = subprocess.Popen(
            list(map(str, command)),
            env={**os.environ, **environment},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait(process, f"http://127.0.0.1:{port}{ready}", log)
            yield Running(process, port)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"{process.args} ended: {log.read_text(errors='replace')[-2000:]}")
        with contextlib.suppress(urllib.error.URLError, OSError), opener.open(address, timeout=30):
            return
        time.sleep(0.2)
    raise SystemExit(f"no answer at {address}: {log.read_text(errors='replace')[-2000:]}")


def cpu_seconds(pids: Sequence[int]) -> float:
    """User and system time of the processes, their ended children included."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += sum(map(int, fields[11:15]))
    return total / TICKS


def postgres_pids(data: Path) -> list[int]:
    """PostgreSQL's processes: the server and its backends."""
    return list(processes_in(data))


def pss_mb(pid: int) -> float:
    """Proportional set size."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _descendants(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in children.read_text().split():
                yield from _descendants(int(child))
