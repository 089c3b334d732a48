"""Tickets from the public side to the internal one: handed out there, taken in here. Audience `STAFF` on both sides."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from geodata.audit import record
from geodata.database import Connection
from kyodo_geo.errors import ConflictError, InputError
from kyodo_geo.ticket_entries import Referral, Wish
from kyodo_geo.ticket_file import CHANNELS, MAX_TICKETS, Item, TicketFile, receipt
from kyodo_geo.tickets import PURPOSE

_WAITING = """
    SELECT 'referral' AS kind, r.ticket_no, r.channel, r.office_id, r.asked_by, r.association_id, r.received_at,
           r.consent_at, r.question, r.customer_name AS name, r.customer_phone AS phone, r.customer_email AS email,
           NULL AS address
    FROM referral r WHERE r.municipality_code = %(m)s AND r.erased_at IS NULL AND r.channel = ANY(%(channels)s)
    UNION ALL
    SELECT 'wish', w.ticket_no, w.channel, w.office_id, w.asked_by, w.association_id, w.received_at, w.consent_at, NULL,
           w.name, w.phone, w.email, w.address
    FROM join_wish w WHERE w.municipality_code = %(m)s AND w.erased_at IS NULL AND w.channel = ANY(%(channels)s)
"""


def hand_out(conn: Connection, municipality: str, *, by: str) -> TicketFile:
    """All tickets that the internal side has not confirmed yet, under one new file number (public side).

    A ticket keeps its id, however often it is handed out. Raises `ConflictError` when nothing is waiting.
    """
    batch = uuid.uuid4()
    rows = conn.execute(
        f"""
        SELECT q.*, t.transfer_id FROM ({_WAITING}) q
        LEFT JOIN ticket_transfer t ON t.municipality_code = %(m)s AND t.ticket_no = q.ticket_no
        WHERE t.acknowledged_at IS NULL ORDER BY q.ticket_no LIMIT %(most)s
        """,  # noqa: S608
        {"m": municipality, "channels": list(CHANNELS), "most": MAX_TICKETS},
    ).fetchall()
    if not rows:
        raise ConflictError("渡していない取次はありません。")
    items = []
    for row in rows:
        transfer_id = row["transfer_id"] or uuid.uuid4()
        conn.execute(
            """
            INSERT INTO ticket_transfer (municipality_code, transfer_id, direction, ticket_no, batch_id)
            VALUES (%s, %s, 'out', %s, %s)
            ON CONFLICT (municipality_code, transfer_id) DO UPDATE SET batch_id = excluded.batch_id
            """,
            (municipality, transfer_id, row["ticket_no"], batch),
        )
        entry: Referral | Wish
        consent = row["consent_at"] is not None
        if row["kind"] == "referral":
            entry = Referral(
                row["question"], row["association_id"], row["name"], row["phone"], row["email"], consent
            )
        else:
            entry = Wish(
                row["association_id"], row["name"], row["phone"], row["email"], row["address"], consent
            )
        items.append(
            Item(
                transfer_id, row["ticket_no"], row["channel"], row["office_id"], row["asked_by"],
                row["received_at"], row["consent_at"], entry,
            )
        )  # fmt: skip
    record(conn, municipality, by, "tickets.hand-out", str(batch), {"tickets": len(items)})
    return TicketFile(municipality, batch, tuple(items))


def acknowledge(conn: Connection, municipality: str, told: str, *, by: str) -> int:
    """The internal side has told this number (public side): what the tickets say is erased here; how many.

    Raises `InputError` for a number that is not that of the newest file each of its tickets went in.
    """
    rows = conn.execute(
        "SELECT batch_id, transfer_id FROM ticket_transfer "
        "WHERE municipality_code = %s AND direction = 'out' AND left(replace(batch_id::text, '-', ''), 8) = %s",
        (municipality, told[:8]),
    ).fetchall()
    batches = {row["batch_id"] for row in rows}
    ids = [row["transfer_id"] for row in rows]
    if len(batches) != 1 or receipt(batches.pop(), ids) != told:
        raise InputError(
            "この受領番号は、最後に渡した取次のファイルのものではありません。番号を確かめるか、"
            "次の公開用データを取り込んでください（受け取った取次は、そこにも書かれています）。"
        )
    return confirm(conn, municipality, ids, by=by)


def confirm(conn: Connection, municipality: str, ids: list[uuid.UUID], *, by: str) -> int:
    """These have arrived: erase what they say on this side; how many were not confirmed before.

    An office's question keeps its row, so that the answer can be shown to the office.
    """
    rows = conn.execute(
        "UPDATE ticket_transfer SET acknowledged_at = now() WHERE municipality_code = %s AND direction = 'out' "
        "AND transfer_id = ANY(%s) AND acknowledged_at IS NULL RETURNING ticket_no",
        (municipality, ids),
    ).fetchall()
    named = {"m": municipality, "numbers": [row["ticket_no"] for row in rows], "moved": MOVED}
    for statement in _ERASE:
        conn.execute(statement, named)
    if rows:
        record(conn, municipality, by, "tickets.confirmed", None, {"tickets": sorted(named["numbers"])})
    return len(rows)


MOVED = "（庁内の環境に渡し、この環境からは消しました）"

_MINE = "WHERE municipality_code = %(m)s AND ticket_no = ANY(%(numbers)s)"
_ERASE = (
    f"""
    UPDATE referral SET customer_name = NULL, customer_phone = NULL, customer_email = NULL, answer = NULL,
        question = CASE WHEN channel = 'partner' THEN %(moved)s ELSE '' END,
        erased_at = CASE WHEN channel = 'partner' THEN NULL ELSE now() END,
        state = CASE WHEN state = 'received' THEN 'passed-on' ELSE state END {_MINE} AND erased_at IS NULL
    """,  # noqa: S608
    f"""
    UPDATE join_wish SET name = NULL, phone = NULL, email = NULL, address = NULL, erased_at = now(),
        state = CASE WHEN state = 'received' THEN 'passed-on' ELSE state END {_MINE} AND erased_at IS NULL
    """,  # noqa: S608
    f"UPDATE ticket_event SET note = NULL {_MINE} AND note IS NOT NULL",  # noqa: S608
    f"UPDATE ticket_notice SET state = 'skipped' {_MINE} AND state = 'pending'",  # noqa: S608
    """
    INSERT INTO ticket_event (municipality_code, ticket_no, event_no, actor, state)
    SELECT municipality_code, ticket_no, max(event_no) + 1, 'job', 'passed-on' FROM ticket_event
    WHERE municipality_code = %(m)s AND ticket_no = ANY(%(numbers)s) GROUP BY municipality_code, ticket_no
    """,
)


@dataclass(frozen=True, slots=True)
class TakenIn:
    """`entered`: numbers here, by the number on the public side; `known`: how many had been taken in before."""

    entered: dict[int, int]
    known: int
    receipt: str


def take_in(
    conn: Connection, file: TicketFile, municipality: str, due_on: Callable[[Item], date], *, by: str
) -> TakenIn:
    """Enter a file's tickets (internal side). Raises `InputError` or `ConflictError`, with nothing entered.

    An office that is unknown or closed here, or an association that is not registered, refuses the whole file: the two
    sides then do not hold the same city.
    """
    if file.municipality != municipality:
        raise ConflictError(f"市区町村コード {file.municipality} の取次です（この環境は {municipality}）。")
    entered: dict[int, int] = {}
    for item in file.items:
        if _known(conn, municipality, item.transfer_id):
            continue
        _refuse_unknown(conn, municipality, item)
        entered[item.number] = _enter(conn, municipality, item, due_on(item))
    told = {
        "batch": str(file.batch),
        "tickets": sorted(entered.values()),
        "known": len(file.items) - len(entered),
    }
    record(conn, municipality, by, "tickets.take-in", file.receipt, told)
    return TakenIn(entered, len(file.items) - len(entered), file.receipt)


def _known(conn: Connection, municipality: str, transfer_id: uuid.UUID) -> bool:
    row = conn.execute(
        "SELECT direction FROM ticket_transfer WHERE municipality_code = %s AND transfer_id = %s",
        (municipality, transfer_id),
    ).fetchone()
    if row is not None and row["direction"] != "in":
        raise ConflictError("この環境で渡した取次のファイルです。内部の環境で取り込んでください。")
    return row is not None


def _refuse_unknown(conn: Connection, municipality: str, item: Item) -> None:
    if item.office_id is not None:
        row = conn.execute(
            "SELECT FROM partner_office WHERE municipality_code = %s AND office_id = %s",
            (municipality, item.office_id),
        ).fetchone()
        if row is None:
            raise InputError(
                f"公開の環境の番号 {item.number} の取次の事業所（{item.office_id[:40]}）が、この環境に登録されていません。",
                field="office",
            )
    if item.entry.association_id is not None:
        row = conn.execute(
            "SELECT FROM association WHERE municipality_code = %s AND association_id = %s",
            (municipality, item.entry.association_id),
        ).fetchone()
        if row is None:
            raise InputError(
                f"公開の環境の番号 {item.number} の取次の町内会・自治会が、この環境に登録されていません。",
                field="association",
            )


def _enter(conn: Connection, municipality: str, item: Item, due: date) -> int:
    drawn = conn.execute("SELECT nextval('ticket_no_seq') AS no").fetchone()
    assert drawn is not None
    number = int(drawn["no"])
    entry = item.entry
    values: dict[str, object] = {
        "m": municipality, "no": number, "office": item.office_id, "association": entry.association_id,
        "channel": item.channel, "by": item.asked_by, "name": entry.name, "phone": entry.phone, "email": entry.email,
        "consent": item.consent_at if _personal(entry) else None, "received": item.received_at, "due": due,
    }  # fmt: skip
    if isinstance(entry, Referral):
        conn.execute(
            """
            INSERT INTO referral (municipality_code, ticket_no, office_id, association_id, channel, asked_by, question,
                                  customer_name, customer_phone, customer_email, consent_at, received_at, due_on)
            VALUES (%(m)s, %(no)s, %(office)s, %(association)s, %(channel)s, %(by)s, %(question)s, %(name)s, %(phone)s,
                    %(email)s, %(consent)s, %(received)s, %(due)s)
            """,
            {**values, "question": entry.question},
        )
    else:
        conn.execute(
            """
            INSERT INTO join_wish (municipality_code, ticket_no, office_id, association_id, channel, asked_by, name,
                                   phone, email, address, purpose, consent_at, received_at, due_on)
            VALUES (%(m)s, %(no)s, %(office)s, %(association)s, %(channel)s, %(by)s, %(name)s, %(phone)s, %(email)s,
                    %(address)s, %(purpose)s, %(consent)s, %(received)s, %(due)s)
            """,
            {**values, "address": entry.address, "purpose": PURPOSE},
        )
    conn.execute(
        "INSERT INTO ticket_event (municipality_code, ticket_no, event_no, at, actor, state, note) "
        "VALUES (%s, %s, 1, now(), %s, 'received', %s)",
        (municipality, number, item.channel, f"公開の環境の受付番号 {item.number}"),
    )
    conn.execute(
        "INSERT INTO ticket_notice (municipality_code, ticket_no, kind) VALUES (%s, %s, 'staff-new')",
        (municipality, number),
    )
    conn.execute(
        "INSERT INTO ticket_transfer (municipality_code, transfer_id, direction, ticket_no) VALUES (%s, %s, 'in', %s)",
        (municipality, item.transfer_id, number),
    )
    return number


def _personal(entry: Referral | Wish) -> bool:
    return isinstance(entry, Wish) or entry.personal
