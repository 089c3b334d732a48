"""Membership rates: computing, withholding and writing them. One rounding for every page, table and file.

The rate is member households / households; which households (resident register or census) and of what day is
stored beside each figure, because the two counts differ by definition.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar

UNKNOWN = "不明"

Key = TypeVar("Key", bound=Hashable)


def membership_rate(member_households: int | None, households: int | None) -> float | None:
    """Member households / households, 0–1; None when either is unknown or nobody lives there."""
    if member_households is None or not households:
        return None
    return member_households / households


@dataclass(frozen=True, slots=True)
class Total:
    """Sum of several groups. `rate` is 0–1 or None; `unknown` counts groups left out because a figure is missing."""

    households: int
    member_households: int
    rate: float | None
    unknown: int


def total(figures: Iterable[tuple[int | None, int | None]]) -> Total:
    """Sum of (member households, households) pairs.

    A pair with one figure missing is left out of both sums: the rate of a sum is never the mean of rates, and a
    numerator without its denominator would raise it.
    """
    members = households = unknown = 0
    for member, all_households in figures:
        if member is None or all_households is None:
            unknown += 1
        else:
            members += member
            households += all_households
    return Total(households, members, membership_rate(members, households), unknown)


def withheld(households: Mapping[Key, int | None], threshold: int) -> frozenset[Key]:
    """Groups whose figures must not be published beside the total of all groups.

    Primary: fewer than `threshold` households (groups of 0 or unknown size have no figure to withhold).
    Complementary: subtracting the published groups from the total must not give a single withheld group, nor a sum
    of fewer than `threshold` households; the smallest published groups are withheld until it does not (of equal ones
    that which stands first).
    """
    sizes = {key: size for key, size in households.items() if size}
    hidden = {key for key, size in sizes.items() if size < threshold}
    if not hidden:
        return frozenset()
    for key in sorted((key for key in sizes if key not in hidden), key=lambda key: sizes[key]):
        if sum(sizes[key] for key in hidden) >= threshold:
            break
        hidden.add(key)
    return frozenset(hidden)


def format_percent(rate: float | None, digits: int = 1) -> str:
    """A rate of 0–1 as percent without the sign, rounded half up: 0.875 → "87.5"; None → 不明.

    Rounds the shortest decimal that reads back as the same number, so that 0.8745 gives 87.5, not 87.4.
    """
    if rate is None:
        return UNKNOWN
    step = Decimal(1).scaleb(-digits)
    return str((Decimal(repr(float(rate))) * 100).quantize(step, rounding=ROUND_HALF_UP))


def format_percent_sign(rate: float | None) -> str:
    """The same with the sign, as pages show it: 87.5%; None → 不明."""
    return UNKNOWN if rate is None else f"{format_percent(rate)}%"
