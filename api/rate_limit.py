"""How much one key may ask: a number of rows in each minute of the clock, by all workers together.

Each process counts for itself and tells the others once a second through the database (`geodata.key_use`), with the
rhythm of the counters. Between two tellings a process does not know what the others answered: the bound can be passed by
what the other processes answer within a second. While the database is away each process counts for itself.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kyodo_geo.errors import TooManyRequestsError

if TYPE_CHECKING:
    from api.auth.principals import Principal
    from api.settings import Settings
    from geodata.database import Database

WINDOW_S = 60
MAX_KEYS = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """What is left of a key's minute."""

    limit: int
    remaining: int
    reset_s: int

    def headers(self) -> dict[str, str]:
        """RateLimit-* of the answer, in rows and seconds."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_s),
        }


@dataclass(slots=True)
class _Minute:
    """`used`: by all processes as far as is known; `untold`: what of it the others have not been told."""

    number: int
    used: int = 0
    untold: int = 0


class RateLimits:
    """Thread-safe; knows key ids only, never what was asked. `clock` gives seconds since 1970."""

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.time) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._minutes: dict[str, _Minute] = {}

    def take(self, principal: Principal | None, rows: int = 1) -> dict[str, str]:
        """Count `rows` of a key and return the headers for the answer; nothing for those without a key.

        Raises TooManyRequestsError, with the seconds to wait, and counts nothing, when they are too many.
        """
        if principal is None or not principal.key_id:
            return {}
        limit = self.limit_of(principal)
        now = self._clock()
        number = int(now // WINDOW_S)
        reset = max(1, math.ceil((number + 1) * WINDOW_S - now))
        with self._lock:
            minute = self._minutes.get(principal.key_id)
            if minute is None or minute.number != number:
                self._forget_old(number)
                minute = self._minutes[principal.key_id] = _Minute(number)
            if minute.used + rows > limit:
                raise TooManyRequestsError(
                    f"この鍵で 1 分間に調べられるのは {limit:,} 件までです。{reset} 秒待ってから、もう一度お試しください。",
                    retry_after=reset,
                    limit=limit,
                    remaining=max(0, limit - minute.used),
                )
            minute.used += rows
            minute.untold += rows
            left = limit - minute.used
        return Rate(limit, left, reset).headers()

    def limit_of(self, principal: Principal) -> int:
        """Rows in a minute: the key's own, else what the settings say for its kind."""
        if principal.rows_per_minute is not None:
            return principal.rows_per_minute
        settings = self._settings
        return settings.widget_lookups_per_minute if principal.publishable else settings.key_rows_per_minute

    def share(self, database: Database, municipality: str) -> None:
        """Tell the other processes what this one answered in this minute, and learn what they did (blocking)."""
        from geodata.database import Audience
        from geodata.key_use import share_minute

        number = int(self._clock() // WINDOW_S)
        with self._lock:
            # Keys that nobody uses here any more need not be asked for.
            rows = {key: m.untold for key, m in self._minutes.items() if m.number == number}
        if not rows:
            return
        with database.write(Audience.AUTH) as conn:
            known = share_minute(conn, municipality, number, rows)
        with self._lock:
            for key, total in known.items():
                minute = self._minutes.get(key)
                if minute is not None and minute.number == number:
                    minute.untold -= rows[key]
                    minute.used = total + minute.untold

    def _forget_old(self, number: int) -> None:
        if len(self._minutes) < MAX_KEYS:
            return
        self._minutes = {key: m for key, m in self._minutes.items() if m.number == number}
