"""Who needs facilities: small areas and mesh cells with people, by age and year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geodata.database import Connection
from geodata.queries.generation import Ref


@dataclass(frozen=True, slots=True)
class DemandPoint:
    """A small area with a point surely inside it, in degrees and in metres of the plane zone.

    `association_id`: the first association whose area covers the point; None: none does, or it has no area.
    """

    key_code: str
    name: str | None
    district_no: int | None
    association_id: str | None
    people: int | None
    households: int | None
    area_m2: float
    lon: float
    lat: float
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class AgeYear:
    """A year for which people by age are loaded."""

    area_kind: str
    year: int
    projected: bool
    people: int | None


@dataclass(frozen=True, slots=True)
class AgeTable:
    """People of one year: `people` (areas, classes) float64, NaN where not published; `classes`: (from, to or None).

    The classes of all areas together: where an area has others (a coarser one), the cells it lacks are NaN.
    `partly`: areas with published classes of their own beside secret ones.
    """

    year: int
    projected: bool
    keys: tuple[str, ...]
    classes: tuple[tuple[int, int | None], ...]
    people: np.ndarray
    partly: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MeshCell:
    """A grid square with its middle; figures that are None are contained in those of the cell `merged_into`.

    `association_id`: the first association whose area covers the middle.
    """

    mesh_code: str
    year: int
    district_no: int | None
    people: int | None
    aged65: int | None
    merged_into: str | None
    lon: float
    lat: float
    x: float
    y: float
    area_m2: float
    association_id: str | None


def points(conn: Connection, ref: Ref) -> list[DemandPoint]:
    """Every small area by key, also those without people."""
    rows = conn.execute(
        """
        SELECT s.key_code, s.name, a.district_no, n.association_id, s.people, s.households, s.area_m2,
               ST_X(c.spot) AS lon, ST_Y(c.spot) AS lat, ST_X(c.flat) AS x, ST_Y(c.flat) AS y
        FROM small_area s
        CROSS JOIN LATERAL (
            SELECT p AS spot, ST_Transform(p, %(plane)s) AS flat FROM ST_PointOnSurface(s.geom) AS p
        ) c
        LEFT JOIN district_assignment a ON a.municipality_code = s.municipality_code AND a.key_code = s.key_code
            AND a.dataset_id = active_dataset(%(m)s, %(g)s, 'district-assignment')
        LEFT JOIN LATERAL (
            SELECT association_id FROM association_area
            WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'associations')
              AND kind = 'association' AND ST_Covers(geom, c.spot)
            ORDER BY association_id LIMIT 1
        ) n ON true
        WHERE s.municipality_code = %(m)s AND s.dataset_id = active_dataset(%(m)s, %(g)s, 'small-areas')
        ORDER BY s.key_code
        """,
        {**ref.args, "plane": ref.plane_epsg},
    )
    return [DemandPoint(**row) for row in rows]


def built_up(conn: Connection, ref: Ref) -> dict[str, bytes]:
    """Small area → its built-up part as WKB (MultiPolygon, lon/lat), where the layer built-up is loaded and meets it."""
    rows = conn.execute(
        """
        SELECT s.key_code, ST_AsBinary(ST_Multi(ST_CollectionExtract(ST_Intersection(s.geom, ST_Union(b.geom)), 3))) AS wkb
        FROM small_area s
        JOIN area_layer b ON b.municipality_code = s.municipality_code AND ST_Intersects(b.geom, s.geom)
            AND b.dataset_id = active_dataset(%(m)s, %(g)s, 'built-up')
        WHERE s.municipality_code = %(m)s AND s.dataset_id = active_dataset(%(m)s, %(g)s, 'small-areas')
        GROUP BY s.key_code, s.geom
        HAVING ST_Area(ST_Intersection(s.geom, ST_Union(b.geom))) > 0
        ORDER BY s.key_code
        """,
        ref.args,
    )
    return {row["key_code"]: bytes(row["wkb"]) for row in rows}


def plane_shapes(conn: Connection, ref: Ref) -> dict[str, bytes]:
    """Small area → WKB in metres of the plane zone: its built-up part where that layer meets it, else the whole."""
    rows = conn.execute(
        """
        SELECT s.key_code, ST_AsBinary(ST_Transform(coalesce(b.part, s.geom), %(plane)s)) AS wkb
        FROM small_area s
        LEFT JOIN LATERAL (
            SELECT CASE WHEN ST_Area(part) > 0 THEN part END AS part FROM (
                SELECT ST_Multi(ST_CollectionExtract(ST_Intersection(s.geom, ST_Union(geom)), 3)) AS part
                FROM area_layer
                WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'built-up')
                  AND ST_Intersects(geom, s.geom)
            ) met
        ) b ON true
        WHERE s.municipality_code = %(m)s AND s.dataset_id = active_dataset(%(m)s, %(g)s, 'small-areas')
        ORDER BY s.key_code
        """,
        {**ref.args, "plane": ref.plane_epsg},
    )
    return {row["key_code"]: bytes(row["wkb"]) for row in rows}


def age_years(conn: Connection, ref: Ref) -> list[AgeYear]:
    """Years with people by age, in order, with all people that are published."""
    rows = conn.execute(
        """
        SELECT area_kind, year, bool_or(projected) AS projected, round(sum(people))::int AS people FROM age_population
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'age-population')
        GROUP BY area_kind, year ORDER BY area_kind DESC, year
        """,
        ref.args,
    )
    return [AgeYear(**row) for row in rows]


def ages(conn: Connection, ref: Ref, year: int, area_kind: str = "small-area") -> AgeTable | None:
    """People by age of every area in `year`; None where the year is not loaded."""
    rows = conn.execute(
        """
        SELECT area_key, age_from, age_to, people, projected FROM age_population
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'age-population')
          AND area_kind = %(kind)s AND year = %(year)s
        ORDER BY area_key, age_from
        """,
        {**ref.args, "kind": area_kind, "year": year},
    ).fetchall()
    if not rows:
        return None
    keys = tuple(dict.fromkeys(row["area_key"] for row in rows))
    classes = tuple(
        sorted({(row["age_from"], row["age_to"]) for row in rows}, key=lambda c: (c[0], c[1] or 999))
    )
    row_of = {name: place for place, name in enumerate(keys)}
    column_of = {ages: place for place, ages in enumerate(classes)}
    people = np.full((len(keys), len(classes)), np.nan)
    for row in rows:
        if row["people"] is not None:
            people[row_of[row["area_key"]], column_of[row["age_from"], row["age_to"]]] = row["people"]
    told, secret = (
        {row["area_key"] for row in rows if (row["people"] is None) == hidden} for hidden in (False, True)
    )
    projected = any(row["projected"] for row in rows)
    return AgeTable(year, projected, keys, classes, people, frozenset(told & secret))


def mesh_years(conn: Connection, ref: Ref) -> list[int]:
    """Census years with mesh cells, in order."""
    rows = conn.execute(
        """
        SELECT DISTINCT year FROM mesh_cell
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'mesh-population') ORDER BY 1
        """,
        ref.args,
    )
    return [row["year"] for row in rows]


def mesh_cells(conn: Connection, ref: Ref, year: int) -> list[MeshCell]:
    """Mesh cells of a year by code, with the district their middle lies in."""
    rows = conn.execute(
        """
        SELECT c.mesh_code, c.year, d.district_no, c.people, c.aged65, c.merged_into,
               ST_X(p.spot) AS lon, ST_Y(p.spot) AS lat, ST_X(p.flat) AS x, ST_Y(p.flat) AS y,
               ST_Area(ST_Transform(c.geom, %(plane)s)) AS area_m2, n.association_id
        FROM mesh_cell c
        CROSS JOIN LATERAL (
            SELECT s AS spot, ST_Transform(s, %(plane)s) AS flat FROM ST_Centroid(c.geom) AS s
        ) p
        LEFT JOIN LATERAL (
            SELECT district_no FROM district_area
            WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'districts')
              AND ST_Covers(geom, p.spot)
            ORDER BY district_no LIMIT 1
        ) d ON true
        LEFT JOIN LATERAL (
            SELECT association_id FROM association_area
            WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'associations')
              AND kind = 'association' AND ST_Covers(geom, p.spot)
            ORDER BY association_id LIMIT 1
        ) n ON true
        WHERE c.municipality_code = %(m)s AND c.dataset_id = active_dataset(%(m)s, %(g)s, 'mesh-population')
          AND c.year = %(year)s
        ORDER BY c.mesh_code
        """,
        {**ref.args, "plane": ref.plane_epsg, "year": year},
    )
    return [MeshCell(**row) for row in rows]


def mesh_built_up(conn: Connection, ref: Ref) -> dict[str, bytes]:
    """Grid square → WKB in metres of the plane zone of its built-up part, where that layer is loaded and meets it."""
    rows = conn.execute(
        """
        SELECT c.mesh_code, ST_AsBinary(ST_Transform(met.part, %(plane)s)) AS wkb
        FROM (SELECT DISTINCT ON (mesh_code) mesh_code, geom FROM mesh_cell
              WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'mesh-population')
              ORDER BY mesh_code, year) c
        CROSS JOIN LATERAL (
            SELECT ST_Multi(ST_CollectionExtract(ST_Intersection(c.geom, ST_Union(geom)), 3)) AS part FROM area_layer
            WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'built-up')
              AND ST_Intersects(geom, c.geom)
        ) met
        WHERE ST_Area(met.part) > 0
        ORDER BY c.mesh_code
        """,
        {**ref.args, "plane": ref.plane_epsg},
    )
    return {row["mesh_code"]: bytes(row["wkb"]) for row in rows}
