"""Inputs made to hurt: 10,000 characters of one kind, and texts just below the limit in which every character counts."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from kyodo_geo.addresses import MAX_LENGTH

LENGTH = 10_000
PIECES = (
    "丁目", "第1", "地割", "番地", "(", ")", "((", "1", "1-", "二", "二十", "〇", " ", "　", " -", "字", "大字", "盛岡市",
    "玉山", "岩手県", "郡", "市", "町", "ー", "が\u3099", "\u3099", "\u200b", "ﾞ", "\ufdfa", "㍿", "𠮷", "\ud800", "\ue000",
    "之", "通り", "甲1", "〒020-0122", "A", "丁", "号", "・", "\t", "é", "e\u0301", "'; DROP TABLE town;--", "<script>", "🏠",
)  # fmt: skip
LISTS = (
    "、みたけ1",
    "、字鶴塚2",
    "及びみたけ2-1",
    "ト",
    "と2",
    "〜2",
    "、2",
    "・2-1-1",
    "（みたけ1-1）",
    " ビルみたけ1",
)
"""Further addresses behind a first one."""
STARTS = ("", "盛岡市", "みたけ", "渋民字", "永井", "上田字", "盛岡市みたけ3-12-1 ", "〒020-0122 ")


def inputs(names: Sequence[str], seed: int = 1) -> Iterator[tuple[str, str]]:
    """(kind, text). `names` are towns of the gazetteer, strung together at random."""
    for piece in PIECES:
        for start in STARTS:
            for length in (MAX_LENGTH, LENGTH):
                text = start + piece * (length // len(piece))
                yield f"{start}{piece} × {length // len(piece)}", text[:length]
    for piece in LISTS:
        for start in ("みたけ3-12-1", "渋民字鶴塚1", "盛岡市みたけ3-12-1 城北ビル"):
            yield f"{start}{piece} …", (start + piece * MAX_LENGTH)[:MAX_LENGTH]
            for times in (10, 20, 24):
                yield f"{start}{piece} × {times}", start + piece * times
    chance = random.Random(seed)
    for _ in range(500):
        length = chance.choice((60, 150, MAX_LENGTH, LENGTH))
        text = ""
        while len(text) < length:
            text += chance.choice(names) if chance.random() < 0.7 else chance.choice(PIECES)
        yield f"names at random, {length} characters", text[:length]
        few = "".join(chance.choice(names) for _ in range(chance.randint(1, 4)))
        yield "a few names repeated", (few * MAX_LENGTH)[: chance.choice((MAX_LENGTH, LENGTH))]
