"""The arrays of reach in one web process: loaded when first asked for, kept while nothing has changed.

scipy never comes into a web process: where the arrays are not ready yet, straight lines are made with numpy.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from anyio.to_thread import run_sync

if TYPE_CHECKING:
    from api.services import Services
    from geodata.reach_demand import Kind
    from kyodo_geo.reach.prepared import Prepared


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """`ready`: the job has made these; else they are straight lines between single points, to be replaced soon.

    `demand`: whether people live in small areas or grid squares; `meshed`: whether there are any of the latter.
    """

    prepared: Prepared
    ready: bool
    revision: int
    input_hash: str
    demand: Kind = "areas"
    meshed: bool = False


class Shelf:
    """One entry per municipality and kind of demand, at most `most`; what is derived of an entry goes with it. Thread-safe."""

    def __init__(self, most: int = 3) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._held: dict[tuple[str, Kind], Held] = {}
        self._derived: dict[tuple[Any, ...], Any] = {}

    def current(self, municipality: str, revision: int | None, kind: Kind = "areas") -> Held | None:
        """What is ready at that revision; never waits."""
        found = self._held.get((municipality, kind))
        return found if found is not None and found.ready and found.revision == revision else None

    def get(self, services: Services, municipality: str, kind: Kind = "areas") -> Held:
        """The arrays, loaded or made (blocking). No connection is held while another one is asked for.

        Raises `InputError` for grid squares that are not loaded.
        """
        from geodata import reach_arrays
        from geodata.queries.demand import mesh_years
        from geodata.queries.generation import resolve

        place = (municipality, kind)
        with self._lock:
            with services.database.read() as conn:
                ref = resolve(conn, municipality)
                hashed = reach_arrays.hash_of(conn, ref)
                meshed = bool(mesh_years(conn, ref))
            before = self._held.get(place)
            if before is not None and before.ready and before.input_hash == hashed:
                found = Held(before.prepared, True, ref.revision, hashed, kind, meshed)
            elif (prepared := reach_arrays.held(services.database, municipality, hashed, kind)) is not None:
                found = Held(prepared, True, ref.revision, hashed, kind, meshed)
            elif before is not None and (before.input_hash, before.revision) == (hashed, ref.revision):
                found = before
            else:
                with services.database.read() as conn:
                    ref = resolve(conn, municipality)
                    prepared = reach_arrays.gathered(conn, ref, with_network=False, kind=kind)
                found = Held(prepared, False, ref.revision, hashed, kind, meshed)
            if before is None or before.prepared is not found.prepared:
                self._derived.clear()
            self._held.pop(place, None)
            self._held[place] = found
            while len(self._held) > self._most:
                self._held.pop(next(iter(self._held)))
            return found

    def derived(self, held: Held, key: tuple[Any, ...], make: Any) -> Any:
        """What is made of the arrays for one choice, a few of the latest kept."""
        full = (held.input_hash, held.ready, held.demand, *key)
        found = self._derived.get(full)
        if found is None:
            found = make()
            if len(self._derived) >= 5:
                self._derived.clear()
            self._derived[full] = found
        return found


async def held_for(services: Services, municipality: str | None, kind: Kind = "areas") -> Held:
    """The arrays for a request; without a thread where they are at hand. Raises `InputError` as `Shelf.get` does."""
    code = municipality or services.settings.municipality
    revision = services.live.revision(code)
    found = services.reach.current(code, revision, kind)
    if found is None:
        found = await run_sync(services.reach.get, services, code, kind, limiter=services.limiter)
    return found
