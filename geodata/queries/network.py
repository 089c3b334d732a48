"""The walking network as arrays, for the process that computes reach (needs numpy alone)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geodata.database import Connection
from geodata.queries.generation import Ref


@dataclass(frozen=True, slots=True)
class Network:
    """n nodes and m edges that walkers use in both directions.

    `node_ids` (n,) int64, ascending; `lonlat` and `xy` (n, 2), degrees and metres of the plane zone; `start` and `end`
    (m,) int32: places in `node_ids`; `length_m`, `slope` (rise / run from start to end, NaN: unknown) and
    `winter_factor` (m,) float64.
    """

    node_ids: np.ndarray
    lonlat: np.ndarray
    xy: np.ndarray
    start: np.ndarray
    end: np.ndarray
    length_m: np.ndarray
    slope: np.ndarray
    winter_factor: np.ndarray


@dataclass(frozen=True, slots=True)
class NetworkEdge:
    """One edge for drawing; `wkb` is a LineString, lon/lat."""

    highway: str | None
    length_m: float
    slope: float | None
    wkb: bytes


def network(conn: Connection, ref: Ref) -> Network | None:
    """The network of the generation, None where none is loaded."""
    found = _columns(
        conn,
        """
        SELECT array_agg(u ORDER BY edge_no) AS u, array_agg(v ORDER BY edge_no) AS v,
               array_agg(length_m ORDER BY edge_no) AS length_m, array_agg(slope ORDER BY edge_no) AS slope,
               array_agg(winter_factor ORDER BY edge_no) AS winter_factor
        FROM network_edge
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'walk-network')
        """,
        ref,
    )
    if not found["u"]:
        return None
    nodes = _columns(
        conn,
        """
        WITH ends AS (
            SELECT u AS node, ST_StartPoint(geom) AS spot, edge_no FROM network_edge
            WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'walk-network')
            UNION ALL
            SELECT v, ST_EndPoint(geom), edge_no FROM network_edge
            WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'walk-network')
        ), one AS (
            SELECT DISTINCT ON (node) node, spot, ST_Transform(spot, %(plane)s) AS flat FROM ends ORDER BY node, edge_no
        )
        SELECT array_agg(node ORDER BY node) AS node, array_agg(ST_X(spot) ORDER BY node) AS lon,
               array_agg(ST_Y(spot) ORDER BY node) AS lat, array_agg(ST_X(flat) ORDER BY node) AS x,
               array_agg(ST_Y(flat) ORDER BY node) AS y
        FROM one
        """,
        ref,
    )
    ids = np.array(nodes["node"], dtype=np.int64)
    return Network(
        node_ids=ids,
        lonlat=np.column_stack([nodes["lon"], nodes["lat"]]).astype(float),
        xy=np.column_stack([nodes["x"], nodes["y"]]).astype(float),
        start=np.searchsorted(ids, np.array(found["u"], dtype=np.int64)).astype(np.int32),
        end=np.searchsorted(ids, np.array(found["v"], dtype=np.int64)).astype(np.int32),
        length_m=np.array(found["length_m"], dtype=float),
        slope=np.array(found["slope"], dtype=float),
        winter_factor=np.array(found["winter_factor"], dtype=float),
    )


def edges_around(conn: Connection, ref: Ref, lon: float, lat: float, radius_m: float) -> list[NetworkEdge]:
    """Edges within `radius_m` of a point, for a map."""
    rows = conn.execute(
        """
        WITH asked AS (SELECT ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), %(srid)s) AS spot),
        disc AS (
            SELECT ST_Transform(ST_Buffer(ST_Transform(spot, %(plane)s), %(radius)s), %(srid)s) AS ground FROM asked
        )
        SELECT e.highway, e.length_m, e.slope, ST_AsBinary(e.geom) AS wkb
        FROM network_edge e, disc
        WHERE e.municipality_code = %(m)s AND e.dataset_id = active_dataset(%(m)s, %(g)s, 'walk-network')
          AND ST_Intersects(e.geom, disc.ground)
        ORDER BY e.edge_no
        """,
        {**_args(ref), "lon": lon, "lat": lat, "radius": radius_m},
    )
    return [NetworkEdge(row["highway"], row["length_m"], row["slope"], bytes(row["wkb"])) for row in rows]


def _args(ref: Ref) -> dict[str, object]:
    from kyodo_geo.crs import WGS84

    return {**ref.args, "plane": ref.plane_epsg, "srid": WGS84}


def _columns(conn: Connection, query: str, ref: Ref) -> dict[str, list[float]]:
    row = conn.execute(query, _args(ref)).fetchone()
    assert row is not None
    return {name: value or [] for name, value in row.items()}
