"""The plain file in which tickets go from the public zone to the internal one: written here, read as hostile input.

JSON text in UTF-8: nothing in it is run, formatted or looked up. What is written is what the forms took, and it is checked
by the rules of the forms once more.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from kyodo_geo.errors import InputError
from kyodo_geo.ticket_entries import Referral, Wish, referral_errors, wish_errors
from kyodo_geo.tickets import Kind

FORMAT = "kyodo-geo tickets"
VERSION = 1
MAX_BYTES = 20_000_000
MAX_TICKETS = 5_000
CHANNELS = ("page", "partner")
_FIELDS = {
    Kind.REFERRAL: frozenset({"question", "name", "phone", "email"}),
    Kind.WISH: frozenset({"name", "phone", "email", "address"}),
}
_COMMON = frozenset(
    {"id", "kind", "number", "channel", "office", "association", "received_at", "consent_at", "asked_by"}
)


@dataclass(frozen=True, slots=True)
class Item:
    """One ticket in the file. `number`: on the public side, as its page told the person."""

    transfer_id: uuid.UUID
    number: int
    channel: str
    office_id: str | None
    asked_by: str | None
    received_at: datetime
    consent_at: datetime | None
    entry: Referral | Wish

    @property
    def kind(self) -> Kind:
        return Kind.REFERRAL if isinstance(self.entry, Referral) else Kind.WISH


@dataclass(frozen=True, slots=True)
class TicketFile:
    """A file of tickets. `receipt`: what the internal side tells the public side when it has taken it in."""

    municipality: str
    batch: uuid.UUID
    items: tuple[Item, ...]

    @property
    def receipt(self) -> str:
        return receipt(self.batch, (item.transfer_id for item in self.items))


def receipt(batch: uuid.UUID, ids: Iterable[uuid.UUID]) -> str:
    """Number by which a file is acknowledged: eight digits of the file, eight over all that was in it."""
    listed = "\n".join([str(batch), *sorted(map(str, ids))])
    return f"{batch.hex[:8]}-{sha256(listed.encode()).hexdigest()[:8]}"


def to_text(file: TicketFile, created: datetime) -> str:
    """The file's text."""
    told = {
        "format": FORMAT,
        "version": VERSION,
        "municipality": file.municipality,
        "batch": str(file.batch),
        "created": created.isoformat(timespec="seconds"),
        "tickets": [_told(item) for item in file.items],
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _told(item: Item) -> dict[str, Any]:
    entry = item.entry
    told: dict[str, Any] = {
        "id": str(item.transfer_id),
        "kind": item.kind.value,
        "number": item.number,
        "channel": item.channel,
        "office": item.office_id,
        "asked_by": item.asked_by,
        "association": entry.association_id,
        "received_at": item.received_at.isoformat(timespec="seconds"),
        "consent_at": item.consent_at.isoformat(timespec="seconds") if item.consent_at else None,
        "name": entry.name,
        "phone": entry.phone,
        "email": entry.email,
    }
    return told | (
        {"question": entry.question} if isinstance(entry, Referral) else {"address": entry.address}
    )


def read(content: bytes, *, now: datetime) -> TicketFile:
    """The file's tickets; raises `InputError` naming the first place where it is not exactly as we write it.

    All or nothing: a file of which one ticket is unsound was not written by the program of the public side.
    """
    if len(content) > MAX_BYTES:
        raise InputError(f"取次のファイルが大きすぎます（上限 {MAX_BYTES // 1_000_000} MB）。")
    try:
        told = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once)
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise InputError("取次のファイル（UTF-8 の JSON）として読めません。") from None
    if not isinstance(told, dict) or told.get("format") != FORMAT or told.get("version") != VERSION:
        raise InputError("取次のファイルではないか、このプログラムの知らない形式です。")
    if set(told) != {"format", "version", "municipality", "batch", "created", "tickets"}:
        raise InputError("取次のファイルに、あるはずのない項目があるか、項目が足りません。")
    listed = told["tickets"]
    if not isinstance(listed, list) or len(listed) > MAX_TICKETS:
        raise InputError(f"取次は 1 つのファイルに {MAX_TICKETS:,} 件までです。")
    items = tuple(_item(row, place, now) for place, row in enumerate(listed, start=1))
    if len({item.transfer_id for item in items}) != len(items):
        raise InputError("同じ取次が 2 回入っています。")
    return TicketFile(_text(told["municipality"], 5, 0), _uuid(told["batch"], 0), items)


def _item(row: Any, place: int, now: datetime) -> Item:
    if not isinstance(row, Mapping) or row.get("kind") not in tuple(Kind):
        raise _wrong(place, "kind")
    kind = Kind(row["kind"])
    if set(row) != _COMMON | _FIELDS[kind]:
        raise _wrong(place, "項目の並び")
    number, channel = row["number"], row["channel"]
    if isinstance(number, bool) or not isinstance(number, int) or not 0 < number < 1 << 31:
        raise _wrong(place, "number")
    if channel not in CHANNELS or (channel == "partner") != (row["office"] is not None):
        raise _wrong(place, "channel")
    received = _moment(row["received_at"], place, "received_at", now)
    consent = None if row["consent_at"] is None else _moment(row["consent_at"], place, "consent_at", now)
    held = {name: _maybe(row[name], 20_000, place) for name in _FIELDS[kind]}
    association = _maybe(row["association"], 40, place)
    entry: Referral | Wish
    if kind is Kind.REFERRAL:
        entry = Referral(
            held["question"] or "",
            association,
            held["name"],
            held["phone"],
            held["email"],
            consent is not None,
        )
        errors = referral_errors(entry)
    else:
        entry = Wish(
            association or "",
            held["name"],
            held["phone"],
            held["email"],
            held["address"],
            consent is not None,
        )
        errors = wish_errors(entry)
    if errors:
        raise _wrong(place, next(iter(errors)))
    return Item(
        _uuid(row["id"], place), number, channel, _maybe(row["office"], 40, place),
        _maybe(row["asked_by"], 100, place), received, consent, entry,
    )  # fmt: skip


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice")
    return found


def _maybe(value: Any, most: int, place: int) -> str | None:
    return None if value is None else _text(value, most, place)


def _text(value: Any, most: int, place: int) -> str:
    if not isinstance(value, str) or not value or len(value) > most or "\0" in value:
        raise _wrong(place, "文字")
    return value


def _uuid(value: Any, place: int) -> uuid.UUID:
    try:
        found = uuid.UUID(value if isinstance(value, str) else "")
    except ValueError:
        raise _wrong(place, "id") from None
    if str(found) != value:
        raise _wrong(place, "id")
    return found


def _moment(value: Any, place: int, field: str, now: datetime) -> datetime:
    try:
        found = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise _wrong(place, field) from None
    if found.tzinfo is None or not now - timedelta(days=3660) < found < now + timedelta(days=1):
        raise _wrong(place, field)
    return found


def _wrong(place: int, field: str) -> InputError:
    where = f"{place} 件目" if place else "先頭"
    return InputError(
        f"取次のファイルの{where}に、正しくない値（{field}）があります。1 件も取り込んでいません。",
        field=field,
        row=place,
    )
