"""Bulk work on Dask: a scheduler and workers of their own on loopback; nothing is lost or doubled whoever is killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from geodata.bulk import lookup, running
from geodata.bulk.parts import result
from kyodo_geo.errors import UnavailableError
from tests.bulk_world import HOME, also_as, caught_once, rows_of, write_addresses
from tests.conftest import ROOT
from tests.fixtures_replica import eventually

TOWN = "試験町"
SECRET = "盛岡市秘密町九丁目9番9号"
OTHER = "03202"


@pytest.fixture(scope="module")
def grounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A town of one association, which needs no database."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    import shapely

    found = tmp_path_factory.mktemp("ground")
    area = shapely.to_wkb(shapely.box(141.10, 39.70, 141.11, 39.71))
    spot = shapely.to_wkb(shapely.Point(141.105, 39.705))
    blocks = [(f"{TOWN}一丁目", str(n)) for n in range(1, 60)]
    kinds = {
        "outline": {"part_no": [1], "name": ["盛岡市"], "geom": [area]},
        "associations": {"association_id": ["a1"], "name": ["試験町内会"], "kind": ["association"], "geom": [area]},
        "association-rules": {
            "association_id": ["a1"], "rule_no": [1], "kind": ["town"], "town": [f"{TOWN}一丁目"],
        },
        "towns": {
            "town_id": ["t1"], "name": [f"{TOWN}一丁目"], "oaza": [TOWN], "chome": [1], "level": ["chome"], "geom": [spot],
            "accuracy_m": [100.0],
        },
        "blocks": {"town": [t for t, _ in blocks], "block": [n for _, n in blocks], "geom": [spot] * len(blocks)},
    }  # fmt: skip
    for kind, columns in kinds.items():
        folder = found / kind / f"municipality={HOME}"
        folder.mkdir(parents=True)
        pq.write_table(pa.table(columns), folder / "part.parquet")
    also_as(found, [OTHER])
    return found


@pytest.fixture
def source(tmp_path: Path) -> Path:
    texts: list[str | None] = [f"盛岡市{TOWN}一丁目{n % 70 + 1}番{n % 9 + 1}号" for n in range(6000)]
    write_addresses(tmp_path / "in", HOME, [*texts, SECRET])
    return write_addresses(tmp_path / "in", OTHER, texts[:2500])


@pytest.fixture
def alone(source: Path, grounds: Path, tmp_path: Path) -> list[dict[str, object]]:
    """What one process makes of it."""
    plan = lookup.plan(source, tmp_path / "alone", grounds, "住所", rows=1000)
    assert running.run(plan, lookup.run) == []
    found = rows_of(tmp_path / "alone")
    assert len(found) == 8501
    assert {row["outcome"] for row in found} >= {"one"}
    return found


def environment() -> dict[str, str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("KYODO_", "DASK_"))}
    return clean | {"PYTHONPATH": str(ROOT)}


def looked_up(source: Path, target: Path, grounds: Path) -> list[str]:
    """The command line of the run, by itself."""
    return ["api.cli", "bulk", "lookup", str(source), str(target), "--ground", str(grounds), "--rows", "1000"]


@contextmanager
def started(log: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            env=environment(),
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def cluster_of_two(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, Path, dict[int, subprocess.Popen[bytes]]]]:
    """The scheduler's address, and its two workers by process id; the first test leaves one of them."""
    folder = tmp_path_factory.mktemp("dask")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    with ExitStack() as stack:
        stack.enter_context(
            started(
                folder / "scheduler.log",
                "dask",
                "scheduler",
                "--host",
                "127.0.0.1",
                "--port",
                str(port),
                "--no-dashboard",
            )
        )
        eventually(lambda: "Scheduler at" in (folder / "scheduler.log").read_text(), 120)
        workers = [
            stack.enter_context(
                started(
                    folder / f"worker{n}.log", "dask", "worker", address, "--nthreads", "1", "--no-nanny",
                    "--no-dashboard", "--host", "127.0.0.1", "--local-directory", str(folder / f"w{n}"),
                )
            )
            for n in (1, 2)
        ]  # fmt: skip
        for n in (1, 2):
            eventually(lambda n=n: "Registered to" in (folder / f"worker{n}.log").read_text(), 120)  # type: ignore[misc]
        yield address, folder, {worker.pid: worker for worker in workers}


def test_a_worker_killed_in_the_middle_of_a_file_loses_and_doubles_nothing(
    cluster_of_two: tuple[str, Path, dict[int, subprocess.Popen[bytes]]],
    source: Path,
    grounds: Path,
    alone: list[dict[str, object]],
    tmp_path: Path,
) -> None:
    address, logs, workers = cluster_of_two
    target = tmp_path / "out"
    plan = lookup.plan(source, target, grounds, "住所", rows=1000)
    paths = [Path(part.target) for part in plan]
    seen: list[running.Done | running.Failed] = []
    marker = grounds / "caught"
    with result(target, paths, about={}, force=False):
        leader = threading.Thread(
            target=lambda: running.run(plan, caught_once, scheduler=address, on_result=seen.append)
        )
        leader.start()
        eventually(lambda: marker.exists() and marker.read_text() != "")
        victim = workers[int(marker.read_text())]
        assert list(target.glob("*/.part-*")), "in the middle of a file"
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        leader.join(300)
        assert not leader.is_alive()
    marker.unlink()
    assert [one for one in seen if isinstance(one, running.Failed)] == []
    assert sorted(one.target for one in seen) == sorted(map(str, paths)), "each part is reported once"
    assert sum(one.rows for one in seen if isinstance(one, running.Done)) == len(alone)
    assert rows_of(target) == alone, "row by row what one process makes"
    with result(target, paths, about={}, force=False):
        assert not list(target.glob("*/.part-*")), "and the half file is cleared away"
    for log in logs.glob("*.log"):
        text = log.read_text()
        assert TOWN not in text, "no address in the logs of scheduler and workers"
        assert "秘密町" not in text


def test_a_client_that_is_killed_goes_on_where_it_stopped(
    cluster_of_two: tuple[str, Path, dict[int, subprocess.Popen[bytes]]],
    source: Path,
    grounds: Path,
    alone: list[dict[str, object]],
    tmp_path: Path,
) -> None:
    address, _, _ = cluster_of_two
    target = tmp_path / "out"
    command = looked_up(source, target, grounds)
    with started(tmp_path / "first.log", *command, "--scheduler", address) as client:
        eventually(lambda: bool(list(target.glob("*/part-*.parquet"))), 120)
        client.kill()
        client.wait()
    assert not (target / "_manifest.json").exists()
    kept = {path: path.stat().st_mtime_ns for path in target.glob("*/part-*.parquet")}
    with started(tmp_path / "second.log", *command) as client:  # by itself this time: the same folder
        assert client.wait(300) == 0, (tmp_path / "second.log").read_text()
    assert (target / "_manifest.json").exists()
    assert rows_of(target) == alone
    # The scheduler's workers may have ended parts they had begun; none is made again.
    assert all(path.stat().st_mtime_ns == at for path, at in kept.items())
    assert TOWN not in (tmp_path / "second.log").read_text()


@pytest.mark.full
def test_processes_of_this_machine_make_the_same(
    source: Path, grounds: Path, alone: list[dict[str, object]], tmp_path: Path
) -> None:
    target = tmp_path / "out"
    command = looked_up(source, target, grounds)
    with started(tmp_path / "run.log", *command, "--workers", "2") as client:
        assert client.wait(300) == 0, (tmp_path / "run.log").read_text()
    assert rows_of(target) == alone
    assert TOWN not in (tmp_path / "run.log").read_text()


def test_a_scheduler_that_is_not_there_is_said(
    source: Path, grounds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "WAIT_S", 0.5)
    plan = lookup.plan(source, tmp_path / "out", grounds, "住所")
    with pytest.raises(UnavailableError):
        running.run(plan, lookup.run, scheduler="tcp://127.0.0.1:9")
