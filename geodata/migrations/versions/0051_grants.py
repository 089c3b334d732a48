"""Rule tables of grants, and calculations with them (取組7, 9–12), for staff."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0051_grants.sql")


def downgrade() -> None:
    run_statement(
        "DROP TABLE kyodo.grant_run_row, kyodo.grant_run, kyodo.grant_rule;"
        "DROP FUNCTION kyodo.guard_grant_run_row(), kyodo.guard_grant_run(), kyodo.guard_grant_rule();"
        "DROP POLICY not_by_association ON kyodo.area_figure;"
        "CREATE POLICY not_by_association ON kyodo.area_figure FOR SELECT TO kyodo_public "
        "USING (area_kind <> 'association' AND NOT (area_kind = 'district' AND starts_with(measure, 'participants_')))"
    )
