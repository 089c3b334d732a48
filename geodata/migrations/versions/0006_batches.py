"""Files of many addresses on their way through the service; keys that may stand in web pages."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0006_batches.sql")


def downgrade() -> None:
    run_statement(
        """
        DROP TABLE kyodo.batch_piece, kyodo.batch_job;
        DELETE FROM kyodo.partner_key WHERE kind = 'publishable';
        ALTER TABLE kyodo.partner_key DROP COLUMN kind CASCADE, DROP COLUMN origins CASCADE,
            DROP CONSTRAINT IF EXISTS ck_partner_key_publishable_only_looks_up;
        COMMENT ON COLUMN kyodo.lookup_count.channel IS 'page / api / partner / command-line'
        """
    )
