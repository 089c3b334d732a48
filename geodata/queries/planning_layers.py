"""Layers that planning looks at: landslide and flood areas, 居住誘導区域, built-up areas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from geodata.database import Connection
from geodata.queries.generation import Ref
from kyodo_geo.crs import WGS84
from kyodo_geo.kinds import PLANNING_LAYERS

ASKED = (*PLANNING_LAYERS, "flood")
"""Kinds a place is compared with."""
SCREEN_STEP_DEG = 0.0002
"""About 20 m: what a screen of the whole city cannot show."""


@dataclass(frozen=True, slots=True)
class LayerArea:
    """One area of a layer; `wkb` is its MultiPolygon, lon/lat."""

    name: str
    detail: str | None
    wkb: bytes


@dataclass(frozen=True, slots=True)
class LayerAt:
    """An area of a layer that holds the place `no` (its number in the question)."""

    no: int
    kind: str
    name: str
    detail: str | None


def loaded(conn: Connection, ref: Ref) -> list[str]:
    """Kinds of `ASKED` that the generation has, in that order. What is not loaded is unknown, never "outside"."""
    rows = conn.execute(
        "SELECT kind FROM generation_dataset WHERE municipality_code = %(m)s AND generation_no = %(g)s "
        "AND kind = ANY(%(kinds)s)",
        {**ref.args, "kinds": list(ASKED)},
    )
    found = {row["kind"] for row in rows}
    return [kind for kind in ASKED if kind in found]


def areas(conn: Connection, ref: Ref, kind: str) -> list[LayerArea]:
    """Areas of one layer, in the order of the file; empty where it is not loaded."""
    rows = conn.execute(
        """
        SELECT name, detail, ST_AsBinary(geom) AS wkb FROM area_layer
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, %(kind)s)
        ORDER BY area_no
        """,
        {**ref.args, "kind": kind},
    )
    return [LayerArea(row["name"], row["detail"], bytes(row["wkb"])) for row in rows]


def at_places(conn: Connection, ref: Ref, places: Sequence[tuple[float, float]]) -> list[LayerAt]:
    """Areas of the loaded layers that hold each of the places (lon, lat); borders belong to the area."""
    rows = conn.execute(
        """
        WITH place AS (
            SELECT no - 1 AS no, ST_SetSRID(ST_MakePoint(lon, lat), %(srid)s) AS spot
            FROM unnest(%(lon)s::float[], %(lat)s::float[]) WITH ORDINALITY AS p (lon, lat, no)
        )
        SELECT DISTINCT p.no, g.kind, a.name, a.detail
        FROM place p
        JOIN generation_dataset g ON g.municipality_code = %(m)s AND g.generation_no = %(g)s AND g.kind = ANY(%(kinds)s)
        JOIN area_layer a ON a.municipality_code = g.municipality_code AND a.dataset_id = g.dataset_id
            AND ST_Intersects(a.geom, p.spot)
        ORDER BY p.no, g.kind, a.name
        """,
        {
            **ref.args,
            "lon": [lon for lon, _ in places],
            "lat": [lat for _, lat in places],
            "srid": WGS84,
            "kinds": list(ASKED),
        },
    )
    return [LayerAt(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class DrawnArea:
    """One area thinned for a screen; `geometry` is GeoJSON text, lon/lat."""

    name: str
    detail: str | None
    geometry: str


def drawn(conn: Connection, ref: Ref, kind: str, *, most: int = 1500) -> tuple[list[DrawnArea], int]:
    """(areas of one layer fit for a small map, the largest `most` of them; how many there are)."""
    rows = conn.execute(
        """
        WITH thin AS (
            SELECT area_no, name, detail, ST_Area(geom) AS size,
                   ST_CollectionExtract(ST_MakeValid(ST_SimplifyPreserveTopology(geom, %(step)s)), 3) AS shape
            FROM area_layer
            WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, %(kind)s)
        ), largest AS (SELECT * FROM thin ORDER BY size DESC, area_no LIMIT %(most)s)
        SELECT name, detail, ST_AsGeoJSON(shape, 5) AS geometry, (SELECT count(*) FROM thin) AS every
        FROM largest WHERE NOT ST_IsEmpty(shape) ORDER BY area_no
        """,
        {**ref.args, "kind": kind, "most": most, "step": SCREEN_STEP_DEG},
    ).fetchall()
    found = [DrawnArea(row["name"], row["detail"], row["geometry"]) for row in rows]
    return found, int(rows[0]["every"]) if rows else 0
