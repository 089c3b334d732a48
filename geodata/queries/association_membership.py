"""Membership figures by association: for staff only (the public role has no right on the table)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from geodata.database import Connection
from geodata.queries.generation import Ref
from kyodo_geo.membership import membership_rate


@dataclass(frozen=True, slots=True)
class AssociationYear:
    """One association in one fiscal year; unknown is None, `rate` is 0–1."""

    association_id: str
    fiscal_year: int
    households: int | None
    member_households: int | None
    denominator: str
    denominator_as_of: date | None
    denominator_source: str | None

    @property
    def rate(self) -> float | None:
        return membership_rate(self.member_households, self.households)


def by_association(conn: Connection, ref: Ref, ids: list[str]) -> dict[str, list[AssociationYear]]:
    """Figures of the associations, oldest year first (needs the staff audience)."""
    rows = conn.execute(
        """
        SELECT association_id, fiscal_year, households, member_households, denominator, denominator_as_of,
               denominator_source
        FROM membership
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'membership')
          AND association_id = ANY(%(ids)s::text[])
        ORDER BY association_id, fiscal_year
        """,
        {**ref.args, "ids": ids},
    )
    found: dict[str, list[AssociationYear]] = {}
    for row in rows:
        found.setdefault(row["association_id"], []).append(AssociationYear(**row))
    return found
