"""Mail that tickets call for, erasing of everything a ticket says, and counts of wishes for the federations."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0007_ticket_mail.sql")


def downgrade() -> None:
    run_statement(
        """
        DROP FUNCTION kyodo.join_counts(text, int, date, date);
        DROP POLICY erased_notes ON kyodo.ticket_event;
        REVOKE ALL (municipality_code, ticket_no, note) ON kyodo.ticket_event FROM kyodo_auth;
        REVOKE ALL (municipality_code, ticket_no, event_no, at, state) ON kyodo.ticket_event FROM kyodo_partner;
        GRANT SELECT ON kyodo.ticket_event TO kyodo_partner;
        ALTER TABLE kyodo.referral DROP CONSTRAINT ck_referral_erased_is_empty;
        ALTER TABLE kyodo.referral ADD CONSTRAINT ck_referral_erased_is_empty CHECK (erased_at IS NULL
            OR (customer_name IS NULL AND customer_phone IS NULL AND customer_email IS NULL));
        DROP TABLE kyodo.ticket_notice
        """
    )
