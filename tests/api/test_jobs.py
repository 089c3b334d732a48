"""Background jobs: what they delete, and a worker that runs them and ends when told."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg

from api.jobs.app import queue, run
from api.jobs.purging import purge
from api.jobs.tasks import register
from geodata.database import Database
from tests.api.test_live import within
from tests.conftest import ROOT
from tests.fixtures_db import DatabaseUrls


def play(scene: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine in a thread of its own: Playwright keeps a loop running in the main thread once a browser test
    of this process has opened its browser."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(asyncio.run, scene).result()


def plant(town: DatabaseUrls) -> None:
    """Three sessions (one alive, one idle, one old), three links, two counters."""
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET search_path = kyodo")
        conn.execute(
            "INSERT INTO app_user (municipality_code, login, display_name) VALUES ('03201', 'u', 'U')"
        )
        conn.execute(
            "INSERT INTO session (municipality_code, session_hash, user_id, csrf_token, last_seen_at, expires_at) "
            "SELECT '03201', sha256(n::text::bytea), user_id, 'x', now() - idle, now() + rest FROM app_user, "
            "(VALUES (1, interval '0', interval '1 h'), (2, interval '61 min', interval '1 h'), "
            "(3, interval '0', interval '-1 s')) v(n, idle, rest)"
        )
        conn.execute(
            "INSERT INTO sign_in_link (municipality_code, token_hash, user_id, expires_at, used_at) "
            "SELECT '03201', sha256(n::text::bytea), user_id, now() + rest, now() - used FROM app_user, "
            "(VALUES (1, interval '1 h', NULL), (2, interval '-1 s', NULL), "
            "(3, interval '1 h', interval '2 days')) v(n, rest, used)"
        )
        for days in (0, 5 * 366 + 1):
            conn.execute(
                "INSERT INTO lookup_count (municipality_code, day, channel, outcome, town, key_id, lookups) "
                "VALUES ('03201', current_date - %s, 'page', 'one', '', '', 1)",
                (days,),
            )


def left(town: DatabaseUrls) -> tuple[int, int, int]:
    with psycopg.connect(town.superuser) as conn:
        row = conn.execute(
            "SELECT (SELECT count(*) FROM kyodo.session), (SELECT count(*) FROM kyodo.sign_in_link), "
            "(SELECT count(*) FROM kyodo.lookup_count)"
        ).fetchone()
    assert row is not None
    return row


def test_what_can_no_longer_be_used_is_deleted(town: DatabaseUrls, settings_for) -> None:
    plant(town)
    database = Database(town.app, max_size=2)
    try:
        done = purge(database, settings_for(town))
        assert (done["sign-ins"], done["lookup-counts"]) == (4, 1)
    finally:
        database.close()
    assert left(town) == (1, 1, 1)


def test_a_deferred_job_is_run(town: DatabaseUrls, settings_for) -> None:
    plant(town)
    settings = settings_for(town)

    async def scene() -> None:
        database = Database(town.app, max_size=2)
        app = queue(settings)
        register(app, settings, database)
        async with app.open_async():
            await app.configure_task("purge_short_lived").defer_async(timestamp=0)
        await asyncio.to_thread(database.close)
        stop = asyncio.Event()
        working = asyncio.create_task(run(settings, stop=stop))
        for _ in range(100):
            if (await asyncio.to_thread(left, town))[:2] == (1, 1):
                break
            await asyncio.sleep(0.1)
        stop.set()
        await asyncio.wait_for(working, 15)

    play(scene())
    assert left(town)[:2] == (1, 1)


def test_the_worker_ends_when_told(town: DatabaseUrls, tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("KYODO_")} | {
        "KYODO_DATABASE_URL": town.app,
        "KYODO_OWNER_DATABASE_URL": town.owner,
        "PYTHONPATH": str(ROOT),
    }
    log = tmp_path / "worker.log"
    with log.open("wb") as out:
        worker = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "worker"],
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        assert within(30, lambda: _is_listening(town)), log.read_text()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(15) == 0, log.read_text()
    finally:
        worker.kill()
        worker.wait()
    assert "Traceback" not in log.read_text()
    assert "仕事の実行を終えました" in log.read_text()


def _is_listening(town: DatabaseUrls) -> bool:
    with psycopg.connect(town.superuser) as conn:
        row = conn.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND application_name = 'kyodo-geo-jobs' "
            "AND query ~ 'LISTEN'",
            (town.name,),
        ).fetchone()
    return row is not None and row[0] > 0


def test_a_worker_survives_a_cut_connection(town: DatabaseUrls, settings_for) -> None:
    async def scene() -> None:
        stop = asyncio.Event()
        working = asyncio.create_task(run(settings_for(town), stop=stop))
        assert await asyncio.to_thread(within, 15, lambda: _is_listening(town))
        with psycopg.connect(town.superuser, autocommit=True) as conn:
            conn.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
                (town.name,),
            )
        assert await asyncio.to_thread(within, 20, lambda: _is_listening(town)), "it came back"
        stop.set()
        await asyncio.wait_for(working, 15)

    play(scene())
