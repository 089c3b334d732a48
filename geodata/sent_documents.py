"""The register of documents sent to presidents: reading it, the rule that counts, and entries by other parts. `STAFF`."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from geodata.audit import differing, record
from geodata.database import Connection
from geodata.edits.history import hold, tell
from geodata.queries.generation import Ref
from kyodo_geo.documents.counting import CountRule
from kyodo_geo.documents.document import Document
from kyodo_geo.errors import ConflictError, InputError
from kyodo_geo.meetings.people import Town, people

MAX_NOTE = 200


def documents(conn: Connection, ref: Ref, town: Town, first: date, last: date) -> list[Document]:
    """Documents sent from `first` to `last`, both included, by day, with the people they went to."""
    rows = conn.execute(
        """
        SELECT document_id, department, title, sent_on, addressees, way, kind, document_no, copies, answer_by, could_mail,
               quality, district_nos, association_ids
        FROM sent_document WHERE municipality_code = %s AND sent_on BETWEEN %s AND %s ORDER BY sent_on, document_id
        """,
        (ref.municipality_code, first, last),
    )
    return [
        Document(
            row["document_id"], row["department"], row["title"], row["sent_on"], row["addressees"], row["way"], row["kind"],
            row["document_no"], row["copies"], row["answer_by"], row["could_mail"], row["quality"],
            people(row["addressees"], row["district_nos"], row["association_ids"], town),
        )
        for row in rows
    ]  # fmt: skip


def record_sent(
    conn: Connection, code: str, *, made_by: str, actor: str, department: str, title: str, sent_on: date,
    addressees: str = "presidents", districts: list[int] | None = None, associations: list[str] | None = None,
    copies: int | None = None, way: str = "post", kind: str = "request", document_no: str | None = None,
    answer_by: date | None = None, quality: str = "real", source: str | None = None,
) -> str | None:  # fmt: skip
    """Enter what another part of the program sent, e.g. the letters of the yearly return; returns the entry's id.

    `made_by` names the sending ("return/2026/letter"): the same one again enters nothing and gives None, whatever else it
    says, so that a job may run twice. Values as in `sent_document`; those that cannot be are refused by the database.
    """
    hold(conn, code, "documents")
    known = conn.execute(
        "SELECT FROM sent_document WHERE municipality_code = %s AND made_by = %s", (code, made_by)
    ).fetchone()
    if known is not None:
        return None
    made = f"d{uuid.uuid4().hex}"
    facts: dict[str, Any] = {
        "title": title, "department": department, "sent_on": sent_on, "document_no": document_no, "addressees": addressees,
        "district_nos": districts or None, "association_ids": associations or None, "copies": copies, "way": way,
        "kind": kind, "answer_by": answer_by, "quality": quality, "source": source,
    }  # fmt: skip
    conn.execute(
        """
        INSERT INTO sent_document (municipality_code, document_id, title, department, sent_on, document_no, addressees,
            district_nos, association_ids, copies, way, kind, answer_by, quality, source, made_by, entered_by)
        VALUES (%(m)s, %(id)s, %(title)s, %(department)s, %(sent_on)s, %(document_no)s, %(addressees)s,
            %(district_nos)s::int[], %(association_ids)s, %(copies)s, %(way)s, %(kind)s, %(answer_by)s, %(quality)s,
            %(source)s, %(made_by)s, %(actor)s)
        """,
        {"m": code, "id": made, "made_by": made_by, "actor": actor, **facts},
    )
    tell(conn, code, actor, "edit.document.add", f"document/{made}", None, facts, made_by=made_by)
    return made


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One version. Number 0 is the rule the program brings along, which nobody has entered."""

    version: int
    rule: CountRule
    note: str | None = None
    created_at: datetime | None = None
    created_by: str | None = None


def rules(conn: Connection, code: str) -> list[RuleVersion]:
    """Every version, newest first; the program's own last."""
    rows = conn.execute(
        "SELECT version, addressees, ways, kinds, same_within, note, created_at, created_by FROM sent_document_rule "
        "WHERE municipality_code = %s ORDER BY version DESC",
        (code,),
    )
    found = [
        RuleVersion(
            row["version"],
            CountRule(tuple(row["addressees"]), tuple(row["ways"]), tuple(row["kinds"]), row["same_within"]),
            row["note"],
            row["created_at"],
            row["created_by"],
        )
        for row in rows
    ]
    return [*found, RuleVersion(0, CountRule())]


def enter_rule(
    conn: Connection, code: str, rule: CountRule, *, made_from: int, note: str | None, by: str
) -> None:
    """Make `rule` the next version.

    Raises `ConflictError` when another version than `made_from` holds by now, `InputError` when nothing differs.
    """
    hold(conn, code, "sent-document-rule")
    held = rules(conn, code)[0]
    if held.version != made_from:
        raise ConflictError(
            f"ほかの職員が先に数え方を変えました（第{held.version}版）。内容を比べてから、もう一度保存してください。"
        )
    if held.rule == rule:
        raise InputError("数え方に変わったところがありません。", field="note")
    values = {name: list(one) if isinstance(one, tuple) else one for name, one in asdict(rule).items()}
    before = {name: list(one) if isinstance(one, tuple) else one for name, one in asdict(held.rule).items()}
    conn.execute(
        "INSERT INTO sent_document_rule (municipality_code, version, addressees, ways, kinds, same_within, note, created_by) "
        "VALUES (%(m)s, %(version)s, %(addressees)s, %(ways)s, %(kinds)s, %(same_within)s, %(note)s, %(by)s)",
        {"m": code, "version": held.version + 1, "note": note, "by": by, **values},
    )
    record(
        conn, code, by, "document-rule.change", None,
        {"version": held.version + 1, "note": note, "changed": differing(before, values)},
    )  # fmt: skip
