"""Jobs of a worker that was killed: without this they would hold their locks for ever, and the next ones would wait for them.

They are ended, not run again: the tables of batches, uploads and runs say what is to be done, and the task that looks there
comes every minute.
"""

from __future__ import annotations

import procrastinate
from procrastinate.jobs import Status

from api import logs

SILENT_S = 60.0
"""A worker that lives says so every 10 seconds."""


async def end_stalled(app: procrastinate.App, silent_s: float = SILENT_S) -> int:
    """End the jobs whose worker has been silent for so long; returns how many."""
    ended = 0
    for job in list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=silent_s)):
        await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
        logs.SERVICE.warning("job %s: its worker was killed; its work is taken up anew", job.task_name)
        ended += 1
    return ended


def register(app: procrastinate.App) -> None:
    """Look every minute. The task has no lock: one that was killed itself keeps none of the next ones waiting."""

    @app.periodic(cron="* * * * *")
    @app.task(name="end_stalled", queueing_lock="end_stalled")
    async def _stalled(timestamp: int) -> None:
        await end_stalled(app)
