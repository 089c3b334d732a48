"""One layer of one tile within a transaction of the reader's, for layers that are not for everybody."""

from __future__ import annotations

from datetime import date

from psycopg import RawCursor

from geodata.database import Connection
from geodata.features.tile_facts import LayerFacts
from geodata.features.tile_layers import TILE_LAYERS, tile_query


def read_tile(
    conn: Connection, municipality: str, facts: LayerFacts, place: tuple[int, int, int], day: date
) -> bytes:
    """Zoom, row and column of `place`; empty where the layer has nothing there."""
    zoom, row, col = place
    layer = TILE_LAYERS[facts.layer]
    query = tile_query(facts.layer, sample=facts.too_many(zoom, row, col))
    params = [municipality, facts.dataset_id, zoom, col, row, *([day] if layer.dated else [])]
    found = RawCursor(conn).execute(query, params).fetchone()
    return b"" if found is None else bytes(next(iter(found.values())))
