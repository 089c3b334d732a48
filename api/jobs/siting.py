"""Siting runs worked on by the worker, one at a time, each in a child that can be ended.

The table of runs is the truth: what waits there is found every minute, also what a dead worker has left. While a child
works, this process tells the table every second that the run lives, and hears there whether it is still wanted.
"""

from __future__ import annotations

import asyncio
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

import orjson

from api import logs
from api.bounded import ROOT, environment
from geodata import siting_runs
from geodata.database import Audience, Database
from geodata.siting_runs import Run
from kyodo_geo.errors import KyodoError
from kyodo_geo.siting_city.question import MODELS

if TYPE_CHECKING:
    import procrastinate

    from api.settings import Settings

TASK = "run_siting"
VACANT = "vacant-houses"
"""Runs that `api.jobs.siting_vacant` works on, in the same child."""
MAX_MEMORY = 4 << 30
LOOK_EVERY_S = 0.2
TELL_EVERY_S = 1.0
GRACE_S = 6.0
"""A child that is asked to stop may bring its best answer for so long."""
HURRY_S = 2.0
"""The same when the worker itself is to end."""
GATHERING_S = 300.0
"""So long may everything but solving take."""
BROKEN = (
    "計算の途中で問題が起きました。条件が多すぎるか、使えるメモリを超えたかもしれません。"
    "新しい場所の地区を絞るか、定員を考えない条件で、もう一度お試しください。"
)
STOPPED = "取りやめました。答えは、まだありませんでした。"

CHILD = ("-m", "api.jobs.siting_child")
OTHERS = {"levelling": ("-m", "api.jobs.levelling_child")}
"""Runs of other mathematics, told and watched in the same way."""


def wake(settings: Settings) -> None:
    """Tell the worker that a run waits (blocking). Were it not told, it would look within a minute anyway."""
    from procrastinate.exceptions import AlreadyEnqueued

    from api.jobs.app import queue as queue_of

    app = queue_of(settings)
    with app.open(), suppress(AlreadyEnqueued):
        app.configure_task(TASK, queueing_lock=TASK, lock=TASK).defer(timestamp=0)


def run_all(database: Database, stop: threading.Event) -> int:
    """Work through everything that waits; returns how many runs came to an end here. Never raises."""
    ended = 0
    while not stop.is_set():
        try:
            with database.read(Audience.STAFF) as conn:
                waiting = siting_runs.waiting(conn, [*MODELS, VACANT, *OTHERS])
            taken = None
            for municipality, run_id in waiting:
                with database.write(Audience.STAFF) as conn:
                    taken = siting_runs.begin(conn, municipality, run_id)
                if taken is not None:
                    break
        except KyodoError as error:
            logs.SERVICE.warning("siting not looked at: %s", logs.failure(error))
            return ended
        if taken is None:
            return ended
        ended += run_one(database, municipality, taken, stop)
    return ended


@dataclass(slots=True)
class _News:
    """What the child has said so far."""

    phase: str = "starting"
    solving_since: float | None = None
    objective: float | None = None
    bound: float | None = None
    found: dict[str, Any] | None = None
    done: dict[str, Any] | None = None
    refused: str | None = None
    lines: queue.SimpleQueue[bytes] = field(default_factory=queue.SimpleQueue)

    def read(self) -> None:
        """Take in what has arrived."""
        while not self.lines.empty():
            news = orjson.loads(self.lines.get())
            kind = news["kind"]
            if kind == "phase":
                self.phase = news["phase"]
                if self.phase == "solving":
                    self.solving_since = time.monotonic()
            elif kind == "progress":
                self.objective, self.bound = news["objective"], news["bound"]
            elif kind == "found":
                self.found = news["result"]
            elif kind == "done":
                self.done = news["result"]
            else:
                self.refused = news["sentence"]

    def share(self, seconds: float) -> float:
        """How far it is: gathering is a tenth, the rest is the time that was allowed."""
        if self.solving_since is None:
            return 0.02 if self.phase == "starting" else 0.05
        return 0.1 + 0.89 * min(1.0, (time.monotonic() - self.solving_since) / max(seconds, 1.0))

    @property
    def settled(self) -> bool:
        """Whether working on could not change what came out."""
        return self.refused is not None or (self.done or {}).get("status") in ("optimal", "infeasible")

    @property
    def so_far(self) -> dict[str, Any]:
        return {"phase": self.phase, "objective": self.objective, "bound": self.bound}


def run_one(
    database: Database,
    municipality: str,
    taken: Run,
    stop: threading.Event,
    *,
    memory: int = MAX_MEMORY,
) -> bool:
    """One run from its taking to its end; False when it was given back or is no longer ours. Never raises."""
    seconds = float(taken.parameters.get("seconds", 60))
    told = {
        "url": database.url, "municipality": municipality, "model": taken.model, "question": taken.parameters,
        "memory": memory,
    }  # fmt: skip
    news = _News()

    def wanted() -> bool:
        try:
            with database.write(Audience.STAFF) as conn:
                return siting_runs.tell(conn, municipality, taken.run_id, news.share(seconds), news.so_far)
        except KyodoError:  # a database away for a moment is no reason to give up
            return True

    try:
        _watch(told, news, stop, wanted, GATHERING_S + 2 * seconds, OTHERS.get(taken.model, CHILD))
    except OSError as error:
        logs.SERVICE.error("siting %s: no child: %s", taken.run_id, type(error).__name__)
    result = news.done or news.found
    try:
        with database.write(Audience.STAFF) as conn:
            cancelled = siting_runs.run(conn, municipality, taken.run_id).cancel_asked
            if stop.is_set() and not cancelled and not news.settled:
                siting_runs.give_back(conn, municipality, taken.run_id)
                return False
            message = news.refused or (STOPPED if cancelled else BROKEN) if result is None else None
            siting_runs.finish(conn, municipality, taken.run_id, result=result, message=message)
    except KyodoError as error:
        # It will be taken up again when it has been silent for a while.
        logs.SERVICE.warning("siting %s not ended: %s", taken.run_id, logs.failure(error))
        return False
    logs.SERVICE.info("siting %s: %s", taken.run_id, "refused" if result is None else result["status"])
    return True


def _watch(
    told: dict[str, Any],
    news: _News,
    stop: threading.Event,
    wanted: Callable[[], bool],
    most_seconds: float,
    program: tuple[str, ...],
) -> None:
    """Until the child has ended: by itself, or because it was asked to, or because its time is over."""
    # One thread: the machine serves people meanwhile.
    given = {**environment(database=True), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with subprocess.Popen(  # noqa: S603 - a module of ours
        [sys.executable, *program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=given,
        start_new_session=True,
    ) as child:
        assert child.stdin is not None and child.stdout is not None
        reader = threading.Thread(target=_read, args=(child.stdout, news.lines), daemon=True)
        reader.start()
        _send(child, orjson.dumps(told) + b"\n")
        began = said = time.monotonic()
        asked_to_stop: float | None = None
        while child.poll() is None:
            now = time.monotonic()
            news.read()
            if now - said >= TELL_EVERY_S:
                said = now
                if not wanted() and asked_to_stop is None:
                    asked_to_stop = now
                    _send(child, b"stop\n")
            if (stop.is_set() or now - began > most_seconds) and asked_to_stop is None:
                asked_to_stop = now
                _send(child, b"stop\n")
            grace = HURRY_S if stop.is_set() else GRACE_S
            if asked_to_stop is not None and now - asked_to_stop > grace:
                child.kill()
            with suppress(subprocess.TimeoutExpired):
                child.wait(LOOK_EVERY_S)
        reader.join(GRACE_S)
        news.read()
        with suppress(OSError):
            child.stdin.close()


def _read(out: IO[bytes], lines: queue.SimpleQueue[bytes]) -> None:
    for line in out:
        lines.put(line)


def _send(child: subprocess.Popen[bytes], words: bytes) -> None:
    assert child.stdin is not None
    with suppress(BrokenPipeError):
        child.stdin.write(words)
        child.stdin.flush()


def register(app: procrastinate.App, database: Database, stop: threading.Event) -> None:
    """Give the queue its task."""

    @app.periodic(cron="* * * * *")
    @app.task(name=TASK, queueing_lock=TASK, lock=TASK)
    async def _siting(timestamp: int) -> None:
        await asyncio.to_thread(run_all, database, stop)
