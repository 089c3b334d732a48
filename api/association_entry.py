"""What an editor says of an association's names → facts that may be kept: from the staff's form and from /ogc alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kyodo_geo import edit_entries as entries


def name_entry(typed: Callable[[str], str]) -> dict[str, Any]:
    """Name, reading and area in words; raises InputError with `field`."""
    return {
        "name": entries.line(typed("name"), "name", "名前", required=True),
        "kana": entries.line(typed("kana"), "kana", "よみ"),
        "area_text": entries.words(typed("area_text"), "area_text", "区域の説明", most=2000),
    }
