"""Consultations of the centres, events, associations at risk, advisers."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0056_centres.sql")


def downgrade() -> None:
    run_statement(
        "DROP FUNCTION kyodo.consultation_counts(text);"
        "DROP FUNCTION kyodo.worked_out_consultation_counts(text);"
        "DROP FUNCTION kyodo.fiscal_year(date);"
        "DROP TRIGGER touch_event ON kyodo.event;"
        "DROP FUNCTION kyodo.touch_event();"
        "DROP TABLE kyodo.published_consultations, kyodo.adviser_dispatch, kyodo.risk_visit, kyodo.risk_case, "
        "kyodo.event_attendance, kyodo.event, kyodo.consultation, kyodo.consultation_topic"
    )
