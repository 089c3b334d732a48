"""Starting, ending, taking over and new data while people go on asking: real processes, no failed request."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.api.city import CODE
from tests.api.test_live import renamed_associations
from tests.api.test_workers import Service, free_port
from tests.conftest import ROOT
from tests.fixtures_db import DatabaseUrls
from tests.fixtures_replica import eventually

QUESTION = {"lon": 141.105, "lat": 39.702}
SECRET = "盛岡市試験町三丁目3番3号"


@contextlib.contextmanager
def service(town: DatabaseUrls, folder: Path, **given: str) -> Iterator[Service]:
    """`kyodo-geo serve` on this test's own town, with whatever is given as settings or environment."""
    port = free_port()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("KYODO_")} | {
        "KYODO_DATABASE_URL": town.app,
        "KYODO_OWNER_DATABASE_URL": town.owner,
        "KYODO_PORT": str(port),
        "KYODO_DATABASE_POOL_SIZE": "4",
        "KYODO_STATE_DIR": str(folder / "state"),
        "PYTHONPATH": str(ROOT),
        **given,
    }
    log = folder / f"{port}.log"
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
        eventually(lambda: answers(running))
        yield running
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def answers(running: Service) -> bool:
    assert running.process.poll() is None, running.log.read_text()
    with contextlib.suppress(httpx.TransportError):
        return running.asked_anew("/readyz").status_code == 200
    return False


@dataclass
class Asked:
    """What those who ask without a pause saw: failures in words, names in the answers, in order."""

    failures: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    number: int = 0


@contextlib.contextmanager
def asking(url: str, people: int = 3) -> Iterator[Asked]:
    """People who each ask over a new connection, again and again, until the block ends."""
    seen, stop = Asked(), threading.Event()
    host = url.removeprefix("http://")

    def ask() -> None:
        while not stop.is_set():
            line = http.client.HTTPConnection(host, timeout=60)
            try:
                line.request(
                    "POST", "/api/v1/lookup", json.dumps(QUESTION), {"Content-Type": "application/json"}
                )
                answer = line.getresponse()
                body = answer.read()
                if answer.status != 200:
                    seen.failures.append(f"{answer.status} {body[:200]!r}")
                    continue
                told = json.loads(body)
                seen.names.append(told["associations"][0]["name"])
                line.request("GET", "/api/v1/associations")
                listed = line.getresponse()
                found = {
                    row["properties"]["name"].startswith("新しい")
                    for row in json.loads(listed.read())["features"]
                }
                if len(found) != 1:
                    seen.mixed.append(str(found))
            except (OSError, http.client.HTTPException) as error:
                if not (line.sock is None or isinstance(error, http.client.RemoteDisconnected)):
                    seen.failures.append(repr(error))
            finally:
                line.close()
                seen.number += 1

    threads = [threading.Thread(target=ask) for _ in range(people)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        stop.set()
        for thread in threads:
            thread.join()


SLOW = "/api/v1/datasets"


@contextlib.contextmanager
def slow(town: DatabaseUrls) -> Iterator[Callable[[], bool]]:
    """While the block runs, the list of datasets waits for a lock; yields whether somebody waits."""
    with (
        psycopg.connect(town.superuser) as holder,
        psycopg.connect(town.superuser, autocommit=True) as looker,
    ):
        holder.execute("LOCK TABLE kyodo.dataset IN ACCESS EXCLUSIVE MODE")

        def waited_for() -> bool:
            row = looker.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
            return row is not None and row[0] > 0

        yield waited_for


def test_what_is_under_way_is_finished_and_nobody_new_is_let_in(town: DatabaseUrls, tmp_path: Path) -> None:
    with service(town, tmp_path, KYODO_DRAIN_SECONDS="1") as running, ThreadPoolExecutor(1) as asker:
        host = running.url.removeprefix("http://")
        idle = http.client.HTTPConnection(host, timeout=30)
        idle.request("GET", "/api/v1/districts")
        idle.getresponse().read()
        with slow(town) as waited_for:
            answer = asker.submit(running.asked_anew, SLOW)
            eventually(waited_for)
            os.kill(running.process.pid, signal.SIGTERM)
            eventually(lambda: running.asked_anew("/readyz").status_code == 503, 1)
            assert "停止の準備" in running.asked_anew("/readyz").text
            assert idle.sock is not None
            assert idle.sock.recv(1) == b"", "an idle connection is closed, and by then nobody new gets in"
            idle.close()
            with pytest.raises(OSError, match="refused"):
                socket.create_connection(("127.0.0.1", int(host.partition(":")[2])), timeout=2)
            assert running.process.poll() is None and not answer.done()
        whole = answer.result(20)
        assert whole.status_code == 200 and len(whole.json()["datasets"]) > 3
        assert whole.headers["connection"] == "close"
        assert running.process.wait(20) in (0, -signal.SIGTERM)
        assert "Traceback" not in running.log.read_text()


@pytest.mark.full
def test_what_takes_too_long_is_cut_off_after_the_time_set(town: DatabaseUrls, tmp_path: Path) -> None:
    with service(town, tmp_path, KYODO_SHUTDOWN_SECONDS="1") as running, ThreadPoolExecutor(1) as asker:
        with slow(town) as waited_for:
            answer = asker.submit(running.asked_anew, SLOW)
            eventually(waited_for)
            os.kill(running.process.pid, signal.SIGTERM)
            with contextlib.suppress(httpx.TransportError):
                assert answer.result(20).status_code >= 500
            assert "Cancel 1 running task(s)" in running.log.read_text()
        assert running.process.wait(20) in (0, -signal.SIGTERM)


@pytest.fixture(scope="module")
def own_town(cluster, city_template) -> Iterator[DatabaseUrls]:
    from tests.fixtures_db import copied

    with copied(cluster, city_template) as found:
        yield found


@pytest.fixture(scope="module")
def pair(own_town: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Two workers whose lines are JSON and whose figures are read."""
    folder = tmp_path_factory.mktemp("pair")
    port = free_port()
    with service(
        own_town, folder, KYODO_WORKERS="2", KYODO_LOG_FORMAT="json", KYODO_METRICS_PORT=str(port)
    ) as running:
        eventually(lambda: running.log.read_text().count("lookup index of 03201") >= 2)
        yield running


def test_new_data_cost_nobody_an_answer_and_no_answer_is_of_two_generations(
    pair: Service, own_town: DatabaseUrls
) -> None:
    dataset = renamed_associations(own_town, "新しい町内会")
    with asking(pair.url) as seen:
        eventually(lambda: seen.number > 20)
        assert pair.run("dataset", "activate", str(dataset)).returncode == 0
        time.sleep(1.0)
        after = seen.number
        eventually(lambda: seen.number > after + 20)
    assert seen.failures == [] and seen.mixed == []
    names = list(dict.fromkeys(seen.names))
    assert names[-1] == "新しい町内会" and len(names) == 2, "both were seen"
    assert set(seen.names[-10:]) == {"新しい町内会"}


@pytest.mark.full
def test_the_workers_are_replaced_one_by_one_and_nobody_notices(pair: Service) -> None:
    before = pair.workers()
    with asking(pair.url) as seen:
        eventually(lambda: seen.number > 10)
        os.kill(pair.process.pid, signal.SIGHUP)
        eventually(lambda: "all 2 workers have been replaced" in pair.log.read_text(), 90)
        after = seen.number
        eventually(lambda: seen.number > after + 10)
    assert seen.failures == []
    assert len(pair.workers()) == 2
    assert not pair.workers() & before


@pytest.mark.full
def test_a_new_program_that_cannot_answer_takes_nobodys_place(pair: Service, own_town: DatabaseUrls) -> None:
    before = pair.workers()
    with psycopg.connect(own_town.superuser) as conn:
        (version,) = conn.execute("SELECT version_num FROM kyodo_schema_version").fetchone()  # type: ignore[misc]
        conn.execute("UPDATE kyodo_schema_version SET version_num = '0001'")
    try:
        os.kill(pair.process.pid, signal.SIGHUP)
        eventually(lambda: "workers were not replaced" in pair.log.read_text(), 90)
        assert pair.workers() == before
        assert pair.asked_anew("/api/v1/districts").status_code == 200
    finally:
        with psycopg.connect(own_town.superuser) as conn:
            conn.execute("UPDATE kyodo_schema_version SET version_num = %s", (version,))


def test_every_line_is_json_with_its_request_and_no_address(pair: Service) -> None:
    for _ in range(4):
        pair.asked_anew("/api/v1/lookup", method="POST", json={"address": SECRET})
    answer = pair.asked_anew(f"/{SECRET}", params={"q": SECRET})
    pair.asked_anew("/lookup", method="POST", data={"address": SECRET}, headers={"accept": "text/html"})
    with socket.create_connection(("127.0.0.1", int(pair.url.rpartition(":")[2]))) as raw:
        raw.sendall(f"GET /lookup?address={SECRET} BROKEN\r\n\r\n".encode())
        raw.recv(1000)
    eventually(lambda: answer.headers["x-request-id"] in pair.log.read_text())
    text = pair.log.read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert {"kyodo.access", "kyodo.service", "uvicorn.error"} <= {line["logger"] for line in lines}
    assert all({"time", "level", "pid", "message"} <= line.keys() for line in lines)
    (own,) = [line for line in lines if line.get("request_id") == answer.headers["x-request-id"]]
    assert (own["route"], own["status"]) == ("-", 404)
    for trace in ("試験町三丁目", "%E8%A9%A6", "\\xe8\\xa9\\xa6", "\\u8a66"):
        assert trace not in text


def test_the_figures_are_of_both_workers(pair: Service) -> None:
    from tests.api.test_metrics import value, values

    page = f"http://127.0.0.1:{pair.environment['KYODO_METRICS_PORT']}/metrics"
    where = {"method": "GET", "route": "/healthz", "status": "2xx"}

    def counted() -> float:
        found = values(httpx.get(page, trust_env=False).text)
        return found.get(("kyodo_http_requests_total", frozenset(where.items())), 0.0)

    before, pids = counted(), set()
    for _ in range(200):
        answer = pair.asked_anew("/healthz")
        eventually(lambda answer=answer: answer.headers["x-request-id"] in pair.log.read_text())  # type: ignore[misc]
        line = next(x for x in pair.log.read_text().splitlines() if answer.headers["x-request-id"] in x)
        pids.add(json.loads(line)["pid"])
        asked = _ + 1
        if len(pids) == 2:
            break
    assert len(pids) == 2
    eventually(lambda: counted() == before + asked)
    text = httpx.get(page, trust_env=False).text
    assert value(text, "kyodo_web_processes") == 2
    assert value(text, "kyodo_generation_served", municipality=CODE) == value(
        text, "kyodo_generation_active", municipality=CODE
    )
    assert pair.asked_anew("/metrics").status_code == 404, "not on the public port"


BY_SYSTEMD = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid())); "
    "os.execv(sys.executable, [sys.executable, '-m', 'api.cli', 'serve'])"
)


@pytest.mark.full
@pytest.mark.parametrize("workers", ["1", "2"])
def test_systemd_is_told_when_it_can_answer(town: DatabaseUrls, tmp_path: Path, workers: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told, socket.socket() as held:
        told.bind(str(tmp_path / "notify"))
        told.settimeout(60)
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        os.set_inheritable(held.fileno(), True)
        environment = {k: v for k, v in os.environ.items() if not k.startswith("KYODO_")} | {
            "KYODO_DATABASE_URL": town.app, "KYODO_WORKERS": workers, "NOTIFY_SOCKET": str(tmp_path / "notify"),
            "KYODO_STATE_DIR": str(tmp_path / "state"), "PYTHONPATH": str(ROOT), "KYODO_DATABASE_POOL_SIZE": "4",
        }  # fmt: skip
        # What systemd does for a socket unit: descriptor 3, and the number of the very process.
        process = subprocess.Popen(
            [sys.executable, "-c", BY_SYSTEMD, str(held.fileno())],
            cwd=ROOT, env=environment, pass_fds=[held.fileno()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            assert told.recv(100) == b"READY=1"
            assert (
                httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False, timeout=20).status_code == 200
            )
            process.send_signal(signal.SIGTERM)
            assert told.recv(100) == b"STOPPING=1"
            assert process.wait(30) in (0, -signal.SIGTERM)
        finally:
            process.kill()
            process.wait()
