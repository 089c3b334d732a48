"""A bounded number of places for work that holds a database connection, and a bounded time of waiting for one.

Without the second bound a slow database fills a queue of requests whose senders have long given up.
"""

from __future__ import annotations

from typing import Any

import anyio

from geodata.database import ALL_BUSY
from kyodo_geo.errors import UnavailableError

WAIT_S = 10.0


class Places:
    """What `run_sync(…, limiter=…)` and the streams use of a capacity limiter; a place costs nothing extra while there is one.

    Raises `UnavailableError` for whoever has waited `wait_s` seconds.
    """

    def __init__(self, number: int, wait_s: float = WAIT_S) -> None:
        self._limiter = anyio.CapacityLimiter(number)
        self._wait_s = wait_s

    @property
    def borrowed_tokens(self) -> int:
        """Places that are taken now (anyio's name)."""
        return self._limiter.borrowed_tokens

    async def __aenter__(self) -> None:
        try:
            self._limiter.acquire_nowait()
        except anyio.WouldBlock:
            await self._waited(self._limiter.acquire)

    async def __aexit__(self, *_: object) -> None:
        self._limiter.release()

    async def acquire_on_behalf_of(self, holder: object) -> None:
        await self._limiter.acquire_on_behalf_of(holder)

    def release_on_behalf_of(self, holder: object) -> None:
        self._limiter.release_on_behalf_of(holder)

    async def _waited(self, acquire: Any) -> None:
        with anyio.move_on_after(self._wait_s):
            await acquire()
            return
        raise UnavailableError(ALL_BUSY)
