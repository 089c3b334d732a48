-- What the filters of a hall ask of a vacant house beside what the survey holds. NULL is unknown.
ALTER TABLE kyodo_vacant.vacant_house
    ADD COLUMN neglected boolean,
    ADD COLUMN certificate boolean,
    ADD COLUMN use_district text,
    ADD COLUMN office_answer text,
    ADD COLUMN capacity integer,
    ADD COLUMN price_yen bigint,
    ADD CONSTRAINT ck_vacant_house_office_answer_known CHECK (office_answer IN ('未確認', '特建扱い', '地区集会所扱い')),
    ADD CONSTRAINT ck_vacant_house_capacity_range CHECK (capacity BETWEEN 1 AND 10000),
    ADD CONSTRAINT ck_vacant_house_price_range CHECK (price_yen BETWEEN 0 AND 10000000000);

COMMENT ON COLUMN kyodo_vacant.vacant_house.neglected IS 'Named 管理不全空家等';
COMMENT ON COLUMN kyodo_vacant.vacant_house.certificate IS 'There is a 検査済証';
COMMENT ON COLUMN kyodo_vacant.vacant_house.use_district IS 'Use district (用途地域)';
COMMENT ON COLUMN kyodo_vacant.vacant_house.office_answer IS 'Answer of the building office: 未確認 / 特建扱い / 地区集会所扱い';
COMMENT ON COLUMN kyodo_vacant.vacant_house.capacity IS 'People it holds (収容人員)';
COMMENT ON COLUMN kyodo_vacant.vacant_house.price_yen IS 'What making it a hall costs, as quoted, yen';

CREATE TABLE kyodo.hall_terms (
    municipality_code text NOT NULL,
    version integer NOT NULL,
    rate numeric(4, 3),
    cap_yen_month integer,
    max_years integer,
    min_households integer,
    legal_form text,
    valid_from date,
    note text,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    quality text NOT NULL DEFAULT 'real',
    source text,
    CONSTRAINT pk_hall_terms PRIMARY KEY (municipality_code, version),
    CONSTRAINT fk_hall_terms_municipality FOREIGN KEY (municipality_code)
        REFERENCES kyodo.municipality (municipality_code),
    CONSTRAINT ck_hall_terms_legal_form_length CHECK (char_length(legal_form) <= 100),
    CONSTRAINT ck_hall_terms_note_length CHECK (char_length(note) <= 200),
    CONSTRAINT ck_hall_terms_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_hall_terms_rate_finite CHECK (rate > '-Infinity' AND rate < 'Infinity'),
    CONSTRAINT ck_hall_terms_terms_range CHECK (
        rate BETWEEN 0 AND 1 AND cap_yen_month BETWEEN 0 AND 10000000 AND max_years BETWEEN 1 AND 100
        AND min_households BETWEEN 1 AND 100000),
    CONSTRAINT ck_hall_terms_version_range CHECK (version > 0)
);

GRANT SELECT, INSERT ON kyodo.hall_terms TO kyodo_staff, kyodo_loader;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON kyodo.hall_terms
    FOR EACH ROW EXECUTE FUNCTION kyodo.refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON kyodo.hall_terms
    FOR EACH STATEMENT EXECUTE FUNCTION kyodo.refuse_change();

COMMENT ON TABLE kyodo.hall_terms IS 'Terms of the rent subsidy for vacant houses used as halls, every version; NULL is unknown';
COMMENT ON COLUMN kyodo.hall_terms.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.hall_terms.version IS '1, 2 …; the highest holds';
COMMENT ON COLUMN kyodo.hall_terms.rate IS 'Share of the rent that is paid, 0 to 1';
COMMENT ON COLUMN kyodo.hall_terms.cap_yen_month IS 'At most so much a month, yen';
COMMENT ON COLUMN kyodo.hall_terms.max_years IS 'For so many years at most';
COMMENT ON COLUMN kyodo.hall_terms.min_households IS 'To associations of at least so many households';
COMMENT ON COLUMN kyodo.hall_terms.legal_form IS 'What the association must be';
COMMENT ON COLUMN kyodo.hall_terms.valid_from IS 'Day from which the terms hold';
COMMENT ON COLUMN kyodo.hall_terms.note IS 'Why it was changed';
COMMENT ON COLUMN kyodo.hall_terms.created_at IS 'When entered';
COMMENT ON COLUMN kyodo.hall_terms.created_by IS 'Who entered it (login)';
COMMENT ON COLUMN kyodo.hall_terms.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.hall_terms.source IS 'Where the value was taken from';
