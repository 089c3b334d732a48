"""Sign-in beyond a password: identities elsewhere, second factors, sign-ins under way, limits that all workers share."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
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

VIA = ("password", "link", "directory", "provider")

user_identity = table(
    "user_identity",
    key("issuer", Text, "Issuer of OpenID Connect, or ldap: and the base of the directory"),
    key("subject", Text, "The issuer's own unchanging id of the person"),
    req("user_id", Integer, "User"),
    req("linked_at", DateTime(timezone=True), "When linked", server_default=func.now()),
    req("linked_by", Text, "first sign-in, or who did it"),
    opt("last_used_at", DateTime(timezone=True), "Last sign-in with it"),
    CheckConstraint("length(issuer) BETWEEN 1 AND 500 AND length(subject) BETWEEN 1 AND 255", name="bounded"),
    UniqueConstraint("municipality_code", "user_id", "issuer", name="uq_user_identity_one_each"),
    reference("fk_user_identity_user", ["user_id"], "app_user", ondelete="CASCADE"),
    comment="Who a user is at the city's own sign-in service or directory",
)

user_totp = table(
    "user_totp",
    key("user_id", Integer, "User"),
    req("sealed_secret", Text, "Secret, encrypted with the key of KYODO_TOTP_KEY_FILE (Fernet)"),
    req(
        "begun_by",
        LargeBinary,
        "SHA-256 of the sign-in that began it, the only one that may see and confirm it",
    ),
    req("created_at", DateTime(timezone=True), "When made", server_default=func.now()),
    opt("confirmed_at", DateTime(timezone=True), "When a first code proved it; NULL: not in force"),
    opt("last_step", BigInteger, "Step of 30 s of the last code taken; none up to it is taken again"),
    CheckConstraint("starts_with(sealed_secret, 'gAAAA')", name="sealed"),
    CheckConstraint("octet_length(begun_by) = 32", name="begun_by_length"),
    reference("fk_user_totp_user", ["user_id"], "app_user", ondelete="CASCADE"),
    comment="One-time codes of an authenticator (RFC 6238)",
)

recovery_code = table(
    "recovery_code",
    key("user_id", Integer, "User"),
    key("code_hash", LargeBinary, "SHA-256 of the code"),
    opt("used_at", DateTime(timezone=True), "When used; a code works once"),
    CheckConstraint("octet_length(code_hash) = 32", name="hash_length"),
    reference("fk_recovery_code_user", ["user_id"], "app_user", ondelete="CASCADE"),
    comment="Codes for a day without the authenticator",
)

pending_sign_in = table(
    "pending_sign_in",
    key("pending_hash", LargeBinary, "SHA-256 of the cookie's token"),
    req("kind", Text, "provider: away at the provider / code: owes a code / enrol: has to enrol first"),
    opt("user_id", Integer, "User, once known"),
    req("via", Text, "How the first step was taken"),
    req("next_path", Text, "Where to go afterwards"),
    opt("state_hash", LargeBinary, "SHA-256 of the state sent to the provider"),
    opt("nonce", Text, "Nonce that the ID token must repeat"),
    opt("verifier", Text, "PKCE verifier"),
    req("created_at", DateTime(timezone=True), "When begun", server_default=func.now()),
    req("expires_at", DateTime(timezone=True), "When it ends"),
    one_of("kind", "provider", "code", "enrol"),
    one_of("via", *VIA),
    CheckConstraint("octet_length(pending_hash) = 32", name="hash_length"),
    CheckConstraint("(kind = 'provider') = (user_id IS NULL)", name="of_somebody"),
    CheckConstraint(
        "(kind = 'provider') = (state_hash IS NOT NULL AND nonce IS NOT NULL AND verifier IS NOT NULL)",
        name="provider_whole",
    ),
    reference("fk_pending_sign_in_user", ["user_id"], "app_user", ondelete="CASCADE"),
    Index("ix_pending_sign_in_expires", "expires_at"),
    comment="Sign-ins between their steps; no session yet; unlogged",
)

sign_in_rate = table(
    "sign_in_rate",
    key("source_hash", LargeBinary, "SHA-256 of where attempts come from, or of a name without an account"),
    req("began_at", DateTime(timezone=True), "Start of the window", server_default=func.now()),
    req("attempts", Integer, "Failed or running attempts in the window", server_default=text("1")),
    CheckConstraint("octet_length(source_hash) = 32", name="hash_length"),
    Index("ix_sign_in_rate_began", "began_at"),
    comment="Attempts to sign in by source, for a limit that all workers share; purged within the hour; unlogged",
)
