"""Users, roles, sessions, one-time links and the audit log."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from geodata.schema.base import key, one_of, opt, reference, req, table
from kyodo_geo.roles import Role

ROLES = tuple(role.value for role in Role if role is not Role.PUBLIC)

app_user = table(
    "app_user",
    Column("user_id", Integer, Identity(), primary_key=True, comment="Number of the user"),
    req("login", Text, "Sign-in name"),
    req("display_name", Text, "Name shown to colleagues"),
    opt("password_hash", Text, "argon2id; NULL until a password is set through a one-time link"),
    req("active", Boolean, "May sign in", server_default=text("true")),
    req("failed_attempts", Integer, "Failed sign-ins since the last good one", server_default=text("0")),
    opt("locked_until", DateTime(timezone=True), "No sign-in before this time"),
    req("created_at", DateTime(timezone=True), "When created", server_default=func.now()),
    opt("last_sign_in_at", DateTime(timezone=True), "Last sign-in"),
    opt("office_id", Text, "Partner office the user works for; NULL for everybody else"),
    reference("fk_app_user_office", ["office_id"], "partner_office"),
    UniqueConstraint("municipality_code", "login", name="uq_app_user_login"),
    CheckConstraint("login ~ '^[0-9A-Za-z._@+-]{1,80}$'", name="login_form"),
    CheckConstraint("starts_with(password_hash, '$argon2id$')", name="password_is_argon2id"),
    comment="People who sign in",
)

user_role = table(
    "user_role",
    key("user_id", Integer, "User"),
    key("role", Text, "Role"),
    opt("scope", Text, "District number, association or office the role is limited to"),
    req("granted_at", DateTime(timezone=True), "When granted", server_default=func.now()),
    req("granted_by", Text, "Who granted it"),
    one_of("role", *ROLES),
    reference("fk_user_role_user", ["user_id"], "app_user", ondelete="CASCADE"),
    comment="Roles of users",
)

session = table(
    "session",
    key("session_hash", LargeBinary, "SHA-256 of the cookie's token"),
    req("user_id", Integer, "User"),
    req("csrf_token", Text, "Token every form must carry"),
    req("created_at", DateTime(timezone=True), "Sign-in", server_default=func.now()),
    req("last_seen_at", DateTime(timezone=True), "Last request", server_default=func.now()),
    req("expires_at", DateTime(timezone=True), "Absolute end"),
    Column(
        "session_no",
        BigInteger,
        Identity(always=True),
        nullable=False,
        comment="Number that stays while tokens change",
    ),
    req("via", Text, "password / link / directory / provider", server_default=text("'password'")),
    opt("device", Text, "Browser and system in a few words, for the owner's list"),
    opt("network", Text, "First half of the address it came from, for the owner's list"),
    opt("provider_session", Text, "Session id (sid) at the provider, for sign-out from there"),
    req("rotated_at", DateTime(timezone=True), "When the token last changed", server_default=func.now()),
    opt("next_hash", LargeBinary, "SHA-256 of the token offered to the browser and not seen yet"),
    opt("offered_at", DateTime(timezone=True), "When it was offered"),
    opt("former_hash", LargeBinary, "SHA-256 of the token before"),
    opt("former_until", DateTime(timezone=True), "How long it still works, for requests sent side by side"),
    UniqueConstraint("municipality_code", "session_no", name="uq_session_number"),
    one_of("via", "password", "link", "directory", "provider"),
    CheckConstraint("octet_length(session_hash) = 32", name="hash_length"),
    CheckConstraint("octet_length(next_hash) = 32", name="next_length"),
    CheckConstraint("octet_length(former_hash) = 32", name="former_length"),
    CheckConstraint("(next_hash IS NULL) = (offered_at IS NULL)", name="offer_whole"),
    CheckConstraint("(former_hash IS NULL) = (former_until IS NULL)", name="former_whole"),
    reference("fk_session_user", ["user_id"], "app_user", ondelete="CASCADE"),
    Index("ix_session_expires", "expires_at"),
    Index("ix_session_next", "municipality_code", "next_hash", unique=True),
    Index("ix_session_former", "municipality_code", "former_hash", unique=True),
    Index("ix_session_user", "municipality_code", "user_id"),
    comment="Server-side sessions",
)

sign_in_link = table(
    "sign_in_link",
    key("token_hash", LargeBinary, "SHA-256 of the link's token"),
    req("user_id", Integer, "User"),
    req("created_at", DateTime(timezone=True), "When made", server_default=func.now()),
    req("expires_at", DateTime(timezone=True), "When it ends"),
    opt("used_at", DateTime(timezone=True), "When it was used; a link works once"),
    CheckConstraint("octet_length(token_hash) = 32", name="hash_length"),
    reference("fk_sign_in_link_user", ["user_id"], "app_user", ondelete="CASCADE"),
    comment="One-time links to sign in and set a password",
)

audit = table(
    "audit",
    Column("entry_no", BigInteger, Identity(always=True), primary_key=True, comment="Running number"),
    req("at", DateTime(timezone=True), "When", server_default=func.now()),
    req("actor", Text, "Login, command line, or job"),
    req("action", Text, "What was done, e.g. dataset.activate"),
    opt("target", Text, "On what"),
    req("details", JSONB, "Facts; never a password, key, address looked up or vacant house's place"),
    one_of("action_kind", "change", "view", "sign-in"),
    req("action_kind", Text, "change / view / sign-in", server_default=text("'change'")),
    Index("ix_audit_at", "municipality_code", "at"),
    Index("ix_audit_target", "municipality_code", "target", "entry_no"),
    comment="Append-only audit log (the database refuses changes to it)",
)

audit_chain = table(
    "audit_chain",
    key("chain_no", BigInteger, "Place in the chain, 1, 2 … without a gap"),
    req("entry_no", BigInteger, "Entry of the audit log"),
    req("entry_hash", LargeBinary, "SHA-256 over the hash before it, the place and the content"),
    UniqueConstraint("municipality_code", "entry_no", name="uq_audit_chain_entry"),
    CheckConstraint("octet_length(entry_hash) = 32", name="hash_length"),
    CheckConstraint("chain_no > 0", name="chain_no_range"),
    comment="Order and hashes of the audit log; written by a trigger alone, append-only",
)
