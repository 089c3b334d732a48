"""Optional area layers of the printed answer: school districts, waste collection, shelters, floods."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, Integer, Text

from geodata.schema.base import (
    JAPANESE,
    generational,
    geometry,
    key,
    mercator,
    opt,
    req,
    tile_index,
    valid_geometry,
)

area_layer = generational(
    "area_layer",
    key("area_no", Integer, "1, 2 … in the order of the file"),
    req("name", JAPANESE, "School, collection area, shelter or depth, as published"),
    opt("detail", Text, "Note as published, e.g. days of collection"),
    opt("contact", Text, "Whom to ask"),
    opt("phone", Text, "Telephone of whom to ask"),
    opt("address", Text, "Address, for places"),
    geometry("GEOMETRY", "Area (MultiPolygon) or place (Point), lon/lat"),
    mercator("GEOMETRY"),
    valid_geometry(),
    CheckConstraint("GeometryType(geom) IN ('MULTIPOLYGON', 'POINT')", name="geom_kind"),
    CheckConstraint("char_length(name) BETWEEN 1 AND 200", name="name_length"),
    Index("ix_area_layer_geom", "geom", postgresql_using="gist"),
    tile_index("area_layer"),
    tile_index("area_layer", sample="area_no & 31 = 0"),
    comment="Areas and places of optional layers; the dataset's kind says which layer",
    partitioned=True,
)
