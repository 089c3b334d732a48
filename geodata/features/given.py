"""Rows that are made outside the database, chosen and ordered as those in it are: one evaluator of filters for both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from psycopg import sql

from geodata.database import Connection
from geodata.features.conditions import TYPES
from geodata.features.ordering import keys_of, order_by
from kyodo_geo.collections import Collection, Kind
from kyodo_geo.crs import WGS84

Box = tuple[float, float, float, float]


def chosen(
    conn: Connection,
    collection: Collection,
    rows: Sequence[tuple[Mapping[str, Any], Box | None]],
    where: sql.Composable | None,
    args: Mapping[str, Any],
    sort: Sequence[tuple[str, bool]],
) -> list[str]:
    """Ids of the rows (properties, box) for which the compiled filter is true, in the order asked for, else as given."""
    columns = [
        sql.SQL("{} {}{}").format(
            sql.Identifier(p.name), sql.SQL(TYPES[p.kind]), sql.SQL("[]" if p.kind is Kind.LIST else "")
        )
        for p in collection.properties
    ]
    statement = sql.SQL(
        "SELECT f.id FROM ("
        "SELECT r.*, CASE WHEN r._w IS NOT NULL THEN ST_MakeEnvelope(r._w, r._s, r._e, r._n, {}) END AS geom "
        "FROM jsonb_to_recordset(%(_rows)s::jsonb) "
        "AS r(_no int, _w float8, _s float8, _e float8, _n float8, {})"
        ") f WHERE {} ORDER BY {}"
    ).format(
        sql.Literal(WGS84),
        sql.SQL(", ").join(columns),
        sql.SQL("true") if where is None else where,
        order_by(keys_of(collection, sort), backwards=False) if sort else sql.SQL("f._no"),
    )
    names = [p.name for p in collection.properties]
    given = [
        {
            "_no": no,
            **dict(zip(("_w", "_s", "_e", "_n"), box or (None,) * 4, strict=True)),
            **{n: row.get(n) for n in names},
        }
        for no, (row, box) in enumerate(rows)
    ]
    found = conn.execute(statement, {**args, "_rows": orjson.dumps(given).decode()})
    return [row["id"] for row in found]
