-- Documents sent to presidents, and the rule by which they are counted.
CREATE TABLE kyodo.sent_document (
    municipality_code text NOT NULL,
    document_id text NOT NULL,
    department text NOT NULL,
    title text NOT NULL,
    document_no text,
    sent_on date NOT NULL,
    addressees text NOT NULL,
    district_nos integer[],
    association_ids text[],
    copies integer,
    way text NOT NULL,
    kind text NOT NULL,
    answer_by date,
    could_mail boolean NOT NULL DEFAULT false,
    made_by text,
    quality text NOT NULL DEFAULT 'real',
    source text,
    entered_by text NOT NULL,
    entered_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_sent_document PRIMARY KEY (municipality_code, document_id),
    CONSTRAINT fk_sent_document_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT ck_sent_document_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_sent_document_addressees_known
        CHECK (addressees IN ('presidents', 'associations', 'circulation', 'district-bodies')),
    CONSTRAINT ck_sent_document_way_known CHECK (way IN ('post', 'koho', 'mail', 'web', 'hand')),
    CONSTRAINT ck_sent_document_kind_known CHECK (kind IN ('request', 'notice', 'survey', 'circulation')),
    CONSTRAINT ck_sent_document_copies_range CHECK (copies >= 0),
    CONSTRAINT ck_sent_document_answer_after CHECK (answer_by >= sent_on),
    CONSTRAINT ck_sent_document_addressees_names
        CHECK ((addressees = 'associations') = (cardinality(coalesce(association_ids, '{}')) > 0)),
    CONSTRAINT ck_sent_document_id_form CHECK (document_id ~ '^[0-9A-Za-z_-]{1,40}$')
);
CREATE INDEX ix_sent_document_sent_on ON kyodo.sent_document (municipality_code, sent_on);
-- What another part of the program sent is entered once, however often it says so.
CREATE UNIQUE INDEX ix_sent_document_made_by ON kyodo.sent_document (municipality_code, made_by)
    WHERE made_by IS NOT NULL;
GRANT SELECT, INSERT, UPDATE, DELETE ON kyodo.sent_document TO kyodo_staff, kyodo_loader;

COMMENT ON TABLE kyodo.sent_document IS 'Register of documents sent to presidents of associations (取組5)';
COMMENT ON COLUMN kyodo.sent_document.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.sent_document.document_id IS 'Permanent id';
COMMENT ON COLUMN kyodo.sent_document.department IS 'Department that sent it';
COMMENT ON COLUMN kyodo.sent_document.title IS 'Title';
COMMENT ON COLUMN kyodo.sent_document.document_no IS 'Number of the document in the city''s files';
COMMENT ON COLUMN kyodo.sent_document.sent_on IS 'Day it was sent';
COMMENT ON COLUMN kyodo.sent_document.addressees IS 'presidents / associations / circulation / district-bodies';
COMMENT ON COLUMN kyodo.sent_document.district_nos IS 'Districts whose people got it; NULL: of all. No foreign key: a list';
COMMENT ON COLUMN kyodo.sent_document.association_ids IS 'With associations: whose presidents got it';
COMMENT ON COLUMN kyodo.sent_document.copies IS 'Copies sent; NULL: not known';
COMMENT ON COLUMN kyodo.sent_document.way IS 'post / koho (with the city''s paper) / mail / web / hand';
COMMENT ON COLUMN kyodo.sent_document.kind IS 'request / notice / survey / circulation';
COMMENT ON COLUMN kyodo.sent_document.answer_by IS 'Day by which an answer is wanted; NULL: none is';
COMMENT ON COLUMN kyodo.sent_document.could_mail IS 'Mail or the web would have done';
COMMENT ON COLUMN kyodo.sent_document.made_by IS 'What made the entry, e.g. return/2026/letter; NULL: somebody entered it';
COMMENT ON COLUMN kyodo.sent_document.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.sent_document.source IS 'Where the value was taken from';
COMMENT ON COLUMN kyodo.sent_document.entered_by IS 'Login of who entered it, who may change it beside the planners';
COMMENT ON COLUMN kyodo.sent_document.entered_at IS 'When entered';

CREATE TABLE kyodo.sent_document_rule (
    municipality_code text NOT NULL,
    version integer NOT NULL,
    addressees text[] NOT NULL,
    ways text[] NOT NULL,
    kinds text[] NOT NULL,
    same_within integer NOT NULL,
    note text,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    CONSTRAINT pk_sent_document_rule PRIMARY KEY (municipality_code, version),
    CONSTRAINT fk_sent_document_rule_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT ck_sent_document_rule_version_range CHECK (version > 0),
    CONSTRAINT ck_sent_document_rule_same_within_range CHECK (same_within BETWEEN 0 AND 366),
    CONSTRAINT ck_sent_document_rule_note_length CHECK (char_length(note) <= 200)
);
-- A version that counted once stays: nobody changes or deletes it.
GRANT SELECT, INSERT ON kyodo.sent_document_rule TO kyodo_staff;
GRANT SELECT ON kyodo.sent_document_rule TO kyodo_loader;
COMMENT ON TABLE kyodo.sent_document_rule IS 'What counts as a document sent to presidents, every version that ever held';
COMMENT ON COLUMN kyodo.sent_document_rule.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.sent_document_rule.version IS '1, 2 …; the highest holds';
COMMENT ON COLUMN kyodo.sent_document_rule.addressees IS 'Addressees that count';
COMMENT ON COLUMN kyodo.sent_document_rule.ways IS 'Ways that count';
COMMENT ON COLUMN kyodo.sent_document_rule.kinds IS 'Kinds that count';
COMMENT ON COLUMN kyodo.sent_document_rule.same_within IS 'The same title again within so many days is no further one; 0: each counts';
COMMENT ON COLUMN kyodo.sent_document_rule.note IS 'Why it was changed';
COMMENT ON COLUMN kyodo.sent_document_rule.created_at IS 'When entered';
COMMENT ON COLUMN kyodo.sent_document_rule.created_by IS 'Who entered it (login)';
