"""One question of levelling, as it is kept, and its whole answer: the years of each work, each year's cost, proofs.

Question and answer are plain JSON, so that a run can be read again years later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kyodo_geo.assets.levelling import by_year, least_ceiling, level, pressing
from kyodo_geo.assets.works import PlannedWork
from kyodo_geo.errors import InputError
from kyodo_geo.siting.answer import Status
from kyodo_geo.siting.control import Control

MODEL = "levelling"
MAX_WORKS = 5_000
LEAST_SECONDS = 20.0
"""So long the least ceiling is looked for where the one that was asked for cannot be kept."""
MOST_SECONDS = 120
COLUMNS = ("building", "name", "kind", "wanted", "cost", "years", "earliest", "latest", "overdue")


@dataclass(frozen=True, slots=True)
class Question:
    """Works by the rows of `COLUMNS`, the ceiling of every year in yen, and how long may be looked."""

    base: int
    horizon: int
    ceiling_yen: float
    seconds: float
    works: Sequence[Sequence[Any]]

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Question:
        """From the parameters of a run; raises `InputError`."""
        try:
            found = cls(
                int(kept["base"]), int(kept["horizon"]), float(kept["ceiling_yen"]), float(kept["seconds"]), kept["works"]
            )  # fmt: skip
        except (KeyError, TypeError, ValueError):
            raise InputError("平準化の条件を読めません。もう一度、計算を頼んでください。") from None
        if not found.works:
            raise InputError("ならす工事がありません。", field="works")
        if len(found.works) > MAX_WORKS:
            raise InputError(
                f"一度にならせる工事は {MAX_WORKS:,} 件までです。地区か種類を絞ってください。", field="works"
            )
        return found

    def column(self, name: str) -> list[Any]:
        place = COLUMNS.index(name)
        return [row[place] for row in self.works]

    @property
    def instalments(self) -> list[list[float]]:
        return [
            [cost / years] * years
            for cost, years in zip(self.column("cost"), self.column("years"), strict=True)
        ]


def as_row(work: PlannedWork, name: str) -> list[Any]:
    """A work as it is kept with a run."""
    return [
        work.building_id, name, work.kind, work.wanted, round(work.cost), work.years, work.earliest, work.latest, work.overdue,
    ]  # fmt: skip


def before(question: Question) -> list[float]:
    """What each year costs when nothing is moved."""
    return [
        float(yen)
        for yen in by_year(question.instalments, question.column("wanted"), question.base, question.horizon)
    ]


def solve(question: Question, control: Control | None = None) -> dict[str, Any]:
    """The answer as JSON: status, objective (yen × years moved), bound, gap, `begins`, `before` and `after` by year.

    Where the ceiling cannot be kept: `least` (the least one that can, with status and bound) and `span`, years whose works
    alone exceed it whatever is moved, where there are such years.
    """
    control = control or Control.within(question.seconds)
    base, horizon = question.base, question.horizon
    parts = question.instalments
    wanted, earliest, latest = (question.column(name) for name in ("wanted", "earliest", "latest"))
    found = level(
        parts, wanted, earliest, latest, question.ceiling_yen, base=base, horizon=horizon, control=control
    )
    answer = found.answer
    result: dict[str, Any] = {
        "status": answer.status.value, "objective": answer.objective, "bound": answer.bound, "gap": answer.gap,
        "seconds": answer.seconds, "before": before(question), "begins": None, "after": None, "least": None, "span": None,
    }  # fmt: skip
    if found.begins is not None:
        result["begins"] = found.begins.tolist()
        result["after"] = by_year(parts, found.begins, base, horizon).tolist()
        return result
    span = pressing(parts, earliest, latest, base, horizon)
    if span is not None and span[2] > question.ceiling_yen * (span[1] - span[0] + 1):
        result["span"] = {"first": span[0], "last": span[1], "yen": span[2]}
    if answer.status is Status.INFEASIBLE:
        limit = Control.within(min(LEAST_SECONDS, max(question.seconds, 1.0)), control.should_stop)
        least = least_ceiling(parts, wanted, earliest, latest, base=base, horizon=horizon, control=limit)
        if least.begins is not None:
            result["least"] = {
                "status": least.answer.status.value, "yen": least.answer.objective, "bound": least.answer.bound,
                "gap": least.answer.gap,
            }  # fmt: skip
    return result
