"""Cursors in addresses: opaque, of one order of one collection, and worthless when altered."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import date, datetime
from typing import Any

import orjson

from api.cache import build_id
from geodata.features.query import Cursor
from kyodo_geo.errors import InputError

_SIGN = 10
WRONG = "続きの位置（cursor）を読み取れません。はじめのページから、もう一度たどってください。"


def encode(cursor: Cursor, order: tuple[object, ...]) -> str:
    """Text of a cursor; `order` is what it belongs to: municipality, collection and sort keys."""
    body = orjson.dumps([list(cursor.values), cursor.before])
    return _spelled(_seal(body, order) + body)


def decode(text: str, order: tuple[object, ...]) -> Cursor:
    """The cursor; raises `InputError` where it was altered, or made for another order or version of the program."""
    try:
        whole = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        sealed, body = whole[:_SIGN], whole[_SIGN:]
        # Another spelling of the same bytes would be a second address of one page.
        if _spelled(whole) != text or not hmac.compare_digest(sealed, _seal(body, order)):
            raise ValueError
        values, before = orjson.loads(body)
        return Cursor(tuple(values), bool(before))
    except (ValueError, TypeError):
        raise InputError(WRONG, field="cursor") from None


def _spelled(whole: bytes) -> str:
    """The one spelling of these bytes."""
    return base64.urlsafe_b64encode(whole).decode().rstrip("=")


def plain(value: Any) -> Any:
    """A value of a sort key as it travels."""
    return value.isoformat() if isinstance(value, date | datetime) else value


def _seal(body: bytes, order: tuple[object, ...]) -> bytes:
    key = hashlib.sha256(b"cursor\0" + build_id().encode()).digest()
    text = "\0".join(map(repr, order)).encode()
    return hmac.new(key, text + b"\0" + body, hashlib.sha256).digest()[:_SIGN]
