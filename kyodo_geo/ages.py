"""Age classes as tables name them, and which of overlapping classes to keep."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from kyodo_geo.errors import InputError

AgeClass = tuple[int, int | None]
"""Youngest and oldest age in years, both included; None: and over."""

OLDEST = 150
_YEAR = re.compile(r"([12][0-9]{3})(?:年度?|(?=[^0-9]|$))")
_EMPTY = re.compile(r"[\s、,()（）「」『』・:：_]")
_DASH = re.compile(r"[~〜～―－‐–—ー-]|から")
_TOTALS = frozenset({"", "総数", "計", "合計", "総計", "人口", "総人口", "人口総数", "全年齢"})


@dataclass(frozen=True, slots=True)
class AgeLabel:
    """What a heading says. `kind` total: people of all ages; unknown: 年齢不詳. `year`: where one is named."""

    kind: Literal["class", "total", "unknown"]
    sex: Literal["both", "male", "female"]
    ages: AgeClass | None = None
    year: int | None = None


def read_label(text: str) -> AgeLabel | None:
    """「総数０～４歳」, 「85歳以上」, 「男の総数」, 「2040年 15歳未満」 → what it means; None for anything else."""
    plain = _EMPTY.sub("", unicodedata.normalize("NFKC", text))
    if not plain or len(plain) > 60:
        return None
    year = None
    if match := _YEAR.match(plain):
        year = int(match[1])
        plain = plain[match.end() :]
        if not plain:
            return None
    plain = plain.replace("不詳含む", "").replace("不詳を含む", "").replace("年齢総数", "総数")
    sex: Literal["both", "male", "female"] = "both"
    if "男女" in plain:
        plain = plain.replace("男女計", "").replace("男女", "")
    elif "男" in plain or "女" in plain:
        sex = "male" if "男" in plain else "female"
        plain = re.sub(r"[男女]性?の?", "", plain)
    if "不詳" in plain:
        return AgeLabel("unknown", sex, None, year)
    plain = re.sub(r"年齢|うち|人口|総数|^の|人$", "", plain) or "総数"
    if plain in _TOTALS:
        return AgeLabel("total", sex, None, year)
    found = _class(plain)
    return None if found is None else AgeLabel("class", sex, found, year)


def _class(plain: str) -> AgeClass | None:
    plain = _DASH.sub("-", plain)
    if match := re.fullmatch(r"([0-9]{1,3})歳?-([0-9]{1,3})歳?", plain):
        first, last = int(match[1]), int(match[2])
        return (first, last) if first <= last <= OLDEST else None
    if match := re.fullmatch(r"([0-9]{1,3})歳?(?:以上|\+|-)", plain):
        return (int(match[1]), None) if int(match[1]) <= OLDEST else None
    if match := re.fullmatch(r"([0-9]{1,3})歳?(未満|以下)", plain):
        last = int(match[1]) - (match[2] == "未満")
        return (0, last) if 0 <= last <= OLDEST else None
    if match := re.fullmatch(r"([0-9]{1,3})歳", plain):
        return (int(match[1]), int(match[1])) if int(match[1]) <= OLDEST else None
    return None


def finest(classes: Iterable[AgeClass]) -> list[AgeClass]:
    """Classes that do not overlap, as fine as all of the ages allow, in order.

    A class is replaced by finer ones only where they cover all of it. Raises `InputError` for classes that overlap
    without one holding the other.
    """
    spans = sorted({(first, OLDEST if last is None else last) for first, last in classes})
    for first, last in spans:
        for other, end in spans:
            if first < other <= last < end:
                raise InputError(
                    f"年齢の区分「{_name(first, last)}」と「{_name(other, end)}」が重なっています。"
                )
    return [(first, None if last == OLDEST else last) for first, last in _resolved(spans)]


def _resolved(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for span in _outer(spans):
        inner = [other for other in spans if other != span and span[0] <= other[0] and other[1] <= span[1]]
        parts = _resolved(inner) if inner else []
        kept += parts if _covers(parts, span) else [span]
    return kept


def _outer(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return [
        span
        for span in spans
        if not any(other != span and other[0] <= span[0] and span[1] <= other[1] for other in spans)
    ]


def _covers(parts: list[tuple[int, int]], whole: tuple[int, int]) -> bool:
    if not parts or parts[0][0] != whole[0] or parts[-1][1] != whole[1]:
        return False
    return all(after[0] == before[1] + 1 for before, after in pairwise(parts))


def _name(first: int, last: int) -> str:
    return f"{first}歳以上" if last == OLDEST else f"{first}〜{last}歳"
