"""Activity cases with photos and consent, handbooks, subsidies of others."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0055_sharing.sql")


def downgrade() -> None:
    run_statement(
        "DROP TABLE kyodo.case_photo_file, kyodo.case_photo, kyodo.case_consent, kyodo.activity_case, kyodo.handbook, "
        "kyodo.subsidy_notice; DROP FUNCTION kyodo.set_changed_at()"
    )
