"""Identities elsewhere, second factors, sessions whose token changes, limits that all workers share."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0042_sign_in.sql")


def downgrade() -> None:
    run_statement(
        """
        DROP TABLE kyodo.sign_in_rate, kyodo.pending_sign_in, kyodo.recovery_code, kyodo.user_totp, kyodo.user_identity;
        DROP INDEX kyodo.ix_session_user;
        ALTER TABLE kyodo.session DROP COLUMN session_no CASCADE, DROP COLUMN via CASCADE, DROP COLUMN device,
            DROP COLUMN network, DROP COLUMN provider_session, DROP COLUMN rotated_at, DROP COLUMN next_hash CASCADE,
            DROP COLUMN offered_at, DROP COLUMN former_hash CASCADE, DROP COLUMN former_until
        """
    )
