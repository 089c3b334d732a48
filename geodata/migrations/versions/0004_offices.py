"""Lookups are counted by office and district too; an office reads its own figures."""

from __future__ import annotations

from geodata.migrations.run_sql import run_statement

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = "municipality_code, day, channel, outcome, town, key_id"


def upgrade() -> None:
    run_statement(
        f"""
        ALTER TABLE kyodo.lookup_count
            ADD COLUMN office_id text NOT NULL DEFAULT '',
            ADD COLUMN district_no integer NOT NULL DEFAULT 0,
            DROP CONSTRAINT pk_lookup_count,
            ADD CONSTRAINT pk_lookup_count PRIMARY KEY ({KEY}, office_id, district_no);
        COMMENT ON TABLE kyodo.lookup_count IS
            'Lookups by day, outcome, town, district and office; no address, no person';
        COMMENT ON COLUMN kyodo.lookup_count.office_id IS 'Partner office; empty where none';
        COMMENT ON COLUMN kyodo.lookup_count.district_no IS 'District found; 0 where none';
        ALTER TABLE kyodo.lookup_count ENABLE ROW LEVEL SECURITY;
        ALTER TABLE kyodo.leaflet_count ENABLE ROW LEVEL SECURITY;
        GRANT SELECT ON kyodo.lookup_count, kyodo.leaflet_count TO kyodo_partner;
        CREATE POLICY own_office ON kyodo.lookup_count FOR SELECT TO kyodo_partner
            USING (office_id = nullif(current_setting('kyodo.office', true), ''));
        CREATE POLICY own_office ON kyodo.leaflet_count FOR SELECT TO kyodo_partner
            USING (office_id = nullif(current_setting('kyodo.office', true), ''));
        CREATE POLICY all_rows ON kyodo.lookup_count TO kyodo_staff, kyodo_loader, kyodo_auth
            USING (true) WITH CHECK (true);
        CREATE POLICY all_rows ON kyodo.leaflet_count TO kyodo_staff, kyodo_loader, kyodo_auth
            USING (true) WITH CHECK (true);
        GRANT INSERT, UPDATE ON kyodo.partner, kyodo.partner_office TO kyodo_auth
        """
    )


def downgrade() -> None:
    run_statement(
        f"""
        REVOKE INSERT, UPDATE ON kyodo.partner, kyodo.partner_office FROM kyodo_auth;
        DROP POLICY all_rows ON kyodo.leaflet_count;
        DROP POLICY all_rows ON kyodo.lookup_count;
        DROP POLICY own_office ON kyodo.leaflet_count;
        DROP POLICY own_office ON kyodo.lookup_count;
        REVOKE SELECT ON kyodo.lookup_count, kyodo.leaflet_count FROM kyodo_partner;
        ALTER TABLE kyodo.leaflet_count DISABLE ROW LEVEL SECURITY;
        ALTER TABLE kyodo.lookup_count DISABLE ROW LEVEL SECURITY;
        CREATE TEMPORARY TABLE merged ON COMMIT DROP AS
            SELECT {KEY}, sum(lookups)::int AS lookups, sum(data_faults)::int AS data_faults
            FROM kyodo.lookup_count GROUP BY {KEY};
        DELETE FROM kyodo.lookup_count;
        ALTER TABLE kyodo.lookup_count DROP CONSTRAINT pk_lookup_count;
        ALTER TABLE kyodo.lookup_count DROP COLUMN office_id, DROP COLUMN district_no;
        ALTER TABLE kyodo.lookup_count ADD CONSTRAINT pk_lookup_count PRIMARY KEY ({KEY});
        INSERT INTO kyodo.lookup_count ({KEY}, lookups, data_faults) SELECT {KEY}, lookups, data_faults FROM merged
        """  # noqa: S608
    )
