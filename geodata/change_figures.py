"""How much an activation or a roll-back changes, as the history shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geodata.database import Connection
from geodata.datasets import count_rows
from geodata.diffs import diff

MAX_COMPARED = 50_000
"""Rows up to which a kind is compared: the caller holds the lock of the municipality."""


def change_figures(
    conn: Connection, municipality: str, old: Mapping[str, int], new: Mapping[str, int]
) -> dict[str, dict[str, int]]:
    """Kind → rows added, removed and changed, square metres and people that go to another district.

    Kinds whose dataset stays are left out; a kind that was not there before, or is too large, has `rows` alone.
    """
    found: dict[str, dict[str, int]] = {}
    for kind, dataset_id in new.items():
        before = old.get(kind)
        if before == dataset_id:
            continue
        rows = count_rows(conn, municipality, dataset_id, kind)
        if before is None or max(rows, count_rows(conn, municipality, before, kind)) > MAX_COMPARED:
            found[kind] = {"rows": rows}
            continue
        changes = diff(conn, municipality, dataset_id, before)
        found[kind] = {
            "added": changes.added,
            "removed": changes.removed,
            "changed": changes.changed,
            "moved_m2": round(sum(move.area_m2 for move in changes.moved)),
            "moved_people": sum(move.people or 0 for move in changes.moved),
        }
    return found


def history(conn: Connection, municipality: str, *, limit: int = 100) -> list[dict[str, Any]]:
    """Generations, newest first, with who, when, why, what they restored or retired, datasets, and the figures."""
    rows = conn.execute(
        """
        SELECT g.generation_no, g.activated_at, g.activated_by, g.note, g.restored_from, g.retired_kinds,
               (SELECT jsonb_object_agg(s.kind, s.dataset_id) FROM generation_dataset s
                WHERE s.municipality_code = g.municipality_code AND s.generation_no = g.generation_no) AS datasets,
               (SELECT jsonb_object_agg(s.kind, s.dataset_id) FROM generation_dataset s
                WHERE s.municipality_code = g.municipality_code AND s.generation_no = g.generation_no - 1) AS before,
               (SELECT a.details -> 'figures' FROM audit a
                WHERE a.municipality_code = g.municipality_code AND a.target = g.generation_no::text
                  AND a.action IN ('generation.activate', 'generation.rollback')
                ORDER BY a.entry_no DESC LIMIT 1) AS figures
        FROM generation g WHERE g.municipality_code = %s
        ORDER BY g.generation_no DESC LIMIT %s
        """,
        (municipality, limit),
    ).fetchall()
    return [{**row, "before": row["before"] or {}, "figures": row["figures"] or {}} for row in rows]
