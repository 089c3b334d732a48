"""Finished answers kept as bytes, and the conditional requests that save sending them again.

Key and strong ETag = build of the code + route + parameters + audience + day + revision of the municipality. Only
bytes made for everybody may be stored outside the process; what depends on the reader is never put here.
"""

from __future__ import annotations

import base64
import functools
import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import brotli
import zstandard
from starlette.requests import Request
from starlette.responses import Response

T = TypeVar("T")

PUBLIC_FRESH = "public, no-cache"
"""May be stored by anybody, must be asked about before each use: an activation shows at the next request."""
PUBLIC_FOREVER = "public, max-age=31536000, immutable"
"""For addresses that carry the version of what they name."""
PRIVATE = "private, no-store"

COMPRESS_FROM = 1024
_PACKAGES = ("api", "geodata", "kyodo_geo", "maps")
_SUFFIXES = frozenset({".py", ".html", ".css", ".js", ".sql", ".json", ".svg", ".png", ".csv"})


@functools.cache
def build_id() -> str:
    """Fingerprint of our own files: a new version of the program changes every ETag. Equal in all workers."""
    root = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for package in _PACKAGES:
        for path in sorted((root / package).rglob("*")):
            if path.suffix in _SUFFIXES and path.is_file():
                digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Answer:
    """A finished body with its headers; compressed forms are made once."""

    body: bytes
    media_type: str
    etag: str
    headers: Mapping[str, str] = field(default_factory=dict)
    brotli: bytes | None = None
    gzip: bytes | None = None
    zstd: bytes | None = None

    @property
    def forms(self) -> tuple[tuple[str, bytes], ...]:
        """(content encoding, bytes) of the compressed forms there are, smallest first."""
        found = (("br", self.brotli), ("zstd", self.zstd), ("gzip", self.gzip))
        return tuple(sorted(((name, body) for name, body in found if body), key=lambda form: len(form[1])))

    @property
    def size(self) -> int:
        return len(self.body) + sum(len(body) for _, body in self.forms)


def etag_of(*parts: object) -> str:
    """Opaque tag of whatever an answer depends on (without quotes)."""
    digest = hashlib.sha256("\0".join([build_id(), *map(str, parts)]).encode()).digest()
    return base64.urlsafe_b64encode(digest)[:22].decode()


def finish(body: bytes, media_type: str, etag: str, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer with its compressed forms where they are worth it."""
    if len(body) < COMPRESS_FROM:
        return Answer(body, media_type, etag, headers or {})
    # Made while somebody waits, used many times. Of 400 kB of GeoJSON: brotli 5 in 7 ms to 77 kB, zstd 9 in 7 ms to 76 kB,
    # gzip 6 in 11 ms to 95 kB; brotli 11 would take 470 ms, zstd 19 130 ms.
    return Answer(
        body,
        media_type,
        etag,
        headers or {},
        brotli.compress(body, quality=5),
        gzip.compress(body, 6, mtime=0),
        zstandard.ZstdCompressor(level=9).compress(body),
    )


class ByteCache:
    """Least recently used answers up to `max_bytes`; one per key, with the revision it was made at."""

    def __init__(self, max_bytes: int = 24 * 2**20) -> None:
        self._max = max_bytes
        self._size = 0
        self.hits = self.misses = 0
        self._lock = threading.Lock()
        self._items: OrderedDict[tuple[object, ...], tuple[int, Answer]] = OrderedDict()

    def get(self, key: tuple[object, ...], revision: int | None) -> Answer | None:
        """The answer of that revision; with None the newest there is."""
        with self._lock:
            item = self._items.get(key)
            if item is None or (revision is not None and item[0] != revision):
                self.misses += 1
                return None
            self.hits += 1
            self._items.move_to_end(key)
            return item[1]

    @property
    def filled(self) -> tuple[int, int]:
        """Entries and bytes."""
        return len(self._items), self._size

    def put(self, key: tuple[object, ...], revision: int, answer: Answer) -> None:
        with self._lock:
            before = self._items.pop(key, None)
            if before is not None:
                self._size -= before[1].size
            self._items[key] = (revision, answer)
            self._size += answer.size
            while self._size > self._max and len(self._items) > 1:
                _, (_, oldest) = self._items.popitem(last=False)
                self._size -= oldest.size


class ObjectCache:
    """The same for a few large objects that several answers are made of (a drawn map, its figures)."""

    def __init__(self, max_items: int = 24) -> None:
        self._max = max_items
        self._lock = threading.Lock()
        self._items: OrderedDict[tuple[object, ...], tuple[int, Any]] = OrderedDict()

    def get_or_make(self, key: tuple[object, ...], revision: int, make: Callable[[], T]) -> T:
        """The object of that revision; made by one thread at a time, which also bounds the work."""
        with self._lock:
            item = self._items.get(key)
            if item is None or item[0] != revision:
                item = (revision, make())
                self._items[key] = item
                while len(self._items) > self._max:
                    self._items.popitem(last=False)
            self._items.move_to_end(key)
            found: T = item[1]
            return found


class CountCache:
    """How many rows match a question, by revision. Made outside the lock: one slow count keeps nobody waiting."""

    def __init__(self, max_items: int = 4096) -> None:
        self._max = max_items
        self._lock = threading.Lock()
        self._items: OrderedDict[tuple[object, ...], tuple[int, int]] = OrderedDict()

    def get_or_make(self, key: tuple[object, ...], revision: int, make: Callable[[], int]) -> int:
        """The number of that revision."""
        with self._lock:
            item = self._items.get(key)
            if item is not None and item[0] == revision:
                self._items.move_to_end(key)
                return item[1]
        made = make()
        with self._lock:
            self._items[key] = (revision, made)
            self._items.move_to_end(key)
            while len(self._items) > self._max:
                self._items.popitem(last=False)
        return made


def send(request: Request, answer: Answer, cache_control: str = PUBLIC_FRESH) -> Response:
    """The answer in the encoding the reader takes, or 304 when they hold it already."""
    encoding, body = choose(request.headers.get("accept-encoding", ""), answer)
    etag = tag(answer, encoding)
    headers = {**answer.headers, "ETag": etag, "Cache-Control": cache_control, "Vary": "Accept-Encoding"}
    if matches(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    if encoding:
        headers["Content-Encoding"] = encoding
    return Response(body, 200, headers, answer.media_type)


def send_private(request: Request, answer: Answer) -> Response:
    """Bytes for one reader in the encoding they take. Nobody may store them, so there is nothing to compare with.

    Only for answers in which no secret (a form's token) stands beside text of the sender: lengths would tell of it.
    """
    encoding, body = choose(request.headers.get("accept-encoding", ""), answer)
    headers = {**answer.headers, "Cache-Control": PRIVATE, "Vary": "Accept-Encoding"}
    if encoding:
        headers["Content-Encoding"] = encoding
    return Response(body, 200, headers, answer.media_type)


def accepts_gzip(request: Request) -> bool:
    """Whether the reader takes gzip."""
    return takes_gzip(request.headers.get("accept-encoding", ""))


def takes_gzip(accept: str) -> bool:
    """Whether the reader of this Accept-Encoding takes gzip."""
    return bool(accept) and bool(_accepted(accept).get("gzip"))


def _accepted(accept: str) -> Mapping[str, bool]:
    """Encodings named in the header. Browsers send the same few short ones all the time."""
    return _short_accepted(accept) if len(accept) <= SHORT else _parsed(accept)


def _parsed(accept: str) -> Mapping[str, bool]:
    accepted = {}
    for part in accept.lower().split(","):
        name, _, rest = part.strip().partition(";")
        accepted[name] = rest.replace(" ", "") != "q=0" and not rest.replace(" ", "").startswith("q=0.000")
    return accepted


SHORT = 100
_short_accepted = functools.lru_cache(maxsize=64)(_parsed)


def choose(accept: str, answer: Answer) -> tuple[str, bytes]:
    """Name (empty: none) and bytes of the smallest form that a reader with this Accept-Encoding takes."""
    if answer.brotli is answer.gzip is answer.zstd is None:
        return "", answer.body
    accepted = _accepted(accept)
    for encoding, body in answer.forms:
        if accepted.get(encoding):
            return encoding, body
    return "", answer.body


def tag(answer: Answer, encoding: str) -> str:
    """ETag as it is sent: each encoding is other bytes, so it has a strong one of its own."""
    return f'"{answer.etag}{"-" + encoding if encoding else ""}"'


def matches(header: str, etag: str) -> bool:
    """If-None-Match compares weakly (RFC 9110, 13.1.2)."""
    return any(part.strip().removeprefix("W/") in (etag, "*") for part in header.split(","))
