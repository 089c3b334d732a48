"""People by age, and people by mesh cell."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Double, Index, Integer, Text, text

from geodata.schema.base import generational, geometry, key, one_of, opt, req, valid_geometry

age_population = generational(
    "age_population",
    key("area_kind", Text, "small-area / mesh"),
    key("area_key", Text, "KEY_CODE or mesh code"),
    key("year", Integer, "Calendar year of the census or of the projection"),
    key("age_from", Integer, "Youngest age of the class, years"),
    opt("age_to", Integer, "Oldest age of the class; NULL: and over"),
    opt("people", Double, "People, with a fraction in projections; NULL: not published for so small an area"),
    req(
        "projected",
        Boolean,
        "A projection, as its makers published it, not a count",
        server_default=text("false"),
    ),
    one_of("area_kind", "small-area", "mesh"),
    CheckConstraint("year BETWEEN 1920 AND 2200", name="year_range"),
    CheckConstraint("age_from BETWEEN 0 AND 150 AND age_to BETWEEN age_from AND 150", name="age_range"),
    CheckConstraint("people >= 0", name="people_range"),
    comment="People by age class; the classes of an area and year do not overlap",
    partitioned=True,
)

mesh_cell = generational(
    "mesh_cell",
    key("mesh_code", Text, "Code of the grid square, JIS X 0410"),
    key("year", Integer, "Census year"),
    opt("people", Integer, "People; NULL: not published, contained in the cell merged_into"),
    opt("aged65", Integer, "Of them 65 years and more"),
    opt("merged_into", Text, "Cell whose figures contain those of this one (秘匿の合算先)"),
    geometry("POLYGON", "Grid square, lon/lat"),
    valid_geometry(),
    CheckConstraint("mesh_code ~ '^[0-9]{8,11}$'", name="code_form"),
    CheckConstraint("year BETWEEN 1920 AND 2200", name="year_range"),
    CheckConstraint("people >= 0 AND aged65 >= 0", name="people_range"),
    CheckConstraint("aged65 <= people", name="aged_at_most_people"),
    CheckConstraint("merged_into <> mesh_code", name="merged_elsewhere"),
    Index("ix_mesh_cell_geom", "geom", postgresql_using="gist"),
    comment="Grid squares (地域メッシュ) with people",
    partitioned=True,
)
