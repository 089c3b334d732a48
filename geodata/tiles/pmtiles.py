"""PMTiles (version 3): one file of tiles with directories by position on a Hilbert curve, read by the pmtiles package.

Its `Reader` unpacks every directory anew for each tile; here the last ones used are kept.
"""

from __future__ import annotations

import json
import os
import zlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geodata.tiles.source import (
    MAX_TILE_BYTES,
    MAX_ZOOM,
    TileInfo,
    TileSource,
    box_of,
    is_vector,
    refused,
    stamp,
    text_of,
    unpacked,
    version_of,
)

if TYPE_CHECKING:
    from pmtiles.tile import Entry

MAGIC = b"PMTiles"
_HEADER = 127
_MAX_DIRECTORY = 4 * 2**20
_DEPTH = 4
"""Directories from the root to a tile at most, as the format's own reader has it."""
_BROKEN = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    EOFError,
    OverflowError,
    zlib.error,
    OSError,
    RecursionError,
)


def _first_number(plain: bytes) -> int:
    """The number that a directory begins with, how many entries it has: seven bits a byte, the lowest first."""
    number = 0
    for place, byte in enumerate(plain[:10]):
        number |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            break
    return number


def open_file(path: Path) -> TileSource:
    """Tiles of a PMTiles file; raises FileFormatError."""
    return PmTiles(path)


class PmTiles:
    """Tiles of a PMTiles file. It may be replaced by renaming another one over it; a restart then reads that."""

    def __init__(self, path: Path) -> None:
        """Open and look through the file; raises FileFormatError."""
        # Reads by position, which threads may do at once; a mapped file that shrinks would end the process.
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._directory = lru_cache(maxsize=64)(self._unpack)
        try:
            self._header = self._checked_header(path)
            self.info = self._look(path)
        except BaseException:
            os.close(self._file)
            raise

    def _checked_header(self, path: Path) -> dict[str, Any]:
        from pmtiles.tile import Compression, SpecVersionUnsupported, deserialize_header

        try:
            header: dict[str, Any] = dict(deserialize_header(self._read(0, _HEADER)))
        except SpecVersionUnsupported as error:
            raise refused(path, "PMTiles の版が 3 ではありません") from error
        except Exception as error:
            raise refused(path, "PMTiles の見出しを読めません") from error
        if header["internal_compression"] is not Compression.GZIP:
            raise refused(path, "目録が gzip 以外の方法で圧縮されています。gzip で作り直してください")
        if header["tile_compression"] not in (Compression.NONE, Compression.GZIP, Compression.UNKNOWN):
            raise refused(
                path, "タイルが gzip 以外の方法で圧縮されています。gzip か無圧縮で作り直してください"
            )
        size = path.stat().st_size
        for part in ("root", "metadata", "leaf_directory", "tile_data"):
            if header[f"{part}_offset"] + header[f"{part}_length"] > size:
                raise refused(path, "ファイルが途中で切れています。もう一度コピーしてください")
        if not header["min_zoom"] <= header["max_zoom"] <= MAX_ZOOM:
            raise refused(path, "ズームレベルが正しくありません")
        return header

    def _look(self, path: Path) -> TileInfo:
        header = self._header
        try:
            packed = self._read(header["metadata_offset"], header["metadata_length"])
            metadata = json.loads(unpacked(packed) or b"{}")
            sample = self._first()
        except _BROKEN as error:
            raise refused(path, "目録または説明を読めません") from error
        if sample is None:
            raise refused(path, "タイルが 1 枚も入っていません")
        corners = [header[name] / 1e7 for name in ("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7")]
        words = metadata if isinstance(metadata, dict) else {}
        return TileInfo(
            format="PMTiles",
            version=version_of("pmtiles", *stamp(path)),
            min_zoom=header["min_zoom"],
            max_zoom=header["max_zoom"],
            bounds=box_of(corners),
            attribution=text_of(words, "attribution"),
            name=text_of(words, "name"),
            vector=is_vector(path, sample),
        )

    def _read(self, offset: int, length: int) -> bytes:
        data = os.pread(self._file, length, offset)
        if len(data) != length:
            raise OSError("the PMTiles file is shorter than it says")
        return data

    def _unpack(self, offset: int, length: int) -> list[Entry]:
        from pmtiles.tile import deserialize_directory

        if length > _MAX_DIRECTORY:
            raise OSError("a directory is too large")
        packed = self._read(offset, length)
        plain = unpacked(packed)  # within bounds; the package unpacks whatever it is given
        # Four numbers of at least one byte for each entry.
        if _first_number(plain) * 4 > len(plain):
            raise OSError("a directory says it has more entries than it holds")
        found: list[Entry] = deserialize_directory(packed)
        return found

    def _first(self) -> bytes | None:
        """The tile that comes first in the file's order."""
        entries = self._directory(self._header["root_offset"], self._header["root_length"])
        for _ in range(_DEPTH):
            if not entries:
                return None
            if entries[0].run_length:
                return self._content(entries[0])
            entries = self._leaf(entries[0])
        return None

    def _leaf(self, entry: Entry) -> list[Entry]:
        return self._directory(self._header["leaf_directory_offset"] + entry.offset, entry.length)

    def _content(self, entry: Entry) -> bytes:
        if entry.length > MAX_TILE_BYTES:
            raise OSError("a tile is too large")
        return self._read(self._header["tile_data_offset"] + entry.offset, entry.length)

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """See `TileSource`."""
        from pmtiles.tile import find_tile, zxy_to_tileid

        if not self.info.min_zoom <= z <= self.info.max_zoom:
            return None
        number = zxy_to_tileid(z, x, y)
        try:
            entries = self._directory(self._header["root_offset"], self._header["root_length"])
            for _ in range(_DEPTH):
                entry = find_tile(entries, number)
                if entry is None:
                    return None
                if entry.run_length:
                    return self._content(entry) or None
                entries = self._leaf(entry)
        except OSError:
            raise
        except _BROKEN as error:
            raise OSError("a directory of the PMTiles file is damaged") from error
        return None

    def close(self) -> None:
        os.close(self._file)
