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


def association_entry(typed: Callable[[str], str]) -> dict[str, Any]:
    """The same with the kind of association; raises InputError with `field`."""
    kind = entries.choice(typed("kind"), "kind", "種類", ("association", "building"))
    return {**name_entry(typed), "kind": kind}


MAX_ALIASES = 20


def district_entry(typed: Callable[[str], str]) -> dict[str, Any]:
    """Name, reading and other printed forms of a district; raises InputError with `field`."""
    typed_aliases = [part for part in typed("aliases").split("\n") if part.strip()]
    if len(typed_aliases) > MAX_ALIASES:
        raise InputError(f"ほかの書き方は {MAX_ALIASES} 個までにしてください。", field="aliases")
    aliases = [entries.line(part, "aliases", "ほかの書き方", most=60) for part in typed_aliases]
    return {
        "name": entries.line(typed("name"), "name", "名前", most=60, required=True),
        "kana": entries.line(typed("kana"), "kana", "よみ", most=120),
        "aliases": list(dict.fromkeys(aliases)),
    }


def facility_entry(typed: Callable[[str], str]) -> dict[str, Any]:
    """A public facility but for its place; raises InputError with `field`."""
    opened = entries.day(typed("opened_on"), "opened_on", "使い始めた日")
    closed = entries.day(typed("closed_on"), "closed_on", "閉じた日")
    if opened is not None and closed is not None and closed <= opened:
        raise InputError("閉じた日は、使い始めた日より後にしてください。", field="closed_on")
    activity = entries.choice(typed("activity"), "activity", "地域の活動に使えるか", ("yes", "no"))
    return {
        "name": entries.line(typed("name"), "name", "名前", required=True),
        "kana": entries.line(typed("kana"), "kana", "よみ"),
        "kind": entries.line(typed("kind"), "kind", "種類", required=True),
        "activity": activity == "yes",
        "address": entries.line(typed("address"), "address", "住所"),
        "operator": entries.line(typed("operator"), "operator", "運営者"),
        "capacity": entries.whole(typed("capacity"), "capacity", "収容人員", most=1_000_000, unit="人"),
        "opened_on": None if opened is None else opened.isoformat(),
        "closed_on": None if closed is None else closed.isoformat(),
    }


def assignment_entry(typed: Callable[[str], str], districts: Container[int]) -> dict[str, Any]:
    """District of a small area, and how sure that is; raises InputError with `field`."""
    no = entries.whole(typed("district_no"), "district_no", "新しい地区", most=999)
    if no is None or no not in districts:
        raise InputError("新しい地区を選んでください。", field="district_no")
    confidence = entries.choice(typed("confidence"), "confidence", "確からしさ", CONFIDENCE)
    return {"district_no": no, "confidence": confidence}
