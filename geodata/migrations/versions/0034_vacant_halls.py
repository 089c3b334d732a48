"""What the filters of a hall ask of a vacant house, and the terms of the rent subsidy."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0034_vacant_halls.sql")


def downgrade() -> None:
    run_statement(
        "DROP TABLE kyodo.hall_terms;"
        "ALTER TABLE kyodo_vacant.vacant_house DROP COLUMN neglected, DROP COLUMN certificate, DROP COLUMN use_district, "
        "DROP COLUMN office_answer, DROP COLUMN capacity, DROP COLUMN price_yen"
    )
