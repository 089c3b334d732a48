"""The road network for cars as arrays, for the process that computes reach (needs numpy alone)."""

from __future__ import annotations

import numpy as np

from geodata.database import Connection
from geodata.queries.generation import Ref
from kyodo_geo.reach.modes import Roads

_OF = "municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'drive-network')"


def loaded(conn: Connection, ref: Ref) -> bool:
    """Whether roads for cars are part of the generation."""
    row = conn.execute(
        "SELECT active_dataset(%(m)s, %(g)s, 'drive-network') IS NOT NULL AS there", ref.args
    ).fetchone()
    return row is not None and bool(row["there"])


def roads(conn: Connection, ref: Ref) -> Roads | None:
    """The roads of the generation, None where none are loaded; nodes in metres of the plane zone."""
    args = {**ref.args, "plane": ref.plane_epsg}
    edges = conn.execute(
        f"""
        SELECT array_agg(u ORDER BY edge_no) AS u, array_agg(v ORDER BY edge_no) AS v,
               array_agg(minutes ORDER BY edge_no) AS minutes, array_agg(winter_factor ORDER BY edge_no) AS winter
        FROM drive_edge WHERE {_OF}
        """,  # noqa: S608 - fixed text
        args,
    ).fetchone()
    if edges is None or not edges["u"]:
        return None
    nodes = conn.execute(
        f"""
        WITH ends AS (
            SELECT u AS node, ST_StartPoint(geom) AS spot, edge_no FROM drive_edge WHERE {_OF}
            UNION ALL
            SELECT v, ST_EndPoint(geom), edge_no FROM drive_edge WHERE {_OF}
        ), one AS (
            SELECT DISTINCT ON (node) node, ST_Transform(spot, %(plane)s) AS flat FROM ends ORDER BY node, edge_no
        )
        SELECT array_agg(node ORDER BY node) AS node, array_agg(ST_X(flat) ORDER BY node) AS x,
               array_agg(ST_Y(flat) ORDER BY node) AS y
        FROM one
        """,  # noqa: S608 - fixed text
        args,
    ).fetchone()
    assert nodes is not None
    ids = np.array(nodes["node"], dtype=np.int64)
    ends = np.column_stack([np.searchsorted(ids, np.array(edges[end], dtype=np.int64)) for end in ("u", "v")])
    return Roads(
        np.column_stack([nodes["x"], nodes["y"]]).astype(float),
        ends.astype(np.int32),
        np.array(edges["minutes"], dtype=float),
        np.array(edges["winter"], dtype=float),
    )
