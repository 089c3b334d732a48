"""Contacts of associations, as the audience `STAFF`. Who agreed to be published is told per contact.

The audit log says that a name, telephone, mail or postal address changed, never what it was or is: the log is kept longer
than a contact, and private contacts stay on the page where they are edited.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from geodata.database import Connection
from geodata.edits.history import hold, tell
from kyodo_geo.edits import EditConflictError, check_stamp
from kyodo_geo.errors import ConflictError, NotFoundError

PERSONAL = ("name", "phone", "email", "address")
ROLES = {"president": "会長", "office": "事務局", "member-desk": "加入の窓口"}
MAX_CONTACTS = 20


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact as it is kept."""

    role: str
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None
    published: bool = False


def target(association_id: str) -> str:
    """Name of an association's contacts in the audit log."""
    return f"contacts/{association_id}"


def contacts(conn: Connection, code: str, association_id: str) -> dict[int, Contact]:
    """Number → contact that holds today."""
    rows = conn.execute(
        """
        SELECT contact_no, role, name, phone, email, address, published FROM association_contact
        WHERE municipality_code = %s AND association_id = %s
          AND daterange(valid_from, valid_to, '[)') @> current_date
        ORDER BY contact_no
        """,
        (code, association_id),
    )
    return {row.pop("contact_no"): Contact(**row) for row in rows}


def seen(contact: Contact | None) -> dict[str, Any] | None:
    """What a mark is made of."""
    return None if contact is None else asdict(contact)


def add(conn: Connection, code: str, association_id: str, new: Contact, *, actor: str) -> int:
    """Enter a contact; returns its number. Raises NotFoundError, ConflictError (there are too many, or the same one)."""
    hold(conn, code, target(association_id))
    known = conn.execute(
        "SELECT FROM association WHERE municipality_code = %s AND association_id = %s", (code, association_id)
    ).fetchone()
    if known is None:
        raise NotFoundError("この番号の町内会・自治会はありません。")
    held = contacts(conn, code, association_id)
    if len(held) >= MAX_CONTACTS or new in held.values():
        raise ConflictError(f"同じ連絡先がもうあるか、{MAX_CONTACTS} 件を超えます。")
    row = conn.execute(
        """
        INSERT INTO association_contact (municipality_code, association_id, contact_no, role, name, phone, email, address,
                                         published)
        SELECT %(m)s, %(id)s, coalesce(max(contact_no), 0) + 1, %(role)s, %(name)s, %(phone)s, %(email)s, %(address)s,
               %(published)s
        FROM association_contact WHERE municipality_code = %(m)s AND association_id = %(id)s
        RETURNING contact_no
        """,
        {"m": code, "id": association_id, **asdict(new)},
    ).fetchone()
    assert row is not None
    number = int(row["contact_no"])
    _tell(conn, code, actor, "add", association_id, number, None, new)
    return number


def correct(
    conn: Connection, code: str, association_id: str, number: int, new: Contact, *, version: str, actor: str
) -> None:
    """Change a contact or whether it is published. Raises EditConflictError (changed, or gone)."""
    before = _held(conn, code, association_id, number, version)
    if before == new:
        return
    conn.execute(
        """
        UPDATE association_contact SET role = %(role)s, name = %(name)s, phone = %(phone)s, email = %(email)s,
               address = %(address)s, published = %(published)s
        WHERE municipality_code = %(m)s AND association_id = %(id)s AND contact_no = %(no)s
        """,
        {"m": code, "id": association_id, "no": number, **asdict(new)},
    )
    _tell(conn, code, actor, "correct", association_id, number, before, new)


def withdraw(
    conn: Connection, code: str, association_id: str, number: int, *, version: str, actor: str
) -> None:
    """Delete a contact: nothing personal is kept of it."""
    before = _held(conn, code, association_id, number, version)
    conn.execute(
        "DELETE FROM association_contact WHERE municipality_code = %s AND association_id = %s AND contact_no = %s",
        (code, association_id, number),
    )
    _tell(conn, code, actor, "withdraw", association_id, number, before, None)


def _held(conn: Connection, code: str, association_id: str, number: int, version: str) -> Contact:
    hold(conn, code, target(association_id))
    found = contacts(conn, code, association_id).get(number)
    if found is None:
        raise EditConflictError(
            None, "画面を開いている間に、ほかの人がこの連絡先を消しました。何も保存していません。"
        )
    check_stamp(version, seen(found))
    return found


def _tell(
    conn: Connection, code: str, actor: str, action: str, association_id: str, number: int,
    before: Contact | None, after: Contact | None,
) -> None:  # fmt: skip
    sides = [
        None if side is None else {"role": side.role, "published": side.published} for side in (before, after)
    ]
    touched = [
        field for field in PERSONAL
        if (getattr(before, field) if before else None) != (getattr(after, field) if after else None)
    ]  # fmt: skip
    tell(
        conn, code, actor, f"edit.contact.{action}", target(association_id), sides[0], sides[1],
        contact_no=number, touched=touched,
    )  # fmt: skip
