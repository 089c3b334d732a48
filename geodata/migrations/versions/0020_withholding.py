"""What is withheld of the districts' membership cannot be had by subtraction, whatever the groups' sizes."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0020_withholding.sql")


def downgrade() -> None:
    run_sql("0020_withholding_down.sql")
