"""Cost with long life (80 years), after the plan of 加古川市, beside the 60-year cycle.

Middle repairs at 20 and 60 years (30 % of rebuilding), large renovation at 40 (type A: the ministry's unit cost; type B: 40 %
of rebuilding), rebuilding at 80. The share of a building that cannot be extended follows the 60-year cycle. The source does
not say what happens to works that are overdue in the base year: here a large renovation (age 41–59) and a rebuilding (80 and
more) are spread over the first 10 years as in the ministry's rules, and middle repairs are not made up for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kyodo_geo.assets.renewal import Ledger, Renewal, buildings, prices, renewal_cost
from kyodo_geo.errors import InputError


@dataclass(frozen=True, slots=True)
class LongLife:
    """The variant's numbers; `large_share` None is type A, 0.4 type B."""

    middle_at: tuple[int, ...] = (20, 60)
    middle_share: float = 0.3
    large_at: int = 40
    large_share: float | None = None
    rebuild_at: int = 80
    middle_over: int = 1
    large_over: int = 2
    rebuild_over: int = 3
    spread: int = 10
    upkeep: float = 1_000.0

    def cycle(self, renovate: float, rebuild: float) -> float:
        """Works of one whole life per m², rebuilding included, in the unit of the prices."""
        large = renovate if self.large_share is None else self.large_share * rebuild
        return len(self.middle_at) * self.middle_share * rebuild + large + rebuild


def long_life_cost(
    area: Sequence[float] | np.ndarray,
    built: Sequence[float] | np.ndarray,
    renovate: float | Sequence[float] | np.ndarray,
    rebuild: float | Sequence[float] | np.ndarray,
    *,
    base: int,
    horizon: int = 40,
    index: float = 1.0,
    cannot_extend: float | Sequence[float] | np.ndarray = 0.1,
    rules: LongLife | None = None,
) -> Renewal:
    """As `renewal_cost`, with long life. `cannot_extend` (0–1, one or per building): share that follows the 60-year cycle."""
    rules = rules or LongLife()
    short = renewal_cost(area, built, renovate, rebuild, base=base, horizon=horizon, index=index)
    area, built, unknown = buildings(area, built)
    whole = area * prices(rebuild, len(area)) * index
    large = (
        area * prices(renovate, len(area)) * index if rules.large_share is None else whole * rules.large_share
    )
    share = np.broadcast_to(np.asarray(cannot_extend, dtype=float), area.shape)
    if not ((share >= 0) & (share <= 1)).all():
        raise InputError("延命できない割合は、0以上1以下で指定してください。", field="cannot_extend")
    ledger = Ledger(len(area), base, horizon, ~unknown)
    age, every = base - built, np.ones(len(area), dtype=bool)
    dead = age >= rules.rebuild_at
    ledger.add((age > rules.large_at) & (age < max(rules.middle_at)), base, rules.spread, large)
    ledger.add(dead, base, rules.spread, whole)
    start = built
    living = ~dead
    while (start < base + horizon)[~unknown].any():
        for when in rules.middle_at:
            ledger.add(
                living & (start + when >= base), start + when, rules.middle_over, whole * rules.middle_share
            )
        ledger.add(living & (start + rules.large_at >= base), start + rules.large_at, rules.large_over, large)
        ledger.add(living, start + rules.rebuild_at, rules.rebuild_over, whole)
        start = np.where(living, start + rules.rebuild_at + rules.rebuild_over, base + rules.spread)
        living = every
    return Renewal(base, ledger.cost * (1 - share)[:, None] + short.cost * share[:, None], unknown)
