"""What a change costs the short ways: processor time per request of several checkouts in turn, in one run.

python -m bench.hot_cost '[{"name": "before", "tree": "/…", "port": 18701}, {"name": "after", "tree": "/…", "port": 18702,
"env": {"KYODO_METRICS_PORT": "18792"}}]' 5

All serve the private database of `KYODO_STATE_DIR`, which must be up. Loopback, one connection at a time.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

BODY = b'{"lon": 141.152, "lat": 39.70}'
ASKED = {
    "lookup": b"POST /api/v1/lookup HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(BODY), BODY),
    "ready answer": b"GET /api/v1/districts HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n",
}
EACH = 1000
TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


def spent_ms(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_MS


def start(variant: dict[str, Any]) -> subprocess.Popen[bytes]:
    own = {key: value for key, value in os.environ.items() if not key.startswith("KYODO_")}
    given = {"KYODO_STATE_DIR": os.environ["KYODO_STATE_DIR"], "KYODO_PORT": str(variant["port"])}
    return subprocess.Popen(
        [f"{variant['tree']}/.venv/bin/python", "-m", "api.cli", "serve"],
        cwd=variant["tree"],
        env=own | given | variant.get("env", {}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait(port: int) -> None:
    for _ in range(120):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise SystemExit(f"nobody answers on port {port}")


def drive(port: int, asked: bytes, number: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(number):
            line.sendall(asked)
            got = b""
            while not _whole(got):
                got += line.recv(1 << 20)
            if not got.startswith(b"HTTP/1.1 200"):
                raise SystemExit(got[:200].decode("latin-1"))


def _whole(got: bytes) -> bool:
    head, end, body = got.partition(b"\r\n\r\n")
    return bool(end) and len(body) >= int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])


def main() -> None:
    variants, rounds = json.loads(sys.argv[1]), int(sys.argv[2])
    running = [start(variant) for variant in variants]
    spent: dict[tuple[str, int], list[float]] = {
        (name, i): [] for name in ASKED for i in range(len(variants))
    }
    try:
        for variant in variants:
            wait(variant["port"])
            for asked in ASKED.values():
                drive(variant["port"], asked, 500)
        for turn in range(rounds):
            for name, asked in ASKED.items():
                for step in range(len(variants)):
                    i = (step + turn) % len(variants)
                    before = spent_ms(running[i].pid)
                    drive(variants[i]["port"], asked, EACH)
                    spent[name, i].append(spent_ms(running[i].pid) - before)
        for (name, i), found in spent.items():
            ratio = statistics.median(a / b for a, b in zip(found, spent[name, 0], strict=True))
            each = statistics.median(found) / EACH
            print(f"{name}: {variants[i]['name']}: {each:.4f} ms (median of ratios {ratio:.3f})")
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()


if __name__ == "__main__":
    main()
