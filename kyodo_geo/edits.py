"""Rules of editing that hold for every form of the staff: what was seen, what changed, and who was faster."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from kyodo_geo.errors import ConflictError

Facts = Mapping[str, Any]

FASTER = (
    "画面を開いている間に、ほかの人がこの内容を変えました。まだ何も保存していません。"
    "今の内容と入力した内容を見比べて、よければもう一度送ってください。"
)


class EditConflictError(ConflictError):
    """Somebody was faster. `stored` is what stands there now; it reaches the editor's page alone, never a log."""

    def __init__(self, stored: Any = None, message: str = FASTER) -> None:
        super().__init__(message)
        self.stored = stored


def stamp(facts: Any) -> str:
    """Mark of what somebody saw, for a hidden field: equal contents have equal marks, whoever wrote them."""
    written = json.dumps(facts, ensure_ascii=False, sort_keys=True, default=str, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()[:24]


def check_stamp(seen: str, stored: Any) -> None:
    """Raise EditConflictError unless what is stored is what was seen."""
    if seen != stamp(stored):
        raise EditConflictError(stored)


def changes(before: Facts | None, after: Facts | None) -> dict[str, dict[str, Any]]:
    """Field → {"before", "after"} of what differs; a missing side is None throughout."""
    old, new = before or {}, after or {}
    return {
        name: {"before": old.get(name), "after": new.get(name)}
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
    }
