"""Drafts of changes to datasets: associations in words, districts of small areas."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0015_edits.sql")


def downgrade() -> None:
    run_statement("DROP TABLE kyodo.edit_draft_change, kyodo.edit_draft")
