"""What becomes of answers: accepted field by field into the plan's records, or set aside. Audience `STAFF`."""

from __future__ import annotations

from dataclasses import dataclass

from geodata import audit, progress
from geodata.database import Connection
from geodata.inquiries.answers import Item, Row, find
from geodata.inquiries.kept import key_of, review, save_review
from geodata.inquiries.rounds import need_open
from kyodo_geo.edits import check_stamp
from kyodo_geo.errors import InputError
from kyodo_geo.inquiry import Content
from kyodo_geo.plan_items import PlanItem
from kyodo_geo.progress_entries import Document, RecordEntry, ValueEntry, check_record, check_value, jump


@dataclass(frozen=True, slots=True)
class Deciding:
    """Who accepts how: `quality` of the row, `sure` that an unlikely value is right, `on`: the year it is today."""

    actor: str
    this_year: int
    quality: str = "real"
    sure: bool = False


def accept(
    conn: Connection,
    code: str,
    inquiry_id: str,
    department_id: str,
    number: int,
    content: Content,
    *,
    seen: str,
    deciding: Deciding,
) -> str | None:
    """Keep `content` as the item's record or value, and settle its open answers; a question instead of a doubtful value.

    `seen` is `Item.seen` of what the decider saw. Raises EditConflictError when anything of it has changed since,
    InputError for what cannot be.
    """
    round_ = need_open(conn, code, inquiry_id)
    item = find(conn, code, inquiry_id, department_id, number)
    check_stamp(seen, [item.now, item.now_version, item.open])
    if not item.open:
        raise InputError("決めるべき回答がありません。")
    if item.kind != "question":
        doubt = _keep(conn, code, round_, department_id, item, content, deciding)
        if doubt is not None:
            return doubt
    chosen = max((no for no, answered in item.open.items() if _says(item, answered, content)), default=0)
    _settle(conn, code, inquiry_id, department_id, number, chosen or max(item.open), deciding.actor)
    audit.record(
        conn, code, deciding.actor, "inquiry.accept", f"{inquiry_id}/{department_id}",
        {"title": item.title, "fiscal_year": round_["fiscal_year"]},
    )  # fmt: skip
    return None


def _says(item: Item, answered: Content, content: Content) -> bool:
    return all((answered.get(name) or None) == (held or None) for name, held in content.items())


def _keep(
    conn: Connection,
    code: str,
    round_: Row,
    department_id: str,
    item: Item,
    content: Content,
    deciding: Deciding,
) -> str | None:
    plan_item, year = PlanItem.of(item.name), round_["fiscal_year"]
    row = progress.one(conn, code, key_of(plan_item), year)
    held = None if row is None or row.withdrawn else row.content
    name = conn.execute(
        "SELECT name FROM department WHERE municipality_code = %s AND department_id = %s",
        (code, department_id),
    ).fetchone()
    assert name is not None
    said_by = f"{name['name']}への照会「{round_['title']}」"
    entry: RecordEntry | ValueEntry
    if plan_item.kind == "initiative":
        documents = tuple(Document(**one_) for one_ in content["evidence"] or [])
        entry = RecordEntry(year, content["record"] or "", documents, said_by, deciding.quality)
        check_record(entry, first=_plan_years(conn, code, plan_item.plan_id)[0], this_year=deciding.this_year)
    else:
        found = _value(conn, code, plan_item, content, year, deciding)
        if isinstance(found, str):
            return found
        entry = found
    # Words that are already kept keep their source: nobody claims to have been told what stood there before.
    said = progress.content_of(entry)
    if held is not None and all(
        said[name] == held[name] for name in said if name not in ("source", "quality")
    ):
        said = held
    if held is None or said != held:
        progress.save(
            conn,
            code,
            key_of(plan_item),
            entry,
            version=item.now_version,
            actor=deciding.actor,
            reason=said_by,
        )
    if plan_item.kind == "initiative":
        before = review(conn, code, plan_item, year) or {}
        if any(
            before.get(name) != content.get(name) for name in ("self_evaluation", "difficulties", "next_year")
        ):
            save_review(conn, code, plan_item, year, content, actor=deciding.actor)
    return None


def _value(
    conn: Connection, code: str, item: PlanItem, content: Content, year: int, deciding: Deciding
) -> ValueEntry | str:
    goal = conn.execute(
        "SELECT unit, baseline_fiscal_year, baseline::float8 AS baseline FROM indicator "
        "WHERE municipality_code = %s AND plan_id = %s AND indicator_id = %s",
        (code, item.plan_id, item.key),
    ).fetchone()
    assert goal is not None
    if content["value"] is None:
        raise InputError("値がありません。", field="value")
    entry = ValueEntry(
        year, content["value"], content["sample_size"], content["low"], content["high"], content["source"] or "",
        deciding.quality,
    )  # fmt: skip
    check_value(
        entry, unit=goal["unit"], baseline_year=goal["baseline_fiscal_year"], baseline=goal["baseline"],
        this_year=deciding.this_year,
    )  # fmt: skip
    known = [
        (row.fiscal_year, float(row.content["value"]))
        for row in progress.years(conn, code, key_of(item))
        if not row.withdrawn
    ]
    slip = jump(entry, goal["unit"], known)
    if slip is not None and not deciding.sure:
        return (
            f"{slip[0]} 年度の {slip[1]:g} {goal['unit']} から大きく変わっています（回答は {entry.value:g} {goal['unit']}）。"
            "桁や単位を確かめてください。"
        )
    return entry


def _plan_years(conn: Connection, code: str, plan_id: str) -> tuple[int, int]:
    row = conn.execute(
        "SELECT first_fiscal_year, last_fiscal_year FROM plan WHERE municipality_code = %s AND plan_id = %s",
        (code, plan_id),
    ).fetchone()
    assert row is not None
    return row["first_fiscal_year"], row["last_fiscal_year"]


def _settle(
    conn: Connection, code: str, inquiry_id: str, department_id: str, number: int, chosen: int, actor: str
) -> None:
    conn.execute(
        "UPDATE inquiry_answer SET state = CASE WHEN answer_no = %s THEN 'accepted' ELSE 'set_aside' END, decided_by = %s, "
        "decided_at = now() WHERE municipality_code = %s AND inquiry_id = %s AND department_id = %s AND item_no = %s "
        "AND state = 'open'",
        (chosen, actor, code, inquiry_id, department_id, number),
    )


def set_aside(
    conn: Connection, code: str, inquiry_id: str, department_id: str, number: int, *, seen: str, actor: str
) -> None:
    """Use none of the open answers; what is kept stays as it is."""
    need_open(conn, code, inquiry_id)
    item = find(conn, code, inquiry_id, department_id, number)
    check_stamp(seen, [item.now, item.now_version, item.open])
    _settle(conn, code, inquiry_id, department_id, number, 0, actor)
    audit.record(
        conn, code, actor, "inquiry.set-aside", f"{inquiry_id}/{department_id}", {"title": item.title}
    )
