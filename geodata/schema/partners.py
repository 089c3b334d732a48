"""Real-estate partners: offices, keys, referrals to the city, and counters of lookups."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    func,
    text,
)

from geodata.schema.base import key, one_of, opt, reference, req, table

partner = table(
    "partner",
    key("partner_id", Text, "Permanent id"),
    req("name", Text, "Name of the association of agents or company"),
    opt("agreement_on", Date, "Day of the agreement"),
    comment="Partners of the agreement (取組1)",
)

partner_office = table(
    "partner_office",
    key("office_id", Text, "Permanent id"),
    req("partner_id", Text, "Partner"),
    req("name", Text, "Name of the office"),
    opt("phone", Text, "Telephone"),
    opt("email", Text, "E-mail"),
    opt("closed_on", Date, "Day the office left the agreement"),
    reference("fk_partner_office_partner", ["partner_id"], "partner"),
    comment="Offices of partners",
)

partner_key = table(
    "partner_key",
    key("key_id", Text, "Public prefix of the key, for finding it"),
    req("key_hash", LargeBinary, "SHA-256 of the whole key (256 random bits); the key itself is not kept"),
    opt("office_id", Text, "Office it was issued to"),
    req("label", Text, "What it is used for"),
    req("scopes", ARRAY(Text), "What it may do", server_default=text("'{lookup}'")),
    req("created_at", DateTime(timezone=True), "When issued", server_default=func.now()),
    req("created_by", Text, "Who issued it"),
    opt("expires_at", DateTime(timezone=True), "When it ends"),
    opt("revoked_at", DateTime(timezone=True), "When it was revoked"),
    CheckConstraint("octet_length(key_hash) = 32", name="hash_length"),
    UniqueConstraint("key_hash", name="uq_partner_key_hash"),
    reference("fk_partner_key_office", ["office_id"], "partner_office"),
    comment="Keys for programs of partners; shown once, stored hashed",
)

referral = table(
    "referral",
    key("ticket_no", Integer, "Ticket number"),
    opt("office_id", Text, "Office that asks"),
    opt("association_id", Text, "Association the question is about"),
    req("question", Text, "The question"),
    req("state", Text, "received / passed-on / answered / closed"),
    opt("answer", Text, "The answer"),
    req("received_at", DateTime(timezone=True), "When received", server_default=func.now()),
    opt("due_on", Date, "Answer due"),
    opt("closed_at", DateTime(timezone=True), "When closed"),
    one_of("state", "received", "passed-on", "answered", "closed"),
    CheckConstraint("closed_at >= received_at", name="dates_order"),
    reference("fk_referral_office", ["office_id"], "partner_office"),
    reference("fk_referral_association", ["association_id"], "association"),
    comment="A partner's question to the city (取次, 取組1)",
)

lookup_count = table(
    "lookup_count",
    key("day", Date, "Day"),
    key("channel", Text, "page / api / partner / command-line"),
    key("outcome", Text, "one / several / none_here / outside_city / not_understood"),
    key("town", Text, "Town found; empty where none. Never an address"),
    key("key_id", Text, "Partner key; empty where none"),
    req("lookups", Integer, "How many", server_default=text("0")),
    req("data_faults", Integer, "How many showed rule and area in disagreement", server_default=text("0")),
    CheckConstraint("lookups >= 0 AND data_faults >= 0", name="count_range"),
    one_of("outcome", "one", "several", "none_here", "outside_city", "not_understood"),
    Index("ix_lookup_count_day", "municipality_code", "day"),
    comment="Lookups by day, outcome and town; no address, no person",
)
