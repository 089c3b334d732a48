"""Deleting what is past its time of keeping, where no other module of this folder does.

Audience `AUTH`; the texts of consultations and case sheets with `STAFF`.
"""

from __future__ import annotations

from typing import NoReturn

import psycopg

from geodata.database import Connection


def undo() -> NoReturn:
    """End the transaction around this without keeping anything of it; the block is left without an exception."""
    raise psycopg.Rollback


def keys(conn: Connection, *, keep_days: int) -> int:
    """Keys that were revoked or ended so long ago."""
    return conn.execute(
        "DELETE FROM partner_key WHERE least(revoked_at, expires_at) < now() - make_interval(days => %s)",
        (keep_days,),
    ).rowcount


def calendar_links(conn: Connection, *, keep_days: int) -> int:
    """Links of calendar programs that were revoked or ended so long ago."""
    return conn.execute(
        "DELETE FROM calendar_link WHERE least(revoked_at, expires_at) < now() - make_interval(days => %s)",
        (keep_days,),
    ).rowcount


def key_minutes(conn: Connection) -> int:
    """Counts of minutes that have passed."""
    return conn.execute(
        "DELETE FROM partner_key_minute WHERE minute < extract(epoch FROM now()) / 60 - 60"
    ).rowcount


def jobs(conn: Connection, *, keep_days: int) -> int:
    """Jobs that ended without success (those that succeed are deleted at once)."""
    # The queue's own triggers name its tables without their schema.
    conn.execute("SET LOCAL search_path = kyodo_jobs, kyodo, public")
    return conn.execute(
        """
        DELETE FROM kyodo_jobs.procrastinate_jobs j
        WHERE status IN ('failed', 'cancelled', 'aborted', 'succeeded')
          AND coalesce((SELECT max(at) FROM kyodo_jobs.procrastinate_events e WHERE e.job_id = j.id), scheduled_at,
                       '-infinity') < now() - make_interval(days => %s)
        """,
        (keep_days,),
    ).rowcount


def consultation_texts(conn: Connection, municipality: str, *, keep_days: int) -> int:
    """What was said in consultations so long ago; the consultation stays and is counted."""
    return conn.execute(
        "UPDATE consultation SET content = NULL "
        "WHERE municipality_code = %s AND content IS NOT NULL AND held_on < current_date - %s::int",
        (municipality, keep_days),
    ).rowcount


def risk_texts(conn: Connection, municipality: str, *, keep_days: int) -> int:
    """Texts and names of case sheets that were closed so long ago, and of their visits; days and states stay."""
    visits = conn.execute(
        """
        UPDATE risk_visit v SET heard = NULL, advice = NULL, next_step = NULL, person_name = NULL
        FROM risk_case c
        WHERE c.municipality_code = v.municipality_code AND c.case_id = v.case_id AND v.municipality_code = %s
          AND c.closed_on < current_date - %s::int
          AND (v.heard, v.advice, v.next_step, v.person_name) IS DISTINCT FROM (NULL, NULL, NULL, NULL)
        """,
        (municipality, keep_days),
    ).rowcount
    cases = conn.execute(
        """
        UPDATE risk_case SET reason = NULL, outcome = NULL, person_name = NULL
        WHERE municipality_code = %s AND closed_on < current_date - %s::int
          AND (reason, outcome, person_name) IS DISTINCT FROM (NULL, NULL, NULL)
        """,
        (municipality, keep_days),
    ).rowcount
    return visits + cases
