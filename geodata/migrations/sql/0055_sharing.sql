-- What neighbourhoods learn from each other. Of cases the public sees the published ones and the photos that were looked at
-- when they were published; who consented is for staff alone.
CREATE TABLE kyodo.activity_case (
    municipality_code text NOT NULL,
    case_id text NOT NULL,
    title text NOT NULL,
    summary text NOT NULL,
    theme text NOT NULL,
    district_no integer NOT NULL,
    body text NOT NULL,
    association_id text,
    done_year integer NOT NULL,
    story text,
    worked text,
    hard text,
    place_name text,
    geom geometry(POINT,4326),
    public_place boolean DEFAULT false NOT NULL,
    origin text,
    origin_note text,
    keywords text,
    state text DEFAULT 'draft' NOT NULL,
    published_on date,
    withdrawn_on date,
    changed_at timestamptz DEFAULT now() NOT NULL,
    quality text DEFAULT 'real' NOT NULL,
    source text,
    CONSTRAINT pk_activity_case PRIMARY KEY (municipality_code, case_id),
    CONSTRAINT ck_activity_case_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_activity_case_state_known CHECK (state IN ('draft', 'asked', 'published', 'withdrawn')),
    CONSTRAINT ck_activity_case_origin_known CHECK (origin IN ('wa', 'meeting', 'exchange', 'visit', 'other')),
    CONSTRAINT ck_activity_case_id_form CHECK (case_id ~ '^[0-9A-Za-z_-]{1,40}$'),
    CONSTRAINT ck_activity_case_done_year_range CHECK (done_year BETWEEN 1950 AND 2200),
    CONSTRAINT ck_activity_case_place_is_public CHECK (geom IS NULL OR public_place),
    CONSTRAINT ck_activity_case_published_has_day CHECK (state <> 'published' OR published_on IS NOT NULL),
    CONSTRAINT ck_activity_case_withdrawn_has_day CHECK ((state = 'withdrawn') = (withdrawn_on IS NOT NULL)),
    CONSTRAINT ck_activity_case_lengths CHECK (coalesce(char_length(title), 0) <= 200 AND coalesce(char_length(summary), 0) <= 500 AND coalesce(char_length(body), 0) <= 300 AND coalesce(char_length(story), 0) <= 10000 AND coalesce(char_length(worked), 0) <= 4000 AND coalesce(char_length(hard), 0) <= 4000),
    CONSTRAINT ck_activity_case_geom_valid CHECK (geom IS NULL OR (ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_XMin(geom) >= 122 AND ST_YMin(geom) >= 20 AND ST_XMax(geom) <= 154.5 AND ST_YMax(geom) <= 46)),
    CONSTRAINT fk_activity_case_district FOREIGN KEY(municipality_code, district_no) REFERENCES kyodo.district (municipality_code, district_no),
    CONSTRAINT fk_activity_case_association FOREIGN KEY(municipality_code, association_id) REFERENCES kyodo.association (municipality_code, association_id),
    CONSTRAINT fk_activity_case_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.activity_case IS 'Activity cases (活動事例); the public sees the published ones';
COMMENT ON COLUMN kyodo.activity_case.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.activity_case.case_id IS 'Permanent id';
COMMENT ON COLUMN kyodo.activity_case.title IS 'Title';
COMMENT ON COLUMN kyodo.activity_case.summary IS 'One sentence';
COMMENT ON COLUMN kyodo.activity_case.theme IS 'Theme of kyodo_geo.sharing.themes; old ones stay';
COMMENT ON COLUMN kyodo.activity_case.district_no IS 'District';
COMMENT ON COLUMN kyodo.activity_case.body IS 'Association or body that did it; no person';
COMMENT ON COLUMN kyodo.activity_case.association_id IS 'Association, where it was one';
COMMENT ON COLUMN kyodo.activity_case.done_year IS 'Fiscal year of the activity';
COMMENT ON COLUMN kyodo.activity_case.story IS 'What was done; paragraphs between empty lines';
COMMENT ON COLUMN kyodo.activity_case.worked IS 'What went well';
COMMENT ON COLUMN kyodo.activity_case.hard IS 'What was hard';
COMMENT ON COLUMN kyodo.activity_case.place_name IS 'Name of the place';
COMMENT ON COLUMN kyodo.activity_case.geom IS 'A public place, lon/lat; NULL: district only';
COMMENT ON COLUMN kyodo.activity_case.public_place IS 'Somebody answers for it that the place is public';
COMMENT ON COLUMN kyodo.activity_case.origin IS 'wa (つながる“わ”) / meeting (取組23) / exchange (取組22) / visit / other';
COMMENT ON COLUMN kyodo.activity_case.origin_note IS 'Its number or day';
COMMENT ON COLUMN kyodo.activity_case.keywords IS 'Readings and other words it is found by';
COMMENT ON COLUMN kyodo.activity_case.state IS 'draft / asked / published / withdrawn';
COMMENT ON COLUMN kyodo.activity_case.published_on IS 'Day it was first published';
COMMENT ON COLUMN kyodo.activity_case.withdrawn_on IS 'Day it was withdrawn; NULL: it is not';
COMMENT ON COLUMN kyodo.activity_case.changed_at IS 'When what readers see last changed (trigger)';
COMMENT ON COLUMN kyodo.activity_case.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.activity_case.source IS 'Where the value was taken from';

CREATE TABLE kyodo.case_consent (
    municipality_code text NOT NULL,
    case_id text NOT NULL,
    consent_no integer NOT NULL,
    given_by text NOT NULL,
    given_on date NOT NULL,
    way text NOT NULL,
    covers_text boolean NOT NULL,
    covers_photos boolean NOT NULL,
    note text,
    mark text NOT NULL,
    photo_marks text DEFAULT '' NOT NULL,
    ended_on date,
    entered_by text NOT NULL,
    CONSTRAINT pk_case_consent PRIMARY KEY (municipality_code, case_id, consent_no),
    CONSTRAINT ck_case_consent_way_known CHECK (way IN ('paper', 'mail', 'phone', 'spoken')),
    CONSTRAINT ck_case_consent_number_range CHECK (consent_no > 0),
    CONSTRAINT ck_case_consent_covers_something CHECK (covers_text OR covers_photos),
    CONSTRAINT fk_case_consent_case FOREIGN KEY(municipality_code, case_id) REFERENCES kyodo.activity_case (municipality_code, case_id) ON DELETE CASCADE,
    CONSTRAINT fk_case_consent_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.case_consent IS 'Who consented to the publication of a case; staff only, goes with the case';
COMMENT ON COLUMN kyodo.case_consent.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.case_consent.case_id IS 'Case';
COMMENT ON COLUMN kyodo.case_consent.consent_no IS '1, 2 … per case';
COMMENT ON COLUMN kyodo.case_consent.given_by IS 'Who consented; staff only';
COMMENT ON COLUMN kyodo.case_consent.given_on IS 'When';
COMMENT ON COLUMN kyodo.case_consent.way IS 'paper / mail / phone / spoken';
COMMENT ON COLUMN kyodo.case_consent.covers_text IS 'To the text';
COMMENT ON COLUMN kyodo.case_consent.covers_photos IS 'To the photos and for the people on them';
COMMENT ON COLUMN kyodo.case_consent.note IS 'Where the paper is';
COMMENT ON COLUMN kyodo.case_consent.mark IS 'Mark of the text it was given for';
COMMENT ON COLUMN kyodo.case_consent.photo_marks IS 'sha256 of the photos it was given for, between spaces; empty: none';
COMMENT ON COLUMN kyodo.case_consent.ended_on IS 'Day it was taken back';
COMMENT ON COLUMN kyodo.case_consent.entered_by IS 'Login of who entered it';

CREATE TABLE kyodo.case_photo (
    municipality_code text NOT NULL,
    case_id text NOT NULL,
    photo_no integer NOT NULL,
    sort_order integer NOT NULL,
    alt text NOT NULL,
    credit text NOT NULL,
    faces text NOT NULL,
    shown boolean DEFAULT false NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    sha256 text NOT NULL,
    CONSTRAINT pk_case_photo PRIMARY KEY (municipality_code, case_id, photo_no),
    CONSTRAINT ck_case_photo_faces_known CHECK (faces IN ('none', 'unclear', 'agreed', 'unknown')),
    CONSTRAINT ck_case_photo_numbers_range CHECK (photo_no > 0 AND width > 0 AND height > 0),
    CONSTRAINT ck_case_photo_sha256_form CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    CONSTRAINT ck_case_photo_shown_is_complete CHECK (NOT shown OR (alt <> '' AND credit <> '' AND faces <> 'unknown')),
    CONSTRAINT ck_case_photo_lengths CHECK (coalesce(char_length(alt), 0) <= 500 AND coalesce(char_length(credit), 0) <= 200),
    CONSTRAINT fk_case_photo_case FOREIGN KEY(municipality_code, case_id) REFERENCES kyodo.activity_case (municipality_code, case_id) ON DELETE CASCADE,
    CONSTRAINT fk_case_photo_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.case_photo IS 'Photos of a case: what is known of each';
COMMENT ON COLUMN kyodo.case_photo.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.case_photo.case_id IS 'Case';
COMMENT ON COLUMN kyodo.case_photo.photo_no IS '1, 2 … per case';
COMMENT ON COLUMN kyodo.case_photo.sort_order IS 'Order of display';
COMMENT ON COLUMN kyodo.case_photo.alt IS 'What is seen, for those who do not see it';
COMMENT ON COLUMN kyodo.case_photo.credit IS 'Who took or gave it';
COMMENT ON COLUMN kyodo.case_photo.faces IS 'none / unclear / agreed / unknown: the people on it';
COMMENT ON COLUMN kyodo.case_photo.shown IS 'Looked at when the case was published';
COMMENT ON COLUMN kyodo.case_photo.width IS 'Of the largest size, pixels';
COMMENT ON COLUMN kyodo.case_photo.height IS 'Of the largest size, pixels';
COMMENT ON COLUMN kyodo.case_photo.sha256 IS 'Of the bytes of the largest size';

CREATE TABLE kyodo.case_photo_file (
    municipality_code text NOT NULL,
    case_id text NOT NULL,
    photo_no integer NOT NULL,
    size integer NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT pk_case_photo_file PRIMARY KEY (municipality_code, case_id, photo_no, size),
    CONSTRAINT ck_case_photo_file_size_known CHECK (size IN (480, 960, 1600)),
    CONSTRAINT ck_case_photo_file_content_bounded CHECK (octet_length(content) BETWEEN 1 AND 4194304),
    CONSTRAINT fk_case_photo_file_photo FOREIGN KEY(municipality_code, case_id, photo_no) REFERENCES kyodo.case_photo (municipality_code, case_id, photo_no) ON DELETE CASCADE,
    CONSTRAINT fk_case_photo_file_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.case_photo_file IS 'Photos of cases as JPEG, in sizes';
COMMENT ON COLUMN kyodo.case_photo_file.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.case_photo_file.case_id IS 'Case';
COMMENT ON COLUMN kyodo.case_photo_file.photo_no IS 'Photo';
COMMENT ON COLUMN kyodo.case_photo_file.size IS 'Longer side at most, pixels: 480 / 960 / 1600';
COMMENT ON COLUMN kyodo.case_photo_file.width IS 'Pixels';
COMMENT ON COLUMN kyodo.case_photo_file.height IS 'Pixels';
COMMENT ON COLUMN kyodo.case_photo_file.content IS 'JPEG that we made; never the bytes that were sent';

CREATE TABLE kyodo.handbook (
    municipality_code text NOT NULL,
    handbook_id text NOT NULL,
    title text NOT NULL,
    audience text NOT NULL,
    edition text,
    issued_on date NOT NULL,
    publisher text NOT NULL,
    topics text,
    summary text,
    link text,
    replaces_id text,
    retired_on date,
    changed_at timestamptz DEFAULT now() NOT NULL,
    quality text DEFAULT 'real' NOT NULL,
    source text,
    CONSTRAINT pk_handbook PRIMARY KEY (municipality_code, handbook_id),
    CONSTRAINT ck_handbook_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_handbook_id_form CHECK (handbook_id ~ '^[0-9A-Za-z_-]{1,40}$'),
    CONSTRAINT ck_handbook_not_itself CHECK (replaces_id <> handbook_id),
    CONSTRAINT ck_handbook_link_form CHECK (link ~ '^https://'),
    CONSTRAINT fk_handbook_replaces FOREIGN KEY(municipality_code, replaces_id) REFERENCES kyodo.handbook (municipality_code, handbook_id),
    CONSTRAINT fk_handbook_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.handbook IS 'Register of handbooks (取組6) with which are old';
COMMENT ON COLUMN kyodo.handbook.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.handbook.handbook_id IS 'Permanent id';
COMMENT ON COLUMN kyodo.handbook.title IS 'Title';
COMMENT ON COLUMN kyodo.handbook.audience IS 'For whom';
COMMENT ON COLUMN kyodo.handbook.edition IS 'Edition';
COMMENT ON COLUMN kyodo.handbook.issued_on IS 'Day of issue';
COMMENT ON COLUMN kyodo.handbook.publisher IS 'Who issued it';
COMMENT ON COLUMN kyodo.handbook.topics IS 'Labels of themes, joined by 、';
COMMENT ON COLUMN kyodo.handbook.summary IS 'What it says';
COMMENT ON COLUMN kyodo.handbook.link IS 'https address';
COMMENT ON COLUMN kyodo.handbook.replaces_id IS 'Handbook that this one makes old';
COMMENT ON COLUMN kyodo.handbook.retired_on IS 'Day from which it is not to be used, where no other follows';
COMMENT ON COLUMN kyodo.handbook.changed_at IS 'When what readers see last changed (trigger)';
COMMENT ON COLUMN kyodo.handbook.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.handbook.source IS 'Where the value was taken from';

CREATE TABLE kyodo.subsidy_notice (
    municipality_code text NOT NULL,
    notice_id text NOT NULL,
    title text NOT NULL,
    giver_kind text NOT NULL,
    giver text NOT NULL,
    applicants text NOT NULL,
    purpose text NOT NULL,
    amount text,
    rate text,
    opens_on date,
    closes_after date,
    themes text,
    link text,
    contact text,
    checked_on date NOT NULL,
    changed_at timestamptz DEFAULT now() NOT NULL,
    quality text DEFAULT 'real' NOT NULL,
    source text,
    CONSTRAINT pk_subsidy_notice PRIMARY KEY (municipality_code, notice_id),
    CONSTRAINT ck_subsidy_notice_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_subsidy_notice_giver_kind_known CHECK (giver_kind IN ('national', 'prefecture', 'city', 'foundation', 'other')),
    CONSTRAINT ck_subsidy_notice_id_form CHECK (notice_id ~ '^[0-9A-Za-z_-]{1,40}$'),
    CONSTRAINT ck_subsidy_notice_period_order CHECK (opens_on < closes_after),
    CONSTRAINT ck_subsidy_notice_link_form CHECK (link ~ '^https://'),
    CONSTRAINT fk_subsidy_notice_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.subsidy_notice IS 'Subsidies of others that neighbourhoods can apply for (取組8)';
COMMENT ON COLUMN kyodo.subsidy_notice.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.subsidy_notice.notice_id IS 'Permanent id';
COMMENT ON COLUMN kyodo.subsidy_notice.title IS 'Title';
COMMENT ON COLUMN kyodo.subsidy_notice.giver_kind IS 'national / prefecture / city / foundation / other';
COMMENT ON COLUMN kyodo.subsidy_notice.giver IS 'Who gives';
COMMENT ON COLUMN kyodo.subsidy_notice.applicants IS 'Who may apply';
COMMENT ON COLUMN kyodo.subsidy_notice.purpose IS 'What for';
COMMENT ON COLUMN kyodo.subsidy_notice.amount IS 'Amount, in words';
COMMENT ON COLUMN kyodo.subsidy_notice.rate IS 'Rate, in words';
COMMENT ON COLUMN kyodo.subsidy_notice.opens_on IS 'First day of applications';
COMMENT ON COLUMN kyodo.subsidy_notice.closes_after IS 'Day after the last day of applications';
COMMENT ON COLUMN kyodo.subsidy_notice.themes IS 'Labels of themes, joined by 、';
COMMENT ON COLUMN kyodo.subsidy_notice.link IS 'https address of the call';
COMMENT ON COLUMN kyodo.subsidy_notice.contact IS 'The giver''s office';
COMMENT ON COLUMN kyodo.subsidy_notice.checked_on IS 'When somebody last looked at the call';
COMMENT ON COLUMN kyodo.subsidy_notice.changed_at IS 'When what readers see last changed (trigger)';
COMMENT ON COLUMN kyodo.subsidy_notice.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.subsidy_notice.source IS 'Where the value was taken from';


CREATE FUNCTION kyodo.set_changed_at() RETURNS trigger
LANGUAGE plpgsql SET search_path = kyodo, pg_temp AS $$
BEGIN
    NEW.changed_at := now();
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION kyodo.set_changed_at() FROM PUBLIC;
CREATE TRIGGER set_changed_at BEFORE UPDATE ON kyodo.activity_case
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION kyodo.set_changed_at();
CREATE TRIGGER set_changed_at BEFORE UPDATE ON kyodo.handbook
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION kyodo.set_changed_at();
CREATE TRIGGER set_changed_at BEFORE UPDATE ON kyodo.subsidy_notice
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION kyodo.set_changed_at();

-- Drafts show on no page that is kept, and must not make the workers read everything anew.
CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT ON kyodo.activity_case
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'published') EXECUTE FUNCTION kyodo.touch_revision();
CREATE CONSTRAINT TRIGGER touch_revision_changed AFTER UPDATE ON kyodo.activity_case
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.state = 'published' OR NEW.state = 'published')
    EXECUTE FUNCTION kyodo.touch_revision();
CREATE CONSTRAINT TRIGGER touch_revision_gone AFTER DELETE ON kyodo.activity_case
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.state = 'published') EXECUTE FUNCTION kyodo.touch_revision();
CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT ON kyodo.case_photo
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.shown) EXECUTE FUNCTION kyodo.touch_revision();
CREATE CONSTRAINT TRIGGER touch_revision_changed AFTER UPDATE ON kyodo.case_photo
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.shown OR NEW.shown) EXECUTE FUNCTION kyodo.touch_revision();
CREATE CONSTRAINT TRIGGER touch_revision_gone AFTER DELETE ON kyodo.case_photo
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.shown) EXECUTE FUNCTION kyodo.touch_revision();
CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.handbook
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();
CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.subsidy_notice
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();

GRANT SELECT ON kyodo.activity_case, kyodo.case_photo, kyodo.case_photo_file, kyodo.handbook, kyodo.subsidy_notice
    TO kyodo_public;
GRANT SELECT, INSERT, UPDATE, DELETE ON kyodo.activity_case, kyodo.case_consent, kyodo.case_photo, kyodo.case_photo_file,
    kyodo.handbook, kyodo.subsidy_notice TO kyodo_staff, kyodo_loader;

ALTER TABLE kyodo.activity_case ENABLE ROW LEVEL SECURITY;
CREATE POLICY published_only ON kyodo.activity_case FOR SELECT TO kyodo_public USING (state = 'published');
CREATE POLICY all_rows ON kyodo.activity_case TO kyodo_staff, kyodo_loader USING (true) WITH CHECK (true);
ALTER TABLE kyodo.case_photo ENABLE ROW LEVEL SECURITY;
CREATE POLICY published_only ON kyodo.case_photo FOR SELECT TO kyodo_public USING (shown AND EXISTS (
    SELECT FROM kyodo.activity_case c WHERE c.municipality_code = case_photo.municipality_code
        AND c.case_id = case_photo.case_id AND c.state = 'published'));
CREATE POLICY all_rows ON kyodo.case_photo TO kyodo_staff, kyodo_loader USING (true) WITH CHECK (true);
ALTER TABLE kyodo.case_photo_file ENABLE ROW LEVEL SECURITY;
CREATE POLICY published_only ON kyodo.case_photo_file FOR SELECT TO kyodo_public USING (EXISTS (
    SELECT FROM kyodo.case_photo p WHERE p.municipality_code = case_photo_file.municipality_code
        AND p.case_id = case_photo_file.case_id AND p.photo_no = case_photo_file.photo_no AND p.shown));
CREATE POLICY all_rows ON kyodo.case_photo_file TO kyodo_staff, kyodo_loader USING (true) WITH CHECK (true);
