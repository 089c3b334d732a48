"""Road networks for cars: directed edges as osmnx writes them, with minutes, in GeoJSON or GeoPackage.

A table of speeds by class of road (CSV: highway, kmh, and factors) may be given along with them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from geodata.readers.fields import Field, has_columns
from geodata.readers.lines import with_lines
from geodata.readers.network_edges import (
    compare_ends,
    factor,
    length,
    measured,
    node,
    several,
    told_parts,
    way,
    without_loops,
)
from geodata.readers.reading import Reading, canonical
from geodata.readers.values import name, narrow, number
from kyodo_geo.errors import FileFormatError, InputError
from kyodo_geo.reach.driving import FASTEST, SLOWEST, default_kmh, signposted_kmh

COLUMNS = (
    "u", "v", "length_m", "highway", "kmh", "speed_from", "congestion", "winter_factor", "minutes", "geom",
)  # fmt: skip
BOTH, THERE, BACK = "both", "there", "back"
_ONE_WAY = {
    **dict.fromkeys(("", "0", "no", "false", "none", "nan"), BOTH),
    **dict.fromkeys(("1", "yes", "true", "y", "t"), THERE),
    **dict.fromkeys(("-1", "reverse"), BACK),
}
Speeds = dict[str, tuple[float, float, float]]
"""Class of road → (km/h, factor of congestion, factor of winter)."""


def one_way(cell: str) -> str:
    """Which ways an edge may be driven. osmnx joins several ways in a list: one of them one-way makes it so."""
    found = set()
    for text in several(cell):
        plain = narrow(text).casefold()
        if plain in ("reversible", "alternating"):
            plain = ""
        if plain not in _ONE_WAY:
            raise InputError(f"「{cell[:40]}」は一方通行の有無（True・False・yes・no・-1）ではありません。")
        found.add(_ONE_WAY[plain])
    if THERE in found:
        return THERE
    return BACK if BACK in found else BOTH


def _speed(cell: str) -> float | None:
    value = number(cell)
    if value is not None and not SLOWEST <= value <= FASTEST:
        raise InputError(f"「{cell[:40]}」は速さ（{SLOWEST:g}〜{FASTEST:g} km/h）ではありません。")
    return value


def _seconds(cell: str) -> float | None:
    value = number(cell)
    if value is not None and value < 0:
        raise InputError(f"「{cell[:40]}」は負の時間です。")
    return value


FIELDS = (
    Field("u", "始点の番号", node, ("from", "from_node", "始点"), required=True),
    Field("v", "終点の番号", node, ("to", "to_node", "終点"), required=True),
    Field("length_m", "長さ", length, ("length", "距離", "延長")),
    Field("highway", "道路の種類", way, ("道路種別",)),
    Field("oneway", "一方通行", one_way, ()),
    Field("maxspeed", "制限速度", lambda cell: signposted_kmh(several(narrow(cell))), ("最高速度",)),
    Field("speed_kph", "速さ", _speed, ("kmh", "km/h", "speed_kmh")),
    Field("travel_time", "所要時間（秒）", _seconds, ("seconds",)),
    Field("congestion", "混雑の係数", factor, ()),
    Field("winter_factor", "冬の係数", factor, ("winter", "冬期係数")),
)
SPEED_FIELDS = (
    Field("highway", "道路の種類", name, ("道路種別",), required=True),
    Field("kmh", "速さ", _speed, ("speed_kph", "km/h"), required=True),
    Field("congestion", "混雑の係数", factor, ()),
    Field("winter_factor", "冬の係数", factor, ("winter", "冬期係数")),
)


def read(reading: Reading) -> Any:
    """One row per direction of a pair of nodes, the fastest of parallel ways."""
    speeds = _speeds(reading)
    frame = reading.collect(lambda table: with_lines(reading, table, reading.typed(table, FIELDS)))
    if not any("oneway" in map(str.casefold, table.frame.columns) for table in reading.tables):
        reading.report.note("一方通行の列（oneway）がないため、すべての道を両方の向きに通れるとしました。")
    frame = measured(reading, frame)
    reading.refuse_if_useless(frame)
    compare_ends(reading, frame)
    frame = _timed(reading, without_loops(reading, frame), speeds)
    frame = _fastest(reading, _directed(frame))
    if not len(frame):
        raise FileFormatError("2つの交差点をつなぐ道がありません。")
    told_parts(reading, frame, directed=True)
    return canonical(frame, COLUMNS)


def _speeds(reading: Reading) -> Speeds:
    """The city's own speeds; their tables are taken out of the reading. Raises `FileFormatError` for an unusable row."""
    own = [t for t in reading.tables if t.geometry is None and has_columns(t, "highway")]
    found: Speeds = {}
    for table in own:
        rows = reading.report.count("rejected")
        for row in reading.typed(table, SPEED_FIELDS).to_dict("records"):
            found[row["highway"]] = (row["kmh"], row["congestion"] or 1.0, row["winter_factor"] or 1.0)
        if reading.report.count("rejected") > rows:
            first = reading.report.rejected[rows]
            raise FileFormatError(first.text_ja(), file=first.file, row=first.row, column=first.column)
        reading.report.note(f"{table.source}: 道路の種類ごとの速さを {len(found):,} 種類読みました。")
    reading.tables = [table for table in reading.tables if table not in own]
    if not reading.tables:
        raise FileFormatError("道の線のファイルがありません。速さの表だけでは読み込めません。")
    return found


def _timed(reading: Reading, frame: Any, speeds: Speeds) -> Any:
    """km/h, where it is from, factors and minutes of every edge."""
    table = {highway: kmh for highway, (kmh, _, _) in speeds.items()}
    kmh, source, congestion, winter = [], [], [], []
    odd = 0
    for row in frame.itertuples(index=False):
        own = speeds.get(row.highway or "", (0.0, 1.0, 1.0))
        timed = row.length_m / row.travel_time * 3.6 if row.travel_time else None
        if timed is not None and not SLOWEST <= timed <= FASTEST:
            odd, timed = odd + 1, None
        given = timed or row.speed_kph
        kmh.append(given or row.maxspeed or default_kmh(row.highway, table))
        source.append("given" if given else "maxspeed" if row.maxspeed else "class")
        congestion.append(row.congestion or own[1])
        winter.append(row.winter_factor or own[2])
    if odd:
        reading.report.note(
            f"所要時間から {SLOWEST:g}〜{FASTEST:g} km/h の外の速さになる道が {odd:,} 本あり、所要時間を使いませんでした。"
        )
    out = frame.assign(kmh=kmh, speed_from=source, congestion=congestion, winter_factor=winter)
    return out.assign(minutes=out["length_m"] / out["kmh"] * 0.06 * out["congestion"])


def _directed(frame: Any) -> Any:
    """One row per direction that may be driven; the line runs with it."""
    import pandas as pd

    way = frame["oneway"].map(lambda value: value or BOTH).to_numpy()
    back = frame[way != THERE]
    turned = back.assign(u=back["v"], v=back["u"], geom=shapely.reverse(back["geom"].to_numpy()))
    return pd.concat([frame[way != BACK], turned])


def _fastest(reading: Reading, frame: Any) -> Any:
    ordered = frame.sort_values(["u", "v", "minutes", "length_m"], kind="stable")
    kept = ordered.drop_duplicates(["u", "v"])
    pairs = set(zip(kept["u"].tolist(), kept["v"].tolist(), strict=True))
    single = sum((v, u) not in pairs for u, v in pairs)
    by = kept["speed_from"].value_counts()
    total = len(kept)
    reading.report.note(
        f"向きごとに、いちばん速い1本にまとめました（{total:,} 本、うち片側だけ通れるもの {single:,} 本）。"
    )
    reading.report.note(
        "速さの元: "
        + "、".join(
            f"{label} {100 * int(by.get(key, 0)) / total:.1f} %"
            for key, label in (
                ("given", "ファイルの速さ・所要時間"),
                ("maxspeed", "制限速度"),
                ("class", "道路の種類ごとの速さ"),
            )
        )
        + "。"
    )
    winter = kept["winter_factor"].to_numpy(dtype=float)
    congestion = kept["congestion"].to_numpy(dtype=float)
    if np.allclose(winter, 1.0) and np.allclose(congestion, 1.0):
        reading.report.note("混雑の係数と冬の係数は、すべて 1.0 です（考えていません）。")
    return kept
