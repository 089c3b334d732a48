"""Edges of road networks as osmnx writes them: cells, lengths, directions of the lines. For walkers and for cars."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import shapely

from geodata.readers.reading import SOURCE, Reading
from geodata.readers.values import MAX_NAME, name, narrow, number
from kyodo_geo.crs import to_plane
from kyodo_geo.errors import InputError

MAX_ID = 2**63 - 1
APART_M = 1.0
"""Ends of one node that lie farther apart than this are told."""
TOO_SHORT = 0.95
MAX_PARTS = 200
"""Parts that are told with their place: dead ends of one-way streets are parts of their own, by the hundred."""


def node(cell: str) -> int:
    """The number of a node, of at most 64 bits."""
    plain = narrow(cell)
    if not re.fullmatch(r"-?[0-9]{1,19}", plain) or abs(int(plain)) > MAX_ID:
        raise InputError(f"「{cell[:40]}」は交差点の番号（整数）ではありません。")
    return int(plain)


def length(cell: str) -> float | None:
    value = number(cell)
    if value is not None and value < 0:
        raise InputError(f"「{cell[:40]}」は負の長さです。")
    return value


def way(cell: str) -> str | None:
    """The kind of way; of several (osmnx joins them in a list) the first."""
    return name(several(cell)[0][:MAX_NAME]) or None


def several(cell: str) -> list[str]:
    """The texts of a cell: one, or those of a list; at least one, maybe empty."""
    if not cell.startswith("["):
        return [cell]
    try:
        found = json.loads(cell.replace("'", '"').replace("True", "true").replace("False", "false"))
    except ValueError:
        return [cell]
    return [str(item) for item in found] or [""]


def factor(cell: str) -> float | None:
    value = number(cell)
    if value is not None and not 0.1 <= value <= 100:
        raise InputError(f"「{cell[:40]}」は冬の係数（0.1〜100）ではありません。")
    return value


def measured(reading: Reading, frame: Any) -> Any:
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


def compare_ends(reading: Reading, frame: Any) -> None:
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


def without_loops(reading: Reading, frame: Any) -> Any:
    loops = (frame["u"] == frame["v"]).to_numpy()
    if loops.any():
        reading.report.note(
            f"同じ交差点に戻る道 {int(loops.sum()):,} 本は、距離に関わらないため読み飛ばしました。"
        )
    return frame[~loops]


def told_parts(reading: Reading, frame: Any, *, directed: bool = False) -> None:
    """Totals of the network, and the parts that do not hang together; `directed`: one can come back from each."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    nodes = np.unique(np.concatenate([frame["u"].to_numpy(), frame["v"].to_numpy()]))
    u, v = np.searchsorted(nodes, frame["u"]), np.searchsorted(nodes, frame["v"])
    graph = coo_matrix((np.ones(len(u)), (u, v)), shape=(len(nodes),) * 2)
    count, label = connected_components(graph, directed=directed, connection="strong")
    sizes = np.bincount(label)
    giant = int(np.argmax(sizes))
    reading.report.totals |= {
        "directed_edges" if directed else "edges": float(len(frame)),
        "nodes": float(len(nodes)),
        "length_km": float(frame["length_m"].sum()) / 1000,
        "strong_components" if directed else "components": float(count),
        "giant_share": 100.0 * float(sizes[giant]) / len(nodes),
    }
    if count == 1:
        return
    report = reading.report
    what = "互いに行き来できる" if directed else "つながっていない"
    report.note(
        f"{what}部分が {count:,} 個あります。最大の部分は {int(sizes[giant]):,} 交差点"
        f"（{100 * sizes[giant] / len(nodes):.1f}%）、ほかに {int(sizes.sum() - sizes[giant]):,} 交差点です。"
    )
    part = label[u]
    for other in sorted(set(label.tolist()) - {giant}, key=lambda one: (-int(sizes[one]), one)):
        mine = np.flatnonzero((part == other) | (label[v] == other))
        row = frame.iloc[mine[0]]
        report.add("gaps", ground=row["geom"], file=row[SOURCE], nodes=int(sizes[other]))
        if len(report.gaps) >= MAX_PARTS:
            report.note(f"場所を示すのは大きい順に {MAX_PARTS:,} 個までです。")
            break
