-- Rule tables of grants by fiscal year, and what was calculated with them. Staff only: amounts tell members of associations.
CREATE TABLE kyodo.grant_rule (
    municipality_code text NOT NULL,
    scheme text NOT NULL,
    fiscal_year integer NOT NULL,
    version integer NOT NULL,
    state text DEFAULT 'draft' NOT NULL,
    rules jsonb NOT NULL,
    reason text,
    created_at timestamptz DEFAULT now() NOT NULL,
    created_by text NOT NULL,
    in_force_at timestamptz,
    in_force_by text,
    quality text DEFAULT 'real' NOT NULL,
    source text,
    CONSTRAINT pk_grant_rule PRIMARY KEY (municipality_code, scheme, fiscal_year, version),
    CONSTRAINT ck_grant_rule_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_grant_rule_scheme_known CHECK (scheme IN ('incentive', 'projects', 'community', 'hall-rent', 'hall-works')),
    CONSTRAINT ck_grant_rule_state_known CHECK (state IN ('draft', 'in-force', 'replaced')),
    CONSTRAINT ck_grant_rule_numbers_range CHECK (fiscal_year BETWEEN 1950 AND 2200 AND version > 0),
    CONSTRAINT ck_grant_rule_reason_length CHECK (char_length(reason) <= 200),
    CONSTRAINT ck_grant_rule_in_force_has_day CHECK ((state = 'draft') = (in_force_at IS NULL)),
    CONSTRAINT ck_grant_rule_rules_form CHECK (jsonb_typeof(rules -> 'parts') = 'array'),
    CONSTRAINT fk_grant_rule_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
CREATE UNIQUE INDEX ix_grant_rule_draft ON kyodo.grant_rule (municipality_code, scheme, fiscal_year) WHERE state = 'draft';
CREATE UNIQUE INDEX ix_grant_rule_in_force ON kyodo.grant_rule (municipality_code, scheme, fiscal_year) WHERE state = 'in-force';
COMMENT ON TABLE kyodo.grant_rule IS 'Rule tables of grants: one draft and one in force at most of a scheme and year; what was in force stays as it was';
COMMENT ON COLUMN kyodo.grant_rule.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.grant_rule.scheme IS 'incentive (取組7) / projects (9) / community (10) / hall-rent (11) / hall-works (12)';
COMMENT ON COLUMN kyodo.grant_rule.fiscal_year IS 'Fiscal year it is for';
COMMENT ON COLUMN kyodo.grant_rule.version IS '1, 2 … of the scheme and year';
COMMENT ON COLUMN kyodo.grant_rule.state IS 'draft / in-force / replaced';
COMMENT ON COLUMN kyodo.grant_rule.rules IS 'Rule table: rows with formulas and bands, the whole, conditions (kyodo_geo.grants.keeping)';
COMMENT ON COLUMN kyodo.grant_rule.reason IS 'Why this version replaced the one before';
COMMENT ON COLUMN kyodo.grant_rule.created_at IS 'When entered';
COMMENT ON COLUMN kyodo.grant_rule.created_by IS 'Login of who entered it';
COMMENT ON COLUMN kyodo.grant_rule.in_force_at IS 'When put into force';
COMMENT ON COLUMN kyodo.grant_rule.in_force_by IS 'Login of who put it into force';
COMMENT ON COLUMN kyodo.grant_rule.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.grant_rule.source IS 'Where the value was taken from';

CREATE TABLE kyodo.grant_run (
    municipality_code text NOT NULL,
    run_no integer NOT NULL,
    scheme text NOT NULL,
    fiscal_year integer NOT NULL,
    rule_version integer NOT NULL,
    state text DEFAULT 'calculated' NOT NULL,
    corrects integer,
    reason text,
    basis jsonb DEFAULT '{}' NOT NULL,
    calculated_at timestamptz DEFAULT now() NOT NULL,
    calculated_by text NOT NULL,
    decided_on date,
    decided_by text,
    paid_on date,
    paid_by text,
    quality text DEFAULT 'real' NOT NULL,
    source text,
    CONSTRAINT pk_grant_run PRIMARY KEY (municipality_code, run_no),
    CONSTRAINT ck_grant_run_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_grant_run_scheme_known CHECK (scheme IN ('incentive', 'projects', 'community', 'hall-rent', 'hall-works')),
    CONSTRAINT ck_grant_run_state_known CHECK (state IN ('calculated', 'decided', 'paid')),
    CONSTRAINT ck_grant_run_numbers_range CHECK (run_no > 0 AND corrects < run_no),
    CONSTRAINT ck_grant_run_reason_length CHECK (char_length(reason) <= 200),
    CONSTRAINT ck_grant_run_corrected_with_reason CHECK ((corrects IS NULL) = (reason IS NULL)),
    CONSTRAINT ck_grant_run_decided_has_day CHECK ((state = 'calculated') = (decided_on IS NULL)),
    CONSTRAINT ck_grant_run_paid_has_day CHECK ((state = 'paid') = (paid_on IS NOT NULL)),
    CONSTRAINT ck_grant_run_paid_after_decision CHECK (paid_on >= decided_on),
    CONSTRAINT fk_grant_run_rule FOREIGN KEY(municipality_code, scheme, fiscal_year, rule_version) REFERENCES kyodo.grant_rule (municipality_code, scheme, fiscal_year, version),
    CONSTRAINT fk_grant_run_corrects FOREIGN KEY(municipality_code, corrects) REFERENCES kyodo.grant_run (municipality_code, run_no),
    CONSTRAINT fk_grant_run_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
CREATE UNIQUE INDEX ix_grant_run_corrects ON kyodo.grant_run (municipality_code, corrects) WHERE state <> 'calculated' AND corrects IS NOT NULL;
CREATE UNIQUE INDEX ix_grant_run_first ON kyodo.grant_run (municipality_code, scheme, fiscal_year) WHERE state <> 'calculated' AND corrects IS NULL;
COMMENT ON TABLE kyodo.grant_run IS 'Calculations of a grant for all associations of a year; what was decided stays as it was';
COMMENT ON COLUMN kyodo.grant_run.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.grant_run.run_no IS '1, 2 …';
COMMENT ON COLUMN kyodo.grant_run.scheme IS 'Scheme: incentive';
COMMENT ON COLUMN kyodo.grant_run.fiscal_year IS 'Fiscal year it is paid for';
COMMENT ON COLUMN kyodo.grant_run.rule_version IS 'Version of grant_rule it was calculated with';
COMMENT ON COLUMN kyodo.grant_run.state IS 'calculated / decided / paid';
COMMENT ON COLUMN kyodo.grant_run.corrects IS 'Run whose amounts it puts right; the difference is paid';
COMMENT ON COLUMN kyodo.grant_run.reason IS 'Why it puts another right';
COMMENT ON COLUMN kyodo.grant_run.basis IS 'What its figures rest on: generation, fiscal year of membership, returns';
COMMENT ON COLUMN kyodo.grant_run.calculated_at IS 'When calculated';
COMMENT ON COLUMN kyodo.grant_run.calculated_by IS 'Login of who calculated it';
COMMENT ON COLUMN kyodo.grant_run.decided_on IS 'Day of the decision';
COMMENT ON COLUMN kyodo.grant_run.decided_by IS 'Login of who entered the decision';
COMMENT ON COLUMN kyodo.grant_run.paid_on IS 'Day of payment';
COMMENT ON COLUMN kyodo.grant_run.paid_by IS 'Login of who entered the payment';
COMMENT ON COLUMN kyodo.grant_run.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.grant_run.source IS 'Where the value was taken from';

CREATE TABLE kyodo.grant_run_row (
    municipality_code text NOT NULL,
    run_no integer NOT NULL,
    association_id text NOT NULL,
    name text NOT NULL,
    district_no integer,
    figures jsonb DEFAULT '{}' NOT NULL,
    amount_yen bigint,
    steps jsonb DEFAULT '[]' NOT NULL,
    reasons jsonb DEFAULT '[]' NOT NULL,
    CONSTRAINT pk_grant_run_row PRIMARY KEY (municipality_code, run_no, association_id),
    CONSTRAINT ck_grant_run_row_amount_range CHECK (amount_yen >= 0),
    CONSTRAINT ck_grant_run_row_amount_or_reason CHECK ((amount_yen IS NULL) = (reasons <> '[]'::jsonb)),
    CONSTRAINT fk_grant_run_row_run FOREIGN KEY(municipality_code, run_no) REFERENCES kyodo.grant_run (municipality_code, run_no) ON DELETE CASCADE,
    CONSTRAINT fk_grant_run_row_association FOREIGN KEY(municipality_code, association_id) REFERENCES kyodo.association (municipality_code, association_id),
    CONSTRAINT fk_grant_run_row_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.grant_run_row IS 'What was calculated for one association, with its figures and steps as they were then';
COMMENT ON COLUMN kyodo.grant_run_row.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.grant_run_row.run_no IS 'Run';
COMMENT ON COLUMN kyodo.grant_run_row.association_id IS 'Association';
COMMENT ON COLUMN kyodo.grant_run_row.name IS 'Its name when calculated';
COMMENT ON COLUMN kyodo.grant_run_row.district_no IS 'Its district when calculated; NULL: none';
COMMENT ON COLUMN kyodo.grant_run_row.figures IS 'Figure → value, source, as_of';
COMMENT ON COLUMN kyodo.grant_run_row.amount_yen IS 'Amount, yen; NULL: cannot be calculated';
COMMENT ON COLUMN kyodo.grant_run_row.steps IS 'Steps of the calculation: name, words, amount';
COMMENT ON COLUMN kyodo.grant_run_row.reasons IS 'Why nothing could be calculated';

GRANT SELECT, INSERT, UPDATE, DELETE ON kyodo.grant_rule TO kyodo_staff;
GRANT SELECT, INSERT, UPDATE, DELETE ON kyodo.grant_run TO kyodo_staff;
GRANT SELECT, INSERT ON kyodo.grant_run_row TO kyodo_staff;
GRANT SELECT, INSERT ON kyodo.grant_rule TO kyodo_loader;

-- What was once in force is what was calculated with: only drafts change or go.
CREATE FUNCTION kyodo.guard_grant_rule() RETURNS trigger
LANGUAGE plpgsql SET search_path = kyodo, pg_temp AS $$
BEGIN
    IF OLD.state <> 'draft' AND (TG_OP = 'DELETE' OR OLD.state <> 'in-force' OR NEW.state <> 'replaced'
        OR to_jsonb(NEW) - 'state' IS DISTINCT FROM to_jsonb(OLD) - 'state') THEN
        RAISE EXCEPTION 'version % of the rules of % for % has been in force', OLD.version, OLD.scheme, OLD.fiscal_year
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER guard_grant_rule BEFORE UPDATE OR DELETE ON kyodo.grant_rule
    FOR EACH ROW EXECUTE FUNCTION kyodo.guard_grant_rule();

-- A run goes from calculated to decided to paid, and is otherwise as it was calculated.
CREATE FUNCTION kyodo.guard_grant_run() RETURNS trigger
LANGUAGE plpgsql SET search_path = kyodo, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state <> 'calculated' THEN
            RAISE EXCEPTION 'run % has been decided', OLD.run_no USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN OLD;
    END IF;
    IF (OLD.state, NEW.state) NOT IN (('calculated', 'decided'), ('decided', 'paid'))
        OR to_jsonb(NEW) - '{state,decided_on,decided_by,paid_on,paid_by}'::text[]
            IS DISTINCT FROM to_jsonb(OLD) - '{state,decided_on,decided_by,paid_on,paid_by}'::text[]
        OR (NEW.state = 'paid' AND (NEW.decided_on, NEW.decided_by) IS DISTINCT FROM (OLD.decided_on, OLD.decided_by)) THEN
        RAISE EXCEPTION 'run % cannot be changed like this', OLD.run_no USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_grant_run BEFORE UPDATE OR DELETE ON kyodo.grant_run
    FOR EACH ROW EXECUTE FUNCTION kyodo.guard_grant_run();

-- Rows come with their run, in its transaction, and go with it.
CREATE FUNCTION kyodo.guard_grant_run_row() RETURNS trigger
LANGUAGE plpgsql SET search_path = kyodo, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (SELECT FROM grant_run r WHERE r.municipality_code = NEW.municipality_code AND r.run_no = NEW.run_no
            AND r.state = 'calculated' AND r.calculated_at = now()) THEN
            RAISE EXCEPTION 'run % is complete', NEW.run_no USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' OR EXISTS (SELECT FROM grant_run r WHERE r.municipality_code = OLD.municipality_code
        AND r.run_no = OLD.run_no) THEN
        RAISE EXCEPTION 'rows of run % stay as they were calculated', OLD.run_no USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER guard_grant_run_row BEFORE INSERT OR UPDATE OR DELETE ON kyodo.grant_run_row
    FOR EACH ROW EXECUTE FUNCTION kyodo.guard_grant_run_row();
REVOKE ALL ON FUNCTION kyodo.guard_grant_rule, kyodo.guard_grant_run, kyodo.guard_grant_run_row FROM PUBLIC;

-- The incentive of a district with one association tells its member households.
DROP POLICY not_by_association ON kyodo.area_figure;
CREATE POLICY not_by_association ON kyodo.area_figure FOR SELECT TO kyodo_public
    USING (area_kind <> 'association' AND NOT (area_kind = 'district'
        AND (starts_with(measure, 'participants_') OR starts_with(measure, 'grant_'))));
