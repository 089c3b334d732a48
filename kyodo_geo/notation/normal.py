"""Rules → words: one form for every set of rules, which reads back as exactly these rules."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from kyodo_geo.addresses.towns import spelling, split_town
from kyodo_geo.lookup_types import Rule
from kyodo_geo.notation.result import MAX_NUMBER


def normal_form(rules: Iterable[Rule]) -> str:
    """みたけ三丁目全域、青山一丁目1番〜3番、5番2号〜8号。ただし、みたけ三丁目7番を除く。

    In the order of the rules; the numbers of one town stand together, each with its unit. The ids are left out.
    """
    sentences: list[str] = []
    for taken_out, run in groupby(rules, key=lambda rule: rule.kind == "except"):
        items = []
        for (town, koaza, whole), same in groupby(run, key=_town):
            place = _written(town) + (f"字{koaza.removeprefix('字')}" if koaza else "")
            if whole:
                # Two identical lines in a row are two rules.
                items += [place + ("" if taken_out else "全域") for _ in same]
                continue
            numbers = [_numbers(rule) for rule in same]
            items += [place + numbers[0], *numbers[1:]]
        text = "、".join(items)
        sentences.append(f"ただし、{text}を除く。" if taken_out else f"{text}。")
    return "".join(sentences)


def _written(town: str) -> str:
    """In the form used throughout; 大字 stays, since without it another town may bear the name."""
    name = spelling(town)
    return f"大字{name}" if town.startswith("大字") and not name.startswith("大字") else name


def _town(rule: Rule) -> tuple[str, str | None, bool]:
    return rule.town, rule.koaza, rule.block_from is None


def _numbers(rule: Rule) -> str:
    assert rule.block_from is not None and rule.block_to is not None
    lots = split_town(rule.town).jiwari is not None or bool(rule.koaza)
    unit = "番地" if lots else "番"
    if rule.house_from is None or rule.house_to is None:
        return _range(rule.block_from, rule.block_to, unit)
    if rule.block_from != rule.block_to:
        return f"{_range(rule.block_from, rule.block_to, unit)}の各{_range(rule.house_from, rule.house_to, '号')}"
    if lots:
        return f"{rule.block_from}番地の{_range(rule.house_from, rule.house_to, '')}"
    return f"{rule.block_from}番{_range(rule.house_from, rule.house_to, '号')}"


def _range(first: int, last: int, unit: str) -> str:
    if first == last:
        return f"{first}{unit}"
    return f"{first}{unit}以降" if last == MAX_NUMBER else f"{first}{unit}〜{last}{unit}"
