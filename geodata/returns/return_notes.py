"""Halls, areas and wishes that returns spoke of: a list for planners, ticked off one by one. Areas may go into a draft."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from geodata.database import Connection
from geodata.edits import drafts
from geodata.edits.active import active_facts
from geodata.edits.history import hold, tell
from geodata.queries.generation import Ref
from geodata.returns.rows import one, target
from kyodo_geo.edits import EditConflictError, stamp
from kyodo_geo.errors import ConflictError, NotFoundError


@dataclass(frozen=True, slots=True)
class Note:
    """`about`: hall / area / wish; `done_at` None: still to be seen to."""

    association_id: str
    name: str
    district_no: int | None
    about: str
    words: str
    created_at: datetime
    done_at: datetime | None
    done_by: str | None


def notes(conn: Connection, code: str, fiscal_year: int, *, open_only: bool = False) -> list[Note]:
    """By district and name."""
    rows = conn.execute(
        """
        SELECT n.association_id, r.name, r.district_no, n.about, n.words, n.created_at, n.done_at, n.done_by
        FROM return_note n JOIN association_return r USING (municipality_code, fiscal_year, association_id)
        WHERE n.municipality_code = %s AND n.fiscal_year = %s AND (NOT %s OR n.done_at IS NULL)
        ORDER BY r.district_no NULLS LAST, r.name, n.association_id, n.about
        """,
        (code, fiscal_year, open_only),
    )
    return [Note(**row) for row in rows]


def see_to(
    conn: Connection, code: str, fiscal_year: int, association_id: str, about: str, *, words: str, actor: str
) -> None:
    """Tick a note off; `words` are those seen. Raises EditConflictError when it says something else by now, NotFoundError."""
    hold(conn, code, target(fiscal_year, association_id))
    row = conn.execute(
        "SELECT words, done_at FROM return_note WHERE municipality_code = %s AND fiscal_year = %s AND association_id = %s "
        "AND about = %s",
        (code, fiscal_year, association_id, about),
    ).fetchone()
    if row is None:
        raise NotFoundError("この連絡はありません。")
    if row["words"] != words:
        raise EditConflictError(row["words"])
    if row["done_at"] is not None:
        return
    conn.execute(
        "UPDATE return_note SET done_at = now(), done_by = %s WHERE municipality_code = %s AND fiscal_year = %s "
        "AND association_id = %s AND about = %s",
        (actor, code, fiscal_year, association_id, about),
    )
    tell(
        conn, code, actor, "edit.return-note.done", target(fiscal_year, association_id), {"done": False}, {"done": True},
        about=about,
    )  # fmt: skip


def area_to_draft(conn: Connection, ref: Ref, fiscal_year: int, association_id: str, *, actor: str) -> None:
    """Enter the answered words of an area into the draft of the associations; a planner compares and activates it there.

    Raises ConflictError where there are no other words than now, NotFoundError.
    """
    code = ref.municipality_code
    said = one(conn, code, fiscal_year, association_id).answers
    drafts.lock(conn, code, "associations")
    active = active_facts(conn, ref, "associations", [association_id]).get(association_id)
    if active is None:
        raise NotFoundError("この町内会・自治会は、今のデータにありません。")
    draft = drafts.open_draft(conn, code, "associations")
    held = draft.after("associations", association_id) if draft else None
    now = (held.after if held else active) or active
    if said is None or not said.area_text or said.area_text == now["area_text"]:
        raise ConflictError("区域の言葉は、今のデータか下書きと同じです。")
    wanted = {**now, "area_text": said.area_text}
    drafts.enter(
        conn, code, "associations", [("associations", association_id, active, wanted)], version=stamp(now), seen=now,
        actor=actor,
    )  # fmt: skip
