"""What staff do with returns: send out, remind, look at, send back, approve. Every step names the version seen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from psycopg import sql

from geodata.database import Connection
from geodata.edits.history import tell
from geodata.queries.generation import Ref
from geodata.returns.checking import check, check_all
from geodata.returns.rows import Return, listed, locked, target
from geodata.sent_documents import record_sent
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.errors import ConflictError, InputError
from kyodo_geo.returns import ReturnState, Severity, worst
from kyodo_geo.returns.states import UNANSWERED, check_step


def mark_sent(
    conn: Connection, code: str, fiscal_year: int, ids: Collection[str], *, on: date, actor: str
) -> int:
    """Tell that forms went out on a day; those that are answered stay as they are. Returns how many were marked."""
    rows = conn.execute(
        """
        UPDATE association_return SET state = 'sent', sent_on = %(on)s, version = version + 1, changed_at = now(),
               changed_by = %(actor)s
        WHERE municipality_code = %(m)s AND fiscal_year = %(year)s AND association_id = ANY(%(ids)s::text[])
          AND state = 'not-sent'
        RETURNING association_id
        """,
        {"on": on, "actor": actor, "m": code, "year": fiscal_year, "ids": list(ids)},
    ).fetchall()
    for row in rows:
        tell(
            conn, code, actor, "edit.return.send", target(fiscal_year, row["association_id"]),
            {"state": "not-sent"}, {"state": "sent"}, sent_on=str(on),
        )  # fmt: skip
    if rows:
        _enter_in_register(conn, code, fiscal_year, on=on, actor=actor)
    return len(rows)


def _enter_in_register(conn: Connection, code: str, fiscal_year: int, *, on: date, actor: str) -> None:
    """The form is one document to all presidents (取組5), however many letters it takes: only the first sending is entered."""
    row = conn.execute(
        """
        SELECT r.due_on, coalesce(m.contact_department, m.name) AS department
        FROM return_round r JOIN municipality m USING (municipality_code)
        WHERE r.municipality_code = %s AND r.fiscal_year = %s
        """,
        (code, fiscal_year),
    ).fetchone()
    assert row is not None
    record_sent(
        conn, code, made_by=f"return/{fiscal_year}", actor=actor, department=row["department"],
        title=f"{fiscal_year_label(fiscal_year)} 年度更新の用紙", sent_on=on, kind="survey",
        # Forms may go out after the day of answers: to an association that came late.
        answer_by=row["due_on"] if row["due_on"] >= on else None,
        source="年度更新の画面から自動で登録",
    )  # fmt: skip


def remind(
    conn: Connection, code: str, fiscal_year: int, ids: Collection[str], *, way: str, on: date, actor: str
) -> list[str]:
    """Record reminders of associations that have not answered; returns whose are new.

    One a day at most: whoever was reminded on that day, or has answered, is left out.
    """
    if way not in ("mail", "letter", "phone"):
        raise InputError("お願いの方法を選んでください。", field="way")
    rows = conn.execute(
        """
        INSERT INTO return_reminder (municipality_code, fiscal_year, association_id, sent_on, way, created_by)
        SELECT municipality_code, fiscal_year, association_id, %(on)s, %(way)s, %(actor)s FROM association_return
        WHERE municipality_code = %(m)s AND fiscal_year = %(year)s AND association_id = ANY(%(ids)s::text[])
          AND state = ANY(%(states)s)
        ORDER BY association_id
        ON CONFLICT DO NOTHING RETURNING association_id
        """,
        {
            "on": on, "way": way, "actor": actor, "m": code, "year": fiscal_year, "ids": list(ids),
            "states": sorted(state.value for state in UNANSWERED),
        },
    ).fetchall()  # fmt: skip
    for row in rows:
        tell(
            conn, code, actor, "edit.return.remind", target(fiscal_year, row["association_id"]), None, None,
            way=way, sent_on=str(on),
        )  # fmt: skip
    return [row["association_id"] for row in rows]


def reminders(conn: Connection, code: str, fiscal_year: int, association_id: str) -> list[dict[str, Any]]:
    """sent_on, way, created_by, oldest first."""
    return conn.execute(
        "SELECT sent_on, way, created_by FROM return_reminder WHERE municipality_code = %s AND fiscal_year = %s "
        "AND association_id = %s ORDER BY sent_on",
        (code, fiscal_year, association_id),
    ).fetchall()


def looked_at(
    conn: Connection, code: str, fiscal_year: int, association_id: str, *, version: int, actor: str
) -> None:
    """A planner has seen the doubts and will decide. Raises EditConflictError, ConflictError, NotFoundError."""
    _step(
        conn,
        locked(conn, code, fiscal_year, association_id, version),
        code,
        ReturnState.CHECKED,
        "check",
        actor,
        {},
    )


def send_back(
    conn: Connection,
    code: str,
    fiscal_year: int,
    association_id: str,
    words: str,
    *,
    version: int,
    actor: str,
) -> None:
    """Ask the association to look again. Raises InputError without words, else as `looked_at`."""
    if not words.strip():
        raise InputError("何を確かめてほしいかを入力してください。", field="words")
    before = locked(conn, code, fiscal_year, association_id, version)
    more = {"sent_back_words": words.strip()}
    _step(conn, before, code, ReturnState.SENT_BACK, "send-back", actor, more, decided=True)


def approve(
    conn: Connection, ref: Ref, fiscal_year: int, association_id: str, *, version: int, actor: str
) -> None:
    """Approve one return; raises ConflictError where something in it cannot be true, else as `looked_at`."""
    code = ref.municipality_code
    before = locked(conn, code, fiscal_year, association_id, version)
    check_step(before.state, ReturnState.APPROVED)
    wrong = [doubt.message for doubt in check(conn, ref, before).doubts if doubt.severity is Severity.WRONG]
    if wrong:
        raise ConflictError(
            f"誤りがあるため承認できません。{''.join(wrong)}差し戻すか、確かめて直してください。"
        )
    _step(conn, before, code, ReturnState.APPROVED, "approve", actor, {"sent_back_words": None}, decided=True)


def approve_without_doubts(
    conn: Connection, ref: Ref, fiscal_year: int, *, seen: Mapping[str, int], actor: str
) -> list[str]:
    """Approve those of `seen` (id → version) that are received or looked at, unchanged, and without any doubt.

    Returns whose were approved, by id. One that changed meanwhile, or has a doubt, is left as it is.
    """
    code = ref.municipality_code
    found = [
        item for item in listed(conn, code, fiscal_year, states=(ReturnState.RECEIVED, ReturnState.CHECKED))
        if seen.get(item.association_id) == item.version
    ]  # fmt: skip
    clear = [
        item.row
        for item in check_all(conn, ref, found)
        if (worst(item.doubts) or Severity.NOTE) < Severity.DOUBT
    ]
    done = []
    for item in sorted(clear, key=lambda item: item.association_id):
        now = locked(conn, code, fiscal_year, item.association_id, None)
        if now.version == item.version:
            _step(
                conn,
                now,
                code,
                ReturnState.APPROVED,
                "approve",
                actor,
                {"sent_back_words": None},
                decided=True,
            )
            done.append(item.association_id)
    return done


def mark_fed(conn: Connection, code: str, items: Iterable[Return], feed_no: int, actor: str) -> None:
    """Audience `LOADER`: the returns have become data."""
    for item in items:
        _step(conn, item, code, ReturnState.FED, "feed", actor, {"feed_no": feed_no})


def _step(
    conn: Connection,
    before: Return,
    code: str,
    wanted: ReturnState,
    action: str,
    actor: str,
    more: Mapping[str, Any],
    *,
    decided: bool = False,
) -> None:
    check_step(before.state, wanted)
    sets = {"state": wanted.value, "changed_by": actor, **more, **({"decided_by": actor} if decided else {})}
    assigned = sql.SQL(", ").join(
        [sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in sets]
    )
    query = sql.SQL(
        "UPDATE association_return SET {}, version = version + 1, changed_at = now(){} "
        "WHERE municipality_code = %(m)s AND fiscal_year = %(y)s AND association_id = %(i)s"
    ).format(assigned, sql.SQL(", decided_at = now()" if decided else ""))
    conn.execute(query, {**sets, "m": code, "y": before.fiscal_year, "i": before.association_id})
    tell(
        conn, code, actor, f"edit.return.{action}", target(before.fiscal_year, before.association_id),
        {"state": before.state.value}, {"state": wanted.value},
    )  # fmt: skip
