"""Bodies, officers and districts' requests through their officers (取組15, 16)."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, Column, Date, DateTime, Integer, Text, func

from geodata.schema.base import (
    JAPANESE,
    key,
    no_overlap,
    one_of,
    opt,
    quality_columns,
    reference,
    req,
    table,
    valid_geometry,
    validity_columns,
)
from kyodo_geo.crs import WGS84

body = table(
    "body",
    key("body_id", Text, "Permanent id"),
    req("kind", Text, "district-organisation / community-building / federation / centre / committee / other"),
    req("name", JAPANESE, "Name"),
    opt("district_no", Integer, "District it works in"),
    opt("facility_id", Text, "Facility it stands in"),
    opt("phone", Text, "Office telephone"),
    Column("geom", Geometry("POINT", srid=WGS84, spatial_index=False), comment="Place, lon/lat"),
    *validity_columns(),
    *quality_columns(),
    one_of(
        "kind", "district-organisation", "community-building", "federation", "centre", "committee", "other"
    ),
    valid_geometry(),
    reference("fk_body_district", ["district_no"], "district"),
    reference("fk_body_facility", ["facility_id"], "facility"),
    comment="District organisations, federations, civic collaboration centres, committees",
)

officer = table(
    "officer",
    key("officer_id", Text, "Permanent id of the member of staff"),
    key("record_no", Integer, "1, 2 … when the district, the task or the department changed"),
    req("district_no", Integer, "District"),
    req("kind", Text, "contact (地域窓口担当) / issue (地域課題担当) / coordinator (専任職員)"),
    req("office", Text, "Department"),
    opt("office_phone", Text, "Telephone of the department"),
    opt("person_name", Text, "Name of the member of staff; never public"),
    *validity_columns(),
    *quality_columns(),
    one_of("kind", "contact", "issue", "coordinator"),
    reference("fk_officer_district", ["district_no"], "district"),
    no_overlap("officer", "municipality_code", "district_no", "officer_id"),
    no_overlap("officer", "municipality_code", "district_no", what="one_contact", where="kind = 'contact'"),
    comment="Members of city staff in charge of a district",
)

district_request = table(
    "district_request",
    key("request_no", Integer, "1, 2 …"),
    req("district_no", Integer, "District"),
    opt("officer_id", Text, "Officer who passed it on"),
    opt("officer_record_no", Integer, "That officer's record at the time"),
    req("received_on", Date, "Day received"),
    req("text", Text, "What the district asks for"),
    req("state", Text, "received / passed-on / answered / closed"),
    opt("answer", Text, "Answer"),
    opt("closed_on", Date, "Day closed"),
    req("created_at", DateTime(timezone=True), "When recorded", server_default=func.now()),
    one_of("state", "received", "passed-on", "answered", "closed"),
    CheckConstraint("closed_on >= received_on", name="dates_order"),
    reference("fk_district_request_district", ["district_no"], "district"),
    CheckConstraint("(officer_id IS NULL) = (officer_record_no IS NULL)", name="officer_pair"),
    reference(
        "fk_district_request_officer",
        ["officer_id", "officer_record_no"],
        "officer",
        ["officer_id", "record_no"],
    ),
    comment="A district's request passed on by its officer (取次, 取組15)",
)
