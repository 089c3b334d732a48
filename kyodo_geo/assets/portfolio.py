"""Facilities beside others of their kind: rank means of use and of performance, quadrants, flags.

Ranks are relative within the 小分類. What is not known has no rank; a facility without any known figure of an axis has no
place on the chart and is counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

YEARS_LEFT_FEW = 15
OCCUPANCY_LOW = 0.4
QUADRANTS = {
    (True, True): "使われ、状態もよい（維持・延命）",
    (True, False): "使われ、状態が悪い（修繕・建替え）",
    (False, True): "使われず、状態はよい（転用・受け入れ）",
    (False, False): "使われず、状態も悪い（集約・譲渡・廃止）",
}
"""(much used, performs well) → what that suggests."""
USE = ("occupancy", "users_per_m2", "alternative_m")
PERFORMANCE = ("condition", "seismic", "years_left")


@dataclass(frozen=True, slots=True)
class Figures:
    """One facility. More is better in all of USE (the way to the alternative: the more it is needed) and PERFORMANCE.

    `seismic` 1 earthquake-proof, 0 not. `cost_per_m2` yen a year, `cost` yen a year (size of the mark).
    """

    id: str
    kind: str
    occupancy: float | None = None
    users_per_m2: float | None = None
    alternative_m: float | None = None
    condition: float | None = None
    seismic: float | None = None
    years_left: float | None = None
    cost_per_m2: float | None = None
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a facility stands among its kind: 0–1 on both axes, None unknown; `flags` are sentences; `known` figures."""

    id: str
    x: float | None
    y: float | None
    quadrant: str | None
    flags: tuple[str, ...]
    known: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether every figure of both axes is known."""
        return len(self.known) == len(USE) + len(PERFORMANCE)

    @property
    def known_words(self) -> tuple[str, str]:
        """How much of each axis is known, in words: (use, performance)."""
        return _known("利用", USE, self.known), _known("状態", PERFORMANCE, self.known)


def ranks(values: Sequence[float | None]) -> list[float | None]:
    """Rank of each known value from 0 (least) to 1 (most), equal ones sharing their mean; a single one stands at 0.5."""
    held = sorted(value for value in values if value is not None)
    if len(held) == 1:
        return [None if value is None else 0.5 for value in values]
    found: list[float | None] = []
    for value in values:
        if value is None:
            found.append(None)
            continue
        below = sum(other < value for other in held)
        same = sum(other == value for other in held)
        found.append((below + (same - 1) / 2) / (len(held) - 1))
    return found


def portfolio(facilities: Sequence[Figures]) -> list[Place]:
    """The place of each, in the order given, by ranks within its kind."""
    kinds: dict[str, list[int]] = {}
    for number, item in enumerate(facilities):
        kinds.setdefault(item.kind, []).append(number)
    found: dict[int, Place] = {}
    for members in kinds.values():
        mine = [facilities[number] for number in members]
        by_name = {
            name: ranks([getattr(item, name) for item in mine])
            for name in (*USE, *PERFORMANCE, "cost_per_m2")
        }
        for place, number in enumerate(members):
            at = {name: values[place] for name, values in by_name.items()}
            found[number] = _place(facilities[number], at)
    return [found[number] for number in range(len(facilities))]


def _place(item: Figures, at: Mapping[str, float | None]) -> Place:
    x, y = _mean(at, USE), _mean(at, PERFORMANCE)
    quadrant = None if x is None or y is None else QUADRANTS[(x >= 0.5, y >= 0.5)]
    return Place(
        item.id, x, y, quadrant, _flags(item, at), tuple(n for n in (*USE, *PERFORMANCE) if at[n] is not None)
    )


def _known(axis: str, names: Sequence[str], known: Sequence[str]) -> str:
    count, most = sum(name in known for name in names), len(names)
    if count == most:
        return f"{axis}：{most}つともわかる"
    return f"{axis}：{most}つのうち{count}つだけがわかる" if count else f"{axis}：{most}つとも不明"


def _mean(at: Mapping[str, float | None], names: Sequence[str]) -> float | None:
    known = [value for name in names if (value := at[name]) is not None]
    return sum(known) / len(known) if known else None


def _flags(item: Figures, at: Mapping[str, float | None]) -> tuple[str, ...]:
    """Sentences on what is known to be wrong; nothing unknown raises a flag."""
    users, cost = at["users_per_m2"], at["cost_per_m2"]
    raised = [
        (item.years_left is not None and item.years_left <= YEARS_LEFT_FEW, f"残り{YEARS_LEFT_FEW}年以下"),
        (item.seismic == 0, "耐震性なし"),
        (item.occupancy is not None and item.occupancy < OCCUPANCY_LOW, "稼働率40%未満"),
        (users is not None and users < 0.4, "面積あたりの利用者が下位5分の2"),
        (cost is not None and cost > 0.6, "面積あたりの費用が上位5分の2"),
    ]
    return tuple(words for is_so, words in raised if is_so)
