"""What a lookup index weighs in memory, told from its snapshot."""

from __future__ import annotations

from typing import Any

from kyodo_geo.lookup_types import Snapshot

BASE, ASSOCIATION, VERTEX, RULE, TOWN, POINT = 200_000, 3_000, 40, 1_500, 4_000, 40
"""Bytes of each, from the growth of processes that held indexes of 3 to 4,500 associations (bench.national)."""


def weight(snapshot: Snapshot) -> int:
    """Bytes, estimated."""
    shapes = [item.geom for item in snapshot.associations] + [item.geom for item in snapshot.districts]
    vertices = sum(map(_vertices, shapes))
    points = len(snapshot.blocks) + len(snapshot.lots)
    return (
        BASE
        + ASSOCIATION * len(snapshot.associations)
        + VERTEX * vertices
        + RULE * len(snapshot.rules)
        + TOWN * len(snapshot.towns)
        + POINT * points
    )


def _vertices(shape: Any) -> int:
    """Vertices of a geometry or of its WKB, which has sixteen bytes for each and few others; None has none."""
    if isinstance(shape, bytes):
        return len(shape) // 16
    import shapely

    return int(shapely.get_num_coordinates(shape))
