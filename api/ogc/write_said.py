"""What a body says of a feature, as editors take it: texts by property, and the shape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from kyodo_geo.sent_shapes import Shape

Typed = Callable[[str], str]


class Kept(Enum):
    """The shape stays as it is stored."""

    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Said:
    """Calling it with the name of a property gives its text, "" for none."""

    texts: Typed
    shape: Shape | Kept = Kept.KEPT

    def __call__(self, name: str) -> str:
        return self.texts(name)
