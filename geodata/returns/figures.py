"""What others need of the returns: households, members and copies by association, and to whom circulars go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from geodata.database import Connection
from geodata.queries.generation import Ref
from geodata.returns.rows import listed
from kyodo_geo.returns import ReturnState


@dataclass(frozen=True, slots=True)
class YearFigures:
    """Answers of one association for a fiscal year; unknown is None. `approved`: by a planner, or fed already."""

    households: int | None
    member_households: int | None
    circulation_copies: int | None
    approved: bool
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class Addressee:
    """To whom the circulars of an association go. `copies` and `fiscal_year`: the newest known up to the year asked for."""

    association_id: str
    name: str
    district_no: int | None
    district_name: str | None
    to: str
    person: str | None
    address: str | None
    phone: str | None
    copies: int | None
    fiscal_year: int | None


def figures(conn: Connection, code: str, fiscal_year: int) -> dict[str, YearFigures]:
    """Association → what it answered; those that have not answered (or were sent back) are missing."""
    found = {}
    for item in listed(conn, code, fiscal_year):
        said = item.answers
        if said is not None and item.state.answered:
            approved = item.state in (ReturnState.APPROVED, ReturnState.FED)
            found[item.association_id] = YearFigures(
                said.households, said.member_households, said.circulation_copies, approved, item.received_at
            )
    return found


def addressees(conn: Connection, ref: Ref, fiscal_year: int) -> list[Addressee]:
    """Every association of the generation by district and name; `to`: president (会長) or circulation (届け先).

    Personal: staff only.
    """
    rows = conn.execute(
        """
        WITH copies AS (
            SELECT DISTINCT ON (association_id) * FROM circulation
            WHERE municipality_code = %(m)s AND fiscal_year <= %(year)s ORDER BY association_id, fiscal_year DESC
        ), presidents AS (
            SELECT DISTINCT ON (association_id) association_id, name, phone, address FROM association_contact
            WHERE municipality_code = %(m)s AND role = 'president'
              AND daterange(valid_from, valid_to, '[)') @> current_date
            ORDER BY association_id, contact_no
        )
        SELECT a.association_id, a.name, d.district_no, n.name AS district_name,
               CASE WHEN c.to_name IS NULL THEN 'president' ELSE 'circulation' END AS to,
               coalesce(c.to_name, p.name) AS person,
               CASE WHEN c.to_name IS NULL THEN p.address ELSE c.to_address END AS address,
               CASE WHEN c.to_name IS NULL THEN p.phone ELSE c.to_phone END AS phone, c.copies, c.fiscal_year
        FROM association_area a
        LEFT JOIN association_districts(%(m)s, %(g)s) d USING (association_id)
        LEFT JOIN district_area n ON n.municipality_code = %(m)s AND n.district_no = d.district_no
            AND n.dataset_id = (SELECT active_dataset(%(m)s, %(g)s, 'districts'))
        LEFT JOIN copies c USING (association_id)
        LEFT JOIN presidents p USING (association_id)
        WHERE a.municipality_code = %(m)s AND a.dataset_id = (SELECT active_dataset(%(m)s, %(g)s, 'associations'))
        ORDER BY d.district_no NULLS LAST, a.name, a.association_id
        """,
        {**ref.args, "year": fiscal_year},
    )
    return [Addressee(**row) for row in rows]
