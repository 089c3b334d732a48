"""Records of one fiscal year that yearly figures follow from, as the audience `STAFF`."""

from __future__ import annotations

from geodata.database import Connection
from geodata.queries.generation import Ref
from kyodo_geo.centres.event_figures import HeldEvent, Sent


def held_events(conn: Connection, ref: Ref, fiscal_year: int) -> list[HeldEvent]:
    """Events that were held in the year, with what is known of who came."""
    rows = conn.execute(
        """
        SELECT e.title, e.initiative_no::int AS initiative_no, e.participants, e.quality,
               coalesce(jsonb_object_agg(a.district_no, a.participants) FILTER (WHERE a.event_id IS NOT NULL), '{}') AS people
        FROM event e LEFT JOIN event_attendance a USING (municipality_code, event_id)
        WHERE e.municipality_code = %(m)s AND e.state = 'held' AND fiscal_year(e.starts_on) = %(year)s
        GROUP BY e.event_id, e.title, e.initiative_no, e.participants, e.quality, e.starts_on
        ORDER BY e.starts_on, e.event_id
        """,
        {**ref.args, "year": fiscal_year},
    )
    return [
        HeldEvent(
            row["title"], row["initiative_no"], row["participants"],
            {int(no): people for no, people in row["people"].items()}, row["quality"],
        )
        for row in rows
    ]  # fmt: skip


def sent_advisers(conn: Connection, ref: Ref, fiscal_year: int) -> list[Sent]:
    """Dispatches of the year; the district of an association is that of the active list."""
    rows = conn.execute(
        """
        SELECT s.theme, coalesce(s.district_no, a.district_no) AS district_no, s.quality FROM adviser_dispatch s
        LEFT JOIN association_districts(%(m)s, %(g)s) a ON a.association_id = s.association_id
        WHERE s.municipality_code = %(m)s AND fiscal_year(s.dispatched_on) = %(year)s
        ORDER BY s.dispatched_on, s.dispatch_id
        """,
        {**ref.args, "year": fiscal_year},
    )
    return [Sent(**row) for row in rows]


def years(conn: Connection, code: str) -> list[int]:
    """Fiscal years with a held event or a dispatch, newest first."""
    rows = conn.execute(
        """
        SELECT fiscal_year(starts_on) AS year FROM event WHERE municipality_code = %(m)s AND state = 'held'
        UNION SELECT fiscal_year(dispatched_on) FROM adviser_dispatch WHERE municipality_code = %(m)s ORDER BY 1 DESC
        """,
        {"m": code},
    )
    return [row["year"] for row in rows]
