"""The answer that carries a file: begun only when there is something to send, ended when the reader hangs up.

Text is streamed straight from a cursor of the database; a binary file is made by a child and sent with its length.
"""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping
from itertools import chain
from typing import BinaryIO

import anyio
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from api.exports.process import file_of
from api.services import Services
from geodata.database import Audience, Database
from geodata.exports.run import Job, check, text
from kyodo_geo.errors import KyodoError, UnavailableError

CHUNK = 256 * 1024
STREAM_S = 600.0
"""A stream holds a connection to the database: a reader that takes longer is cut off."""
WAIT_S = 10.0
BUSY = "いま、ほかのファイルを作っています。少し待ってから、もう一度お試しください。"


async def file_answer(
    request: Request, services: Services, audience: Audience, job: Job, headers: Mapping[str, str]
) -> Response:
    """The file as an answer. Raises `InputError`, `UnavailableError` while no byte has been sent."""
    check(job)
    told = {**headers, "Content-Disposition": f'attachment; filename="{file_name(job)}"'}
    if job.format.text:
        return await _streamed(services, audience, job, told)
    made = await _made(request, services, audience, job)
    size = made.seek(0, 2)
    made.seek(0)
    told["Content-Length"] = str(size)
    return Pieces(iter(lambda: made.read(CHUNK), b""), made.close, told, job.format.media_type)


def file_name(job: Job) -> str:
    """Municipality, collection, generation and day of the records."""
    ref = job.ref
    parts = (ref.municipality_code, job.collection.id, f"g{ref.generation_no}", job.on.strftime("%Y%m%d"))
    return f"{'_'.join(parts)}.{job.format.ending}"


class Pieces(StreamingResponse):
    """Blocking pieces, each read in a thread; `close` is called however the sending ends."""

    def __init__(
        self,
        pieces: Iterator[bytes],
        close: Callable[[], object],
        headers: Mapping[str, str],
        media_type: str,
        limiter: anyio.CapacityLimiter | None = None,
        after: Callable[[], object] = lambda: None,
    ) -> None:
        self._close, self._after = close, after

        async def each() -> AsyncIterator[bytes]:
            while (piece := await run_sync(next, pieces, None, limiter=limiter)) is not None:
                yield piece

        super().__init__(each(), headers=dict(headers), media_type=media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await ended(self._close, self._after)


async def ended(close: Callable[[], object], after: Callable[[], object]) -> None:
    """`close` in a thread, then `after` here, whatever is being cancelled."""
    with anyio.CancelScope(shield=True):
        try:
            await run_sync(close)
        finally:
            after()


async def _streamed(services: Services, audience: Audience, job: Job, headers: Mapping[str, str]) -> Response:
    holder = object()
    await _acquire(services.stream_limiter, holder)
    try:
        # As long as it lasts the stream counts as one of those that hold a connection.
        await _acquire(services.limiter, holder)
    except BaseException:
        services.stream_limiter.release_on_behalf_of(holder)
        raise
    pieces = _from_database(services.database, audience, job)
    reader = anyio.CapacityLimiter(1)

    def release() -> None:
        services.limiter.release_on_behalf_of(holder)
        services.stream_limiter.release_on_behalf_of(holder)

    try:
        first = await run_sync(next, pieces, b"", limiter=reader)
    except BaseException:
        await ended(pieces.close, release)
        raise
    return Pieces(chain([first], pieces), pieces.close, headers, job.format.media_type, reader, release)


def _from_database(database: Database, audience: Audience, job: Job) -> Generator[bytes, None, None]:
    until = time.monotonic() + STREAM_S
    with database.read(audience) as conn:
        for piece in text(conn, job):
            yield piece
            if time.monotonic() > until:
                raise UnavailableError("読み取りに時間がかかりすぎたため、送るのをやめました。")


async def _made(request: Request, services: Services, audience: Audience, job: Job) -> BinaryIO:
    """The child's file; the child is ended when the reader hangs up."""
    stop = threading.Event()
    holder = object()
    await _acquire(services.export_limiter, holder)
    try:
        async with anyio.create_task_group() as tasks:

            async def watch() -> None:
                while not await request.is_disconnected():
                    await anyio.sleep(0.2)
                stop.set()

            tasks.start_soon(watch)
            made = await run_sync(_tried, services.database.url, audience, job, stop)
            tasks.cancel_scope.cancel()
    finally:
        services.export_limiter.release_on_behalf_of(holder)
    if isinstance(made, KyodoError):
        raise made
    return made


def _tried(url: str, audience: Audience, job: Job, stop: threading.Event) -> BinaryIO | KyodoError:
    """A failure as a value: a task group would wrap it."""
    try:
        return file_of(url, audience, job, stop)
    except KyodoError as error:
        return error


async def _acquire(limiter: anyio.CapacityLimiter, holder: object) -> None:
    """A place, or `UnavailableError` after `WAIT_S` seconds."""
    with anyio.move_on_after(WAIT_S):
        await limiter.acquire_on_behalf_of(holder)
        return
    raise UnavailableError(BUSY)
