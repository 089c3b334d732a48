"""Rows between canonical frames (pandas/GeoPandas) and tables, by COPY."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from psycopg import sql

from geodata.database import Connection
from geodata.kind_tables import IDENTITY_KEYS, KindTable, kind_table
from kyodo_geo.crs import WGS84

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


def identifier(qualified: str) -> sql.Identifier:
    """`schema.table` as a quoted identifier."""
    return sql.Identifier(*qualified.split("."))


_AS_THEY_ARE = (str, int, bool)


def _plain(value: Any) -> Any:
    """A value psycopg can write: numpy scalars become Python's, every kind of missing becomes None."""
    if value is None:
        return None
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    if hasattr(value, "to_pydatetime"):
        value = value.to_pydatetime().date()
    if value != value:  # NaN and NaT are the only values unequal to themselves
        return None
    return value


def _column(series: Any, is_integer: bool) -> list[Any]:
    import numpy as np
    import pandas as pd

    values: list[Any] = series.tolist()
    if is_integer and isinstance(series.dtype, np.dtype) and series.dtype.kind in "iu":
        return values
    plain = (
        value if type(value) in _AS_THEY_ARE else None if value is pd.NA else _plain(value)
        for value in values
    )
    return [int(value) if is_integer and value is not None else value for value in plain]


def _multi(series: Any, wanted: str) -> list[str | None]:
    """Geometries as hexadecimal EWKB of the column's type: a Polygon becomes a MultiPolygon of one.

    PostGIS reads hexadecimal in COPY; bytes would be taken for bytea.
    """
    import numpy as np
    import shapely

    geoms = series.to_numpy().copy()
    geoms[shapely.is_empty(geoms)] = None
    if wanted == "MULTIPOLYGON":
        single = np.flatnonzero(shapely.get_type_id(geoms) == shapely.GeometryType.POLYGON)
        geoms[single] = shapely.multipolygons(geoms[single], indices=np.arange(len(single)))
    flat = shapely.set_srid(shapely.force_2d(geoms), WGS84)
    return list(shapely.to_wkb(flat, hex=True, include_srid=True))


def insert_frame(conn: Connection, municipality: str, dataset_id: int, kind: str, frame: pd.DataFrame) -> int:
    """COPY a canonical frame into the table of its kind; returns the number of rows.

    New permanent ids are entered first. Columns the frame lacks are NULL (or the column's default).
    """
    from geoalchemy2 import Geometry
    from sqlalchemy import ARRAY, Integer
    from sqlalchemy.dialects.postgresql import JSONB

    from geodata.schema import metadata

    spec = kind_table(kind)
    table = metadata.tables[spec.table]
    columns = [column for column in spec.columns if column in frame.columns]
    values: list[Iterable[Any]] = []
    for column in columns:
        described = table.columns[column]
        if column == "geom":
            assert isinstance(described.type, Geometry)
            values.append(_multi(frame[column], described.type.geometry_type))
        elif isinstance(described.type, JSONB):
            values.append(
                [
                    json.dumps(v if isinstance(v, list) else [], ensure_ascii=False)
                    for v in frame[column].tolist()
                ]
            )
        elif isinstance(described.type, ARRAY):
            values.append([list(v) if isinstance(v, list | tuple) else [] for v in frame[column].tolist()])
        else:
            values.append(_column(frame[column], isinstance(described.type, Integer)))
    _enter_identities(conn, municipality, spec, frame)
    running = [spec.running] if spec.running else []
    names = ["municipality_code", "dataset_id", *running, *columns]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        identifier(spec.table), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    rows = 0
    with conn.cursor().copy(statement) as copy:
        for rows, row in enumerate(zip(*values, strict=True), start=1):
            numbered = (rows,) if running else ()
            copy.write_row((municipality, dataset_id, *numbered, *row))
    return rows


def _enter_identities(conn: Connection, municipality: str, spec: KindTable, frame: pd.DataFrame) -> None:
    if spec.identity is None:
        return
    column = IDENTITY_KEYS[spec.identity]
    ids = sorted({_plain(value) for value in frame[column].tolist()})
    conn.execute(
        sql.SQL(
            "INSERT INTO {table} (municipality_code, {column}) "
            "SELECT %s, unnest(%s::{type}[]) ON CONFLICT DO NOTHING"
        ).format(
            table=sql.Identifier("kyodo", spec.identity),
            column=sql.Identifier(column),
            type=sql.SQL("int" if column == "district_no" else "text"),
        ),
        (municipality, ids),
    )


def carry_over(conn: Connection, municipality: str, kind: str, base: int, dataset_id: int) -> int:
    """Copy the base dataset's records that the new one does not touch; returns how many."""
    spec = kind_table(kind)
    columns = sql.SQL(", ").join(map(sql.Identifier, spec.columns))
    same = sql.SQL(" AND ").join(
        sql.SQL("n.{c} = o.{c}").format(c=sql.Identifier(column)) for column in spec.key
    )
    return conn.execute(
        sql.SQL(
            "INSERT INTO {table} (municipality_code, dataset_id, {columns}) "
            "SELECT o.municipality_code, %(new)s, {columns} FROM {table} o "
            "WHERE o.municipality_code = %(m)s AND o.dataset_id = %(base)s AND NOT EXISTS ("
            "SELECT FROM {table} n WHERE n.municipality_code = %(m)s AND n.dataset_id = %(new)s AND {same})"
        ).format(table=identifier(spec.table), columns=columns, same=same),
        {"m": municipality, "new": dataset_id, "base": base},
    ).rowcount


def read_frame(
    conn: Connection, municipality: str, dataset_id: int, kind: str
) -> gpd.GeoDataFrame | pd.DataFrame:
    """The canonical frame of a dataset, as it was loaded (a GeoDataFrame where the kind has geometry)."""
    import geopandas as gpd
    import pandas as pd
    import shapely

    spec = kind_table(kind)
    parts = [
        sql.SQL("ST_AsBinary(geom) AS geom") if column == "geom" else sql.Identifier(column)
        for column in spec.columns
    ]
    rows = conn.execute(
        sql.SQL("SELECT {} FROM {} WHERE municipality_code = %s AND dataset_id = %s ORDER BY {}").format(
            sql.SQL(", ").join(parts),
            identifier(spec.table),
            sql.SQL(", ").join(map(sql.Identifier, spec.key)),
        ),
        (municipality, dataset_id),
    ).fetchall()
    frame = pd.DataFrame(rows, columns=list(spec.columns))
    if not spec.has_geometry:
        return frame
    geometry = shapely.from_wkb([None if g is None else bytes(g) for g in frame["geom"]])
    return gpd.GeoDataFrame(frame.drop(columns="geom"), geometry=geometry, crs=WGS84).rename_geometry("geom")[
        list(spec.columns)
    ]
