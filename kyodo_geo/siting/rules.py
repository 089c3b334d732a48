"""What may be opened: number or budget, existing, required and forbidden sites, at most one per group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from kyodo_geo.errors import InputError
from kyodo_geo.siting.choice import Choice


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules for a choice among m sites; sites are named by their number 0 … m−1.

    `p`: exactly so many open sites, existing ones included. `budget` instead of it: the `prices` of the new sites (m,
    1 each when not given) add up to no more. `existing` sites stay open and cost nothing; `required` ones must be opened
    and are paid for; `forbidden` ones stay closed. `groups` (m, −1: no group): at most one open site of each group, where
    an existing site fills its group; existing sites may share one.
    """

    p: int | None = None
    budget: float | None = None
    prices: Sequence[float] | np.ndarray | None = None
    existing: Sequence[int] = ()
    required: Sequence[int] = ()
    forbidden: Sequence[int] = ()
    groups: Sequence[int] | np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """Checked rules. `count` or `budget` is for all sites but the existing ones; `groups` is per site, −1 for none."""

    sites: int
    count: int | None
    budget: float | None
    prices: np.ndarray
    existing: np.ndarray
    required: np.ndarray
    free: np.ndarray
    groups: np.ndarray | None
    reasons: tuple[str, ...] = field(default=())

    @property
    def opened(self) -> np.ndarray:
        """Sites that are open in every answer, ascending."""
        return np.union1d(self.existing, self.required).astype(int)

    def at(self, opened: np.ndarray, free: np.ndarray) -> tuple[Choice, np.ndarray] | None:
        """The choice left when `opened` are open and only `free` may follow; the free ones that still may. None: no choice."""
        new = np.setdiff1d(opened, self.existing, assume_unique=True)
        if self.groups is not None:
            filled = self.groups[opened]
            free = free[~np.isin(self.groups[free], filled[filled >= 0])]
        groups = self._compact(free)
        if self.count is not None:
            left = self.count - len(new)
            most = len(free) if groups is None else int(groups.max(initial=-1)) + 1
            return (Choice(count=left, groups=groups), free) if 0 <= left <= most else None
        if self.budget is None:
            return Choice(prices=np.zeros(len(free)), budget=0.0, groups=groups), free
        money = self.budget - float(self.prices[new].sum())
        if money < -1e-9 * max(1.0, self.budget):
            return None
        fits = self.prices[free] <= money + 1e-9 * max(1.0, self.budget)
        free = free[fits]
        groups = None if groups is None else self._compact(free)
        return Choice(prices=self.prices[free], budget=max(money, 0.0), groups=groups), free

    def _compact(self, free: np.ndarray) -> np.ndarray | None:
        """Groups of `free` as 0, 1, 2 …, a group of its own for each site without one; None where none matters."""
        if self.groups is None or not len(free):
            return None
        own = self.groups[free]
        alone = own < 0
        own = np.where(alone, self.groups.max(initial=0) + 1 + np.arange(len(free)), own)
        _, numbers = np.unique(own, return_inverse=True)
        return None if numbers.max() + 1 == len(free) else numbers


def frame(rules: Rules, sites: int, *, counted: bool = True) -> Frame:
    """Check `rules` for `sites` sites. `counted`: p or a budget is needed.

    Raises `InputError` for numbers that name no site, contradict each other or make no sense. Rules that make sense and
    cannot be kept all the same are in `reasons` of the answer: the problem is infeasible.
    """
    existing, required, forbidden = (
        _sites(values, sites, name)
        for name, values in (
            ("existing", rules.existing),
            ("required", rules.required),
            ("forbidden", rules.forbidden),
        )
    )
    clash = np.intersect1d(np.union1d(existing, required), forbidden)
    if len(clash):
        raise InputError(
            f"候補地{clash[0]}は、禁止と既設（または必須）の両方に指定されています。",
            field="forbidden",
            sites=clash.tolist(),
        )
    required = np.setdiff1d(required, existing)
    if counted and (rules.p is None) == (rules.budget is None):
        raise InputError("施設数pと予算のどちらか一方を指定してください。", field="p")
    prices = np.ones(sites) if rules.prices is None else vector(rules.prices, sites, "prices")
    if rules.budget is not None and not (np.isfinite(rules.budget) and rules.budget >= 0):
        raise InputError("予算は0以上の数で指定してください。", field="budget")
    groups = None if rules.groups is None else _groups(rules.groups, sites)
    free = np.setdiff1d(np.arange(sites), np.concatenate([existing, required, forbidden]))
    count = None
    reasons = []
    if rules.p is not None:
        if isinstance(rules.p, bool) or int(rules.p) != rules.p or rules.p < 1:
            raise InputError("施設数pは1以上の整数で指定してください。", field="p")
        if rules.p > sites:
            raise InputError(
                f"施設数p（{rules.p}）が候補地の数（{sites}）を超えています。",
                field="p",
                p=rules.p,
                sites=sites,
            )
        count = int(rules.p) - len(existing)
        if count < len(required):
            reasons.append(
                f"既設と必須の候補地（{len(existing) + len(required)}か所）が、施設数p（{rules.p}）より多くなっています。"
            )
    made = Frame(sites, count, rules.budget, prices, existing, required, free, groups)
    if groups is not None:
        filled = groups[required]
        both = np.concatenate([filled[filled >= 0], np.unique(groups[existing][groups[existing] >= 0])])
        numbers, times = np.unique(both, return_counts=True)
        if (times > 1).any():
            reasons.append(f"グループ{numbers[times > 1][0]}に、必須の候補地と他の施設が重なっています。")
    if not reasons and made.at(made.opened, free) is None:
        if count is None:
            reasons.append("必須の候補地だけで予算を超えています。")
        else:
            reasons.append(f"禁止とグループの条件の下では、{rules.p}か所を選ぶことができません。")
    return Frame(sites, count, rules.budget, prices, existing, required, free, groups, tuple(reasons))


def vector(values: Sequence[float] | np.ndarray, length: int, name: str) -> np.ndarray:
    """`values` as `length` finite numbers of at least 0. Raises `InputError`."""
    found = np.asarray(values)
    if found.dtype.kind not in "iufb":
        raise InputError(f"{name}は数値の配列でなければなりません。", field=name)
    if found.shape != (length,):
        raise InputError(
            f"{name}の形（{found.shape}）が行列と合いません。必要な個数は{length}です。",
            field=name,
            shape=list(found.shape),
        )
    found = found.astype(float)
    if not np.isfinite(found).all() or (found < 0).any():
        raise InputError(f"{name}に、負の数または数でない値があります。", field=name)
    return found


def _sites(values: Sequence[int], sites: int, name: str) -> np.ndarray:
    found = np.asarray(list(values), dtype=object)
    for value in found:
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 0 <= value < sites:
            raise InputError(
                f"{name}の番号{value}に当たる候補地がありません（0から{sites - 1}まで）。",
                field=name,
                site=str(value),
            )
    return np.unique(found.astype(int))


def _groups(values: Sequence[int] | np.ndarray, sites: int) -> np.ndarray:
    found = np.asarray(values)
    if found.dtype.kind not in "iu" or found.shape != (sites,):
        raise InputError(
            "グループは、候補地ごとに1つの整数で指定してください（-1はグループなし）。", field="groups"
        )
    return np.where(found < 0, -1, found).astype(int)
