"""Random numbers that stay the same on every machine and version.

Only `random()` of PCG64 is used: numpy promises its stream; the stream of the finer distributions may change.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar
from zlib import crc32

import numpy as np

T = TypeVar("T")


class Draws:
    """One stream per topic, so that a change in one topic leaves the others as they were."""

    def __init__(self, seed: int, topic: str) -> None:
        self._stream = np.random.Generator(np.random.PCG64([seed, crc32(topic.encode())]))

    def real(self, low: float = 0.0, high: float = 1.0) -> float:
        """A number in [low, high)."""
        return low + (high - low) * float(self._stream.random())

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self._stream.random() * (high - low + 1))

    def bell(self, spread: float = 1.0) -> float:
        """About normal with standard deviation `spread`, never beyond 3.5 of them (sum of four uniform numbers)."""
        return spread * (float(self._stream.random(4).sum()) - 2.0) * 3.0**0.5

    def chance(self, share: float) -> bool:
        return float(self._stream.random()) < share

    def pick(self, items: Sequence[T]) -> T:
        return items[self.whole(0, len(items) - 1)]

    def some(self, items: Sequence[T], count: int) -> list[T]:
        """`count` different items, in the order drawn."""
        left = list(items)
        return [left.pop(self.whole(0, len(left) - 1)) for _ in range(min(count, len(left)))]

    def uniform(self, rows: int, columns: int) -> np.ndarray:
        """Array (rows, columns) of numbers in [0, 1)."""
        return self._stream.random((rows, columns))


def shares(total: int, weights: Sequence[float]) -> list[int]:
    """`total` split in whole numbers after `weights` (largest remainders first); the sum is exact."""
    whole = sum(weights)
    if whole <= 0:
        raise ValueError("weights must have a positive sum")
    exact = [total * weight / whole for weight in weights]
    parts = [int(value) for value in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts
