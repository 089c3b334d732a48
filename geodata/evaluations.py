"""The final evaluation of a plan: drafts, decision, publication. Read by everybody once published; written by staff."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from geodata.database import Connection
from geodata.edits.history import hold, tell
from kyodo_geo.edits import check_stamp
from kyodo_geo.errors import ConflictError, InputError
from kyodo_geo.evaluation import DEFAULT_SCALE, Grade, check_decision

Row = dict[str, Any]
DECIDED = "この評価は決定しています。直すときは、先に下書きに戻してください。"
INITIATIVE = ("grade", "reason", "carry_over")


def head(conn: Connection, code: str, plan_id: str) -> Row | None:
    """State and summary; None where nothing has been written (or nothing this reader may see)."""
    return conn.execute(
        "SELECT plan_id, state, summary, decided_on, decided_by FROM plan_evaluation "
        "WHERE municipality_code = %s AND plan_id = %s",
        (code, plan_id),
    ).fetchone()


def scale(conn: Connection, code: str, plan_id: str) -> tuple[Grade, ...]:
    """The plan's scale, the best first; the default one where none was set."""
    rows = conn.execute(
        "SELECT grade, words FROM evaluation_grade WHERE municipality_code = %s AND plan_id = %s ORDER BY sort_order",
        (code, plan_id),
    ).fetchall()
    return tuple(Grade(row["grade"], row["words"]) for row in rows) or tuple(
        Grade(*one) for one in DEFAULT_SCALE
    )


def initiatives(conn: Connection, code: str, plan_id: str) -> dict[int, Row]:
    """Initiative → grade, reason, carry_over."""
    rows = conn.execute(
        "SELECT initiative_no, grade, reason, carry_over FROM initiative_evaluation "
        "WHERE municipality_code = %s AND plan_id = %s",
        (code, plan_id),
    )
    return {row.pop("initiative_no"): row for row in rows}


def indicators(conn: Connection, code: str, plan_id: str) -> dict[str, Row]:
    """Indicator → remark."""
    rows = conn.execute(
        "SELECT indicator_id, remark FROM indicator_evaluation WHERE municipality_code = %s AND plan_id = %s",
        (code, plan_id),
    )
    return {row.pop("indicator_id"): row for row in rows}


def target(plan_id: str, item: str = "") -> str:
    """Name in the audit log."""
    return f"evaluation/{plan_id}" + (f"/{item}" if item else "")


def _held(conn: Connection, code: str, plan_id: str, actor: str) -> Row:
    """The evaluation, begun where it was not; nobody else changes it until the transaction ends."""
    hold(conn, code, f"evaluation {plan_id}")
    found = head(conn, code, plan_id)
    if found is None:
        conn.execute(
            "INSERT INTO plan_evaluation (municipality_code, plan_id, changed_by) VALUES (%s, %s, %s)",
            (code, plan_id, actor),
        )
        for number, grade in enumerate(DEFAULT_SCALE, start=1):
            conn.execute(
                "INSERT INTO evaluation_grade (municipality_code, plan_id, grade, words, sort_order) VALUES (%s, %s, %s, %s, %s) "
                "ON CONFLICT DO NOTHING",
                (code, plan_id, *grade, number),
            )
        found = head(conn, code, plan_id)
        assert found is not None
    return found


def _draft(conn: Connection, code: str, plan_id: str, actor: str) -> Row:
    found = _held(conn, code, plan_id, actor)
    if found["state"] != "draft":
        raise ConflictError(DECIDED)
    return found


def save_scale(
    conn: Connection, code: str, plan_id: str, grades: Sequence[Grade], *, seen: str, actor: str
) -> None:
    """Another scale; raises InputError when a grade that was given would go, EditConflictError."""
    _draft(conn, code, plan_id, actor)
    before = scale(conn, code, plan_id)
    check_stamp(seen, [[one.grade, one.words] for one in before])
    given = {row["grade"] for row in initiatives(conn, code, plan_id).values()}
    gone = sorted(given - {one.grade for one in grades})
    if gone:
        raise InputError(
            f"段階 {'、'.join(gone)} を使った評価があるため、なくせません。先に評価を変えてください。",
            field="scale",
        )
    conn.execute(
        "DELETE FROM evaluation_grade WHERE municipality_code = %s AND plan_id = %s AND NOT grade = ANY(%s)",
        (code, plan_id, [one.grade for one in grades]),
    )
    for number, one in enumerate(grades, start=1):
        conn.execute(
            "INSERT INTO evaluation_grade (municipality_code, plan_id, grade, words, sort_order) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (municipality_code, plan_id, grade) DO UPDATE SET words = excluded.words, "
            "sort_order = excluded.sort_order",
            (code, plan_id, one.grade, one.words, number),
        )
    sides = [{one.grade: one.words for one in grades_} for grades_ in (before, grades)]
    tell(conn, code, actor, "evaluation.scale", target(plan_id), *sides)


def save_initiative(
    conn: Connection, code: str, plan_id: str, no: int, new: Row, *, seen: str, actor: str
) -> None:
    """Grade, reason and carry-over of an initiative; raises EditConflictError, InputError."""
    _draft(conn, code, plan_id, actor)
    before = initiatives(conn, code, plan_id).get(no)
    check_stamp(seen, before)
    if new["grade"] not in {one.grade for one in scale(conn, code, plan_id)}:
        raise InputError("評価を選んでください。", field="grade")
    conn.execute(
        """
        INSERT INTO initiative_evaluation AS e (municipality_code, plan_id, initiative_no, grade, reason, carry_over, changed_by)
        VALUES (%(m)s, %(plan)s, %(no)s, %(grade)s, %(reason)s, %(carry_over)s, %(actor)s)
        ON CONFLICT (municipality_code, plan_id, initiative_no) DO UPDATE SET grade = excluded.grade, reason = excluded.reason,
            carry_over = excluded.carry_over, version = e.version + 1, changed_by = excluded.changed_by, changed_at = now()
        """,
        {"m": code, "plan": plan_id, "no": no, "actor": actor, **new},
    )
    tell(conn, code, actor, "evaluation.save", target(plan_id, f"initiative/{no}"), before, new)


def save_indicator(
    conn: Connection, code: str, plan_id: str, indicator_id: str, remark: str, *, seen: str, actor: str
) -> None:
    """Remark on an indicator's course; raises EditConflictError."""
    _draft(conn, code, plan_id, actor)
    before = indicators(conn, code, plan_id).get(indicator_id)
    check_stamp(seen, before)
    conn.execute(
        """
        INSERT INTO indicator_evaluation AS e (municipality_code, plan_id, indicator_id, remark, changed_by)
        VALUES (%s, %s, %s, %s, %s)
        ON CONFLICT (municipality_code, plan_id, indicator_id) DO UPDATE SET remark = excluded.remark,
            version = e.version + 1, changed_by = excluded.changed_by, changed_at = now()
        """,
        (code, plan_id, indicator_id, remark, actor),
    )
    tell(
        conn,
        code,
        actor,
        "evaluation.save",
        target(plan_id, f"indicator/{indicator_id}"),
        before,
        {"remark": remark},
    )


def save_summary(
    conn: Connection, code: str, plan_id: str, summary: str | None, *, seen: str, actor: str
) -> None:
    """The whole in words; raises EditConflictError."""
    hold(conn, code, f"evaluation {plan_id}")
    check_stamp(seen, head(conn, code, plan_id))
    before = _draft(conn, code, plan_id, actor)
    _change(conn, code, plan_id, {"summary": summary}, actor)
    tell(
        conn,
        code,
        actor,
        "evaluation.save",
        target(plan_id),
        {"summary": before["summary"]},
        {"summary": summary},
    )


def decide(
    conn: Connection,
    code: str,
    plan_id: str,
    *,
    decided_on: date,
    decided_by: str | None,
    seen: str,
    actor: str,
) -> None:
    """Settle the evaluation: nothing of it changes until it is reopened. Raises InputError where something is missing."""
    hold(conn, code, f"evaluation {plan_id}")
    check_stamp(seen, head(conn, code, plan_id))
    _draft(conn, code, plan_id, actor)
    numbers = [
        row["initiative_no"]
        for row in conn.execute(
            "SELECT initiative_no FROM initiative WHERE municipality_code = %s AND plan_id = %s ORDER BY 1",
            (code, plan_id),
        )
    ]
    check_decision(numbers, initiatives(conn, code, plan_id), decided_by)
    _change(
        conn, code, plan_id, {"state": "decided", "decided_on": decided_on, "decided_by": decided_by}, actor
    )
    tell(
        conn,
        code,
        actor,
        "evaluation.decide",
        target(plan_id),
        None,
        {"decided_on": decided_on, "decided_by": decided_by},
    )


def move(conn: Connection, code: str, plan_id: str, deed: str, *, seen: str, actor: str) -> None:
    """publish (decided → published), unpublish (published → decided), reopen (decided → draft)."""
    hold(conn, code, f"evaluation {plan_id}")
    found = head(conn, code, plan_id)
    check_stamp(seen, found)
    steps = {
        "publish": ("decided", "published"),
        "unpublish": ("published", "decided"),
        "reopen": ("decided", "draft"),
    }
    before, after = steps[deed]
    if found is None or found["state"] != before:
        raise ConflictError("評価の状態が変わっています。画面を開き直してください。")
    values: Row = {"state": after}
    if after == "draft":
        values |= {"decided_on": None, "decided_by": None}
    _change(conn, code, plan_id, values, actor)
    tell(conn, code, actor, f"evaluation.{deed}", target(plan_id), None, None)


def _change(conn: Connection, code: str, plan_id: str, values: Row, actor: str) -> None:
    now = {**(head(conn, code, plan_id) or {}), **values}
    conn.execute(
        """
        UPDATE plan_evaluation SET state = %(state)s, summary = %(summary)s, decided_on = %(decided_on)s,
            decided_by = %(decided_by)s, version = version + 1, changed_by = %(actor)s, changed_at = now()
        WHERE municipality_code = %(m)s AND plan_id = %(plan_id)s
        """,
        {**now, "m": code, "actor": actor},
    )
