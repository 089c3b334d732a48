"""Live state of one process: known revisions, and the lookup index of each municipality in memory.

Lookups do not wait on the database: the index is built by a thread of its own and swapped as one reference.
The listener (`geodata.listen`) says when a revision changes, whoever changed it.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from api import logs
from api.clock import today
from api.geojson import dumps
from geodata.database import Connection, Database
from kyodo_geo.errors import KyodoError, NotFoundError, UnavailableError

if TYPE_CHECKING:
    from geodata.queries.generation import Ref
    from kyodo_geo.lookup import LookupIndex
    from kyodo_geo.lookup_types import Snapshot

NO_DATABASE = "データベースに接続できません。"


@dataclass(frozen=True, slots=True)
class Ready:
    """One municipality's lookup as of one revision; `credit`: its answers' `dataset` as JSON."""

    municipality: str
    revision: int
    generation_no: int
    day: date
    index: LookupIndex
    credit: bytes


class Live:
    """Thread-safe; `start()` and `stop()` once each. `municipality` is built at once, others when first asked for."""

    def __init__(self, database: Database, municipality: str) -> None:
        self.connected = False
        self.municipality = municipality
        self._database = database
        self._revisions: dict[str, int] = {}
        self._ready: dict[str, Ready] = {}
        self._failed: dict[str, KyodoError] = {}
        self._watched = {municipality}
        self._due: set[str] = set()
        self._changed = threading.Condition()
        self._ending = False
        self._builder = threading.Thread(target=self._run, name="kyodo-build", daemon=True)

    def start(self) -> None:
        self._builder.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        with self._changed:
            self._ending = True
            self._changed.notify_all()
        if self._builder.is_alive():
            self._builder.join(timeout_s)

    # -- told by the listener

    def set_connected(self, connected: bool) -> None:
        """The connection for notices came or went. A missing index gets its reason at once, not with a revision."""
        with self._changed:
            self.connected = connected
            if connected and self.municipality not in self._ready:
                self._due.add(self.municipality)
                self._changed.notify_all()

    def saw_revision(self, code: str, revision: int) -> None:
        """A revision was heard or read; a watched index that is behind it (or from yesterday) is built anew."""
        with self._changed:
            self._revisions[code] = revision
            ready = self._ready.get(code)
            current = ready is not None and ready.revision == revision and ready.day == today()
            if code in self._watched and not current:
                self._due.add(code)
                self._changed.notify_all()

    # -- asked by requests

    def revision(self, code: str) -> int | None:
        """The municipality's revision if it is known for certain (the listener is connected), else None."""
        return self._revisions.get(code) if self.connected else None

    def ready(self, code: str) -> Ready | None:
        """The index if it is there; never waits."""
        return self._ready.get(code)

    def wait(self, code: str, timeout_s: float = 10.0) -> Ready:
        """The index, waiting for its first build.

        Raises NotFoundError for an unknown municipality, UnavailableError when it cannot be had.
        """
        deadline = time.monotonic() + timeout_s
        with self._changed:
            if self.connected and self._revisions and code not in self._revisions:
                raise NotFoundError(f"市区町村コード {code} はこのサービスに登録されていません。")
            if code not in self._watched:
                self._watched.add(code)
                self._failed.pop(code, None)
                self._due.add(code)
                self._changed.notify_all()
            while code not in self._ready:
                if code in self._failed:
                    raise self._failed[code]
                if not self._changed.wait(deadline - time.monotonic()):
                    raise UnavailableError("データを準備しています。しばらくしてからもう一度お試しください。")
            return self._ready[code]

    def reasons(self) -> list[str]:
        """Why this process cannot answer everything yet; empty when it can."""
        found = []
        if not self.connected:
            found.append(NO_DATABASE)
        if self.municipality not in self._ready:
            failed = self._failed.get(self.municipality)
            found.append(failed.message if failed else "検索の準備をしています。")
        return found

    # -- the builder thread

    def _run(self) -> None:
        while (code := self._next()) is not None:
            self._build(code)

    def _next(self) -> str | None:
        with self._changed:
            self._changed.wait_for(lambda: self._due or self._ending)
            return None if self._ending else self._due.pop()

    def _build(self, code: str) -> None:
        day = today()
        try:
            # shapely and numpy come with these: not before they are needed.
            from geodata.queries.generation import resolve
            from geodata.queries.snapshot import lookup_snapshot
            from kyodo_geo.lookup import LookupIndex

            def work(conn: Connection) -> tuple[Ref, Snapshot]:
                ref = resolve(conn, code)
                return ref, lookup_snapshot(conn, ref)

            ref, snapshot = self._database.reading(work)
            index = LookupIndex(snapshot)
            credit = dumps(snapshot.dataset)
            built = Ready(code, ref.revision, ref.generation_no, day, index, credit)
        except Exception as error:
            self._fail(code, error)
            return
        with self._changed:
            self._ready[code] = built
            self._failed.pop(code, None)
            # What was asked for while this was being built is asked for again only if it is newer.
            newer = self._revisions.get(code, built.revision) > built.revision
            (self._due.add if newer else self._due.discard)(code)
            self._changed.notify_all()
        logs.SERVICE.info(
            "lookup index of %s: revision %d, generation %d", code, built.revision, built.generation_no
        )

    def _fail(self, code: str, error: Exception) -> None:
        """Keep the reason; the listener's next reading of the revisions (a few seconds) asks for another try."""
        reason = (
            error if isinstance(error, KyodoError) else UnavailableError("検索の準備ができませんでした。")
        )
        with self._changed:
            before = self._failed.get(code)
            self._failed[code] = reason
            if isinstance(reason, NotFoundError) and code != self.municipality:
                self._watched.discard(code)
            self._changed.notify_all()
        if before is None or before.message != reason.message:
            logs.SERVICE.warning("lookup index of %s not built: %s", code, logs.failure(error))
