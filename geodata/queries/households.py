"""Households of districts by source: the resident register of a fiscal year, and the census."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from geodata.database import Connection
from geodata.queries.generation import Ref
from kyodo_geo.dates import fiscal_year_range


@dataclass(frozen=True, slots=True)
class Households:
    """Households by district (unknown ones are left out), of the whole city, and the day they were counted."""

    by_district: dict[int, int]
    city: int | None
    as_of: date | None


def register(conn: Connection, ref: Ref, fiscal_year: int) -> Households:
    """Resident register on the first day held within the fiscal year; empty when there is none."""
    first, last = fiscal_year_range(fiscal_year)
    rows = conn.execute(
        """
        WITH held AS (
            SELECT area_kind, area_key, as_of, households FROM register_population
            WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'register-population')
              AND area_kind IN ('city', 'district') AND as_of BETWEEN %(first)s AND %(last)s
        )
        SELECT * FROM held WHERE as_of = (SELECT min(as_of) FROM held)
        """,
        {**ref.args, "first": first, "last": last},
    ).fetchall()
    districts = {
        int(row["area_key"]): row["households"]
        for row in rows
        if row["area_kind"] == "district" and row["area_key"].isdecimal() and row["households"] is not None
    }
    city = next((row["households"] for row in rows if row["area_kind"] == "city"), None)
    return Households(districts, city, rows[0]["as_of"] if rows else None)


def census(conn: Connection, ref: Ref) -> Households:
    """Census households of the small areas assigned to each district."""
    rows = conn.execute(
        """
        SELECT a.district_no, sum(s.households)::int AS households, d.as_of
        FROM district_assignment a
        JOIN small_area s USING (municipality_code, key_code)
        JOIN dataset d ON d.municipality_code = s.municipality_code AND d.dataset_id = s.dataset_id
        WHERE a.municipality_code = %(m)s AND a.dataset_id = active_dataset(%(m)s, %(g)s, 'district-assignment')
          AND s.dataset_id = active_dataset(%(m)s, %(g)s, 'small-areas')
        GROUP BY a.district_no, d.as_of
        """,
        ref.args,
    ).fetchall()
    districts = {row["district_no"]: row["households"] for row in rows if row["households"] is not None}
    return Households(
        districts, sum(districts.values()) if districts else None, rows[0]["as_of"] if rows else None
    )
