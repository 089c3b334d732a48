"""Starts the child that writes one file, and ends it when nobody waits for the file any more."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from api import logs
from api.bounded import REFUSED, ROOT, UNAVAILABLE, environment
from api.exports.child import Told
from geodata.database import Audience
from geodata.exports.run import Job
from geodata.passing_folders import EXPORTS, passing_folder
from kyodo_geo.errors import InputError, UnavailableError

TIMEOUT_S = 120.0
MAX_MEMORY = 3 << 30
"""Address space of the child, bytes; the libraries reserve 1 GB by themselves and use 0.2."""
MAX_FILE = 1 << 30
AT_ONCE = 2
"""Children of one web process at the same time."""
LOOK_EVERY_S = 0.05
SORRY = "ファイルを作れませんでした。範囲や条件を絞って、もう一度お試しください。"


def file_of(
    url: str,
    audience: Audience,
    job: Job,
    stop: threading.Event,
    *,
    timeout_s: float = TIMEOUT_S,
    memory: int = MAX_MEMORY,
    largest: int = MAX_FILE,
) -> BinaryIO:
    """The finished file, open for reading and already without a name: it is gone when it is closed (blocking).

    Raises `InputError` with the writer's own sentence, `UnavailableError` when the file cannot be made within the
    bounds or `stop` is set.
    """
    with passing_folder(EXPORTS) as folder:
        path = Path(folder) / f"made.{job.format.ending}"
        told = Told(url, audience.value, job, str(path), memory, int(timeout_s), largest)
        code, said = run_child("api.exports.child", pickle.dumps(told), stop, timeout_s)
        if code == REFUSED:
            raise InputError(said or SORRY)
        if code == UNAVAILABLE:
            raise UnavailableError(said or SORRY)
        if code or not path.is_file():
            if not stop.is_set():
                logs.SERVICE.error("export of %s as %s: exit %d", job.collection.id, job.format_id, code)
            raise UnavailableError(SORRY)
        return path.open("rb")


def run_child(module: str, told: bytes, stop: threading.Event, timeout_s: float) -> tuple[int, str]:
    """(exit code, what it said on standard error) of `python -m module`; ended when `stop` is set or time is up."""
    deadline = time.monotonic() + timeout_s
    with subprocess.Popen(  # noqa: S603  (a module of our own)
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env=environment(database=True),
        start_new_session=True,
    ) as child:
        assert child.stdin is not None and child.stderr is not None
        said: list[bytes] = []
        heard = child.stderr
        listener = threading.Thread(target=lambda: said.append(heard.read()), daemon=True)
        listener.start()
        with suppress(BrokenPipeError):
            child.stdin.write(told)
        with suppress(BrokenPipeError):
            child.stdin.close()
        while child.poll() is None:
            if stop.wait(LOOK_EVERY_S) or time.monotonic() > deadline:
                child.kill()
        listener.join(5)
        words = b"".join(said).decode("utf-8", "replace").strip()
        return child.returncode, words.splitlines()[-1] if words else ""
