"""Numbers that exist, in words: 一〜三・五丁目 instead of a list of names."""

from __future__ import annotations

from collections.abc import Sequence

from kyodo_geo.addresses.numerals import to_kanji
from kyodo_geo.addresses.tail import CHOME


def in_words(numbers: Sequence[int], unit: str) -> str:
    """[1, 2, 3, 5], 丁目 → 一〜三・五丁目; 地割 → 第1〜3・5地割. Three neighbours or more are a range. Numbers ascend."""
    show = to_kanji if unit == CHOME else str
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    shown = [
        f"{show(run[0])}〜{show(run[-1])}" if len(run) > 2 else "・".join(map(show, run)) for run in runs
    ]
    return ("" if unit == CHOME else "第") + "・".join(shown) + unit


def existing(name: str, numbers: Sequence[int], unit: str) -> str:
    """仙北には一〜三丁目があります。"""
    return f"{name}には{in_words(numbers, unit)}があります。"
