"""How facilities are used: opening, closures, registered groups, shelter roles, rooms by year. Dated records."""

from __future__ import annotations

from sqlalchemy import ARRAY, CheckConstraint, Date, Double, Integer, Text, Time, text

from geodata.schema.base import JAPANESE, key, one_of, opt, quality_columns, reference, req, table
from kyodo_geo.facility_terms import HAZARDS, SHELTER_ROLES

_HAZARDS = ", ".join(f"'{hazard}'" for hazard in HAZARDS)

facility_opening = table(
    "facility_opening",
    key("facility_id", Text, "Facility"),
    key("weekday", Integer, "1 Monday … 7 Sunday"),
    key("opens", Time, "Opens"),
    req("closes", Time, "Closes"),
    *quality_columns(),
    CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday_range"),
    CheckConstraint("opens < closes", name="hours_order"),
    reference("fk_facility_opening_facility", ["facility_id"], "facility"),
    comment="Hours of opening by weekday; a facility without any row: unknown, else closed on the days without one",
)

facility_closure = table(
    "facility_closure",
    key("facility_id", Text, "Facility"),
    key("closed_from", Date, "First day closed"),
    opt("reopens_on", Date, "First day open again; NULL: not known yet"),
    req("reason", Text, "works / disaster / other"),
    opt("note", Text, "What for"),
    *quality_columns(),
    one_of("reason", "works", "disaster", "other"),
    CheckConstraint("closed_from < reopens_on", name="closure_order"),
    reference("fk_facility_closure_facility", ["facility_id"], "facility"),
    comment="Periods in which a facility is closed for works and the like",
)

facility_group = table(
    "facility_group",
    key("facility_id", Text, "Facility the group meets in"),
    key("group_no", Integer, "1, 2 …"),
    req("weekday", Integer, "1 Monday … 7 Sunday"),
    req("starts", Time, "Begins"),
    req("ends", Time, "Ends"),
    req("people", Integer, "People who come"),
    opt("name", JAPANESE, "Name of the group"),
    opt("room_no", Integer, "Room it uses, where known"),
    *quality_columns(),
    CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday_range"),
    CheckConstraint("starts < ends", name="hours_order"),
    CheckConstraint("people > 0", name="people_range"),
    reference("fk_facility_group_facility", ["facility_id"], "facility"),
    reference("fk_facility_group_room", ["facility_id", "room_no"], "room"),
    comment="Registered groups and their weekly hours; staff only, because groups are people",
)

facility_shelter = table(
    "facility_shelter",
    key("facility_id", Text, "Facility"),
    key("role", Text, " / ".join(SHELTER_ROLES)),
    opt("capacity", Integer, "People it takes in"),
    req("hazards", ARRAY(Text), "Hazards it is designated for", server_default=text("'{}'")),
    *quality_columns(),
    one_of("role", *SHELTER_ROLES),
    CheckConstraint("capacity >= 0", name="capacity_range"),
    CheckConstraint(f"hazards <@ ARRAY[{_HAZARDS}]::text[]", name="hazards_known"),
    reference("fk_facility_shelter_facility", ["facility_id"], "facility"),
    comment="What a facility is designated for in a disaster",
)

room_year = table(
    "room_year",
    key("facility_id", Text, "Facility"),
    key("room_no", Integer, "Room"),
    key("fiscal_year", Integer, "Fiscal year"),
    opt("hours_open", Double, "Hours in which it could be had"),
    opt("hours_used", Double, "Hours in which it was used"),
    *quality_columns(),
    CheckConstraint("fiscal_year BETWEEN 1950 AND 2200", name="fiscal_year_range"),
    CheckConstraint("hours_open >= 0 AND hours_used >= 0 AND hours_open <= 8784", name="hours_range"),
    CheckConstraint("hours_used <= hours_open", name="used_at_most_open"),
    reference("fk_room_year_room", ["facility_id", "room_no"], "room"),
    comment="Hours of each room by year: occupancy is hours_used / hours_open",
)
