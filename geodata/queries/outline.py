"""The outline of the municipality, for maps."""

from __future__ import annotations

from psycopg import sql

from geodata.database import Connection
from geodata.queries.generation import Ref
from kyodo_geo.crs import GEOJSON_DIGITS


def outline(conn: Connection, ref: Ref) -> str | None:
    """GeoJSON text of all parts together at 6 digits; None while no outline is loaded."""
    row = conn.execute(
        sql.SQL(
            "SELECT ST_AsGeoJSON(ST_ForcePolygonCCW(ST_Union(geom)), {digits}) AS geometry FROM outline "
            "WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'outline')"
        ).format(digits=sql.Literal(GEOJSON_DIGITS)),
        ref.args,
    ).fetchone()
    return None if row is None else row["geometry"]
