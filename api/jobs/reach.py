"""Keeping the arrays of reach ready, and those of vacant houses: looked at every minute, made in a process of its own that
can be ended.

A present state whose making failed is tried again a few times and then left alone until something changes: pages
show straight lines meanwhile and say so.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections import Counter
from contextlib import suppress

import orjson
import procrastinate

from api import logs
from api.bounded import ROOT, environment
from geodata import reach_arrays, vacant_arrays
from geodata.database import Database
from geodata.queries.generation import revisions
from kyodo_geo.errors import KyodoError
from kyodo_geo.reach.transit import Riding

TASK = "prepare_reach"
MAX_MEMORY = 3 << 30
MAX_SECONDS = 15 * 60.0
LOOK_EVERY_S = 0.2
GRACE_S = 4.0
MOST_TRIES = 3
KINDS = {reach_arrays.NAME: reach_arrays.is_ready, vacant_arrays.NAME: vacant_arrays.is_ready}
"""Arrays by name: whether they are there. The child makes them by the same name."""


def prepare_all(
    database: Database,
    stop: threading.Event,
    tried: Counter[str] | None = None,
    *,
    seconds: float = MAX_SECONDS,
    riding: Riding = reach_arrays.RIDING,
) -> int:
    """Make what is missing for every municipality with data; returns how many were made. Never raises."""
    tried = Counter() if tried is None else tried
    made = 0
    try:
        with database.read() as conn:
            codes = sorted(revisions(conn))
    except KyodoError as error:
        logs.SERVICE.warning("reach not looked at: %s", logs.failure(error))
        return 0
    for code in codes:
        if stop.is_set():
            break
        with suppress(KyodoError):  # nothing loaded yet, or the database is away: the next minute
            made += sum(_prepare(database, code, name, stop, tried, seconds, riding) for name in KINDS) > 0
    return made


def _prepare(
    database: Database,
    code: str,
    name: str,
    stop: threading.Event,
    tried: Counter[str],
    seconds: float,
    riding: Riding,
) -> bool:
    """Make one kind of arrays where it is missing; whether it was made."""
    if name == reach_arrays.NAME:
        hashed, ready = reach_arrays.is_ready(database, code, riding)
    else:
        hashed, ready = KINDS[name](database, code)
    if ready or tried[hashed] >= MOST_TRIES or stop.is_set():
        return False
    tried[hashed] += 1
    result = run_child(database.url, code, stop, name=name, seconds=seconds, riding=riding)
    if result != 0 and not stop.is_set():
        logs.SERVICE.warning("%s of %s: its process ended with %d", name, code, result)
    return result == 0


def run_child(
    url: str,
    municipality: str,
    stop: threading.Event,
    *,
    name: str = reach_arrays.NAME,
    seconds: float = MAX_SECONDS,
    riding: Riding = reach_arrays.RIDING,
) -> int:
    """Exit code of the process; it is ended when `stop` is set or its time is over."""
    told = {
        "url": url, "municipality": municipality, "name": name, "memory": MAX_MEMORY, "seconds": int(seconds),
        "riding": riding.as_array().tolist(),
    }  # fmt: skip
    # One thread: the machine serves people meanwhile.
    given = {**environment(database=True), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "api.jobs.reach_child"],
        stdin=subprocess.PIPE,
        cwd=ROOT,
        env=given,
        start_new_session=True,
    ) as child:
        assert child.stdin is not None
        with suppress(BrokenPipeError):
            child.stdin.write(orjson.dumps(told))
        with suppress(BrokenPipeError):
            child.stdin.close()
        left = seconds
        while not stop.is_set() and left > 0:
            with suppress(subprocess.TimeoutExpired):
                return child.wait(LOOK_EVERY_S)
            left -= LOOK_EVERY_S
        child.terminate()
        try:
            return child.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            return child.wait()


def register(
    app: procrastinate.App,
    database: Database,
    stop: threading.Event,
    riding: Riding = reach_arrays.RIDING,
) -> None:
    """Give the queue its task."""
    tried: Counter[str] = Counter()

    @app.periodic(cron="* * * * *")
    @app.task(name=TASK, queueing_lock=TASK, lock=TASK)
    async def _prepare(timestamp: int) -> None:
        made = await asyncio.to_thread(prepare_all, database, stop, tried, riding=riding)
        if made:
            logs.SERVICE.info("reach made ready: %d municipalities", made)
