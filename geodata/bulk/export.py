"""The active generation of municipalities as the ground of bulk work, each kind of each read in one transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import shapely
from psycopg import sql

from geodata.bulk import geoparquet, ground, parts
from geodata.database import Connection
from geodata.kind_tables import KIND_TABLES
from geodata.queries.generation import Ref
from geodata.queries.snapshot import credit_of

KINDS = tuple(dict.fromkeys((*ground.LOOKUP, *ground.COVERAGE)))


def export(conn: Connection, ref: Ref, target: Path, kinds: Sequence[str] = KINDS) -> dict[str, int]:
    """Write one file per kind that has rows; returns rows by kind. What was there of this municipality is replaced.

    `conn` reads as an audience that may read the kinds (halls are the staff's).
    """
    counts = {}
    for kind in kinds:
        table = KIND_TABLES[kind]
        schema, _, name = table.table.partition(".")
        columns = [
            sql.Identifier(c) if c != "geom" else sql.SQL("ST_AsBinary(geom) AS geom") for c in table.columns
        ]
        rows = conn.execute(
            sql.SQL(
                "SELECT {} FROM {} WHERE municipality_code = %(m)s AND dataset_id = kyodo.active_dataset(%(m)s, %(g)s, %(k)s) "
                "ORDER BY {}"
            ).format(
                sql.SQL(", ").join(columns),
                sql.Identifier(schema, name),
                sql.SQL(", ").join(map(sql.Identifier, table.key)),
            ),
            {**ref.args, "k": kind},
        ).fetchall()
        path = target / kind / f"municipality={ref.municipality_code}" / "part.parquet"
        if rows:
            counts[kind] = len(rows)
            _write(path, rows, _types(kind))
        else:
            path.unlink(missing_ok=True)
    about = {
        "name": ref.name,
        "pref_name": ref.pref_name,
        "phone": ref.contact_phone,
        "email": ref.contact_email,
        "department": ref.contact_department,
        "revision": ref.revision,
        "generation_no": ref.generation_no,
        "dataset": _json(credit_of(conn, ref)),
    }
    _write(
        target / ground.ABOUT / f"municipality={ref.municipality_code}" / "part.parquet",
        [about],
        {name: int if name in ("revision", "generation_no") else str for name in about},
    )
    return counts


def _types(kind: str) -> dict[str, type]:
    """Column → Python type (`dict`: JSON), so that files of a kind are alike though a column be empty in one of them."""
    from sqlalchemy import ARRAY, JSON

    from geodata.schema import metadata

    table = metadata.tables[KIND_TABLES[kind].table]
    found: dict[str, type] = {}
    for name in KIND_TABLES[kind].columns:
        of_column = table.columns[name].type
        if name == "geom":
            found[name] = bytes
        elif isinstance(of_column, ARRAY | JSON):
            found[name] = list if isinstance(of_column, ARRAY) else dict
        else:
            found[name] = of_column.python_type
    return found


def _write(path: Path, rows: Sequence[dict[str, Any]], types: dict[str, type]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrow = {
        int: pa.int64(), float: pa.float64(), bool: pa.bool_(), date: pa.date32(), bytes: pa.binary(),
        list: pa.list_(pa.string()),
    }  # fmt: skip
    arrays = {}
    for name, kind in types.items():
        values = [row[name] for row in rows]
        if kind is dict:
            values = [None if value is None else _json(value) for value in values]
        arrays[name] = pa.array(values, arrow.get(kind, pa.string()))
    told = {}
    if "geom" in arrays:
        shapes = shapely.from_wkb([row["geom"] for row in rows if row["geom"] is not None])
        told = geoparquet.geo_metadata(
            "geom",
            shapely.total_bounds(shapes).tolist() if len(shapes) else None,
            {shape.geom_type for shape in shapes},
        )
    with parts.whole(path) as passing:
        pq.write_table(pa.table(arrays).replace_schema_metadata(told or None), passing, compression="zstd")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
