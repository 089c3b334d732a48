"""Two zones: published figures in place of their sources, packages taken across, tickets brought back."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement

revision = "0047"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0047_zones.sql")
    run_sql("0047_listed_houses.sql")


def downgrade() -> None:
    run_statement(
        "DROP FUNCTION kyodo.listed_until(text, text), kyodo.listed_houses(text);"
        "ALTER FUNCTION kyodo.houses_listed_here(text) RENAME TO listed_houses;"
        "GRANT EXECUTE ON FUNCTION kyodo.listed_houses(text) TO kyodo_public, kyodo_staff, kyodo_loader"
    )
    run_sql("0047_zones_down.sql")
