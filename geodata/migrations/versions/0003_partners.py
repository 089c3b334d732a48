"""Partner offices sign in; tickets with what happened to them, wishes to join, leaflets handed out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from geodata.migrations.run_sql import run_sql, run_statement
from geodata.roles import ensure_roles

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ensure_roles(op.get_bind())
    op.add_column(
        "app_user",
        sa.Column(
            "office_id",
            sa.Text(),
            nullable=True,
            comment="Partner office the user works for; NULL for everybody else",
        ),
        schema="kyodo",
    )
    op.create_foreign_key(
        "fk_app_user_office",
        "app_user",
        "partner_office",
        ["municipality_code", "office_id"],
        ["municipality_code", "office_id"],
        source_schema="kyodo",
        referent_schema="kyodo",
    )
    run_sql("0003_partners.sql")


def downgrade() -> None:
    run_statement(
        """
        DROP TABLE kyodo.leaflet_count, kyodo.ticket_event, kyodo.join_wish;
        DROP SEQUENCE kyodo.ticket_no_seq;
        DROP POLICY own_office ON kyodo.referral;
        DROP POLICY all_rows ON kyodo.referral;
        ALTER TABLE kyodo.referral DISABLE ROW LEVEL SECURITY;
        REVOKE ALL ON kyodo.referral FROM kyodo_partner;
        ALTER TABLE kyodo.referral
            DROP CONSTRAINT ck_referral_channel_known,
            DROP CONSTRAINT ck_referral_nothing_personal_without_consent,
            DROP CONSTRAINT ck_referral_erased_is_empty;
        ALTER TABLE kyodo.referral
            DROP COLUMN channel, DROP COLUMN asked_by, DROP COLUMN customer_name, DROP COLUMN customer_phone,
            DROP COLUMN customer_email, DROP COLUMN consent_at, DROP COLUMN erased_at,
            ALTER COLUMN state DROP DEFAULT;
        CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.referral
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();
        REVOKE USAGE ON SCHEMA kyodo FROM kyodo_partner;
        ALTER TABLE kyodo.app_user DROP CONSTRAINT fk_app_user_office;
        ALTER TABLE kyodo.app_user DROP COLUMN office_id
        """
    )
