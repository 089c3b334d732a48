"""Vacant houses stand in a schema of their own: the public role has no right even to look into it."""

from __future__ import annotations

from sqlalchemy import ARRAY, Boolean, CheckConstraint, Date, Double, Index, Integer, Text, text

from geodata.schema.base import VACANT_SCHEMA, generational, geometry, key, one_of, opt, req, valid_geometry

vacant_house = generational(
    "vacant_house",
    key("house_id", Text, "Id in the survey"),
    req("state", Text, "survey (staff only) / consented (named recipients) / listed (public)"),
    opt("rank", Text, "Survey rank A–D"),
    req("address", Text, "Address"),
    opt("structure", Text, "Structure"),
    opt("floors", Integer, "Floors"),
    opt("floor_area_m2", Double, "Floor area, square metres"),
    opt("largest_room_m2", Double, "Largest room, square metres"),
    opt("built_year", Integer, "Year completed"),
    opt("confirmed_on", Date, "Day of 建築確認"),
    opt("seismic", Text, "diagnosed / retrofitted"),
    opt("road_access", Boolean, "Reachable by a road that meets the law"),
    opt("hazard", Text, "Hazard area it lies in"),
    opt("owner_willing", Boolean, "Owner is willing to let"),
    req("consented_to", ARRAY(Text), "Recipients the owner named in writing", server_default=text("'{}'")),
    opt("consented_on", Date, "Day of the written consent"),
    geometry("POINT"),
    valid_geometry(),
    one_of("state", "survey", "consented", "listed"),
    one_of("rank", "A", "B", "C", "D"),
    one_of("seismic", "diagnosed", "retrofitted"),
    CheckConstraint("floor_area_m2 > 0 AND largest_room_m2 > 0", name="area_range"),
    CheckConstraint("built_year BETWEEN 1600 AND 2200", name="built_year_range"),
    CheckConstraint(
        "state <> 'consented' OR (consented_on IS NOT NULL AND cardinality(consented_to) > 0)",
        name="consent_is_written",
    ),
    Index("ix_vacant_house_geom", "geom", postgresql_using="gist"),
    schema=VACANT_SCHEMA,
    comment="Vacant-house records in three states with different readers",
)
