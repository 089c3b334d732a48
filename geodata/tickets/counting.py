"""Counts of tickets without anything personal: by month and district, and wishes to join by week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from geodata.database import Connection
from geodata.queries.generation import Ref, resolve


@dataclass(frozen=True, slots=True)
class MonthlyCount:
    """One month (its first day) and district (None: no association, or one in no district).

    Each figure stands in the month in which it happened: leaflets when handed out, referrals and wishes when
    received, joined / declined / withdrawn when the result came in. They are not the same households, so a month's
    quotient means nothing; sums over a year or more may be compared.
    """

    month: date
    district_no: int | None
    leaflets: int
    referrals: int
    wishes: int
    joined: int
    declined: int
    withdrawn: int


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


def monthly_counts(
    conn: Connection, municipality: str, *, first: date, last: date, office: str | None = None
) -> list[MonthlyCount]:
    """Leaflets → referrals → wishes → joined by month and district, from `first` to `last` (both included).

    For the agreement's figures (取組1): audience `STAFF`. The association → district list of the active generation is
    used for every month (UnavailableError while there is none). Days and months are those of Japan. `office` limits
    all figures to one partner office. Months and districts in which nothing happened have no row. Small counts are
    not withheld here: whoever shows them outside the city decides.
    """
    rows = conn.execute(
        """
        WITH happened AS (
            SELECT l.day, l.association_id, l.office_id, 'leaflets' AS what, l.copies AS number
            FROM leaflet_count l WHERE l.municipality_code = %(m)s
            UNION ALL
            SELECT (received_at AT TIME ZONE 'Asia/Tokyo')::date, association_id, office_id, 'referrals', 1
            FROM referral WHERE municipality_code = %(m)s
            UNION ALL
            SELECT (received_at AT TIME ZONE 'Asia/Tokyo')::date, association_id, office_id, 'wishes', 1
            FROM join_wish WHERE municipality_code = %(m)s
            UNION ALL
            SELECT (closed_at AT TIME ZONE 'Asia/Tokyo')::date, association_id, office_id, state, 1
            FROM join_wish WHERE municipality_code = %(m)s AND closed_at IS NOT NULL
        ), place AS MATERIALIZED (
            SELECT association_id, district_no FROM association_districts(%(m)s, %(g)s)
        )
        SELECT date_trunc('month', h.day)::date AS month, p.district_no,
               coalesce(sum(h.number) FILTER (WHERE h.what = 'leaflets'), 0)::int AS leaflets,
               coalesce(sum(h.number) FILTER (WHERE h.what = 'referrals'), 0)::int AS referrals,
               coalesce(sum(h.number) FILTER (WHERE h.what = 'wishes'), 0)::int AS wishes,
               coalesce(sum(h.number) FILTER (WHERE h.what = 'joined'), 0)::int AS joined,
               coalesce(sum(h.number) FILTER (WHERE h.what = 'declined'), 0)::int AS declined,
               coalesce(sum(h.number) FILTER (WHERE h.what = 'withdrawn'), 0)::int AS withdrawn
        FROM happened h LEFT JOIN place p ON p.association_id = h.association_id
        WHERE h.day BETWEEN %(first)s AND %(last)s AND (%(office)s::text IS NULL OR h.office_id = %(office)s)
        GROUP BY 1, 2 ORDER BY 1, 2 NULLS LAST
        """,
        {**resolve(conn, municipality).args, "first": first, "last": last, "office": office},
    )
    return [MonthlyCount(**row) for row in rows]


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
