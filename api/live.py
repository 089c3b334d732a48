"""Live state of one process: known revisions, and the lookup index of each municipality in memory.

Lookups do not wait on the database: an index is built by a thread of its own and swapped as one reference.
The listener (`geodata.listen`) says when a revision changes, whoever changed it. Many municipalities are served by
holding those asked for lately (`api.held`); a change of one is no work for the others.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Sized
from dataclasses import replace
from typing import TYPE_CHECKING

from api import logs
from api.clock import today
from api.geojson import dumps
from api.held import Held, Ready, give_back
from geodata.database import Connection, Database
from kyodo_geo.errors import KyodoError, NotFoundError, UnavailableError

if TYPE_CHECKING:
    from geodata.queries.generation import Ref
    from kyodo_geo.lookup_types import Snapshot

NO_DATABASE = "データベースに接続できません。"
DEFAULT_BYTES = 128 * 2**20
LARGE_ROWS = 50_000
"""An index of so many rows takes seconds to build: it waits for its turn with the other large ones."""
RETRY_S = 5.0
MOST_FAILURES = 1000
BEHIND_S = 0.1


class Live:
    """Thread-safe; `start()` and `stop()` once each. `municipality` is built at once, others when first asked for.

    Two threads build: one takes whatever is due, the other leaves the large ones to it, so that nobody waits for
    somebody else's large municipality. `max_bytes` bounds what all indexes but the home city's and the latest weigh.
    """

    def __init__(
        self,
        database: Database,
        municipality: str,
        *,
        max_bytes: int = DEFAULT_BYTES,
        retry_s: float = RETRY_S,
        large_rows: int = LARGE_ROWS,
    ) -> None:
        self.connected = False
        self.municipality = municipality
        self._database = database
        self._retry_s = retry_s
        self._large_rows = large_rows
        self._revisions: dict[str, int] = {}
        self._held = Held(municipality, max_bytes)
        self._failed: dict[str, KyodoError] = {}
        self._watched = {municipality}
        self._due: dict[str, None] = {}  # in the order asked for
        self._building: set[str] = set()
        self._large: set[str] = set()
        self._changed = threading.Condition()
        self._ending = False
        self.built_at = self.built_in_s = 0.0
        """When the home city's latest index was there (seconds since 1970), and how long that took."""
        self._builders = [
            threading.Thread(target=self._run, args=(small,), name=f"kyodo-build-{name}", daemon=True)
            for name, small in (("any", False), ("small", True))
        ]

    def start(self) -> None:
        for builder in self._builders:
            builder.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        with self._changed:
            self._ending = True
            self._changed.notify_all()
        for builder in self._builders:
            if builder.is_alive():
                builder.join(timeout_s)

    # -- told by the listener

    def set_connected(self, connected: bool) -> None:
        """The connection for notices came or went. A missing index gets its reason at once, not with a revision."""
        with self._changed:
            self.connected = connected
            if connected and self._held.get(self.municipality) is None:
                self._ask_for(self.municipality)

    def saw_revision(self, code: str, revision: int) -> None:
        """A revision was heard or read; a watched index that is behind it (or from yesterday) is built anew."""
        with self._changed:
            self._revisions[code] = revision
            ready = self._held.get(code)
            current = ready is not None and ready.revision == revision and ready.day == today()
            if code in self._watched and not current:
                self._ask_for(code)

    # -- asked by requests

    def revision(self, code: str) -> int | None:
        """The municipality's revision if it is known for certain (the listener is connected), else None."""
        return self._revisions.get(code) if self.connected else None

    def ready(self, code: str) -> Ready | None:
        """The index if it is there; never waits."""
        return self._held.use(code)

    def held_index(self, code: str) -> Ready | None:
        """The index if it is there, without counting as a use."""
        return self._held.get(code)

    def held(self) -> dict[str, int]:
        """Municipality → bytes that its index is taken to weigh."""
        return self._held.weights()

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
                self._ask_for(code)
            while (ready := self._held.use(code)) is None:
                if code in self._failed:
                    raise self._failed[code]
                if not self._changed.wait(deadline - time.monotonic()):
                    raise UnavailableError("データを準備しています。しばらくしてからもう一度お試しください。")
            return ready

    def reasons(self) -> list[str]:
        """Why this process cannot answer everything yet; empty when it can."""
        found = []
        if not self.connected:
            found.append(NO_DATABASE)
        if self._held.get(self.municipality) is None:
            failed = self._failed.get(self.municipality)
            found.append(failed.message if failed else "検索の準備をしています。")
        return found

    # -- the builder threads

    def _ask_for(self, code: str) -> None:
        self._due[code] = None
        self._changed.notify_all()

    def _run(self, small: bool) -> None:
        while (code := self._next(small)) is not None:
            self._build(code, small)

    def _next(self, small: bool) -> str | None:
        """What to build now: the home city first, then in the order asked for; None at the end."""
        with self._changed:
            while not self._ending:
                for code in sorted(self._due, key=lambda one: one != self.municipality):
                    if code not in self._building and not (small and code in self._large):
                        self._building.add(code)
                        return code
                if not self._changed.wait(self._retry_s) and not small:
                    self._look_round()
            return None

    def _look_round(self) -> None:
        """Once in a while: what is from yesterday is built anew, and what failed is tried again."""
        day = today()
        for code in self._watched:
            ready = self._held.get(code)
            if code in self._failed if ready is None else ready.day != day:
                self._ask_for(code)

    def _build(self, code: str, small: bool) -> None:
        day = today()
        began = time.monotonic()
        try:
            # shapely and numpy come with these: not before they are needed.
            from geodata.queries.generation import resolve, rows_of
            from geodata.queries.snapshot import lookup_snapshot, snapshot_mark
            from kyodo_geo.kinds import LOOKUP_KINDS
            from kyodo_geo.lookup import LookupIndex
            from kyodo_geo.lookup.weight import weight

            def work(conn: Connection) -> tuple[Ref, str, Snapshot | None] | None:
                ref = resolve(conn, code)
                mark = snapshot_mark(conn, ref)
                before = self._held.get(code)
                if before is not None and (before.mark, before.day) == (mark, day):
                    return ref, mark, None
                if self._leave(ref, rows_of(conn, ref, LOOKUP_KINDS), small):
                    return None
                return ref, mark, lookup_snapshot(conn, ref)

            read = self._database.reading(work)
            if read is None:
                return
            ref, mark, snapshot = read
            del read
            if snapshot is None:
                self._keep_on(code, ref.revision)
                return
            index = LookupIndex(snapshot)
            credit = dumps(snapshot.dataset)
            built = Ready(code, ref.revision, ref.generation_no, day, index, credit, weight(snapshot), mark)
            del snapshot, index
            if code == self.municipality:
                self.built_at, self.built_in_s = time.time(), time.monotonic() - began
        except Exception as error:
            self._fail(code, error)
            return
        self._keep(built)

    def _leave(self, ref: Ref, rows: int, small: bool) -> bool:
        """Whether this thread leaves the municipality to the other one because it is large."""
        code = ref.municipality_code
        with self._changed:
            if rows < self._large_rows:
                self._large.discard(code)
                return False
            self._large.add(code)
            if small:
                self._building.discard(code)
                self._changed.notify_all()
            return small

    def _keep_on(self, code: str, revision: int) -> None:
        """The index that is there holds for this revision too: nothing that it is built from has changed."""
        with self._changed:
            held = self._held.get(code)
            if held is not None:
                self._put(replace(held, revision=revision, alike={}))
                if code in self._due and not self._ending:  # heard of, but a replica has it not yet
                    self._changed.wait(BEHIND_S)
            else:  # it was dropped meanwhile
                self._building.discard(code)
                self._due.pop(code, None)
                self._changed.notify_all()

    def _put(self, built: Ready) -> list[str]:
        """Under the lock: take it in and note what is due; the municipalities that had to go."""
        code = built.municipality
        dropped = self._held.put(built)
        self._watched.difference_update(dropped)
        for gone in dropped:
            self._due.pop(gone, None)
        self._failed.pop(code, None)
        self._building.discard(code)
        # What was asked for while this was being built is asked for again only if it is newer.
        self._due.pop(code, None)
        if self._revisions.get(code, built.revision) > built.revision:
            self._due[code] = None
        self._changed.notify_all()
        return dropped

    def _keep(self, built: Ready) -> None:
        code = built.municipality
        with self._changed:
            dropped = self._put(built)
        _settle(built.index.snapshot.associations, home=code == self.municipality)
        logs.SERVICE.info(
            "lookup index of %s: revision %d, generation %d%s",
            code, built.revision, built.generation_no, f"; let go of {', '.join(dropped)}" if dropped else "",
        )  # fmt: skip
        if dropped:
            give_back()

    def _fail(self, code: str, error: Exception) -> None:
        """Keep the reason. The home city is tried again by and by, and a held one; others when they are asked for."""
        reason = (
            error if isinstance(error, KyodoError) else UnavailableError("検索の準備ができませんでした。")
        )
        with self._changed:
            before = self._failed.get(code)
            if len(self._failed) >= MOST_FAILURES:
                self._failed.clear()
            self._failed[code] = reason
            self._building.discard(code)
            self._due.pop(code, None)
            if code != self.municipality and self._held.get(code) is None:
                self._watched.discard(code)
            self._changed.notify_all()
        if before is None or before.message != reason.message:
            logs.SERVICE.warning("lookup index of %s not built: %s", code, logs.failure(error))


FEW = 50_000
"""Associations up to which a full collection takes less than a few tenths of a second."""


def _settle(associations: Sized, *, home: bool) -> None:
    """Take what is alive now out of the collector's rounds until the next index comes.

    A million objects of an index refer to each other in no circle; walking over all of them again and again, in the midst
    of some request, cost a third of the processor time of lookups. One walk over everything comes with the home city's
    index, unless that alone would keep every request waiting for seconds. Other municipalities come and go all day: what
    came with theirs is walked over once, so that no circle is set aside for good, and goes by its references alone.
    """
    if len(associations) <= FEW:
        if home:
            gc.unfreeze()
        gc.collect()
    gc.freeze()
