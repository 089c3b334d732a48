"""Personal answers past their time. Audience `STAFF`; called by the job that purges."""

from __future__ import annotations

from geodata.database import Connection
from kyodo_geo.returns.questions import FREE_WORDS, PERSONAL


def purge(conn: Connection, *, keep_days: int) -> int:
    """Erase names, addresses and free words of rounds that were due so long ago; figures stay. Returns rows touched.

    Also notes that were seen to, and others with their round; codes that have ended; to whom circulars of former years went.
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
    # Words of a late answer are kept as long as the answer itself, so that somebody can still see to them.
    unseen = conn.execute(
        """
        DELETE FROM return_note n USING return_round o
        WHERE o.municipality_code = n.municipality_code AND o.fiscal_year = n.fiscal_year
          AND o.due_on < current_date - %(days)s AND n.created_at < now() - make_interval(days => %(days)s)
        """,
        old,
    ).rowcount
    codes = conn.execute("DELETE FROM return_code WHERE expires_at < now()").rowcount
    former = conn.execute(
        """
        UPDATE circulation c SET to_name = NULL, to_phone = NULL, to_address = NULL
        WHERE num_nonnulls(to_name, to_phone, to_address) > 0
          AND (make_date(c.fiscal_year + 1, 4, 1) < current_date - %(days)s OR EXISTS (
            SELECT FROM circulation n WHERE n.municipality_code = c.municipality_code
            AND n.association_id = c.association_id AND n.fiscal_year > c.fiscal_year))
        """,
        old,
    ).rowcount
    return erased + seen_to + unseen + codes + former
