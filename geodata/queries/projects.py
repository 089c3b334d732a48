"""Community development projects and their grants, by district and fiscal year."""

from __future__ import annotations

from dataclasses import dataclass

from geodata.database import Connection
from geodata.queries.generation import Ref


@dataclass(frozen=True, slots=True)
class DistrictProjects:
    """One district in one fiscal year: projects that count for the indicator, and what is known of their money.

    `grant_yen` is the sum of the grants known, None where none is; `grants_unknown` counts projects without one.
    """

    district_no: int
    count: int
    grant_yen: int | None
    grants_unknown: int
    participants: int | None
    quality: str


def project_years(conn: Connection, ref: Ref) -> dict[int, int]:
    """Fiscal year → projects that count in the whole city, oldest first."""
    rows = conn.execute(
        """
        SELECT fiscal_year, count(*) FILTER (WHERE counts_as_project)::int AS projects
        FROM project WHERE municipality_code = %(m)s GROUP BY fiscal_year ORDER BY fiscal_year
        """,
        ref.args,
    )
    return {row["fiscal_year"]: row["projects"] for row in rows}


def by_district(conn: Connection, ref: Ref, fiscal_year: int | None) -> dict[int, DistrictProjects]:
    """Districts with projects in the year; one that is missing had none."""
    rows = conn.execute(
        """
        SELECT district_no, count(*)::int AS count, sum(grant_yen)::bigint AS grant_yen,
               count(*) FILTER (WHERE grant_yen IS NULL)::int AS grants_unknown,
               sum(participants)::int AS participants,
               CASE WHEN bool_or(quality = 'sample') THEN 'sample' WHEN bool_or(quality = 'unofficial')
                    THEN 'unofficial' ELSE 'real' END AS quality
        FROM project
        WHERE municipality_code = %(m)s AND fiscal_year = %(year)s AND counts_as_project
        GROUP BY district_no
        """,
        {**ref.args, "year": fiscal_year},
    )
    return {row["district_no"]: DistrictProjects(**row) for row in rows}


def sources(conn: Connection, ref: Ref, fiscal_year: int | None) -> list[str]:
    """Where the projects of the year were taken from."""
    rows = conn.execute(
        """
        SELECT DISTINCT source FROM project
        WHERE municipality_code = %(m)s AND fiscal_year = %(year)s AND source IS NOT NULL ORDER BY source
        """,
        {**ref.args, "year": fiscal_year},
    )
    return [row["source"] for row in rows]
