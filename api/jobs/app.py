"""The job queue of one configuration. Built by a function: two configurations can live in one process."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import procrastinate

from api import logs
from api.jobs import batches, dataset_uploads, reach, siting, stalled
from api.jobs.tasks import register
from api.settings import Settings
from geodata.database import Audience, Database
from geodata.passing_folders import sweep_all

GRACE_S = 8.0
RETRY_S = 3.0


def queue(settings: Settings) -> procrastinate.App:
    """The queue over its own schema, in the role that may see accounts and counters."""
    options = (
        f"-c search_path=kyodo_jobs,public -c role={Audience.AUTH.value} -c application_name=kyodo-geo-jobs"
    )
    connector = procrastinate.PsycopgConnector(
        conninfo=settings.listen_url(), kwargs={"options": options}, min_size=1, max_size=4
    )
    return procrastinate.App(connector=connector)


async def run(settings: Settings, *, stop: asyncio.Event | None = None) -> None:
    """Work until SIGTERM, SIGINT or `stop`; outlives a database that is away for a while."""
    stop = stop or asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Only the main thread may; a test that runs us elsewhere uses `stop`.
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, stop.set)
    await asyncio.to_thread(sweep_all)
    database = Database(
        settings.listen_url(),
        min_size=1,
        max_size=4,
        statement_timeout_ms=settings.job_timeout_s * 1000,
        bounds=settings.job_bounds(),
    )
    try:
        while not stop.is_set():
            try:
                await _work(settings, database, stop)
            except Exception as error:
                logs.SERVICE.warning("jobs interrupted, trying again: %s", logs.failure(error))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), RETRY_S)
    finally:
        await asyncio.to_thread(database.close)


async def _named(
    call_next: Callable[[], Awaitable[Any]], context: procrastinate.JobContext, worker: object
) -> Any:
    """Lines of the log that are written for a job, also by the processes it starts, name it."""
    token = logs.OF.set(f"job {context.job.task_name} {context.job.id}")
    try:
        return await call_next()
    finally:
        logs.OF.reset(token)


async def _work(settings: Settings, database: Database, stop: asyncio.Event) -> None:
    app = queue(settings)
    register(app, settings, database)
    ending = threading.Event()
    batches.register(app, settings, database, ending)
    dataset_uploads.register(app, settings, database, ending)
    reach.register(app, database, ending, settings.riding())
    siting.register(app, database, ending)
    stalled.register(app)
    async with app.open_async():
        await stalled.end_stalled(app)
        working = asyncio.create_task(
            app.run_worker_async(
                # Long files must not keep the short jobs waiting; files themselves take turns (their locks).
                concurrency=4,
                install_signal_handlers=False,
                delete_jobs="successful",
                worker_middleware=[_named],
                shutdown_graceful_timeout=GRACE_S,
            )
        )
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        ending.set()  # a file at work is given back within moments
        if not working.done():
            working.cancel()  # procrastinate finishes the job it is at, for up to GRACE_S
        with contextlib.suppress(asyncio.CancelledError):
            await working
