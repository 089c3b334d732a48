"""Road networks: for walkers one row per pair of neighbouring nodes, for cars one per direction."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Double, Index, Integer, Text, text

from geodata.schema.base import generational, geometry, key, one_of, opt, req, valid_geometry

network_edge = generational(
    "network_edge",
    key("edge_no", Integer, "1, 2 … in the order of the nodes"),
    req("u", BigInteger, "Node at the start of the line; smaller than v"),
    req("v", BigInteger, "Node at its end"),
    req("length_m", Double, "Length, metres: of parallel ways the shortest"),
    opt("highway", Text, "Kind of way as published, e.g. residential"),
    opt("slope", Double, "Rise / run from u to v"),
    req("winter_factor", Double, "Factor on the time in winter", server_default=text("1")),
    geometry("LINESTRING"),
    valid_geometry(),
    CheckConstraint("u < v", name="nodes_order"),
    CheckConstraint("length_m > 0", name="length_range"),
    CheckConstraint("slope BETWEEN -1 AND 1", name="slope_range"),
    CheckConstraint("winter_factor BETWEEN 0.1 AND 100", name="winter_range"),
    Index("ix_network_edge_geom", "geom", postgresql_using="gist"),
    comment="Ways for walkers, in both directions, with length, slope and winter factor",
    partitioned=True,
)

drive_edge = generational(
    "drive_edge",
    key("edge_no", Integer, "1, 2 … in the order of the nodes"),
    req("u", BigInteger, "Node where the drive begins"),
    req("v", BigInteger, "Node where it ends"),
    req("length_m", Double, "Length, metres"),
    opt("highway", Text, "Kind of road as published, e.g. residential"),
    req("kmh", Double, "Speed without congestion, km/h"),
    req("speed_from", Text, "given: by the file / maxspeed: signposted / class: by the kind of road"),
    req("congestion", Double, "Factor on the time by congestion", server_default=text("1")),
    req("winter_factor", Double, "Factor on the time in winter", server_default=text("1")),
    req(
        "minutes",
        Double,
        "Minutes in this direction, congestion included, winter not: of parallel ways the fastest",
    ),
    geometry("LINESTRING"),
    valid_geometry(),
    one_of("speed_from", "given", "maxspeed", "class"),
    CheckConstraint("u <> v", name="no_loop"),
    CheckConstraint("length_m > 0", name="length_range"),
    CheckConstraint("kmh BETWEEN 1 AND 150", name="kmh_range"),
    CheckConstraint("minutes > 0", name="minutes_range"),
    CheckConstraint("congestion BETWEEN 0.1 AND 100", name="congestion_range"),
    CheckConstraint("winter_factor BETWEEN 0.1 AND 100", name="winter_range"),
    Index("ix_drive_edge_geom", "geom", postgresql_using="gist"),
    comment="Ways for cars, one row per direction, with minutes",
    partitioned=True,
)
