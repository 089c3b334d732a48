-- Cases of grants (取組9–12): applications, steps, budgets. Nothing of them is for the public; what of them is shows as
-- rows of project, hall_subsidy and area_figure, which have their own triggers.

CREATE TABLE kyodo.grant_case (
    municipality_code text NOT NULL,
    case_no integer NOT NULL,
    scheme text NOT NULL,
    fiscal_year integer NOT NULL,
    district_no integer,
    association_id text,
    applicant text NOT NULL,
    title text,
    theme text,
    work text,
    hall_id text,
    confirmed_on date,
    retrofitted boolean,
    starts_on date,
    ends_on date,
    counts_as_project boolean NOT NULL DEFAULT true,
    papers text,
    contact_name text,
    contact_phone text,
    erased_at timestamptz,
    linked_id text,
    made_id text,
    before jsonb,
    state text NOT NULL,
    requested_yen bigint,
    decided_yen bigint,
    settled_yen bigint,
    paid_yen bigint DEFAULT 0 NOT NULL,
    due_on date,
    entered_by text NOT NULL,
    entered_at timestamptz NOT NULL DEFAULT now(),
    quality text DEFAULT 'real' NOT NULL,
    source text,
    CONSTRAINT pk_grant_case PRIMARY KEY (municipality_code, case_no),
    CONSTRAINT ck_grant_case_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_grant_case_scheme_known CHECK (scheme IN ('projects', 'community', 'hall-rent', 'hall-works')),
    CONSTRAINT ck_grant_case_work_known CHECK (work IN ('new', 'extension', 'repair')),
    CONSTRAINT ck_grant_case_state_known CHECK (state IN ('consultation', 'applied', 'granted', 'refused', 'withdrawn', 'reported', 'settled', 'paid', 'paid-back')),
    CONSTRAINT ck_grant_case_fiscal_year_range CHECK (fiscal_year BETWEEN 1950 AND 2200),
    CONSTRAINT ck_grant_case_one_applicant CHECK ((scheme IN ('projects', 'community')) = (district_no IS NOT NULL) AND (district_no IS NULL) = (association_id IS NOT NULL)),
    CONSTRAINT ck_grant_case_work_of_works CHECK ((work IS NOT NULL) = (scheme = 'hall-works')),
    CONSTRAINT ck_grant_case_rows_of_schemes CHECK (scheme <> 'community' OR (linked_id IS NULL AND made_id IS NULL)),
    CONSTRAINT ck_grant_case_one_row CHECK (linked_id IS NULL OR made_id IS NULL),
    CONSTRAINT ck_grant_case_before_of_linked CHECK (before IS NULL OR linked_id IS NOT NULL),
    CONSTRAINT ck_grant_case_period_order CHECK (starts_on <= ends_on),
    CONSTRAINT ck_grant_case_amounts_range CHECK (requested_yen >= 0 AND decided_yen >= 0 AND settled_yen >= 0 AND paid_yen >= 0),
    CONSTRAINT ck_grant_case_settled_within_decided CHECK (settled_yen <= decided_yen),
    CONSTRAINT ck_grant_case_erased_is_empty CHECK (erased_at IS NULL OR (contact_name IS NULL AND contact_phone IS NULL)),
    CONSTRAINT fk_grant_case_district FOREIGN KEY (municipality_code, district_no) REFERENCES kyodo.district (municipality_code, district_no),
    CONSTRAINT fk_grant_case_association FOREIGN KEY (municipality_code, association_id) REFERENCES kyodo.association (municipality_code, association_id),
    CONSTRAINT fk_grant_case_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
CREATE INDEX ix_grant_case_year ON kyodo.grant_case (municipality_code, fiscal_year, scheme);
CREATE UNIQUE INDEX uq_grant_case_row ON kyodo.grant_case (municipality_code, coalesce(linked_id, made_id)) WHERE coalesce(linked_id, made_id) IS NOT NULL;

CREATE TABLE kyodo.grant_step (
    municipality_code text NOT NULL,
    case_no integer NOT NULL,
    step_no integer NOT NULL,
    deed text NOT NULL,
    day date NOT NULL,
    yen bigint,
    figures jsonb DEFAULT '{}' NOT NULL,
    participants integer,
    due_on date,
    words text,
    paper_no text,
    unknown_past boolean NOT NULL DEFAULT false,
    rule jsonb,
    calculation jsonb,
    conditions jsonb,
    doubts jsonb,
    answered text,
    entered_by text NOT NULL,
    entered_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_grant_step PRIMARY KEY (municipality_code, case_no, step_no),
    CONSTRAINT ck_grant_step_deed_known CHECK (deed IN ('consult', 'apply', 'grant', 'refuse', 'withdraw', 'change', 'report', 'settle', 'pay', 'pay-back', 'undo')),
    CONSTRAINT ck_grant_step_number_range CHECK (step_no > 0),
    CONSTRAINT ck_grant_step_amounts_range CHECK (yen >= 0 AND participants >= 0),
    CONSTRAINT ck_grant_step_due_order CHECK (due_on >= day),
    CONSTRAINT ck_grant_step_doubts_are_answered CHECK (doubts IS NULL OR answered IS NOT NULL),
    CONSTRAINT fk_grant_step_case FOREIGN KEY (municipality_code, case_no) REFERENCES kyodo.grant_case (municipality_code, case_no),
    CONSTRAINT fk_grant_step_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality (municipality_code)
);

CREATE TABLE kyodo.grant_budget (
    municipality_code text NOT NULL,
    scheme text NOT NULL,
    fiscal_year integer NOT NULL,
    frame_yen bigint NOT NULL,
    note text,
    entered_by text NOT NULL,
    entered_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_grant_budget PRIMARY KEY (municipality_code, scheme, fiscal_year),
    CONSTRAINT ck_grant_budget_scheme_known CHECK (scheme IN ('projects', 'community', 'hall-rent', 'hall-works')),
    CONSTRAINT ck_grant_budget_fiscal_year_range CHECK (fiscal_year BETWEEN 1950 AND 2200),
    CONSTRAINT ck_grant_budget_frame_range CHECK (frame_yen >= 0),
    CONSTRAINT fk_grant_budget_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality (municipality_code)
);

COMMENT ON TABLE kyodo.grant_case IS 'Applications for grants by district or association; staff only';
COMMENT ON COLUMN kyodo.grant_case.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.grant_case.case_no IS 'Running number';
COMMENT ON COLUMN kyodo.grant_case.scheme IS 'projects (取組9) / community (10) / hall-rent (11) / hall-works (12)';
COMMENT ON COLUMN kyodo.grant_case.fiscal_year IS 'Fiscal year it is paid from';
COMMENT ON COLUMN kyodo.grant_case.district_no IS 'District that applies: of projects and community';
COMMENT ON COLUMN kyodo.grant_case.association_id IS 'Association that applies: of hall-rent and hall-works';
COMMENT ON COLUMN kyodo.grant_case.applicant IS 'Name of the organisation that applies; never a person''s';
COMMENT ON COLUMN kyodo.grant_case.title IS 'Title of the project';
COMMENT ON COLUMN kyodo.grant_case.theme IS 'Theme of the project';
COMMENT ON COLUMN kyodo.grant_case.work IS 'With hall-works: new / extension / repair';
COMMENT ON COLUMN kyodo.grant_case.hall_id IS 'Hall of the kind halls, where it is one of them';
COMMENT ON COLUMN kyodo.grant_case.confirmed_on IS 'Day of the building confirmation (建築確認)';
COMMENT ON COLUMN kyodo.grant_case.retrofitted IS 'Made earthquake-proof since; NULL: unknown';
COMMENT ON COLUMN kyodo.grant_case.starts_on IS 'First day of the project, the works or the lease';
COMMENT ON COLUMN kyodo.grant_case.ends_on IS 'Last day of it';
COMMENT ON COLUMN kyodo.grant_case.counts_as_project IS 'Counts for the indicator 地域づくり事業の件数';
COMMENT ON COLUMN kyodo.grant_case.papers IS 'Titles of the papers received, one a line';
COMMENT ON COLUMN kyodo.grant_case.contact_name IS 'Person in charge of the applicant; erased after its time';
COMMENT ON COLUMN kyodo.grant_case.contact_phone IS 'Telephone of that person; erased after its time';
COMMENT ON COLUMN kyodo.grant_case.erased_at IS 'When the person was erased';
COMMENT ON COLUMN kyodo.grant_case.linked_id IS 'Row of project or hall_subsidy, entered by hand, that the case stands for';
COMMENT ON COLUMN kyodo.grant_case.made_id IS 'Row of project or hall_subsidy that the case made';
COMMENT ON COLUMN kyodo.grant_case.before IS 'What the linked row said before the case changed it';
COMMENT ON COLUMN kyodo.grant_case.state IS 'What the steps come to (kyodo_geo.grants.cases.State)';
COMMENT ON COLUMN kyodo.grant_case.requested_yen IS 'Amount asked for, yen, as the steps say';
COMMENT ON COLUMN kyodo.grant_case.decided_yen IS 'Amount decided, yen, as the steps say';
COMMENT ON COLUMN kyodo.grant_case.settled_yen IS 'Amount settled, yen, as the steps say';
COMMENT ON COLUMN kyodo.grant_case.paid_yen IS 'Paid less paid back, yen';
COMMENT ON COLUMN kyodo.grant_case.due_on IS 'Until when the next step is due';
COMMENT ON COLUMN kyodo.grant_case.entered_by IS 'Login of who entered the case';
COMMENT ON COLUMN kyodo.grant_case.entered_at IS 'When';
COMMENT ON COLUMN kyodo.grant_case.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.grant_case.source IS 'Where the value was taken from';
COMMENT ON TABLE kyodo.grant_step IS 'Steps of a case; only ever added, one entered by mistake is taken back by another';
COMMENT ON COLUMN kyodo.grant_step.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.grant_step.case_no IS 'Case';
COMMENT ON COLUMN kyodo.grant_step.step_no IS '1, 2 … within the case';
COMMENT ON COLUMN kyodo.grant_step.deed IS 'What was done (kyodo_geo.grants.cases.Deed)';
COMMENT ON COLUMN kyodo.grant_step.day IS 'Day it was done';
COMMENT ON COLUMN kyodo.grant_step.yen IS 'Amount asked for, decided, settled, paid or paid back';
COMMENT ON COLUMN kyodo.grant_step.figures IS 'Figures that the applicant gives: key → number';
COMMENT ON COLUMN kyodo.grant_step.participants IS 'With a report: people who took part';
COMMENT ON COLUMN kyodo.grant_step.due_on IS 'Until when the next step is due';
COMMENT ON COLUMN kyodo.grant_step.words IS 'Reason, remarks; no personal data';
COMMENT ON COLUMN kyodo.grant_step.paper_no IS 'Number of the city''s paper';
COMMENT ON COLUMN kyodo.grant_step.unknown_past IS 'Entered from an old list';
COMMENT ON COLUMN kyodo.grant_step.rule IS 'Rule and version it was calculated by';
COMMENT ON COLUMN kyodo.grant_step.calculation IS 'The calculation as it was then: total, steps, reasons, figures';
COMMENT ON COLUMN kyodo.grant_step.conditions IS 'Conditions of the rule as they were judged then';
COMMENT ON COLUMN kyodo.grant_step.doubts IS 'What spoke against it';
COMMENT ON COLUMN kyodo.grant_step.answered IS 'Why it was done all the same';
COMMENT ON COLUMN kyodo.grant_step.entered_by IS 'Login of who entered it';
COMMENT ON COLUMN kyodo.grant_step.entered_at IS 'When';
COMMENT ON TABLE kyodo.grant_budget IS 'Budget of each grant by fiscal year';
COMMENT ON COLUMN kyodo.grant_budget.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.grant_budget.scheme IS 'projects / community / hall-rent / hall-works';
COMMENT ON COLUMN kyodo.grant_budget.fiscal_year IS 'Fiscal year';
COMMENT ON COLUMN kyodo.grant_budget.frame_yen IS 'What may be granted in the year, yen';
COMMENT ON COLUMN kyodo.grant_budget.note IS 'Remarks, e.g. a supplementary budget';
COMMENT ON COLUMN kyodo.grant_budget.entered_by IS 'Login of who entered it last';
COMMENT ON COLUMN kyodo.grant_budget.entered_at IS 'When';

GRANT SELECT, INSERT, UPDATE ON kyodo.grant_case, kyodo.grant_budget TO kyodo_staff;
-- A step is never changed: not by staff, not by the service.
GRANT SELECT, INSERT ON kyodo.grant_step TO kyodo_staff;
