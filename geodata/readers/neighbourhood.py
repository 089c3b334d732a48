"""Points that cannot be what they say: far from all others of their town."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from geodata.readers.reading import Reading
from kyodo_geo.addresses import koaza_key, split_town
from kyodo_geo.crs import to_plane

LEAST_REACH_M = 3_000.0
TIMES_MEDIAN = 8.0
FAR_FROM_TOWN = "同じ町・字のほかの点から離れすぎています（位置の誤り）。"


def reject_strays(reading: Reading, frame: Any) -> Any:
    """`frame` (town, koaza, geom) without points far outside the neighbourhood of their town.

    The neighbourhood is a circle around the middle (median) of the town's points, of eight times their median
    distance from it, at least 3 km: wide valleys keep their ends, a point in another city goes.
    """
    if frame.empty:
        return frame
    plane = to_plane(np.asarray(frame["geom"], dtype=object), reading.municipality)
    keys = {
        pair: (split_town(pair[0]), koaza_key(pair[1]))
        for pair in dict.fromkeys(zip(frame["town"], frame["koaza"], strict=True))
    }
    table = frame.assign(
        _x=shapely.get_x(plane),
        _y=shapely.get_y(plane),
        _key=[keys[pair] for pair in zip(frame["town"], frame["koaza"], strict=True)],
    )
    groups = table.groupby("_key", sort=False)
    distance = np.hypot(
        table["_x"] - groups["_x"].transform("median"), table["_y"] - groups["_y"].transform("median")
    )
    usual = distance.groupby(table["_key"], sort=False).transform("median")
    stray = (distance > np.maximum(LEAST_REACH_M, TIMES_MEDIAN * usual)).to_numpy()
    return reading.reject(frame, stray, "town", FAR_FROM_TOWN)


def report_unknown_towns(reading: Reading, frame: Any) -> None:
    """Enter towns that the loaded gazetteer does not know, once each."""
    if reading.context.town_names is None:
        return
    known = {split_town(town) for town in reading.context.town_names}
    for town in dict.fromkeys(frame["town"]):
        if split_town(town) not in known:
            reading.report.add("unmatched", column="town", value=town)
