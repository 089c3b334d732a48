"""Answers: taken in as they come and compared with what is kept; what becomes of them: `deciding`. Audience `STAFF`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from geodata import audit
from geodata.database import Connection
from geodata.inquiries.kept import kept_content
from geodata.inquiries.rounds import need_open, one, without_department
from kyodo_geo import inquiry as rules
from kyodo_geo.edits import stamp
from kyodo_geo.errors import NotFoundError
from kyodo_geo.inquiry import Content, ItemState, Sides
from kyodo_geo.plan_items import PlanItem

__all__ = ["Answer", "Item", "items", "receive", "without_department"]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came."""

    number: int
    content: Content
    came_as: str
    file_name: str | None
    received_at: Any
    received_by: str
    state: str


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a sheet with everything that is known of it."""

    number: int
    name: str
    title: str
    prefilled: Content
    last: Content
    version: int
    now: Content
    now_version: int
    answers: tuple[Answer, ...]

    @property
    def kind(self) -> str:
        return rules.kind_of(self.name)

    @property
    def open(self) -> dict[int, Content]:
        return {answer.number: answer.content for answer in self.answers if answer.state == "open"}

    @property
    def state(self) -> ItemState:
        accepted = any(answer.state == "accepted" for answer in self.answers)
        return rules.state_of(self.prefilled, self.now, self.kind, self.open, accepted=accepted)

    @property
    def sides(self) -> list[Sides]:
        return rules.sides(self.kind, self.prefilled, self.now, self.open)

    @property
    def seen(self) -> str:
        """Mark of what somebody who decides has before them."""
        return stamp([self.now, self.now_version, self.open])


def items(
    conn: Connection, code: str, inquiry_id: str, department_id: str | None = None
) -> dict[str, list[Item]]:
    """Department → its items in the order of the sheet; raises NotFoundError for a department that was not asked."""
    round_ = one(conn, code, inquiry_id)
    args = {"m": code, "q": inquiry_id, "d": department_id, "plan": round_["plan_id"]}
    came: dict[tuple[str, int], list[Answer]] = {}
    for row in conn.execute(
        "SELECT * FROM inquiry_answer WHERE municipality_code = %(m)s AND inquiry_id = %(q)s "
        "AND (%(d)s::text IS NULL OR department_id = %(d)s) ORDER BY answer_no",
        args,
    ):
        came.setdefault((row["department_id"], row["item_no"]), []).append(
            Answer(
                row["answer_no"], row["content"], row["came_as"], row["file_name"], row["received_at"],
                row["received_by"], row["state"],
            )
        )  # fmt: skip
    rows = conn.execute(
        """
        SELECT i.*, coalesce('取組 ' || n.initiative_no || ' ' || n.title, '指標 ' || v.title) AS title
        FROM inquiry_item i
        LEFT JOIN initiative n ON n.municipality_code = i.municipality_code AND n.plan_id = %(plan)s
            AND i.item = n.plan_id || '/initiative/' || n.initiative_no
        LEFT JOIN indicator v ON v.municipality_code = i.municipality_code AND v.plan_id = %(plan)s
            AND i.item = v.plan_id || '/indicator/' || v.indicator_id
        WHERE i.municipality_code = %(m)s AND i.inquiry_id = %(q)s AND (%(d)s::text IS NULL OR i.department_id = %(d)s)
        ORDER BY i.department_id, i.item_no
        """,
        args,
    ).fetchall()
    if department_id is not None and not rows:
        raise NotFoundError("この照会に、その課はありません。")
    found: dict[str, list[Item]] = {}
    for row in rows:
        answers = tuple(came.get((row["department_id"], row["item_no"]), ()))
        found.setdefault(row["department_id"], []).append(_item(conn, code, round_, row, answers))
    return found


def _item(conn: Connection, code: str, round_: Row, row: Row, answers: tuple[Answer, ...]) -> Item:
    if rules.kind_of(row["item"]) == "question":
        title = round_["questions"][int(row["item"].split("/")[1]) - 1]
        accepted = [answer.content for answer in answers if answer.state == "accepted"]
        version, now = len(accepted), accepted[-1] if accepted else {}
    else:
        title = row["title"] or row["item"]
        version, now = kept_content(conn, code, PlanItem.of(row["item"]), round_["fiscal_year"])
    return Item(
        row["item_no"], row["item"], title, row["prefilled"]["now"], row["prefilled"]["last"], row["version"], now,
        version, answers,
    )  # fmt: skip


def find(conn: Connection, code: str, inquiry_id: str, department_id: str, number: int) -> Item:
    """One item; raises NotFoundError."""
    for item in items(conn, code, inquiry_id, department_id)[department_id]:
        if item.number == number:
            return item
    raise NotFoundError("この照会に、その項目はありません。")


def receive(
    conn: Connection,
    code: str,
    inquiry_id: str,
    department_id: str,
    contents: Mapping[int, Content],
    *,
    came_as: str,
    file_name: str | None = None,
    actor: str,
) -> dict[int, str]:
    """Take answers in, beside those that came before; item → new, same (as the last one) or empty.

    Nothing that is kept changes by it. Raises ConflictError when the round is closed.
    """
    need_open(conn, code, inquiry_id)
    told: dict[int, str] = {}
    for item in items(conn, code, inquiry_id, department_id)[department_id]:
        if item.number not in contents:
            continue
        content = contents[item.number]
        last = item.answers[-1].content if item.answers else None
        if not content:
            told[item.number] = "empty"
        elif content == last:
            told[item.number] = "same"
        else:
            conn.execute(
                "INSERT INTO inquiry_answer (municipality_code, inquiry_id, department_id, item_no, answer_no, content, "
                "came_as, file_name, received_by) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    code,
                    inquiry_id,
                    department_id,
                    item.number,
                    len(item.answers) + 1,
                    Jsonb(content),
                    came_as,
                    file_name,
                    actor,
                ),
            )
            told[item.number] = "new"
    new = [number for number, word in told.items() if word == "new"]
    if new:
        audit.record(
            conn,
            code,
            actor,
            "inquiry.answer",
            f"{inquiry_id}/{department_id}",
            {"rows": len(new), "kind": came_as},
        )
    return told
