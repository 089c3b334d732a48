"""Thresholds of the rule for associations at risk (取組14), version by version; staff alone read them."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0014_at_risk.sql")


def downgrade() -> None:
    run_statement("DROP TABLE kyodo.at_risk_rule")
