"""MBTiles: an SQLite database of tiles, read with the standard library."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from geodata.sqlite_files import opened_safely, stop_after
from geodata.tiles.source import MAX_ZOOM, TileInfo, box_of, is_vector, refused, stamp, text_of, version_of

MAGIC = b"SQLite format 3\x00"
LOOK_STEPS, TILE_STEPS = 60_000_000, 5_000_000
"""Of SQLite's machine: `tiles` is often a view, which could also be one without an end."""
MAX_WORDS = 1_000


def _stated_size(path: Path) -> int:
    """Bytes the file has by its own header (SQLite itself believes the length of the file); 0 where it says nothing.

    https://www.sqlite.org/fileformat2.html#the_database_header
    """
    with path.open("rb") as file:
        head = file.read(100)
    page = int.from_bytes(head[16:18], "big")
    valid = head[24:28] == head[92:96]
    return (65536 if page == 1 else page) * int.from_bytes(head[28:32], "big") if valid else 0


class MbTiles:
    """Tiles of an MBTiles file. It may be replaced by renaming another one over it; a restart then reads that."""

    def __init__(self, path: Path) -> None:
        """Open and look through the file; raises FileFormatError."""
        self._lock = threading.Lock()
        try:
            # immutable: nobody writes to it, so no lock and no file beside it are needed, also on a read-only disk.
            self._conn = opened_safely(path, steps=LOOK_STEPS)
        except sqlite3.Error as error:
            raise refused(path, "データベースとして開けません") from error
        try:
            self.info = self._look(path)
        except sqlite3.Error as error:
            self._conn.close()
            raise refused(path, "MBTiles の表（metadata、tiles）を読めません") from error
        except BaseException:
            self._conn.close()
            raise

    def _look(self, path: Path) -> TileInfo:
        if _stated_size(path) > path.stat().st_size:
            raise refused(path, "ファイルが途中で切れています。もう一度コピーしてください")
        words = self._conn.execute("SELECT name, value FROM metadata LIMIT ?", (MAX_WORDS,))
        metadata = {str(key): value for key, value in words}
        # Two questions, not one: each is answered by the end of an index.
        low = self._conn.execute("SELECT min(zoom_level) FROM tiles").fetchone()[0]
        high = self._conn.execute("SELECT max(zoom_level) FROM tiles").fetchone()[0]
        if low is None:
            raise refused(path, "タイルが 1 枚も入っていません")
        if not (isinstance(low, int) and isinstance(high, int) and 0 <= low <= high <= MAX_ZOOM):
            raise refused(path, "ズームレベルが正しくありません")
        (sample,) = self._conn.execute(
            "SELECT tile_data FROM tiles WHERE zoom_level = ? LIMIT 1", (high,)
        ).fetchone() or (b"",)
        if not isinstance(sample, bytes | None):
            raise refused(path, "タイルが壊れています")
        return TileInfo(
            format="MBTiles",
            version=version_of("mbtiles", *stamp(path)),
            min_zoom=low,
            max_zoom=high,
            bounds=box_of(metadata.get("bounds")),
            attribution=text_of(metadata, "attribution"),
            name=text_of(metadata, "name"),
            vector=is_vector(path, bytes(sample or b"")),
        )

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """See `TileSource`. Rows of MBTiles count from the south."""
        try:
            with self._lock:
                stop_after(self._conn, TILE_STEPS)
                row = self._conn.execute(
                    "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
                    (z, x, 2**z - 1 - y),
                ).fetchone()
        except sqlite3.Error as error:
            raise OSError("the MBTiles file cannot be read") from error
        return bytes(row[0]) if row and isinstance(row[0], bytes) and row[0] else None

    def close(self) -> None:
        with self._lock:
            self._conn.close()
