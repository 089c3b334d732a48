"""What can be asked of the database about how the service is: the schema's version, the clock, jobs and tickets."""

from __future__ import annotations

import functools
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from geodata.database import Audience, Connection, Database
from kyodo_geo.errors import UnavailableError
from kyodo_geo.tickets import WAITING

SEEN_WITHIN_S = 90
"""A job worker notes every 10 s that it lives (procrastinate); one that has not for so long is gone or stuck."""


@functools.cache
def known_schema() -> str:
    """The schema this program was written for: the last of its migrations. Read from their names, without Alembic."""
    folder = Path(__file__).parent / "migrations" / "versions"
    return max(path.name.partition("_")[0] for path in folder.glob("[0-9]*_*.py"))


@dataclass(frozen=True, slots=True)
class Base:
    """The database: its schema's version (None: it does not say) and how far its clock is ahead of ours (seconds)."""

    schema: str | None
    clock_ahead_s: float


def base(database: Database) -> Base:
    """Raises `UnavailableError` when the database cannot be asked."""
    with database.read(Audience.PUBLIC) as conn:
        before = time.time()
        row: Any = conn.execute("SELECT extract(epoch FROM clock_timestamp())::float8 AS now").fetchone()
        ahead = row["now"] - (before + time.time()) / 2
        return Base(_schema(conn), ahead)


def _schema(conn: Connection) -> str | None:
    try:
        with conn.transaction():  # a savepoint: a refusal ends it alone
            row: Any = conn.execute("SELECT version_num FROM kyodo_schema_version").fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
        return None
    return None if row is None else row["version_num"]


@dataclass(frozen=True, slots=True)
class Jobs:
    """The queue. `oldest_s`: how long the first of the jobs that could run has waited; `seen_s`: since a worker was seen."""

    waiting: int
    running: int
    failed: int
    oldest_s: float
    seen_s: float | None

    @property
    def worker_there(self) -> bool:
        return self.seen_s is not None and self.seen_s <= SEEN_WITHIN_S


def jobs(database: Database) -> Jobs:
    """Raises `UnavailableError` when the database cannot be asked."""
    with database.read(Audience.AUTH) as conn:
        row: Any = conn.execute(
            """
            SELECT count(*) FILTER (WHERE status = 'todo') AS waiting,
                   count(*) FILTER (WHERE status = 'doing') AS running,
                   count(*) FILTER (WHERE status IN ('failed', 'aborted')) AS failed,
                   coalesce(extract(epoch FROM clock_timestamp() - min(
                       coalesce(j.scheduled_at, (SELECT min(e.at) FROM kyodo_jobs.procrastinate_events e
                                                 WHERE e.job_id = j.id AND e.type = 'deferred'))
                   ) FILTER (WHERE status = 'todo' AND coalesce(j.scheduled_at, '-infinity') <= now())), 0)::float8
                       AS oldest_s,
                   (SELECT extract(epoch FROM clock_timestamp() - max(last_heartbeat))::float8
                    FROM kyodo_jobs.procrastinate_workers) AS seen_s
            FROM kyodo_jobs.procrastinate_jobs j
            """
        ).fetchone()
    return Jobs(row["waiting"], row["running"], row["failed"], row["oldest_s"], row["seen_s"])


@dataclass(frozen=True, slots=True)
class Active:
    """What the database has as active; None before the first load."""

    generation_no: int | None
    activated_at: datetime | None
    revision: int

    def age_s(self, now: datetime | None = None) -> float | None:
        return (
            None
            if self.activated_at is None
            else ((now or datetime.now(UTC)) - self.activated_at).total_seconds()
        )


def active(database: Database, municipality: str) -> Active | None:
    with database.read(Audience.PUBLIC) as conn:
        row: Any = conn.execute(
            """
            SELECT m.revision, g.generation_no, g.activated_at
            FROM municipality m
            LEFT JOIN LATERAL (SELECT generation_no, activated_at FROM generation
                               WHERE municipality_code = m.municipality_code
                               ORDER BY generation_no DESC LIMIT 1) g ON true
            WHERE m.municipality_code = %s
            """,
            (municipality,),
        ).fetchone()
    return None if row is None else Active(row["generation_no"], row["activated_at"], row["revision"])


def tickets(database: Database, municipality: str) -> dict[str, int]:
    """Numbers of tickets waited for, of those past their day, and of mails that failed for good or wait."""
    waiting = [state.value for state in WAITING]
    with database.read(Audience.STAFF) as conn:
        row: Any = conn.execute(
            """
            SELECT count(*) AS open, count(*) FILTER (WHERE due_on < current_date) AS overdue
            FROM (SELECT due_on FROM referral WHERE municipality_code = %(m)s AND state = ANY(%(w)s)
                  UNION ALL
                  SELECT due_on FROM join_wish WHERE municipality_code = %(m)s AND state = ANY(%(w)s)) t
            """,
            {"m": municipality, "w": waiting},
        ).fetchone()
        mail: Any = conn.execute(
            """
            SELECT count(*) FILTER (WHERE state = 'failed') AS failed, count(*) FILTER (WHERE state = 'pending') AS pending
            FROM ticket_notice WHERE municipality_code = %s
            """,
            (municipality,),
        ).fetchone()
    return {
        "open": row["open"],
        "overdue": row["overdue"],
        "mail_failed": mail["failed"],
        "mail_pending": mail["pending"],
    }


def backup_age_s(database: Database, municipality: str) -> float | None:
    """Seconds since the latest backup that the audit log knows of; None where there is none."""
    with database.read(Audience.STAFF) as conn:
        row: Any = conn.execute(
            "SELECT extract(epoch FROM clock_timestamp() - max(at))::float8 AS age FROM audit "
            "WHERE municipality_code = %s AND action = 'backup.make'",
            (municipality,),
        ).fetchone()
    found: float | None = row["age"]
    return found


def size(database: Database) -> int:
    """Bytes of the database."""
    with database.read(Audience.PUBLIC) as conn:
        row: Any = conn.execute("SELECT pg_database_size(current_database()) AS bytes").fetchone()
    return int(row["bytes"])


def replica_behind(url: str, read_url: str) -> int:
    """Bytes of the primary's log that the replica has not replayed; raises `UnavailableError` when either is away."""
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=2) as primary:
            row: Any = primary.execute("SELECT pg_current_wal_lsn()").fetchone()
        with psycopg.connect(read_url, autocommit=True, connect_timeout=2) as replica:
            behind: Any = replica.execute(
                "SELECT pg_wal_lsn_diff(%s::pg_lsn, coalesce(pg_last_wal_replay_lsn(), %s::pg_lsn))::bigint",
                (row[0], row[0]),
            ).fetchone()
    except psycopg.Error as error:
        raise UnavailableError("レプリカに接続できません。") from error
    return max(0, int(behind[0]))
