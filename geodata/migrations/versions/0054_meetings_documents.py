"""Meetings of the city with presidents of associations (取組4), and documents sent to them (取組5)."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0054_meetings.sql")
    run_sql("0054_documents.sql")


def downgrade() -> None:
    run_statement(
        "DROP FUNCTION kyodo.calendar_meetings(text, bytea, date, date), kyodo.calendar_feed(text, bytea);"
        "DROP TABLE kyodo.sent_document_rule, kyodo.sent_document, kyodo.calendar_link, kyodo.busy_period, "
        "kyodo.city_meeting;"
        "DROP FUNCTION kyodo.count_meeting_change()"
    )
