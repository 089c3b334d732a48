"""How much one key may ask: a number of rows in each minute, counted in this process.

Windows are fixed and start with a key's first request. With several workers each counts for itself, so the bound of
the service is the setting times the workers; it protects the service and is no account of use.
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

WINDOW_S = 60
MAX_KEYS = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """What is left of a key's window."""

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


class RateLimits:
    """Thread-safe; knows key ids only, never what was asked."""

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[float, int]] = {}

    def take(self, principal: Principal | None, rows: int = 1) -> dict[str, str]:
        """Count `rows` of a key and return the headers for the answer; nothing for those without a key.

        Raises TooManyRequestsError, with the seconds to wait, and counts nothing, when they are too many.
        """
        if principal is None or not principal.key_id:
            return {}
        settings = self._settings
        limit = settings.widget_lookups_per_minute if principal.publishable else settings.key_rows_per_minute
        now = self._clock()
        with self._lock:
            began, used = self._windows.get(principal.key_id, (now, 0))
            if now - began >= WINDOW_S:
                began, used = now, 0
            reset = max(1, math.ceil(began + WINDOW_S - now))
            if used + rows > limit:
                raise TooManyRequestsError(
                    f"この鍵で 1 分間に調べられるのは {limit:,} 件までです。{reset} 秒待ってから、もう一度お試しください。",
                    retry_after=reset,
                    limit=limit,
                    remaining=max(0, limit - used),
                )
            self._forget_old(now)
            self._windows[principal.key_id] = (began, used + rows)
        return Rate(limit, limit - used - rows, reset).headers()

    def _forget_old(self, now: float) -> None:
        if len(self._windows) < MAX_KEYS:
            return
        self._windows = {key: w for key, w in self._windows.items() if now - w[0] < WINDOW_S}
