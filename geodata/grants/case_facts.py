"""What the conditions of a rule ask of a case: the district's plan, the building's age, earlier grants. Audience `STAFF`."""

from __future__ import annotations

from datetime import date
from typing import Any

from geodata.database import Connection
from geodata.queries.generation import Ref
from geodata.returns.year_figures import figures
from kyodo_geo.grants.conditions import Facts
from kyodo_geo.plan_states import IN_FORCE


def facts_of(
    conn: Connection, ref: Ref, scheme: str, said: dict[str, Any], on: date, own: int | None
) -> Facts:
    """Facts of a case with the fields `said`, on a day. `own`: its number, None where it has none yet."""
    args = {
        **ref.args, "on": on, "scheme": scheme, "own": own, "year": said["fiscal_year"], "district": said.get("district_no"),
        "association": said.get("association_id"), "hall": said.get("hall_id"), "work": said.get("work"),
        "applicant": said["applicant"], "linked": said.get("linked_id"), "good": sorted(IN_FORCE),
    }  # fmt: skip
    last, known = _earlier(conn, args)
    built, retrofitted = _building(conn, args, said)
    return Facts(
        int(said["fiscal_year"]), adopted_plan=_plan(conn, args), approved_return=_returned(conn, args), built_on=built,
        retrofitted=retrofitted, past_known=known, last_year=last,
    )  # fmt: skip


def _returned(conn: Connection, args: dict[str, Any]) -> bool | None:
    """Whether the association's return of the year is approved; None where it has not answered."""
    said = figures(conn, args["m"], args["year"]).get(args["association"])
    return None if said is None else said.approved


def _plan(conn: Connection, args: dict[str, Any]) -> bool | None:
    """Whether the district has a plan in force on the day; None where nothing is known of it."""
    row = conn.execute(
        """
        SELECT state FROM district_plan
        WHERE municipality_code = %(m)s AND district_no = coalesce(%(district)s::int, (
                SELECT district_no FROM association_districts(%(m)s, %(g)s) WHERE association_id = %(association)s))
          AND coalesce(valid_from, stated_on, '-infinity') <= %(on)s::date
          AND (valid_to IS NULL OR valid_to > %(on)s::date)
        ORDER BY valid_from DESC NULLS LAST, record_no DESC LIMIT 1
        """,
        args,
    ).fetchone()
    return None if row is None else row["state"] in args["good"]


def _building(
    conn: Connection, args: dict[str, Any], said: dict[str, Any]
) -> tuple[date | None, bool | None]:
    """Day of the building confirmation and whether it was made earthquake-proof; the hall's own record where nothing is said."""
    if said.get("confirmed_on") is not None or args["hall"] is None:
        return said.get("confirmed_on"), said.get("retrofitted")
    row = conn.execute(
        "SELECT confirmed_on FROM hall WHERE municipality_code = %(m)s AND hall_id = %(hall)s "
        "AND dataset_id = active_dataset(%(m)s, %(g)s, 'halls')",
        args,
    ).fetchone()
    return (None if row is None else row["confirmed_on"]), said.get("retrofitted")


def _earlier(conn: Connection, args: dict[str, Any]) -> tuple[int | None, bool]:
    """(fiscal year of the last grant of the same sort before or in this year, whether any record of the sort is known).

    The same sort: of the same hall (of the association, where one of the two names no hall) and work; of a district's
    organisation, of the same name. Rows of hall_subsidy stand beside the cases: they also hold what was entered by hand.
    """
    row = conn.execute(
        """
        WITH held AS (
            SELECT c.fiscal_year, c.district_no = %(district)s AND c.applicant = %(applicant)s AS same
            FROM grant_case c
            WHERE c.municipality_code = %(m)s AND c.scheme = %(scheme)s AND c.scheme IN ('projects', 'community')
              AND c.state IN ('granted', 'reported', 'settled', 'paid') AND c.case_no IS DISTINCT FROM %(own)s
            UNION ALL
            SELECT h.fiscal_year, h.association_id = %(association)s AND h.work IS NOT DISTINCT FROM %(work)s::text
                   AND coalesce(h.hall_id = %(hall)s, true)
            FROM hall_subsidy h
            WHERE h.municipality_code = %(m)s AND %(scheme)s = CASE h.kind WHEN 'rent' THEN 'hall-rent' ELSE 'hall-works' END
              AND h.subsidy_id IS DISTINCT FROM %(linked)s AND NOT EXISTS (
                  SELECT FROM grant_case c WHERE c.municipality_code = h.municipality_code AND c.case_no = %(own)s
                    AND coalesce(c.linked_id, c.made_id) = h.subsidy_id)
        )
        SELECT max(fiscal_year) FILTER (WHERE same AND fiscal_year <= %(year)s) AS last, count(*) > 0 AS known FROM held
        """,
        args,
    ).fetchone()
    assert row is not None
    return row["last"], row["known"]
