"""Two zones: published figures in place of their sources, packages taken across, tickets brought back."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

from geodata.migrations.run_sql import run_sql, run_statement

revision = "0047"
down_revision = "0044"
branch_labels = None
depends_on = None


def _has(function: str) -> bool:
    return op.get_bind().scalar(text("SELECT to_regprocedure(:name) IS NOT NULL"), {"name": function}) is True


def upgrade() -> None:
    run_sql("0047_zones.sql")
    if _has("kyodo.listed_houses(text)"):
        run_sql("0047_listed_houses.sql")


def downgrade() -> None:
    if _has("kyodo.houses_listed_here(text)"):
        run_statement(
            "DROP FUNCTION kyodo.listed_houses(text);"
            "ALTER FUNCTION kyodo.houses_listed_here(text) RENAME TO listed_houses;"
            "GRANT EXECUTE ON FUNCTION kyodo.listed_houses(text) TO kyodo_public, kyodo_staff, kyodo_loader"
        )
    run_sql("0047_zones_down.sql")
