-- The yearly return of the associations (年度更新): rounds, returns, reminders, codes, feeds, notes; copies of circulars.
CREATE TABLE kyodo.return_round (
    municipality_code TEXT NOT NULL,
    fiscal_year INTEGER NOT NULL,
    reference_day DATE NOT NULL,
    opens_on DATE NOT NULL,
    due_on DATE NOT NULL,
    state TEXT DEFAULT 'open' NOT NULL,
    thresholds JSONB NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    created_by TEXT NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE,
    quality TEXT DEFAULT 'real' NOT NULL,
    source TEXT,
    CONSTRAINT pk_return_round PRIMARY KEY (municipality_code, fiscal_year),
    CONSTRAINT ck_return_round_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_return_round_state_known CHECK (state IN ('open', 'closed')),
    CONSTRAINT ck_return_round_fiscal_year_range CHECK (fiscal_year BETWEEN 1950 AND 2200),
    CONSTRAINT ck_return_round_days_order CHECK (opens_on <= due_on),
    CONSTRAINT ck_return_round_thresholds_form CHECK (jsonb_typeof(thresholds) = 'object'),
    CONSTRAINT fk_return_round_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.return_round IS 'Rounds of the yearly return of the associations';
COMMENT ON COLUMN kyodo.return_round.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.return_round.fiscal_year IS 'Fiscal year asked about; one round per year';
COMMENT ON COLUMN kyodo.return_round.reference_day IS 'Day the figures are of';
COMMENT ON COLUMN kyodo.return_round.opens_on IS 'First day of answering';
COMMENT ON COLUMN kyodo.return_round.due_on IS 'Last day of answering';
COMMENT ON COLUMN kyodo.return_round.state IS 'open / closed';
COMMENT ON COLUMN kyodo.return_round.thresholds IS 'From where on a change is a doubt (kyodo_geo.returns.Thresholds)';
COMMENT ON COLUMN kyodo.return_round.version IS 'Counts the changes of the round';
COMMENT ON COLUMN kyodo.return_round.created_at IS 'When started';
COMMENT ON COLUMN kyodo.return_round.created_by IS 'Who started it (login)';
COMMENT ON COLUMN kyodo.return_round.closed_at IS 'When closed';
COMMENT ON COLUMN kyodo.return_round.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.return_round.source IS 'Where the value was taken from';

CREATE TABLE kyodo.association_return (
    municipality_code TEXT NOT NULL,
    fiscal_year INTEGER NOT NULL,
    association_id TEXT NOT NULL,
    name TEXT COLLATE "ja-x-icu" NOT NULL,
    district_no INTEGER,
    district_name TEXT COLLATE "ja-x-icu",
    last_fiscal_year INTEGER,
    prefilled JSONB NOT NULL,
    draft JSONB,
    draft_at TIMESTAMP WITH TIME ZONE,
    answers JSONB,
    state TEXT DEFAULT 'not-sent' NOT NULL,
    came_by TEXT,
    version INTEGER DEFAULT 1 NOT NULL,
    sent_on DATE,
    received_at TIMESTAMP WITH TIME ZONE,
    decided_at TIMESTAMP WITH TIME ZONE,
    decided_by TEXT,
    sent_back_words TEXT,
    feed_no INTEGER,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    changed_by TEXT NOT NULL,
    erased_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_association_return PRIMARY KEY (municipality_code, fiscal_year, association_id),
    CONSTRAINT ck_association_return_state_known CHECK (state IN ('not-sent', 'sent', 'received', 'checked', 'sent-back', 'approved', 'fed')),
    CONSTRAINT ck_association_return_came_by_known CHECK (came_by IN ('workbook', 'web', 'paper')),
    CONSTRAINT ck_association_return_answers_form CHECK (jsonb_typeof(prefilled) = 'object' AND jsonb_typeof(coalesce(draft, '{}')) = 'object' AND jsonb_typeof(coalesce(answers, '{}')) = 'object'),
    CONSTRAINT ck_association_return_answered_whole CHECK (state IN ('not-sent', 'sent') OR (answers IS NOT NULL AND came_by IS NOT NULL)),
    CONSTRAINT ck_association_return_sent_back_words_length CHECK (char_length(sent_back_words) <= 1000),
    CONSTRAINT fk_association_return_round FOREIGN KEY(municipality_code, fiscal_year) REFERENCES kyodo.return_round (municipality_code, fiscal_year) ON DELETE CASCADE,
    CONSTRAINT fk_association_return_association FOREIGN KEY(municipality_code, association_id) REFERENCES kyodo.association (municipality_code, association_id),
    CONSTRAINT fk_association_return_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
CREATE INDEX ix_association_return_association ON kyodo.association_return (municipality_code, association_id);
COMMENT ON TABLE kyodo.association_return IS 'One return per association and round, with personal data of officers; staff only';
COMMENT ON COLUMN kyodo.association_return.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.association_return.fiscal_year IS 'Fiscal year of the round';
COMMENT ON COLUMN kyodo.association_return.association_id IS 'Association';
COMMENT ON COLUMN kyodo.association_return.name IS 'Its name when the round began';
COMMENT ON COLUMN kyodo.association_return.district_no IS 'Its district when the round began';
COMMENT ON COLUMN kyodo.association_return.district_name IS 'Name of that district';
COMMENT ON COLUMN kyodo.association_return.last_fiscal_year IS 'Fiscal year of the figures it was prefilled with';
COMMENT ON COLUMN kyodo.association_return.prefilled IS 'What the city held: kyodo_geo.returns.Answers';
COMMENT ON COLUMN kyodo.association_return.draft IS 'Texts of a web form that was not sent yet, by field';
COMMENT ON COLUMN kyodo.association_return.draft_at IS 'When the draft was saved last';
COMMENT ON COLUMN kyodo.association_return.answers IS 'What the association answered: kyodo_geo.returns.Answers';
COMMENT ON COLUMN kyodo.association_return.state IS 'not-sent / sent / received / checked / sent-back / approved / fed';
COMMENT ON COLUMN kyodo.association_return.came_by IS 'workbook / web / paper (entered by staff)';
COMMENT ON COLUMN kyodo.association_return.version IS 'Counts every change: who decides says which one they saw';
COMMENT ON COLUMN kyodo.association_return.sent_on IS 'Day it was sent out';
COMMENT ON COLUMN kyodo.association_return.received_at IS 'When the answers came last';
COMMENT ON COLUMN kyodo.association_return.decided_at IS 'When approved or sent back last';
COMMENT ON COLUMN kyodo.association_return.decided_by IS 'By whom (login)';
COMMENT ON COLUMN kyodo.association_return.sent_back_words IS 'What the association is asked to look at again';
COMMENT ON COLUMN kyodo.association_return.feed_no IS 'Feed that took it in last';
COMMENT ON COLUMN kyodo.association_return.changed_at IS 'When changed last';
COMMENT ON COLUMN kyodo.association_return.changed_by IS 'Who changed it last (login, or association)';
COMMENT ON COLUMN kyodo.association_return.erased_at IS 'When its personal answers were erased';

CREATE TABLE kyodo.return_reminder (
    municipality_code TEXT NOT NULL,
    fiscal_year INTEGER NOT NULL,
    association_id TEXT NOT NULL,
    sent_on DATE NOT NULL,
    way TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    created_by TEXT NOT NULL,
    CONSTRAINT pk_return_reminder PRIMARY KEY (municipality_code, fiscal_year, association_id, sent_on),
    CONSTRAINT ck_return_reminder_way_known CHECK (way IN ('mail', 'letter', 'phone')),
    CONSTRAINT fk_return_reminder_return FOREIGN KEY(municipality_code, fiscal_year, association_id) REFERENCES kyodo.association_return (municipality_code, fiscal_year, association_id) ON DELETE CASCADE,
    CONSTRAINT fk_return_reminder_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.return_reminder IS 'Reminders sent to associations that had not answered';
COMMENT ON COLUMN kyodo.return_reminder.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.return_reminder.fiscal_year IS 'Fiscal year of the round';
COMMENT ON COLUMN kyodo.return_reminder.association_id IS 'Association';
COMMENT ON COLUMN kyodo.return_reminder.sent_on IS 'Day; one reminder a day at most';
COMMENT ON COLUMN kyodo.return_reminder.way IS 'mail / letter / phone';
COMMENT ON COLUMN kyodo.return_reminder.created_at IS 'When recorded';
COMMENT ON COLUMN kyodo.return_reminder.created_by IS 'Who reminded (login)';

CREATE TABLE kyodo.return_code (
    municipality_code TEXT NOT NULL,
    fiscal_year INTEGER NOT NULL,
    association_id TEXT NOT NULL,
    code_hash BYTEA NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    created_by TEXT NOT NULL,
    last_used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_return_code PRIMARY KEY (municipality_code, fiscal_year, association_id),
    CONSTRAINT ck_return_code_code_hash_length CHECK (octet_length(code_hash) = 32),
    CONSTRAINT uq_return_code_hash UNIQUE (municipality_code, code_hash),
    CONSTRAINT fk_return_code_return FOREIGN KEY(municipality_code, fiscal_year, association_id) REFERENCES kyodo.association_return (municipality_code, fiscal_year, association_id) ON DELETE CASCADE,
    CONSTRAINT fk_return_code_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.return_code IS 'Codes that open the web form of one return; a new one replaces the former';
COMMENT ON COLUMN kyodo.return_code.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.return_code.fiscal_year IS 'Fiscal year of the round';
COMMENT ON COLUMN kyodo.return_code.association_id IS 'Association';
COMMENT ON COLUMN kyodo.return_code.code_hash IS 'SHA-256 of the code (80 random bits); the code itself is not kept';
COMMENT ON COLUMN kyodo.return_code.expires_at IS 'When it ends';
COMMENT ON COLUMN kyodo.return_code.created_at IS 'When made';
COMMENT ON COLUMN kyodo.return_code.created_by IS 'Who made it (login)';
COMMENT ON COLUMN kyodo.return_code.last_used_at IS 'When it last opened the form';

CREATE TABLE kyodo.return_feed (
    municipality_code TEXT NOT NULL,
    fiscal_year INTEGER NOT NULL,
    feed_no INTEGER NOT NULL,
    generation_no INTEGER,
    dataset_id INTEGER,
    returns INTEGER NOT NULL,
    carried INTEGER NOT NULL,
    contacts INTEGER NOT NULL,
    note TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    created_by TEXT NOT NULL,
    CONSTRAINT pk_return_feed PRIMARY KEY (municipality_code, fiscal_year, feed_no),
    CONSTRAINT ck_return_feed_counts_range CHECK (returns >= 0 AND carried >= 0 AND contacts >= 0),
    CONSTRAINT fk_return_feed_round FOREIGN KEY(municipality_code, fiscal_year) REFERENCES kyodo.return_round (municipality_code, fiscal_year),
    CONSTRAINT fk_return_feed_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.return_feed IS 'What became of approved returns: the generation and dataset of each feed';
COMMENT ON COLUMN kyodo.return_feed.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.return_feed.fiscal_year IS 'Fiscal year of the round';
COMMENT ON COLUMN kyodo.return_feed.feed_no IS '1, 2 … in the round';
COMMENT ON COLUMN kyodo.return_feed.generation_no IS 'Generation that came of it; NULL where no figure changed';
COMMENT ON COLUMN kyodo.return_feed.dataset_id IS 'Dataset of membership that came of it';
COMMENT ON COLUMN kyodo.return_feed.returns IS 'Approved returns taken in';
COMMENT ON COLUMN kyodo.return_feed.carried IS 'Associations without an answer whose last figures were kept';
COMMENT ON COLUMN kyodo.return_feed.contacts IS 'Contacts that changed';
COMMENT ON COLUMN kyodo.return_feed.note IS 'Why';
COMMENT ON COLUMN kyodo.return_feed.created_at IS 'When';
COMMENT ON COLUMN kyodo.return_feed.created_by IS 'Who (login)';

CREATE TABLE kyodo.return_note (
    municipality_code TEXT NOT NULL,
    fiscal_year INTEGER NOT NULL,
    association_id TEXT NOT NULL,
    about TEXT NOT NULL,
    words TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    done_at TIMESTAMP WITH TIME ZONE,
    done_by TEXT,
    CONSTRAINT pk_return_note PRIMARY KEY (municipality_code, fiscal_year, association_id, about),
    CONSTRAINT ck_return_note_about_known CHECK (about IN ('hall', 'area', 'wish')),
    CONSTRAINT ck_return_note_done_pair CHECK ((done_at IS NULL) = (done_by IS NULL)),
    CONSTRAINT fk_return_note_return FOREIGN KEY(municipality_code, fiscal_year, association_id) REFERENCES kyodo.association_return (municipality_code, fiscal_year, association_id) ON DELETE CASCADE,
    CONSTRAINT fk_return_note_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.return_note IS 'Answers that change nothing by themselves: halls, areas and wishes for a planner to see to';
COMMENT ON COLUMN kyodo.return_note.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.return_note.fiscal_year IS 'Fiscal year of the round';
COMMENT ON COLUMN kyodo.return_note.association_id IS 'Association';
COMMENT ON COLUMN kyodo.return_note.about IS 'hall / area / wish';
COMMENT ON COLUMN kyodo.return_note.words IS 'What is to be looked at';
COMMENT ON COLUMN kyodo.return_note.created_at IS 'When noted';
COMMENT ON COLUMN kyodo.return_note.done_at IS 'When somebody had seen to it';
COMMENT ON COLUMN kyodo.return_note.done_by IS 'Who (login)';

CREATE TABLE kyodo.circulation (
    municipality_code TEXT NOT NULL,
    association_id TEXT NOT NULL,
    fiscal_year INTEGER NOT NULL,
    copies INTEGER NOT NULL,
    to_name TEXT,
    to_phone TEXT,
    to_address TEXT,
    quality TEXT DEFAULT 'real' NOT NULL,
    source TEXT,
    CONSTRAINT pk_circulation PRIMARY KEY (municipality_code, association_id, fiscal_year),
    CONSTRAINT ck_circulation_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_circulation_copies_range CHECK (copies >= 0),
    CONSTRAINT ck_circulation_fiscal_year_range CHECK (fiscal_year BETWEEN 1950 AND 2200),
    CONSTRAINT fk_circulation_association FOREIGN KEY(municipality_code, association_id) REFERENCES kyodo.association (municipality_code, association_id),
    CONSTRAINT fk_circulation_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.circulation IS 'Copies of circulars by association and year, and to whom they go; staff only';
COMMENT ON COLUMN kyodo.circulation.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.circulation.association_id IS 'Association';
COMMENT ON COLUMN kyodo.circulation.fiscal_year IS 'Fiscal year';
COMMENT ON COLUMN kyodo.circulation.copies IS '回覧部数: copies of a circular the city sends';
COMMENT ON COLUMN kyodo.circulation.to_name IS 'Who receives them, where it is not the president';
COMMENT ON COLUMN kyodo.circulation.to_phone IS 'Telephone of that person';
COMMENT ON COLUMN kyodo.circulation.to_address IS 'Postal address of that person';
COMMENT ON COLUMN kyodo.circulation.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.circulation.source IS 'Where the value was taken from';

-- Nothing of it is public. The service's own audience (sign-in, codes) serves the form of one association.
GRANT SELECT, INSERT, UPDATE, DELETE ON kyodo.return_round, kyodo.association_return, kyodo.return_reminder,
    kyodo.return_code, kyodo.return_feed, kyodo.return_note, kyodo.circulation TO kyodo_staff, kyodo_loader;
GRANT SELECT ON kyodo.return_round, kyodo.association_return, kyodo.return_code TO kyodo_auth;
GRANT UPDATE (draft, draft_at, answers, state, came_by, version, received_at, changed_at, changed_by, erased_at)
    ON kyodo.association_return TO kyodo_auth;
GRANT UPDATE (last_used_at) ON kyodo.return_code TO kyodo_auth;
