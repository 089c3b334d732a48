"""Membership figures for everybody: by district (small groups withheld) and for the whole city."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from geodata.database import Connection
from geodata.queries.generation import Ref
from kyodo_geo.membership import membership_rate


@dataclass(frozen=True, slots=True)
class DistrictYear:
    """One district in one fiscal year; `rate` is 0–1, None when unknown or withheld (`suppressed`)."""

    fiscal_year: int
    rate: float | None
    suppressed: bool


@dataclass(frozen=True, slots=True)
class CityYear:
    """The whole city in one fiscal year; `rate` is 0–1 or None."""

    fiscal_year: int
    associations: int
    households: int | None
    member_households: int | None
    rate: float | None
    denominators: tuple[str, ...]
    denominator_as_of: date | None


def fiscal_years(conn: Connection, ref: Ref) -> list[int]:
    """Fiscal years with membership figures, oldest first."""
    return [year.fiscal_year for year in city(conn, ref)]


def city(conn: Connection, ref: Ref) -> list[CityYear]:
    """Membership of the city by fiscal year, oldest first."""
    rows = conn.execute("SELECT * FROM city_membership(%(m)s, %(g)s) ORDER BY fiscal_year", ref.args)
    return [
        CityYear(
            row["fiscal_year"],
            row["associations"],
            row["households"],
            row["member_households"],
            membership_rate(row["member_households"], row["households"]),
            tuple(row["denominators"]),
            row["denominator_as_of"],
        )
        for row in rows
    ]


def district(conn: Connection, ref: Ref, no: int) -> list[DistrictYear]:
    """Membership of one district by fiscal year, oldest first; every year the city has, known or not."""
    rows = conn.execute(
        """
        SELECT y.fiscal_year, d.households, d.member_households, coalesce(d.suppressed, false) AS suppressed
        FROM city_membership(%(m)s, %(g)s) y
        LEFT JOIN district_membership(%(m)s, %(g)s) d ON d.fiscal_year = y.fiscal_year AND d.district_no = %(no)s
        ORDER BY y.fiscal_year
        """,
        {**ref.args, "no": no},
    )
    return [
        DistrictYear(
            row["fiscal_year"],
            membership_rate(row["member_households"], row["households"]),
            row["suppressed"],
        )
        for row in rows
    ]
