"""The work on uploaded files: one at a time, in a thread of the worker, safe to be killed and begun again.

The table of jobs is the truth; a task in the queue only says that there is something to look at. A file whose worker
died is taken up by the next one.
"""

from __future__ import annotations

import functools
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

from api import logs
from api.asking import counted_town
from api.memory import Reader, whole_register
from geodata import batch_jobs
from geodata.batch_jobs import MAX_ATTEMPTS, Claim
from geodata.database import Audience, Database
from geodata.lookup_counts import Count
from geodata.lookup_counts import add as add_counts
from kyodo_geo.errors import FileFormatError, KyodoError, UnavailableError

if TYPE_CHECKING:
    import procrastinate

    from api.settings import Settings
    from kyodo_geo.lookup import Answer, LookupIndex

TASK = "run_batches"
Counted = Counter[tuple[str, str, int, bool]]
"""Answers by outcome, town, district (0: none) and whether rule and area disagreed."""
SAY_EVERY_S = 1.0
IN_MEMORY = 8 << 20
LOST = "サーバーの都合でファイルが失われました。もう一度アップロードしてください。"
BROKEN = (
    "調べている途中で問題が起きました。もう一度アップロードしても続くときは、市の担当にお知らせください。"
)


def wake(settings: Settings) -> None:
    """Tell the worker that a file waits (blocking). Were it not told, it would look within a minute anyway."""
    from procrastinate.exceptions import AlreadyEnqueued

    from api.jobs.app import queue

    app = queue(settings)
    with app.open(), suppress(AlreadyEnqueued):
        app.configure_task(TASK, queueing_lock=TASK, lock=TASK).defer(timestamp=0)


def run_batches(database: Database, settings: Settings, stop: threading.Event) -> int:
    """Work through everything that waits; returns how many files were finished."""
    finished = 0
    while not stop.is_set():
        with database.write(Audience.AUTH) as conn:
            taken = batch_jobs.claim(conn)
        if taken is None:
            break
        finished += _run_one(database, settings, taken, stop)
    return finished


def _run_one(database: Database, settings: Settings, taken: Claim, stop: threading.Event) -> bool:
    """One file from claim to result. Never raises: a file that breaks it must not keep others waiting."""
    from geodata.batch.work import StoppedError

    began = time.monotonic()
    try:
        if taken.attempts > MAX_ATTEMPTS:
            raise KyodoError(BROKEN)
        rows = _work(database, settings, taken, stop)
    except StoppedError:
        with database.write(Audience.AUTH) as conn:
            batch_jobs.give_back(conn, taken)
        return False
    except FileFormatError as error:
        # Told when it was uploaded; if it comes only now, its place in the file is all that is kept.
        _fail(database, taken, error.message)
        return False
    except UnavailableError as error:
        # The database is away: the file is taken up again when its worker has been silent for a while.
        logs.SERVICE.warning("batch %s interrupted: %s", taken.job_id, logs.failure(error))
        return False
    except Exception as error:
        logs.SERVICE.error("batch %s failed: %s", taken.job_id, logs.failure(error))
        _fail(database, taken, error.message if isinstance(error, KyodoError) else BROKEN)
        return False
    logs.SERVICE.info("batch %s: %d rows in %.1f s", taken.job_id, rows, time.monotonic() - began)
    return True


def _fail(database: Database, taken: Claim, message: str) -> None:
    with suppress(KyodoError), database.write(Audience.AUTH) as conn:
        batch_jobs.fail(conn, taken, message)


def _work(database: Database, settings: Settings, taken: Claim, stop: threading.Event) -> int:
    from geodata.batch.files import open_sink, open_source
    from geodata.batch.work import StoppedError, work_through

    progress = _Progress(database, taken, stop)
    counted: Counted = Counter()

    def answered(answer: Answer) -> None:
        district = answer.district.no if answer.district else 0
        counted[answer.outcome.value, counted_town(answer), district, answer.data_fault] += 1

    with tempfile.SpooledTemporaryFile(IN_MEMORY) as given, tempfile.SpooledTemporaryFile(IN_MEMORY) as made:
        if not batch_jobs.read_into(database, taken.municipality, taken.job_id, "input", given):
            raise KyodoError(LOST)
        source = open_source(given, taken.file_name)
        index = _index(database, taken.municipality)
        register = whole_register(database, taken.municipality, _reader(taken))
        outcomes = work_through(
            index, source, taken.column_no, open_sink(made, source),
            recall=functools.partial(register.recall, index),
            on_progress=progress.say, should_stop=progress.should_stop, on_answer=answered,
        )  # fmt: skip
        with database.write(Audience.AUTH) as conn:
            if not batch_jobs.finish(conn, taken, made, outcomes, keep_hours=settings.batch_keep_hours):
                raise StoppedError
            _count(conn, taken, counted)
    return source.shape.rows


class _Progress:
    """Tells the database how far the work is, once a second, and hears whether it is still wanted."""

    def __init__(self, database: Database, taken: Claim, stop: threading.Event) -> None:
        self._database = database
        self._taken = taken
        self._stop = stop
        self._said = 0.0
        self._wanted = True

    def say(self, done: int) -> None:
        if time.monotonic() - self._said < SAY_EVERY_S:
            return
        self._said = time.monotonic()
        with self._database.write(Audience.AUTH) as conn:
            self._wanted = batch_jobs.touch(conn, self._taken, done)

    def should_stop(self) -> bool:
        return self._stop.is_set() or not self._wanted


def _reader(taken: Claim) -> Reader | None:
    """As whom the owner of a file reads the register of buildings."""
    if taken.office_id:
        return Reader(Audience.PARTNER, taken.office_id)
    return Reader(Audience.STAFF) if taken.of_staff else None


def _index(database: Database, municipality: str) -> LookupIndex:
    from geodata.queries.generation import resolve
    from geodata.queries.snapshot import lookup_snapshot
    from kyodo_geo.lookup import LookupIndex

    with database.read() as conn:
        return LookupIndex(lookup_snapshot(conn, resolve(conn, municipality)))


def _count(conn: batch_jobs.Connection, taken: Claim, counted: Counted) -> None:
    lookups: Counter[tuple[str, str, int]] = Counter()
    faults: Counter[tuple[str, str, int]] = Counter()
    for (outcome, town, district, fault), number in counted.items():
        lookups[outcome, town, district] += number
        faults[outcome, town, district] += number if fault else 0
    add_counts(
        conn,
        [
            Count(
                taken.municipality, "batch", outcome, town, "", number, faults[outcome, town, district],
                office_id=taken.office_id or "", district_no=district, login=taken.login,
            )
            for (outcome, town, district), number in lookups.items()
        ],
    )  # fmt: skip


def register(app: procrastinate.App, settings: Settings, database: Database, stop: threading.Event) -> None:
    """Give the queue the task."""
    import asyncio

    @app.periodic(cron="* * * * *")
    @app.task(name=TASK, queueing_lock=TASK, lock=TASK)
    async def _batches(timestamp: int) -> None:
        await asyncio.to_thread(run_batches, database, settings, stop)
