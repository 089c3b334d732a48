"""`/readyz` says why not, and what somebody should look after."""

from __future__ import annotations

from collections import namedtuple

import psycopg
import pytest
from starlette.testclient import TestClient

from api import ready
from geodata import health
from geodata.migrate import head
from tests.fixtures_db import DatabaseUrls


def told(client: TestClient) -> tuple[int, dict]:
    client.app.state.services.readiness._looked_at = -ready.KEPT_S
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


def change(town: DatabaseUrls, statement: str) -> None:
    with psycopg.connect(town.superuser) as conn:
        conn.execute(statement.encode())


def test_the_programs_schema_is_read_from_the_names_of_its_migrations() -> None:
    assert health.known_schema() == head()


def test_an_older_schema_is_a_reason_and_a_newer_one_a_warning(serve, town: DatabaseUrls) -> None:
    client = serve()
    assert told(client)[0] == 200
    change(town, "UPDATE kyodo_schema_version SET version_num = '0001'")
    status, body = told(client)
    assert status == 503
    assert "0001" in body["reasons"][0] and "db upgrade" in body["reasons"][0]
    change(town, "UPDATE kyodo_schema_version SET version_num = '9999'")
    status, body = told(client)
    assert (status, body["status"], body["reasons"]) == (200, "ok", [])
    assert any("9999" in warning for warning in body["warnings"])
    change(town, "REVOKE SELECT ON kyodo_schema_version FROM kyodo_public")
    assert told(client)[0] == 503, "a schema from before it could be asked"


def test_a_job_worker_that_is_not_seen_is_a_warning(serve, town: DatabaseUrls) -> None:
    client = serve()
    assert ready.NO_WORKER in told(client)[1]["warnings"]
    change(town, "INSERT INTO kyodo_jobs.procrastinate_workers DEFAULT VALUES")
    assert ready.NO_WORKER not in told(client)[1]["warnings"]
    change(town, "UPDATE kyodo_jobs.procrastinate_workers SET last_heartbeat = now() - interval '2 minutes'")
    status, body = told(client)
    assert status == 200 and ready.NO_WORKER in body["warnings"]


def test_a_full_disk_and_a_wrong_clock_are_warnings(serve, monkeypatch, tmp_path) -> None:
    client = serve(state_dir=tmp_path)
    disk = namedtuple("disk", "total used free")
    monkeypatch.setattr(ready.shutil, "disk_usage", lambda path: disk(100 << 30, 99 << 30, 1 << 30))
    monkeypatch.setattr(health.time, "time", lambda: 0.0)
    status, body = told(client)
    assert status == 200
    assert any("1.0 GB" in warning for warning in body["warnings"])
    assert any("NTP" in warning for warning in body["warnings"])


def test_one_that_has_been_told_to_end_is_not_ready_though_it_answers(serve) -> None:
    client = serve()
    client.app.state.services.draining.set()
    assert told(client) == (503, told(client)[1])
    assert told(client)[1]["reasons"] == [ready.DRAINING]
    assert client.get("/api/v1/districts").status_code == 200


def test_jobs_and_tickets_are_counted(town: DatabaseUrls) -> None:
    from geodata.database import Database

    change(
        town,
        "SET search_path = kyodo_jobs, public; "
        "INSERT INTO kyodo_jobs.procrastinate_jobs (queue_name, task_name, status, scheduled_at) VALUES "
        "('q', 'a', 'todo', now() - interval '1 hour'), ('q', 'b', 'todo', now() + interval '1 hour'), "
        "('q', 'c', 'failed', NULL), ('q', 'd', 'doing', NULL)",
    )
    database = Database(town.app, max_size=1)
    try:
        found = health.jobs(database)
        assert (found.waiting, found.running, found.failed) == (2, 1, 1)
        assert found.oldest_s == pytest.approx(3600, abs=60)
        assert health.tickets(database, "03201") == {
            "open": 0,
            "overdue": 0,
            "mail_failed": 0,
            "mail_pending": 0,
        }
        active = health.active(database, "03201")
        assert active is not None and active.generation_no is not None and (active.age_s() or -1) >= 0
    finally:
        database.close()
