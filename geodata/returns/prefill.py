"""What the city holds of each association when a round begins: names, contacts, figures, hall, area in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from geodata.database import Connection
from geodata.edits.active import active_facts
from geodata.queries.generation import Ref
from kyodo_geo.lookup_types import Rule
from kyodo_geo.notation import normal_form
from kyodo_geo.returns import Answers

_HELD = """
    WITH last_figures AS (
        SELECT DISTINCT ON (association_id) association_id, fiscal_year, households, member_households, denominator
        FROM membership
        WHERE municipality_code = %(m)s AND dataset_id = (SELECT active_dataset(%(m)s, %(g)s, 'membership'))
          AND fiscal_year <= %(year)s
        ORDER BY association_id, fiscal_year DESC
    ), presidents AS (
        SELECT DISTINCT ON (association_id) association_id, name, phone, email, address, published
        FROM association_contact
        WHERE municipality_code = %(m)s AND role = 'president'
          AND daterange(valid_from, valid_to, '[)') @> current_date
        ORDER BY association_id, contact_no
    ), halls AS (
        SELECT DISTINCT ON (association_id) association_id, name, address, ownership FROM hall
        WHERE municipality_code = %(m)s AND dataset_id = (SELECT active_dataset(%(m)s, %(g)s, 'halls'))
          AND association_id IS NOT NULL
        ORDER BY association_id, hall_id
    ), last_copies AS (
        SELECT DISTINCT ON (association_id) association_id, copies, to_name, to_phone, to_address FROM circulation
        WHERE municipality_code = %(m)s AND fiscal_year <= %(year)s ORDER BY association_id, fiscal_year DESC
    )
    SELECT a.association_id, a.name, a.area_text, d.district_no, n.name AS district_name, f.fiscal_year AS last_fiscal_year,
           f.households, f.member_households, f.denominator, p.name AS president_name, p.phone AS president_phone,
           p.address AS president_address, p.email AS president_email, p.published, h.name AS hall_name,
           h.address AS hall_address, h.ownership, c.copies, c.to_name, c.to_phone, c.to_address
    FROM association_area a
    LEFT JOIN association_districts(%(m)s, %(g)s) d USING (association_id)
    LEFT JOIN district_area n ON n.municipality_code = %(m)s AND n.district_no = d.district_no
        AND n.dataset_id = (SELECT active_dataset(%(m)s, %(g)s, 'districts'))
    LEFT JOIN last_figures f USING (association_id)
    LEFT JOIN presidents p USING (association_id)
    LEFT JOIN halls h USING (association_id)
    LEFT JOIN last_copies c USING (association_id)
    WHERE a.municipality_code = %(m)s AND a.dataset_id = (SELECT active_dataset(%(m)s, %(g)s, 'associations'))
    ORDER BY a.association_id
"""


@dataclass(frozen=True, slots=True)
class Held:
    """One association as the city knows it."""

    association_id: str
    name: str
    district_no: int | None
    district_name: str | None
    last_fiscal_year: int | None
    answers: Answers


def prefill(conn: Connection, ref: Ref, fiscal_year: int) -> list[Held]:
    """Every association of the generation, by id, with the newest figures up to the fiscal year."""
    rows = conn.execute(_HELD, {**ref.args, "year": fiscal_year}).fetchall()
    unsaid = [row["association_id"] for row in rows if not row["area_text"]]
    rules = active_facts(conn, ref, "association-rules", unsaid) if unsaid else {}
    return [_held(row, rules.get(row["association_id"])) for row in rows]


def rules_of(facts: dict[str, Any] | None, association_id: str) -> list[Rule]:
    """Rules of an association as `active_facts` gives them."""
    return [] if facts is None else [Rule(association_id, **rule) for rule in facts["rules"]]


def _held(row: dict[str, Any], rules: dict[str, Any] | None) -> Held:
    copies = row["copies"]
    known_hall = row["hall_name"] is not None
    answers = Answers(
        president_name=row["president_name"],
        president_phone=row["president_phone"],
        president_address=row["president_address"],
        president_email=row["president_email"],
        president_published=None if row["published"] is None else "yes" if row["published"] else "no",
        circulation_copies=copies,
        circulation_to=None if copies is None else "other" if row["to_name"] else "president",
        circulation_name=row["to_name"],
        circulation_phone=row["to_phone"],
        circulation_address=row["to_address"],
        households=row["households"],
        households_basis={"register": "register", "reported": "reported"}.get(row["denominator"]),
        member_households=row["member_households"],
        hall_use=(row["ownership"] or None) if known_hall else None,
        hall_name=row["hall_name"],
        hall_address=row["hall_address"],
        area_text=row["area_text"] or normal_form(rules_of(rules, row["association_id"])) or None,
    )
    return Held(
        row["association_id"],
        row["name"],
        row["district_no"],
        row["district_name"],
        row["last_fiscal_year"],
        answers,
    )
