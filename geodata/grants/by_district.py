"""How many received what a grant comes to in a district, for the staff's map. Audience `STAFF`.

The amounts themselves are figures by district and year (`area_figure`); here is what stands behind them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from geodata.database import Connection
from geodata.grants import figures, runs
from geodata.grants.budgets import GRANTED
from geodata.queries.generation import Ref
from kyodo_geo.grants.changes import changes, newest_known


@dataclass(frozen=True, slots=True)
class Received:
    """A district (None: no district is known) in a year.

    `recipients`: associations with an amount, or granted cases; `unknown`: those whose amount is not known; `paid_yen`:
    paid less paid back.
    """

    district_no: int | None
    recipients: int = 0
    unknown: int = 0
    paid_yen: int = 0


def incentive(conn: Connection, ref: Ref, year: int) -> tuple[Received, ...]:
    """協働推進奨励金 (取組7): what holds of the year's decided runs; empty where nothing was decided."""
    code = ref.municipality_code
    last = runs.final(conn, code, year)
    if last is None:
        return ()
    chain = [last, *runs.corrected(conn, code, last)]
    rows = [runs.rows(conn, code, run.run_no) for run in chain]
    paid: dict[str, int] = {}
    before: dict[str, int | None] = {}
    for run, lines in zip(reversed(chain), reversed(rows), strict=True):
        after = {row.association_id: row.amount_yen for row in lines}
        if run.state == "paid":
            for change in changes(before, after):
                paid[change.key] = paid.get(change.key, 0) + change.to_pay
        before = newest_known([after, before])
    found: dict[int | None, Received] = {}
    for row in figures.holding(rows):
        held = found.get(row.district_no, Received(row.district_no))
        known = row.amount_yen is not None
        found[row.district_no] = replace(
            held,
            recipients=held.recipients + known,
            unknown=held.unknown + (not known),
            paid_yen=held.paid_yen + paid.get(row.association_id, 0),
        )
    return tuple(found.values())


def community(conn: Connection, ref: Ref, year: int) -> tuple[Received, ...]:
    """コミュニティ活動費の補助 (取組10): granted cases of the year; empty where there are none."""
    rows = conn.execute(
        f"""
        SELECT district_no, count(*)::int AS recipients,
               (count(*) FILTER (WHERE coalesce(settled_yen, decided_yen) IS NULL))::int AS unknown,
               sum(paid_yen)::bigint AS paid_yen
        FROM grant_case
        WHERE municipality_code = %(m)s AND scheme = 'community' AND fiscal_year = %(year)s AND {GRANTED}
        GROUP BY district_no ORDER BY district_no
        """,  # noqa: S608 - our own words
        {**ref.args, "year": year},
    )
    return tuple(Received(**row) for row in rows)
