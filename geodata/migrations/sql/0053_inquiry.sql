-- The yearly inquiry about the plan's progress, meetings of the two bodies, final evaluation, and the successor of a plan.

-- A plan is entered as a draft that only staff see, and put into force once. What is in force the staff change no more.
ALTER TABLE kyodo.plan ADD COLUMN state text NOT NULL DEFAULT 'in_force',
    ADD CONSTRAINT ck_plan_state_known CHECK (state IN ('draft', 'in_force'));
COMMENT ON COLUMN kyodo.plan.state IS 'draft (staff only) / in_force';

CREATE TABLE kyodo.department (
    municipality_code TEXT NOT NULL,
    department_id TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    phone TEXT,
    quality TEXT DEFAULT 'real' NOT NULL,
    source TEXT,
    CONSTRAINT pk_department PRIMARY KEY (municipality_code, department_id),
    CONSTRAINT ck_department_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_department_name_length CHECK (char_length(name) BETWEEN 1 AND 80),
    CONSTRAINT fk_department_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.department IS 'Departments of the city that answer for initiatives and indicators';
COMMENT ON COLUMN kyodo.department.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.department.department_id IS 'Permanent id';
COMMENT ON COLUMN kyodo.department.name IS 'Name of the department (課)';
COMMENT ON COLUMN kyodo.department.email IS 'Mail address of the office, for inquiries';
COMMENT ON COLUMN kyodo.department.phone IS 'Phone of the office';
COMMENT ON COLUMN kyodo.department.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.department.source IS 'Where the value was taken from';

CREATE TABLE kyodo.responsibility (
    municipality_code TEXT NOT NULL,
    responsibility_id TEXT NOT NULL,
    item TEXT NOT NULL,
    plan_id TEXT GENERATED ALWAYS AS (split_part(item, '/'::text, 1)) STORED,
    initiative_no INTEGER GENERATED ALWAYS AS (CASE WHEN (split_part(item, '/'::text, 2) = 'initiative'::text) THEN (split_part(item, '/'::text, 3))::integer ELSE NULL::integer END) STORED,
    indicator_id TEXT GENERATED ALWAYS AS (CASE WHEN (split_part(item, '/'::text, 2) = 'indicator'::text) THEN split_part(item, '/'::text, 3) ELSE NULL::text END) STORED,
    department_id TEXT NOT NULL,
    role TEXT NOT NULL,
    first_year INTEGER,
    last_year INTEGER,
    quality TEXT DEFAULT 'real' NOT NULL,
    source TEXT,
    CONSTRAINT pk_responsibility PRIMARY KEY (municipality_code, responsibility_id),
    CONSTRAINT ck_responsibility_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_responsibility_role_known CHECK (role IN ('lead', 'with')),
    CONSTRAINT ck_responsibility_item_form CHECK (item ~ '^[0-9a-z-]{1,20}/(initiative/[1-9][0-9]{0,2}|indicator/[0-9A-Za-z_-]{1,40})$'),
    CONSTRAINT ck_responsibility_years_order CHECK (first_year <= last_year),
    CONSTRAINT fk_responsibility_department FOREIGN KEY(municipality_code, department_id) REFERENCES kyodo.department (municipality_code, department_id),
    CONSTRAINT fk_responsibility_initiative FOREIGN KEY(municipality_code, plan_id, initiative_no) REFERENCES kyodo.initiative (municipality_code, plan_id, initiative_no),
    CONSTRAINT fk_responsibility_indicator FOREIGN KEY(municipality_code, plan_id, indicator_id) REFERENCES kyodo.indicator (municipality_code, plan_id, indicator_id),
    CONSTRAINT ex_responsibility_lead EXCLUDE USING gist (municipality_code WITH =, item WITH =, int4range(first_year, last_year, '[]') WITH &&) WHERE (role = 'lead'),
    CONSTRAINT fk_responsibility_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.responsibility IS 'Which department answers for which initiative or indicator in which years';
COMMENT ON COLUMN kyodo.responsibility.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.responsibility.responsibility_id IS 'Permanent id';
COMMENT ON COLUMN kyodo.responsibility.item IS 'Initiative or indicator, as r3-r7/initiative/9';
COMMENT ON COLUMN kyodo.responsibility.plan_id IS 'Plan of item, computed';
COMMENT ON COLUMN kyodo.responsibility.initiative_no IS 'Its initiative, computed; NULL: item is an indicator';
COMMENT ON COLUMN kyodo.responsibility.indicator_id IS 'Its indicator, computed; NULL: item is an initiative';
COMMENT ON COLUMN kyodo.responsibility.department_id IS 'Department';
COMMENT ON COLUMN kyodo.responsibility.role IS 'lead (answers the inquiry) / with (works on it, too)';
COMMENT ON COLUMN kyodo.responsibility.first_year IS 'First fiscal year; NULL: since the plan began';
COMMENT ON COLUMN kyodo.responsibility.last_year IS 'Last fiscal year; NULL: still';
COMMENT ON COLUMN kyodo.responsibility.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.responsibility.source IS 'Where the value was taken from';

CREATE TABLE kyodo.inquiry (
    municipality_code TEXT NOT NULL,
    inquiry_id TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    fiscal_year INTEGER NOT NULL,
    title TEXT NOT NULL,
    due_on DATE NOT NULL,
    lead TEXT,
    questions JSONB DEFAULT '[]' NOT NULL,
    state TEXT DEFAULT 'open' NOT NULL,
    form_secret TEXT NOT NULL,
    started_by TEXT NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_inquiry PRIMARY KEY (municipality_code, inquiry_id),
    CONSTRAINT ck_inquiry_state_known CHECK (state IN ('open', 'closed')),
    CONSTRAINT ck_inquiry_questions_form CHECK (jsonb_typeof(questions) = 'array' AND jsonb_array_length(questions) <= 5),
    CONSTRAINT fk_inquiry_plan FOREIGN KEY(municipality_code, plan_id) REFERENCES kyodo.plan (municipality_code, plan_id),
    CONSTRAINT fk_inquiry_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.inquiry IS 'Rounds of the inquiry about a fiscal year''s progress';
COMMENT ON COLUMN kyodo.inquiry.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.inquiry.inquiry_id IS 'Random id';
COMMENT ON COLUMN kyodo.inquiry.plan_id IS 'Plan';
COMMENT ON COLUMN kyodo.inquiry.fiscal_year IS 'Fiscal year asked about';
COMMENT ON COLUMN kyodo.inquiry.title IS 'Title as the departments read it';
COMMENT ON COLUMN kyodo.inquiry.due_on IS 'Answers are wanted by';
COMMENT ON COLUMN kyodo.inquiry.lead IS 'Words above the questions';
COMMENT ON COLUMN kyodo.inquiry.questions IS 'Further questions to every department: texts';
COMMENT ON COLUMN kyodo.inquiry.state IS 'open / closed';
COMMENT ON COLUMN kyodo.inquiry.form_secret IS 'What seals the round''s sheets, so that a changed or foreign one is told';
COMMENT ON COLUMN kyodo.inquiry.started_by IS 'Login of who started it';
COMMENT ON COLUMN kyodo.inquiry.started_at IS 'When';

CREATE TABLE kyodo.inquiry_sheet (
    municipality_code TEXT NOT NULL,
    inquiry_id TEXT NOT NULL,
    department_id TEXT NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE,
    reminded_at TIMESTAMP WITH TIME ZONE,
    reminders INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_inquiry_sheet PRIMARY KEY (municipality_code, inquiry_id, department_id),
    CONSTRAINT ck_inquiry_sheet_reminders_range CHECK (reminders >= 0),
    CONSTRAINT fk_inquiry_sheet_inquiry FOREIGN KEY(municipality_code, inquiry_id) REFERENCES kyodo.inquiry (municipality_code, inquiry_id) ON DELETE CASCADE,
    CONSTRAINT fk_inquiry_sheet_department FOREIGN KEY(municipality_code, department_id) REFERENCES kyodo.department (municipality_code, department_id),
    CONSTRAINT fk_inquiry_sheet_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.inquiry_sheet IS 'One department''s sheet of a round';
COMMENT ON COLUMN kyodo.inquiry_sheet.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.inquiry_sheet.inquiry_id IS 'Round';
COMMENT ON COLUMN kyodo.inquiry_sheet.department_id IS 'Department';
COMMENT ON COLUMN kyodo.inquiry_sheet.sent_at IS 'When it went out';
COMMENT ON COLUMN kyodo.inquiry_sheet.reminded_at IS 'When the department was last reminded';
COMMENT ON COLUMN kyodo.inquiry_sheet.reminders IS 'How often it was reminded';

CREATE TABLE kyodo.inquiry_item (
    municipality_code TEXT NOT NULL,
    inquiry_id TEXT NOT NULL,
    department_id TEXT NOT NULL,
    item_no INTEGER NOT NULL,
    item TEXT NOT NULL,
    prefilled JSONB NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_inquiry_item PRIMARY KEY (municipality_code, inquiry_id, department_id, item_no),
    CONSTRAINT ck_inquiry_item_numbers_range CHECK (item_no > 0 AND version >= 0),
    CONSTRAINT ck_inquiry_item_prefilled_form CHECK (jsonb_typeof(prefilled) = 'object'),
    CONSTRAINT fk_inquiry_item_sheet FOREIGN KEY(municipality_code, inquiry_id, department_id) REFERENCES kyodo.inquiry_sheet (municipality_code, inquiry_id, department_id) ON DELETE CASCADE,
    CONSTRAINT fk_inquiry_item_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
CREATE UNIQUE INDEX ix_inquiry_item_item ON kyodo.inquiry_item (municipality_code, inquiry_id, department_id, item);
COMMENT ON TABLE kyodo.inquiry_item IS 'What a sheet asks, with what was known when it was made';
COMMENT ON COLUMN kyodo.inquiry_item.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.inquiry_item.inquiry_id IS 'Round';
COMMENT ON COLUMN kyodo.inquiry_item.department_id IS 'Department';
COMMENT ON COLUMN kyodo.inquiry_item.item_no IS '1, 2 … on the sheet';
COMMENT ON COLUMN kyodo.inquiry_item.item IS 'r3-r7/initiative/9, r3-r7/indicator/letters or question/1';
COMMENT ON COLUMN kyodo.inquiry_item.prefilled IS 'What the sheet held when it went out: now, and last (the year before), as answers would have it';
COMMENT ON COLUMN kyodo.inquiry_item.version IS 'Version of the yearly row it was taken from; 0: there was none';

CREATE TABLE kyodo.inquiry_answer (
    municipality_code TEXT NOT NULL,
    inquiry_id TEXT NOT NULL,
    department_id TEXT NOT NULL,
    item_no INTEGER NOT NULL,
    answer_no INTEGER NOT NULL,
    content JSONB NOT NULL,
    came_as TEXT NOT NULL,
    file_name TEXT,
    received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    received_by TEXT NOT NULL,
    state TEXT DEFAULT 'open' NOT NULL,
    decided_by TEXT,
    decided_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_inquiry_answer PRIMARY KEY (municipality_code, inquiry_id, department_id, item_no, answer_no),
    CONSTRAINT ck_inquiry_answer_came_as_known CHECK (came_as IN ('workbook', 'web')),
    CONSTRAINT ck_inquiry_answer_state_known CHECK (state IN ('open', 'accepted', 'set_aside')),
    CONSTRAINT ck_inquiry_answer_content_form CHECK (jsonb_typeof(content) = 'object'),
    CONSTRAINT ck_inquiry_answer_decided_has_time CHECK ((state = 'open') = (decided_at IS NULL)),
    CONSTRAINT ck_inquiry_answer_number_range CHECK (answer_no > 0),
    CONSTRAINT fk_inquiry_answer_item FOREIGN KEY(municipality_code, inquiry_id, department_id, item_no) REFERENCES kyodo.inquiry_item (municipality_code, inquiry_id, department_id, item_no) ON DELETE CASCADE,
    CONSTRAINT fk_inquiry_answer_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.inquiry_answer IS 'Answers as they came, and what became of them';
COMMENT ON COLUMN kyodo.inquiry_answer.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.inquiry_answer.inquiry_id IS 'Round';
COMMENT ON COLUMN kyodo.inquiry_answer.department_id IS 'Department';
COMMENT ON COLUMN kyodo.inquiry_answer.item_no IS 'Item of the sheet';
COMMENT ON COLUMN kyodo.inquiry_answer.answer_no IS '1, 2 …: a later sheet never replaces an earlier one by itself';
COMMENT ON COLUMN kyodo.inquiry_answer.content IS 'The answer';
COMMENT ON COLUMN kyodo.inquiry_answer.came_as IS 'workbook / web';
COMMENT ON COLUMN kyodo.inquiry_answer.file_name IS 'Name of the file it came in';
COMMENT ON COLUMN kyodo.inquiry_answer.received_at IS 'When';
COMMENT ON COLUMN kyodo.inquiry_answer.received_by IS 'Login of who entered or uploaded it';
COMMENT ON COLUMN kyodo.inquiry_answer.state IS 'open / accepted / set_aside';
COMMENT ON COLUMN kyodo.inquiry_answer.decided_by IS 'Login of who accepted it or set it aside';
COMMENT ON COLUMN kyodo.inquiry_answer.decided_at IS 'When';

CREATE TABLE kyodo.initiative_review (
    municipality_code TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    initiative_no INTEGER NOT NULL,
    fiscal_year INTEGER NOT NULL,
    self_evaluation TEXT,
    difficulties TEXT,
    next_year TEXT,
    version INTEGER DEFAULT 1 NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_initiative_review PRIMARY KEY (municipality_code, plan_id, initiative_no, fiscal_year),
    CONSTRAINT ck_initiative_review_self_evaluation_known CHECK (self_evaluation IN ('ahead', 'as_planned', 'late', 'not_done')),
    CONSTRAINT ck_initiative_review_fiscal_year_range CHECK (fiscal_year BETWEEN 1950 AND 2200),
    CONSTRAINT fk_initiative_review_initiative FOREIGN KEY(municipality_code, plan_id, initiative_no) REFERENCES kyodo.initiative (municipality_code, plan_id, initiative_no),
    CONSTRAINT fk_initiative_review_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.initiative_review IS 'What the responsible department says of a year beside its record; on the papers of the two bodies';
COMMENT ON COLUMN kyodo.initiative_review.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.initiative_review.plan_id IS 'Plan';
COMMENT ON COLUMN kyodo.initiative_review.initiative_no IS 'Initiative';
COMMENT ON COLUMN kyodo.initiative_review.fiscal_year IS 'Fiscal year';
COMMENT ON COLUMN kyodo.initiative_review.self_evaluation IS 'ahead / as_planned / late / not_done: how the department sees it itself';
COMMENT ON COLUMN kyodo.initiative_review.difficulties IS 'What was difficult';
COMMENT ON COLUMN kyodo.initiative_review.next_year IS 'What is planned for the next year';
COMMENT ON COLUMN kyodo.initiative_review.version IS 'Counted up by every change';
COMMENT ON COLUMN kyodo.initiative_review.changed_by IS 'Login of who changed it last';
COMMENT ON COLUMN kyodo.initiative_review.changed_at IS 'When';

CREATE TABLE kyodo.body_meeting (
    municipality_code TEXT NOT NULL,
    meeting_id TEXT NOT NULL,
    body TEXT NOT NULL,
    held_on DATE NOT NULL,
    place TEXT,
    agenda TEXT NOT NULL,
    attendance INTEGER,
    minutes TEXT,
    questions TEXT,
    published BOOLEAN DEFAULT false NOT NULL,
    quality TEXT DEFAULT 'real' NOT NULL,
    source TEXT,
    CONSTRAINT pk_body_meeting PRIMARY KEY (municipality_code, meeting_id),
    CONSTRAINT ck_body_meeting_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_body_meeting_body_known CHECK (body IN ('liaison', 'advisers')),
    CONSTRAINT ck_body_meeting_attendance_range CHECK (attendance >= 0),
    CONSTRAINT fk_body_meeting_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.body_meeting IS 'Meetings of the two bodies that manage the plan''s progress';
COMMENT ON COLUMN kyodo.body_meeting.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.body_meeting.meeting_id IS 'Permanent id';
COMMENT ON COLUMN kyodo.body_meeting.body IS 'liaison (連絡会議) / advisers (アドバイザー会議)';
COMMENT ON COLUMN kyodo.body_meeting.held_on IS 'Day';
COMMENT ON COLUMN kyodo.body_meeting.place IS 'Place';
COMMENT ON COLUMN kyodo.body_meeting.agenda IS 'Agenda, a line each';
COMMENT ON COLUMN kyodo.body_meeting.attendance IS 'How many attended';
COMMENT ON COLUMN kyodo.body_meeting.minutes IS 'Minutes in words, without names of people';
COMMENT ON COLUMN kyodo.body_meeting.questions IS 'Questions left open, a line each';
COMMENT ON COLUMN kyodo.body_meeting.published IS 'Shown to everybody';
COMMENT ON COLUMN kyodo.body_meeting.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.body_meeting.source IS 'Where the value was taken from';

CREATE TABLE kyodo.body_action (
    municipality_code TEXT NOT NULL,
    action_id TEXT NOT NULL,
    meeting_id TEXT NOT NULL,
    what TEXT NOT NULL,
    who TEXT NOT NULL,
    due_on DATE,
    state TEXT DEFAULT 'open' NOT NULL,
    settled_on DATE,
    outcome TEXT,
    quality TEXT DEFAULT 'real' NOT NULL,
    source TEXT,
    CONSTRAINT pk_body_action PRIMARY KEY (municipality_code, action_id),
    CONSTRAINT ck_body_action_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_body_action_state_known CHECK (state IN ('open', 'doing', 'done', 'dropped')),
    CONSTRAINT ck_body_action_settled_has_day CHECK ((state IN ('done', 'dropped')) = (settled_on IS NOT NULL)),
    CONSTRAINT fk_body_action_meeting FOREIGN KEY(municipality_code, meeting_id) REFERENCES kyodo.body_meeting (municipality_code, meeting_id),
    CONSTRAINT fk_body_action_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.body_action IS 'What a meeting decided to do; carried to the next meeting until it is settled';
COMMENT ON COLUMN kyodo.body_action.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.body_action.action_id IS 'Permanent id';
COMMENT ON COLUMN kyodo.body_action.meeting_id IS 'Meeting it comes from';
COMMENT ON COLUMN kyodo.body_action.what IS 'What is to be done';
COMMENT ON COLUMN kyodo.body_action.who IS 'Department or office that does it';
COMMENT ON COLUMN kyodo.body_action.due_on IS 'By when';
COMMENT ON COLUMN kyodo.body_action.state IS 'open / doing / done / dropped';
COMMENT ON COLUMN kyodo.body_action.settled_on IS 'Day it was done or dropped';
COMMENT ON COLUMN kyodo.body_action.outcome IS 'What came of it';
COMMENT ON COLUMN kyodo.body_action.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.body_action.source IS 'Where the value was taken from';

CREATE TABLE kyodo.evaluation_grade (
    municipality_code TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    grade TEXT NOT NULL,
    words TEXT NOT NULL,
    sort_order INTEGER NOT NULL,
    CONSTRAINT pk_evaluation_grade PRIMARY KEY (municipality_code, plan_id, grade),
    CONSTRAINT ck_evaluation_grade_grade_form CHECK (grade ~ '^[0-9A-Z]{1,3}$'),
    CONSTRAINT fk_evaluation_grade_plan FOREIGN KEY(municipality_code, plan_id) REFERENCES kyodo.plan (municipality_code, plan_id),
    CONSTRAINT fk_evaluation_grade_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.evaluation_grade IS 'Scale of a plan''s final evaluation';
COMMENT ON COLUMN kyodo.evaluation_grade.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.evaluation_grade.plan_id IS 'Plan';
COMMENT ON COLUMN kyodo.evaluation_grade.grade IS 'A, B …';
COMMENT ON COLUMN kyodo.evaluation_grade.words IS 'What it means';
COMMENT ON COLUMN kyodo.evaluation_grade.sort_order IS '1: the best';

CREATE TABLE kyodo.plan_evaluation (
    municipality_code TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    state TEXT DEFAULT 'draft' NOT NULL,
    summary TEXT,
    decided_on DATE,
    decided_by TEXT,
    version INTEGER DEFAULT 1 NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_plan_evaluation PRIMARY KEY (municipality_code, plan_id),
    CONSTRAINT ck_plan_evaluation_state_known CHECK (state IN ('draft', 'decided', 'published')),
    CONSTRAINT ck_plan_evaluation_decided_has_day CHECK ((state = 'draft') = (decided_on IS NULL)),
    CONSTRAINT fk_plan_evaluation_plan FOREIGN KEY(municipality_code, plan_id) REFERENCES kyodo.plan (municipality_code, plan_id),
    CONSTRAINT fk_plan_evaluation_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.plan_evaluation IS 'Final evaluation of a plan';
COMMENT ON COLUMN kyodo.plan_evaluation.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.plan_evaluation.plan_id IS 'Plan';
COMMENT ON COLUMN kyodo.plan_evaluation.state IS 'draft / decided / published';
COMMENT ON COLUMN kyodo.plan_evaluation.summary IS 'The whole in words';
COMMENT ON COLUMN kyodo.plan_evaluation.decided_on IS 'Day it was decided';
COMMENT ON COLUMN kyodo.plan_evaluation.decided_by IS 'Body or office that decided';
COMMENT ON COLUMN kyodo.plan_evaluation.version IS 'Counted up by every change';
COMMENT ON COLUMN kyodo.plan_evaluation.changed_by IS 'Login of who changed it last';
COMMENT ON COLUMN kyodo.plan_evaluation.changed_at IS 'When';

CREATE TABLE kyodo.initiative_evaluation (
    municipality_code TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    initiative_no INTEGER NOT NULL,
    grade TEXT NOT NULL,
    reason TEXT NOT NULL,
    carry_over TEXT NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_initiative_evaluation PRIMARY KEY (municipality_code, plan_id, initiative_no),
    CONSTRAINT ck_initiative_evaluation_carry_over_known CHECK (carry_over IN ('continue', 'improve', 'merge', 'end')),
    CONSTRAINT fk_initiative_evaluation_initiative FOREIGN KEY(municipality_code, plan_id, initiative_no) REFERENCES kyodo.initiative (municipality_code, plan_id, initiative_no),
    CONSTRAINT fk_initiative_evaluation_grade FOREIGN KEY(municipality_code, plan_id, grade) REFERENCES kyodo.evaluation_grade (municipality_code, plan_id, grade),
    CONSTRAINT fk_initiative_evaluation_plan FOREIGN KEY(municipality_code, plan_id) REFERENCES kyodo.plan_evaluation (municipality_code, plan_id),
    CONSTRAINT fk_initiative_evaluation_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.initiative_evaluation IS 'Final evaluation of each initiative';
COMMENT ON COLUMN kyodo.initiative_evaluation.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.initiative_evaluation.plan_id IS 'Plan';
COMMENT ON COLUMN kyodo.initiative_evaluation.initiative_no IS 'Initiative';
COMMENT ON COLUMN kyodo.initiative_evaluation.grade IS 'Grade of the plan''s scale';
COMMENT ON COLUMN kyodo.initiative_evaluation.reason IS 'Why';
COMMENT ON COLUMN kyodo.initiative_evaluation.carry_over IS 'continue / improve / merge / end';
COMMENT ON COLUMN kyodo.initiative_evaluation.version IS 'Counted up by every change';
COMMENT ON COLUMN kyodo.initiative_evaluation.changed_by IS 'Login of who changed it last';
COMMENT ON COLUMN kyodo.initiative_evaluation.changed_at IS 'When';

CREATE TABLE kyodo.indicator_evaluation (
    municipality_code TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    indicator_id TEXT NOT NULL,
    remark TEXT NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_indicator_evaluation PRIMARY KEY (municipality_code, plan_id, indicator_id),
    CONSTRAINT fk_indicator_evaluation_indicator FOREIGN KEY(municipality_code, plan_id, indicator_id) REFERENCES kyodo.indicator (municipality_code, plan_id, indicator_id),
    CONSTRAINT fk_indicator_evaluation_plan FOREIGN KEY(municipality_code, plan_id) REFERENCES kyodo.plan_evaluation (municipality_code, plan_id),
    CONSTRAINT fk_indicator_evaluation_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.indicator_evaluation IS 'Remarks of the final evaluation on each indicator';
COMMENT ON COLUMN kyodo.indicator_evaluation.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.indicator_evaluation.plan_id IS 'Plan';
COMMENT ON COLUMN kyodo.indicator_evaluation.indicator_id IS 'Indicator';
COMMENT ON COLUMN kyodo.indicator_evaluation.remark IS 'What the course of the values tells';
COMMENT ON COLUMN kyodo.indicator_evaluation.version IS 'Counted up by every change';
COMMENT ON COLUMN kyodo.indicator_evaluation.changed_by IS 'Login of who changed it last';
COMMENT ON COLUMN kyodo.indicator_evaluation.changed_at IS 'When';

CREATE TABLE kyodo.plan_mapping (
    municipality_code TEXT NOT NULL,
    mapping_id TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    old_item TEXT,
    old_plan_id TEXT GENERATED ALWAYS AS (split_part(old_item, '/'::text, 1)) STORED,
    old_initiative_no INTEGER GENERATED ALWAYS AS (CASE WHEN (split_part(old_item, '/'::text, 2) = 'initiative'::text) THEN (split_part(old_item, '/'::text, 3))::integer ELSE NULL::integer END) STORED,
    old_indicator_id TEXT GENERATED ALWAYS AS (CASE WHEN (split_part(old_item, '/'::text, 2) = 'indicator'::text) THEN split_part(old_item, '/'::text, 3) ELSE NULL::text END) STORED,
    new_item TEXT,
    new_plan_id TEXT GENERATED ALWAYS AS (split_part(new_item, '/'::text, 1)) STORED,
    new_initiative_no INTEGER GENERATED ALWAYS AS (CASE WHEN (split_part(new_item, '/'::text, 2) = 'initiative'::text) THEN (split_part(new_item, '/'::text, 3))::integer ELSE NULL::integer END) STORED,
    new_indicator_id TEXT GENERATED ALWAYS AS (CASE WHEN (split_part(new_item, '/'::text, 2) = 'indicator'::text) THEN split_part(new_item, '/'::text, 3) ELSE NULL::text END) STORED,
    relation TEXT NOT NULL,
    same_measure BOOLEAN DEFAULT false NOT NULL,
    note TEXT,
    CONSTRAINT pk_plan_mapping PRIMARY KEY (municipality_code, mapping_id),
    CONSTRAINT ck_plan_mapping_relation_known CHECK (relation IN ('continue', 'improve', 'merge', 'split', 'new', 'end')),
    CONSTRAINT ck_plan_mapping_old_item_form CHECK (old_item ~ '^[0-9a-z-]{1,20}/(initiative/[1-9][0-9]{0,2}|indicator/[0-9A-Za-z_-]{1,40})$'),
    CONSTRAINT ck_plan_mapping_new_item_form CHECK (new_item ~ '^[0-9a-z-]{1,20}/(initiative/[1-9][0-9]{0,2}|indicator/[0-9A-Za-z_-]{1,40})$'),
    CONSTRAINT ck_plan_mapping_new_has_no_old CHECK ((old_item IS NULL) = (relation = 'new')),
    CONSTRAINT ck_plan_mapping_end_has_no_new CHECK ((new_item IS NULL) = (relation = 'end')),
    CONSTRAINT ck_plan_mapping_of_the_later_plan CHECK (new_plan_id = plan_id),
    CONSTRAINT fk_plan_mapping_plan FOREIGN KEY(municipality_code, plan_id) REFERENCES kyodo.plan (municipality_code, plan_id),
    CONSTRAINT fk_plan_mapping_old_initiative FOREIGN KEY(municipality_code, old_plan_id, old_initiative_no) REFERENCES kyodo.initiative (municipality_code, plan_id, initiative_no),
    CONSTRAINT fk_plan_mapping_old_indicator FOREIGN KEY(municipality_code, old_plan_id, old_indicator_id) REFERENCES kyodo.indicator (municipality_code, plan_id, indicator_id),
    CONSTRAINT fk_plan_mapping_new_initiative FOREIGN KEY(municipality_code, new_plan_id, new_initiative_no) REFERENCES kyodo.initiative (municipality_code, plan_id, initiative_no),
    CONSTRAINT fk_plan_mapping_new_indicator FOREIGN KEY(municipality_code, new_plan_id, new_indicator_id) REFERENCES kyodo.indicator (municipality_code, plan_id, indicator_id),
    CONSTRAINT fk_plan_mapping_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.plan_mapping IS 'What became of each initiative and indicator in the next plan; many to many';
COMMENT ON COLUMN kyodo.plan_mapping.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.plan_mapping.mapping_id IS 'Permanent id';
COMMENT ON COLUMN kyodo.plan_mapping.plan_id IS 'The later plan';
COMMENT ON COLUMN kyodo.plan_mapping.old_item IS 'Initiative or indicator of the earlier plan; NULL: the later one is new';
COMMENT ON COLUMN kyodo.plan_mapping.old_plan_id IS 'Plan of old_item, computed';
COMMENT ON COLUMN kyodo.plan_mapping.old_initiative_no IS 'Its initiative, computed; NULL: old_item is an indicator';
COMMENT ON COLUMN kyodo.plan_mapping.old_indicator_id IS 'Its indicator, computed; NULL: old_item is an initiative';
COMMENT ON COLUMN kyodo.plan_mapping.new_item IS 'Initiative or indicator of the later plan; NULL: the earlier one ends';
COMMENT ON COLUMN kyodo.plan_mapping.new_plan_id IS 'Plan of new_item, computed';
COMMENT ON COLUMN kyodo.plan_mapping.new_initiative_no IS 'Its initiative, computed; NULL: new_item is an indicator';
COMMENT ON COLUMN kyodo.plan_mapping.new_indicator_id IS 'Its indicator, computed; NULL: new_item is an initiative';
COMMENT ON COLUMN kyodo.plan_mapping.relation IS 'continue / improve / merge / split / new / end';
COMMENT ON COLUMN kyodo.plan_mapping.same_measure IS 'Indicators: measured as before, so that their values are one series';
COMMENT ON COLUMN kyodo.plan_mapping.note IS 'Remarks, shown with it';

-- What staff keep for themselves.
GRANT SELECT, INSERT, UPDATE, DELETE ON kyodo.department, kyodo.responsibility, kyodo.body_meeting, kyodo.body_action,
    kyodo.evaluation_grade, kyodo.plan_mapping TO kyodo_staff, kyodo_loader;
GRANT SELECT, INSERT, UPDATE ON kyodo.inquiry, kyodo.inquiry_sheet, kyodo.inquiry_item, kyodo.inquiry_answer,
    kyodo.initiative_review, kyodo.plan_evaluation, kyodo.initiative_evaluation, kyodo.indicator_evaluation
    TO kyodo_staff, kyodo_loader;
GRANT SELECT ON kyodo.body_meeting, kyodo.evaluation_grade, kyodo.plan_evaluation, kyodo.initiative_evaluation,
    kyodo.indicator_evaluation, kyodo.plan_mapping TO kyodo_public;

-- Everybody sees a plan once it is in force, an evaluation once it is published, a meeting where staff say so.
ALTER TABLE kyodo.plan ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_force ON kyodo.plan FOR SELECT TO kyodo_public USING (state = 'in_force');
CREATE POLICY all_rows ON kyodo.plan FOR SELECT TO kyodo_staff USING (true);
CREATE POLICY drafts_in ON kyodo.plan FOR INSERT TO kyodo_staff WITH CHECK (state = 'draft');
CREATE POLICY drafts_on ON kyodo.plan FOR UPDATE TO kyodo_staff USING (state = 'draft') WITH CHECK (true);
CREATE POLICY drafts_out ON kyodo.plan FOR DELETE TO kyodo_staff USING (state = 'draft');
CREATE POLICY loads ON kyodo.plan TO kyodo_loader USING (true) WITH CHECK (true);
DO $$
DECLARE
    part text;
    drawn CONSTANT text := 'EXISTS (SELECT FROM kyodo.plan p WHERE p.municipality_code = %1$I.municipality_code '
        'AND p.plan_id = %1$I.plan_id AND p.state = ''draft'')';
BEGIN
    FOREACH part IN ARRAY ARRAY['plan_policy', 'initiative', 'indicator'] LOOP
        EXECUTE format('ALTER TABLE kyodo.%I ENABLE ROW LEVEL SECURITY', part);
        -- The plan's own policy hides its drafts from this question.
        EXECUTE format('CREATE POLICY in_force ON kyodo.%1$I FOR SELECT TO kyodo_public USING (EXISTS (SELECT FROM kyodo.plan p '
            'WHERE p.municipality_code = %1$I.municipality_code AND p.plan_id = %1$I.plan_id))', part);
        EXECUTE format('CREATE POLICY all_rows ON kyodo.%I FOR SELECT TO kyodo_staff USING (true)', part);
        EXECUTE format('CREATE POLICY drafts_in ON kyodo.%1$I FOR INSERT TO kyodo_staff WITH CHECK (' || drawn || ')', part);
        EXECUTE format('CREATE POLICY drafts_on ON kyodo.%1$I FOR UPDATE TO kyodo_staff USING (' || drawn || ') WITH CHECK ('
            || drawn || ')', part);
        EXECUTE format('CREATE POLICY drafts_out ON kyodo.%1$I FOR DELETE TO kyodo_staff USING (' || drawn || ')', part);
        EXECUTE format('CREATE POLICY loads ON kyodo.%I TO kyodo_loader USING (true) WITH CHECK (true)', part);
    END LOOP;
    FOREACH part IN ARRAY ARRAY['evaluation_grade', 'initiative_evaluation', 'indicator_evaluation'] LOOP
        EXECUTE format('ALTER TABLE kyodo.%I ENABLE ROW LEVEL SECURITY', part);
        EXECUTE format('CREATE POLICY published ON kyodo.%1$I FOR SELECT TO kyodo_public USING (EXISTS (SELECT FROM '
            'kyodo.plan_evaluation e WHERE e.municipality_code = %1$I.municipality_code AND e.plan_id = %1$I.plan_id))', part);
        EXECUTE format('CREATE POLICY all_rows ON kyodo.%I TO kyodo_staff, kyodo_loader USING (true) WITH CHECK (true)', part);
    END LOOP;
END $$;
ALTER TABLE kyodo.plan_evaluation ENABLE ROW LEVEL SECURITY;
CREATE POLICY published ON kyodo.plan_evaluation FOR SELECT TO kyodo_public USING (state = 'published');
CREATE POLICY all_rows ON kyodo.plan_evaluation TO kyodo_staff, kyodo_loader USING (true) WITH CHECK (true);
ALTER TABLE kyodo.body_meeting ENABLE ROW LEVEL SECURITY;
CREATE POLICY published ON kyodo.body_meeting FOR SELECT TO kyodo_public USING (published);
CREATE POLICY all_rows ON kyodo.body_meeting TO kyodo_staff, kyodo_loader USING (true) WITH CHECK (true);
ALTER TABLE kyodo.plan_mapping ENABLE ROW LEVEL SECURITY;
CREATE POLICY in_force ON kyodo.plan_mapping FOR SELECT TO kyodo_public USING (EXISTS (SELECT FROM kyodo.plan p
    WHERE p.municipality_code = plan_mapping.municipality_code AND p.plan_id = plan_mapping.plan_id));
CREATE POLICY all_rows ON kyodo.plan_mapping TO kyodo_staff, kyodo_loader USING (true) WITH CHECK (true);

-- What everybody may see turns the pages that are kept.
DO $$
DECLARE
    part text;
BEGIN
    FOREACH part IN ARRAY ARRAY['body_meeting', 'evaluation_grade', 'plan_evaluation', 'initiative_evaluation',
        'indicator_evaluation', 'plan_mapping'] LOOP
        EXECUTE format('CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.%I '
            'DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision()', part);
    END LOOP;
END $$;
