"""Runs of the siting models: who asked for what, how far it is, and what came out. Audience `STAFF`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geodata.audit import record
from geodata.database import Connection
from kyodo_geo.errors import ConflictError, InputError, NotFoundError
from kyodo_geo.facility_terms import SITING_MODELS

MAX_WAITING = 10
"""Runs of one municipality that wait or run at a time."""
SILENT_MINUTES = 2
"""A running run whose worker has said nothing for so long belongs to nobody."""
MOST_ATTEMPTS = 3
"""A run whose worker has died so often is not begun again."""
GONE = "この計算はありません。"
DIED = (
    f"計算の途中でサーバーの処理が {MOST_ATTEMPTS} 回止まったため、やめました。"
    "場所や地区を絞るか、時間を短くして、もう一度お試しください。"
)


@dataclass(frozen=True, slots=True)
class Run:
    """One run; `progress` is a share of one, `result` there once it is done."""

    run_id: str
    asked_by: str
    asked_at: datetime
    model: str
    parameters: dict[str, Any]
    state: str
    progress: float
    cancel_asked: bool
    message: str | None
    result: dict[str, Any] | None
    basis: dict[str, Any]
    started_at: datetime | None
    touched_at: datetime | None
    finished_at: datetime | None

    @property
    def ended(self) -> bool:
        return self.state in ("done", "cancelled", "failed")


_COLUMNS = (
    "run_id, asked_by, asked_at, model, parameters, state, progress, cancel_asked, message, result, basis, started_at, "
    "touched_at, finished_at"
)


def runs(
    conn: Connection, municipality: str, *, limit: int = 50, models: Sequence[str] = SITING_MODELS
) -> list[Run]:
    """The newest runs of the models, newest first."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM siting_run WHERE municipality_code = %s AND model = ANY(%s) "  # noqa: S608
        "ORDER BY asked_at DESC, run_id LIMIT %s",
        (municipality, list(models), limit),
    )
    return [Run(**row) for row in rows]


def run(conn: Connection, municipality: str, run_id: str) -> Run:
    """One of them; raises `NotFoundError`."""
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM siting_run WHERE municipality_code = %s AND run_id = %s",  # noqa: S608
        (municipality, run_id),
    ).fetchone()
    if row is None:
        raise NotFoundError(GONE)
    return Run(**row)


def ask(
    conn: Connection,
    municipality: str,
    run_id: str,
    *,
    model: str,
    parameters: Mapping[str, Any],
    basis: Mapping[str, Any],
    by: str,
) -> None:
    """Enter a run to be worked on. Raises `InputError` for an unknown model, `ConflictError` when too many wait."""
    if model not in SITING_MODELS:
        raise InputError(f"計算の種類「{model[:20]}」はありません。", field="model")
    conn.execute("SELECT pg_advisory_xact_lock(hashtext('kyodo.siting_run'), hashtext(%s))", (municipality,))
    held = conn.execute(
        "SELECT count(*) AS n FROM siting_run WHERE municipality_code = %s AND state IN ('queued', 'running')",
        (municipality,),
    ).fetchone()
    if held is not None and held["n"] >= MAX_WAITING:
        raise ConflictError(
            f"待っている計算が {MAX_WAITING} 件あります。終わるのを待つか、取りやめてください。"
        )
    conn.execute(
        "INSERT INTO siting_run (municipality_code, run_id, asked_by, model, parameters, basis) "
        "VALUES (%s, %s, %s, %s, %s, %s)",
        (municipality, run_id, by, model, _json(parameters), _json(basis)),
    )
    record(conn, municipality, by, "siting.ask", run_id, {"model": model})


def waiting(conn: Connection, models: Sequence[str]) -> list[tuple[str, str]]:
    """(municipality, run) of everything to be worked on, in the order it was asked for: waiting, or left by its worker."""
    rows = conn.execute(
        """
        SELECT municipality_code, run_id FROM siting_run
        WHERE model = ANY(%(models)s) AND (state = 'queued'
            OR (state = 'running' AND touched_at < now() - make_interval(mins => %(silent)s)))
        ORDER BY asked_at, run_id
        """,
        {"models": list(models), "silent": SILENT_MINUTES},
    )
    return [(row["municipality_code"], row["run_id"]) for row in rows]


def begin(conn: Connection, municipality: str, run_id: str) -> Run | None:
    """Take a waiting run (or one whose worker has gone silent) to work on it; None when there is nothing to do.

    A run that its worker has left too often, or that was to be cancelled when it died, ends here.
    """
    row = conn.execute(
        f"""
        UPDATE siting_run SET state = 'running', started_at = now(), touched_at = now(), progress = 0,
            basis = basis || jsonb_build_object('attempts', coalesce((basis->>'attempts')::int, 0) + 1)
        WHERE municipality_code = %(m)s AND run_id = %(id)s AND (state = 'queued'
            OR (state = 'running' AND touched_at < now() - make_interval(mins => %(silent)s)))
        RETURNING {_COLUMNS}
        """,  # noqa: S608 - our own names
        {"m": municipality, "id": run_id, "silent": SILENT_MINUTES},
    ).fetchone()
    if row is None:
        return None
    taken = Run(**row)
    if taken.cancel_asked or taken.basis["attempts"] > MOST_ATTEMPTS:
        finish(conn, municipality, run_id, message=None if taken.cancel_asked else DIED)
        return None
    return taken


def give_back(conn: Connection, municipality: str, run_id: str) -> None:
    """A worker that ends orderly lets another one begin anew; that is no attempt."""
    conn.execute(
        """
        UPDATE siting_run SET state = 'queued', started_at = NULL, touched_at = NULL, progress = 0, result = NULL,
            basis = basis || jsonb_build_object('attempts', greatest((basis->>'attempts')::int - 1, 0))
        WHERE municipality_code = %s AND run_id = %s AND state = 'running' AND NOT cancel_asked
        """,
        (municipality, run_id),
    )


def tell(
    conn: Connection, municipality: str, run_id: str, progress: float, so_far: Mapping[str, Any] | None = None
) -> bool:
    """Say how far it is; returns whether to go on (False: somebody wants it ended, or it is no longer running).

    `so_far` stands in for the result until there is one.
    """
    row = conn.execute(
        "UPDATE siting_run SET progress = %s, touched_at = now(), result = coalesce(%s, result) "
        "WHERE municipality_code = %s AND run_id = %s AND state = 'running' RETURNING cancel_asked",
        (min(1.0, max(0.0, progress)), None if so_far is None else _json(so_far), municipality, run_id),
    ).fetchone()
    return row is not None and not row["cancel_asked"]


def finish(
    conn: Connection,
    municipality: str,
    run_id: str,
    *,
    result: Mapping[str, Any] | None = None,
    message: str | None = None,
) -> None:
    """End a running run: done with a result, cancelled when that was asked, failed with a message otherwise.

    A result that came all the same is kept with a cancelled run. A run that is not running stays as it is.
    """
    conn.execute(
        """
        UPDATE siting_run SET finished_at = now(), touched_at = now(), result = %(result)s, message = %(message)s,
            state = CASE WHEN cancel_asked THEN 'cancelled' WHEN %(result)s::jsonb IS NULL THEN 'failed' ELSE 'done' END,
            progress = CASE WHEN %(result)s::jsonb IS NULL OR cancel_asked THEN progress ELSE 1 END
        WHERE municipality_code = %(m)s AND run_id = %(id)s AND state = 'running'
        """,
        {
            "m": municipality,
            "id": run_id,
            "result": None if result is None else _json(result),
            "message": message,
        },
    )


def cancel(conn: Connection, municipality: str, run_id: str, *, by: str) -> None:
    """Ask a run to end; one that waits ends at once. Raises `NotFoundError`, `ConflictError` when it has ended."""
    found = run(conn, municipality, run_id)
    if found.ended:
        raise ConflictError("この計算は、もう終わっています。")
    conn.execute(
        """
        UPDATE siting_run SET cancel_asked = true,
            state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END,
            finished_at = CASE state WHEN 'queued' THEN now() END
        WHERE municipality_code = %s AND run_id = %s AND state IN ('queued', 'running')
        """,
        (municipality, run_id),
    )
    record(conn, municipality, by, "siting.cancel", run_id, {"model": found.model})


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), ensure_ascii=False, default=str)
