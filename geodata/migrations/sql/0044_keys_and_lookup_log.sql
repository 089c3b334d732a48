-- Keys: a limit of their own, what they replace, when last used. Their minute, counted across workers. The log of lookups.
ALTER TABLE kyodo.partner_key ADD COLUMN rows_per_minute integer, ADD COLUMN replaces text,
    ADD CONSTRAINT ck_partner_key_rate_range CHECK (rows_per_minute BETWEEN 1 AND 1000000);
COMMENT ON COLUMN kyodo.partner_key.rows_per_minute IS 'Rows it may ask in a minute; NULL: what the setting says';
COMMENT ON COLUMN kyodo.partner_key.replaces IS 'Key that it was issued to replace';

-- A table of its own: a change of partner_key makes every worker forget the keys it knows.
CREATE TABLE kyodo.partner_key_use (
    municipality_code text NOT NULL,
    key_id text NOT NULL,
    last_used_at timestamptz NOT NULL,
    CONSTRAINT pk_partner_key_use PRIMARY KEY (municipality_code, key_id),
    CONSTRAINT fk_partner_key_use_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT fk_partner_key_use_key FOREIGN KEY (municipality_code, key_id) REFERENCES kyodo.partner_key ON DELETE CASCADE
);
COMMENT ON TABLE kyodo.partner_key_use IS 'When each key was last used, written once a second at most';
COMMENT ON COLUMN kyodo.partner_key_use.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.partner_key_use.key_id IS 'Key';
COMMENT ON COLUMN kyodo.partner_key_use.last_used_at IS 'Last use, to the second';

-- Counts of a minute that has passed are worth nothing: a crash may empty it.
CREATE UNLOGGED TABLE kyodo.partner_key_minute (
    municipality_code text NOT NULL,
    key_id text NOT NULL,
    minute bigint NOT NULL,
    rows integer NOT NULL,
    CONSTRAINT pk_partner_key_minute PRIMARY KEY (municipality_code, key_id),
    CONSTRAINT fk_partner_key_minute_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT ck_partner_key_minute_rows_range CHECK (rows >= 0)
);
COMMENT ON TABLE kyodo.partner_key_minute IS 'Rows that all workers together answered a key in its minute; unlogged';
COMMENT ON COLUMN kyodo.partner_key_minute.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.partner_key_minute.key_id IS 'Key';
COMMENT ON COLUMN kyodo.partner_key_minute.minute IS 'Minute since 1970';
COMMENT ON COLUMN kyodo.partner_key_minute.rows IS 'Rows in that minute';

CREATE TABLE kyodo.lookup_log (
    municipality_code text NOT NULL,
    log_no bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    channel text NOT NULL,
    outcome text NOT NULL,
    town text NOT NULL DEFAULT '',
    key_id text NOT NULL DEFAULT '',
    office_id text NOT NULL DEFAULT '',
    login text NOT NULL DEFAULT '',
    lookups integer NOT NULL,
    CONSTRAINT pk_lookup_log PRIMARY KEY (municipality_code, log_no),
    CONSTRAINT fk_lookup_log_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT ck_lookup_log_outcome_known
        CHECK (outcome IN ('one', 'several', 'none_here', 'outside_city', 'not_understood')),
    CONSTRAINT ck_lookup_log_lookups_range CHECK (lookups > 0)
);
CREATE INDEX ix_lookup_log_at ON kyodo.lookup_log (municipality_code, at);
COMMENT ON TABLE kyodo.lookup_log IS 'Who looked up when, with which outcome and in which town; no address, and nobody where nobody signed in';
COMMENT ON COLUMN kyodo.lookup_log.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.lookup_log.log_no IS 'Running number';
COMMENT ON COLUMN kyodo.lookup_log.at IS 'When: to the second; to the minute where nobody signed in';
COMMENT ON COLUMN kyodo.lookup_log.channel IS 'page / counter / api / partner / widget / batch / command-line';
COMMENT ON COLUMN kyodo.lookup_log.outcome IS 'one / several / none_here / outside_city / not_understood';
COMMENT ON COLUMN kyodo.lookup_log.town IS 'Town found; empty where none. Never an address';
COMMENT ON COLUMN kyodo.lookup_log.key_id IS 'Partner key; empty where none';
COMMENT ON COLUMN kyodo.lookup_log.office_id IS 'Partner office; empty where none';
COMMENT ON COLUMN kyodo.lookup_log.login IS 'Who was signed in; empty where nobody was';
COMMENT ON COLUMN kyodo.lookup_log.lookups IS 'How many of this sort within that second or minute';

GRANT SELECT, INSERT, UPDATE, DELETE ON kyodo.partner_key_use, kyodo.partner_key_minute TO kyodo_auth;
GRANT SELECT, DELETE ON kyodo.lookup_log TO kyodo_auth;
GRANT INSERT (municipality_code, at, channel, outcome, town, key_id, office_id, login, lookups) ON kyodo.lookup_log
    TO kyodo_auth;
-- Nobody of the application changes a row, and none goes before a month has passed.
ALTER TABLE kyodo.lookup_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON kyodo.lookup_log FOR SELECT TO kyodo_auth USING (true);
CREATE POLICY now_only ON kyodo.lookup_log FOR INSERT TO kyodo_auth
    WITH CHECK (at > now() - interval '1 day' AND at < now() + interval '1 day');
CREATE POLICY after_a_month ON kyodo.lookup_log FOR DELETE TO kyodo_auth USING (at < now() - interval '30 days');
