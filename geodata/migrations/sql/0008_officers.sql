-- The key was the officer alone, so that no officer could have a second record and the exclusion could never apply.
ALTER TABLE kyodo.district_request DROP CONSTRAINT fk_district_request_officer;
ALTER TABLE kyodo.officer ADD COLUMN record_no integer NOT NULL DEFAULT 1;
ALTER TABLE kyodo.officer ALTER COLUMN record_no DROP DEFAULT;
COMMENT ON COLUMN kyodo.officer.officer_id IS 'Permanent id of the member of staff';
COMMENT ON COLUMN kyodo.officer.record_no IS '1, 2 … when the district, the task or the department changed';
ALTER TABLE kyodo.officer
    DROP CONSTRAINT pk_officer,
    DROP CONSTRAINT ex_officer_validity,
    ADD CONSTRAINT pk_officer PRIMARY KEY (municipality_code, officer_id, record_no),
    ADD CONSTRAINT ex_officer_validity EXCLUDE USING gist (
        municipality_code WITH =, district_no WITH =, officer_id WITH =,
        daterange(valid_from, valid_to, '[)') WITH &&),
    ADD CONSTRAINT ex_officer_one_contact EXCLUDE USING gist (
        municipality_code WITH =, district_no WITH =, daterange(valid_from, valid_to, '[)') WITH &&)
        WHERE (kind = 'contact');
GRANT SELECT (record_no) ON kyodo.officer TO kyodo_public;

ALTER TABLE kyodo.district_request ADD COLUMN officer_record_no integer;
COMMENT ON COLUMN kyodo.district_request.officer_record_no IS 'That officer''s record at the time';
UPDATE kyodo.district_request SET officer_record_no = 1 WHERE officer_id IS NOT NULL;
-- The deferred revision trigger of that update must have fired before the table may be altered again.
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
ALTER TABLE kyodo.district_request
    ADD CONSTRAINT ck_district_request_officer_pair
        CHECK ((officer_id IS NULL) = (officer_record_no IS NULL)),
    ADD CONSTRAINT fk_district_request_officer FOREIGN KEY (municipality_code, officer_id, officer_record_no)
        REFERENCES kyodo.officer (municipality_code, officer_id, record_no);
