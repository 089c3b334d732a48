"""The child that writes a file, and streams: bounded, and ended when nobody waits any more."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import pytest

from api.bounded import REFUSED, UNAVAILABLE, give_up
from api.exports import process
from api.exports.answer import Pieces
from api.exports.process import run_child
from geodata.database import Audience
from kyodo_geo.errors import InputError, KyodoError, UnavailableError


@pytest.fixture
def sleeper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module for a child that writes its number down and sleeps."""
    (tmp_path / "sleeper.py").write_text(
        "import os, sys, time\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()) + ' ')\n"
        "time.sleep(float(sys.stdin.read()))\n"
        "sys.stderr.write('first\\nlast'); sys.exit(7)\n"
    )
    monkeypatch.setattr("api.exports.process.ROOT", tmp_path)
    return tmp_path / "pid"


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def started(path: Path) -> int:
    while not (path.exists() and path.read_text().endswith(" ")):
        time.sleep(0.01)
    return int(path.read_text())


def test_its_code_and_last_words_come_back(sleeper: Path) -> None:
    assert run_child("sleeper", b"0", threading.Event(), 30) == (7, "last")


def test_it_is_ended_when_nobody_waits(sleeper: Path) -> None:
    stop, began = threading.Event(), time.monotonic()
    threading.Thread(target=lambda: (started(sleeper), stop.set())).start()
    code, _ = run_child("sleeper", b"60", stop, 60)
    assert code < 0 and gone(started(sleeper))
    assert time.monotonic() - began < 20


def test_it_is_ended_when_time_is_up(sleeper: Path) -> None:
    code, _ = run_child("sleeper", b"60", threading.Event(), 0.5)
    assert code < 0


def test_its_environment_holds_no_setting_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "teller.py").write_text("import os, sys; sys.stderr.write(' '.join(os.environ)); sys.exit(1)")
    monkeypatch.setattr("api.exports.process.ROOT", tmp_path)
    monkeypatch.setenv("KYODO_SMTP_PASSWORD", "x")
    _, said = run_child("teller", b"", threading.Event(), 30)
    assert "KYODO" not in said and "PATH" in said


@pytest.mark.parametrize(
    ("error", "code"),
    [(InputError("条件が読めません。"), REFUSED), (UnavailableError("いまは読めません。"), UNAVAILABLE)],
)
def test_what_the_child_gives_up_on_is_raised_in_its_own_words(
    error: KyodoError, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        give_up(error)
    said = capsys.readouterr().err
    assert ended.value.code == code
    monkeypatch.setattr(process, "run_child", lambda *_: (code, said))
    job: Any = SimpleNamespace(format=SimpleNamespace(ending="gpkg"))
    with pytest.raises(type(error), match=error.message):
        process.file_of("", Audience.PUBLIC, job, threading.Event())


@pytest.mark.parametrize("version", ["2.3", "2.4"])
def test_a_stream_is_closed_when_the_reader_hangs_up(version: str) -> None:
    closed: list[str] = []

    def pieces() -> Iterator[bytes]:
        while True:
            yield b"x" * 100

    sent = 0

    async def main() -> None:
        gone_away = anyio.Event()

        async def receive() -> Any:
            await gone_away.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            nonlocal sent
            sent += len(message.get("body", b""))
            if sent > 1000:
                gone_away.set()
                if version == "2.4":
                    raise OSError
            await anyio.sleep(0)

        answer = Pieces(
            pieces(), lambda: closed.append("pieces"), {}, "text/csv", after=lambda: closed.append("place")
        )
        scope = {"type": "http", "asgi": {"spec_version": version}, "method": "GET", "headers": []}
        with anyio.fail_after(20):
            try:
                await answer(scope, receive, send)
            except Exception as error:
                assert version == "2.4", error

    anyio_thread = threading.Thread(
        target=lambda: anyio.run(main)
    )  # the main thread may hold a browser's loop
    anyio_thread.start()
    anyio_thread.join(30)
    assert closed == ["pieces", "place"]
    assert 1000 < sent < 10_000_000
