"""Outline, census small areas, register population and community promotion districts."""

from __future__ import annotations

from sqlalchemy import ARRAY, CheckConstraint, Date, Double, Index, Integer, Text, text

from geodata.schema.base import (
    JAPANESE,
    generational,
    geometry,
    key,
    mercator,
    one_of,
    opt,
    reference,
    req,
    table,
    tile_index,
    valid_geometry,
)

outline = generational(
    "outline",
    key("part_no", Integer, "1, 2 … (enclaves are parts of their own)"),
    opt("name", JAPANESE, "Name in the file"),
    geometry("MULTIPOLYGON"),
    mercator("MULTIPOLYGON"),
    valid_geometry(),
    tile_index("outline"),
    Index("ix_outline_geom", "geom", postgresql_using="gist"),
    comment="Outline of the municipality",
)

small_area = generational(
    "small_area",
    key("key_code", Text, "Census KEY_CODE, 9 or 11 digits, text"),
    opt("name", JAPANESE, "S_NAME; not unique"),
    opt("people", Integer, "People in the census year"),
    opt("households", Integer, "Households in the census year"),
    req("area_m2", Double, "Area in the plane zone, square metres; not the official figure"),
    geometry("MULTIPOLYGON"),
    mercator("MULTIPOLYGON"),
    valid_geometry(),
    CheckConstraint("people >= 0", name="people_range"),
    CheckConstraint("households >= 0", name="households_range"),
    Index("ix_small_area_geom", "geom", postgresql_using="gist"),
    tile_index("small_area"),
    tile_index("small_area", sample="hashtextextended(key_code, 0) & 31 = 0"),
    comment="Census small areas (小地域) with people and households",
    partitioned=True,
)

register_population = generational(
    "register_population",
    key("area_kind", Text, "city / district / small-area / town"),
    key("area_key", Text, "Code, number or name of the area"),
    key("as_of", Date, "Reference day of the resident register"),
    opt("people", Integer, "Registered people"),
    opt("households", Integer, "Registered households"),
    one_of("area_kind", "city", "district", "small-area", "town"),
    CheckConstraint("people >= 0", name="people_range"),
    CheckConstraint("households >= 0", name="households_range"),
    comment="Resident-register (住民基本台帳) population",
)

district = table(
    "district",
    key("district_no", Integer, "Number of the district in the plan, permanent"),
    CheckConstraint("district_no > 0", name="number_range"),
    comment="Permanent identity of community promotion districts (コミュニティ推進地区)",
)

district_area = generational(
    "district_area",
    key("district_no", Integer, "Number of the district"),
    req("name", JAPANESE, "Name, e.g. 仁王"),
    opt("kana", JAPANESE, "Reading"),
    req("aliases", ARRAY(Text), "Other printed forms of the name", server_default=text("'{}'")),
    geometry("MULTIPOLYGON"),
    mercator("MULTIPOLYGON"),
    valid_geometry(),
    reference("fk_district_area_district", ["district_no"], "district"),
    Index("ix_district_area_geom", "geom", postgresql_using="gist"),
    tile_index("district_area"),
    comment="Name and area of each district",
)

district_assignment = generational(
    "district_assignment",
    key("key_code", Text, "Census KEY_CODE"),
    req("district_no", Integer, "District it is assigned to"),
    req("confidence", Text, "official / sure / likely / guess"),
    one_of("confidence", "official", "sure", "likely", "guess"),
    reference("fk_district_assignment_district", ["district_no"], "district"),
    comment="Small area to district; the fallback while the city's association list is missing",
)
