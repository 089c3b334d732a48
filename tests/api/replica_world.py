"""Two web workers on two ports with a primary and a replica behind them, those who hammer them, and a cache in front."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import httpx
import psycopg

from tests.api import city
from tests.api.test_workers import Service, free_port
from tests.conftest import ROOT
from tests.fixtures_replica import Pair, eventually

QUESTION = {"lon": 141.105, "lat": 39.702}
PUBLIC_URL = "http://kyodo.test"
HOST = {"host": "kyodo.test"}
PATHS = ("/api/v1/lookup", "/api/v1/associations")


def named(number: int) -> str:
    return f"第{number}版の町内会"


@dataclass
class World:
    """`workers`: two processes of one web worker each. `number`: the version that is active; `revisions`: by version."""

    pair: Pair
    workers: list[Service]
    number: int = 0
    revisions: dict[int, int] = field(default_factory=dict)

    def loaded(self) -> int:
        """A dataset with the next version's names, not active yet."""
        with psycopg.connect(self.pair.town.superuser) as conn:
            conn.execute("SET search_path = kyodo, public")
            new = city.Builder(conn).dataset("associations", "sample")
            conn.execute(
                "INSERT INTO association_area (municipality_code, dataset_id, association_id, name, kind, geom) "
                "SELECT DISTINCT ON (association_id) municipality_code, %s::int, association_id, %s, kind, geom "
                "FROM association_area WHERE municipality_code = %s",
                (new, named(self.number + 1), city.CODE),
            )
            return new

    def activate(self, dataset: int) -> None:
        """By the command line; returns when the command has ended."""
        done = self.workers[0].run("dataset", "activate", str(dataset))
        assert done.returncode == 0, done.stderr
        self.activated()

    def activated(self) -> int:
        """The next version is active now; returns its number."""
        self.number += 1
        with psycopg.connect(self.pair.town.superuser) as conn:
            row = conn.execute(
                "SELECT revision FROM kyodo.municipality WHERE municipality_code = %s", (city.CODE,)
            ).fetchone()
        assert row is not None
        self.revisions[self.number] = row[0]
        return self.number

    def said(self, line: str) -> int:
        """How often the workers' logs say it."""
        return sum(worker.log.read_text().count(line) for worker in self.workers)


def version_of(answer: httpx.Response) -> int:
    """The highest and only version an answer shows."""
    assert answer.status_code == 200, answer.text
    shown = {int(number) for number in re.findall(r"第(\d+)版の町内会", answer.text)}
    assert len(shown) == 1, "an answer is of one state"
    return shown.pop()


def ask(client: httpx.Client, path: str) -> httpx.Response:
    if path == "/api/v1/lookup":
        return client.post(path, json=QUESTION)
    return client.get(path)


@contextmanager
def world(pair: Pair, folder: Path) -> Iterator[World]:
    with ExitStack() as stack:
        found = World(pair, [stack.enter_context(_worker(pair, folder / f"{n}.log")) for n in (1, 2)])
        for worker in found.workers:
            eventually(lambda worker=worker: _ready(worker), 60)  # type: ignore[misc]
        found.activate(found.loaded())
        for worker in found.workers:
            with client_of(worker) as client:
                eventually(
                    lambda client=client: all(named(1) in ask(client, path).text for path in PATHS)  # type: ignore[misc]
                )
        yield found


@contextmanager
def _worker(pair: Pair, log: Path) -> Iterator[Service]:
    port = free_port()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("KYODO_")} | {
        "KYODO_DATABASE_URL": pair.town.app,
        "KYODO_OWNER_DATABASE_URL": pair.town.owner,
        "KYODO_READ_DATABASE_URL": pair.read,
        "KYODO_PORT": str(port),
        "KYODO_BASE_URL": PUBLIC_URL,
        "KYODO_DATABASE_POOL_SIZE": "4",
        "PYTHONPATH": str(ROOT),
    }
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "serve"],
            cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        yield Service(f"http://127.0.0.1:{port}", log, process, environment)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def client_of(worker: Service) -> httpx.Client:
    return httpx.Client(base_url=worker.url, headers=HOST, timeout=10, trust_env=False)


def _ready(worker: Service) -> bool:
    assert worker.process.poll() is None, worker.log.read_text()
    try:
        with client_of(worker) as client:
            good = client.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False
    return good and "reads go to the replica" in worker.log.read_text()


@dataclass
class Heard:
    """When the primary told of each revision: a moment after its commit."""

    world: World
    by_revision: dict[int, float] = field(default_factory=dict)

    def of(self, version: int) -> float:
        """When the activation of a version was told."""
        revision = self.world.revisions[version]
        eventually(lambda: revision in self.by_revision)
        return self.by_revision[revision]


@contextmanager
def commits(found: World) -> Iterator[Heard]:
    """Listens on the primary."""
    heard, ending, listening = Heard(found), threading.Event(), threading.Event()

    def run() -> None:
        with psycopg.connect(found.pair.town.superuser, autocommit=True) as conn:
            conn.execute("LISTEN kyodo_revision")
            listening.set()
            while not ending.is_set():
                for notice in conn.notifies(timeout=0.1):
                    heard.by_revision[int(notice.payload.partition(":")[2])] = time.monotonic()

    thread = threading.Thread(target=run)
    thread.start()
    assert listening.wait(10)
    try:
        yield heard
    finally:
        ending.set()
        thread.join()


@dataclass(frozen=True)
class Shown:
    """One answer: when its request began and had ended, who gave it, of which route, and the version in it."""

    began: float
    ended: float
    worker: int
    path: str
    version: int


@contextmanager
def hammered(found: World, pause_s: float = 0.01) -> Iterator[list[Shown]]:
    """One asker per worker and route, one request after the other, until the block ends."""
    shown: list[Shown] = []
    faults: list[BaseException] = []
    ending = threading.Event()

    def run(at: int, worker: Service, path: str) -> None:
        try:
            with client_of(worker) as client:
                while not ending.wait(pause_s):
                    began = time.monotonic()
                    version = version_of(ask(client, path))
                    shown.append(Shown(began, time.monotonic(), at, path, version))
        except BaseException as error:
            faults.append(error)

    threads = [
        threading.Thread(target=run, args=(at, worker, path))
        for at, worker in enumerate(found.workers)
        for path in PATHS
    ]
    for thread in threads:
        thread.start()
    try:
        yield shown
    finally:
        ending.set()
        for thread in threads:
            thread.join()
    assert not faults, faults


class SharedCache:
    """A cache between people and the workers, as HTTP says (RFC 9111): it keeps what is `public` with its ETag, and
    what says `no-cache` it asks about before each use. Each question goes to the next worker.
    """

    def __init__(self, workers: list[Service]) -> None:
        self._clients = [client_of(worker) for worker in workers]
        self._turn = cycle(self._clients)
        self._kept: dict[str, httpx.Response] = {}
        self.confirmed = self.fetched = 0

    def get(self, path: str) -> httpx.Response:
        kept = self._kept.get(path)
        headers = {} if kept is None else {"if-none-match": kept.headers["etag"]}
        answer = next(self._turn).get(path, headers=headers)
        if answer.status_code == 304:
            assert kept is not None
            self.confirmed += 1
            return kept
        self.fetched += 1
        control = {part.strip() for part in answer.headers["cache-control"].split(",")}
        assert "no-cache" in control, "else a cache would answer without asking"
        if "public" in control:
            self._kept[path] = answer
        return answer

    def close(self) -> None:
        for client in self._clients:
            client.close()
