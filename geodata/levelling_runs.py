"""Runs of levelling among the runs of the models: the list without its works. Audience `STAFF`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geodata import siting_runs
from geodata.database import Connection
from geodata.siting_runs import GONE, Run
from kyodo_geo.assets.levelling_plan import MODEL
from kyodo_geo.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Listed:
    """A run as the list shows it; `parameters` without the works, `status` of the answer or None."""

    run_id: str
    asked_by: str
    asked_at: datetime
    state: str
    parameters: dict[str, Any]
    status: str | None


def recent(conn: Connection, municipality: str, *, limit: int = 20) -> list[Listed]:
    """The newest, newest first."""
    rows = conn.execute(
        """
        SELECT run_id, asked_by, asked_at, state, parameters - 'works' AS parameters, result->>'status' AS status
        FROM siting_run WHERE municipality_code = %s AND model = %s ORDER BY asked_at DESC, run_id LIMIT %s
        """,
        (municipality, MODEL, limit),
    )
    return [Listed(**row) for row in rows]


def run(conn: Connection, municipality: str, run_id: str) -> Run:
    """One run of levelling with everything; raises `NotFoundError`."""
    found = siting_runs.run(conn, municipality, run_id)
    if found.model != MODEL:
        raise NotFoundError(GONE)
    return found
