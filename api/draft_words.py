"""Changes of a draft in the words of its editors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from api.edit_forms import shown
from geodata.edits.contacts import ROLES
from geodata.edits.drafts import Change
from kyodo_geo.lookup_types import Rule
from kyodo_geo.notation import normal_form
from kyodo_geo.sent_shapes import words as shape_words

FIELD_LABELS = {
    "name": "名前",
    "kana": "よみ",
    "area_text": "区域の説明",
    "rules": "住所の範囲",
    "fee": "会費",
    "activities": "活動",
    "joining": "加入の方法",
    "website": "ホームページ",
    "district_no": "地区",
    "confidence": "確からしさ",
    "kind": "種類",
    "geom": "位置・区域",
    "aliases": "ほかの書き方",
    "activity": "地域の活動に使えるか",
    "address": "住所",
    "operator": "運営者",
    "capacity": "収容人員",
    "opened_on": "使い始めた日",
    "closed_on": "閉じた日",
}
CONFIDENCE = {"official": "公式（市が決めたもの）", "sure": "確か", "likely": "おそらく", "guess": "推測"}


GONE = "（なくす）"


def rules_of(facts: Mapping[str, Any] | None, association_id: str = "") -> tuple[Rule, ...]:
    """The rules of a change or of an active dataset."""
    return tuple(Rule(association_id, **rule) for rule in (facts or {}).get("rules", ()))


def facts_of(rules: tuple[Rule, ...]) -> dict[str, Any] | None:
    """The same the other way; None where there is none."""
    names = ("kind", "town", "koaza", "block_from", "block_to", "house_from", "house_to")
    listed = [{name: getattr(rule, name) for name in names} for rule in rules]
    return {"rules": listed} if listed else None


def word(name: str, value: Any, districts: Mapping[int, str]) -> str:
    """One value of a field."""
    if name == "rules":
        return normal_form(rules_of({"rules": value})) if value else shown(None)
    if name == "district_no":
        return f"{value} {districts.get(value, '')}".strip() if value is not None else "地区なし"
    if name == "aliases":
        return shown("、".join(value or ()) or None)
    if name == "geom":
        return value if isinstance(value, str) else shape_words(value)
    if name == "kind":
        return {"association": "町内会・自治会", "building": "マンションの自治会"}.get(value, shown(value))
    if name == "confidence":
        return CONFIDENCE.get(value, shown(value))
    return shown(value)


def change_rows(change: Change, districts: Mapping[int, str]) -> list[tuple[str, str, str]]:
    """(label, before, after) of the fields that a change changes."""
    before, after = change.before or {}, change.after or {}
    if change.after is None and before.get("name"):
        return [("名前", before["name"], GONE)]
    return [
        (label, word(name, before.get(name), districts), word(name, after.get(name), districts))
        for name, label in FIELD_LABELS.items()
        if (name in before or name in after) and before.get(name) != after.get(name)
    ]


def sayer(districts: Mapping[int, str]) -> Callable[[str, Any], str]:
    """`word` for the districts of today, as histories need it."""
    return lambda name, value: (
        ROLES[value] if name == "role" and value in ROLES else word(name, value, districts)
    )
