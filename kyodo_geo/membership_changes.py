"""What a new set of membership figures changes, association by association. For staff: one rate is one association."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kyodo_geo.membership import membership_rate, total

JUMP = 0.10
"""A rate that moves by more than ten points is looked at before it is believed."""

COUNT_JUMP = 0.20
COUNT_LEAST = 10
"""Households or members that move by more than a fifth, and by ten at least: a slipped digit or column."""

Key = tuple[str, int]
Pair = tuple[int, int]
"""Households, member households."""


@dataclass(frozen=True, slots=True)
class Change:
    """One association in one fiscal year. `before_year` is the year compared with: the same, else the last before.

    `verdict`: new (no figure of that year yet), changed, absent (a figure of the last year, none of this one).
    """

    association_id: str
    fiscal_year: int
    verdict: str
    before_year: int | None = None
    before: Pair | None = None
    after: Pair | None = None

    @property
    def before_rate(self) -> float | None:
        return None if self.before is None else membership_rate(self.before[1], self.before[0])

    @property
    def rate(self) -> float | None:
        return None if self.after is None else membership_rate(self.after[1], self.after[0])

    @property
    def difference(self) -> float | None:
        """After minus before, 0–1; None where either is unknown."""
        if self.rate is None or self.before_rate is None:
            return None
        return self.rate - self.before_rate

    @property
    def jump(self) -> bool:
        return self.difference is not None and abs(self.difference) > JUMP + 1e-9

    @property
    def leap(self) -> bool:
        """Whether households or members, up or down, move further than a year usually does."""
        if self.before is None or self.after is None:
            return False
        return any(
            abs(new - old) >= COUNT_LEAST and abs(new - old) > COUNT_JUMP * old
            for old, new in zip(self.before, self.after, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Year:
    """All associations of one fiscal year, before and after; rates 0–1 or None.

    `before_year`: the same year, else the last before; None: there is none.
    """

    fiscal_year: int
    before_year: int | None
    associations_before: int
    associations: int
    rate_before: float | None
    rate: float | None


@dataclass(frozen=True, slots=True)
class DistrictYear:
    """One district in a year that is touched. `before_year`: the same year, else the last before; None: none known.

    Each side is (associations, households, member households).
    """

    district_no: int | None
    fiscal_year: int
    before_year: int | None
    before: tuple[int, int, int]
    after: tuple[int, int, int]

    @property
    def before_rate(self) -> float | None:
        return membership_rate(self.before[2], self.before[1])

    @property
    def rate(self) -> float | None:
        return membership_rate(self.after[2], self.after[1])


@dataclass(frozen=True, slots=True)
class MembershipChanges:
    """`changes` are sorted: jumps and leaps first, then by size of the difference; `same` counts figures that stay."""

    changes: tuple[Change, ...]
    years: tuple[Year, ...]
    same: int

    def count(self, verdict: str) -> int:
        return sum(change.verdict == verdict for change in self.changes)

    @property
    def jumps(self) -> int:
        return sum(change.jump for change in self.changes)

    @property
    def leaps(self) -> int:
        return sum(change.leap and not change.jump for change in self.changes)


def compare(old: Mapping[Key, Pair], new: Mapping[Key, Pair]) -> MembershipChanges:
    """`old` and `new`: (association, fiscal year) → (households, member households), each complete."""
    changes: list[Change] = []
    touched = sorted({year for (key, year) in new if old.get((key, year)) != new[key, year]})
    years_of: dict[str, list[int]] = {}
    for key, year in sorted(old):
        years_of.setdefault(key, []).append(year)
    for (key, year), after in new.items():
        if old.get((key, year)) == after:
            continue
        verdict = "changed" if (key, year) in old else "new"
        compared = _year_before(years_of.get(key, ()), year)
        before = None if compared is None else old[key, compared]
        changes.append(Change(key, year, verdict, compared, before, after))
    for year in touched:
        last = max((y for (_, y) in old if y <= year), default=None)
        changes += [
            Change(key, year, "absent", y, pair)
            for (key, y), pair in old.items()
            if y == last and (key, year) not in new
        ]
    return MembershipChanges(
        tuple(sorted(changes, key=_order)),
        tuple(_year(year, old, new) for year in touched),
        sum(old.get(key) == pair for key, pair in new.items()),
    )


def _year_before(years: Iterable[int], year: int) -> int | None:
    return max((y for y in years if y <= year), default=None)


def _order(change: Change) -> tuple[bool, bool, bool, float, int, str]:
    size = abs(change.difference) if change.difference is not None else 0.0
    return (
        not change.jump,
        not change.leap,
        change.verdict != "absent",
        -size,
        -change.fiscal_year,
        change.association_id,
    )


def _year(year: int, old: Mapping[Key, Pair], new: Mapping[Key, Pair]) -> Year:
    compared = max((y for _, y in old if y <= year), default=None)
    before = [pair for (_, y), pair in old.items() if y == compared]
    after = [pair for (_, y), pair in new.items() if y == year]
    return Year(
        year,
        compared,
        len(before),
        len(after),
        total((members, households) for households, members in before).rate,
        total((members, households) for households, members in after).rate,
    )


def by_district(
    old: Mapping[Key, Pair], new: Mapping[Key, Pair], district_of: Mapping[str, int]
) -> list[DistrictYear]:
    """Sums by district of every year whose figures change, newest year first; associations without a district last."""
    touched = sorted({year for key, year in new if old.get((key, year)) != new[key, year]}, reverse=True)
    found = []
    for year in touched:
        compared = max((y for _, y in old if y <= year), default=None)
        before = _sums(old, compared, district_of)
        after = _sums(new, year, district_of)
        numbers = sorted(before.keys() | after.keys(), key=lambda no: (no is None, no or 0))
        none = (0, 0, 0)
        found += [
            DistrictYear(no, year, compared, before.get(no, none), after.get(no, none)) for no in numbers
        ]
    return found


def _sums(
    figures: Mapping[Key, Pair], year: int | None, district_of: Mapping[str, int]
) -> dict[int | None, tuple[int, int, int]]:
    sums: dict[int | None, tuple[int, int, int]] = {}
    for (key, y), (households, members) in figures.items():
        if y == year:
            number, all_households, all_members = sums.get(district_of.get(key), (0, 0, 0))
            sums[district_of.get(key)] = (number + 1, all_households + households, all_members + members)
    return sums
