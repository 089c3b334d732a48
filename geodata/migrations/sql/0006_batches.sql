-- Files of addresses on their way through the service (取組1), and keys that web pages may show.
ALTER TABLE kyodo.partner_key
    ADD COLUMN kind text NOT NULL DEFAULT 'secret',
    ADD COLUMN origins text[] NOT NULL DEFAULT '{}',
    ADD CONSTRAINT ck_partner_key_kind_known CHECK (kind IN ('secret', 'publishable')),
    ADD CONSTRAINT ck_partner_key_publishable_has_origins
        CHECK ((kind = 'publishable') = (cardinality(origins) > 0)),
    ADD CONSTRAINT ck_partner_key_publishable_only_looks_up CHECK (kind = 'secret' OR scopes = '{lookup}');

CREATE TABLE kyodo.batch_job (
    municipality_code text NOT NULL,
    job_id text NOT NULL,
    user_id integer NOT NULL,
    office_id text,
    file_name text NOT NULL,
    kind text NOT NULL,
    rows integer NOT NULL,
    column_no integer,
    state text NOT NULL DEFAULT 'uploaded',
    done integer NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    outcomes jsonb NOT NULL DEFAULT '{}',
    message text,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    touched_at timestamptz,
    finished_at timestamptz,
    expires_at timestamptz NOT NULL,
    CONSTRAINT pk_batch_job PRIMARY KEY (municipality_code, job_id),
    CONSTRAINT fk_batch_job_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT fk_batch_job_user FOREIGN KEY (municipality_code, user_id) REFERENCES kyodo.app_user ON DELETE CASCADE,
    CONSTRAINT fk_batch_job_office FOREIGN KEY (municipality_code, office_id) REFERENCES kyodo.partner_office,
    CONSTRAINT ck_batch_job_kind_known CHECK (kind IN ('csv', 'xlsx')),
    CONSTRAINT ck_batch_job_state_known CHECK (state IN ('uploaded', 'waiting', 'running', 'done', 'failed')),
    CONSTRAINT ck_batch_job_done_range CHECK (done BETWEEN 0 AND rows),
    CONSTRAINT ck_batch_job_column_chosen CHECK (state IN ('uploaded', 'failed') OR column_no IS NOT NULL)
);
CREATE INDEX ix_batch_job_expires ON kyodo.batch_job (expires_at);

-- Unlogged: the pieces hold addresses, and neither the write-ahead log nor an archive or replica of it gets them.
-- A crash of the server empties the table; the job then tells its owner to upload the file again.
CREATE UNLOGGED TABLE kyodo.batch_piece (
    municipality_code text NOT NULL,
    job_id text NOT NULL,
    part text NOT NULL,
    piece_no integer NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT pk_batch_piece PRIMARY KEY (municipality_code, job_id, part, piece_no),
    CONSTRAINT fk_batch_piece_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT fk_batch_piece_job FOREIGN KEY (municipality_code, job_id) REFERENCES kyodo.batch_job
        ON DELETE CASCADE,
    CONSTRAINT ck_batch_piece_part_known CHECK (part IN ('input', 'preview', 'result')),
    CONSTRAINT ck_batch_piece_bounded CHECK (octet_length(content) <= 1048576)
);

-- Nobody but the sign-in code's role: routes and the worker ask through geodata/batch_jobs.py, which knows the owner.
GRANT SELECT, INSERT, UPDATE, DELETE ON kyodo.batch_job, kyodo.batch_piece TO kyodo_auth;

COMMENT ON COLUMN kyodo.partner_key.kind IS 'secret: for programs; publishable: for web pages of the origins, lookup only';
COMMENT ON COLUMN kyodo.partner_key.origins IS 'Origins (https://host) whose pages may use a publishable key';
COMMENT ON COLUMN kyodo.lookup_count.channel IS 'page / api / partner / widget / batch / command-line';
COMMENT ON TABLE kyodo.batch_job IS 'An uploaded file of addresses and how far it is; deleted with its pieces after a short time';
COMMENT ON COLUMN kyodo.batch_job.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.batch_job.job_id IS 'Random id';
COMMENT ON COLUMN kyodo.batch_job.user_id IS 'Who uploaded it';
COMMENT ON COLUMN kyodo.batch_job.office_id IS 'Office of who uploaded it: its other users may fetch the result too';
COMMENT ON COLUMN kyodo.batch_job.file_name IS 'Name of the file, for the download';
COMMENT ON COLUMN kyodo.batch_job.kind IS 'csv / xlsx';
COMMENT ON COLUMN kyodo.batch_job.rows IS 'Rows below the header';
COMMENT ON COLUMN kyodo.batch_job.column_no IS 'Place of the column with the addresses, from 0; NULL until chosen';
COMMENT ON COLUMN kyodo.batch_job.state IS 'uploaded / waiting / running / done / failed';
COMMENT ON COLUMN kyodo.batch_job.done IS 'Rows looked up so far';
COMMENT ON COLUMN kyodo.batch_job.attempts IS 'How often a worker began; a worker that died is followed by another';
COMMENT ON COLUMN kyodo.batch_job.outcomes IS 'Rows by outcome, once done';
COMMENT ON COLUMN kyodo.batch_job.message IS 'Why it failed, in Japanese; never an address';
COMMENT ON COLUMN kyodo.batch_job.created_at IS 'When uploaded';
COMMENT ON COLUMN kyodo.batch_job.started_at IS 'When a worker began';
COMMENT ON COLUMN kyodo.batch_job.touched_at IS 'Last sign of life of the worker';
COMMENT ON COLUMN kyodo.batch_job.finished_at IS 'When done or failed';
COMMENT ON COLUMN kyodo.batch_job.expires_at IS 'When job and pieces are deleted';
COMMENT ON TABLE kyodo.batch_piece IS 'Bytes of an uploaded file or of its result, in pieces of up to 1 MiB; unlogged';
COMMENT ON COLUMN kyodo.batch_piece.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.batch_piece.job_id IS 'Job';
COMMENT ON COLUMN kyodo.batch_piece.part IS 'input / preview / result';
COMMENT ON COLUMN kyodo.batch_piece.piece_no IS '0, 1 …';
COMMENT ON COLUMN kyodo.batch_piece.content IS 'The bytes; they hold addresses';
