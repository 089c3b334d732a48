"""PDFs for requests: made once per revision, a few at a time, and never while a database connection is held."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from urllib.parse import urlsplit

from anyio.to_thread import run_sync
from starlette.requests import Request

from api.answers import Reading, reading_of
from api.cache import Answer, etag_of
from api.clock import today
from api.paper.render import render
from api.services import Services
from geodata.database import Audience
from kyodo_geo.errors import UnavailableError

PDF = "application/pdf"
MOST_WAITING = 16
BUSY = "チラシの作成が混み合っています。少し待ってから、もう一度お試しください。"
MakeHtml = Callable[[Reading], str]


async def kept(
    services: Services,
    key: tuple[object, ...],
    build: MakeHtml,
    *,
    municipality: str | None = None,
    as_of: date | None = None,
) -> Answer:
    """The PDF of a sheet that is the same for everybody today; `key` names it within one revision.

    Raises what `build` raises, `UnavailableError` when the PDF cannot be made.
    """
    code = municipality or services.settings.municipality
    key = ("paper", code, today(), as_of, *key)
    revision = services.live.revision(code)
    if revision is not None and (found := services.cache.get(key, revision)) is not None:
        return found
    lock = services.locks.setdefault(key, asyncio.Lock())
    async with lock:
        revision = services.live.revision(code)
        if revision is not None and (found := services.cache.get(key, revision)) is not None:
            return found
        html, read_at = await run_sync(_read, services, build, code, as_of, limiter=services.limiter)
        body = await rendered(services, html)
        made = Answer(body, PDF, etag_of(services.fingerprint, Audience.PUBLIC.value, read_at, *key))
        services.cache.put(key, read_at, made)
        return made


async def once(services: Services, build: MakeHtml) -> bytes:
    """The PDF of a sheet made for one reader: kept nowhere."""
    html, _ = await run_sync(_read, services, build, None, None, limiter=services.limiter)
    return await rendered(services, html)


async def rendered(services: Services, html: str) -> bytes:
    """Raises `UnavailableError` when so many wait already that nobody would get theirs in time."""
    if services.paper_limiter.statistics().tasks_waiting >= MOST_WAITING:
        raise UnavailableError(BUSY)
    return await run_sync(render, html, limiter=services.paper_limiter)


def _read(
    services: Services, build: MakeHtml, municipality: str | None, as_of: date | None
) -> tuple[str, int]:
    with reading_of(services, municipality, as_of) as reading:
        return build(reading), reading.ref.revision


def origin(request: Request, services: Services) -> str:
    """What a code on paper leads to: KYODO_BASE_URL, else the address under which we were asked (a known host)."""
    if services.settings.base_url:
        return services.settings.base_url
    return f"{request.url.scheme}://{request.url.netloc}"


def is_test_address(address: str) -> bool:
    """Whether an address works on this machine alone, so that a code with it must not pass for a real one."""
    return (urlsplit(address).hostname or "") in ("127.0.0.1", "localhost", "::1")


def attachment(name: str, *, inline: bool = True) -> dict[str, str]:
    """Content-Disposition for a file name in plain letters: what it is, and nothing of what was asked."""
    kind = "inline" if inline else "attachment"
    return {
        "Content-Disposition": f'{kind}; filename="{name}"',
        "X-Robots-Tag": "noindex",
    }
