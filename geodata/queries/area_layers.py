"""Optional layers around a place: which areas it lies in, and which places are nearest."""

from __future__ import annotations

from dataclasses import dataclass

import shapely

from geodata.database import Connection
from geodata.queries.generation import Ref
from kyodo_geo.crs import WGS84
from kyodo_geo.kinds import AREA_LAYERS
from kyodo_geo.lookup.areas import circle

NEAREST = 3
PLACES = ("shelters",)


@dataclass(frozen=True, slots=True)
class LayerHit:
    """An area that meets the circle asked for (`whole`: holds all of it), or a place (`distance_m` from its middle)."""

    kind: str
    name: str
    detail: str | None
    contact: str | None
    phone: str | None
    address: str | None
    whole: bool
    distance_m: float | None = None


def loaded(conn: Connection, ref: Ref) -> list[str]:
    """Kinds of optional layers in the generation, in the order in which they are shown."""
    rows = conn.execute(
        "SELECT kind FROM generation_dataset WHERE municipality_code = %(m)s AND generation_no = %(g)s "
        "AND kind = ANY(%(kinds)s)",
        {**ref.args, "kinds": list(AREA_LAYERS)},
    )
    found = {row["kind"] for row in rows}
    return [kind for kind in AREA_LAYERS if kind in found]


def areas_at(conn: Connection, ref: Ref, lon: float, lat: float, radius_m: float) -> list[LayerHit]:
    """Areas that meet the circle of `radius_m` (more than 1 cm) around the point; borders belong to both sides.

    Parts of the same name count as one area: `whole` asks whether they hold the circle together.
    """
    disc = circle(lon, lat, radius_m)
    if disc is None:
        disc = shapely.Point(lon, lat)
    rows = conn.execute(
        """
        WITH asked AS (SELECT ST_GeomFromWKB(%(disc)s, %(srid)s) AS disc)
        SELECT g.kind, a.name, a.detail, a.contact, a.phone, a.address, ST_Covers(ST_Union(a.geom), disc) AS whole
        FROM generation_dataset g
        JOIN area_layer a USING (municipality_code, dataset_id), asked
        WHERE g.municipality_code = %(m)s AND g.generation_no = %(g)s AND g.kind = ANY(%(kinds)s)
          AND ST_Intersects(a.geom, disc)
        GROUP BY g.kind, a.name, a.detail, a.contact, a.phone, a.address, disc
        ORDER BY g.kind, max(ST_Area(ST_Intersection(a.geom, disc))) DESC, a.name
        """,
        {
            **ref.args,
            "disc": shapely.to_wkb(disc),
            "srid": WGS84,
            "kinds": [kind for kind in AREA_LAYERS if kind not in PLACES],
        },
    )
    return [LayerHit(**row) for row in rows]


def places_near(conn: Connection, ref: Ref, lon: float, lat: float) -> list[LayerHit]:
    """The nearest places by straight line, nearest first."""
    rows = conn.execute(
        """
        WITH asked AS (
            SELECT ST_Transform(ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), %(srid)s), %(plane)s) AS spot
        )
        SELECT g.kind, a.name, a.detail, a.contact, a.phone, a.address, true AS whole,
               ST_Distance(ST_Transform(a.geom, %(plane)s), spot) AS distance_m
        FROM generation_dataset g
        JOIN area_layer a USING (municipality_code, dataset_id), asked
        WHERE g.municipality_code = %(m)s AND g.generation_no = %(g)s AND g.kind = ANY(%(kinds)s)
        ORDER BY distance_m, a.name LIMIT %(most)s
        """,
        {
            **ref.args,
            "lon": lon,
            "lat": lat,
            "srid": WGS84,
            "plane": ref.plane_epsg,
            "kinds": list(PLACES),
            "most": NEAREST,
        },
    )
    return [LayerHit(**row) for row in rows]
