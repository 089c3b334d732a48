"""Answers on their way in: from a workbook, the web form, or a paper that staff type. Audience `STAFF` or `AUTH`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from geodata.database import Connection
from geodata.edits.history import tell
from geodata.returns.rounds import one_round
from geodata.returns.rows import Return, locked, target
from kyodo_geo.errors import ConflictError, InputError
from kyodo_geo.returns import Answers, Came, ReturnState, says_nothing
from kyodo_geo.returns.questions import FREE_WORDS, PERSONAL
from kyodo_geo.returns.states import check_step

NOTHING_SAID = (
    "未記入です（どの欄も空です）。回答としては受け付けていません。記入してから、もう一度送ってください。"
)
MAX_DRAFT = 40_000
"""Characters of a draft altogether; the answers of the longest form have fewer."""


def receive(
    conn: Connection,
    code: str,
    fiscal_year: int,
    association_id: str,
    answers: Answers,
    *,
    came: Came,
    actor: str,
    version: int | None,
) -> bool:
    """Keep the answers of an association; returns False when the very same ones stand there already.

    `version` is the one the sender saw. Raises EditConflictError (somebody was faster), ConflictError (the round is
    closed, the return approved), NotFoundError, InputError for a wholly blank form: whoever sent one has not answered.
    """
    before = locked(conn, code, fiscal_year, association_id, version)
    if says_nothing(answers, before.held):
        raise InputError(NOTHING_SAID)
    if before.answers == answers and before.state.answered:
        return False
    _refuse_closed(conn, code, fiscal_year, by_staff=came is Came.PAPER)
    check_step(before.state, ReturnState.RECEIVED)
    conn.execute(
        """
        UPDATE association_return SET answers = %(answers)s, state = 'received', came_by = %(came)s, draft = NULL,
               draft_at = NULL, version = version + 1, received_at = now(), erased_at = NULL, changed_at = now(),
               changed_by = %(actor)s
        WHERE municipality_code = %(m)s AND fiscal_year = %(year)s AND association_id = %(id)s
        """,
        {
            "answers": json.dumps(answers.as_dict(), ensure_ascii=False), "came": came.value, "actor": actor,
            "m": code, "year": fiscal_year, "id": association_id,
        },
    )  # fmt: skip
    _tell(conn, code, before, answers, came, actor)
    return True


def save_draft(
    conn: Connection,
    code: str,
    fiscal_year: int,
    association_id: str,
    typed: Mapping[str, str],
    *,
    actor: str,
    version: int,
) -> int:
    """Keep what was typed into a web form so far, readable or not; returns the version that stands now.

    Raises as `receive`. Not in the audit log: nothing is answered yet.
    """
    before = locked(conn, code, fiscal_year, association_id, version)
    _refuse_closed(conn, code, fiscal_year, by_staff=False)
    check_step(before.state, ReturnState.RECEIVED)
    kept = {name: text for name, text in typed.items() if text}
    if sum(map(len, kept.values())) > MAX_DRAFT:
        raise ConflictError("入力した文章が長すぎるため、途中の内容を保存できません。短くしてください。")
    conn.execute(
        """
        UPDATE association_return SET draft = %(draft)s, draft_at = now(), version = version + 1, changed_at = now(),
               changed_by = %(actor)s
        WHERE municipality_code = %(m)s AND fiscal_year = %(year)s AND association_id = %(id)s
        """,
        {
            "draft": json.dumps(kept, ensure_ascii=False), "actor": actor,
            "m": code, "year": fiscal_year, "id": association_id,
        },
    )  # fmt: skip
    return before.version + 1


def _refuse_closed(conn: Connection, code: str, fiscal_year: int, *, by_staff: bool) -> None:
    """Papers that came in time may be typed later."""
    if not by_staff and not one_round(conn, code, fiscal_year).open:
        raise ConflictError("この年度更新の受け付けは終わりました。市の担当課にご連絡ください。")


def _tell(conn: Connection, code: str, before: Return, now: Answers, came: Came, actor: str) -> None:
    old, new = (before.answers or Answers()).as_dict(), now.as_dict()
    untold = (*PERSONAL, *FREE_WORDS)
    touched = [name for name in untold if old[name] != new[name]]
    sides: list[dict[str, Any]] = [
        {name: said for name, said in side.items() if name not in untold} for side in (old, new)
    ]
    sides[0]["state"], sides[1]["state"] = before.state.value, ReturnState.RECEIVED.value
    tell(
        conn, code, actor, "edit.return.receive", target(before.fiscal_year, before.association_id), sides[0], sides[1],
        came=came.value, touched=touched,
    )  # fmt: skip
