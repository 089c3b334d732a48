"""One way to answer below /ogc: public bytes from memory by revision, everything else made for one reader alone."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from api.answers import private
from api.auth.csrf import HEADER
from api.cache import Answer, etag_of, finish, send, send_private
from api.clock import today
from api.hot_offer import Offer, offer
from api.ogc.formats import HTML, Format, choose
from api.ogc.links import Links, links_of
from api.ogc.params import OgcParams
from api.ogc.reader import Reader, reader_of
from api.services import Services, services_of
from geodata.audit import looked_at, record
from geodata.database import Audience, Connection
from geodata.queries.datasets import active_datasets
from geodata.queries.generation import Ref, resolve
from kyodo_geo.collections import Collection
from kyodo_geo.errors import NotFoundError, UnavailableError
from kyodo_geo.quality import DatasetInfo

KEEP_UP_TO = 4 << 20
"""Larger bodies are sent and forgotten: one of them must not push out a thousand small ones."""
VARY = "Accept, Accept-Encoding, Authorization, Cookie"


AUDITED = frozenset({"vacant-houses"})
"""Collections whose readers are written down."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a builder works with: one read-only transaction with the reader's database role.

    `ref` is the generation of `as_of`, else the active one; `on` the day asked for, else today. `form` is the format
    chosen; `params` are the parameters as they were sent.
    """

    conn: Connection
    ref: Ref
    on: date
    services: Services
    reader: Reader
    links: Links
    form: Format
    datasets: Mapping[str, DatasetInfo]
    csrf_token: str | None = None

    def loaded(self, collection: Collection) -> bool:
        """Whether the generation holds what the collection rests on; dated records need none."""
        return not collection.kinds or collection.kinds[0] in self.datasets

    def collections(self) -> list[Collection]:
        """The collections that exist for the reader in this generation."""
        return [found for found in self.reader.collections() if self.loaded(found)]

    def collection(self, collection_id: str) -> Collection:
        """One of them; raises `NotFoundError`."""
        found = self.reader.collection(collection_id)
        if not self.loaded(found):
            raise NotFoundError("このコレクションのデータは読み込まれていません。")
        return found


@dataclass(frozen=True, slots=True)
class Made:
    """A finished body. `tag`: what its ETag hangs on instead of the revision. `seen`: (collection, ids) to be audited."""

    body: bytes
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    tag: str | None = None
    seen: tuple[str, list[str]] | None = None


Builder = Callable[[Reading], Made]


async def respond(
    request: Request, params: OgcParams, formats: Sequence[Format], build: Builder, *, key: Any = ()
) -> Response:
    """Answer with what `build` makes; `key` is what the answer depends on beside the route and its parameters."""
    form = choose(params.f, request.headers.get("accept", ""), formats)
    asked = _asked(request, params, form, await reader_of(request))
    work, reader = _Work(asked, build), asked.reader
    if reader.is_staff:
        made = await run_sync(_make_private, work, limiter=asked.services.limiter)
        response = _send_private(request, form, made, reader.principal.csrf_token)
    else:
        response = send(request, await _public(request, work, key))
    response.headers["Vary"] = VARY
    return response


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request as it is understood before the database is asked."""

    services: Services
    params: OgcParams
    form: Format
    reader: Reader
    links: Links

    @property
    def municipality(self) -> str:
        return self.params.municipality or self.services.settings.municipality


def _asked(request: Request, params: OgcParams, form: Format, reader: Reader) -> _Asked:
    links = links_of(request, {"municipality": params.municipality, "as_of": params.as_of})
    return _Asked(services_of(request), params, form, reader, links)


@dataclass(frozen=True, slots=True)
class _Work:
    asked: _Asked
    build: Builder

    def __call__(self, conn: Connection, day: date) -> tuple[Reading, Made]:
        reading = _reading(self.asked, conn, day)
        return reading, self.build(reading)


async def _public(request: Request, work: _Work, more: Any) -> Answer:
    day, asked = today(), work.asked
    given = asked.params.model_dump(exclude={"f", "municipality"}, exclude_none=True)
    key = (
        "ogc",
        request.scope["route"].path,
        tuple(sorted((name, str(value)) for name, value in request.path_params.items())),
        tuple(sorted((name, str(value)) for name, value in given.items())),
        asked.form.name,
        asked.links.base,
        # An address without its own municipality has links without it.
        asked.params.municipality,
        asked.municipality,
        day,
        more,
    )
    found = await _kept_or_made(work, key, day)
    offer(request, Offer(found, asked.services.cache, key, asked.municipality, day))
    return found


async def _kept_or_made(work: _Work, key: tuple[object, ...], day: date) -> Answer:
    services, municipality = work.asked.services, work.asked.municipality
    revision = services.live.revision(municipality)
    if revision is not None and (found := services.cache.get(key, revision)) is not None:
        return found
    async with services.locks.setdefault(key, asyncio.Lock()):
        revision = services.live.revision(municipality)
        if revision is not None and (found := services.cache.get(key, revision)) is not None:
            return found
        try:
            return await run_sync(_make_public, work, key, day, limiter=services.limiter)
        except UnavailableError:
            kept = services.cache.get(key, None)
            if kept is None:
                raise
            return kept


def _make_public(work: _Work, key: tuple[object, ...], day: date) -> Answer:
    services = work.asked.services
    reading, made = services.database.reading(lambda conn: work(conn, day))
    if made.tag is None:
        etag = etag_of(services.fingerprint, Audience.PUBLIC.value, reading.ref.revision, *key)
    else:
        # Whoever changes the row compares the part before the dot (see item_tag); the rest is of these bytes.
        etag = f"{made.tag}.{etag_of(hashlib.sha256(made.body).hexdigest())}"
    answer = finish(made.body, made.media_type, etag, made.headers)
    if len(made.body) <= KEEP_UP_TO:
        services.cache.put(key, reading.ref.revision, answer)
    return answer


def _make_private(work: _Work) -> Made:
    """Made anew with staff rights; a look at rows that are watched is written down before it is answered."""
    services, audience = work.asked.services, work.asked.reader.audience
    reading, made = services.database.reading(lambda conn: work(conn, today()), audience)
    if made.seen is not None:
        look_down(services, reading, *made.seen)
    return made


def look_down(services: Services, reading: Reading, name: str, ids: list[str]) -> None:
    """Write a look at a watched collection down."""
    ref, actor = reading.ref, reading.reader.principal.login or "unknown"
    details = looked_at(ids) | {"generation": ref.generation_no, "by": "ogc"}
    with services.database.write(Audience.STAFF) as conn:
        record(conn, ref.municipality_code, actor, f"{name}.view", None, details, kind="view")


def _reading(asked: _Asked, conn: Connection, day: date) -> Reading:
    ref = _resolve(asked, conn)
    return Reading(
        conn,
        ref,
        asked.params.as_of or day,
        asked.services,
        asked.reader,
        asked.links,
        asked.form,
        active_datasets(conn, ref),
        asked.reader.principal.csrf_token,
    )


def _resolve(asked: _Asked, conn: Connection) -> Ref:
    """Our own municipality not being there yet is our fault, not the visitor's."""
    try:
        return resolve(conn, asked.municipality, asked.params.as_of)
    except NotFoundError:
        if asked.params.as_of is None and asked.municipality == asked.services.settings.municipality:
            raise UnavailableError(
                "まだデータが読み込まれていません。しばらくしてからもう一度お試しください。"
            ) from None
        raise


def staff_etag(tag: str, form: Format) -> str:
    """Entity tag of an item as staff read it."""
    return f'"{tag}.staff-{form.name}"'


def _send_private(request: Request, form: Format, made: Made, token: str | None) -> Response:
    # Who may change something says it back (api/ogc/write_request.py); other sites' pages cannot read it.
    headers = {} if token is None else {HEADER: token}
    headers = {**made.headers, **headers, "X-Robots-Tag": "noindex"}
    if made.tag is not None:
        headers["ETag"] = staff_etag(made.tag, form)
    if form is HTML:
        # The page holds a form's token: not compressed together with text of the sender.
        return private(made.body, made.media_type, headers)
    return send_private(request, finish(made.body, made.media_type, "", headers))


def item_tag(etag: str) -> str:
    """The hash of the row in an item's ETag or If-Match, whatever the format, system of coordinates or encoding."""
    return etag.strip().removeprefix("W/").strip('"').partition(".")[0]


def open_reading(
    request: Request, params: OgcParams, form: Format, reader: Reader, conn: Connection
) -> Reading:
    """The reading of a request on a connection of the caller's, for parts that answer in their own way (files)."""
    return _reading(_asked(request, params, form, reader), conn, today())
