"""What an editor says of an association's contact → one that may be kept: from the staff's form and from /ogc alike."""

from __future__ import annotations

from collections.abc import Callable

from geodata.edits.contacts import ROLES, Contact
from kyodo_geo import edit_entries as entries
from kyodo_geo.errors import InputError
from kyodo_geo.ticket_entries import EMAIL, PHONE


def contact_entry(typed: Callable[[str], str], *, published: bool) -> Contact:
    """The contact; raises InputError with `field`."""
    phone = entries.line(typed("phone"), "phone", "電話", most=30)
    if phone is not None and not PHONE.fullmatch(phone):
        raise InputError("電話は、019-000-0000 のように入力してください。", field="phone")
    email = entries.line(typed("email"), "email", "メール", most=120)
    if email is not None and not EMAIL.fullmatch(email):
        raise InputError("メールは、name@example.jp のように入力してください。", field="email")
    found = Contact(
        role=entries.choice(typed("role"), "role", "役割", ROLES),
        name=entries.line(typed("name"), "name", "名前", most=80),
        phone=phone,
        email=email,
        address=entries.line(typed("address"), "address", "住所"),
        published=published,
    )
    if not any((found.name, found.phone, found.email, found.address)):
        raise InputError("名前・電話・メール・住所のどれかを入力してください。", field="name")
    return found
