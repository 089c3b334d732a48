"""Rounds: start one, see how it stands, mark what went out. Audience `STAFF`."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg.types.json import Jsonb

from geodata import audit
from geodata.database import Connection
from geodata.edits.history import hold
from geodata.inquiries.kept import kept_content
from kyodo_geo.errors import ConflictError, InputError, NotFoundError
from kyodo_geo.plan_items import PlanItem

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a new round asks."""

    plan_id: str
    fiscal_year: int
    title: str
    due_on: date
    lead: str | None
    questions: tuple[str, ...]


def responsible(conn: Connection, code: str, plan_id: str, fiscal_year: int) -> dict[str, list[PlanItem]]:
    """Department → the initiatives and indicators it answers for in that year, in the plan's order."""
    rows = conn.execute(
        """
        SELECT r.department_id, r.item FROM responsibility r JOIN department d USING (municipality_code, department_id)
        LEFT JOIN indicator i USING (municipality_code, plan_id, indicator_id)
        WHERE r.municipality_code = %s AND r.plan_id = %s AND r.role = 'lead'
          AND int4range(r.first_year, r.last_year, '[]') @> %s::int
        ORDER BY d.name COLLATE "ja-x-icu", r.department_id, r.initiative_no NULLS LAST, i.sort_order, r.item
        """,
        (code, plan_id, fiscal_year),
    )
    found: dict[str, list[PlanItem]] = {}
    for row in rows:
        found.setdefault(row["department_id"], []).append(PlanItem.of(row["item"]))
    return found


def without_department(conn: Connection, code: str, plan_id: str, fiscal_year: int) -> list[Row]:
    """Initiatives and indicators nobody answers for in that year: item and title."""
    return conn.execute(
        """
        SELECT i.item, i.title FROM (
            SELECT municipality_code, plan_id || '/initiative/' || initiative_no AS item, '取組 ' || initiative_no || ' ' || title
                       AS title, 1 AS part, initiative_no AS no FROM initiative WHERE plan_id = %(plan)s
            UNION ALL
            SELECT municipality_code, plan_id || '/indicator/' || indicator_id, '指標 ' || title, 2, sort_order
            FROM indicator WHERE plan_id = %(plan)s
        ) i
        WHERE i.municipality_code = %(m)s AND NOT EXISTS (
            SELECT FROM responsibility r WHERE r.municipality_code = i.municipality_code AND r.item = i.item
              AND r.role = 'lead' AND int4range(r.first_year, r.last_year, '[]') @> %(year)s::int)
        ORDER BY i.part, i.no
        """,
        {"m": code, "plan": plan_id, "year": fiscal_year},
    ).fetchall()


def start(conn: Connection, code: str, asked: Asked, *, actor: str) -> str:
    """A new round with a sheet for every department that answers for something; returns its id.

    Raises InputError where nobody is responsible, ConflictError while another round of the year is open.
    """
    hold(conn, code, "inquiries")
    open_one = conn.execute(
        "SELECT title FROM inquiry WHERE municipality_code = %s AND plan_id = %s AND fiscal_year = %s AND state = 'open'",
        (code, asked.plan_id, asked.fiscal_year),
    ).fetchone()
    if open_one is not None:
        raise InputError(
            f"この年度の照会「{open_one['title']}」が開いています。終えてから、次の照会を始めてください。",
            field="fiscal_year",
        )
    wanted = responsible(conn, code, asked.plan_id, asked.fiscal_year)
    if not wanted:
        raise InputError(
            "この年度の主担当の課が登録されていません。先に「取組・指標の担当」を登録してください。",
            field="fiscal_year",
        )
    row = conn.execute(
        """
        INSERT INTO inquiry (municipality_code, inquiry_id, plan_id, fiscal_year, title, due_on, lead, questions,
            form_secret, started_by)
        VALUES (%s, 'q' || replace(gen_random_uuid()::text, '-', ''), %s, %s, %s, %s, %s, %s, %s, %s) RETURNING inquiry_id
        """,
        (
            code,
            asked.plan_id,
            asked.fiscal_year,
            asked.title,
            asked.due_on,
            asked.lead,
            Jsonb(list(asked.questions)),
            secrets.token_hex(16),
            actor,
        ),
    ).fetchone()
    assert row is not None
    inquiry_id: str = row["inquiry_id"]
    for department_id, items in wanted.items():
        _sheet(conn, code, inquiry_id, department_id, items, asked)
    audit.record(
        conn, code, actor, "inquiry.start", inquiry_id,
        {"title": asked.title, "fiscal_year": asked.fiscal_year, "rows": len(wanted)},
    )  # fmt: skip
    return inquiry_id


def _sheet(
    conn: Connection, code: str, inquiry_id: str, department_id: str, items: list[PlanItem], asked: Asked
) -> None:
    conn.execute(
        "INSERT INTO inquiry_sheet (municipality_code, inquiry_id, department_id) VALUES (%s, %s, %s)",
        (code, inquiry_id, department_id),
    )
    rows: list[tuple[str, Row, int]] = []
    for item in items:
        version, now = kept_content(conn, code, item, asked.fiscal_year)
        _, last = kept_content(conn, code, item, asked.fiscal_year - 1)
        rows.append((str(item), {"now": now, "last": last}, version))
    rows += [
        (f"question/{number}", {"now": {}, "last": {}}, 0) for number in range(1, len(asked.questions) + 1)
    ]
    for number, (item_name, prefilled, version) in enumerate(rows, start=1):
        conn.execute(
            "INSERT INTO inquiry_item (municipality_code, inquiry_id, department_id, item_no, item, prefilled, version) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (code, inquiry_id, department_id, number, item_name, Jsonb(prefilled), version),
        )


def rounds(conn: Connection, code: str) -> list[Row]:
    """All rounds, newest first, with how many departments were asked and how many answered anything."""
    return conn.execute(
        """
        SELECT i.*, p.name AS plan_name, count(s.*) AS sheets,
               count(s.*) FILTER (WHERE EXISTS (SELECT FROM inquiry_answer a WHERE a.municipality_code = s.municipality_code
                   AND a.inquiry_id = s.inquiry_id AND a.department_id = s.department_id)) AS answered
        FROM inquiry i JOIN plan p USING (municipality_code, plan_id)
        LEFT JOIN inquiry_sheet s USING (municipality_code, inquiry_id)
        WHERE i.municipality_code = %s
        GROUP BY i.municipality_code, i.inquiry_id, p.name ORDER BY i.fiscal_year DESC, i.started_at DESC
        """,
        (code,),
    ).fetchall()


def one(conn: Connection, code: str, inquiry_id: str) -> Row:
    """A round; raises NotFoundError."""
    row = conn.execute(
        "SELECT i.*, p.name AS plan_name FROM inquiry i JOIN plan p USING (municipality_code, plan_id) "
        "WHERE i.municipality_code = %s AND i.inquiry_id = %s",
        (code, inquiry_id),
    ).fetchone()
    if row is None:
        raise NotFoundError("この照会はありません。")
    return row


def need_open(conn: Connection, code: str, inquiry_id: str) -> Row:
    """The same, held until the transaction ends; raises ConflictError when it is closed."""
    hold(conn, code, f"inquiry {inquiry_id}")
    found = one(conn, code, inquiry_id)
    if found["state"] != "open":
        raise ConflictError(
            "この照会は終わっています。続けるときは、市民協働推進課がもう一度開いてください。"
        )
    return found


def sheets(conn: Connection, code: str, inquiry_id: str) -> list[Row]:
    """The departments of a round by name."""
    return conn.execute(
        """
        SELECT s.department_id, d.name, d.email, d.phone, s.sent_at, s.reminded_at, s.reminders
        FROM inquiry_sheet s JOIN department d USING (municipality_code, department_id)
        WHERE s.municipality_code = %s AND s.inquiry_id = %s ORDER BY d.name COLLATE "ja-x-icu", s.department_id
        """,
        (code, inquiry_id),
    ).fetchall()


def mark(
    conn: Connection, code: str, inquiry_id: str, departments: list[str], deed: str, *, actor: str
) -> int:
    """Note that sheets went out (`sent`) or departments were reminded (`reminded`); returns how many."""
    need_open(conn, code, inquiry_id)
    change = {
        "sent": "sent_at = now()",
        "reminded": "reminded_at = now(), reminders = reminders + 1",
    }[deed]
    done = conn.execute(
        f"UPDATE inquiry_sheet SET {change} "  # noqa: S608 - one of two texts of this file
        "WHERE municipality_code = %s AND inquiry_id = %s AND department_id = ANY(%s)",
        (code, inquiry_id, departments),
    ).rowcount
    if not done:
        raise InputError("課を 1 つ以上選んでください。", field="department")
    audit.record(conn, code, actor, f"inquiry.{deed}", inquiry_id, {"rows": done})
    return done


def set_state(conn: Connection, code: str, inquiry_id: str, state: str, *, actor: str) -> None:
    """Close a round, or open it again."""
    hold(conn, code, "inquiries")
    found = one(conn, code, inquiry_id)
    if found["state"] == state:
        return
    if state == "open":
        other = conn.execute(
            "SELECT FROM inquiry WHERE municipality_code = %s AND plan_id = %s AND fiscal_year = %s AND state = 'open'",
            (code, found["plan_id"], found["fiscal_year"]),
        ).fetchone()
        if other is not None:
            raise InputError("この年度の別の照会が開いています。先にそちらを終えてください。")
    conn.execute(
        "UPDATE inquiry SET state = %s WHERE municipality_code = %s AND inquiry_id = %s",
        (state, code, inquiry_id),
    )
    audit.record(conn, code, actor, f"inquiry.{'close' if state == 'closed' else 'reopen'}", inquiry_id, {})
