"""Everything one application holds: built once in `create_app`, opened and closed with its lifespan."""

from __future__ import annotations

import hashlib
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast
from weakref import WeakValueDictionary

import anyio
from fastapi import Depends, Request

from api.auth.key_ring import KeyRing
from api.auth.provider_sign_in import ProviderSignIn
from api.auth.second_step import SecondStep
from api.auth.sign_in import AT_ONCE as SIGN_INS_AT_ONCE
from api.auth.sign_in import SignIn
from api.basemap import Ground, open_ground
from api.cache import ByteCache, CountCache, ObjectCache
from api.counters import LookupCounters
from api.exports.process import AT_ONCE as FILES_AT_ONCE
from api.hot_offer import Uses
from api.live import Live
from api.metrics import FOLDER, Figures
from api.paper.count import Visitors
from api.paper.render import AT_ONCE
from api.past_lookup import PastLookups
from api.places import Places
from api.rate_limit import RateLimits
from api.reach_pages.shelf import Shelf
from api.ready import Readiness
from api.settings import Settings
from api.tickets.desk import Desk
from api.tickets.gate import Gate
from api.tiles.store import TileStore
from geodata.database import Database
from geodata.holidays import read_holidays
from geodata.listen import Events, Listener
from geodata.watched import Watcher

if TYPE_CHECKING:
    import asyncio

    from api.pages import Pages

OF_ONE_PROCESS: dict[str, Any] = {
    "host": "",
    "port": 0,
    "workers": 0,
    "database_pool_size": 0,
    "lookup_memory_mb": 0,
    "statement_timeout_s": 0,
    "write_timeout_s": 0,
    "lock_timeout_s": 0,
    "job_timeout_s": 0,
    "state_dir": None,
    "publish_private_key": None,
    "publish_public_keys": [],
    "publish_max_mb": 0,
    "wal_archive_dir": None,
    "log_level": "",
    "log_format": "text",
    "trusted_proxies": [],
    "shutdown_seconds": 0,
    "drain_seconds": 0,
    "metrics_port": None,
    "metrics_host": "",
    "otlp_endpoint": None,
    "otlp_sample": 0.0,
}
"""Settings that no answer shows, except as the address that people use where no `base_url` is set."""

WAITING = 16
"""Threads that may wait for lookup indexes at the same time."""


@dataclass(slots=True)
class Services:
    """One application's parts. `limiter` bounds blocking work to the number of database connections."""

    settings: Settings
    database: Database
    live: Live
    key_ring: KeyRing
    counters: LookupCounters
    pages: Pages
    sign_in: SignIn
    listener: Listener
    rates: RateLimits
    desk: Desk
    ground: Ground
    tiles: TileStore
    gate: Gate = field(default_factory=Gate)
    readiness: Readiness = field(default_factory=Readiness)
    draining: threading.Event = field(default_factory=threading.Event)
    """Set once this process has been told to end."""
    hot_uses: Uses = field(default_factory=Uses)
    figures: Figures | None = None
    """What is counted for Prometheus; None where nobody asks (`KYODO_METRICS_PORT`)."""
    leaflet_visitors: Visitors = field(default_factory=Visitors)
    cache: ByteCache = field(default_factory=ByteCache)
    counts: CountCache = field(default_factory=CountCache)
    drawn: ObjectCache = field(default_factory=ObjectCache)
    compared: ObjectCache = field(default_factory=lambda: ObjectCache(12))
    """Datasets that staff look at: slow to compare, so that they must not keep the public's maps waiting."""
    reach: Shelf = field(default_factory=Shelf)
    past: PastLookups = field(init=False)
    locks: WeakValueDictionary[Any, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    _limiters: dict[str, anyio.CapacityLimiter] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.past = PastLookups(self.database)

    def _places(self, name: str, number: int) -> anyio.CapacityLimiter:
        """The limiter of that name, made when it is first asked for: by then there is an event loop."""
        found = self._limiters.get(name)
        if found is None:
            found = self._limiters[name] = anyio.CapacityLimiter(number)
        return found

    @property
    def batch_limiter(self) -> anyio.CapacityLimiter:
        """One slice of a batch at a time, whoever asks."""
        return self._places("batches", 1)

    @property
    def limiter(self) -> anyio.CapacityLimiter:
        """Who waits too long for a connection is told so (`api.places`), instead of being kept."""
        if "database" not in self._limiters:
            places = Places(self.settings.database_pool_size)
            self._limiters["database"] = cast("anyio.CapacityLimiter", places)
        return self._limiters["database"]

    @property
    def waiting_limiter(self) -> anyio.CapacityLimiter:
        """Those who wait for an index to be built: they keep nobody from reading who needs none."""
        return self._places("waiting", WAITING)

    @property
    def sign_in_limiter(self) -> anyio.CapacityLimiter:
        """Bounds the threads of sign-ins; `api.auth.passwords` and `api.auth.apart` bound what each of them does."""
        return self._places("sign-ins", SIGN_INS_AT_ONCE)

    @property
    def second_step(self) -> SecondStep:
        """Codes of an authenticator."""
        return SecondStep(self.sign_in)

    @property
    def provider(self) -> ProviderSignIn:
        """The city's sign-in service."""
        return ProviderSignIn(self.sign_in)

    @property
    def paper_limiter(self) -> anyio.CapacityLimiter:
        """Bounds the processes that make PDFs."""
        return self._places("paper", AT_ONCE)

    @property
    def tile_limiter(self) -> anyio.CapacityLimiter:
        """Bounds the threads that read and draw tiles: a map asks for a dozen at once."""
        return self._places("tiles", 4)

    @property
    def export_limiter(self) -> anyio.CapacityLimiter:
        """Bounds the processes that write binary files."""
        return self._places("exports", FILES_AT_ONCE)

    @property
    def stream_limiter(self) -> anyio.CapacityLimiter:
        """Bounds the files that are streamed from the database: a quarter of the connections, so that pages go on."""
        return self._places("streams", max(1, self.settings.database_pool_size // 4))

    @property
    def fingerprint(self) -> str:
        """Changes with any setting that shows (secrets are left out by `repr`) and the file of tiles: part of every ETag.

        Equal in all processes that share a `base_url`, whatever machine and port each has: a cache asks any of them.
        """
        tiles = self.ground.tiles
        shown = self.settings.model_copy(update=OF_ONE_PROCESS)
        known = f"{shown!r}\0{self.settings.public_url}\0{tiles.info.version if tiles else ''}"
        return hashlib.sha256(known.encode()).hexdigest()[:12]

    def start(self) -> None:
        """Start the threads; none of them needs the database to be there yet."""
        self.database.open()
        self.live.start()
        self.counters.start()
        self.listener.start()
        if self.figures is not None:
            self.figures.start(self)

    def stop(self) -> None:
        """Stop in the opposite order; counts are written before the connections close."""
        if self.figures is not None:
            self.figures.stop()
        self.listener.stop()
        self.counters.stop()
        self.live.stop()
        self.tiles.close()
        self.database.close()
        self.ground.close()


def build(
    settings: Settings,
    database: Database | None = None,
    *,
    poll_s: float = 5.0,
    watcher: Watcher | None = None,
) -> Services:
    """Put the parts together; nothing connects to anything yet."""
    from api.pages import Pages

    ground = open_ground(settings)
    database = database or Database(
        settings.app_url(),
        read_url=settings.read_database_url,
        listen_url=settings.listen_url(),
        pooled=settings.pooled,
        watcher=watcher,
        min_size=1,
        max_size=settings.database_pool_size,
        statement_timeout_ms=settings.statement_timeout_s * 1000,
        bounds=settings.write_bounds(),
    )
    live = Live(database, settings.municipality, max_bytes=settings.lookup_memory_mb * 2**20, retry_s=poll_s)
    key_ring = KeyRing(database, settings.municipality)
    rates = RateLimits(settings)

    def connected(yes: bool) -> None:
        live.set_connected(yes)
        key_ring.set_connected(yes)

    events = Events(revision=live.saw_revision, keys=key_ring.forget, connected=connected)
    return Services(
        settings=settings,
        database=database,
        live=live,
        key_ring=key_ring,
        counters=LookupCounters(database, municipality=settings.municipality, rates=rates),
        figures=Figures(Path(os.environ[FOLDER])) if FOLDER in os.environ else None,
        pages=Pages(settings, ground.basemap),
        sign_in=SignIn(database, settings),
        ground=ground,
        tiles=TileStore(database, live, settings.municipality, settings.tile_cache_mb << 20),
        listener=Listener(database, events, poll_s=poll_s),
        rates=rates,
        desk=Desk(
            database,
            settings,
            read_holidays(settings.holidays_file) if settings.holidays_file else frozenset(),
        ),
    )


def services_of(request: Request) -> Services:
    """The services of the application that received the request."""
    found: Services = request.app.state.services
    return found


async def _served(request: Request) -> Services:
    """The same as a dependency: FastAPI sends those that are no coroutines through a thread."""
    return services_of(request)


Served = Annotated[Services, Depends(_served)]
