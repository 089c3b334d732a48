"""A service of its own on the synthetic country: CPU per request, memory, and what an activation leaves alone."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.lookup_http import cpu_seconds, descendants
from bench.national.country import Place
from geodata.cluster.process import processes_in

READY_S = 120


class Service:
    """One worker on loopback. `cpu()` is its CPU seconds and PostgreSQL's so far."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, data: Path) -> None:
        self.process, self.data = process, data
        self._kept = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(
        self, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers (small letters) and body, over one connection that is kept. Raises OSError while nobody listens."""
        sent = None if body is None else json.dumps(body)
        wanted = {"Content-Type": "application/json", **(headers or {})}
        for last in (False, True):
            try:
                self._kept.request("GET" if sent is None else "POST", path, sent, wanted)
                answer = self._kept.getresponse()
                return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
            except OSError as error:
                self._kept.close()
                # The service closes what has been idle for a while.
                if last or isinstance(error, ConnectionRefusedError):
                    raise
        raise AssertionError

    def cpu(self) -> tuple[float, float]:
        return cpu_seconds(list(descendants(self.process.pid))), cpu_seconds(list(processes_in(self.data)))

    def pss_mb(self) -> float:
        """Of the worker."""
        text = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return int(next(line for line in text.splitlines() if line.startswith("Pss:")).split()[1]) / 1024


@contextmanager
def service(state_dir: Path, data: Path, home: str) -> Iterator[Service]:
    """A worker that is ready, ended at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {key: value for key, value in os.environ.items() if not key.startswith("KYODO_")}
    env |= {"KYODO_STATE_DIR": str(state_dir), "KYODO_MUNICIPALITY": home, "KYODO_LOG_LEVEL": "error"}
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("kyodo-geo")), "serve", "--port", str(port), "--workers", "1"],
        env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    found = Service(process, port, data)
    try:
        deadline = time.monotonic() + READY_S
        while True:
            try:
                if found.ask("/readyz")[0] == 200:
                    break
            except OSError:
                pass
            if time.monotonic() > deadline or process.poll() is not None:
                raise RuntimeError("the service did not become ready")
            time.sleep(0.1)
        yield found
    finally:
        process.terminate()
        process.wait(30)


def question(place: Place, number: int) -> dict[str, Any]:
    """A point in the municipality; numbers spread over it."""
    x, y = (number * 0.618034) % 1, (number * 0.754878) % 1
    return {
        "lon": round(place.west + 0.1 * x, 6),
        "lat": round(place.south + 0.1 * y, 6),
        "municipality": place.code,
    }


def lookups(running: Service, places: Sequence[Place], count: int) -> dict[str, float]:
    """Per point lookup over these municipalities, whose indexes are built before: CPU ms, and what one asker waits (ms)."""
    began = time.process_time(), running.cpu()
    for place in places:
        status, _, body = running.ask("/api/v1/lookup", question(place, 1))
        assert status == 200, body
    cold = running.cpu()
    waited = []
    for number in range(count):
        asked = time.perf_counter()
        status, _, body = running.ask("/api/v1/lookup", question(places[number % len(places)], number))
        waited.append((time.perf_counter() - asked) * 1000)
        assert status == 200, body
    warm = running.cpu()
    waited.sort()
    return {
        "build_ms": sum(b - a for a, b in zip(began[1], cold, strict=True)) * 1000 / len(places),
        "service_ms": (warm[0] - cold[0]) * 1000 / count,
        "postgres_ms": (warm[1] - cold[1]) * 1000 / count,
        "median_ms": waited[len(waited) // 2],
        "late_ms": waited[len(waited) * 99 // 100],
        "pss_mb": running.pss_mb(),
    }
