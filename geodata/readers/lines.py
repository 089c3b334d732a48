"""Shapes of rows that must be lines: ways, borders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geodata.readers.geometry import FAR, UNREADABLE, geometry_of
from geodata.readers.positions import to_lonlat
from kyodo_geo.errors import FileFormatError

if TYPE_CHECKING:
    import pandas as pd

    from geodata.readers.reading import Reading
    from geodata.readers.sources import Table

LINE, LINES = 1, 5
"""shapely's type numbers of a line and of several."""


def with_lines(reading: Reading, table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with `geom` (LineString, lon/lat); rows without one line are rejected.

    Raises `FileFormatError` for a file without lines, or in the wrong place.
    """
    if table.geometry is None:
        raise FileFormatError(
            f"{table.source} には線の図形がありません。GeoJSON、GeoPackage、シェープファイルを指定してください。",
            file=table.source,
        )
    geoms = to_lonlat(table, geometry_of(table, frame), reading.crs, reading.place, reading.report)
    kinds = shapely.get_type_id(geoms)
    several = kinds == LINES
    geoms[several] = shapely.line_merge(geoms[several])
    kinds = shapely.get_type_id(geoms)
    missing = shapely.is_missing(geoms)
    if len(geoms) and not missing.all() and not (kinds == LINE).any():
        raise FileFormatError(
            f"{table.source} の図形は線ではありません。道路の線（LineString）のファイルを指定してください。",
            file=table.source,
        )
    reasons: np.ndarray[Any, Any] = np.full(len(geoms), None, dtype=object)
    reasons[missing] = UNREADABLE
    reasons[~missing & (kinds != LINE)] = "図形が1本の線ではありません。"
    line = kinds == LINE
    reasons[line & ~reading.place.holds_each(geoms)] = FAR
    reasons[line & ~shapely.is_valid(geoms)] = "図形の長さがありません。"
    for place in np.flatnonzero(reasons != None):  # noqa: E711 - elementwise
        ground = geoms[place] if not missing[place] else None
        reading.report.reject(
            table.source, int(frame.index.to_numpy()[place]), None, None, reasons[place], ground
        )
    good = reasons == None  # noqa: E711 - elementwise
    out = frame[good]
    column = np.empty(len(out), dtype=object)
    column[:] = geoms[good]
    return out.assign(geom=column)
