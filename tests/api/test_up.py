"""`kyodo-geo up`: from an empty folder to pages that answer, and back to nothing running."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from geodata.cluster import Cluster
from tests.conftest import ROOT
from tests.fixtures_db import new_state_dir, remove_cluster

WATCHDOG_S = 180


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Up:
    """One run of `kyodo-geo up`."""

    def __init__(self, state_dir: Path, *arguments: str, **variables: str) -> None:
        self.port = free_port()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KYODO_")}
        environment |= {"KYODO_STATE_DIR": str(state_dir), "KYODO_PORT": str(self.port), **variables}
        self.log = state_dir / "up.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-u", "-m", "api.cli", "up", *arguments],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def text(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def wait_for(self, words: str) -> None:
        deadline = time.monotonic() + WATCHDOG_S
        while words not in self.text():
            assert self.process.poll() is None, self.text()
            assert time.monotonic() < deadline, self.text()
            time.sleep(0.1)

    def fetch(self, path: str) -> str:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return str(answer.read().decode())

    def children(self) -> dict[str, int]:
        """Command → process number of what this run started."""
        found = {}
        for pid in descendants(self.process.pid):
            words = command_line(pid)
            if "api.cli" in words:
                found[words[words.index("api.cli") + 1]] = pid
        return found

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


def command_line(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return []


def parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def descendants(pid: int) -> list[int]:
    everybody = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [one for one in everybody if parent(one) == pid]


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until_gone(pids: list[int]) -> None:
    deadline = time.monotonic() + 30
    while any(map(running, pids)):
        assert time.monotonic() < deadline, [command_line(pid) for pid in pids if running(pid)]
        time.sleep(0.1)


@pytest.fixture(scope="module")
def state_dir() -> Iterator[Path]:
    """One state directory for the whole module: the first test finds it empty, the others find data."""
    folder = new_state_dir()
    yield folder
    remove_cluster(folder)


@pytest.fixture
def up(state_dir: Path) -> Iterator[Up]:
    started = Up(state_dir)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.end()


def test_an_empty_folder_becomes_a_service_with_sample_data_and_an_administrator_link(up: Up) -> None:
    up.wait_for("Ctrl-C")
    up.wait_for("管理者の設定")
    assert "見本データ（架空）を読み込んでいます" in up.text()
    for path in ("/", "/lookup", "/maps/plan-adoption", "/maps/membership", "/maps/facility-coverage"):
        assert f"http://127.0.0.1:{up.port}{path}" in up.text()
        assert "<html" in up.fetch(path)
    link = re.search(rf"管理者の設定.*\n\s+http://127\.0\.0\.1:{up.port}(/\S+)", up.text())
    assert link is not None
    assert "<form" in up.fetch(link[1])


def test_a_second_start_finds_the_data_and_does_not_load_them_again(up: Up) -> None:
    up.wait_for("起動しました")
    assert "見本データ" not in up.text().split("起動しました")[0]
    assert '"FeatureCollection"' in up.fetch("/api/v1/districts")


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGTERM,
        signal.SIGINT,
        pytest.param(signal.SIGHUP, marks=pytest.mark.full),
    ],
)
def test_it_stops_everything_it_started(up: Up, state_dir: Path, number: signal.Signals) -> None:
    up.wait_for("起動しました")
    pids = up.children()
    assert pids.keys() == {"worker", "serve"}
    assert Cluster(state_dir).status().running
    assert up.end(number) == 0
    assert not any(map(running, pids.values()))
    assert not Cluster(state_dir).status().running
    assert "Traceback" not in up.text()


def test_a_server_that_was_running_before_is_left_running(state_dir: Path) -> None:
    cluster = Cluster(state_dir, durable=False)
    cluster.ensure()
    up = Up(state_dir, KYODO_PROT="9000")
    up.wait_for("起動しました")
    assert (
        "KYODO_PROT という設定はありません" in up.text()
    )  # a slip of the pen is pointed out, and nothing more
    assert up.end() == 0
    assert cluster.status().running
    cluster.stop()


def test_the_end_of_one_part_ends_the_whole_with_an_error(up: Up, state_dir: Path) -> None:
    up.wait_for("起動しました")
    pids = up.children()
    os.kill(pids["worker"], signal.SIGKILL)
    assert up.process.wait(60) == 1
    assert "worker が終了したため" in up.text()
    assert not any(map(running, pids.values()))
    assert not Cluster(state_dir).status().running


def test_killed_outright_it_leaves_no_service_behind_and_starts_again(state_dir: Path) -> None:
    first = Up(state_dir)
    first.wait_for("起動しました")
    pids = list(first.children().values())
    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    wait_until_gone(pids)
    second = Up(state_dir)
    second.wait_for("起動しました")
    assert second.end() == 0
    Cluster(state_dir).stop()


def test_a_port_in_use_is_said_before_anything_is_started(state_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = Up(state_dir, KYODO_PORT=str(port))
        assert refused.process.wait(60) == 1
    assert f"ポート {port} は、ほかのプログラムが使っています" in refused.text()
    assert "準備しています" not in refused.text()
    assert "Traceback" not in refused.text()


def test_another_known_municipality_starts_empty_but_served_and_says_what_to_import() -> None:
    folder = new_state_dir()
    try:
        up = Up(folder, KYODO_MUNICIPALITY="22212")
        up.wait_for("kyodo-geo import associations")
        assert "市区町村コード 22212 のデータはまだありません" in up.text()
        assert "見本データ（架空）" not in up.text()
        with pytest.raises(urllib.error.HTTPError) as answered:
            up.fetch("/api/v1/districts")
        assert answered.value.code == 503
        assert "まだデータ" in answered.value.read().decode()
        assert up.fetch("/healthz")
        assert up.end() == 0
        assert "Traceback" not in up.text()
    finally:
        remove_cluster(folder)


@pytest.mark.parametrize(
    ("code", "said"), [("13101", "municipality add"), ("99999", "平面直角座標系がありません")]
)
def test_an_unknown_municipality_is_refused_before_anything_is_made(code: str, said: str) -> None:
    folder = new_state_dir()
    try:
        refused = Up(folder, KYODO_MUNICIPALITY=code)
        assert refused.process.wait(60) == 1
        assert f"市区町村コード「{code}」" in refused.text()
        assert said in refused.text()
        assert "準備しています" not in refused.text()
        assert not Cluster(folder).status().initialised
    finally:
        remove_cluster(folder)


def test_an_unknown_municipality_is_refused_by_a_database_that_exists(state_dir: Path) -> None:
    refused = Up(state_dir, KYODO_MUNICIPALITY="13101")
    assert refused.process.wait(120) == 1
    assert "市区町村コード「13101」は登録されていません" in refused.text()
    assert "Traceback" not in refused.text()
    assert not Cluster(state_dir).status().running


@pytest.mark.full
def test_several_web_processes_answer(state_dir: Path) -> None:
    up = Up(state_dir, "--workers", "2")
    up.wait_for("起動しました")
    web = descendants(up.children()["serve"])
    assert len(web) >= 2
    assert '"FeatureCollection"' in up.fetch("/api/v1/districts")
    assert up.end() == 0
    assert not any(map(running, web))
