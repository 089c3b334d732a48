"""In whose area places lie."""

from __future__ import annotations

from collections.abc import Sequence

from geodata.database import Connection
from geodata.queries.generation import Ref
from kyodo_geo.crs import WGS84


def at_places(conn: Connection, ref: Ref, places: Sequence[tuple[float, float]]) -> dict[int, str]:
    """Number of the place (lon, lat) → the first association whose area covers it, as `demand.points` has it."""
    rows = conn.execute(
        """
        SELECT p.no - 1 AS no, min(a.association_id) AS association_id
        FROM unnest(%(lon)s::float[], %(lat)s::float[]) WITH ORDINALITY AS p (lon, lat, no)
        JOIN association_area a ON a.municipality_code = %(m)s AND a.kind = 'association'
            AND a.dataset_id = active_dataset(%(m)s, %(g)s, 'associations')
            AND ST_Covers(a.geom, ST_SetSRID(ST_MakePoint(p.lon, p.lat), %(srid)s))
        GROUP BY p.no
        """,
        {
            **ref.args,
            "lon": [lon for lon, _ in places],
            "lat": [lat for _, lat in places],
            "srid": WGS84,
        },
    )
    return {row["no"]: row["association_id"] for row in rows}
