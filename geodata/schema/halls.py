"""Subsidies for neighbourhood halls (取組11, 12): dated records, for staff."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, Text

from geodata.schema.base import key, one_of, opt, quality_columns, reference, req, table, valid_geometry
from kyodo_geo.crs import WGS84

hall_subsidy = table(
    "hall_subsidy",
    key("subsidy_id", Text, "Permanent id"),
    req("fiscal_year", Integer, "Fiscal year"),
    req(
        "kind",
        Text,
        "rent (空き家等利用自治公民館賃借料補助) / works (自治公民館整備事業補助): a later plan may number them anew",
    ),
    opt("work", Text, "With works: new / extension / repair"),
    req("association_id", Text, "Association that received it"),
    opt("hall_id", Text, "Hall of the kind halls, where it is one of them"),
    opt("amount_yen", BigInteger, "Subsidy, yen"),
    Column(
        "geom",
        Geometry("POINT", srid=WGS84, spatial_index=False),
        comment="Place, lon/lat; NULL: that of the hall",
    ),
    *quality_columns(),
    one_of("kind", "rent", "works"),
    one_of("work", "new", "extension", "repair"),
    CheckConstraint("work IS NULL OR kind = 'works'", name="work_of_works"),
    CheckConstraint("fiscal_year BETWEEN 1950 AND 2200", name="fiscal_year_range"),
    CheckConstraint("amount_yen >= 0", name="amount_range"),
    CheckConstraint("subsidy_id ~ '^[0-9A-Za-z_-]{1,40}$'", name="id_form"),
    valid_geometry(),
    reference("fk_hall_subsidy_association", ["association_id"], "association"),
    comment="Subsidies for neighbourhood halls by year; staff only, because a hall may be somebody's house",
)
