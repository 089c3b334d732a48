"""Starts the child that reads one upload, watches it, and tells its end where it could not do so itself."""

from __future__ import annotations

import resource
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import orjson

from api import logs
from api.bounded import ROOT, environment
from api.jobs.dataset_uploads import TOO_LARGE, give_back, refuse
from api.jobs.upload_child import FINISHED, TOLD
from geodata.database import Database
from geodata.dataset_uploads import Claim
from geodata.passing_folders import UPLOADS, passing_folder

MAX_MEMORY = 3 << 30
"""Address space of the child, bytes. The readers' libraries take 0.7 GB by themselves."""
LOOK_EVERY_S = 0.2
CROWDED = 1 << 20
CROWDED_S = 5.0
"""A child whose addresses are used up to the last arena of Python's is ended after so long. It may go on for minutes in what
others gave back, each object after failed calls of the kernel, and would fail in the end."""
GRACE_S = 4.0
"""A child that is asked to end may finish what it is at for so long; the worker itself has a little more."""


def in_child(database: Database, taken: Claim, stop: threading.Event, *, memory: int = MAX_MEMORY) -> bool:
    """One upload from its claim to its end; True when it was checked or stored. Never raises."""
    # The folder is ours: a child that is killed cannot clean up.
    with passing_folder(UPLOADS) as folder:
        try:
            code = _run(database, taken, stop, folder, memory)
        except OSError as error:
            logs.SERVICE.error("upload %s: no child: %s", taken.upload_id, type(error).__name__)
            give_back(database, taken)
            return False
    if code in (FINISHED, TOLD):
        return code == FINISHED
    if stop.is_set():
        give_back(database, taken)
    else:
        logs.SERVICE.warning("upload %s: its process ended with %d", taken.upload_id, code)
        refuse(database, taken, TOO_LARGE)
    return False


def _run(database: Database, taken: Claim, stop: threading.Event, folder: str, memory: int) -> int:
    """Exit code of the child; it is asked to end when `stop` is set, and ended when it does not."""
    told = {"url": database.url, "folder": folder, "claim": asdict(taken), "memory": memory}
    # The bound is of address space: Arrow's own allocator would reserve a gigabyte of it, each thread tens of megabytes.
    one = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
    with subprocess.Popen(
        [sys.executable, "-m", "api.jobs.upload_child"],
        stdin=subprocess.PIPE,
        cwd=ROOT,
        env={**environment(database=True), **one},
        start_new_session=True,  # Ctrl-C in a terminal is for the worker, which tells its child
    ) as child:
        assert child.stdin is not None
        with suppress(BrokenPipeError):
            child.stdin.write(orjson.dumps(told))
        with suppress(BrokenPipeError):
            child.stdin.close()
        room_seen = time.monotonic()
        while not stop.is_set():
            with suppress(subprocess.TimeoutExpired):
                return child.wait(LOOK_EVERY_S)
            if _addresses(child.pid) < memory - CROWDED:
                room_seen = time.monotonic()
            elif time.monotonic() - room_seen > CROWDED_S:
                child.kill()
                return child.wait()
        child.terminate()
        try:
            return child.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            return child.wait()


def _addresses(pid: int) -> int:
    """Address space of a process in bytes; 0 when it has just ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_bytes().split()[0]) * resource.getpagesize()
    except (OSError, IndexError):
        return 0
