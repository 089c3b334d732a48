"""Community development projects (地域づくり事業) by year, beside the indicator that counts them.

The records themselves are kept by `geodata.edits.records`.
"""

from __future__ import annotations

from dataclasses import dataclass

from geodata.database import Connection

INDICATOR = "projects"
"""Id of the indicator that counts them."""


@dataclass(frozen=True, slots=True)
class Year:
    """A fiscal year: its projects, those that count for the indicator, districts with one, grants known."""

    fiscal_year: int
    projects: int
    counted: int
    districts: int
    grant_yen: int | None


@dataclass(frozen=True, slots=True)
class Aim:
    """The indicator the projects count for, as the newest plan prints it."""

    baseline_fiscal_year: int
    baseline: float
    target_fiscal_year: int | None
    target: float | None


def years(conn: Connection, code: str) -> list[Year]:
    """Every year with a project, newest first."""
    rows = conn.execute(
        """
        SELECT fiscal_year, count(*)::int AS projects, (count(*) FILTER (WHERE counts_as_project))::int AS counted,
               (count(DISTINCT district_no) FILTER (WHERE counts_as_project))::int AS districts,
               sum(grant_yen)::bigint AS grant_yen
        FROM project WHERE municipality_code = %s GROUP BY fiscal_year ORDER BY fiscal_year DESC
        """,
        (code,),
    )
    return [Year(**row) for row in rows]


def aim(conn: Connection, code: str) -> Aim | None:
    """Baseline and target of the newest plan that has the indicator."""
    row = conn.execute(
        """
        SELECT i.baseline_fiscal_year, i.baseline::float8 AS baseline, i.target_fiscal_year, i.target::float8 AS target
        FROM indicator i JOIN plan p USING (municipality_code, plan_id)
        WHERE i.municipality_code = %s AND i.indicator_id = %s AND p.state = 'in_force' ORDER BY p.first_fiscal_year DESC LIMIT 1
        """,
        (code, INDICATOR),
    ).fetchone()
    return Aim(**row) if row else None
