"""Yearly records and indicator values are edited by staff: versions, withdrawal, and their history by target."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0013_progress.sql")


def downgrade() -> None:
    run_statement("DROP INDEX kyodo.ix_audit_target")
    for table in ("indicator_value", "initiative_year"):
        run_statement(
            f"DROP POLICY not_withdrawn ON kyodo.{table};"
            f"DROP POLICY all_rows ON kyodo.{table};"
            f"ALTER TABLE kyodo.{table} DISABLE ROW LEVEL SECURITY;"
            f"ALTER TABLE kyodo.{table} DROP COLUMN version, DROP COLUMN withdrawn, DROP COLUMN changed_by, "
            "DROP COLUMN changed_at;"
            f"GRANT DELETE ON kyodo.{table} TO kyodo_staff"
        )
