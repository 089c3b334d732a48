"""Buildings whose association does not fit their address are marked for the city; lookups at the counter have a channel."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0010_building_doubts.sql")


def downgrade() -> None:
    run_statement("DROP FUNCTION kyodo.doubt_building")
    run_statement(
        "COMMENT ON COLUMN kyodo.lookup_count.channel IS 'page / api / partner / widget / batch / command-line'"
    )
