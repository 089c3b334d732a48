"""Contradictions inside the lookup's data that staff should look at; no address of a person is involved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from kyodo_geo.addresses import Gazetteer, split_town
from kyodo_geo.lookup.areas import AreaIndex, as_geometry, metres_per_degree
from kyodo_geo.lookup.block_faults import find_block_faults
from kyodo_geo.lookup.locate import DEFAULT_ACCURACY_M
from kyodo_geo.lookup_types import Snapshot, Town
from kyodo_geo.rule_overlaps import find_overlaps
from kyodo_geo.rules import RuleBook, describe

_SHOWN_BLOCKS = 8
NOTICEABLE_M2 = 1.0
"""Overlaps of areas below this are slivers of drawing."""


@dataclass(frozen=True, slots=True)
class DataFault:
    """One contradiction.

    `kind`: rule_overlap, area_overlap, unknown_town, rule_outside_area, block_outside_area, block_not_listed.
    """

    kind: str
    associations: tuple[str, ...]
    text: str


def find_faults(snapshot: Snapshot, gazetteer: Gazetteer, areas: AreaIndex) -> tuple[DataFault, ...]:
    """Every fault of a snapshot. Associations of a building may overlap others: that is no fault."""
    buildings = {item.association_id for item in snapshot.associations if item.kind == "building"}
    ordinary = [rule for rule in snapshot.rules if rule.association_id not in buildings]
    found = [
        DataFault("rule_overlap", (overlap.first, overlap.second), f"{overlap.where}が重複しています。")
        for overlap in find_overlaps(ordinary)
    ]
    return (
        *found,
        *_unknown_towns(snapshot, gazetteer),
        *_rules_outside(snapshot, gazetteer, areas),
        *_blocks(snapshot, areas),
        *_areas(snapshot),
    )


def _unknown_towns(snapshot: Snapshot, gazetteer: Gazetteer) -> list[DataFault]:
    found: dict[DataFault, None] = {}
    for rule in snapshot.rules:
        place = gazetteer.place(rule.town)
        known = place is not None and (
            gazetteer.town(rule.town, rule.koaza) is not None
            or not (split_town(rule.town).numbered or rule.koaza)
        )
        if not known:
            text = f"「{describe(rule)}」の町・字は一覧にありません。"
            found[DataFault("unknown_town", (rule.association_id,), text)] = None
    return list(found)


def _rules_outside(snapshot: Snapshot, gazetteer: Gazetteer, areas: AreaIndex) -> list[DataFault]:
    """Whole towns whose point, with its accuracy, does not meet the area of the association that claims them."""
    position = {item.association_id: i for i, item in enumerate(snapshot.associations)}
    with_area = {item.association_id for item in snapshot.associations if item.geom is not None}
    found = []
    for rule in snapshot.rules:
        town = gazetteer.town(rule.town, rule.koaza)
        if rule.kind != "whole" or rule.association_id not in with_area or town is None:
            continue
        if town.lon is None or town.lat is None:
            continue
        touches = areas.in_circle(town.lon, town.lat, _radius(town))
        if position[rule.association_id] not in {touch.position for touch in touches}:
            text = f"「{describe(rule)}」の代表点は区域の図の外にあります。"
            found.append(DataFault("rule_outside_area", (rule.association_id,), text))
    return found


def _blocks(snapshot: Snapshot, areas: AreaIndex) -> list[DataFault]:
    words = {
        "block_outside_area": "は住所の範囲に入っていますが、位置は区域の図の外です。",
        "block_not_listed": "の位置は区域の図の中ですが、住所の範囲に入っていません。",
    }
    found = []
    for fault in find_block_faults(snapshot, RuleBook(snapshot.rules), areas):
        shown = "・".join(f"{number}番" for number in fault.blocks[:_SHOWN_BLOCKS])
        more = f" ほか{len(fault.blocks) - _SHOWN_BLOCKS}" if len(fault.blocks) > _SHOWN_BLOCKS else ""
        text = f"「{fault.town} {shown}{more}」{words[fault.kind]}"
        found.append(DataFault(fault.kind, (fault.association,), text))
    return found


def _radius(town: Town) -> float:
    return DEFAULT_ACCURACY_M.get(town.level, 500.0) if town.accuracy_m is None else town.accuracy_m


def _areas(snapshot: Snapshot) -> list[DataFault]:
    items = [item for item in snapshot.associations if item.geom is not None and item.kind != "building"]
    geoms = np.array([as_geometry(item.geom) for item in items], dtype=object)
    if not len(geoms):
        return []
    first, second = shapely.STRtree(geoms).query(geoms, predicate="intersects")
    once = first < second
    shared = shapely.intersection(geoms[first[once]], geoms[second[once]])
    found = []
    for a, b, geom in zip(first[once], second[once], shared, strict=True):
        square = _square_metres(geom)
        if square >= NOTICEABLE_M2:
            text = f"区域の図が約{square:,.0f}㎡重なっています。"
            found.append(DataFault("area_overlap", (items[a].association_id, items[b].association_id), text))
    return found


def _square_metres(geom: Any) -> float:
    if geom.is_empty:
        return 0.0
    east, north = metres_per_degree(geom.centroid.y)
    return float(geom.area * east * north)
