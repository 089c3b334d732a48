"""The lookup as of an earlier day: an index of that day's generation, built when somebody asks for it.

A build takes a second and some megabytes, so that one generation at a time is kept, one thread builds, and another one is not
built before some seconds have passed: what is asked for meanwhile is told to come again. The present day never waits on any
of this.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from api import logs
from api.clock import today
from api.geojson import dumps
from api.held import Ready, give_back
from kyodo_geo.errors import UnavailableError

if TYPE_CHECKING:
    from geodata.database import Connection, Database
    from geodata.queries.generation import Ref
    from kyodo_geo.lookup_types import Snapshot

PAUSE_S = 10.0
"""Between the builds of two generations in one process."""


class PastLookups:
    """Thread-safe; holds the index of one earlier generation."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._held: Ready | None = None
        self._built_at = -PAUSE_S

    def get(self, municipality: str, day: date, current: Ready) -> Ready:
        """The index of the generation that was active at the end of `day` (blocking); `current` where it still is.

        Raises `NotFoundError` for a day before the first generation, `UnavailableError` while another one is built or was
        built a moment ago.
        """
        from geodata.queries.generation import resolve

        ref = self._database.reading(lambda conn: resolve(conn, municipality, day))
        if ref.generation_no == current.generation_no:
            return current
        wanted = (municipality, ref.generation_no, ref.revision, today())
        if (found := self._found(wanted)) is not None:
            return found
        if not self._lock.acquire(blocking=False):
            raise _later()
        try:
            if (found := self._found(wanted)) is not None:
                return found
            if self._clock() - self._built_at < PAUSE_S:
                raise _later()
            if self._held is not None:
                self._held = None  # before the next one needs its room
                give_back()
            self._held = self._build(municipality, day)
            self._built_at = self._clock()
            return self._held
        finally:
            self._lock.release()

    def _found(self, wanted: tuple[str, int, int, date]) -> Ready | None:
        held = self._held
        if held is None or (held.municipality, held.generation_no, held.revision, held.day) != wanted:
            return None
        return held

    def _build(self, municipality: str, day: date) -> Ready:
        from geodata.queries.generation import resolve
        from geodata.queries.snapshot import lookup_snapshot
        from kyodo_geo.lookup import LookupIndex

        def work(conn: Connection) -> tuple[Ref, Snapshot]:
            ref = resolve(conn, municipality, day)
            return ref, lookup_snapshot(conn, ref)

        ref, snapshot = self._database.reading(work)
        credit = dumps(snapshot.dataset)
        logs.SERVICE.info("lookup index of %s: past generation %d", municipality, ref.generation_no)
        return Ready(municipality, ref.revision, ref.generation_no, today(), LookupIndex(snapshot), credit)


def _later() -> UnavailableError:
    return UnavailableError("過去の日のデータを準備しています。少し待ってから、もう一度お試しください。")
