"""What the readers of tiles have in common: what is known of a set of tiles, and what a tile's bytes are."""

from __future__ import annotations

import gzip
import hashlib
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from kyodo_geo.errors import FileFormatError

SETTING = "KYODO_BASEMAP_FILE"
MAX_ZOOM = 24
MAX_TILE_BYTES = 4 * 2**20
"""Of one tile, unpacked. Real ones have some ten thousand; more is a fault in the file."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class TileInfo:
    """What a set of tiles says of itself.

    `bounds` are west, south, east, north in degrees or None; `attribution` is the text of the file (plain or HTML,
    never trusted). `version` changes with the file; with `settled` it changes whenever any tile does. `vector` says
    that the tiles are shapes (MVT), not pictures.
    """

    format: str
    version: str
    min_zoom: int
    max_zoom: int
    bounds: Box | None = None
    attribution: str | None = None
    name: str | None = None
    settled: bool = True
    vector: bool = False


class TileSource(Protocol):
    """An open set of tiles. Safe to use from several threads."""

    info: TileInfo

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """Bytes of a tile as they are stored (perhaps packed by gzip); y counts from the north. None: no such tile.

        Raises OSError when the file can no longer be read.
        """
        ...

    def close(self) -> None: ...


def refused(path: Path, why: str) -> FileFormatError:
    """The error for tiles that cannot be used."""
    return FileFormatError(f"背景地図のファイル {path} は使えません。{why}。", field=SETTING, file=str(path))


_TYPES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
)


def media_type(data: bytes) -> str | None:
    """Media type of a picture by its first bytes; None for anything else (shapes, SVG, damage)."""
    for magic, name in _TYPES:
        if data.startswith(magic):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:12] == b"ftypavif":
        return "image/avif"
    return None


def is_packed(data: bytes) -> bool:
    """Whether the bytes are packed by gzip."""
    return data.startswith(b"\x1f\x8b")


def unpacked(data: bytes) -> bytes:
    """The tile without gzip. Raises OSError for damaged bytes and for more than `MAX_TILE_BYTES`."""
    if not is_packed(data):
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            plain = file.read(MAX_TILE_BYTES + 1)
    except EOFError as error:
        raise OSError("a packed tile ends too early") from error
    except Exception as error:  # zlib.error is no OSError
        raise OSError("a packed tile is damaged") from error
    if len(plain) > MAX_TILE_BYTES:
        raise OSError("a tile is too large")
    return plain


def is_vector(path: Path, sample: bytes) -> bool:
    """Whether the tiles are shapes, judged by one of them. Raises FileFormatError for neither shapes nor pictures."""
    try:
        plain = unpacked(sample)
    except OSError as error:
        raise refused(path, "タイルが壊れています") from error
    if media_type(plain) is not None:
        return False
    # MVT is a protobuf message of layers: each begins with field 3, wire type 2.
    if plain[:1] == b"\x1a":
        return True
    raise refused(path, "タイルが画像（PNG、JPEG、WebP）でもベクトルタイル（MVT）でもありません")


def version_of(*parts: object) -> str:
    """A short name for a state of the file."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:12]


def stamp(path: Path) -> tuple[int, int]:
    """Size and time of change: what every process of this machine sees alike."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def text_of(metadata: Mapping[str, Any], key: str) -> str | None:
    """A text of the file's description, or None."""
    value = metadata.get(key)
    return value.strip() or None if isinstance(value, str) else None


def box_of(value: Any) -> Box | None:
    """`west,south,east,north` (text or list) as numbers; None where it is missing or makes no sense."""
    parts = value.split(",") if isinstance(value, str) else value
    try:
        west, south, east, north = (float(part) for part in parts)
    except (TypeError, ValueError):
        return None
    if not all(map(math.isfinite, (west, south, east, north))):
        return None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        return None
    return west, south, east, north
