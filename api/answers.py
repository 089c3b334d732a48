"""One way to answer a public read: from memory when the revision is unchanged, else built once in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from api.cache import PUBLIC_FRESH, Answer, etag_of, finish, send
from api.clock import today
from api.hot_offer import Offer, offer
from api.params import Params
from api.services import Services, services_of
from geodata.database import Audience, Connection
from geodata.queries.generation import Ref, resolve
from kyodo_geo.errors import NotFoundError, UnavailableError

JSON = "application/json"
GEOJSON = "application/geo+json"
HTML = "text/html; charset=utf-8"
CSV = "text/csv; charset=utf-8"
SCRIPT = "text/javascript; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a builder works with: one read-only transaction of the public audience, and the day it is for.

    `on` is the day asked for (`as_of`), else today.
    """

    conn: Connection
    ref: Ref
    on: date
    services: Services


@dataclass(frozen=True, slots=True)
class Built:
    """What a builder may return instead of plain bytes."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    keep: bool = True
    """False for an answer that will be another one soon at the same revision: it is made anew each time."""


Builder = Callable[[Reading], bytes | Built]


async def answer(
    request: Request,
    build: Builder,
    *,
    params: Params,
    media_type: str = JSON,
    cache_control: str = PUBLIC_FRESH,
) -> Response:
    """Answer with what `build` makes of the database, or made of it before.

    `params` may carry `municipality` and `as_of`. While notices do not arrive the revision is not known, so
    everything is read anew; if the database cannot be reached then, the last answer is better than none.
    """
    made = await made_answer(request, build, params=params, media_type=media_type)
    return send(request, made, cache_control)


async def made_answer(request: Request, build: Builder, *, params: Params, media_type: str) -> Answer:
    """The answer itself, for routes that send it in their own way."""
    services = services_of(request)
    municipality = getattr(params, "municipality", None) or services.settings.municipality
    day = today()
    key = key_of(request.scope["route"].path, params, request.path_params, municipality, day)
    made = await _kept_or_made(request, build, params, media_type, services, key, municipality, day)
    offer(request, Offer(made, services.cache, key, municipality, day))
    return made


async def _kept_or_made(
    request: Request,
    build: Builder,
    params: Params,
    media_type: str,
    services: Services,
    key: tuple[object, ...],
    municipality: str,
    day: date,
) -> Answer:
    revision = services.live.revision(municipality)
    if revision is not None and (found := services.cache.get(key, revision)) is not None:
        return found
    lock = services.locks.setdefault(key, asyncio.Lock())
    async with lock:
        revision = services.live.revision(municipality)
        if revision is not None and (found := services.cache.get(key, revision)) is not None:
            return found
        as_of = getattr(params, "as_of", None)
        work = (services, build, key, municipality, as_of, day, media_type)
        try:
            return await run_sync(_make, *work, limiter=services.limiter)
        except UnavailableError:
            kept = services.cache.get(key, None)
            if kept is None:
                raise
            return kept


def key_of(
    route: str, params: Params, path_params: Mapping[str, object], municipality: str, day: date
) -> tuple[object, ...]:
    """What an answer depends on beside audience and revision; `v` only names a version of it."""
    asked = {**params.model_dump(exclude={"municipality", "v"}), **path_params}
    return (route, municipality, day, *sorted((k, str(v)) for k, v in asked.items()))


def tag_of(services: Services, revision: int, key: tuple[object, ...]) -> str:
    """ETag (without quotes) of the public answer to `key` at a revision."""
    return etag_of(services.fingerprint, Audience.PUBLIC.value, revision, *key)


def _make(
    services: Services,
    build: Builder,
    key: tuple[object, ...],
    municipality: str,
    as_of: date | None,
    day: date,
    media_type: str,
) -> Answer:
    def work(conn: Connection) -> tuple[Ref, bytes | Built]:
        ref = _resolve(services, conn, municipality, as_of)
        return ref, build(Reading(conn, ref, as_of or day, services))

    ref, built = services.database.reading(work)
    if isinstance(built, bytes):
        built = Built(built)
    tag = tag_of(services, ref.revision, key)
    made = finish(built.body, media_type, tag if built.keep else f"{tag}-passing", built.headers)
    if built.keep:
        services.cache.put(key, ref.revision, made)
    return made


def _resolve(services: Services, conn: Connection, municipality: str, as_of: date | None = None) -> Ref:
    """Our own municipality not being there yet is our fault, not the visitor's."""
    try:
        return resolve(conn, municipality, as_of)
    except NotFoundError:
        if as_of is None and municipality == services.settings.municipality:
            raise UnavailableError(
                "まだデータが読み込まれていません。しばらくしてからもう一度お試しください。"
            ) from None
        raise


@contextmanager
def reading_of(
    services: Services, municipality: str | None = None, as_of: date | None = None
) -> Iterator[Reading]:
    """A reading (of the application's own municipality, today) for answers that are nobody else's (blocking)."""
    with services.database.read(Audience.PUBLIC) as conn:
        ref = _resolve(services, conn, municipality or services.settings.municipality, as_of)
        yield Reading(conn, ref, as_of or today(), services)


def private(body: bytes, media_type: str, headers: Mapping[str, Any] | None = None) -> Response:
    """Bytes made for one reader: nobody may store them."""
    return Response(body, 200, {**(headers or {}), "Cache-Control": "private, no-store"}, media_type)
