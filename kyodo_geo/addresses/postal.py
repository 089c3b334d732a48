"""Postal codes in front of an address (〒020-0122, 0200122, 020 0122), and whether they fit the town."""

from __future__ import annotations

import re

_CODE = re.compile(
    r"[ ,、。・:;/]*(?:郵便番号[ :]*|〒 *)*(?:([0-9]{3})[- ]*([0-9]{4})(?![0-9]))?[ ,、。・:;/]*"
)


def read_postal_code(text: str) -> tuple[str | None, int]:
    """Seven digits at the beginning of folded text, or None; and the place after them."""
    found = _CODE.match(text)
    assert found is not None  # every part of it may be absent
    first, second = found.groups()
    return (first + second if first else None), found.end()
