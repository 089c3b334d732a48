"""What a lookup index weighs in memory, told from its snapshot."""

from __future__ import annotations

from typing import Any

from kyodo_geo.lookup_types import Snapshot

BASE, ASSOCIATION, VERTEX, RULE, TOWN, POINT = 200_000, 3_000, 16, 1_500, 4_000, 40
"""Bytes of each, from the growth of processes that held indexes of 3 to 4,500 associations (bench.national)."""


def weight(snapshot: Snapshot) -> int:
    """Bytes, estimated."""
    shapes = [*(item.geom for item in snapshot.associations), *(item.geom for item in snapshot.districts)]
    points = len(snapshot.blocks) + len(snapshot.lots)
    return (
        BASE
        + ASSOCIATION * len(snapshot.associations)
        + sum(map(_bytes_of, shapes))
        + RULE * len(snapshot.rules)
        + TOWN * len(snapshot.towns)
        + POINT * points
    )


def _bytes_of(shape: Any) -> int:
    """Of an area, which is a geometry or its WKB."""
    if shape is None:
        return 0
    if isinstance(shape, bytes):
        return len(shape)
    import shapely

    return VERTEX * int(shapely.get_num_coordinates(shape))
