ALTER TABLE kyodo.district_request DROP CONSTRAINT fk_district_request_officer;
ALTER TABLE kyodo.district_request DROP COLUMN officer_record_no;
-- The former key has room for one record of an officer: the latest stays.
DELETE FROM kyodo.officer o USING kyodo.officer later
    WHERE later.municipality_code = o.municipality_code AND later.officer_id = o.officer_id
    AND later.record_no > o.record_no;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
ALTER TABLE kyodo.officer
    DROP CONSTRAINT ex_officer_one_contact, DROP CONSTRAINT ex_officer_validity, DROP CONSTRAINT pk_officer;
ALTER TABLE kyodo.officer DROP COLUMN record_no;
COMMENT ON COLUMN kyodo.officer.officer_id IS 'Permanent id';
ALTER TABLE kyodo.officer
    ADD CONSTRAINT pk_officer PRIMARY KEY (municipality_code, officer_id),
    ADD CONSTRAINT ex_officer_validity EXCLUDE USING gist (
        municipality_code WITH =, officer_id WITH =, district_no WITH =,
        daterange(valid_from, valid_to, '[)') WITH &&);
ALTER TABLE kyodo.district_request ADD CONSTRAINT fk_district_request_officer
    FOREIGN KEY (municipality_code, officer_id) REFERENCES kyodo.officer (municipality_code, officer_id);
