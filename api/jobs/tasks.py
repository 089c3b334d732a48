"""The jobs. Each is a plain blocking function run in a thread, safe to run twice."""

from __future__ import annotations

import asyncio

import procrastinate

from api import logs
from api.jobs.tickets import erase_tickets, send_ticket_mail
from api.settings import Settings
from geodata import lookup_counts, sessions
from geodata.database import Audience, Database

KEEP_COUNT_DAYS = 5 * 366
"""Lookup counters are kept for five fiscal years, as long as the plan runs."""


def purge_sign_ins(database: Database, settings: Settings) -> dict[str, int]:
    """Delete sessions and links nobody can use any more."""
    with database.write(Audience.AUTH) as conn:
        return sessions.purge(conn, idle_minutes=settings.session_idle_minutes)


def purge_lookup_counts(database: Database) -> int:
    """Delete counters past their time."""
    with database.write(Audience.AUTH) as conn:
        return lookup_counts.purge(conn, keep_days=KEEP_COUNT_DAYS)


def register(app: procrastinate.App, settings: Settings, database: Database) -> None:
    """Give the queue its tasks and their times (UTC)."""

    @app.periodic(cron="*/10 * * * *")
    @app.task(name="purge_sign_ins", queueing_lock="purge_sign_ins")
    async def _sign_ins(timestamp: int) -> None:
        done = await asyncio.to_thread(purge_sign_ins, database, settings)
        logs.SERVICE.info("purged: %(sessions)d sessions, %(links)d links", done)

    @app.periodic(cron="17 18 * * *")
    @app.task(name="purge_lookup_counts", queueing_lock="purge_lookup_counts")
    async def _counts(timestamp: int) -> None:
        done = await asyncio.to_thread(purge_lookup_counts, database)
        logs.SERVICE.info("purged: %d rows of lookup counters", done)

    @app.periodic(cron="* * * * *")
    @app.task(name="send_ticket_mail", queueing_lock="send_ticket_mail")
    async def _mail(timestamp: int) -> None:
        done = await asyncio.to_thread(send_ticket_mail, database, settings)
        if any(done.values()):
            logs.SERVICE.info("mail of tickets: %s", done)

    @app.periodic(cron="37 17 * * *")
    @app.task(name="erase_tickets", queueing_lock="erase_tickets")
    async def _erase(timestamp: int) -> None:
        done = await asyncio.to_thread(erase_tickets, database, settings)
        logs.SERVICE.info("tickets: %(closed)d closed, %(erased)d erased", done)
