"""How a run is ended and watched from outside: a deadline, a question asked often, a report now and then."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

Progress = Callable[[float | None, float | None], None]


@dataclass(slots=True)
class Control:
    """What a solver asks while it works.

    `deadline` is a moment of `time.monotonic` (None: no limit). `should_stop` is asked many times a second and must be
    quick. `on_progress(objective, bound)` is called at most every `every` seconds, with None for what is not known yet.
    """

    deadline: float | None = None
    should_stop: Callable[[], bool] | None = None
    on_progress: Progress | None = None
    every: float = 0.5
    _reported: float = field(default=float("-inf"), repr=False)

    @classmethod
    def within(
        cls,
        seconds: float | None,
        should_stop: Callable[[], bool] | None = None,
        on_progress: Progress | None = None,
    ) -> Control:
        """A control that ends `seconds` from now."""
        deadline = None if seconds is None else time.monotonic() + seconds
        return cls(deadline, should_stop, on_progress)

    @property
    def left(self) -> float:
        """Seconds until the deadline (infinite without one), not below 0."""
        return float("inf") if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    def ended(self) -> bool:
        """Whether the run must come to its end now."""
        return self.left <= 0 or (self.should_stop is not None and self.should_stop())

    def report(self, objective: float | None, bound: float | None) -> None:
        """Tell how far the run is, unless that was told just now."""
        if self.on_progress is None or time.monotonic() - self._reported < self.every:
            return
        self._reported = time.monotonic()
        self.on_progress(objective, bound)
