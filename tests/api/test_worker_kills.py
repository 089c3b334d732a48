"""Web workers killed outright while somebody edits, and a job worker while it reads an upload: real processes, seeded points."""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest

from api.auth.sign_in import SignIn
from api.settings import Settings
from geodata import accounts
from geodata.database import Audience, Database
from geodata.passing_folders import READING, UPLOADS, sweep
from kyodo_geo.roles import Role
from tests.api import city
from tests.api.signing import token_of
from tests.api.test_live import within
from tests.api.test_workers import Service, free_port
from tests.conftest import ROOT
from tests.db.kill_proxy import Proxy, Trigger, kill
from tests.fixtures_db import DatabaseUrls, new_state_dir

SEED = int(os.environ.get("KYODO_KILL_SEED", "20261126"))
ASSOCIATIONS = [f"a{no}{half}" for no in range(1, 5) for half in (1, 2)]


@pytest.fixture
def proxy(town: DatabaseUrls) -> Iterator[Proxy]:
    folder = new_state_dir()
    found = Proxy(folder / "p", Path(psycopg.conninfo.conninfo_to_dict(town.app)["host"]))
    try:
        yield found
    finally:
        found.close()
        (folder / "p" / ".s.PGSQL.5432").unlink(missing_ok=True)
        (folder / "p").rmdir()
        folder.rmdir()


@contextmanager
def program(
    proxy: Proxy, town: DatabaseUrls, log: Path, *arguments: str, **settings: str
) -> Iterator[Service]:
    port = free_port()
    plain = {name: value for name, value in os.environ.items() if not name.startswith("KYODO_")}
    environment = plain | {
        "KYODO_DATABASE_URL": proxy.url("kyodo_app", town.name), "KYODO_OWNER_DATABASE_URL": town.owner,
        "KYODO_PORT": str(port), "KYODO_DATABASE_POOL_SIZE": "3", "PYTHONPATH": str(ROOT), **settings,
    }  # fmt: skip
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", *arguments],
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Service(f"http://127.0.0.1:{port}", log, process, environment)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def cookies(town: DatabaseUrls) -> dict[str, str]:
    database = Database(town.app, max_size=1)
    try:
        with database.write(Audience.AUTH) as conn:
            user = accounts.add_user(conn, city.CODE, "killer", "試験", {Role.PLANNER}, by="test")
            return {
                "kyodo_session": SignIn(database, Settings(database_url=town.app))._open(
                    conn, user.user_id, None
                )
            }
    finally:
        database.close()


def answering(service: Service) -> bool:
    try:
        return len(service.workers()) == 2 and service.asked_anew("/readyz").status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.full
def test_no_acknowledged_edit_is_lost_with_the_web_worker_that_took_it(
    proxy: Proxy, town: DatabaseUrls, tmp_path: Path
) -> None:
    chance = random.Random(SEED)
    acknowledged: set[str] = set()
    tried: list[str] = []
    fired = 0
    with program(proxy, town, tmp_path / "log", "serve", KYODO_WORKERS="2") as service:
        assert within(240, lambda: answering(service)), service.log.read_text()
        known = cookies(town)

        def add(name: str) -> bool:
            page = f"/staff/associations/{ASSOCIATIONS[len(tried) % 8]}"
            try:
                html = service.asked_anew(page, cookies=known, headers={"accept": "text/html"}).text
                answer = service.asked_anew(
                    f"{page}/contacts", method="POST", cookies=known,
                    data={"csrf_token": token_of(html), "role": "member-desk", "name": name},
                    headers={"accept": "text/html", "origin": service.url},
                )  # fmt: skip
            except (httpx.TransportError, AssertionError):
                return False
            assert answer.status_code in (303, 503), answer.text[:500]
            return answer.status_code == 303

        for point in range(16):
            trigger = proxy.arm(
                Trigger(chance.randint(1, 60), lambda _, worker: kill(worker), sent=chance.random() < 0.5)
            )
            for attempt in range(4):
                name = f"窓口{point}-{attempt}"
                if len(tried) < 40:
                    if add(name):
                        acknowledged.add(name)
                    tried.append(name)
                else:
                    service.asked_anew("/readyz")
                if trigger.fired:
                    break
            fired += trigger.fired
            assert within(240, lambda: answering(service)), "another worker takes its place"
    print(f"seed {SEED}: {fired} workers killed, {len(tried)} edits tried, {len(acknowledged)} acknowledged")
    assert fired >= 5
    with psycopg.connect(town.superuser) as conn:
        stored = {
            row[0]
            for row in conn.execute("SELECT name FROM kyodo.association_contact WHERE name LIKE '窓口%'")
        }
        entries = conn.execute("SELECT count(*) FROM kyodo.audit WHERE target LIKE 'contacts/%'").fetchone()
    assert acknowledged <= stored <= set(tried)
    assert entries == (len(stored),), "each with its entry in the log"


@pytest.mark.full
def test_an_upload_whose_job_worker_is_killed_is_finished_by_the_next_one(
    proxy: Proxy, town: DatabaseUrls, tmp_path: Path
) -> None:
    import io

    from api.jobs import dataset_uploads as jobs
    from geodata import dataset_uploads as uploads

    chance = random.Random(SEED)
    database = Database(town.app, max_size=2)
    log = tmp_path / "log"
    try:
        for point in range(3):
            content = "町名,経度,緯度\n" + "".join(f"町{point}-{n},141.10,39.70\n" for n in range(50))
            upload_id = f"{point:024x}"
            with database.write(Audience.LOADER) as conn:
                uploads.add(
                    conn, city.CODE, upload_id, [("t.csv", io.BytesIO(content.encode()))], kind="towns",
                    size=len(content), options={}, meta={}, by="test",
                )  # fmt: skip
            jobs.wake(Settings(database_url=town.app))

            def state(upload_id: str = upload_id) -> str:
                with database.read(Audience.LOADER) as conn:
                    return uploads.upload(conn, city.CODE, upload_id).state

            # TMPDIR: what the killed ones leave must be found and removed by the next.
            with program(proxy, town, log, "worker", TMPDIR=str(tmp_path)) as worker:
                assert within(240, lambda: state() == "running"), log.read_text()
                proxy.arm(Trigger(chance.randint(1, 30), lambda _, found: kill(found)))
                kill(worker.process.pid)
                worker.process.wait(20)
            proxy.arm(Trigger())
            with psycopg.connect(town.superuser) as conn:
                conn.execute(
                    "UPDATE kyodo_jobs.procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"
                )
                conn.execute(
                    "UPDATE kyodo.dataset_upload SET touched_at = now() - interval '1 hour' WHERE state = 'running'"
                )
            jobs.wake(Settings(database_url=town.app))
            with program(proxy, town, log, "worker", TMPDIR=str(tmp_path)):
                assert within(240, lambda: state() in ("checked", "refused")), log.read_text()
                assert state() == "checked"
        # A child that outlived its worker may still have been writing when the next one started: the purge of every
        # ten minutes finds what that left.
        for prefix in (READING, UPLOADS):
            sweep(prefix, tmp_path)
        assert [path.name for path in tmp_path.iterdir() if re.match("kyodo", path.name)] == []
    finally:
        database.close()


def test_a_killed_workers_lock_keeps_the_next_job_waiting_only_until_it_is_found(town: DatabaseUrls) -> None:
    from api.jobs.app import queue
    from api.jobs.batches import TASK
    from api.jobs.stalled import end_stalled

    app = queue(Settings(database_url=town.app))

    async def steps() -> list[object]:
        async with app.open_async():
            manager = app.job_manager
            killed, alive = await manager.register_worker(), await manager.register_worker()
            await app.configure_task(TASK, lock=TASK).defer_async(timestamp=0)
            taken = await manager.fetch_job(queues=None, worker_id=killed)
            assert taken is not None
            await app.configure_task(TASK, lock=TASK).defer_async(timestamp=1)
            found: list[object] = [await manager.fetch_job(queues=None, worker_id=alive)]
            found.append(await end_stalled(app))  # its worker said something a moment ago
            with psycopg.connect(town.superuser) as conn:
                conn.execute(
                    "UPDATE kyodo_jobs.procrastinate_workers SET last_heartbeat = now() - interval '2 minutes' WHERE id = %s",
                    (killed,),
                )
            found.append(await end_stalled(app))
            following = await manager.fetch_job(queues=None, worker_id=alive)
            assert following is not None
            return [*found, following.task_kwargs["timestamp"], await end_stalled(app)]

    with ThreadPoolExecutor(1) as apart:  # Playwright's loop may run in this thread
        assert apart.submit(asyncio.run, steps()).result(60) == [None, 0, 1, 1, 0]
