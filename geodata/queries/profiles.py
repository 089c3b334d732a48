"""What an association publishes about itself."""

from __future__ import annotations

from dataclasses import dataclass

from geodata.database import Connection
from geodata.queries.generation import Ref


@dataclass(frozen=True, slots=True)
class Profile:
    """Texts as the association published them; None where it says nothing."""

    fee: str | None = None
    activities: str | None = None
    joining: str | None = None
    website: str | None = None


def profile(conn: Connection, ref: Ref, association_id: str) -> Profile:
    """The association's profile; empty where none is loaded."""
    row = conn.execute(
        """
        SELECT fee, activities, joining, website FROM association_profile
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'association-profiles')
          AND association_id = %(id)s
        """,
        {**ref.args, "id": association_id},
    ).fetchone()
    return Profile(**row) if row else Profile()
