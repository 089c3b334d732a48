"""Counts what was handed out: on POST alone, so that a preview or a crawler counts for nothing."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from api import logs
from api.auth.principals import Principal
from geodata.database import Audience
from geodata.leaflet_counts import add
from kyodo_geo.errors import KyodoError

if TYPE_CHECKING:
    from api.services import Services

WINDOW_S = 600.0
PER_CLIENT = 20
ALL_CLIENTS = 300


@dataclass(slots=True)
class Visitors:
    """How many copies of people who are not signed in are still counted. Thread-safe, in memory of one process.

    Anybody can send such a request as often as they like: each counts for one copy at most, and after `PER_CLIENT` of
    one network address or `ALL_CLIENTS` together in `WINDOW_S` seconds none is counted any more. Nobody is refused
    the paper.
    """

    clock: Callable[[], float] = time.monotonic
    _began: float = 0.0
    _seen: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, client: str) -> bool:
        """Whether one more copy for this network address counts."""
        now = self.clock()
        with self._lock:
            if now - self._began >= WINDOW_S:
                self._began = now
                self._seen.clear()
            if self._seen[client] >= PER_CLIENT or self._seen.total() >= ALL_CLIENTS:
                return False
            self._seen[client] += 1
            return True


def countable(services: Services, principal: Principal, client: str, copies: int) -> int:
    """How many of the copies count: all of those who are signed in or have a key, at most one of anybody else."""
    if not principal.anonymous:
        return copies
    return 1 if services.leaflet_visitors.take(client) else 0


def count(services: Services, association_id: str, form: str, copies: int, principal: Principal) -> None:
    """Blocking. The person at the counter gets the paper even when the count cannot be written (it is logged)."""
    try:
        with services.database.write(Audience.AUTH) as conn:
            add(
                conn,
                services.settings.municipality,
                association_id,
                form,
                copies,
                office=principal.office_id or "",
            )
    except KyodoError as error:
        logs.SERVICE.warning("leaflet not counted: %s", logs.failure(error))
