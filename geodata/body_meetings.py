"""Meetings of the two bodies and what they decided to do."""

from __future__ import annotations

from typing import Any

from geodata.database import Connection
from kyodo_geo.errors import NotFoundError

Row = dict[str, Any]


def meetings(conn: Connection, code: str) -> list[Row]:
    """All that the reader may see, newest first."""
    return conn.execute(
        "SELECT meeting_id, body, held_on, place, agenda, attendance, minutes, questions, published, quality, source "
        "FROM body_meeting WHERE municipality_code = %s ORDER BY held_on DESC, body",
        (code,),
    ).fetchall()


def meeting(conn: Connection, code: str, meeting_id: str) -> Row:
    """One meeting; raises NotFoundError."""
    for row in meetings(conn, code):
        if row["meeting_id"] == meeting_id:
            return row
    raise NotFoundError("この会議の記録はありません。")


def actions(conn: Connection, code: str) -> list[Row]:
    """Everything that was decided to be done, with body and day of its meeting; for staff."""
    return conn.execute(
        """
        SELECT a.action_id, a.meeting_id, a.what, a.who, a.due_on, a.state, a.settled_on, a.outcome, a.quality,
               m.body, m.held_on
        FROM body_action a JOIN body_meeting m USING (municipality_code, meeting_id)
        WHERE a.municipality_code = %s ORDER BY m.held_on, a.due_on NULLS LAST, a.what
        """,
        (code,),
    ).fetchall()
