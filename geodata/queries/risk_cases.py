"""Case sheets as lists and counts, as the audience `STAFF`; the records themselves: `geodata.edits.records`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from geodata.database import Connection
from geodata.queries.generation import Ref
from kyodo_geo.centres.cases import CaseLine


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case with what its list shows; `next_on` is that of the latest visit. Texts and names are not in it."""

    id: str
    association_id: str
    association: str
    district_no: int | None
    district: str | None
    state: str
    opened_on: date
    closed_on: date | None
    visits: int
    visits_of_year: int
    last_on: date | None
    next_on: date | None
    dispatches: int
    quality: str


_CASES = """
    SELECT c.case_id AS id, c.association_id, coalesce(a.name, c.association_id) AS association, d.district_no,
           n.name AS district, c.state, c.opened_on, c.closed_on, c.quality,
           coalesce(v.visits, 0) AS visits, coalesce(v.of_year, 0) AS visits_of_year, v.last_on, v.next_on,
           (SELECT count(*)::int FROM adviser_dispatch s
            WHERE s.municipality_code = c.municipality_code AND s.case_id = c.case_id) AS dispatches
    FROM risk_case c
    LEFT JOIN association_area a ON a.municipality_code = c.municipality_code AND a.association_id = c.association_id
        AND a.dataset_id = (SELECT active_dataset(%(m)s, %(g)s, 'associations'))
    LEFT JOIN association_districts(%(m)s, %(g)s) d ON d.association_id = c.association_id
    LEFT JOIN district_area n ON n.municipality_code = c.municipality_code AND n.district_no = d.district_no
        AND n.dataset_id = (SELECT active_dataset(%(m)s, %(g)s, 'districts'))
    LEFT JOIN LATERAL (
        SELECT count(*)::int AS visits, count(*) FILTER (WHERE fiscal_year(visited_on) = %(year)s)::int AS of_year,
               max(visited_on) AS last_on, (array_agg(next_on ORDER BY visited_on DESC, visit_id DESC))[1] AS next_on
        FROM risk_visit r WHERE r.municipality_code = c.municipality_code AND r.case_id = c.case_id
    ) v ON true
    WHERE c.municipality_code = %(m)s AND (%(id)s::text IS NULL OR c.case_id = %(id)s)
    ORDER BY array_position(ARRAY['open', 'watching', 'closed'], c.state), v.next_on NULLS LAST, c.opened_on DESC, c.case_id
"""


def cases(conn: Connection, ref: Ref, fiscal_year: int) -> list[CaseRow]:
    """Every case: those that go on first, by the day of the next visit."""
    return [CaseRow(**row) for row in conn.execute(_CASES, {**ref.args, "year": fiscal_year, "id": None})]


def case(conn: Connection, ref: Ref, case_id: str, fiscal_year: int) -> CaseRow | None:
    """One case."""
    row = conn.execute(_CASES, {**ref.args, "year": fiscal_year, "id": case_id}).fetchone()
    return None if row is None else CaseRow(**row)


def lines(rows: list[CaseRow]) -> list[CaseLine]:
    """What counts by district."""
    return [CaseLine(row.district_no, row.state, row.visits_of_year) for row in rows]


def running(conn: Connection, code: str, association_id: str) -> str | None:
    """The case of an association that goes on, None without one."""
    row = conn.execute(
        "SELECT case_id FROM risk_case WHERE municipality_code = %s AND association_id = %s AND state <> 'closed'",
        (code, association_id),
    ).fetchone()
    return None if row is None else str(row["case_id"])
