"""The plan: its initiatives, and its indicators with their values by year."""

from __future__ import annotations

from typing import Any

from geodata.database import Connection
from geodata.queries.generation import Ref
from kyodo_geo.errors import NotFoundError


def plans(conn: Connection, ref: Ref) -> list[dict[str, Any]]:
    """Versions of the plan, newest first; none that is still a draft."""
    return conn.execute(
        "SELECT plan_id, name, first_fiscal_year, last_fiscal_year, successor_of FROM plan "
        "WHERE municipality_code = %(m)s AND state = 'in_force' ORDER BY first_fiscal_year DESC, plan_id",
        ref.args,
    ).fetchall()


def _plan_id(conn: Connection, ref: Ref, plan_id: str | None) -> str | None:
    known = plans(conn, ref)
    if plan_id is None:
        return known[0]["plan_id"] if known else None
    if plan_id not in {row["plan_id"] for row in known}:
        raise NotFoundError(f"計画「{plan_id}」はありません。", plan_id=plan_id)
    return plan_id


def source(conn: Connection, ref: Ref, plan_id: str | None = None) -> str:
    """The document a plan (default: the newest) was taken from, as its baselines name it; else the plan's name.

    Titles of initiatives and indicators have no source of their own: they stand where the baselines stand.
    """
    wanted = _plan_id(conn, ref, plan_id)
    row = conn.execute(
        """
        SELECT coalesce(string_agg(DISTINCT v.source, '、'), max(p.name)) AS source
        FROM plan p
        LEFT JOIN indicator i USING (municipality_code, plan_id)
        LEFT JOIN indicator_value v ON v.municipality_code = i.municipality_code AND v.plan_id = i.plan_id
            AND v.indicator_id = i.indicator_id AND v.fiscal_year = i.baseline_fiscal_year AND NOT v.withdrawn
        WHERE p.municipality_code = %(m)s AND p.plan_id = %(plan)s
        """,
        {**ref.args, "plan": wanted},
    ).fetchone()
    return (row["source"] if row else None) or ""


def initiatives(conn: Connection, ref: Ref, plan_id: str | None = None) -> list[dict[str, Any]]:
    """Initiatives of a plan (default: the newest) by number, each with its yearly records."""
    return conn.execute(
        """
        SELECT i.plan_id, i.initiative_no, i.title, i.policy_no, p.name AS policy, i.direction, i.priority, i.novelty,
               i.for_associations, i.for_districts, i.challenge, coalesce(y.items, '[]') AS records
        FROM initiative i
        LEFT JOIN plan_policy p USING (municipality_code, plan_id, policy_no)
        LEFT JOIN LATERAL (
            SELECT jsonb_agg(jsonb_build_object('fiscal_year', fiscal_year, 'record', record,
                       'evidence', evidence,
                       'evidence_url', jsonb_path_query_first(evidence, '$[*].url ? (@ != null)'),
                       'quality', quality, 'source', source)
                   ORDER BY fiscal_year) AS items
            FROM initiative_year WHERE municipality_code = i.municipality_code AND plan_id = i.plan_id
              AND initiative_no = i.initiative_no AND NOT withdrawn
        ) y ON true
        WHERE i.municipality_code = %(m)s AND i.plan_id = %(plan)s
        ORDER BY i.initiative_no
        """,
        {**ref.args, "plan": _plan_id(conn, ref, plan_id)},
    ).fetchall()


def indicators(conn: Connection, ref: Ref, plan_id: str | None = None) -> list[dict[str, Any]]:
    """Indicators of a plan (default: the newest) in display order, each with its values by year."""
    return conn.execute(
        """
        SELECT i.plan_id, i.indicator_id, i.chapter, i.kind, i.title, i.unit, i.direction, i.baseline_fiscal_year,
               i.baseline::float8 AS baseline, i.target_fiscal_year, i.target::float8 AS target, i.measured_by,
               coalesce(v.items, '[]') AS values
        FROM indicator i
        LEFT JOIN LATERAL (
            SELECT jsonb_agg(jsonb_build_object('fiscal_year', fiscal_year, 'value', value,
                       'sample_size', sample_size, 'low', low, 'high', high, 'quality', quality, 'source', source)
                   ORDER BY fiscal_year) AS items
            FROM indicator_value WHERE municipality_code = i.municipality_code AND plan_id = i.plan_id
              AND indicator_id = i.indicator_id AND NOT withdrawn
        ) v ON true
        WHERE i.municipality_code = %(m)s AND i.plan_id = %(plan)s
        ORDER BY i.sort_order
        """,
        {**ref.args, "plan": _plan_id(conn, ref, plan_id)},
    ).fetchall()
