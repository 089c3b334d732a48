"""Relations of space of a filter as SQL."""

from __future__ import annotations

import math

from psycopg import sql

from kyodo_geo.crs import WGS84, Bounds

_RELATIONS = {
    "s_intersects": sql.SQL("ST_Intersects({a}, {b})"),
    "s_disjoint": sql.SQL("(NOT ST_Intersects({a}, {b}))"),  # takes collections, which ST_Disjoint does not
    "s_equals": sql.SQL("ST_Equals({a}, {b})"),
    "s_touches": sql.SQL("ST_Touches({a}, {b})"),
    "s_within": sql.SQL("ST_Within({a}, {b})"),
    "s_overlaps": sql.SQL("ST_Overlaps({a}, {b})"),
    "s_crosses": sql.SQL("ST_Crosses({a}, {b})"),
    "s_contains": sql.SQL("ST_Contains({a}, {b})"),
}
_WITHIN = sql.SQL("ST_DWithin(ST_Transform({a}, {plane}), ST_Transform({b}, {plane}), {distance}::float8)")
_NEAR = sql.SQL("({geom} && ST_MakeEnvelope({west}, {south}, {east}, {north}, {lonlat}) AND {exact})")
_DEGREE_M = 110_000.0
"""A little less than a degree of latitude in metres, anywhere."""


def relation(op: str, a: sql.Composable, b: sql.Composable) -> sql.Composable:
    """One of the eight relations between two geometries in lon/lat."""
    return _RELATIONS[op].format(a=a, b=b)


def within(
    a: sql.Composable,
    b: sql.Composable,
    distance: sql.Composable,
    metres: float,
    bounds: Bounds | None,
    plane_epsg: int,
) -> sql.Composable:
    """Whether two geometries are within `metres` of each other on the plane zone.

    `bounds`: those of the one that the reader gave. A box around it, wider than the distance, comes first, because an
    index on lon/lat serves the box and none serves the distance.
    """
    exact = _WITHIN.format(a=a, b=b, plane=sql.Literal(plane_epsg), distance=distance)
    if bounds is None:
        return exact
    west, south, east, north = bounds
    up = 1.02 * metres / _DEGREE_M + 1e-6
    slope = math.cos(math.radians(min(89.0, max(abs(south), abs(north)) + up)))
    return _NEAR.format(
        geom=sql.Identifier("f", "geom"),
        west=sql.Literal(west - up / slope),
        south=sql.Literal(south - up),
        east=sql.Literal(east + up / slope),
        north=sql.Literal(north + up),
        lonlat=sql.Literal(WGS84),
        exact=exact,
    )
