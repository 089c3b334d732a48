"""Neighbourhood associations: identity, areas, address rules, districts, membership, contacts, halls."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Date, Double, Index, Integer, Text, text

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
    validity_columns,
)

association = table(
    "association",
    key("association_id", Text, "Permanent id"),
    CheckConstraint("association_id ~ '^[0-9A-Za-z_-]{1,40}$'", name="id_form"),
    comment="Permanent identity of neighbourhood associations (町内会・自治会)",
)

association_area = generational(
    "association_area",
    key("association_id", Text, "Association"),
    req("name", JAPANESE, "Name"),
    opt("kana", JAPANESE, "Reading"),
    req("kind", Text, "association, or building for flats with an association of their own"),
    opt("area_text", Text, "The association's area in its own or the city's words"),
    geometry("MULTIPOLYGON", "Area, lon/lat; NULL where only rules are known", nullable=True),
    mercator("MULTIPOLYGON"),
    valid_geometry(),
    one_of("kind", "association", "building"),
    CheckConstraint("char_length(name) BETWEEN 1 AND 200", name="name_length"),
    reference("fk_association_area_association", ["association_id"], "association"),
    Index("ix_association_area_geom", "geom", postgresql_using="gist"),
    tile_index("association_area"),
    tile_index("association_area", sample="hashtextextended(association_id, 0) & 31 = 0"),
    comment="Name and area of each association",
    partitioned=True,
)

address_rule = generational(
    "address_rule",
    key("association_id", Text, "Association"),
    key("rule_no", Integer, "1, 2 … in the order given"),
    req("kind", Text, "whole: all of the town; part: the ranges; except: the ranges are taken out"),
    req("town", Text, "Full name of the town, e.g. みたけ三丁目, 下飯岡第8地割"),
    opt("koaza", Text, "小字 within the town"),
    opt("block_from", Integer, "First 番 (街区符号 or 地番)"),
    opt("block_to", Integer, "Last 番"),
    opt("house_from", Integer, "First 号"),
    opt("house_to", Integer, "Last 号"),
    one_of("kind", "whole", "part", "except"),
    CheckConstraint("(block_from IS NULL) = (block_to IS NULL)", name="block_pair"),
    CheckConstraint("block_from <= block_to", name="block_order"),
    CheckConstraint("(house_from IS NULL) = (house_to IS NULL)", name="house_pair"),
    CheckConstraint("house_from <= house_to", name="house_order"),
    CheckConstraint("house_from IS NULL OR block_from IS NOT NULL", name="house_needs_block"),
    reference("fk_address_rule_association", ["association_id"], "association"),
    Index("ix_address_rule_town", "municipality_code", "dataset_id", "town"),
    comment="Which addresses belong to which association",
    partitioned=True,
)

association_district = generational(
    "association_district",
    key("association_id", Text, "Association"),
    req("district_no", Integer, "District"),
    reference("fk_association_district_association", ["association_id"], "association"),
    reference("fk_association_district_district", ["district_no"], "district"),
    comment="The city's list association → district: the primary truth once loaded",
    partitioned=True,
)

membership = generational(
    "membership",
    key("association_id", Text, "Association"),
    key("fiscal_year", Integer, "Fiscal year by its first calendar year: 2019 is 令和元年度"),
    req("households", Integer, "Households (denominator)"),
    req("member_households", Integer, "Member households"),
    req("denominator", Text, "register / census / reported: where the households come from"),
    opt("denominator_as_of", Date, "Reference day of the denominator"),
    opt("denominator_source", Text, "Its source"),
    one_of("denominator", "register", "census", "reported"),
    CheckConstraint("fiscal_year BETWEEN 1950 AND 2200", name="fiscal_year_range"),
    CheckConstraint("households >= 0 AND member_households >= 0", name="households_range"),
    CheckConstraint("member_households <= households", name="rate_at_most_one"),
    reference("fk_membership_association", ["association_id"], "association"),
    comment="Households and member households by association and year; not public by association",
    partitioned=True,
)

association_profile = generational(
    "association_profile",
    key("association_id", Text, "Association"),
    opt("fee", Text, "Membership fee in its own words"),
    opt("activities", Text, "What it does, in its own words"),
    opt("joining", Text, "How to join"),
    opt("website", Text, "Its own page, http or https"),
    CheckConstraint("website ~ '^https?://'", name="website_form"),
    reference("fk_association_profile_association", ["association_id"], "association"),
    comment="What associations agreed to publish about themselves; rows without consent are never loaded",
)

association_contact = table(
    "association_contact",
    key("association_id", Text, "Association"),
    key("contact_no", Integer, "1, 2 …"),
    req("role", Text, "president / office / member-desk"),
    opt("name", Text, "Name of the person or desk"),
    opt("phone", Text, "Telephone"),
    opt("email", Text, "E-mail"),
    opt("address", Text, "Postal address"),
    req("published", Boolean, "The association agreed to publish this contact", server_default=text("false")),
    *validity_columns(),
    one_of("role", "president", "office", "member-desk"),
    reference("fk_association_contact_association", ["association_id"], "association"),
    comment="Contacts; readers without staff rights see published rows only (row-level security)",
)

hall = generational(
    "hall",
    key("hall_id", Text, "Permanent id"),
    opt("association_id", Text, "Association that keeps it"),
    req("name", JAPANESE, "Name"),
    opt("address", Text, "Address"),
    opt("floor_area_m2", Double, "Floor area, square metres"),
    opt("built_year", Integer, "Year built"),
    opt("confirmed_on", Date, "Day of 建築確認"),
    opt("ownership", Text, "owned / rented"),
    geometry("POINT", nullable=True),
    mercator("POINT"),
    valid_geometry(),
    one_of("ownership", "owned", "rented"),
    CheckConstraint("floor_area_m2 > 0", name="floor_area_range"),
    CheckConstraint("built_year BETWEEN 1600 AND 2200", name="built_year_range"),
    reference("fk_hall_association", ["association_id"], "association"),
    Index("ix_hall_geom", "geom", postgresql_using="gist"),
    tile_index("hall"),
    comment="Neighbourhood halls (自治公民館)",
)
