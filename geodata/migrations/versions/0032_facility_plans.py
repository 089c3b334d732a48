"""Unit costs and assumptions, scenarios, runs of the siting models, a cache of computed arrays."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0032_facility_plans.sql")


def downgrade() -> None:
    run_statement(
        "DROP TABLE kyodo.computed, kyodo.siting_run, kyodo.scenario_action, kyodo.scenario, kyodo.cost_assumption, "
        "kyodo.unit_cost;"
        "DROP FUNCTION kyodo.guard_scenario_action(), kyodo.guard_scenario()"
    )
