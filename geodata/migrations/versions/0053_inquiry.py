"""Inquiry about the plan's progress, meetings of the two bodies, final evaluation, successor of a plan."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0053_inquiry.sql")


def downgrade() -> None:
    run_sql("0053_inquiry_down.sql")
