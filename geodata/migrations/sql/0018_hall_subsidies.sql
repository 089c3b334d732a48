CREATE TABLE kyodo.hall_subsidy (
    municipality_code text NOT NULL,
    subsidy_id text NOT NULL,
    fiscal_year integer NOT NULL,
    kind text NOT NULL,
    work text,
    association_id text NOT NULL,
    hall_id text,
    amount_yen bigint,
    quality text NOT NULL DEFAULT 'real',
    source text,
    CONSTRAINT pk_hall_subsidy PRIMARY KEY (municipality_code, subsidy_id),
    CONSTRAINT fk_hall_subsidy_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT fk_hall_subsidy_association FOREIGN KEY (municipality_code, association_id)
        REFERENCES kyodo.association,
    CONSTRAINT ck_hall_subsidy_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_hall_subsidy_kind_known CHECK (kind IN ('rent', 'works')),
    CONSTRAINT ck_hall_subsidy_work_known CHECK (work IN ('new', 'extension', 'repair')),
    CONSTRAINT ck_hall_subsidy_work_of_works CHECK (work IS NULL OR kind = 'works'),
    CONSTRAINT ck_hall_subsidy_fiscal_year_range CHECK (fiscal_year BETWEEN 1950 AND 2200),
    CONSTRAINT ck_hall_subsidy_amount_range CHECK (amount_yen >= 0),
    CONSTRAINT ck_hall_subsidy_id_form CHECK (subsidy_id ~ '^[0-9A-Za-z_-]{1,40}$')
);

GRANT SELECT, INSERT, UPDATE, DELETE ON kyodo.hall_subsidy TO kyodo_staff, kyodo_loader;

CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.hall_subsidy
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();

COMMENT ON TABLE kyodo.hall_subsidy IS
    'Subsidies for neighbourhood halls by year; staff only, because a hall may be somebody''s house';
COMMENT ON COLUMN kyodo.hall_subsidy.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.hall_subsidy.subsidy_id IS 'Permanent id';
COMMENT ON COLUMN kyodo.hall_subsidy.fiscal_year IS 'Fiscal year';
COMMENT ON COLUMN kyodo.hall_subsidy.kind IS
    'rent (空き家等利用自治公民館賃借料補助) / works (自治公民館整備事業補助): a later plan may number them anew';
COMMENT ON COLUMN kyodo.hall_subsidy.work IS 'With works: new / extension / repair';
COMMENT ON COLUMN kyodo.hall_subsidy.association_id IS 'Association that received it';
COMMENT ON COLUMN kyodo.hall_subsidy.hall_id IS 'Hall of the kind halls, where it is one of them';
COMMENT ON COLUMN kyodo.hall_subsidy.amount_yen IS 'Subsidy, yen';
COMMENT ON COLUMN kyodo.hall_subsidy.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.hall_subsidy.source IS 'Where the value was taken from';
