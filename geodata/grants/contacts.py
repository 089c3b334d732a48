"""Erase whom to call of a case, after its time. The case itself stays: a paper of the city, without a person."""

from __future__ import annotations

from geodata.audit import record
from geodata.database import Connection
from geodata.grants.cases import target
from kyodo_geo.grants.case_fields import NOUN


def erase_contacts(conn: Connection, municipality: str, *, keep_days: int, by: str) -> int:
    """Erase the persons in charge of cases without a step for so long (audience `STAFF`); how many cases."""
    rows = conn.execute(
        """
        UPDATE grant_case c SET contact_name = NULL, contact_phone = NULL, erased_at = now()
        WHERE c.municipality_code = %(m)s AND (c.contact_name IS NOT NULL OR c.contact_phone IS NOT NULL)
          AND (SELECT max(s.entered_at) FROM grant_step s WHERE s.municipality_code = c.municipality_code
               AND s.case_no = c.case_no) < now() - make_interval(days => %(days)s)
        RETURNING c.case_no
        """,
        {"m": municipality, "days": keep_days},
    ).fetchall()
    for row in rows:
        record(
            conn, municipality, by, f"edit.{NOUN}.erase", target(row["case_no"]), {"after_days": keep_days}
        )
    return len(rows)
