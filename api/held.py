"""The lookup indexes a process holds: those used lately, up to a number of bytes; the home city's always."""

from __future__ import annotations

import ctypes
import time
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kyodo_geo.lookup import Answer, LookupIndex


@dataclass(frozen=True, slots=True)
class Ready:
    """One municipality's lookup as of one revision; `credit`: its answers' `dataset` as JSON, `weight`: bytes, estimated.

    `mark`: what it was built from (`geodata.queries.snapshot.snapshot_mark`).

    `alike`: by association, the bytes before, between and behind longitude and latitude of the answer to any point that it
    alone holds, and that answer without them (`api/hot_lookup.py`).
    """

    municipality: str
    revision: int
    generation_no: int
    day: date
    index: LookupIndex
    credit: bytes
    weight: int = 0
    mark: str = ""
    alike: dict[int, tuple[bytes, bytes, bytes, Answer]] = field(default_factory=dict, compare=False)


class Held:
    """Reading and noting a use take no lock: single operations on dicts. `put` is called under the caller's lock."""

    def __init__(self, home: str, max_bytes: int) -> None:
        self._home = home
        self._max = max_bytes
        self._ready: dict[str, Ready] = {}
        self._used: dict[str, float] = {}

    def get(self, code: str) -> Ready | None:
        """The index, without noting a use."""
        return self._ready.get(code)

    def use(self, code: str) -> Ready | None:
        """The index for a question: it is the latest used now."""
        found = self._ready.get(code)
        if found is not None:
            self._used[code] = time.monotonic()
        return found

    def put(self, built: Ready) -> list[str]:
        """Take it in; returns the municipalities that had to go, the one unused for longest first."""
        self._ready[built.municipality] = built
        self._used[built.municipality] = time.monotonic()
        gone: list[str] = []
        while sum(item.weight for item in self._ready.values()) > self._max:
            others = [code for code in self._ready if code not in (self._home, built.municipality)]
            if not others:
                break
            oldest = min(others, key=lambda code: self._used.get(code, 0.0))
            del self._ready[oldest]
            gone.append(oldest)
        for code in gone:
            self._used.pop(code, None)
        return gone

    def weights(self) -> dict[str, int]:
        """Municipality → bytes."""
        return {code: item.weight for code, item in list(self._ready.items())}


def give_back() -> None:
    """Hand memory of objects that are gone back to the system: glibc keeps what lies between others that stay."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
