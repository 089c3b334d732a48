"""Who came to an event from which district: one sheet per event, as the audience `STAFF`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geodata.database import Connection
from geodata.edits.history import hold, tell
from kyodo_geo.edits import check_stamp
from kyodo_geo.errors import InputError, NotFoundError


@dataclass(frozen=True, slots=True)
class Event:
    """What the page of the sheet says of the event."""

    title: str
    state: str
    fiscal_year: int
    participants: int | None


def target(event_id: str) -> str:
    """Name in the audit log: that of the event, so that its history shows both."""
    return f"event/{event_id}"


def event(conn: Connection, code: str, event_id: str) -> Event:
    """The event; raises NotFoundError."""
    row = conn.execute(
        "SELECT title, state, fiscal_year(starts_on) AS fiscal_year, participants FROM event "
        "WHERE municipality_code = %s AND event_id = %s",
        (code, event_id),
    ).fetchone()
    if row is None:
        raise NotFoundError("この記録はありません。取り消されたかもしれません。")
    return Event(**row)


def attendance(conn: Connection, code: str, event_id: str) -> dict[str, int]:
    """District → people; a district that is missing is unknown."""
    rows = conn.execute(
        "SELECT district_no::text AS no, participants FROM event_attendance "
        "WHERE municipality_code = %s AND event_id = %s ORDER BY district_no",
        (code, event_id),
    )
    return {row["no"]: row["participants"] for row in rows}


def seen(held: Mapping[str, int], total: int | None) -> dict[str, object]:
    """What a mark is made of."""
    return {"by_district": dict(held), "participants": total}


def save(
    conn: Connection, code: str, event_id: str, new: Mapping[str, int], total: int | None, *, version: str, actor: str
) -> bool:  # fmt: skip
    """Keep the sheet and the total in place of those seen; whether anything changed.

    Raises EditConflictError, NotFoundError, and InputError for an event that was not held, or more people from the
    districts than came.
    """
    hold(conn, code, "events")
    of = event(conn, code, event_id)
    before = attendance(conn, code, event_id)
    check_stamp(version, seen(before, of.participants))
    if of.state != "held" and (new or total is not None):
        raise InputError("参加者は、状態を「開催済み」にしてから入力してください。", field="participants")
    if total is not None and sum(new.values()) > total:
        raise InputError(
            f"地区の人数の合計（{sum(new.values()):,} 人）が、参加者の合計より多くなっています。",
            field="participants",
        )
    if dict(new) == before and total == of.participants:
        return False
    conn.execute(
        "DELETE FROM event_attendance WHERE municipality_code = %s AND event_id = %s", (code, event_id)
    )
    for no, people in new.items():
        conn.execute(
            "INSERT INTO event_attendance (municipality_code, event_id, district_no, participants) VALUES (%s, %s, %s, %s)",
            (code, event_id, int(no), people),
        )
    if total != of.participants:
        conn.execute(
            "UPDATE event SET participants = %s WHERE municipality_code = %s AND event_id = %s",
            (total, code, event_id),
        )
    tell(
        conn, code, actor, "edit.event.attend", target(event_id),
        {**{f"district_{no}": people for no, people in before.items()}, "participants": of.participants},
        {**{f"district_{no}": people for no, people in new.items()}, "participants": total},
    )  # fmt: skip
    return True
