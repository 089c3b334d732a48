"""Which values stand far from the others, by Tukey's fences: no assumption about how the values are spread."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

REACH = 1.5
"""Of the range between the quartiles, beyond which a value counts as far (Tukey 1977)."""
FEWEST = 8
"""Of fewer values quartiles say nothing."""

RULE = "四分位範囲（小さいほうから4分の1の値と4分の3の値の差）の1.5倍を超えて、その外側に離れた値を外れ値とします。"


@dataclass(frozen=True, slots=True)
class Outliers(Generic[Key]):
    """Keys of values below and above the fences, most extreme first, and the fences themselves."""

    low: tuple[Key, ...]
    high: tuple[Key, ...]
    low_fence: float
    high_fence: float


def quantile(ordered: Sequence[float], share: float) -> float:
    """Value at a share of 0–1 of ascending values, linear between neighbours (the usual type 7)."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def outliers(values: Mapping[Key, float]) -> Outliers[Key] | None:
    """The values beyond the fences; None when there are fewer than `FEWEST`."""
    if len(values) < FEWEST:
        return None
    ordered = sorted(values.values())
    first, third = quantile(ordered, 0.25), quantile(ordered, 0.75)
    low, high = first - REACH * (third - first), third + REACH * (third - first)
    by_value = sorted(values, key=lambda key: values[key])
    return Outliers(
        tuple(key for key in by_value if values[key] < low),
        tuple(key for key in reversed(by_value) if values[key] > high),
        low,
        high,
    )
