"""What a lookup index weighs in memory, told from its snapshot."""

from __future__ import annotations

from kyodo_geo.lookup_types import Snapshot

BASE, ASSOCIATION, VERTEX, RULE, TOWN, POINT = 200_000, 3_000, 40, 1_500, 4_000, 40
"""Bytes of each, from the growth of processes that held indexes of 3 to 4,500 associations (bench.national)."""


def weight(snapshot: Snapshot) -> int:
    """Bytes, estimated."""
    import shapely

    shapes = [item.geom for item in snapshot.associations] + [item.geom for item in snapshot.districts]
    # Two numbers of eight bytes each, in WKB; None has none.
    packed = sum(len(shape) // 16 for shape in shapes if isinstance(shape, bytes))
    read = [shape for shape in shapes if not isinstance(shape, bytes)]
    vertices = packed + int(shapely.get_num_coordinates(read).sum())
    points = len(snapshot.blocks) + len(snapshot.lots)
    return (
        BASE
        + ASSOCIATION * len(snapshot.associations)
        + VERTEX * vertices
        + RULE * len(snapshot.rules)
        + TOWN * len(snapshot.towns)
        + POINT * points
    )
