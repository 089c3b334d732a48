"""When a vacant house may not be shown any longer to whom it was: entered by staff, newest entry holds. Audience `STAFF`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from geodata.audit import record
from geodata.database import Connection
from kyodo_geo.errors import InputError, NotFoundError

MAX_NOTE = 200


@dataclass(frozen=True, slots=True)
class End:
    """The entry that holds for a house and a recipient (None: everybody); `ends_on` None: taken back."""

    house_id: str
    recipient: str | None
    ends_on: date | None
    note: str
    created_at: datetime
    created_by: str


def holding(conn: Connection, municipality: str) -> list[End]:
    """The newest entry of every house and recipient."""
    rows = conn.execute(
        "SELECT DISTINCT ON (house_id, recipient) house_id, recipient, ends_on, note, created_at, created_by "
        "FROM kyodo_vacant.disclosure_end WHERE municipality_code = %s ORDER BY house_id, recipient, end_no DESC",
        (municipality,),
    )
    return [End(**row) for row in rows]


def enter(
    conn: Connection,
    municipality: str,
    house_id: str,
    recipient: str | None,
    ends_on: date | None,
    *,
    note: str,
    by: str,
) -> None:
    """End what may be shown of a house from a day on (None: take an earlier entry back). Holds at once.

    Raises NotFoundError for a house or recipient that no record of the active generation has, InputError without a reason.
    """
    conn.execute(
        "SELECT pg_advisory_xact_lock(hashtext('kyodo.disclosure_end'), hashtext(%s))", (municipality,)
    )
    house = conn.execute(
        "SELECT state, consented_to FROM kyodo_vacant.vacant_house WHERE municipality_code = %(m)s AND house_id = %(house)s "
        "AND dataset_id = active_dataset(%(m)s, (SELECT max(generation_no) FROM generation WHERE municipality_code = %(m)s), "
        "'vacant-houses')",
        {"m": municipality, "house": house_id},
    ).fetchone()
    if house is None or house["state"] == "survey":
        raise NotFoundError("この番号の、公開または同意のある空き家はありません。")
    if recipient is not None and recipient not in house["consented_to"]:
        raise NotFoundError("この空き家の同意先に、その相手はありません。")
    if not note.strip() or len(note) > MAX_NOTE:
        raise InputError(f"理由を {MAX_NOTE} 字までで入力してください。", field="note")
    conn.execute(
        "INSERT INTO kyodo_vacant.disclosure_end (municipality_code, house_id, end_no, recipient, ends_on, note, created_by) "
        "SELECT %(m)s, %(house)s, coalesce(max(end_no), 0) + 1, %(to)s, %(on)s, %(note)s, %(by)s "
        "FROM kyodo_vacant.disclosure_end WHERE municipality_code = %(m)s AND house_id = %(house)s",
        {"m": municipality, "house": house_id, "to": recipient, "on": ends_on, "note": note, "by": by},
    )
    record(
        conn, municipality, by, "vacant-houses.disclosure", house_id,
        {"recipient": recipient, "ends_on": ends_on, "note": note},
    )  # fmt: skip
