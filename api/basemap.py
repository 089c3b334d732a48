"""The base map of one application: which profile, and the open file of tiles behind `local`."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from api.cache import ByteCache
from kyodo_geo.errors import InputError
from maps.basemaps import LOCAL, Basemap, basemap, local_basemap

if TYPE_CHECKING:
    from api.settings import Settings
    from geodata.tiles import TileSource

ROUTE = "/basemap/{z}/{x}/{y}"
DRAWN_BYTES = 16 * 2**20
"""Of drawn vector tiles kept in memory: some hundred."""


@dataclass(frozen=True, slots=True)
class Ground:
    """`tiles` is None unless tiles come from this server. Vector tiles are drawn one at a time (`drawing`) and kept."""

    basemap: Basemap
    tiles: TileSource | None = None
    drawing: threading.Lock = field(default_factory=threading.Lock)
    drawn: ByteCache = field(default_factory=lambda: ByteCache(DRAWN_BYTES))

    def close(self) -> None:
        """Close the file, if there is one."""
        if self.tiles is not None:
            self.tiles.close()


def open_ground(settings: Settings) -> Ground:
    """What the settings ask for.

    Raises InputError (FileFormatError for the file itself), saying what to do, before anything is served.
    """
    if settings.basemap != LOCAL:
        return Ground(basemap(settings.basemap))
    if settings.basemap_file is None:
        raise InputError(
            "KYODO_BASEMAP=local には、タイルのファイルが要ります。"
            "KYODO_BASEMAP_FILE に MBTiles か PMTiles のファイル、またはタイルのフォルダーを指定してください。",
            field="KYODO_BASEMAP_FILE",
        )
    from geodata.tiles import open_tiles

    tiles = open_tiles(settings.basemap_file)
    info = tiles.info
    try:
        if info.attribution is None and not settings.basemap_credit:
            raise InputError(
                f"背景地図のファイル {settings.basemap_file} に、出典（attribution）が書かれていません。"
                "出典を示さずに地図を載せることはできないため、KYODO_BASEMAP_CREDIT に出典の文を指定してください。",
                field="KYODO_BASEMAP_CREDIT",
            )
        drawn = local_basemap(
            f"{ROUTE}?v={info.version}",
            info.attribution or settings.basemap_credit or "",
            info.min_zoom,
            info.max_zoom,
            info.bounds,
        )
    except InputError:
        tiles.close()
        raise
    return Ground(drawn, tiles)
