"""The jobs. Each is a plain blocking function run in a thread, safe to run twice."""

from __future__ import annotations

import asyncio

import procrastinate

from api import logs
from api.jobs.auditing import check_audit
from api.jobs.purging import purge
from api.jobs.return_mail import send_return_mail
from api.jobs.tickets import send_ticket_mail
from api.settings import Settings
from geodata.database import Database


def register(app: procrastinate.App, settings: Settings, database: Database) -> None:
    """Give the queue its tasks and their times (UTC)."""

    @app.periodic(cron="*/10 * * * *")
    @app.task(name="purge_short_lived", queueing_lock="purge_short_lived")
    async def _short_lived(timestamp: int) -> None:
        done = await asyncio.to_thread(purge, database, settings, often_only=True)
        logs.SERVICE.info("purged: %s", done)

    @app.periodic(cron="37 17 * * *")
    @app.task(name="purge", queueing_lock="purge")
    async def _purge(timestamp: int) -> None:
        done = await asyncio.to_thread(purge, database, settings)
        logs.SERVICE.info("purged: %s", done)

    @app.periodic(cron="57 17 * * *")
    @app.task(name="check_audit", queueing_lock="check_audit")
    async def _audit(timestamp: int) -> None:
        await asyncio.to_thread(check_audit, database, settings)

    @app.periodic(cron="* * * * *")
    @app.task(name="send_ticket_mail", queueing_lock="send_ticket_mail")
    async def _mail(timestamp: int) -> None:
        done = await asyncio.to_thread(send_ticket_mail, database, settings)
        if any(done.values()):
            logs.SERVICE.info("mail of tickets: %s", done)

    @app.periodic(cron="* * * * *")
    @app.task(name="send_return_mail", queueing_lock="send_return_mail")
    async def _return_mail(timestamp: int) -> None:
        done = await asyncio.to_thread(send_return_mail, database, settings)
        if any(done.values()):
            logs.SERVICE.info("mail of yearly returns: %s", done)
