"""The log of lookups: time, channel, outcome, town, key, office, who was signed in. Never an address. Audience `AUTH`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from geodata.database import Connection

if TYPE_CHECKING:
    from geodata.lookup_counts import Count

SHORTEST_DAYS = 31
"""The database removes nothing younger than 30 days (migration 0044)."""


@dataclass(frozen=True, slots=True)
class Looked:
    """So many lookups of one sort within a second, or a minute where nobody signed in."""

    municipality: str
    at: datetime
    channel: str
    outcome: str
    town: str
    key_id: str
    office_id: str
    login: str
    lookups: int


@dataclass(frozen=True, slots=True)
class Sought:
    """Whose lookups: of one key, office or login (None is any), on these days (Japan's, both included)."""

    first: date
    last: date
    key_id: str | None = None
    office_id: str | None = None
    login: str | None = None


def add(conn: Connection, counts: Sequence[Count]) -> None:
    """Write down what was counted, in one statement, with the time of now.

    To the second where a key, an office or a login is named, to the minute where nobody is.
    """
    conn.execute(
        """
        INSERT INTO lookup_log (municipality_code, at, channel, outcome, town, key_id, office_id, login, lookups)
        SELECT m, date_trunc(CASE WHEN key_id || office_id || login = '' THEN 'minute' ELSE 'second' END, now()),
               channel, outcome, town, key_id, office_id, login, sum(lookups)
        FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::int[])
             AS c (m, channel, outcome, town, key_id, office_id, login, lookups)
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
        """,
        (
            [c.municipality for c in counts], [c.channel for c in counts], [c.outcome for c in counts],
            [c.town for c in counts], [c.key_id for c in counts], [c.office_id for c in counts],
            [c.login for c in counts], [c.lookups for c in counts],
        ),
    )  # fmt: skip


_SOUGHT = """
    municipality_code = %(m)s AND at >= %(first)s::date::timestamp AT TIME ZONE 'Asia/Tokyo'
    AND at < (%(last)s::date + 1)::timestamp AT TIME ZONE 'Asia/Tokyo'
    AND (%(key)s::text IS NULL OR key_id = %(key)s) AND (%(office)s::text IS NULL OR office_id = %(office)s)
    AND (%(login)s::text IS NULL OR login = %(login)s)
"""


def read(conn: Connection, municipality: str, sought: Sought, *, limit: int) -> list[Looked]:
    """Rows in the order of time."""
    found = conn.execute(
        f"""
        SELECT municipality_code AS municipality, at, channel, outcome, town, key_id, office_id, login, lookups
        FROM lookup_log WHERE {_SOUGHT} ORDER BY at, log_no LIMIT %(limit)s
        """,  # noqa: S608 - a text of ours
        {**_args(municipality, sought), "limit": limit},
    )
    return [Looked(**row) for row in found]


def count(conn: Connection, municipality: str, sought: Sought) -> tuple[int, int]:
    """(rows, lookups) that are sought."""
    row = conn.execute(
        f"SELECT count(*) AS n, coalesce(sum(lookups), 0)::bigint AS lookups FROM lookup_log WHERE {_SOUGHT}",  # noqa: S608
        _args(municipality, sought),
    ).fetchone()
    return (row["n"], row["lookups"]) if row else (0, 0)


def _args(municipality: str, sought: Sought) -> dict[str, object]:
    return {
        "m": municipality, "first": sought.first, "last": sought.last, "key": sought.key_id,
        "office": sought.office_id, "login": sought.login,
    }  # fmt: skip


def purge(conn: Connection, *, keep_days: int, really: bool = True) -> int:
    """Delete rows older than `keep_days`; returns how many there were."""
    where = "at < now() - make_interval(days => %s)"
    if really:
        return conn.execute(f"DELETE FROM lookup_log WHERE {where}", (keep_days,)).rowcount  # noqa: S608
    row = conn.execute(f"SELECT count(*) AS n FROM lookup_log WHERE {where}", (keep_days,)).fetchone()  # noqa: S608
    return int(row["n"]) if row else 0
