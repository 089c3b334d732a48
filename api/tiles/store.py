"""The tiles of one application: what is active, and the bytes made of it.

A tile hangs on a dataset, and a dataset that a generation names never changes. So bytes are kept by dataset (and by
day for layers whose rows begin and end), and what is looked up anew with each revision is only which dataset each
layer has: an activation shows at the next request, and a correction of a telephone number throws no tile away.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from anyio.to_thread import run_sync

from api.cache import COMPRESS_FROM, Answer, ByteCache, build_id, etag_of
from api.clock import today
from api.hot_offer import Offer
from geodata.database import Connection, Database
from geodata.features.tile_facts import LayerFacts, layer_datasets, layer_facts
from geodata.features.tile_layers import TILE_LAYERS, tile_query
from geodata.queries.generation import Ref, resolve
from geodata.statements import Statements
from kyodo_geo.collections import COLLECTIONS, EVERYBODY
from kyodo_geo.errors import NotFoundError, UnavailableError

if TYPE_CHECKING:
    from api.live import Live

T = TypeVar("T")

MVT = "application/vnd.mapbox-vector-tile"
SAMPLE = "-sample"
KEPT_AT = 0
"""The cache's word for the revision: the key has the dataset."""
MOST_FACTS = 512
"""Datasets whose extent is remembered."""
MOST_DAYS = 64
"""Past days whose generation is remembered."""
MOST_VERSIONS = 512
"""Choices of layers whose version is remembered: any order of any of them may be asked for."""
STAFF_LAYERS = frozenset(name for name in TILE_LAYERS if COLLECTIONS[name].readers != EVERYBODY)
"""Layers that do not exist for everybody."""
NO_TILE = "このタイルは、データの範囲の外です。"
NO_LAYER = "このコレクションのタイルはありません。"


@dataclass(frozen=True, slots=True)
class Shown:
    """What is active: the generation, the day it is looked at for, and the dataset of each public layer."""

    ref: Ref
    day: date
    datasets: dict[str, int]
    versions: dict[tuple[str, ...], str] = field(default_factory=dict, compare=False)

    def version(self, layers: Sequence[str]) -> str:
        """Text that changes whenever a tile of these layers may; stands in versioned addresses."""
        key = tuple(layers)
        found = self.versions.get(key)
        if found is None:
            if len(self.versions) >= MOST_VERSIONS:
                self.versions.clear()
            found = self.versions[key] = self._version(key)
        return found

    def _version(self, layers: tuple[str, ...]) -> str:
        parts = [f"{layer}={self.datasets.get(layer)}" for layer in layers]
        dated = self.day if any(TILE_LAYERS[layer].dated for layer in layers) else ""
        told = "\0".join([build_id(), *parts, str(dated)])
        return f"{self.ref.generation_no}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"


def texts() -> dict[str, str]:
    """Every statement that makes a public tile, by name."""
    found = {}
    for name, layer in TILE_LAYERS.items():
        if name in STAFF_LAYERS:
            continue
        found[name] = tile_query(name, sample=False)
        if layer.sample:
            found[name + SAMPLE] = tile_query(name, sample=True)
    return found


class TileStore:
    """Tiles everybody may see, in memory up to `max_bytes` (0: each is made anew)."""

    def __init__(self, database: Database, live: Live, municipality: str, max_bytes: int) -> None:
        self._database = database
        self._live = live
        self._municipality = municipality
        self._statements = Statements(database, texts())
        self.cache = ByteCache(max_bytes) if max_bytes else None
        self._shown: dict[str, tuple[int, Shown]] = {}
        self._past: OrderedDict[tuple[str, date], tuple[int, Shown]] = OrderedDict()
        self._facts: OrderedDict[int, LayerFacts] = OrderedDict()
        self._making: dict[object, asyncio.Future[Any]] = {}

    def close(self) -> None:
        self._statements.close()

    # -- what is active

    def known(self, municipality: str) -> Shown | None:
        """The present state if it is known for certain; never waits."""
        revision = self._live.revision(municipality)
        held = self._shown.get(municipality)
        if held is None or revision is None or held[0] != revision or held[1].day != today():
            return None
        return held[1]

    async def shown(self, municipality: str, as_of: date | None = None, *, anew: bool = False) -> Shown:
        """The present state, or that of a past day; `anew`: as the database has it this moment.

        Raises NotFoundError and UnavailableError as `resolve` does.
        """
        if as_of is None:
            known = None if anew else self.known(municipality)
            if known is not None:
                return known
            return await self._once(("shown", municipality), lambda: self._read(municipality, None))
        revision = self._live.revision(municipality)
        held = self._past.get((municipality, as_of))
        if held is not None and held[0] == revision and not anew:
            self._past.move_to_end((municipality, as_of))
            return held[1]
        return await self._once(("shown", municipality, as_of), lambda: self._read(municipality, as_of))

    async def _read(self, municipality: str, as_of: date | None) -> Shown:
        found = await run_sync(self._resolved, municipality, as_of)
        if as_of is None:
            self._shown[municipality] = (found.ref.revision, found)
        else:
            self._past[(municipality, as_of)] = (found.ref.revision, found)
            while len(self._past) > MOST_DAYS:
                self._past.popitem(last=False)
        return found

    def _resolved(self, municipality: str, as_of: date | None) -> Shown:
        day = as_of or today()

        def read(conn: Connection) -> tuple[Ref, dict[str, int]]:
            ref = resolve(conn, municipality, as_of)
            return ref, layer_datasets(conn, ref)

        try:
            ref, datasets = self._database.reading(read)
        except NotFoundError:
            if as_of is None and municipality == self._municipality:
                raise UnavailableError("まだデータが読み込まれていません。") from None
            raise
        return Shown(ref, day, {name: no for name, no in datasets.items() if name not in STAFF_LAYERS})

    async def facts(self, shown: Shown, layer: str) -> LayerFacts:
        """Rows and box of a layer. Raises NotFoundError where the generation does not have it."""
        dataset = shown.datasets.get(layer)
        if dataset is None:
            raise NotFoundError(NO_LAYER)
        held = self._facts.get(dataset)
        if held is not None:
            return held
        code = shown.ref.municipality_code
        return await self._once(("facts", dataset), lambda: self._count(code, layer, dataset))

    def facts_in(self, conn: Connection, shown: Shown, layer: str) -> LayerFacts:
        """The same within a reading of the caller's (blocking), with the rights that it has."""
        dataset = shown.datasets[layer]
        held = self._facts.get(dataset)
        if held is None:
            held = layer_facts(conn, shown.ref.municipality_code, layer, dataset)
            self._remember(held)
        return held

    def _remember(self, facts: LayerFacts) -> None:
        self._facts[facts.dataset_id] = facts
        while len(self._facts) > MOST_FACTS:
            self._facts.popitem(last=False)

    async def _count(self, municipality: str, layer: str, dataset: int) -> LayerFacts:
        def read(conn: Connection) -> LayerFacts:
            return layer_facts(conn, municipality, layer, dataset)

        found = await run_sync(self._database.reading, read)
        self._remember(found)
        return found

    # -- tiles

    async def tile(
        self, shown: Shown, layers: Sequence[str], zoom: int, row: int, col: int, *, packed: bool
    ) -> Answer:
        """A tile with these layers; an empty body where they have nothing there. `packed`: with its gzip form.

        Raises NotFoundError where a layer does not exist or the tile lies outside all of them.
        """
        key = self.key(shown, layers, zoom, row, col)
        found = None if self.cache is None else self.cache.get(key, None)
        if found is None:
            all_facts = [await self.facts(shown, layer) for layer in layers]
            facts = [fact for fact in all_facts if fact.holds(zoom, row, col)]
            if not facts:
                raise NotFoundError(NO_TILE)
            found = await self._once(key, lambda: self._made(key, shown, facts, (zoom, row, col)))
        if packed and found.gzip is None and len(found.body) >= COMPRESS_FROM:
            plain = found
            found = await self._once((*key, "gzip"), lambda: self._packed(key, plain))
        return found

    @staticmethod
    def key(shown: Shown, layers: Sequence[str], zoom: int, row: int, col: int) -> tuple[object, ...]:
        """Everything the bytes depend on."""
        dated = shown.day if any(TILE_LAYERS[layer].dated for layer in layers) else None
        return (*(shown.datasets.get(layer) for layer in layers), dated, *layers, zoom, row, col)

    def offer(
        self,
        tile: Answer,
        shown: Shown,
        layers: Sequence[str],
        zoom: int,
        row: int,
        col: int,
        *,
        route: str | None = None,
    ) -> Offer | None:
        """What the short way of ready answers may know of a tile; None where tiles are made anew each time."""
        if self.cache is None:
            return None
        ref = shown.ref
        return Offer(
            tile,
            self.cache,
            self.key(shown, layers, zoom, row, col),
            ref.municipality_code,
            today(),
            kept_at=KEPT_AT,
            revision=ref.revision,
            route=route,
        )

    async def _made(
        self,
        key: tuple[object, ...],
        shown: Shown,
        facts: Sequence[LayerFacts],
        place: tuple[int, int, int],
    ) -> Answer:
        # Layers of a tile are fields of one message: set behind each other they are a tile with all of them.
        body = b"".join([await self._layer(shown, fact, place) for fact in facts])
        return self._keep(key, Answer(body, MVT, etag_of(MVT, hashlib.sha256(body).hexdigest())))

    async def _layer(self, shown: Shown, fact: LayerFacts, place: tuple[int, int, int]) -> bytes:
        zoom, row, col = place
        layer = TILE_LAYERS[fact.layer]
        name = fact.layer + (SAMPLE if layer.sample and fact.too_many(zoom, row, col) else "")
        day = [shown.day] if layer.dated else []
        params = [shown.ref.municipality_code, fact.dataset_id, zoom, col, row, *day]
        return await self._statements.value(name, params) or b""

    async def _packed(self, key: tuple[object, ...], plain: Answer) -> Answer:
        large = len(plain.body) > 64 * 1024
        small = await run_sync(_gzip, plain.body) if large else _gzip(plain.body)
        return self._keep(key, Answer(plain.body, MVT, plain.etag, gzip=small))

    def _keep(self, key: tuple[object, ...], made: Answer) -> Answer:
        if self.cache is not None:
            self.cache.put(key, KEPT_AT, made)
        return made

    async def _once(self, key: object, work: Callable[[], Awaitable[T]]) -> T:
        """One making for everybody who asks meanwhile. Should the one who makes it go away, another begins anew."""
        loop = asyncio.get_running_loop()
        while (others := self._making.get(key)) is not None and others.get_loop() is loop:
            await asyncio.wait((others,))
            if not others.cancelled():
                found: T = others.result()
                return found
        mine = self._making[key] = loop.create_future()
        try:
            made = await work()
        except BaseException as error:
            if isinstance(error, Exception):
                mine.set_exception(error)
                mine.exception()  # looked at, even when nobody else waits: else the loop reports it as lost
            else:
                mine.cancel()
            raise
        else:
            mine.set_result(made)
            return made
        finally:
            if self._making.get(key) is mine:
                del self._making[key]


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, 6, mtime=0)
