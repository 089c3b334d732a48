"""Limits, replacement and last use of keys; the log of lookups."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0044_keys_and_lookup_log.sql")


def downgrade() -> None:
    run_statement(
        "DROP TABLE kyodo.lookup_log, kyodo.partner_key_minute, kyodo.partner_key_use;"
        "ALTER TABLE kyodo.partner_key DROP COLUMN rows_per_minute, DROP COLUMN replaces"
    )
