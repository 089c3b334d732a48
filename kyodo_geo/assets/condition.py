"""Condition of a building (健全度, 0–100) from the ratings of its parts.

Σ(score × weight) ÷ 60 with A = 100, B = 75, C = 40, D = 10. There is an opposite scale (国立市: A = 10 … D = 100): what is
stored are the letters, and the scale is named. The weights are recalled from the literature.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from kyodo_geo.errors import InputError

SCORES: dict[str, float] = {"A": 100, "B": 75, "C": 40, "D": 10}
WEIGHTS: dict[str, float] = {
    "roof": 5.1,
    "outer_wall": 17.2,
    "inside": 22.4,
    "electricity": 8.0,
    "machinery": 7.3,
}
PRIORITY_BELOW = 40


def condition(ratings: Mapping[str, str | None]) -> int | None:
    """Condition, rounded, of parts (`WEIGHTS` has their names) rated A–D; None (不明) where a part is not rated.

    Raises `InputError` for a part or a letter that does not exist.
    """
    for part, letter in ratings.items():
        if part not in WEIGHTS or (letter is not None and letter not in SCORES):
            raise InputError(f"部位「{part}」の評価「{letter}」は使えません。", field="ratings")
    letters = {part: ratings.get(part) for part in WEIGHTS}
    points = [SCORES[letter] * WEIGHTS[part] for part, letter in letters.items() if letter is not None]
    if len(points) < len(WEIGHTS):
        return None
    return math.floor(sum(points) / sum(WEIGHTS.values()) + 0.5)
