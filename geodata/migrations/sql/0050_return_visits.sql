-- Visits to the web form of one return, and the mail that reminds of it.
-- Unlogged: after a crash people type the code of their letter once more.
CREATE UNLOGGED TABLE kyodo.return_visit (
    municipality_code text NOT NULL,
    visit_hash bytea NOT NULL,
    fiscal_year integer NOT NULL,
    association_id text NOT NULL,
    code_hash bytea NOT NULL,
    csrf_token text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    CONSTRAINT pk_return_visit PRIMARY KEY (municipality_code, visit_hash),
    CONSTRAINT fk_return_visit_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT ck_return_visit_hash_length CHECK (octet_length(visit_hash) = 32 AND octet_length(code_hash) = 32)
);
CREATE INDEX ix_return_visit_expires ON kyodo.return_visit (expires_at);
COMMENT ON TABLE kyodo.return_visit IS 'Browsers that opened a return with its code; they see that one return; unlogged';
COMMENT ON COLUMN kyodo.return_visit.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.return_visit.visit_hash IS 'SHA-256 of the cookie''s token';
COMMENT ON COLUMN kyodo.return_visit.fiscal_year IS 'Fiscal year of the round';
COMMENT ON COLUMN kyodo.return_visit.association_id IS 'Association';
COMMENT ON COLUMN kyodo.return_visit.code_hash IS 'SHA-256 of the code it was opened with; a new code ends the visit';
COMMENT ON COLUMN kyodo.return_visit.csrf_token IS 'Token its forms must carry';
COMMENT ON COLUMN kyodo.return_visit.created_at IS 'When opened';
COMMENT ON COLUMN kyodo.return_visit.seen_at IS 'Last request';
COMMENT ON COLUMN kyodo.return_visit.expires_at IS 'When it ends, whatever is done';

CREATE TABLE kyodo.return_mail (
    municipality_code text NOT NULL,
    fiscal_year integer NOT NULL,
    association_id text NOT NULL,
    sent_on date NOT NULL,
    state text NOT NULL DEFAULT 'pending',
    attempts integer NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    CONSTRAINT pk_return_mail PRIMARY KEY (municipality_code, fiscal_year, association_id, sent_on),
    CONSTRAINT fk_return_mail_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT fk_return_mail_reminder FOREIGN KEY (municipality_code, fiscal_year, association_id, sent_on)
        REFERENCES kyodo.return_reminder ON DELETE CASCADE,
    CONSTRAINT ck_return_mail_state_known CHECK (state IN ('pending', 'sent', 'skipped', 'failed')),
    CONSTRAINT ck_return_mail_attempts_range CHECK (attempts >= 0)
);
CREATE INDEX ix_return_mail_due ON kyodo.return_mail (municipality_code, next_try_at) WHERE state = 'pending';
COMMENT ON TABLE kyodo.return_mail IS 'Mail that a reminder calls for; the address is read when it is sent';
COMMENT ON COLUMN kyodo.return_mail.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.return_mail.fiscal_year IS 'Fiscal year of the round';
COMMENT ON COLUMN kyodo.return_mail.association_id IS 'Association';
COMMENT ON COLUMN kyodo.return_mail.sent_on IS 'Day of the reminder';
COMMENT ON COLUMN kyodo.return_mail.state IS 'pending / sent / skipped (no address, no server) / failed (given up)';
COMMENT ON COLUMN kyodo.return_mail.attempts IS 'Tries so far';
COMMENT ON COLUMN kyodo.return_mail.next_try_at IS 'When it is tried next';
COMMENT ON COLUMN kyodo.return_mail.sent_at IS 'When the server took it';

GRANT SELECT, INSERT, UPDATE, DELETE ON kyodo.return_visit TO kyodo_auth;
GRANT SELECT, INSERT, UPDATE, DELETE ON kyodo.return_mail TO kyodo_staff;
