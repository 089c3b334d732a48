"""Dumps of the generations for requests: found on the shelf, or made by a child when they are first asked for."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from api import logs
from api.bounded import REFUSED, UNAVAILABLE
from api.cache import PUBLIC_FRESH, matches
from api.exports.answer import CHUNK, Pieces
from api.exports.process import MAX_MEMORY, run_child
from api.services import Services
from api.settings import Settings
from geodata.database import Audience
from geodata.exports.dump import MANIFEST
from geodata.exports.shelf import Shelf
from geodata.queries.generation import at_generation
from kyodo_geo.errors import NotFoundError, UnavailableError

TIMEOUT_S = 600.0
SORRY = "一括ダウンロードのファイルを作れませんでした。しばらくしてからもう一度お試しください。"


@dataclass(frozen=True, slots=True)
class Place:
    """One dump on the shelf."""

    shelf: Shelf
    municipality: str
    generation_no: int
    folder: Path


def shelf_of(settings: Settings) -> Shelf:
    return Shelf(settings.dumps_dir, settings.dump_max_mb << 20)


def place_of(services: Services, municipality: str, generation_no: int) -> Place:
    """Where the dump is or will be (blocking); raises `NotFoundError` for a generation that does not exist."""
    with services.database.read(Audience.PUBLIC) as conn:
        ref = at_generation(conn, municipality, generation_no)
    shelf = shelf_of(services.settings)
    folder = shelf.folder(municipality, generation_no, ref.suppress_below_households)
    return Place(shelf, municipality, generation_no, folder)


async def dump_of(services: Services, municipality: str, generation_no: int) -> Place:
    """The finished dump. Whoever waits for the same one waits for one child; it ends its work even if they all leave."""
    place = await run_sync(place_of, services, municipality, generation_no, limiter=services.limiter)
    if await run_sync(place.shelf.ready, place.folder):
        return place
    # One at a time, as on the shelf: a second child would hold a place of the exports while it waits for the first.
    async with services.locks.setdefault(("dump",), asyncio.Lock()):
        if not await run_sync(place.shelf.ready, place.folder):
            await run_sync(_make, services, place, limiter=services.export_limiter)
    return place


def _make(services: Services, place: Place) -> None:
    told = {
        "url": services.database.url,
        "municipality": place.municipality,
        "generation": place.generation_no,
        "root": str(place.shelf.root),
        "limit": place.shelf.limit,
        "folder": str(place.folder),
        "memory": MAX_MEMORY,
        "seconds": int(TIMEOUT_S),
    }
    code, said = run_child("api.exports.dump_child", orjson.dumps(told), threading.Event(), TIMEOUT_S)
    if code:
        logs.SERVICE.error("dump of generation %d: exit %d", place.generation_no, code)
        raise UnavailableError(said if code in (REFUSED, UNAVAILABLE) and said else SORRY)


async def file_of_dump(request: Request, place: Place, name: str) -> Response:
    """One file of a finished dump, or its manifest. Raises `NotFoundError` for a name that the manifest lacks."""
    known = await run_sync(place.shelf.manifest, place.folder)
    told: dict[str, Any] = known or {"files": []}
    found = next((file for file in told["files"] if file["name"] == name), None)
    if name == MANIFEST:
        found = {"media_type": "application/json", "sha256": f"{told['made_at']}-{told['edition']}"}
    if found is None:
        raise NotFoundError("この世代に、この名前のファイルはありません。manifest.json に一覧があります。")
    headers = {"ETag": f'"{found["sha256"]}"', "Cache-Control": PUBLIC_FRESH}
    if matches(request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    try:
        handle = await run_sync(place.shelf.open, place.folder, name)
    except FileNotFoundError:  # it had to make room between two looks
        raise UnavailableError(SORRY) from None
    headers["Content-Length"] = str(os.fstat(handle).st_size)
    if name != MANIFEST:
        headers["Content-Disposition"] = f'attachment; filename="{_saved_as(place, name)}"'
    return Pieces(_read(handle), lambda: os.close(handle), headers, found["media_type"])


def _saved_as(place: Place, name: str) -> str:
    return f"{place.municipality}_g{place.generation_no}_{name}"


def _read(handle: int) -> Iterator[bytes]:
    while piece := os.read(handle, CHUNK):
        yield piece
