"""Public facilities: sites by generation; buildings, rooms and yearly figures as dated records."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    Double,
    Index,
    Integer,
    Text,
    UniqueConstraint,
)

from geodata.schema.base import (
    JAPANESE,
    generational,
    geometry,
    key,
    mercator,
    no_overlap,
    one_of,
    opt,
    quality_columns,
    reference,
    req,
    table,
    tile_index,
    valid_geometry,
    validity_columns,
)
from kyodo_geo.facility_terms import CATCHMENTS, TENURES, USE_CLASSES

facility = table(
    "facility",
    key("facility_id", Text, "Permanent id"),
    CheckConstraint("facility_id ~ '^[0-9A-Za-z_-]{1,40}$'", name="id_form"),
    comment="Permanent identity of facilities",
)

facility_site = generational(
    "facility_site",
    key("facility_id", Text, "Facility"),
    req("name", JAPANESE, "Name"),
    opt("kana", JAPANESE, "Reading"),
    req("kind", Text, "地区活動センター, 市立公民館, 学校 …"),
    req("activity", Boolean, "Open to community activities"),
    opt("address", Text, "Address as published"),
    opt("operator", Text, "Who runs it"),
    opt("capacity", Integer, "People it holds"),
    opt("opened_on", Date, "First day of service"),
    opt("closed_on", Date, "First day closed for good"),
    geometry("POINT"),
    mercator("POINT"),
    valid_geometry(),
    CheckConstraint("capacity >= 0", name="capacity_range"),
    CheckConstraint("opened_on < closed_on", name="service_order"),
    reference("fk_facility_site_facility", ["facility_id"], "facility"),
    Index("ix_facility_site_geom", "geom", postgresql_using="gist"),
    tile_index("facility_site"),
    comment="Name, kind, address and point of each facility",
)

building = table(
    "building",
    key("building_id", Text, "Permanent id (ledger number where known)"),
    opt("name", Text, "Name"),
    opt("address", Text, "Address"),
    opt("built_year", Integer, "Year built"),
    opt("structure", Text, "RC / S / W … as in the ledger"),
    opt("floors", Integer, "Floors above ground"),
    opt("floor_area_m2", Double, "Total floor area, square metres"),
    opt("seismic", Text, "built-to-code / retrofitted / not-proof"),
    opt("ledger_no", Text, "Number in the ledger of fixed assets (固定資産台帳)"),
    opt("use_class", Text, "Class of 総務省「更新費用試算ソフト」"),
    opt("extendable", Boolean, "Its life can be extended to 80 years"),
    opt("acquired_on", Date, "Day of acquisition"),
    opt("acquired_yen", BigInteger, "Cost of acquisition, yen"),
    opt("useful_life", Integer, "Years over which it is written off (耐用年数)"),
    opt("depreciated_yen", BigInteger, "Depreciation up to now (減価償却累計額), yen"),
    opt("demolished_on", Date, "Day it was taken down; NULL: it stands, as far as is known"),
    *quality_columns(),
    one_of("seismic", "built-to-code", "retrofitted", "not-proof"),
    one_of("use_class", *USE_CLASSES),
    CheckConstraint("char_length(ledger_no) BETWEEN 1 AND 40", name="ledger_no_length"),
    CheckConstraint("acquired_yen >= 0 AND depreciated_yen >= 0", name="book_range"),
    CheckConstraint("useful_life BETWEEN 1 AND 100", name="useful_life_range"),
    UniqueConstraint("municipality_code", "ledger_no", name="uq_building_ledger_no"),
    CheckConstraint("built_year BETWEEN 1600 AND 2200", name="built_year_range"),
    CheckConstraint("floor_area_m2 > 0", name="floor_area_range"),
    CheckConstraint("floors > 0", name="floors_range"),
    comment="Buildings; several facilities may share one",
)

facility_building = table(
    "facility_building",
    key("facility_id", Text, "Facility"),
    key("building_id", Text, "Building"),
    key("use_no", Integer, "1, 2 … when it moved out and in again"),
    opt("floor_area_m2", Double, "Floor area it uses there, square metres"),
    *validity_columns(),
    *quality_columns(),
    CheckConstraint("floor_area_m2 > 0", name="floor_area_range"),
    reference("fk_facility_building_facility", ["facility_id"], "facility"),
    reference("fk_facility_building_building", ["building_id"], "building"),
    no_overlap("facility_building", "municipality_code", "facility_id", "building_id"),
    comment="Which facility uses which building, and when (moves, merges, works)",
)

room = table(
    "room",
    key("facility_id", Text, "Facility"),
    key("room_no", Integer, "1, 2 …"),
    req("name", Text, "Name"),
    opt("area_m2", Double, "Floor area, square metres"),
    opt("capacity", Integer, "People it holds"),
    *validity_columns(),
    *quality_columns(),
    CheckConstraint("area_m2 > 0", name="area_range"),
    CheckConstraint("capacity >= 0", name="capacity_range"),
    reference("fk_room_facility", ["facility_id"], "facility"),
    comment="Rooms that groups can use",
)

facility_year = table(
    "facility_year",
    key("facility_id", Text, "Facility"),
    key("fiscal_year", Integer, "Fiscal year"),
    opt("users", Integer, "Users in the year"),
    opt("cost_yen", BigInteger, "Running cost in the year, yen"),
    opt("income_yen", BigInteger, "Income (使用料など), yen"),
    opt("upkeep_yen", BigInteger, "Of the cost: upkeep and repairs, yen"),
    opt("energy_yen", BigInteger, "Of the cost: electricity, gas, oil and water, yen"),
    opt("staff_yen", BigInteger, "Of the cost: staff, yen"),
    opt("fee_yen", BigInteger, "Of the cost: fee paid to whoever runs it (指定管理料, 委託料), yen"),
    opt("open_days", Integer, "Days open in the year"),
    *quality_columns(),
    CheckConstraint("fiscal_year BETWEEN 1950 AND 2200", name="fiscal_year_range"),
    CheckConstraint("users >= 0 AND cost_yen >= 0", name="figures_range"),
    CheckConstraint(
        "income_yen >= 0 AND upkeep_yen >= 0 AND energy_yen >= 0 AND staff_yen >= 0 AND open_days BETWEEN 0 AND 366",
        name="parts_range",
    ),
    CheckConstraint("fee_yen >= 0", name="fee_range"),
    reference("fk_facility_year_facility", ["facility_id"], "facility"),
    comment="Users and cost by year",
)

facility_profile = table(
    "facility_profile",
    key("facility_id", Text, "Facility"),
    opt("catchment", Text, "Whom it is for (利用圏域): " + " / ".join(CATCHMENTS)),
    opt("land_m2", Double, "Land it stands on, square metres"),
    opt("land_tenure", Text, " / ".join(TENURES)),
    opt("land_leased_m2", Double, "Of the land: leased, square metres"),
    *quality_columns(),
    one_of("catchment", *CATCHMENTS),
    one_of("land_tenure", *TENURES),
    CheckConstraint("land_m2 > 0 AND land_leased_m2 >= 0 AND land_leased_m2 <= land_m2", name="land_range"),
    reference("fk_facility_profile_facility", ["facility_id"], "facility"),
    comment="Whom a facility is for and the land it stands on",
)
