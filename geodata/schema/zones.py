"""Two zones: figures that the public side holds in place of what they were worked out from, and what went across."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    Double,
    Index,
    Integer,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from geodata.schema.base import geometry, key, one_of, opt, req, table, valid_geometry

published_district_membership = table(
    "published_district_membership",
    key("generation_no", Integer, "Generation it was worked out in"),
    key("district_no", Integer, "District"),
    key("fiscal_year", Integer, "Fiscal year by its first calendar year"),
    req("associations", Integer, "Associations counted"),
    opt("households", BigInteger, "Households; NULL: withheld"),
    opt("member_households", BigInteger, "Member households; NULL: withheld"),
    req("denominators", ARRAY(Text), "Where the households come from"),
    opt("denominator_as_of", Date, "Reference day of the denominators"),
    req("suppressed", Boolean, "Withheld"),
    CheckConstraint(
        "NOT suppressed OR (households IS NULL AND member_households IS NULL)", name="suppressed_is_empty"
    ),
    comment="Public side only: what kyodo.district_membership answered on the internal side, small groups withheld",
)

published_city_membership = table(
    "published_city_membership",
    key("generation_no", Integer, "Generation it was worked out in"),
    key("fiscal_year", Integer, "Fiscal year by its first calendar year"),
    req("associations", Integer, "Associations counted"),
    opt("households", BigInteger, "Households; NULL: withheld"),
    opt("member_households", BigInteger, "Member households; NULL: withheld"),
    req("denominators", ARRAY(Text), "Where the households come from"),
    opt("denominator_as_of", Date, "Reference day of the denominators"),
    comment="Public side only: what kyodo.city_membership answered on the internal side",
)

published_participants = table(
    "published_participants",
    key("fiscal_year", Integer, "Fiscal year by its first calendar year"),
    key("district_no", Integer, "District"),
    opt("participants", Integer, "Participants of all events; NULL: withheld"),
    req("withheld", Boolean, "Withheld"),
    opt("quality", Text, "real / unofficial / sample"),
    opt("source", Text, "Where the figures come from"),
    CheckConstraint("NOT withheld OR participants IS NULL", name="withheld_is_empty"),
    comment="Public side only: what kyodo.event_participants answered on the internal side",
)

published_participant_total = table(
    "published_participant_total",
    key("fiscal_year", Integer, "Fiscal year by its first calendar year"),
    key("measure", Text, "Kind of event"),
    opt("participants", Integer, "Participants in the whole city; NULL: withheld"),
    comment="Public side only: what kyodo.event_participant_totals answered on the internal side",
)

published_house = table(
    "published_house",
    key("house_id", Text, "Id in the survey"),
    req("address", Text, "Address"),
    opt("structure", Text, "Structure"),
    opt("floors", Integer, "Floors"),
    opt("floor_area_m2", Double, "Floor area, square metres"),
    opt("largest_room_m2", Double, "Largest room, square metres"),
    opt("built_year", Integer, "Year completed"),
    opt("seismic", Text, "diagnosed / retrofitted"),
    opt("road_access", Boolean, "Reachable by a road that meets the law"),
    opt("use_district", Text, "Use district (用途地域)"),
    opt("capacity", Integer, "People it holds (収容人員)"),
    opt("quality", Text, "real / unofficial / sample"),
    opt("source", Text, "Where it comes from"),
    opt("ends_on", Date, "From this day on it is not shown; NULL: no end is known"),
    geometry("POINT"),
    valid_geometry(),
    comment="Public side only: vacant houses that are listed, with what everybody may read of them",
)

publication = table(
    "publication",
    key("publication_no", Integer, "1, 2 … in the order they were made or taken in"),
    req("direction", Text, "export: made here; import: taken in here"),
    req("sequence", Integer, "Number of the package, rising"),
    req("at", DateTime(timezone=True), "When", server_default=func.now()),
    req("actor", Text, "Who"),
    opt("key_id", Text, "Key it is signed with"),
    opt("package_sha256", Text, "SHA-256 of the signed list of contents; NULL: it was not finished"),
    opt("generation_no", Integer, "Generation that is active in it"),
    opt("parts", JSONB, "File in the package → its SHA-256"),
    opt("reason", Text, "Why an older package was taken in"),
    one_of("direction", "export", "import"),
    CheckConstraint("publication_no > 0 AND sequence > 0", name="numbers_range"),
    CheckConstraint("char_length(reason) <= 200", name="reason_length"),
    comment="Packages between the two zones: on the internal side those made, on the public side those taken in",
)

ticket_transfer = table(
    "ticket_transfer",
    key("transfer_id", Uuid, "Id of the ticket on both sides"),
    req("direction", Text, "out: entered here, on the public side; in: taken in here, on the internal side"),
    req("ticket_no", Integer, "Number of the ticket on this side"),
    opt("batch_id", Uuid, "File it went in"),
    req("at", DateTime(timezone=True), "When it was named or taken in", server_default=func.now()),
    opt("acknowledged_at", DateTime(timezone=True), "When the other side said that it has it"),
    one_of("direction", "out", "in"),
    Index("ix_ticket_transfer_ticket_no", "municipality_code", "ticket_no", unique=True),
    Index("ix_ticket_transfer_batch_id", "municipality_code", "batch_id"),
    comment="Tickets that go from the public to the internal side; nothing of what they say",
)
