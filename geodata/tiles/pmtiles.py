"""PMTiles: not read by this version; said clearly."""

from __future__ import annotations

from pathlib import Path

from geodata.tiles.source import TileSource, refused

MAGIC = b"PMTiles"


def open_file(path: Path) -> TileSource:
    """Raises FileFormatError: this version has no reader of PMTiles."""
    raise refused(path, "この版は PMTiles を読めません。MBTiles に変換してください")
