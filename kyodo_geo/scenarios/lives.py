"""The works of one building when decisions move or end its cycle.

A decision in year y takes the place of every planned work that would end in the 10 years before y, or later: the
ministry's rules too renovate nothing that is rebuilt within 10 years. What ended before that stays paid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kyodo_geo.assets.calendar import (
    REBUILD,
    RENOVATE,
    Rules,
    Step,
    calendar,
    onward,
    renovation_is_late,
    renovation_years,
    stands_after_renovation,
)
from kyodo_geo.assets.longlife import LongLife
from kyodo_geo.assets.renewal import Standard

Kind = Literal["extend", "renovate", "rebuild", "end"]


@dataclass(frozen=True, slots=True)
class Change:
    """A decision about a building. `scale`: its floor area after rebuilding, as a multiple of the first.

    `paid`: the cost is known by itself, so that a decision to extend has a work even where none is late.
    """

    year: int
    kind: Kind
    action: int
    scale: float | None = None
    paid: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A work with the floor area (multiple) and rules it is paid by; `action`: the decision it comes from."""

    step: Step
    scale: float
    long: bool
    action: int | None = None


@dataclass(frozen=True, slots=True)
class Life:
    """Works of a building, and what holds in each year of the horizon: its floor area (multiple; 0: gone), its rules."""

    works: tuple[Placed, ...]
    scale: tuple[float, ...]
    long: tuple[bool, ...]


def life(
    built: int,
    base: int,
    horizon: int,
    changes: Sequence[Change],
    *,
    extendable: bool = True,
    short: Standard | None = None,
    longer: LongLife | None = None,
) -> Life:
    """A building under `changes` (by year). One that is not `extendable` stays with the 60-year rules."""
    short, longer = short or Standard(), longer or LongLife()
    end = base + horizon
    rules: Rules = short
    done: list[Placed] = []
    plan, scale, long, start = calendar(built, base, end, rules), 1.0, False, built
    scales, longs = [1.0] * horizon, [False] * horizon
    for change in changes:
        y = change.year
        kept = [step for step in plan if step.last <= y - short.spread]
        done += [Placed(step, scale, long) for step in kept]
        for step in kept:
            if step.kind == REBUILD:
                start = step.last + 1
        if change.kind == "end":
            plan = []
            scales[y - base :] = [0.0] * (end - y)
            break
        if change.kind == "extend" and extendable:
            long, rules = True, longer
            longs[y - base :] = [True] * (end - y)
        renovated = any(item.step.kind == RENOVATE and item.step.year >= start for item in done)
        kind = _work(change, y - start, rules, renovated, extendable)
        if kind == REBUILD:
            scale = scale if change.scale is None else change.scale
            done.append(Placed(Step(REBUILD, y, rules.rebuild_over), scale, long, change.action))
            start = y + rules.rebuild_over
            scales[start - base :] = [scale] * max(0, end - start)
            plan = onward(start, start, end, rules)
            continue
        not_before, since = 0, y
        if kind == RENOVATE:
            done.append(Placed(Step(RENOVATE, y, renovation_years(rules)), scale, long, change.action))
            not_before, since, renovated = y + stands_after_renovation(rules), y + 1, True
        plan = onward(start, since, end, rules, renovated=renovated, not_before=not_before)
    done += [Placed(step, scale, long) for step in plan]
    return Life(tuple(done), tuple(scales), tuple(longs))


def _work(change: Change, age: int, rules: Rules, renovated: bool, extendable: bool) -> str | None:
    """What is built in the year of the decision."""
    if change.kind == "rebuild":
        return REBUILD
    if change.kind == "renovate":
        return RENOVATE
    if not extendable:
        return RENOVATE if change.paid else None
    if change.paid:
        return RENOVATE
    if age >= rules.rebuild_at:
        return REBUILD
    return RENOVATE if renovation_is_late(age, rules) and not renovated else None
