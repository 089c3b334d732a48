"""Personal answers past their time. Audience `STAFF`; called by the job that purges."""

from __future__ import annotations

from geodata.database import Connection
from kyodo_geo.returns.questions import PERSONAL

FREE_WORDS = ("wishes", "reason", "area_note")
"""Where people may have written of other people."""


def purge(conn: Connection, *, keep_days: int) -> int:
    """Erase names, addresses and free words of rounds that were due so long ago; figures stay. Returns rows touched.

    Also codes that have ended, and to whom circulars of former years went.
    """
    old = {"days": keep_days, "names": [*PERSONAL, *FREE_WORDS]}
    erased = conn.execute(
        """
        UPDATE association_return r SET prefilled = prefilled - %(names)s::text[], answers = answers - %(names)s::text[],
               draft = NULL, draft_at = NULL, sent_back_words = NULL, erased_at = now(), version = r.version + 1
        FROM return_round o
        WHERE o.municipality_code = r.municipality_code AND o.fiscal_year = r.fiscal_year AND r.erased_at IS NULL
          AND o.due_on < current_date - %(days)s AND r.changed_at < now() - make_interval(days => %(days)s)
        """,
        old,
    ).rowcount
    seen_to = conn.execute(
        "DELETE FROM return_note WHERE done_at < now() - make_interval(days => %(days)s)", old
    ).rowcount
    codes = conn.execute("DELETE FROM return_code WHERE expires_at < now()").rowcount
    former = conn.execute(
        """
        UPDATE circulation c SET to_name = NULL, to_phone = NULL, to_address = NULL
        WHERE num_nonnulls(to_name, to_phone, to_address) > 0 AND EXISTS (
            SELECT FROM circulation n WHERE n.municipality_code = c.municipality_code
            AND n.association_id = c.association_id AND n.fiscal_year > c.fiscal_year)
        """
    ).rowcount
    return erased + seen_to + codes + former
