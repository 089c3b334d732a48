"""Optional layers of the printed answer: school districts, waste collection, shelters, floods."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement

revision = "0008"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0008_area_layers.sql")


def downgrade() -> None:
    run_statement("DROP TABLE kyodo.area_layer")
