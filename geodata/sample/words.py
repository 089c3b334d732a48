"""Address rules in the words of an association's own papers, in three of the notations that cities use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Rule = dict[str, Any]


def area_text(rules: Sequence[Rule], style: int) -> str | None:
    """Japanese text of one association's rules; None when there are none. `style` 0, 1 or 2.

    0: みたけ三丁目1番から12番まで、14番 / 1: みたけ3丁目1〜12・14番 / 2: みたけ三丁目（1番〜12番、14番）.
    """
    if not rules:
        return None
    by_town: dict[tuple[str, str | None], list[Rule]] = {}
    for rule in rules:
        by_town.setdefault((rule["town"], rule["koaza"]), []).append(rule)
    return "、".join(_of_town(town, koaza, found, style) for (town, koaza), found in by_town.items())


def partly(towns: Sequence[tuple[str, str | None]]) -> str:
    """How papers speak of an area without numbers: みたけ三丁目の一部、青山一丁目の一部."""
    return "、".join(f"{_place(town, koaza, 0)}の一部" for town, koaza in towns)


def _of_town(town: str, koaza: str | None, rules: list[Rule], style: int) -> str:
    place = _place(town, koaza, style)
    unit = "番地" if koaza or town.endswith("地割") else "番"
    taken = [rule for rule in rules if rule["kind"] == "except"]
    parts = [rule for rule in rules if rule["kind"] == "part"]
    outside = f"（{_listed(taken, unit, style)}を除く）" if taken else ""
    if not parts:
        return f"{place}{'全域' if style == 1 else 'の全域'}{outside}"
    if style == 2:
        return f"{place}（{_listed(parts, unit, style)}）{outside}"
    return f"{place}{_listed(parts, unit, style)}{outside}"


def _place(town: str, koaza: str | None, style: int) -> str:
    name = f"{town}字{koaza}" if koaza else town
    if style != 1 or not name.endswith("丁目"):
        return name
    kanji = name.removesuffix("丁目")[-1]
    return f"{name.removesuffix('丁目')[:-1]}{'一二三四五六七'.index(kanji) + 1}丁目"


def _listed(rules: list[Rule], unit: str, style: int) -> str:
    blocks = [rule for rule in rules if rule["house_from"] is None]
    houses = [rule for rule in rules if rule["house_from"] is not None]
    if style == 1:
        numbers = "・".join(_range(rule["block_from"], rule["block_to"], "", "〜") for rule in blocks)
        listed = [f"{numbers}{unit}"] if blocks else []
        listed += [f"{rule['block_from']}番（{rule['house_from']}〜{rule['house_to']}号）" for rule in houses]
        return "、".join(listed)
    joint = "から" if style == 0 else "〜"
    end = "まで" if style == 0 else ""
    listed = [_range(rule["block_from"], rule["block_to"], unit, joint, end) for rule in blocks]
    listed += [
        f"{rule['block_from']}番{_range(rule['house_from'], rule['house_to'], '号', joint, end)}"
        for rule in houses
    ]
    return "、".join(listed)


def _range(first: int, last: int, unit: str, joint: str, end: str = "") -> str:
    return f"{first}{unit}" if first == last else f"{first}{unit}{joint}{last}{unit}{end}"
