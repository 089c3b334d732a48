"""Walking networks: edges as osmnx writes them (u, v, length, highway), in GeoJSON or GeoPackage."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import shapely

from geodata.readers.fields import Field
from geodata.readers.lines import with_lines
from geodata.readers.reading import SOURCE, Reading, canonical
from geodata.readers.sources import Table
from geodata.readers.values import MAX_NAME, name, narrow, number
from kyodo_geo.crs import to_plane
from kyodo_geo.errors import FileFormatError, InputError

COLUMNS = ("u", "v", "length_m", "highway", "slope", "winter_factor", "geom")
MAX_ID = 2**63 - 1
MAX_SLOPE = 1.0
"""Steeper than this is an error of the height model, not a way."""
APART_M = 1.0
"""Ends of one node that lie farther apart than this are told."""
TOO_SHORT = 0.95


def node(cell: str) -> int:
    """The number of a node, of at most 64 bits."""
    plain = narrow(cell)
    if not re.fullmatch(r"-?[0-9]{1,19}", plain) or abs(int(plain)) > MAX_ID:
        raise InputError(f"「{cell[:40]}」は交差点の番号（整数）ではありません。")
    return int(plain)


def _length(cell: str) -> float | None:
    value = number(cell)
    if value is not None and value < 0:
        raise InputError(f"「{cell[:40]}」は負の長さです。")
    return value


def _way(cell: str) -> str | None:
    """The kind of way; of several (osmnx joins them in a list) the first."""
    if cell.startswith("["):
        try:
            several = json.loads(cell.replace("'", '"'))
        except ValueError:
            several = [cell]
        cell = str(several[0]) if several else ""
    return name(cell[:MAX_NAME]) or None


def _factor(cell: str) -> float | None:
    value = number(cell)
    if value is not None and not 0.1 <= value <= 100:
        raise InputError(f"「{cell[:40]}」は冬の係数（0.1〜100）ではありません。")
    return value


FIELDS = (
    Field("u", "始点の番号", node, ("from", "from_node", "始点"), required=True),
    Field("v", "終点の番号", node, ("to", "to_node", "終点"), required=True),
    Field("length_m", "長さ", _length, ("length", "距離", "延長")),
    Field("highway", "道路の種類", _way, ("道路種別",)),
    Field("slope", "勾配", number, ("grade",)),
    Field("winter_factor", "冬の係数", _factor, ("winter", "冬期係数")),
)


def read(reading: Reading) -> Any:
    """One row per pair of nodes, u before v: of parallel and opposite ways the shortest."""
    frame = reading.collect(lambda table: _rows(reading, table))
    frame = _measured(reading, frame)
    reading.refuse_if_useless(frame)
    frame = _directed(frame)
    _compare_ends(reading, frame)
    frame = _without_loops(reading, frame)
    frame = _shortest(reading, frame)
    if not len(frame):
        raise FileFormatError("2つの交差点をつなぐ道がありません。")
    _components(reading, frame)
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


def _measured(reading: Reading, frame: Any) -> Any:
    """Lengths that are missing (or 0) from the shape, in metres of the plane zone; what does not fit is told."""
    flat = to_plane(frame["geom"].to_numpy(), reading.municipality)
    drawn = shapely.length(flat)
    given = np.array([0.0 if value is None else value for value in frame["length_m"]], dtype=float)
    missing = given <= 0
    if missing.any():
        reading.report.note(f"長さのない {int(missing.sum()):,} 本は、図形から長さを計算しました。")
    short = ~missing & (given < TOO_SHORT * drawn) & (drawn - given > APART_M)
    if short.any():
        row = int(frame.index.to_numpy()[np.argmax(short)])
        reading.report.note(
            f"長さが図形より5%以上短い道が {int(short.sum()):,} 本あります（最初は {row} 行目）。ファイルの値のまま読みました。"
        )
    out = frame.assign(length_m=np.where(missing, drawn, given))
    return reading.reject(out, ~(out["length_m"] > 0).to_numpy(), "length_m", "長さが0です。")


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


def _compare_ends(reading: Reading, frame: Any) -> None:
    """Turn lines that run from v to u (undirected exports do that), and tell of nodes with several places."""
    geoms = frame["geom"].to_numpy().copy()
    flat = to_plane(geoms, reading.municipality)
    first = np.round(shapely.get_coordinates(shapely.get_point(flat, 0)), 1)
    last = np.round(shapely.get_coordinates(shapely.get_point(flat, -1)), 1)
    u, v = frame["u"].to_numpy(), frame["v"].to_numpy()
    at_u, at_v = _voted(u, v, first, last)
    backwards = (_apart(first, at_u) & ~_apart(last, at_u)) | (_apart(last, at_v) & ~_apart(first, at_v))
    geoms[backwards] = shapely.reverse(geoms[backwards])
    first[backwards], last[backwards] = last[backwards].copy(), first[backwards].copy()
    at_u, at_v = _voted(u, v, first, last)
    wrong = set(u[_apart(first, at_u)].tolist()) | set(v[_apart(last, at_v)].tolist())
    if wrong:
        reading.report.note(
            f"番号が同じで位置が {APART_M:.0f} m より離れている交差点が {len(wrong):,} か所あります（例: {min(wrong)}）。"
        )
    frame["geom"] = geoms


def _voted(
    u: np.ndarray, v: np.ndarray, first: np.ndarray, last: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Where most lines say that the nodes of each row lie, metres: (n, 2) for u and for v."""
    import pandas as pd

    spots = pd.DataFrame(np.vstack([first, last]), columns=["x", "y"]).assign(node=np.concatenate([u, v]))
    votes = spots.groupby(["node", "x", "y"]).size().reset_index(name="n")
    chosen = votes.sort_values(["node", "n"], ascending=[True, False], kind="stable").drop_duplicates("node")
    place = chosen.set_index("node")[["x", "y"]]
    return place.loc[u].to_numpy(), place.loc[v].to_numpy()


def _apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.hypot(*(one - other).T) > APART_M


def _without_loops(reading: Reading, frame: Any) -> Any:
    loops = (frame["u"] == frame["v"]).to_numpy()
    if loops.any():
        reading.report.note(
            f"同じ交差点に戻る道 {int(loops.sum()):,} 本は、距離に関わらないため読み飛ばしました。"
        )
    return frame[~loops]


def _shortest(reading: Reading, frame: Any) -> Any:
    ordered = frame.sort_values(["u", "v", "length_m"], kind="stable")
    kept = ordered.drop_duplicates(["u", "v"])
    if len(kept) < len(frame):
        reading.report.note(
            f"逆向きの道と平行する道は、いちばん短い1本にまとめました（{len(frame):,} 行 → {len(kept):,} 本）。"
            "歩く人は両方の向きに通れるものとして扱います。"
        )
    return kept


def _components(reading: Reading, frame: Any) -> None:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    nodes = np.unique(np.concatenate([frame["u"].to_numpy(), frame["v"].to_numpy()]))
    u, v = np.searchsorted(nodes, frame["u"]), np.searchsorted(nodes, frame["v"])
    graph = coo_matrix((np.ones(len(u)), (u, v)), shape=(len(nodes),) * 2)
    count, label = connected_components(graph, directed=False)
    sizes = np.bincount(label)
    giant = int(np.argmax(sizes))
    reading.report.totals |= {
        "edges": float(len(frame)),
        "nodes": float(len(nodes)),
        "length_km": float(frame["length_m"].sum()) / 1000,
        "components": float(count),
        "giant_share": 100.0 * float(sizes[giant]) / len(nodes),
    }
    if count == 1:
        return
    report = reading.report
    report.note(
        f"つながっていない部分が {count:,} 個あります。最大の部分は {int(sizes[giant]):,} 交差点"
        f"（{100 * sizes[giant] / len(nodes):.1f}%）、ほかに {int(sizes.sum() - sizes[giant]):,} 交差点です。"
    )
    part = label[u]
    for other in sorted(set(label.tolist()) - {giant}, key=lambda one: (-int(sizes[one]), one)):
        row = frame[part == other].iloc[0]
        report.add("gaps", ground=row["geom"], file=row[SOURCE], nodes=int(sizes[other]))
