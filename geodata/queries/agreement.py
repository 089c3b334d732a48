"""Figures of the agreement (取組1): lookups, leaflets, questions and wishes by month and district. No address, no person.

Staff see everything; with the audience `PARTNER` row-level security leaves the office's own rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from geodata.database import Connection

CHANNELS = ("page", "counter", "partner_page", "partner_api", "widget", "api", "batch", "command_line")
"""How a lookup came: residents' and counter's page, page of an office, its key one by one, its site, a program without
a key, many at once (uploaded table or API), the command line."""
COUNTED = CHANNELS[:5]
"""What the figures of outcomes count: one table of thousands of rows would hide what happens at the desks."""
OUTCOMES = ("one", "several", "none_here", "outside_city", "not_understood")


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One month of one district (None: no district is known). `month` is its first day.

    `one` to `not_understood` count lookups of the channels in `COUNTED`; those of every channel stand in the members
    named as in `CHANNELS`.
    """

    month: date
    district_no: int | None
    one: int
    several: int
    none_here: int
    outside_city: int
    not_understood: int
    leaflets: int
    referrals: int
    wishes: int
    joined: int
    page: int
    counter: int
    partner_page: int
    partner_api: int
    widget: int
    api: int
    batch: int
    command_line: int

    @property
    def lookups(self) -> int:
        """Lookups of any outcome, of the channels in `COUNTED`."""
        return self.one + self.several + self.none_here + self.outside_city + self.not_understood


@dataclass(frozen=True, slots=True)
class TownRow:
    """Lookups in one town that did not end in one association ('' where no town was found)."""

    town: str
    lookups: int
    several: int
    none_here: int
    not_understood: int
    data_faults: int


_CHANNEL_SUMS = ",\n           ".join(
    f"coalesce(sum(n) FILTER (WHERE what = 'by {name}'), 0)::int AS {name}" for name in CHANNELS
)
_MONTHS = """
    WITH places AS (SELECT association_id, district_no FROM association_districts(%(m)s, %(generation)s)),
    asked AS (
        SELECT date_trunc('month', day)::date AS month, nullif(district_no, 0) AS district_no, outcome, lookups,
               CASE WHEN channel IN ('page', 'counter', 'partner') AND key_id = '' AND office_id <> ''
                    THEN 'partner_page'
                    WHEN channel = 'partner' THEN 'partner_api'
                    ELSE replace(channel, '-', '_') END AS channel
        FROM lookup_count
        WHERE municipality_code = %(m)s AND day BETWEEN %(first)s AND %(last)s
          AND (NOT %(partners)s OR office_id <> '')
    ),
    counted AS (
        SELECT month, district_no, outcome AS what, sum(lookups) AS n FROM asked
        WHERE channel = ANY(%(counted)s) GROUP BY 1, 2, 3
        UNION ALL
        SELECT month, district_no, 'by ' || channel, sum(lookups) FROM asked GROUP BY 1, 2, 3
        UNION ALL
        SELECT date_trunc('month', c.day)::date, p.district_no, 'leaflet', sum(c.copies)
        FROM leaflet_count c LEFT JOIN places p USING (association_id)
        WHERE c.municipality_code = %(m)s AND c.day BETWEEN %(first)s AND %(last)s
          AND (NOT %(partners)s OR c.office_id <> '')
        GROUP BY 1, 2
        UNION ALL
        SELECT date_trunc('month', r.received_at AT TIME ZONE 'Asia/Tokyo')::date, p.district_no, 'referral', count(*)
        FROM referral r LEFT JOIN places p USING (association_id)
        WHERE r.municipality_code = %(m)s
          AND (r.received_at AT TIME ZONE 'Asia/Tokyo')::date BETWEEN %(first)s AND %(last)s
          AND (NOT %(partners)s OR r.office_id IS NOT NULL)
        GROUP BY 1, 2
        UNION ALL
        SELECT date_trunc('month', w.received_at AT TIME ZONE 'Asia/Tokyo')::date, p.district_no,
               unnest(CASE WHEN w.state = 'joined' THEN ARRAY['wish', 'joined'] ELSE ARRAY['wish'] END), count(*)
        FROM join_wish w LEFT JOIN places p USING (association_id)
        WHERE w.municipality_code = %(m)s
          AND (w.received_at AT TIME ZONE 'Asia/Tokyo')::date BETWEEN %(first)s AND %(last)s
          AND (NOT %(partners)s OR w.office_id IS NOT NULL)
        GROUP BY 1, 2, 3
    )
    SELECT month, district_no,
           coalesce(sum(n) FILTER (WHERE what = 'one'), 0)::int AS one,
           coalesce(sum(n) FILTER (WHERE what = 'several'), 0)::int AS several,
           coalesce(sum(n) FILTER (WHERE what = 'none_here'), 0)::int AS none_here,
           coalesce(sum(n) FILTER (WHERE what = 'outside_city'), 0)::int AS outside_city,
           coalesce(sum(n) FILTER (WHERE what = 'not_understood'), 0)::int AS not_understood,
           coalesce(sum(n) FILTER (WHERE what = 'leaflet'), 0)::int AS leaflets,
           coalesce(sum(n) FILTER (WHERE what = 'referral'), 0)::int AS referrals,
           coalesce(sum(n) FILTER (WHERE what = 'wish'), 0)::int AS wishes,
           coalesce(sum(n) FILTER (WHERE what = 'joined'), 0)::int AS joined,
           {CHANNEL_SUMS}
    FROM counted GROUP BY month, district_no ORDER BY month, district_no NULLS LAST
""".replace("{CHANNEL_SUMS}", _CHANNEL_SUMS)


def monthly(
    conn: Connection,
    municipality: str,
    generation_no: int,
    first: date,
    last: date,
    *,
    partners_only: bool = False,
) -> list[MonthRow]:
    """Rows for the days `first`–`last`, months without anything left out. Districts are those of the generation."""
    rows = conn.execute(
        _MONTHS,
        {
            "m": municipality,
            "generation": generation_no,
            "first": first,
            "last": last,
            "partners": partners_only,
            "counted": list(COUNTED),
        },
    )
    return [MonthRow(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """One office of partners: single lookups as in `MonthRow.lookups`, those of tables (`batch`), and what followed."""

    office_id: str
    name: str
    closed: bool
    lookups: int
    batch: int
    leaflets: int
    referrals: int
    wishes: int
    joined: int


_OFFICES = """
    WITH done AS (
        SELECT office_id, CASE WHEN channel = 'batch' THEN 'batch' ELSE 'lookup' END AS what, lookups AS n
        FROM lookup_count
        WHERE municipality_code = %(m)s AND day BETWEEN %(first)s AND %(last)s
          AND channel IN ('page', 'counter', 'partner', 'widget', 'batch')
        UNION ALL
        SELECT office_id, 'leaflet', copies FROM leaflet_count
        WHERE municipality_code = %(m)s AND day BETWEEN %(first)s AND %(last)s
        UNION ALL
        SELECT office_id, 'referral', 1 FROM referral
        WHERE municipality_code = %(m)s
          AND (received_at AT TIME ZONE 'Asia/Tokyo')::date BETWEEN %(first)s AND %(last)s
        UNION ALL
        SELECT office_id, unnest(CASE WHEN state = 'joined' THEN ARRAY['wish', 'joined'] ELSE ARRAY['wish'] END), 1
        FROM join_wish
        WHERE municipality_code = %(m)s
          AND (received_at AT TIME ZONE 'Asia/Tokyo')::date BETWEEN %(first)s AND %(last)s
    )
    SELECT o.office_id, o.name, o.closed_on IS NOT NULL AS closed,
           coalesce(sum(n) FILTER (WHERE what = 'lookup'), 0)::int AS lookups,
           coalesce(sum(n) FILTER (WHERE what = 'batch'), 0)::int AS batch,
           coalesce(sum(n) FILTER (WHERE what = 'leaflet'), 0)::int AS leaflets,
           coalesce(sum(n) FILTER (WHERE what = 'referral'), 0)::int AS referrals,
           coalesce(sum(n) FILTER (WHERE what = 'wish'), 0)::int AS wishes,
           coalesce(sum(n) FILTER (WHERE what = 'joined'), 0)::int AS joined
    FROM partner_office o LEFT JOIN done d USING (office_id)
    WHERE o.municipality_code = %(m)s
    GROUP BY o.office_id, o.name, o.closed_on
    HAVING o.closed_on IS NULL OR coalesce(sum(n), 0) > 0
    ORDER BY o.office_id
"""


def by_office(conn: Connection, municipality: str, first: date, last: date) -> list[OfficeRow]:
    """Every office of the agreement by its id, those that left it only where they did something in these days."""
    rows = conn.execute(_OFFICES, {"m": municipality, "first": first, "last": last})
    return [OfficeRow(**row) for row in rows]


def unresolved(conn: Connection, municipality: str, first: date, last: date) -> list[TownRow]:
    """Towns by how many lookups there did not end in one association, most first."""
    rows = conn.execute(
        """
        SELECT town, sum(lookups)::int AS lookups,
               coalesce(sum(lookups) FILTER (WHERE outcome = 'several'), 0)::int AS several,
               coalesce(sum(lookups) FILTER (WHERE outcome = 'none_here'), 0)::int AS none_here,
               coalesce(sum(lookups) FILTER (WHERE outcome = 'not_understood'), 0)::int AS not_understood,
               sum(data_faults)::int AS data_faults
        FROM lookup_count
        WHERE municipality_code = %s AND day BETWEEN %s AND %s AND outcome <> 'outside_city'
        GROUP BY town
        HAVING sum(lookups) FILTER (WHERE outcome <> 'one') > 0 OR sum(data_faults) > 0
        ORDER BY coalesce(sum(lookups) FILTER (WHERE outcome <> 'one'), 0) + sum(data_faults) DESC, town
        """,
        (municipality, first, last),
    )
    return [TownRow(**row) for row in rows]
