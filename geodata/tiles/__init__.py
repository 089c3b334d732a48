"""Map tiles in a file or folder on this server: the base map of a closed network.

`open_tiles(path)` recognises the format; each reader has a module of its own and is a `TileSource`.
"""

from __future__ import annotations

from pathlib import Path

from geodata.tiles.source import TileSource, refused

__all__ = ["TileSource", "open_tiles"]


def open_tiles(path: Path) -> TileSource:
    """The tiles at `path`: an MBTiles or PMTiles file, or a folder `z/x/y.png`.

    Raises FileFormatError, saying in Japanese what is wrong, for anything that cannot be drawn from.
    """
    from geodata.tiles import folder, mbtiles, pmtiles

    try:
        if path.is_dir():
            return folder.Folder(path)
        if path.exists() and not path.is_file():  # a pipe or a device would be waited for
            raise refused(path, "ファイルでもフォルダーでもありません")
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise refused(path, f"開けません（{error.strerror or error}）") from error
    if head.startswith(mbtiles.MAGIC):
        return mbtiles.MbTiles(path)
    if head.startswith(pmtiles.MAGIC):
        return pmtiles.open_file(path)
    raise refused(path, "MBTiles でも PMTiles でもありません")
