"""Real processes on loopback: two web workers and the command line, and what they write to their logs."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.api.test_live import renamed_associations, within
from tests.conftest import ROOT
from tests.fixtures_db import DatabaseUrls

QUESTION = {"lon": 141.105, "lat": 39.702}
SECRET = "盛岡市試験町三丁目3番3号"


@dataclass
class Service:
    """A running `kyodo-geo serve` and where its output goes."""

    url: str
    log: Path
    process: subprocess.Popen[bytes]
    environment: dict[str, str]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`kyodo-geo …` in a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", "api.cli", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    def workers(self) -> set[int]:
        """Process ids of the web workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return {int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()}

    def asked_anew(self, path: str, **kwargs) -> httpx.Response:
        """Over a new connection, so that either worker may answer."""
        with httpx.Client(base_url=self.url, timeout=10, trust_env=False) as client:
            return client.request(kwargs.pop("method", "GET"), path, **kwargs)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture(scope="module")
def service(shared_town: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Two web workers; the last test of this module ends them."""
    town = shared_town
    port = free_port()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("KYODO_")} | {
        "KYODO_DATABASE_URL": town.app,
        "KYODO_OWNER_DATABASE_URL": town.owner,
        "KYODO_PORT": str(port),
        "KYODO_WORKERS": "2",
        "KYODO_DATABASE_POOL_SIZE": "4",
        "PYTHONPATH": str(ROOT),
    }
    log = tmp_path_factory.mktemp("workers") / "serve.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "serve"],
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    running = Service(f"http://127.0.0.1:{port}", log, process, environment)
    try:
        assert within(60, lambda: _ready(running)), log.read_text()
        yield running
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ready(running: Service) -> bool:
    assert running.process.poll() is None, running.log.read_text()
    try:
        with_index = len(re.findall(r"lookup index of 03201", running.log.read_text())) >= 2
        return running.asked_anew("/readyz").status_code == 200 and with_index
    except httpx.TransportError:
        return False


def asked_of(service: Service, since: int) -> set[str]:
    """Process ids that answered lookups after byte `since` of the log."""
    text = service.log.read_bytes()[since:].decode()
    return set(re.findall(r"INFO (\d+) kyodo\.access POST /api/v1/lookup", text))


def test_an_activation_on_the_command_line_is_seen_by_both_workers(
    service: Service, shared_town: DatabaseUrls
) -> None:
    town = shared_town
    assert len(service.workers()) == 2
    dataset = renamed_associations(town, "新しい町内会")
    done = service.run("dataset", "activate", str(dataset))
    assert done.returncode == 0, done.stderr
    with psycopg.connect(town.superuser) as conn:
        row = conn.execute(
            "SELECT extract(epoch FROM clock_timestamp() - max(activated_at)) FROM kyodo.generation"
        ).fetchone()
    assert row is not None
    # The command takes its time to end; what counts runs from the moment of the activation.
    time.sleep(max(0.0, 1.0 - float(row[0])))
    since = service.log.stat().st_size
    names = set()
    for _ in range(200):
        answer = service.asked_anew("/api/v1/lookup", method="POST", json=QUESTION).json()
        names.add(answer["associations"][0]["name"])
        if len(asked_of(service, since)) == 2 and _ > 20:
            break
    assert len(asked_of(service, since)) == 2, "both workers were asked"
    assert names == {"新しい町内会"}, "and neither gave the old answer"


def test_a_key_revoked_on_the_command_line_is_refused_by_both_workers(service: Service) -> None:
    issued = service.run("key", "issue", "試験")
    key = issued.stdout.strip()
    assert re.fullmatch(r"kg_[0-9a-f]{12}_[0-9A-Za-z_-]{43}", key), issued
    headers = {"authorization": f"Bearer {key}"}
    for _ in range(20):
        assert (
            service.asked_anew("/api/v1/lookup", method="POST", json=QUESTION, headers=headers).status_code
            == 200
        )
    assert service.run("key", "revoke", key.split("_")[1]).returncode == 0
    time.sleep(1.0)
    since = service.log.stat().st_size
    for _ in range(200):
        assert (
            service.asked_anew("/api/v1/lookup", method="POST", json=QUESTION, headers=headers).status_code
            == 401
        )
        if len(asked_of(service, since)) == 2 and _ > 20:
            break
    assert len(asked_of(service, since)) == 2


def test_no_address_in_the_logs_of_the_process(service: Service) -> None:
    service.asked_anew("/api/v1/lookup", method="POST", json={"address": SECRET})
    service.asked_anew("/api/v1/lookup", params={"address": SECRET})
    service.asked_anew("/lookup", method="POST", data={"address": SECRET})
    service.asked_anew(f"/{SECRET}")
    service.asked_anew("/api/v1/lookup", method="POST", content=json.dumps({"address": SECRET})[:-3].encode())
    service.asked_anew(
        "/api/v1/lookup",
        params={"address": SECRET, "lon": "x"},
        headers={"referer": f"http://x/?a={SECRET}".encode()},
    )
    with socket.create_connection(("127.0.0.1", int(service.url.rpartition(":")[2]))) as raw:
        raw.sendall(f"GET /lookup?address={SECRET} BROKEN\r\n\r\n".encode())
        raw.recv(1000)
    log = service.log.read_text()
    assert "POST /api/v1/lookup 200" in log
    for trace in ("試験町三丁目", "%E8%A9%A6", "\\xe8\\xa9\\xa6", "\\u8a66"):
        assert trace not in log


def test_the_service_ends_cleanly_and_small(service: Service) -> None:
    for path in (
        "/",
        "/maps/membership",
        "/maps/plan-adoption",
        "/maps/facility-coverage",
        "/lookup",
        "/api/v1/districts",
    ):
        for _ in range(12):
            assert service.asked_anew(path, headers={"accept": "text/html"}).status_code == 200
    for pid in service.workers():
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.M)
        assert found is not None
        assert int(found[1]) < 150 * 1024, f"a web worker uses {int(found[1]) // 1024} MB"
    workers = service.workers()
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(20) in (0, -signal.SIGTERM)
    assert not [
        pid
        for pid in workers
        if Path(f"/proc/{pid}").exists() and "zombie" not in Path(f"/proc/{pid}/status").read_text()
    ]
    assert "Traceback" not in service.log.read_text()
