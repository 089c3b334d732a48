"""Two places side by side: differences of figures in words, from the very digits that are shown."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

Scale = Literal["many", "high", "big"]
_WORDS: dict[str, tuple[str, str]] = {
    "many": ("多い", "少ない"),
    "high": ("高い", "低い"),
    "big": ("大きい", "小さい"),
}
NOT_KNOWN = "データなし"
WITHHELD = "非公表"
NOT_COMPARABLE = "比べられません"


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of two places in the same unit; None is unknown, or not to be published (`withheld`).

    `scale` chooses the words of the difference; a difference of percentages is one of points (ポイント).
    """

    key: str
    label: str
    unit: str
    own: float | None
    other: float | None
    digits: int = 0
    scale: Scale = "many"
    own_withheld: bool = False
    other_withheld: bool = False

    @property
    def own_text(self) -> str:
        return self._text(self.own, self.own_withheld)

    @property
    def other_text(self) -> str:
        return self._text(self.other, self.other_withheld)

    @property
    def difference(self) -> Decimal | None:
        """Own minus other, of the figures as they are shown; None where one of them is not shown."""
        if self.own is None or self.other is None or self.own_withheld or self.other_withheld:
            return None
        return shown(self.own, self.digits) - shown(self.other, self.digits)

    @property
    def words(self) -> str:
        """The difference from the other's point of view: 3.2 ポイント低い, 同じ, 比べられません."""
        difference = self.difference
        if difference is None:
            return NOT_COMPARABLE
        if difference == 0:
            return "同じ"
        more, less = _WORDS[self.scale]
        unit = "ポイント" if self.unit == "%" else self.unit
        return f"{abs(difference):,f} {unit}{more if difference > 0 else less}"

    def _text(self, value: float | None, withheld: bool) -> str:
        if withheld:
            return WITHHELD
        if value is None:
            return NOT_KNOWN
        return f"{shown(value, self.digits):,f} {self.unit}"


def shown(value: float, digits: int) -> Decimal:
    """The number as it is shown: rounded half up from the shortest decimal that reads back as the same float."""
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def per_1000(count: float | None, people: int | None) -> float | None:
    """Count per 1,000 people; None where either is unknown or nobody lives there."""
    return None if count is None or not people else count * 1000 / people


def change_percent(first: int | None, last: int | None) -> float | None:
    """By how many percent `last` is above `first`; None where either is unknown or the first is 0."""
    return None if first is None or last is None or first == 0 else (last - first) * 100 / first
