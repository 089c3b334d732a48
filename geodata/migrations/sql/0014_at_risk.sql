CREATE TABLE kyodo.at_risk_rule (
    municipality_code text NOT NULL,
    version integer NOT NULL,
    households_below integer NOT NULL,
    fall_points numeric(4, 1) NOT NULL,
    fall_years integer NOT NULL,
    aged_percent integer NOT NULL,
    people_fall_percent integer NOT NULL,
    people_fall_years integer NOT NULL,
    signs_needed integer NOT NULL,
    note text,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    CONSTRAINT pk_at_risk_rule PRIMARY KEY (municipality_code, version),
    CONSTRAINT fk_at_risk_rule_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT ck_at_risk_rule_version_range CHECK (version > 0),
    CONSTRAINT ck_at_risk_rule_fall_points_finite CHECK (fall_points > '-Infinity' AND fall_points < 'Infinity'),
    CONSTRAINT ck_at_risk_rule_thresholds_range CHECK (households_below BETWEEN 1 AND 1000
        AND fall_points BETWEEN 0 AND 100 AND fall_years BETWEEN 1 AND 20 AND aged_percent BETWEEN 1 AND 100
        AND people_fall_percent BETWEEN 1 AND 100 AND people_fall_years BETWEEN 1 AND 20
        AND signs_needed BETWEEN 1 AND 4),
    CONSTRAINT ck_at_risk_rule_note_length CHECK (char_length(note) <= 200)
);

-- A version is entered once; a change is another version.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON kyodo.at_risk_rule
    FOR EACH ROW EXECUTE FUNCTION kyodo.refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON kyodo.at_risk_rule
    FOR EACH STATEMENT EXECUTE FUNCTION kyodo.refuse_change();
CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.at_risk_rule
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();
GRANT SELECT, INSERT ON kyodo.at_risk_rule TO kyodo_staff;

COMMENT ON TABLE kyodo.at_risk_rule IS 'Thresholds for associations at risk, every version that ever held';
COMMENT ON COLUMN kyodo.at_risk_rule.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.at_risk_rule.version IS '1, 2 …; the highest holds';
COMMENT ON COLUMN kyodo.at_risk_rule.households_below IS 'Sign of few households: fewer than this';
COMMENT ON COLUMN kyodo.at_risk_rule.fall_points IS 'Sign of a falling rate: by at least so many percentage points';
COMMENT ON COLUMN kyodo.at_risk_rule.fall_years IS 'Years over which the rate is compared';
COMMENT ON COLUMN kyodo.at_risk_rule.aged_percent IS 'Sign of ageing: at least this percentage of 65 years and more';
COMMENT ON COLUMN kyodo.at_risk_rule.people_fall_percent IS 'Sign of a depopulated area: at least this percentage of people lost';
COMMENT ON COLUMN kyodo.at_risk_rule.people_fall_years IS 'Years over which people are compared';
COMMENT ON COLUMN kyodo.at_risk_rule.signs_needed IS 'How many of the four signs make a risk';
COMMENT ON COLUMN kyodo.at_risk_rule.note IS 'Why it was changed';
COMMENT ON COLUMN kyodo.at_risk_rule.created_at IS 'When entered';
COMMENT ON COLUMN kyodo.at_risk_rule.created_by IS 'Who entered it (login)';
