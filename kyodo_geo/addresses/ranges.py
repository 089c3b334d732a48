"""Numbers that exist, in words: 一〜三・五丁目 instead of a list of names."""

from __future__ import annotations

from collections.abc import Sequence

from kyodo_geo.addresses.numerals import to_kanji


def in_words(numbers: Sequence[int], unit: str) -> str:
    """[1, 2, 3, 5], 丁目 → 一〜三・五丁目; two neighbours are listed, three or more are a range. Numbers ascend."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    shown = []
    for run in runs:
        first, last = to_kanji(run[0]), to_kanji(run[-1])
        shown.append(f"{first}〜{last}" if len(run) > 2 else "・".join(map(to_kanji, run)))
    return "・".join(shown) + unit


def existing(name: str, numbers: Sequence[int], unit: str) -> str:
    """仙北には一〜三丁目があります。 Or that there is none."""
    return f"{name}には{in_words(numbers, unit)}があります。" if numbers else f"{name}に{unit}はありません。"
