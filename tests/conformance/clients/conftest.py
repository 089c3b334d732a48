"""A web worker of its own on loopback: what a foreign program talks to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.api.test_workers import free_port
from tests.conftest import ROOT
from tests.fixtures_db import DatabaseUrls


@pytest.fixture(scope="session")
def server(conformance_town: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of /ogc of a running `kyodo-geo serve` on the sample."""
    with serving(conformance_town, tmp_path_factory.mktemp("serve") / "serve.log") as found:
        yield found


@contextmanager
def serving(town: DatabaseUrls, log: Path) -> Iterator[str]:
    """Address of /ogc of a `kyodo-geo serve` on a database."""
    port = free_port()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("KYODO_")} | {
        "KYODO_DATABASE_URL": town.app,
        "KYODO_OWNER_DATABASE_URL": town.owner,
        "KYODO_PORT": str(port),
        "KYODO_WORKERS": "1",
        "KYODO_DATABASE_POOL_SIZE": "4",
        "PYTHONPATH": str(ROOT),
    }
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "serve"],
            cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    base = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 90
        while not _ready(base):
            assert process.poll() is None and time.monotonic() < until, log.read_text()
            time.sleep(0.2)
        yield f"{base}/ogc"
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ready(base: str) -> bool:
    try:
        return httpx.get(f"{base}/readyz", timeout=5, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
