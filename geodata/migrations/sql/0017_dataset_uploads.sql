-- Files that staff upload in the browser to become datasets.
CREATE TABLE kyodo.dataset_upload (
    municipality_code text NOT NULL,
    upload_id text NOT NULL,
    kind text NOT NULL,
    file_names text[] NOT NULL,
    bytes integer NOT NULL,
    options jsonb NOT NULL,
    meta jsonb NOT NULL,
    uploaded_by text NOT NULL,
    state text NOT NULL DEFAULT 'waiting',
    task text NOT NULL DEFAULT 'check',
    step integer NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    version integer NOT NULL DEFAULT 1,
    message text,
    dataset_ids integer[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    touched_at timestamptz,
    finished_at timestamptz,
    expires_at timestamptz NOT NULL,
    CONSTRAINT pk_dataset_upload PRIMARY KEY (municipality_code, upload_id),
    CONSTRAINT fk_dataset_upload_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT ck_dataset_upload_state_known CHECK (state IN ('waiting', 'running', 'checked', 'refused', 'done')),
    CONSTRAINT ck_dataset_upload_task_known CHECK (task IN ('check', 'keep')),
    CONSTRAINT ck_dataset_upload_file_count CHECK (cardinality(file_names) BETWEEN 1 AND 10),
    CONSTRAINT ck_dataset_upload_bytes_range CHECK (bytes >= 0),
    CONSTRAINT ck_dataset_upload_done_has_datasets CHECK ((state = 'done') = (cardinality(dataset_ids) > 0))
);
CREATE INDEX ix_dataset_upload_expires ON kyodo.dataset_upload (expires_at);

-- Unlogged: lists of associations name their presidents, and what is read of them leaves those out. Neither the
-- write-ahead log nor an archive or replica gets the files; a crash of the server asks for them again.
CREATE UNLOGGED TABLE kyodo.dataset_upload_piece (
    municipality_code text NOT NULL,
    upload_id text NOT NULL,
    part text NOT NULL,
    file_no integer NOT NULL,
    piece_no integer NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT pk_dataset_upload_piece PRIMARY KEY (municipality_code, upload_id, part, file_no, piece_no),
    CONSTRAINT fk_dataset_upload_piece_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT fk_dataset_upload_piece_upload FOREIGN KEY (municipality_code, upload_id)
        REFERENCES kyodo.dataset_upload ON DELETE CASCADE,
    CONSTRAINT ck_dataset_upload_piece_part_known CHECK (part IN ('input', 'findings')),
    CONSTRAINT ck_dataset_upload_piece_bounded CHECK (octet_length(content) <= 1048576)
);

-- The loader alone: storing a dataset and ending its upload are one transaction.
GRANT SELECT, INSERT, UPDATE, DELETE ON kyodo.dataset_upload, kyodo.dataset_upload_piece TO kyodo_loader;

COMMENT ON TABLE kyodo.dataset_upload IS 'Files uploaded by staff on their way to a dataset; deleted with their pieces after a day';
COMMENT ON COLUMN kyodo.dataset_upload.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.dataset_upload.upload_id IS 'Random id';
COMMENT ON COLUMN kyodo.dataset_upload.kind IS 'Kind of dataset the files are to be read as';
COMMENT ON COLUMN kyodo.dataset_upload.file_names IS 'Names of the files, in the order of their numbers';
COMMENT ON COLUMN kyodo.dataset_upload.bytes IS 'Size of all files';
COMMENT ON COLUMN kyodo.dataset_upload.options IS 'How to read them: format, crs, encoding, mapping';
COMMENT ON COLUMN kyodo.dataset_upload.meta IS 'Title, source, licence … of the dataset to be';
COMMENT ON COLUMN kyodo.dataset_upload.uploaded_by IS 'Login of who uploaded them';
COMMENT ON COLUMN kyodo.dataset_upload.state IS 'waiting / running / checked / refused / done';
COMMENT ON COLUMN kyodo.dataset_upload.task IS 'check: try the files; keep: store them as a dataset';
COMMENT ON COLUMN kyodo.dataset_upload.step IS 'Step the worker is at, from 0';
COMMENT ON COLUMN kyodo.dataset_upload.attempts IS 'How often a worker began; a worker that died is followed by another';
COMMENT ON COLUMN kyodo.dataset_upload.version IS 'Raised by every change a person makes';
COMMENT ON COLUMN kyodo.dataset_upload.message IS 'Why the files were refused, in Japanese';
COMMENT ON COLUMN kyodo.dataset_upload.dataset_ids IS 'Datasets the files became';
COMMENT ON COLUMN kyodo.dataset_upload.created_at IS 'When uploaded';
COMMENT ON COLUMN kyodo.dataset_upload.touched_at IS 'Last sign of life of the worker';
COMMENT ON COLUMN kyodo.dataset_upload.finished_at IS 'When checked, refused or stored';
COMMENT ON COLUMN kyodo.dataset_upload.expires_at IS 'When upload and pieces are deleted';
COMMENT ON TABLE kyodo.dataset_upload_piece IS 'Bytes of uploaded files and of what was found in them, in pieces of up to 1 MiB; unlogged';
COMMENT ON COLUMN kyodo.dataset_upload_piece.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.dataset_upload_piece.upload_id IS 'Upload';
COMMENT ON COLUMN kyodo.dataset_upload_piece.part IS 'input / findings';
COMMENT ON COLUMN kyodo.dataset_upload_piece.file_no IS 'Which file, from 0';
COMMENT ON COLUMN kyodo.dataset_upload_piece.piece_no IS '0, 1 …';
COMMENT ON COLUMN kyodo.dataset_upload_piece.content IS 'The bytes; they may name persons';
