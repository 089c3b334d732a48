"""The works of one building one by one, by either rule set: what `renewal_cost` and `long_life_cost` enter as yen.

Years may be taken apart and put together anew where a decision moves or ends the cycle (`kyodo_geo.scenarios`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kyodo_geo.assets.longlife import LongLife
from kyodo_geo.assets.renewal import Standard

MIDDLE, RENOVATE, REBUILD = "中規模修繕", "大規模改修", "建替え"
Rules = Standard | LongLife


@dataclass(frozen=True, slots=True)
class Step:
    """A work paid in `years` equal instalments from `year` on; `overdue`: it was late in the base year."""

    kind: str
    year: int
    years: int
    overdue: bool = False

    @property
    def last(self) -> int:
        """Year of the last instalment."""
        return self.year + self.years - 1


def calendar(built: int, base: int, end: int, rules: Rules) -> list[Step]:
    """Works that begin in base … end − 1, for a building of the year `built`, in the order of lives."""
    age = base - built
    found: list[Step] = []
    if age >= rules.rebuild_at:
        found.append(Step(REBUILD, base, rules.spread, True))
        found += onward(base + rules.spread, base + rules.spread, end, rules)
    else:
        late = renovation_is_late(age, rules)
        if late:
            found.append(Step(RENOVATE, base, rules.spread, True))
        found += onward(built, base, end, rules, renovated=late)
    return [step for step in found if base <= step.year < end]


def onward(
    start: int, since: int, end: int, rules: Rules, *, renovated: bool = False, not_before: int = 0
) -> list[Step]:
    """Works from the year `since` on of a building that counts as built in `start`, and of those that follow it.

    `renovated`: the large renovation of this life is done. `not_before`: first year in which it may be rebuilt.
    """
    found: list[Step] = []
    while start < end:
        for kind, at, years in _of_life(rules):
            if start + at >= since and not (renovated and kind == RENOVATE):
                found.append(Step(kind, start + at, years))
        begins = max(start + rules.rebuild_at, since, not_before)
        found.append(Step(REBUILD, begins, rules.rebuild_over))
        start, renovated, not_before = begins + rules.rebuild_over, False, 0
        since = start
    return [step for step in found if step.year < end]


def renovation_is_late(age: int, rules: Rules) -> bool:
    """Whether a building of that age should have been renovated, and still may be."""
    if isinstance(rules, Standard):
        return rules.renovate_at < age < rules.too_late_to_renovate
    return rules.large_at < age < max(rules.middle_at)


def stands_after_renovation(rules: Rules) -> int:
    """Years that a building is used at least after a large renovation: the rules renovate no building nearer to its end."""
    if isinstance(rules, Standard):
        return rules.rebuild_at - (rules.too_late_to_renovate - 1)
    return rules.rebuild_at - max(rules.middle_at)


def renovation_years(rules: Rules) -> int:
    """Years over which a large renovation is paid."""
    return rules.renovate_over if isinstance(rules, Standard) else rules.large_over


def _of_life(rules: Rules) -> Iterator[tuple[str, int, int]]:
    """(kind, age, years) of the works within a life."""
    if isinstance(rules, Standard):
        yield RENOVATE, rules.renovate_at, rules.renovate_over
        return
    for when in rules.middle_at:
        yield MIDDLE, when, rules.middle_over
    yield RENOVATE, rules.large_at, rules.large_over
