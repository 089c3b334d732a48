"""What every solver answers: sites, objective, bound, gap, and a status that claims no more than was proven."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np


class Status(StrEnum):
    """`OPTIMAL` and `INFEASIBLE` are proven. `FEASIBLE`: the best found so far. `UNKNOWN`: neither answer nor proof."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer of a siting model.

    `open` are site numbers, ascending. `assignment` (clients) is the site that serves each client, −1 for none. `bound` is
    what no answer can be better than (below the objective when it is minimised, above when maximised), None when nothing
    is known. `reasons` say in Japanese why there is no answer. `details` hold what one model alone has to say.
    """

    status: Status
    objective: float | None
    bound: float | None
    open: tuple[int, ...] = ()
    assignment: np.ndarray | None = None
    seconds: float = 0.0
    reasons: tuple[str, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def gap(self) -> float | None:
        """|objective − bound| ÷ |objective|; None where one of them is missing or the objective is 0 and the bound is not."""
        if self.objective is None or self.bound is None:
            return None
        difference = abs(self.objective - self.bound)
        if difference == 0:
            return 0.0
        return difference / abs(self.objective) if self.objective else None


class Clock:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self.began = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began


def judged(
    objective: float | None,
    bound: float | None,
    opened: Sequence[int] | np.ndarray | None,
    clock: Clock,
    *,
    whole: bool = False,
    assignment: np.ndarray | None = None,
    **details: Any,
) -> Answer:
    """An answer whose status follows from the figures: optimal only where the bound has reached the objective.

    `whole`: objective and bound are whole numbers in truth; else 1e-9 of the objective counts as reached.
    """
    if objective is None or opened is None:
        return Answer(Status.UNKNOWN, None, bound, seconds=clock.seconds, details=details)
    if whole:
        objective = float(round(objective))
    closed = bound is not None and abs(objective - bound) <= (
        0.5 if whole else 1e-9 * max(1.0, abs(objective))
    )
    return Answer(
        Status.OPTIMAL if closed else Status.FEASIBLE,
        objective,
        objective if closed else bound,
        tuple(sorted(int(site) for site in opened)),
        assignment,
        clock.seconds,
        details=details,
    )


def impossible(clock: Clock, *reasons: str, **details: Any) -> Answer:
    """A proven "there is no answer", with its reasons."""
    return Answer(Status.INFEASIBLE, None, None, seconds=clock.seconds, reasons=reasons, details=details)
