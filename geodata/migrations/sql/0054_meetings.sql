-- The shared calendar: meetings, times of the year that are full, links that calendar programs subscribe to.
CREATE TABLE kyodo.city_meeting (
    municipality_code text NOT NULL,
    meeting_id text NOT NULL,
    title text NOT NULL,
    department text NOT NULL,
    held_on date NOT NULL,
    starts time,
    ends time,
    place text,
    facility_id text,
    audience text NOT NULL,
    district_nos integer[],
    association_ids text[],
    required boolean NOT NULL DEFAULT true,
    state text NOT NULL DEFAULT 'planned',
    shown boolean NOT NULL DEFAULT false,
    reason text,
    note text,
    quality text NOT NULL DEFAULT 'real',
    source text,
    entered_by text NOT NULL,
    changes integer NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_city_meeting PRIMARY KEY (municipality_code, meeting_id),
    CONSTRAINT fk_city_meeting_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT fk_city_meeting_facility FOREIGN KEY (municipality_code, facility_id) REFERENCES kyodo.facility,
    CONSTRAINT ck_city_meeting_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_city_meeting_audience_known
        CHECK (audience IN ('presidents', 'circulation', 'district-bodies', 'associations')),
    CONSTRAINT ck_city_meeting_state_known CHECK (state IN ('planned', 'fixed', 'cancelled')),
    CONSTRAINT ck_city_meeting_hours_order CHECK (ends IS NULL OR (starts IS NOT NULL AND starts < ends)),
    CONSTRAINT ck_city_meeting_audience_names
        CHECK ((audience = 'associations') = (cardinality(coalesce(association_ids, '{}')) > 0)),
    CONSTRAINT ck_city_meeting_id_form CHECK (meeting_id ~ '^[0-9A-Za-z_-]{1,40}$')
);
CREATE INDEX ix_city_meeting_held_on ON kyodo.city_meeting (municipality_code, held_on);

-- Calendar programs take a change only when its number is higher: counted here, whoever changes the row.
CREATE FUNCTION kyodo.count_meeting_change() RETURNS trigger LANGUAGE plpgsql SET search_path = kyodo, pg_temp AS $$
BEGIN
    NEW.changes := OLD.changes + 1;
    NEW.changed_at := now();
    RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION kyodo.count_meeting_change() FROM PUBLIC;
CREATE TRIGGER count_change BEFORE UPDATE ON kyodo.city_meeting
    FOR EACH ROW EXECUTE FUNCTION kyodo.count_meeting_change();

GRANT SELECT, INSERT, UPDATE, DELETE ON kyodo.city_meeting TO kyodo_staff, kyodo_loader;
-- No revision trigger: the page and the file that everybody reads are made anew each time, and no lookup needs them.
GRANT SELECT (municipality_code, meeting_id, title, department, held_on, starts, ends, place, facility_id, audience,
    district_nos, association_ids, required, state, shown, note, quality, source, changes, changed_at)
    ON kyodo.city_meeting TO kyodo_public;
ALTER TABLE kyodo.city_meeting ENABLE ROW LEVEL SECURITY;
CREATE POLICY shown_only ON kyodo.city_meeting FOR SELECT TO kyodo_public USING (shown);
CREATE POLICY all_rows ON kyodo.city_meeting TO kyodo_staff, kyodo_loader USING (true) WITH CHECK (true);

COMMENT ON TABLE kyodo.city_meeting IS 'Meetings to which the city asks presidents of associations (取組4)';
COMMENT ON COLUMN kyodo.city_meeting.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.city_meeting.meeting_id IS 'Permanent id; calendars know the meeting by it';
COMMENT ON COLUMN kyodo.city_meeting.title IS 'Title';
COMMENT ON COLUMN kyodo.city_meeting.department IS 'Department that asks';
COMMENT ON COLUMN kyodo.city_meeting.held_on IS 'Day';
COMMENT ON COLUMN kyodo.city_meeting.starts IS 'Beginning, local time; NULL: open yet';
COMMENT ON COLUMN kyodo.city_meeting.ends IS 'End, local time; NULL: open yet';
COMMENT ON COLUMN kyodo.city_meeting.place IS 'Place in words';
COMMENT ON COLUMN kyodo.city_meeting.facility_id IS 'Facility it is held in, for the ways between places';
COMMENT ON COLUMN kyodo.city_meeting.audience IS 'presidents / circulation / district-bodies / associations';
COMMENT ON COLUMN kyodo.city_meeting.district_nos IS 'Districts whose people are asked; NULL: of all. No foreign key: a list';
COMMENT ON COLUMN kyodo.city_meeting.association_ids IS 'With associations: whose presidents are asked';
COMMENT ON COLUMN kyodo.city_meeting.required IS 'Whether they have to come';
COMMENT ON COLUMN kyodo.city_meeting.state IS 'planned / fixed / cancelled';
COMMENT ON COLUMN kyodo.city_meeting.shown IS 'Shown to everybody at /meetings';
COMMENT ON COLUMN kyodo.city_meeting.reason IS 'Why a letter or mail would not do; staff only';
COMMENT ON COLUMN kyodo.city_meeting.note IS 'What those who come should know';
COMMENT ON COLUMN kyodo.city_meeting.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.city_meeting.source IS 'Where the value was taken from';
COMMENT ON COLUMN kyodo.city_meeting.entered_by IS 'Login of who entered it, who may change it beside the planners';
COMMENT ON COLUMN kyodo.city_meeting.changes IS 'Number of changes since it was entered (SEQUENCE of iCalendar)';
COMMENT ON COLUMN kyodo.city_meeting.changed_at IS 'Last change';

CREATE TABLE kyodo.busy_period (
    municipality_code text NOT NULL,
    period_id text NOT NULL,
    title text NOT NULL,
    valid_from date NOT NULL,
    valid_to date NOT NULL,
    yearly boolean NOT NULL DEFAULT false,
    quality text NOT NULL DEFAULT 'real',
    source text,
    CONSTRAINT pk_busy_period PRIMARY KEY (municipality_code, period_id),
    CONSTRAINT fk_busy_period_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT ck_busy_period_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_busy_period_validity_order CHECK (valid_from < valid_to),
    CONSTRAINT ck_busy_period_id_form CHECK (period_id ~ '^[0-9A-Za-z_-]{1,40}$')
);
GRANT SELECT, INSERT, UPDATE, DELETE ON kyodo.busy_period TO kyodo_staff, kyodo_loader;
COMMENT ON TABLE kyodo.busy_period IS 'Times of the year in which presidents have enough to do, such as general meetings';
COMMENT ON COLUMN kyodo.busy_period.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.busy_period.period_id IS 'Permanent id';
COMMENT ON COLUMN kyodo.busy_period.title IS 'What keeps them busy';
COMMENT ON COLUMN kyodo.busy_period.valid_from IS 'First day';
COMMENT ON COLUMN kyodo.busy_period.valid_to IS 'Day after the last';
COMMENT ON COLUMN kyodo.busy_period.yearly IS 'The same days of every year';
COMMENT ON COLUMN kyodo.busy_period.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.busy_period.source IS 'Where the value was taken from';

CREATE TABLE kyodo.calendar_link (
    municipality_code text NOT NULL,
    link_id text NOT NULL,
    label text NOT NULL,
    token_hash bytea NOT NULL,
    district_no integer,
    department text,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT pk_calendar_link PRIMARY KEY (municipality_code, link_id),
    CONSTRAINT fk_calendar_link_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT uq_calendar_link_token UNIQUE (municipality_code, token_hash),
    CONSTRAINT ck_calendar_link_token_is_sha256 CHECK (octet_length(token_hash) = 32),
    CONSTRAINT ck_calendar_link_id_form CHECK (link_id ~ '^[0-9a-f]{12}$')
);
GRANT SELECT, INSERT, UPDATE (revoked_at) ON kyodo.calendar_link TO kyodo_staff;
GRANT SELECT, DELETE ON kyodo.calendar_link TO kyodo_auth;
COMMENT ON TABLE kyodo.calendar_link IS 'Secret addresses at which calendar programs of the staff read the shared calendar';
COMMENT ON COLUMN kyodo.calendar_link.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.calendar_link.link_id IS 'Number that is shown';
COMMENT ON COLUMN kyodo.calendar_link.label IS 'What it is for';
COMMENT ON COLUMN kyodo.calendar_link.token_hash IS 'SHA-256 of the secret part of the address';
COMMENT ON COLUMN kyodo.calendar_link.district_no IS 'Only meetings that ask people of this district; NULL: all';
COMMENT ON COLUMN kyodo.calendar_link.department IS 'Only meetings of this department; NULL: all';
COMMENT ON COLUMN kyodo.calendar_link.created_by IS 'Whose link it is (login)';
COMMENT ON COLUMN kyodo.calendar_link.created_at IS 'When made';
COMMENT ON COLUMN kyodo.calendar_link.expires_at IS 'From then on it does not work';
COMMENT ON COLUMN kyodo.calendar_link.revoked_at IS 'When revoked';

-- What a secret address may read: it works without a sign-in, so that the address itself says who asks. It ends with the
-- link, and with the account or the staff role of whose it is.
CREATE FUNCTION kyodo.calendar_feed(code text, hash bytea)
RETURNS TABLE (label text, district_no integer, department text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kyodo, public, pg_temp AS $$
    SELECT l.label, l.district_no, l.department
    FROM calendar_link l
    JOIN app_user u ON u.municipality_code = l.municipality_code AND u.login = l.created_by AND u.active
    WHERE l.municipality_code = code AND l.token_hash = hash AND l.revoked_at IS NULL AND l.expires_at > now()
      AND EXISTS (
          SELECT FROM user_role r WHERE r.municipality_code = u.municipality_code AND r.user_id = u.user_id
          AND r.role IN ('centre_staff', 'district_officer', 'planner', 'facility_staff', 'administrator'))
$$;
REVOKE ALL ON FUNCTION kyodo.calendar_feed(text, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kyodo.calendar_feed(text, bytea) TO kyodo_public;

-- The meetings themselves, for whoever has such an address and nobody else; not why a letter would not do.
CREATE FUNCTION kyodo.calendar_meetings(code text, hash bytea, first date, last date)
RETURNS TABLE (meeting_id text, title text, department text, held_on date, starts time, ends time, place text,
               audience text, district_nos integer[], association_ids text[], required boolean, state text, note text,
               changes integer, changed_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kyodo, public, pg_temp AS $$
    SELECT m.meeting_id, m.title, m.department, m.held_on, m.starts, m.ends, m.place, m.audience, m.district_nos,
           m.association_ids, m.required, m.state, m.note, m.changes, m.changed_at
    FROM city_meeting m
    WHERE m.municipality_code = code AND m.held_on BETWEEN first AND last
      AND EXISTS (SELECT FROM calendar_feed(code, hash))
    ORDER BY m.held_on, m.starts NULLS FIRST, m.meeting_id
$$;
REVOKE ALL ON FUNCTION kyodo.calendar_meetings(text, bytea, date, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kyodo.calendar_meetings(text, bytea, date, date) TO kyodo_public;
