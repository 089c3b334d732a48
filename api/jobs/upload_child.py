"""One upload in a process of its own with bounded memory and time; run as `python -m api.jobs.upload_child`.

What it has to do stands on standard input (JSON: url, folder, claim, memory), so that neither arguments nor
environment show it. A file that needs more than the bounds ends this process and nothing else.
"""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from typing import Any

import orjson

from api.bounded import bound, end_with_parent

MAX_CPU_S = 20 * 60
FINISHED = 0
TOLD = 10
"""Refused or given back, and the database knows. Any other exit: the parent has to tell it."""


def work(told: dict[str, Any], stop: threading.Event) -> int:
    """The upload from its files to its end; returns the exit code."""
    from api import logs
    from api.jobs.dataset_uploads import run_one
    from geodata.database import Database
    from geodata.dataset_uploads import Claim

    logs.configure_child()
    database = Database(told["url"], max_size=3)
    try:
        done = run_one(database, Claim(**told["claim"]), stop, Path(told["folder"]))
    finally:
        database.close()
    return FINISHED if done else TOLD


def main() -> None:
    """Bounds first, then the libraries."""
    end_with_parent()
    told = orjson.loads(sys.stdin.buffer.read())
    bound(told["memory"], MAX_CPU_S)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    sys.exit(work(told, stop))


if __name__ == "__main__":
    main()
