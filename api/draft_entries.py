"""What an editor wants of an association or a small area → facts for the draft: from the staff's form and from /ogc alike."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

from api.draft_words import CONFIDENCE
from kyodo_geo import edit_entries as entries
from kyodo_geo.errors import InputError


def name_entry(typed: Callable[[str], str]) -> dict[str, Any]:
    """Name, reading and area in words; raises InputError with `field`."""
    return {
        "name": entries.line(typed("name"), "name", "名前", required=True),
        "kana": entries.line(typed("kana"), "kana", "よみ"),
        "area_text": entries.words(typed("area_text"), "area_text", "区域の説明", most=2000),
    }


def assignment_entry(typed: Callable[[str], str], districts: Container[int]) -> dict[str, Any]:
    """District of a small area, and how sure that is; raises InputError with `field`."""
    no = entries.whole(typed("district_no"), "district_no", "新しい地区", most=999)
    if no is None or no not in districts:
        raise InputError("新しい地区を選んでください。", field="district_no")
    confidence = entries.choice(typed("confidence"), "confidence", "確からしさ", CONFIDENCE)
    return {"district_no": no, "confidence": confidence}
