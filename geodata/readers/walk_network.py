"""Walking networks: edges as osmnx writes them (u, v, length, highway), in GeoJSON or GeoPackage."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from geodata.readers.fields import Field
from geodata.readers.lines import with_lines
from geodata.readers.network_edges import (
    compare_ends,
    factor,
    length,
    measured,
    node,
    told_parts,
    way,
    without_loops,
)
from geodata.readers.reading import Reading, canonical
from geodata.readers.sources import Table
from geodata.readers.values import number
from kyodo_geo.errors import FileFormatError

COLUMNS = ("u", "v", "length_m", "highway", "slope", "winter_factor", "geom")
MAX_SLOPE = 1.0
"""Steeper than this is an error of the height model, not a way."""

FIELDS = (
    Field("u", "始点の番号", node, ("from", "from_node", "始点"), required=True),
    Field("v", "終点の番号", node, ("to", "to_node", "終点"), required=True),
    Field("length_m", "長さ", length, ("length", "距離", "延長")),
    Field("highway", "道路の種類", way, ("道路種別",)),
    Field("slope", "勾配", number, ("grade",)),
    Field("winter_factor", "冬の係数", factor, ("winter", "冬期係数")),
)


def read(reading: Reading) -> Any:
    """One row per pair of nodes, u before v: of parallel and opposite ways the shortest."""
    frame = reading.collect(lambda table: _rows(reading, table))
    frame = measured(reading, frame)
    reading.refuse_if_useless(frame)
    frame = _directed(frame)
    compare_ends(reading, frame)
    frame = without_loops(reading, frame)
    frame = _shortest(reading, frame)
    if not len(frame):
        raise FileFormatError("2つの交差点をつなぐ道がありません。")
    told_parts(reading, frame)
    return canonical(frame, COLUMNS)


def _rows(reading: Reading, table: Table) -> Any:
    frame = with_lines(reading, table, reading.typed(table, FIELDS))
    steep = np.array([abs(value or 0.0) > MAX_SLOPE for value in frame["slope"]], dtype=bool)
    if steep.any():
        reading.report.note(
            f"{table.source}: 勾配が±100%を超える {int(steep.sum()):,} 本は、勾配を不明としました。"
        )
    slopes = np.array([np.nan if value is None else value for value in frame["slope"]], dtype=float)
    winter = [1.0 if value is None else value for value in frame["winter_factor"]]
    return frame.assign(slope=np.where(steep, np.nan, slopes), winter_factor=winter)


def _directed(frame: Any) -> Any:
    """u before v; line and slope turned with them."""
    u = np.array(frame["u"].tolist(), dtype=np.int64)
    v = np.array(frame["v"].tolist(), dtype=np.int64)
    turned = u > v
    geoms = frame["geom"].to_numpy().copy()
    geoms[turned] = shapely.reverse(geoms[turned])
    slope = frame["slope"].to_numpy(dtype=float)
    return frame.assign(
        u=np.minimum(u, v), v=np.maximum(u, v), geom=geoms, slope=np.where(turned, -slope, slope)
    )


def _shortest(reading: Reading, frame: Any) -> Any:
    ordered = frame.sort_values(["u", "v", "length_m"], kind="stable")
    kept = ordered.drop_duplicates(["u", "v"])
    if len(kept) < len(frame):
        reading.report.note(
            f"逆向きの道と平行する道は、いちばん短い1本にまとめました（{len(frame):,} 行 → {len(kept):,} 本）。"
            "歩く人は両方の向きに通れるものとして扱います。"
        )
    return kept
