"""Buildings are found by name; every confirmation is kept, with who gave it."""

from __future__ import annotations

from geodata.migrations.run_sql import run_sql, run_statement

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_statement(
        """
        -- Buildings show on no page that is kept: a confirmation must not make every worker build its lookup anew.
        DROP TRIGGER touch_revision ON kyodo.named_building;
        ALTER TABLE kyodo.named_building
            ADD COLUMN name_key text NOT NULL DEFAULT '',
            ADD COLUMN conflict boolean NOT NULL DEFAULT false;
        CREATE INDEX ix_named_building_key ON kyodo.named_building (municipality_code, name_key);
        CREATE TABLE kyodo.building_confirmation (
            municipality_code text NOT NULL,
            building_id text NOT NULL,
            confirmation_no integer NOT NULL,
            association_id text,
            joins_as text NOT NULL,
            fee_way text,
            office_id text NOT NULL DEFAULT '',
            confirmed_by text NOT NULL,
            confirmed_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_building_confirmation PRIMARY KEY (municipality_code, building_id, confirmation_no),
            CONSTRAINT fk_building_confirmation_municipality FOREIGN KEY (municipality_code)
                REFERENCES kyodo.municipality,
            CONSTRAINT fk_building_confirmation_building FOREIGN KEY (municipality_code, building_id)
                REFERENCES kyodo.named_building ON DELETE CASCADE,
            CONSTRAINT fk_building_confirmation_association FOREIGN KEY (municipality_code, association_id)
                REFERENCES kyodo.association,
            CONSTRAINT ck_building_confirmation_joins_as_known
                CHECK (joins_as IN ('household', 'whole-building', 'own-association', 'none')),
            CONSTRAINT ck_building_confirmation_none_is_nobody CHECK ((association_id IS NULL) = (joins_as = 'none'))
        );
        COMMENT ON COLUMN kyodo.named_building.name_key IS
            'Name as it is compared (kyodo_geo.buildings.building_key)';
        COMMENT ON COLUMN kyodo.named_building.conflict IS
            'A later confirmation contradicts this one: for the staff';
        COMMENT ON TABLE kyodo.building_confirmation IS
            'Who confirmed what of a building; conflicting ones go to the staff';
        COMMENT ON COLUMN kyodo.building_confirmation.municipality_code IS 'Local government code, 5 digits';
        COMMENT ON COLUMN kyodo.building_confirmation.building_id IS 'Building';
        COMMENT ON COLUMN kyodo.building_confirmation.confirmation_no IS '1, 2 … in the order given';
        COMMENT ON COLUMN kyodo.building_confirmation.association_id IS
            'Association; NULL exactly when the building joins none';
        COMMENT ON COLUMN kyodo.building_confirmation.joins_as IS
            'household / whole-building / own-association / none';
        COMMENT ON COLUMN kyodo.building_confirmation.fee_way IS 'How the fee is paid';
        COMMENT ON COLUMN kyodo.building_confirmation.office_id IS 'Office that says so; empty: the city';
        COMMENT ON COLUMN kyodo.building_confirmation.confirmed_by IS 'Login';
        COMMENT ON COLUMN kyodo.building_confirmation.confirmed_at IS 'When';
        -- Offices share what is known of a building, but not who confirmed it: they see their own words alone.
        GRANT SELECT (municipality_code, building_id, name, name_key, address, association_id, joins_as, fee_way,
            confirmed_at, conflict, quality, source) ON kyodo.named_building TO kyodo_partner;
        GRANT SELECT ON kyodo.building_confirmation TO kyodo_partner;
        GRANT SELECT, INSERT, DELETE ON kyodo.building_confirmation TO kyodo_staff, kyodo_loader;
        ALTER TABLE kyodo.building_confirmation ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own_words ON kyodo.building_confirmation FOR SELECT TO kyodo_partner
            USING (office_id = nullif(current_setting('kyodo.office', true), ''));
        CREATE POLICY all_rows ON kyodo.building_confirmation TO kyodo_staff, kyodo_loader
            USING (true) WITH CHECK (true)
        """
    )
    run_sql("0005_buildings.sql")


def downgrade() -> None:
    run_statement(
        """
        DROP FUNCTION kyodo.confirm_building, kyodo.enter_building;
        DROP TABLE kyodo.building_confirmation;
        REVOKE ALL ON kyodo.named_building FROM kyodo_partner;
        DROP INDEX kyodo.ix_named_building_key;
        ALTER TABLE kyodo.named_building DROP COLUMN name_key, DROP COLUMN conflict;
        CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.named_building
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision()
        """
    )
