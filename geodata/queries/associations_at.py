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
        SELECT p.no - 1 AS no, a.association_id
        FROM unnest(%(lon)s::float[], %(lat)s::float[]) WITH ORDINALITY AS p (lon, lat, no)
        -- Place by place: joined to all of them at once, the areas would be read from end to end.
        CROSS JOIN LATERAL (
            SELECT association_id FROM association_area
            WHERE municipality_code = %(m)s AND kind = 'association'
              AND dataset_id = (SELECT active_dataset(%(m)s, %(g)s, 'associations'))
              AND ST_Covers(geom, ST_SetSRID(ST_MakePoint(p.lon, p.lat), %(srid)s))
            ORDER BY association_id LIMIT 1
        ) a
        """,
        {
            **ref.args,
            "lon": [lon for lon, _ in places],
            "lat": [lat for _, lat in places],
            "srid": WGS84,
        },
    )
    return {row["no"]: row["association_id"] for row in rows}
