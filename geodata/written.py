"""What one request has written, and what it must see: positions in the primary's log (LSN) as whole numbers.

`api.written` opens one per request; `geodata.database` adds to it after each commit and compares a replica with it.
Threads that a request's work runs in share its object (their context is a copy, the object is one).
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from dataclasses import dataclass

POSITION = re.compile(r"([0-9A-F]{1,8})/([0-9A-F]{1,8})", re.ASCII)


@dataclass(slots=True)
class Written:
    """`after`: the least position this request's reads must show; `changed`: whether this request moved it."""

    after: int = 0
    changed: bool = False

    def add(self, position: int) -> None:
        self.after = max(self.after, position)
        self.changed = True


CURRENT: ContextVar[Written | None] = ContextVar("kyodo_written", default=None)


def position_of(text: str) -> int:
    """PostgreSQL's `16/B374D848` as a number; raises ValueError for anything else."""
    found = POSITION.fullmatch(text)
    if found is None:
        raise ValueError("not a log position")
    return int(found[1], 16) << 32 | int(found[2], 16)
