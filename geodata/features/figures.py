"""Figures of districts (people, associations, membership), worked out once per revision instead of once per question.

They hang on nothing but the generation and the threshold below which figures are withheld, and are the same whoever
reads: the function withholds. Working them out costs a pass over every association and year; a filter asks each time.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import LiteralString

from geodata.database import Connection
from geodata.queries.generation import Ref

MAX_HELD = 256
"""Generations whose figures are remembered, a few kB each."""

JOIN: LiteralString = """LEFT JOIN jsonb_to_recordset(%(figures)s::jsonb) AS c(
            district_no int, people int, households int, associations int, fiscal_year int, member_of bigint,
            members bigint, withheld boolean
        ) ON c.district_no = d.district_no"""

_FIGURES: LiteralString = """
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'district_no', d.district_no, 'people', a.people, 'households', a.households,
        'associations', n.associations, 'fiscal_year', m.fiscal_year, 'member_of', m.households,
        'members', m.member_households, 'withheld', m.suppressed
    )), '[]')::text AS figures, current_setting('transaction_read_only')::boolean AS reading
    FROM district_area d
    LEFT JOIN (
        SELECT t.district_no, sum(s.people)::int AS people, sum(s.households)::int AS households
        FROM district_assignment t JOIN small_area s USING (municipality_code, key_code)
        WHERE t.municipality_code = %(m)s AND t.dataset_id = active_dataset(%(m)s, %(g)s, 'district-assignment')
          AND s.dataset_id = active_dataset(%(m)s, %(g)s, 'small-areas')
        GROUP BY t.district_no
    ) a ON a.district_no = d.district_no
    LEFT JOIN (
        SELECT district_no, count(*)::int AS associations FROM association_districts(%(m)s, %(g)s) GROUP BY 1
    ) n ON n.district_no = d.district_no
    -- The latest year that the city has, whoever reads: withheld figures are withheld in the function.
    LEFT JOIN (
        SELECT * FROM district_membership(%(m)s, %(g)s)
        WHERE fiscal_year = (SELECT max(fiscal_year) FROM city_membership(%(m)s, %(g)s))
    ) m ON m.district_no = d.district_no
    WHERE d.municipality_code = %(m)s AND d.dataset_id = active_dataset(%(m)s, %(g)s, 'districts')
"""

_held: OrderedDict[tuple[object, ...], str] = OrderedDict()
_lock = threading.Lock()


def district_figures(conn: Connection, ref: Ref) -> str:
    """The figures of each district as JSON, for the parameter `figures` of `JOIN`."""
    at = conn.info
    key = (
        at.host, at.port, at.dbname, ref.municipality_code, ref.generation_no, ref.revision,
        ref.suppress_below_households,
    )  # fmt: skip
    with _lock:
        found = _held.get(key)
        if found is not None:
            _held.move_to_end(key)
            return found
    row = conn.execute(_FIGURES, ref.args).fetchone()
    figures: str = row["figures"] if row else "[]"
    # A transaction that writes may see what never becomes a revision.
    if row and row["reading"]:
        with _lock:
            _held[key] = figures
            while len(_held) > MAX_HELD:
                _held.popitem(last=False)
    return figures
