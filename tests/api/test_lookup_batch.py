"""`kyodo-geo lookup-batch` as somebody types it: whole files or none, nothing overwritten, clean when interrupted."""

from __future__ import annotations

import csv
import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import openpyxl
import psycopg
import pytest
import typer
from typer.testing import CliRunner, Result

from api.cli import app
from api.commands.lookup_batch import _interruptible
from geodata.batch.work import StoppedError
from kyodo_geo.errors import ConflictError, FileFormatError, InputError
from kyodo_geo.lookup.columns import COLUMNS
from tests.conftest import ROOT
from tests.fixtures_db import DatabaseUrls

Run = Callable[..., Result]
TABLE = "番号,住所\r\n1,試験町一丁目5番1号\r\n2,試験町一丁目\r\n3,\r\n"


@pytest.fixture
def run(shared_town: DatabaseUrls, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("KYODO_DATABASE_URL", shared_town.app)
    monkeypatch.setenv("KYODO_OWNER_DATABASE_URL", shared_town.owner)

    def invoke(*arguments: object) -> Result:
        result = CliRunner().invoke(app, ["lookup-batch", *map(str, arguments)])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    path.write_bytes(TABLE.encode("cp932"))
    return path


def read(path: Path, encoding: str = "cp932") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(encoding), newline="")))


def test_the_same_columns_and_the_results_in_the_same_encoding(
    run: Run, table: Path, shared_town: DatabaseUrls
) -> None:
    out = table.with_name("out.csv")
    result = run(table, out)
    rows = read(out)
    assert list(rows[0]) == ["番号", "住所", *COLUMNS]
    assert [row["outcome"] for row in rows] == ["one", "several", "not_understood"]
    assert rows[0]["association_name"] == "1-1町内会"
    assert rows[1]["candidates"] == "a11 1-1町内会 | a12 1-2町内会"
    assert "3 行を調べました" in result.stderr and "候補がある 1" in result.stderr
    assert sorted(path.name for path in table.parent.iterdir()) == ["in.csv", "out.csv"]
    with psycopg.connect(shared_town.superuser) as conn:
        counted = conn.execute(
            "SELECT sum(lookups) FROM kyodo.lookup_count WHERE channel = 'command-line'"
        ).fetchone()
    assert counted == (2,), "a row without an address is no lookup"


def test_a_column_by_name_another_encoding_and_the_readers_rights(run: Run, tmp_path: Path) -> None:
    source, out = tmp_path / "a.csv", tmp_path / "b.csv"
    source.write_text("場所\n試験町一丁目5番1号\n", encoding="utf-8")
    source.chmod(0o640)
    with pytest.raises(InputError, match="--column"):
        run(source, out)
    run(source, out, "--column", "場所", "--encoding", "utf-8-sig")
    assert read(out, "utf-8-sig")[0]["association_id"] == "a11"
    assert out.stat().st_mode & 0o777 == 0o640


def test_workbooks_too(run: Run, tmp_path: Path) -> None:
    source, out = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    book = openpyxl.Workbook()
    for row in (["住所", "数"], ["試験町一丁目5番1号", -5]):
        book.active.append(row)
    book.save(source)
    with pytest.raises(InputError, match="同じ形式"):
        run(source, tmp_path / "b.csv")
    run(source, out)
    header, row = openpyxl.load_workbook(out).active.iter_rows(values_only=True)
    assert header == ("住所", "数", *COLUMNS)
    assert row[:3] == ("試験町一丁目5番1号", -5, "one")


def test_nothing_is_overwritten_unless_told(run: Run, table: Path) -> None:
    out = table.with_name("out.csv")
    out.write_text("大切なもの", encoding="utf-8")
    with pytest.raises(ConflictError, match="--force"):
        run(table, out)
    assert out.read_text(encoding="utf-8") == "大切なもの"
    run(table, out, "--force")
    assert read(out)[0]["outcome"] == "one"
    with pytest.raises(InputError, match="同じファイル"):
        run(table, table, "--force")


def test_a_file_made_meanwhile_is_not_replaced(
    run: Run, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from geodata.batch import work

    out = table.with_name("out.csv")
    original = work.columns_of
    monkeypatch.setattr(work, "columns_of", lambda answer: (out.write_text("x"), original(answer))[1])
    with pytest.raises(ConflictError):
        run(table, out)
    assert out.read_text() == "x"
    assert sorted(path.name for path in table.parent.iterdir()) == ["in.csv", "out.csv"]


def test_a_failure_leaves_nothing_half_written(
    run: Run, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from geodata.batch import work

    def broken(answer: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(work, "columns_of", broken)
    with pytest.raises(OSError, match="disk full"):
        run(table, table.with_name("out.csv"))
    assert [path.name for path in table.parent.iterdir()] == ["in.csv"]


@pytest.mark.parametrize("name", ["nosuch.csv", "folder"])
def test_files_that_are_not_there(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError):
        run(tmp_path / name, tmp_path / "out.csv")


def test_targets_and_encodings_that_cannot_be(run: Run, table: Path) -> None:
    with pytest.raises(InputError):
        run(table, table.parent / "nosuch" / "out.csv")
    with pytest.raises(InputError, match="utf-8-sig"):
        run(table, table.with_name("out.csv"), "--encoding", "rot13")
    table.write_bytes(b"\x00\x01")
    with pytest.raises(FileFormatError):
        run(table, table.with_name("out.csv"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_ends_clean(shared_town: DatabaseUrls, tmp_path: Path, number: signal.Signals) -> None:
    """The input is a pipe's worth of rows longer than the test waits; the temporary file is there when we interrupt."""
    source = tmp_path / "in.csv"
    source.write_text("住所\n" + "試験町一丁目5番1号\n" * 100_000, encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("KYODO_")} | {
        "KYODO_DATABASE_URL": shared_town.app,
        "KYODO_OWNER_DATABASE_URL": shared_town.owner,
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "api.cli", "lookup-batch", str(source), str(tmp_path / "out.csv")]
    # A shell that starts tests in the background has its children ignore the interrupt; this one is to hear it.
    heard = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True, **heard
    ) as program:
        try:
            for _ in range(3000):
                parts = list(tmp_path.glob(".out.csv.*.part"))
                if parts or program.poll() is not None:
                    break
                try:
                    program.wait(0.02)
                except subprocess.TimeoutExpired:
                    continue
            program.send_signal(number)
            _, told = program.communicate(timeout=60)
        finally:
            program.kill()
    assert (program.returncode, "中止しました" in told, "Traceback" in told) == (130, True, False), told
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_an_interrupt_that_the_interpreter_threw_away_still_ends_the_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An exception in a callback (a lock of an import, say) is printed and lost; the flag is not."""
    handlers: dict[int, Callable[[int, None], None]] = {}
    monkeypatch.setattr(signal, "getsignal", lambda number: signal.SIG_DFL)
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    with pytest.raises(typer.Exit) as ended, _interruptible() as asked:
        handle = handlers[signal.SIGINT]
        assert not asked()
        with pytest.raises(KeyboardInterrupt) as raised:
            handle(signal.SIGINT, None)
        assert raised.type is not KeyboardInterrupt, (
            "that class ends `python -m` by the signal where it passes exec()"
        )
        assert asked()
        raise StoppedError
    assert ended.value.exit_code == 130
