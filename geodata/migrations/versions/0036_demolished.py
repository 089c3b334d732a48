"""Day a building was taken down."""

from __future__ import annotations

from geodata.migrations.run_sql import run_statement

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_statement("ALTER TABLE kyodo.building ADD COLUMN demolished_on date")
    run_statement(
        "COMMENT ON COLUMN kyodo.building.demolished_on IS 'Day it was taken down; NULL: it stands, as far as is known'"
    )


def downgrade() -> None:
    run_statement("ALTER TABLE kyodo.building DROP COLUMN demolished_on")
