-- What a 施設カルテ lists besides, and files of records uploaded in the browser.
ALTER TABLE kyodo.facility_year
    ADD COLUMN fee_yen bigint,
    ADD CONSTRAINT ck_facility_year_fee_range CHECK (fee_yen >= 0);
ALTER TABLE kyodo.facility_stage
    ADD COLUMN evaluation text,
    ADD CONSTRAINT ck_facility_stage_evaluation_length CHECK (char_length(evaluation) BETWEEN 1 AND 500);

CREATE TABLE kyodo.facility_profile (
    municipality_code text NOT NULL,
    facility_id text NOT NULL,
    catchment text,
    land_m2 double precision,
    land_tenure text,
    land_leased_m2 double precision,
    quality text NOT NULL DEFAULT 'real',
    source text,
    CONSTRAINT pk_facility_profile PRIMARY KEY (municipality_code, facility_id),
    CONSTRAINT fk_facility_profile_municipality FOREIGN KEY (municipality_code)
        REFERENCES kyodo.municipality (municipality_code),
    CONSTRAINT fk_facility_profile_facility FOREIGN KEY (municipality_code, facility_id)
        REFERENCES kyodo.facility (municipality_code, facility_id),
    CONSTRAINT ck_facility_profile_catchment_known CHECK (catchment IN ('広域', '全市', '複数地区', '地区', '近隣')),
    CONSTRAINT ck_facility_profile_land_tenure_known CHECK (land_tenure IN ('owned', 'leased', 'partly-leased', 'shared')),
    CONSTRAINT ck_facility_profile_land_range CHECK (land_m2 > 0 AND land_leased_m2 >= 0 AND land_leased_m2 <= land_m2),
    CONSTRAINT ck_facility_profile_land_m2_finite CHECK (land_m2 > '-Infinity' AND land_m2 < 'Infinity'),
    CONSTRAINT ck_facility_profile_land_leased_m2_finite CHECK (
        land_leased_m2 > '-Infinity' AND land_leased_m2 < 'Infinity'),
    CONSTRAINT ck_facility_profile_quality_known CHECK (quality IN ('real', 'unofficial', 'sample'))
);
GRANT SELECT ON kyodo.facility_profile TO kyodo_public, kyodo_staff, kyodo_loader;
GRANT INSERT, UPDATE, DELETE ON kyodo.facility_profile TO kyodo_staff, kyodo_loader;
CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.facility_profile
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();

ALTER TABLE kyodo.dataset_upload
    ADD COLUMN target text NOT NULL DEFAULT 'dataset',
    ADD CONSTRAINT ck_dataset_upload_target_known CHECK (target IN ('dataset', 'records')),
    DROP CONSTRAINT ck_dataset_upload_done_has_datasets,
    ADD CONSTRAINT ck_dataset_upload_done_has_datasets CHECK (
        (state = 'done' AND target = 'dataset') = (cardinality(dataset_ids) > 0));

-- Records are stored with the rights of staff; their upload ends in the same transaction, and nothing else of uploads
-- is open to that role.
CREATE FUNCTION kyodo.end_record_upload(code text, upload text, attempt integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = kyodo, pg_temp AS $$
BEGIN
    UPDATE dataset_upload SET state = 'done', version = version + 1, finished_at = now()
    WHERE municipality_code = code AND upload_id = upload AND attempts = attempt AND state = 'running'
      AND target = 'records' AND task = 'keep';
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM dataset_upload_piece WHERE municipality_code = code AND upload_id = upload AND part = 'input';
    RETURN true;
END $$;
REVOKE ALL ON FUNCTION kyodo.end_record_upload(text, text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kyodo.end_record_upload(text, text, integer) TO kyodo_staff;

COMMENT ON COLUMN kyodo.facility_year.fee_yen IS 'Of the cost: fee paid to whoever runs it (指定管理料, 委託料), yen';
COMMENT ON COLUMN kyodo.facility_stage.evaluation IS 'What the evaluation found, in words';
COMMENT ON TABLE kyodo.facility_profile IS 'Whom a facility is for and the land it stands on';
COMMENT ON COLUMN kyodo.facility_profile.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.facility_profile.facility_id IS 'Facility';
COMMENT ON COLUMN kyodo.facility_profile.catchment IS 'Whom it is for (利用圏域): 広域 / 全市 / 複数地区 / 地区 / 近隣';
COMMENT ON COLUMN kyodo.facility_profile.land_m2 IS 'Land it stands on, square metres';
COMMENT ON COLUMN kyodo.facility_profile.land_tenure IS 'owned / leased / partly-leased / shared';
COMMENT ON COLUMN kyodo.facility_profile.land_leased_m2 IS 'Of the land: leased, square metres';
COMMENT ON COLUMN kyodo.facility_profile.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.facility_profile.source IS 'Where the value was taken from';
COMMENT ON COLUMN kyodo.dataset_upload.target IS 'dataset: becomes one; records: goes into dated tables';
COMMENT ON COLUMN kyodo.dataset_upload.kind IS 'Kind of dataset, or of records, the files are to be read as';
