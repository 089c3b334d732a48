"""Real-estate partners: offices, keys, referrals to the city, and counters of lookups."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    Text,
    UniqueConstraint,
    func,
    text,
)

from geodata.schema.base import SCHEMA, key, metadata, one_of, opt, reference, req, table

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
    req("scopes", ARRAY(Text), "What it may do: lookup, batch, referral", server_default=text("'{lookup}'")),
    req("created_at", DateTime(timezone=True), "When issued", server_default=func.now()),
    req("created_by", Text, "Who issued it"),
    opt("expires_at", DateTime(timezone=True), "When it ends"),
    opt("revoked_at", DateTime(timezone=True), "When it was revoked"),
    req(
        "kind",
        Text,
        "secret: for programs; publishable: for web pages of the origins, lookup only",
        server_default=text("'secret'"),
    ),
    req(
        "origins",
        ARRAY(Text),
        "Origins (https://host) whose pages may use a publishable key",
        server_default=text("'{}'"),
    ),
    opt("rows_per_minute", Integer, "Rows it may ask in a minute; NULL: what the setting says"),
    opt("replaces", Text, "Key that it was issued to replace"),
    CheckConstraint("rows_per_minute BETWEEN 1 AND 1000000", name="rate_range"),
    CheckConstraint("octet_length(key_hash) = 32", name="hash_length"),
    one_of("kind", "secret", "publishable"),
    CheckConstraint("(kind = 'publishable') = (cardinality(origins) > 0)", name="publishable_has_origins"),
    CheckConstraint("kind = 'secret' OR scopes = '{lookup}'", name="publishable_only_looks_up"),
    CheckConstraint(
        "scopes <@ '{lookup,batch,referral}'::text[] AND cardinality(scopes) > 0", name="scopes_known"
    ),
    UniqueConstraint("key_hash", name="uq_partner_key_hash"),
    reference("fk_partner_key_office", ["office_id"], "partner_office"),
    comment="Keys for programs of partners; shown once, stored hashed",
)

partner_key_use = table(
    "partner_key_use",
    key("key_id", Text, "Key"),
    req("last_used_at", DateTime(timezone=True), "Last use, to the second"),
    reference("fk_partner_key_use_key", ["key_id"], "partner_key", ondelete="CASCADE"),
    comment="When each key was last used, written once a second at most",
)

partner_key_minute = table(
    "partner_key_minute",
    key("key_id", Text, "Key"),
    req("minute", BigInteger, "Minute since 1970"),
    req("rows", Integer, "Rows in that minute"),
    CheckConstraint("rows >= 0", name="rows_range"),
    comment="Rows that all workers together answered a key in its minute; unlogged",
)

# Questions and wishes count in one row of numbers, so that a number on paper means one thing.
ticket_no_seq = Sequence("ticket_no_seq", metadata=metadata, schema=SCHEMA)

referral = table(
    "referral",
    key("ticket_no", Integer, "Ticket number, one row of numbers with join_wish"),
    opt("office_id", Text, "Office that asks; NULL when a resident or a counter does"),
    opt("association_id", Text, "Association the question is about"),
    req("channel", Text, "partner / counter / page", server_default=text("'partner'")),
    opt("asked_by", Text, "Login of who entered it"),
    req("question", Text, "The question"),
    opt("customer_name", Text, "Who wants the answer; only with consent"),
    opt("customer_phone", Text, "Telephone of who wants the answer; only with consent"),
    opt("customer_email", Text, "E-mail of who wants the answer; only with consent"),
    opt(
        "consent_at",
        DateTime(timezone=True),
        "When the customer agreed that the personal fields are passed on",
    ),
    req("state", Text, "received / passed-on / answered / closed", server_default=text("'received'")),
    opt("answer", Text, "The answer"),
    req("received_at", DateTime(timezone=True), "When received", server_default=func.now()),
    opt("due_on", Date, "Answer due"),
    opt("closed_at", DateTime(timezone=True), "When closed"),
    opt("erased_at", DateTime(timezone=True), "When the personal fields and texts were erased"),
    one_of("state", "received", "passed-on", "answered", "closed"),
    one_of("channel", "partner", "counter", "page"),
    CheckConstraint("closed_at >= received_at", name="dates_order"),
    CheckConstraint(
        "consent_at IS NOT NULL OR (customer_name IS NULL AND customer_phone IS NULL AND customer_email IS NULL)",
        name="nothing_personal_without_consent",
    ),
    CheckConstraint(
        "erased_at IS NULL OR (customer_name IS NULL AND customer_phone IS NULL AND customer_email IS NULL "
        "AND question = '' AND answer IS NULL)",
        name="erased_is_empty",
    ),
    reference("fk_referral_office", ["office_id"], "partner_office"),
    reference("fk_referral_association", ["association_id"], "association"),
    comment="A question to the city (取次, 取組1)",
)

join_wish = table(
    "join_wish",
    key("ticket_no", Integer, "Ticket number, one row of numbers with referral"),
    opt("office_id", Text, "Office that passes it on; NULL when a counter or a resident does"),
    req("association_id", Text, "Association the household wishes to join"),
    req("channel", Text, "partner / counter / page", server_default=text("'partner'")),
    opt("asked_by", Text, "Login of who entered it"),
    opt("name", Text, "Who wishes to join"),
    opt("phone", Text, "Telephone"),
    opt("email", Text, "E-mail"),
    opt("address", Text, "Where the household lives or moves to"),
    req("purpose", Text, "What the personal fields may be used for, as shown to the person"),
    req("consent_at", DateTime(timezone=True), "When the person agreed in writing"),
    req(
        "state",
        Text,
        "received / passed-on / joined / declined / withdrawn",
        server_default=text("'received'"),
    ),
    req("received_at", DateTime(timezone=True), "When received", server_default=func.now()),
    opt("due_on", Date, "Result due"),
    opt("closed_at", DateTime(timezone=True), "When the result was known"),
    opt("erased_at", DateTime(timezone=True), "When the personal fields were erased"),
    one_of("state", "received", "passed-on", "joined", "declined", "withdrawn"),
    one_of("channel", "partner", "counter", "page"),
    CheckConstraint("closed_at >= received_at", name="dates_order"),
    CheckConstraint(
        "erased_at IS NULL OR (name IS NULL AND phone IS NULL AND email IS NULL AND address IS NULL)",
        name="erased_is_empty",
    ),
    reference("fk_join_wish_office", ["office_id"], "partner_office"),
    reference("fk_join_wish_association", ["association_id"], "association"),
    comment="A wish to join an association, passed on by a partner or a counter (加入申込の取次)",
)

ticket_event = table(
    "ticket_event",
    key("ticket_no", Integer, "Ticket of referral or join_wish"),
    key("event_no", Integer, "1, 2 …"),
    req("at", DateTime(timezone=True), "When", server_default=func.now()),
    req("actor", Text, "Login, or partner / page / job"),
    req("state", Text, "State the ticket was brought to"),
    opt("note", Text, "Note of the staff; nothing personal"),
    comment="What happened to a ticket",
)

ticket_notice = table(
    "ticket_notice",
    key("ticket_no", Integer, "Ticket of referral or join_wish"),
    key("kind", Text, "staff-new / office-answered / customer-answered"),
    req("state", Text, "pending / sent / skipped / failed", server_default=text("'pending'")),
    req("attempts", Integer, "How often sending was tried", server_default=text("0")),
    req("next_try_at", DateTime(timezone=True), "Not before this time", server_default=func.now()),
    opt("sent_at", DateTime(timezone=True), "When the mail server took it"),
    one_of("kind", "staff-new", "office-answered", "customer-answered"),
    one_of("state", "pending", "sent", "skipped", "failed"),
    CheckConstraint("attempts >= 0", name="attempts_range"),
    Index(
        "ix_ticket_notice_pending",
        "municipality_code",
        "next_try_at",
        postgresql_where=text("state = 'pending'"),
    ),
    comment="Mail that a ticket calls for: number and kind only; whom it goes to is read when it is sent",
)

leaflet_count = table(
    "leaflet_count",
    key("day", Date, "Day"),
    key("association_id", Text, "Association"),
    key("form", Text, "a4 / receipt / building / fax"),
    key("office_id", Text, "Partner office; empty where none"),
    req("copies", Integer, "How many were handed out", server_default=text("0")),
    one_of("form", "a4", "receipt", "building", "fax"),
    CheckConstraint("copies >= 0", name="count_range"),
    comment="Leaflets handed out by day, association and office; no person",
)

lookup_count = table(
    "lookup_count",
    key("day", Date, "Day"),
    key("channel", Text, "page / counter / api / partner / widget / batch / command-line"),
    key("outcome", Text, "one / several / none_here / outside_city / not_understood"),
    key("town", Text, "Town found; empty where none. Never an address"),
    key("key_id", Text, "Partner key; empty where none"),
    key("office_id", Text, "Partner office; empty where none", server_default=text("''")),
    key("district_no", Integer, "District found; 0 where none", server_default=text("0")),
    req("lookups", Integer, "How many", server_default=text("0")),
    req("data_faults", Integer, "How many showed rule and area in disagreement", server_default=text("0")),
    CheckConstraint("lookups >= 0 AND data_faults >= 0", name="count_range"),
    one_of("outcome", "one", "several", "none_here", "outside_city", "not_understood"),
    Index("ix_lookup_count_day", "municipality_code", "day"),
    comment="Lookups by day, outcome, town, district and office; no address, no person",
)

lookup_log = table(
    "lookup_log",
    Column("log_no", BigInteger, Identity(always=True), primary_key=True, comment="Running number"),
    req("at", DateTime(timezone=True), "When: to the second; to the minute where nobody signed in"),
    req("channel", Text, "page / counter / api / partner / widget / batch / command-line"),
    req("outcome", Text, "one / several / none_here / outside_city / not_understood"),
    req("town", Text, "Town found; empty where none. Never an address", server_default=text("''")),
    req("key_id", Text, "Partner key; empty where none", server_default=text("''")),
    req("office_id", Text, "Partner office; empty where none", server_default=text("''")),
    req("login", Text, "Who was signed in; empty where nobody was", server_default=text("''")),
    req("lookups", Integer, "How many of this sort within that second or minute"),
    one_of("outcome", "one", "several", "none_here", "outside_city", "not_understood"),
    CheckConstraint("lookups > 0", name="lookups_range"),
    Index("ix_lookup_log_at", "municipality_code", "at"),
    comment="Who looked up when, with which outcome and in which town; no address, and nobody where nobody signed in",
)
