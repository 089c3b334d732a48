"""Names that help a reader to find an area again on a paper map: places one knows, and towns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from psycopg import sql

from geodata.database import Connection
from geodata.queries.associations import Bbox
from geodata.queries.generation import Ref
from kyodo_geo.crs import WGS84

MOST = 60


@dataclass(frozen=True, slots=True)
class Name:
    """A name at a point; `kind` is town or place."""

    text: str
    kind: str
    lon: float
    lat: float


_QUERY = """
    WITH ground AS (SELECT ST_MakeEnvelope(%(w)s, %(s)s, %(e)s, %(n)s, {srid}) AS box),
    found AS (
        SELECT f.name AS text, 'place' AS kind, f.geom, 1 AS rank FROM facility_site f, ground
        WHERE f.municipality_code = %(m)s AND f.dataset_id = active_dataset(%(m)s, %(g)s, 'facilities')
          AND f.geom && box AND f.activity AND (f.closed_on IS NULL OR f.closed_on > %(day)s)
          AND (f.opened_on IS NULL OR f.opened_on <= %(day)s)
        UNION ALL
        SELECT t.name, 'town', t.geom, 2 FROM town t, ground
        WHERE t.municipality_code = %(m)s AND t.dataset_id = active_dataset(%(m)s, %(g)s, 'towns')
          AND t.geom && box AND t.koaza IS NULL AND (t.valid_to IS NULL OR t.valid_to > %(day)s)
    )
    SELECT text, kind, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM found, ground
    ORDER BY rank, ST_Distance(geom, ST_Centroid(box)), text LIMIT {most}
"""


def names(conn: Connection, ref: Ref, box: Bbox, on: date) -> list[Name]:
    """Activity facilities in service on the day, then towns, each from the middle of the box outwards."""
    west, south, east, north = box
    rows = conn.execute(
        sql.SQL(_QUERY).format(srid=sql.Literal(WGS84), most=sql.Literal(MOST)),
        {**ref.args, "w": west, "s": south, "e": east, "n": north, "day": on},
    )
    return [Name(**row) for row in rows]
