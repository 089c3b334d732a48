"""The part of a feed that is dated records: presidents' contacts, copies of circulars, notes. Audience `LOADER`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from geodata.database import Connection
from geodata.edits import contacts
from geodata.edits.contacts import Contact
from geodata.edits.history import tell
from geodata.returns.rounds import Round
from geodata.returns.rows import Return
from kyodo_geo.edits import stamp
from kyodo_geo.returns import Answers
from kyodo_geo.returns.feeding import notes_of

_LABELS = {
    "name": "会長の名前", "phone": "会長の電話", "email": "会長のメール", "address": "会長の住所",
    "published": "公開の同意",
}  # fmt: skip


def feed_contacts(
    conn: Connection, code: str, items: Iterable[Return], actor: str
) -> dict[str, tuple[str, ...]]:
    """Association → what changes of its president's contact (labels, never the words themselves); none is left out.

    Other contacts stay as they are. A return that says nothing of the president changes nothing, but a "no" to being
    published is heeded with nothing beside it.
    """
    found = {}
    for item in items:
        held = contacts.contacts(conn, code, item.association_id)
        touched: set[str] = set()
        for number, wanted in wanted_presidents(item.answers or Answers(), held).items():
            before = held[number] if number is not None else None
            if before is None or number is None:
                contacts.add(conn, code, item.association_id, wanted, actor=actor)
            else:
                mark = stamp(contacts.seen(before))
                contacts.correct(conn, code, item.association_id, number, wanted, version=mark, actor=actor)
            old, new = asdict(before or Contact("president")), asdict(wanted)
            touched.update(name for name in _LABELS if old[name] != new[name])
        if touched:
            found[item.association_id] = tuple(label for name, label in _LABELS.items() if name in touched)
    return found


def wanted_presidents(said: Answers, held: Mapping[int, Contact]) -> dict[int | None, Contact]:
    """Number (None: a new one) → president's contact as it is to be, of those that change."""
    presidents = {number: contact for number, contact in held.items() if contact.role == "president"}
    found: dict[int | None, Contact] = {}
    if said.president_published == "no":
        found.update({number: replace(contact, published=False) for number, contact in presidents.items()})
    wanted = president_of(said)
    if wanted is not None:
        found[next(iter(presidents), None)] = wanted
    return {number: contact for number, contact in found.items() if number is None or contact != held[number]}


def president_of(said: Answers) -> Contact | None:
    """The contact that the answers describe; published only where they say so."""
    found = Contact(
        "president", said.president_name, said.president_phone, said.president_email, said.president_address
    )
    if found == Contact("president"):
        return None
    return replace(found, published=said.president_published == "yes")


def feed_circulation(conn: Connection, code: str, items: Iterable[Return], found: Round, actor: str) -> int:
    """Copies of circulars and to whom they go; returns how many associations' changed."""
    changed = 0
    for item in items:
        said = item.answers
        if said is None or said.circulation_copies is None:
            continue
        other = said.circulation_to == "other"
        new: dict[str, Any] = {
            "copies": said.circulation_copies,
            "to_name": said.circulation_name if other else None,
            "to_phone": said.circulation_phone if other else None,
            "to_address": said.circulation_address if other else None,
            "quality": found.quality,
        }
        key = (code, item.association_id, found.fiscal_year)
        before = conn.execute(
            "SELECT copies, to_name, to_phone, to_address, quality FROM circulation "
            "WHERE municipality_code = %s AND association_id = %s AND fiscal_year = %s",
            key,
        ).fetchone()
        if before == new:
            continue
        conn.execute(
            """
            INSERT INTO circulation (municipality_code, association_id, fiscal_year, copies, to_name, to_phone, to_address,
                                     quality, source)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, '年度更新')
            ON CONFLICT (municipality_code, association_id, fiscal_year) DO UPDATE
            SET copies = excluded.copies, to_name = excluded.to_name, to_phone = excluded.to_phone,
                to_address = excluded.to_address, quality = excluded.quality, source = excluded.source
            """,
            (*key, *new.values()),
        )
        touched = [
            name for name in ("to_name", "to_phone", "to_address") if (before or {}).get(name) != new[name]
        ]
        tell(
            conn, code, actor, "edit.circulation.set", f"circulation/{item.association_id}",
            {"copies": before["copies"]} if before else None, {"copies": new["copies"]},
            fiscal_year=found.fiscal_year, touched=touched,
        )  # fmt: skip
        changed += 1
    return changed


def feed_notes(conn: Connection, code: str, items: Iterable[Return]) -> dict[str, dict[str, str]]:
    """Association → about → words, of those that a planner has to see to; the same words are not noted anew."""
    found = {}
    for item in items:
        notes = notes_of(item.held, item.answers or Answers())
        if notes:
            found[item.association_id] = notes
        for about, words in notes.items():
            conn.execute(
                """
                INSERT INTO return_note AS n (municipality_code, fiscal_year, association_id, about, words)
                VALUES (%s, %s, %s, %s, %s)
                ON CONFLICT (municipality_code, fiscal_year, association_id, about) DO UPDATE
                SET words = excluded.words, created_at = now(), done_at = NULL, done_by = NULL
                WHERE n.words <> excluded.words
                """,
                (code, item.fiscal_year, item.association_id, about, words),
            )
    return found
