"""Visits to the web form of one return, and the mail that reminds of it."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Date, DateTime, Index, Integer, LargeBinary, Text, func, text

from geodata.schema.base import key, one_of, opt, reference, req, table

_MOMENT = DateTime(timezone=True)

return_visit = table(
    "return_visit",
    key("visit_hash", LargeBinary, "SHA-256 of the cookie's token"),
    req("fiscal_year", Integer, "Fiscal year of the round"),
    req("association_id", Text, "Association"),
    req("code_hash", LargeBinary, "SHA-256 of the code it was opened with; a new code ends the visit"),
    req("csrf_token", Text, "Token its forms must carry"),
    req("created_at", _MOMENT, "When opened", server_default=func.now()),
    req("seen_at", _MOMENT, "Last request", server_default=func.now()),
    req("expires_at", _MOMENT, "When it ends, whatever is done"),
    CheckConstraint("octet_length(visit_hash) = 32 AND octet_length(code_hash) = 32", name="hash_length"),
    Index("ix_return_visit_expires", "expires_at"),
    comment="Browsers that opened a return with its code; they see that one return; unlogged",
)

return_mail = table(
    "return_mail",
    key("fiscal_year", Integer, "Fiscal year of the round"),
    key("association_id", Text, "Association"),
    key("sent_on", Date, "Day of the reminder"),
    req("state", Text, "pending / sent / skipped (no address, no server) / failed (given up)", server_default=text("'pending'")),
    req("attempts", Integer, "Tries so far", server_default=text("0")),
    req("next_try_at", _MOMENT, "When it is tried next", server_default=func.now()),
    opt("sent_at", _MOMENT, "When the server took it"),
    one_of("state", "pending", "sent", "skipped", "failed"),
    CheckConstraint("attempts >= 0", name="attempts_range"),
    reference("fk_return_mail_reminder", ["fiscal_year", "association_id", "sent_on"], "return_reminder", ondelete="CASCADE"),
    Index(
        "ix_return_mail_due", "municipality_code", "next_try_at",
        postgresql_where=text("state = 'pending'"),
    ),
    comment="Mail that a reminder calls for; the address is read when it is sent",
)  # fmt: skip
