"""Meetings of the city with presidents of associations (取組4), busy times, links for calendar programs."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    Text,
    Time,
    UniqueConstraint,
    func,
    text,
)

from geodata.schema.base import key, one_of, opt, quality_columns, reference, req, table

city_meeting = table(
    "city_meeting",
    key("meeting_id", Text, "Permanent id; calendars know the meeting by it"),
    req("title", Text, "Title"),
    req("department", Text, "Department that asks"),
    req("held_on", Date, "Day"),
    opt("starts", Time, "Beginning, local time; NULL: open yet"),
    opt("ends", Time, "End, local time; NULL: open yet"),
    opt("place", Text, "Place in words"),
    opt("facility_id", Text, "Facility it is held in, for the ways between places"),
    req("audience", Text, "presidents / circulation / district-bodies / associations"),
    opt(
        "district_nos",
        ARRAY(Integer),
        "Districts whose people are asked; NULL: of all. No foreign key: a list",
    ),
    opt("association_ids", ARRAY(Text), "With associations: whose presidents are asked"),
    req("required", Boolean, "Whether they have to come", server_default=text("true")),
    req("state", Text, "planned / fixed / cancelled", server_default=text("'planned'")),
    req("shown", Boolean, "Shown to everybody at /meetings", server_default=text("false")),
    opt("reason", Text, "Why a letter or mail would not do; staff only"),
    opt("note", Text, "What those who come should know"),
    *quality_columns(),
    req("entered_by", Text, "Login of who entered it, who may change it beside the planners"),
    req(
        "changes",
        Integer,
        "Number of changes since it was entered (SEQUENCE of iCalendar)",
        server_default=text("0"),
    ),
    req("changed_at", DateTime(timezone=True), "Last change", server_default=func.now()),
    one_of("audience", "presidents", "circulation", "district-bodies", "associations"),
    one_of("state", "planned", "fixed", "cancelled"),
    CheckConstraint("ends IS NULL OR (starts IS NOT NULL AND starts < ends)", name="hours_order"),
    CheckConstraint(
        "(audience = 'associations') = (cardinality(coalesce(association_ids, '{}')) > 0)",
        name="audience_names",
    ),
    CheckConstraint("meeting_id ~ '^[0-9A-Za-z_-]{1,40}$'", name="id_form"),
    reference("fk_city_meeting_facility", ["facility_id"], "facility"),
    Index("ix_city_meeting_held_on", "municipality_code", "held_on"),
    comment="Meetings to which the city asks presidents of associations (取組4)",
)

busy_period = table(
    "busy_period",
    key("period_id", Text, "Permanent id"),
    req("title", Text, "What keeps them busy"),
    req("valid_from", Date, "First day"),
    req("valid_to", Date, "Day after the last"),
    req("yearly", Boolean, "The same days of every year", server_default=text("false")),
    *quality_columns(),
    CheckConstraint("valid_from < valid_to", name="validity_order"),
    CheckConstraint("period_id ~ '^[0-9A-Za-z_-]{1,40}$'", name="id_form"),
    comment="Times of the year in which presidents have enough to do, such as general meetings",
)

calendar_link = table(
    "calendar_link",
    key("link_id", Text, "Number that is shown"),
    req("label", Text, "What it is for"),
    req("token_hash", LargeBinary, "SHA-256 of the secret part of the address"),
    opt("district_no", Integer, "Only meetings that ask people of this district; NULL: all"),
    opt("department", Text, "Only meetings of this department; NULL: all"),
    req("created_by", Text, "Whose link it is (login)"),
    req("created_at", DateTime(timezone=True), "When made", server_default=func.now()),
    req("expires_at", DateTime(timezone=True), "From then on it does not work"),
    opt("revoked_at", DateTime(timezone=True), "When revoked"),
    UniqueConstraint("municipality_code", "token_hash", name="uq_calendar_link_token"),
    CheckConstraint("octet_length(token_hash) = 32", name="token_is_sha256"),
    CheckConstraint("link_id ~ '^[0-9a-f]{12}$'", name="id_form"),
    comment="Secret addresses at which calendar programs of the staff read the shared calendar",
)
