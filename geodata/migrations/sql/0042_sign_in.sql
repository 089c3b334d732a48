-- Sign-in through a city's own services, second factors, sessions whose token changes, and limits all workers share.
ALTER TABLE kyodo.session
    ADD COLUMN session_no bigint GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN via text NOT NULL DEFAULT 'password',
    ADD COLUMN device text,
    ADD COLUMN network text,
    ADD COLUMN provider_session text,
    ADD COLUMN rotated_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN next_hash bytea,
    ADD COLUMN offered_at timestamptz,
    ADD COLUMN former_hash bytea,
    ADD COLUMN former_until timestamptz,
    ADD CONSTRAINT uq_session_number UNIQUE (municipality_code, session_no),
    ADD CONSTRAINT ck_session_via_known CHECK (via IN ('password', 'link', 'directory', 'provider')),
    ADD CONSTRAINT ck_session_next_length CHECK (octet_length(next_hash) = 32),
    ADD CONSTRAINT ck_session_former_length CHECK (octet_length(former_hash) = 32),
    ADD CONSTRAINT ck_session_offer_whole CHECK ((next_hash IS NULL) = (offered_at IS NULL)),
    ADD CONSTRAINT ck_session_former_whole CHECK ((former_hash IS NULL) = (former_until IS NULL));
CREATE UNIQUE INDEX ix_session_next ON kyodo.session (municipality_code, next_hash);
CREATE UNIQUE INDEX ix_session_former ON kyodo.session (municipality_code, former_hash);
CREATE INDEX ix_session_user ON kyodo.session (municipality_code, user_id);

CREATE TABLE kyodo.user_identity (
    municipality_code text NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    user_id integer NOT NULL,
    linked_at timestamptz NOT NULL DEFAULT now(),
    linked_by text NOT NULL,
    last_used_at timestamptz,
    CONSTRAINT pk_user_identity PRIMARY KEY (municipality_code, issuer, subject),
    CONSTRAINT fk_user_identity_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT fk_user_identity_user FOREIGN KEY (municipality_code, user_id) REFERENCES kyodo.app_user
        ON DELETE CASCADE,
    CONSTRAINT uq_user_identity_one_each UNIQUE (municipality_code, user_id, issuer),
    CONSTRAINT ck_user_identity_bounded CHECK (length(issuer) BETWEEN 1 AND 500 AND length(subject) BETWEEN 1 AND 255)
);

CREATE TABLE kyodo.user_totp (
    municipality_code text NOT NULL,
    user_id integer NOT NULL,
    sealed_secret text NOT NULL,
    begun_by bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    confirmed_at timestamptz,
    last_step bigint,
    CONSTRAINT pk_user_totp PRIMARY KEY (municipality_code, user_id),
    CONSTRAINT fk_user_totp_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT fk_user_totp_user FOREIGN KEY (municipality_code, user_id) REFERENCES kyodo.app_user
        ON DELETE CASCADE,
    CONSTRAINT ck_user_totp_sealed CHECK (starts_with(sealed_secret, 'gAAAA')),
    CONSTRAINT ck_user_totp_begun_by_length CHECK (octet_length(begun_by) = 32)
);

CREATE TABLE kyodo.recovery_code (
    municipality_code text NOT NULL,
    user_id integer NOT NULL,
    code_hash bytea NOT NULL,
    used_at timestamptz,
    CONSTRAINT pk_recovery_code PRIMARY KEY (municipality_code, user_id, code_hash),
    CONSTRAINT fk_recovery_code_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT fk_recovery_code_user FOREIGN KEY (municipality_code, user_id) REFERENCES kyodo.app_user
        ON DELETE CASCADE,
    CONSTRAINT ck_recovery_code_hash_length CHECK (octet_length(code_hash) = 32)
);

-- Unlogged: secrets and addresses of minutes, which no archive, backup or replica gets. After a crash people begin anew.
CREATE UNLOGGED TABLE kyodo.pending_sign_in (
    municipality_code text NOT NULL,
    pending_hash bytea NOT NULL,
    kind text NOT NULL,
    user_id integer,
    via text NOT NULL,
    next_path text NOT NULL,
    state_hash bytea,
    nonce text,
    verifier text,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    CONSTRAINT pk_pending_sign_in PRIMARY KEY (municipality_code, pending_hash),
    CONSTRAINT fk_pending_sign_in_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT fk_pending_sign_in_user FOREIGN KEY (municipality_code, user_id) REFERENCES kyodo.app_user
        ON DELETE CASCADE,
    CONSTRAINT ck_pending_sign_in_kind_known CHECK (kind IN ('provider', 'code', 'enrol')),
    CONSTRAINT ck_pending_sign_in_via_known CHECK (via IN ('password', 'link', 'directory', 'provider')),
    CONSTRAINT ck_pending_sign_in_hash_length CHECK (octet_length(pending_hash) = 32),
    CONSTRAINT ck_pending_sign_in_of_somebody CHECK ((kind = 'provider') = (user_id IS NULL)),
    CONSTRAINT ck_pending_sign_in_provider_whole
        CHECK ((kind = 'provider') = (state_hash IS NOT NULL AND nonce IS NOT NULL AND verifier IS NOT NULL))
);
CREATE INDEX ix_pending_sign_in_expires ON kyodo.pending_sign_in (expires_at);

CREATE UNLOGGED TABLE kyodo.sign_in_rate (
    municipality_code text NOT NULL,
    source_hash bytea NOT NULL,
    began_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 1,
    CONSTRAINT pk_sign_in_rate PRIMARY KEY (municipality_code, source_hash),
    CONSTRAINT fk_sign_in_rate_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT ck_sign_in_rate_hash_length CHECK (octet_length(source_hash) = 32)
);
CREATE INDEX ix_sign_in_rate_began ON kyodo.sign_in_rate (began_at);

-- Nobody but the sign-in code's role.
GRANT SELECT, INSERT, UPDATE, DELETE ON kyodo.user_identity, kyodo.user_totp, kyodo.recovery_code,
    kyodo.pending_sign_in, kyodo.sign_in_rate TO kyodo_auth;
GRANT USAGE ON SEQUENCE kyodo.session_session_no_seq TO kyodo_auth;

COMMENT ON COLUMN kyodo.session.session_no IS 'Number that stays while tokens change';
COMMENT ON COLUMN kyodo.session.via IS 'password / link / directory / provider';
COMMENT ON COLUMN kyodo.session.device IS 'Browser and system in a few words, for the owner''s list';
COMMENT ON COLUMN kyodo.session.network IS 'First half of the address it came from, for the owner''s list';
COMMENT ON COLUMN kyodo.session.provider_session IS 'Session id (sid) at the provider, for sign-out from there';
COMMENT ON COLUMN kyodo.session.rotated_at IS 'When the token last changed';
COMMENT ON COLUMN kyodo.session.next_hash IS 'SHA-256 of the token offered to the browser and not seen yet';
COMMENT ON COLUMN kyodo.session.offered_at IS 'When it was offered';
COMMENT ON COLUMN kyodo.session.former_hash IS 'SHA-256 of the token before';
COMMENT ON COLUMN kyodo.session.former_until IS 'How long it still works, for requests sent side by side';
COMMENT ON TABLE kyodo.user_identity IS 'Who a user is at the city''s own sign-in service or directory';
COMMENT ON COLUMN kyodo.user_identity.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.user_identity.issuer IS 'Issuer of OpenID Connect, or ldap: and the base of the directory';
COMMENT ON COLUMN kyodo.user_identity.subject IS 'The issuer''s own unchanging id of the person';
COMMENT ON COLUMN kyodo.user_identity.user_id IS 'User';
COMMENT ON COLUMN kyodo.user_identity.linked_at IS 'When linked';
COMMENT ON COLUMN kyodo.user_identity.linked_by IS 'first sign-in, or who did it';
COMMENT ON COLUMN kyodo.user_identity.last_used_at IS 'Last sign-in with it';
COMMENT ON TABLE kyodo.user_totp IS 'One-time codes of an authenticator (RFC 6238)';
COMMENT ON COLUMN kyodo.user_totp.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.user_totp.user_id IS 'User';
COMMENT ON COLUMN kyodo.user_totp.sealed_secret IS 'Secret, encrypted with the key of KYODO_TOTP_KEY_FILE (Fernet)';
COMMENT ON COLUMN kyodo.user_totp.begun_by IS 'SHA-256 of the sign-in that began it, the only one that may see and confirm it';
COMMENT ON COLUMN kyodo.user_totp.created_at IS 'When made';
COMMENT ON COLUMN kyodo.user_totp.confirmed_at IS 'When a first code proved it; NULL: not in force';
COMMENT ON COLUMN kyodo.user_totp.last_step IS 'Step of 30 s of the last code taken; none up to it is taken again';
COMMENT ON TABLE kyodo.recovery_code IS 'Codes for a day without the authenticator';
COMMENT ON COLUMN kyodo.recovery_code.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.recovery_code.user_id IS 'User';
COMMENT ON COLUMN kyodo.recovery_code.code_hash IS 'SHA-256 of the code';
COMMENT ON COLUMN kyodo.recovery_code.used_at IS 'When used; a code works once';
COMMENT ON TABLE kyodo.pending_sign_in IS 'Sign-ins between their steps; no session yet; unlogged';
COMMENT ON COLUMN kyodo.pending_sign_in.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.pending_sign_in.pending_hash IS 'SHA-256 of the cookie''s token';
COMMENT ON COLUMN kyodo.pending_sign_in.kind IS 'provider: away at the provider / code: owes a code / enrol: has to enrol first';
COMMENT ON COLUMN kyodo.pending_sign_in.user_id IS 'User, once known';
COMMENT ON COLUMN kyodo.pending_sign_in.via IS 'How the first step was taken';
COMMENT ON COLUMN kyodo.pending_sign_in.next_path IS 'Where to go afterwards';
COMMENT ON COLUMN kyodo.pending_sign_in.state_hash IS 'SHA-256 of the state sent to the provider';
COMMENT ON COLUMN kyodo.pending_sign_in.nonce IS 'Nonce that the ID token must repeat';
COMMENT ON COLUMN kyodo.pending_sign_in.verifier IS 'PKCE verifier';
COMMENT ON COLUMN kyodo.pending_sign_in.created_at IS 'When begun';
COMMENT ON COLUMN kyodo.pending_sign_in.expires_at IS 'When it ends';
COMMENT ON TABLE kyodo.sign_in_rate IS 'Attempts to sign in by source, for a limit that all workers share; purged within the hour; unlogged';
COMMENT ON COLUMN kyodo.sign_in_rate.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.sign_in_rate.source_hash IS 'SHA-256 of where attempts come from, or of a name without an account';
COMMENT ON COLUMN kyodo.sign_in_rate.began_at IS 'Start of the window';
COMMENT ON COLUMN kyodo.sign_in_rate.attempts IS 'Failed or running attempts in the window';
