"""Visits to the web form of one return, and the mail that reminds of it."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0050_return_visits.sql")


def downgrade() -> None:
    run_statement("DROP TABLE kyodo.return_mail, kyodo.return_visit")
