-- Changes to datasets that staff gather in the browser before they become a generation.
CREATE TABLE kyodo.edit_draft (
    municipality_code text NOT NULL,
    draft_id integer GENERATED ALWAYS AS IDENTITY,
    scope text NOT NULL,
    state text NOT NULL DEFAULT 'open',
    version integer NOT NULL DEFAULT 0,
    generation_no integer,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    CONSTRAINT pk_edit_draft PRIMARY KEY (municipality_code, draft_id),
    CONSTRAINT fk_edit_draft_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT ck_edit_draft_scope_known CHECK (scope IN ('associations', 'assignment')),
    CONSTRAINT ck_edit_draft_state_known CHECK (state IN ('open', 'activated', 'discarded')),
    CONSTRAINT ck_edit_draft_ended CHECK ((state = 'open') = (ended_at IS NULL)),
    CONSTRAINT ck_edit_draft_activated_has_generation CHECK ((state = 'activated') = (generation_no IS NOT NULL))
);
CREATE UNIQUE INDEX ix_edit_draft_open ON kyodo.edit_draft (municipality_code, scope) WHERE state = 'open';

CREATE TABLE kyodo.edit_draft_change (
    municipality_code text NOT NULL,
    draft_id integer NOT NULL,
    kind text NOT NULL,
    row_key text NOT NULL,
    before jsonb,
    after jsonb,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_edit_draft_change PRIMARY KEY (municipality_code, draft_id, kind, row_key),
    CONSTRAINT fk_edit_draft_change_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT fk_edit_draft_change_draft FOREIGN KEY (municipality_code, draft_id) REFERENCES kyodo.edit_draft
        ON DELETE CASCADE,
    CONSTRAINT ck_edit_draft_change_kind_known CHECK (
        kind IN ('associations', 'association-rules', 'association-profiles', 'district-assignment'))
);

-- Nobody outside sees what is not decided. The loader's role turns a draft into datasets in one transaction.
GRANT SELECT, INSERT, UPDATE ON kyodo.edit_draft TO kyodo_staff, kyodo_loader;
GRANT SELECT, INSERT, UPDATE, DELETE ON kyodo.edit_draft_change TO kyodo_staff, kyodo_loader;

COMMENT ON TABLE kyodo.edit_draft IS
    'Drafts of changes to datasets; one open per municipality and scope, shared by its editors';
COMMENT ON COLUMN kyodo.edit_draft.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.edit_draft.draft_id IS 'Running number';
COMMENT ON COLUMN kyodo.edit_draft.scope IS 'associations / assignment: which datasets it changes';
COMMENT ON COLUMN kyodo.edit_draft.state IS 'open / activated / discarded';
COMMENT ON COLUMN kyodo.edit_draft.version IS 'Counts changes to the draft';
COMMENT ON COLUMN kyodo.edit_draft.generation_no IS 'Generation it became';
COMMENT ON COLUMN kyodo.edit_draft.created_by IS 'Who began it';
COMMENT ON COLUMN kyodo.edit_draft.created_at IS 'When begun';
COMMENT ON COLUMN kyodo.edit_draft.ended_at IS 'When activated or discarded';
COMMENT ON TABLE kyodo.edit_draft_change IS 'Changes gathered in a draft, one per row of a dataset';
COMMENT ON COLUMN kyodo.edit_draft_change.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.edit_draft_change.draft_id IS 'Draft';
COMMENT ON COLUMN kyodo.edit_draft_change.kind IS 'Kind of dataset';
COMMENT ON COLUMN kyodo.edit_draft_change.row_key IS 'Association id, or KEY_CODE of the small area';
COMMENT ON COLUMN kyodo.edit_draft_change.before IS
    'What the active dataset said when the change was made; NULL: nothing';
COMMENT ON COLUMN kyodo.edit_draft_change.after IS 'What it shall say; NULL: nothing';
COMMENT ON COLUMN kyodo.edit_draft_change.changed_by IS 'Who';
COMMENT ON COLUMN kyodo.edit_draft_change.changed_at IS 'When';
