-- What staff enter year by year can be corrected and taken back, never removed: the history stays, and everybody
-- else no longer sees what was taken back.
ALTER TABLE kyodo.indicator_value
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD COLUMN withdrawn boolean NOT NULL DEFAULT false,
    ADD COLUMN changed_by text,
    ADD COLUMN changed_at timestamptz;
COMMENT ON COLUMN kyodo.indicator_value.version IS 'Counted up by every change';
COMMENT ON COLUMN kyodo.indicator_value.withdrawn IS 'Taken back: shown to staff alone';
COMMENT ON COLUMN kyodo.indicator_value.changed_by IS 'Login of who changed it last; NULL: came with a load';
COMMENT ON COLUMN kyodo.indicator_value.changed_at IS 'When';
ALTER TABLE kyodo.indicator_value ENABLE ROW LEVEL SECURITY;
CREATE POLICY not_withdrawn ON kyodo.indicator_value FOR SELECT TO kyodo_public USING (NOT withdrawn);
CREATE POLICY all_rows ON kyodo.indicator_value TO kyodo_staff, kyodo_loader USING (true) WITH CHECK (true);
REVOKE DELETE ON kyodo.indicator_value FROM kyodo_staff;

ALTER TABLE kyodo.initiative_year
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD COLUMN withdrawn boolean NOT NULL DEFAULT false,
    ADD COLUMN changed_by text,
    ADD COLUMN changed_at timestamptz;
COMMENT ON COLUMN kyodo.initiative_year.version IS 'Counted up by every change';
COMMENT ON COLUMN kyodo.initiative_year.withdrawn IS 'Taken back: shown to staff alone';
COMMENT ON COLUMN kyodo.initiative_year.changed_by IS 'Login of who changed it last; NULL: came with a load';
COMMENT ON COLUMN kyodo.initiative_year.changed_at IS 'When';
ALTER TABLE kyodo.initiative_year ENABLE ROW LEVEL SECURITY;
CREATE POLICY not_withdrawn ON kyodo.initiative_year FOR SELECT TO kyodo_public USING (NOT withdrawn);
CREATE POLICY all_rows ON kyodo.initiative_year TO kyodo_staff, kyodo_loader USING (true) WITH CHECK (true);
REVOKE DELETE ON kyodo.initiative_year FROM kyodo_staff;

-- The history of one record.
CREATE INDEX ix_audit_target ON kyodo.audit (municipality_code, target, entry_no);
