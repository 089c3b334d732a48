"""Counts of wishes to join by week, without anything personal. By month: `geodata.queries.agreement`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from geodata.database import Connection
from geodata.queries.generation import Ref


@dataclass(frozen=True, slots=True)
class JoinCount:
    """Wishes received in one week (its Monday) for one association, and what has become of them by now."""

    week: date
    district_no: int | None
    association_id: str
    wishes: int
    joined: int
    declined: int
    withdrawn: int

    @property
    def waiting(self) -> int:
        """Without a result yet."""
        return self.wishes - self.joined - self.declined - self.withdrawn


def join_counts(
    conn: Connection, ref: Ref, *, first: date, last: date, districts: frozenset[int] | None = None
) -> list[JoinCount]:
    """Wishes received from `first` to `last` (both included) by week and association, oldest first.

    Audience `AUTH` or `STAFF`. `districts`: those of the reader's area; None means all.
    """
    rows = conn.execute(
        """
        SELECT * FROM join_counts(%(m)s, %(g)s, %(first)s, %(last)s)
        WHERE %(districts)s::int[] IS NULL OR district_no = ANY(%(districts)s::int[])
        ORDER BY week, district_no NULLS LAST, association_id
        """,
        {
            **ref.args,
            "first": first,
            "last": last,
            "districts": None if districts is None else sorted(districts),
        },
    )
    return [JoinCount(**row) for row in rows]
