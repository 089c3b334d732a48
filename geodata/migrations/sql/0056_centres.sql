-- Centres, events and associations at risk. Rows of the tables that are not named below are for staff alone: the public reads
-- published events, topics, and counts of consultations as the function at the end gives them.
CREATE TABLE kyodo.consultation_topic (
    municipality_code TEXT NOT NULL,
    topic_id TEXT NOT NULL,
    label TEXT COLLATE "ja-x-icu" NOT NULL,
    sort_order INTEGER NOT NULL,
    valid_from DATE,
    valid_to DATE,
    quality TEXT DEFAULT 'real' NOT NULL,
    source TEXT,
    CONSTRAINT pk_consultation_topic PRIMARY KEY (municipality_code, topic_id),
    CONSTRAINT ck_consultation_topic_validity_order CHECK (valid_from IS NULL OR valid_to IS NULL OR valid_from < valid_to),
    CONSTRAINT ck_consultation_topic_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_consultation_topic_sort_order_range CHECK (sort_order BETWEEN 0 AND 10000),
    CONSTRAINT fk_consultation_topic_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.consultation_topic IS 'Topics of consultations; one that is no longer used ends and keeps its counts';
COMMENT ON COLUMN kyodo.consultation_topic.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.consultation_topic.topic_id IS 'Permanent id';
COMMENT ON COLUMN kyodo.consultation_topic.label IS 'What is consulted about';
COMMENT ON COLUMN kyodo.consultation_topic.sort_order IS 'Place in the list';
COMMENT ON COLUMN kyodo.consultation_topic.valid_from IS 'First day it holds; NULL: unknown or always';
COMMENT ON COLUMN kyodo.consultation_topic.valid_to IS 'First day it no longer holds; NULL: still holds';
COMMENT ON COLUMN kyodo.consultation_topic.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.consultation_topic.source IS 'Where the value was taken from';

CREATE TABLE kyodo.consultation (
    municipality_code TEXT NOT NULL,
    consultation_id TEXT NOT NULL,
    body_id TEXT NOT NULL,
    held_on DATE NOT NULL,
    asker TEXT NOT NULL,
    association_id TEXT,
    district_no INTEGER,
    way TEXT NOT NULL,
    topic_id TEXT NOT NULL,
    topic_2 TEXT,
    topic_3 TEXT,
    minutes INTEGER,
    content TEXT,
    result TEXT NOT NULL,
    passed_to TEXT,
    file_no TEXT,
    quality TEXT DEFAULT 'real' NOT NULL,
    source TEXT,
    CONSTRAINT pk_consultation PRIMARY KEY (municipality_code, consultation_id),
    CONSTRAINT ck_consultation_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_consultation_asker_known CHECK (asker IN ('association', 'district-organisation', 'npo', 'resident', 'business', 'other')),
    CONSTRAINT ck_consultation_way_known CHECK (way IN ('visit', 'phone', 'mail', 'online')),
    CONSTRAINT ck_consultation_result_known CHECK (result IN ('answered', 'passed-on', 'going-on', 'other')),
    CONSTRAINT ck_consultation_minutes_range CHECK (minutes BETWEEN 0 AND 1440),
    CONSTRAINT ck_consultation_topics_differ CHECK (topic_2 <> topic_id AND topic_3 <> topic_id AND topic_3 <> topic_2),
    CONSTRAINT ck_consultation_topics_in_order CHECK (topic_3 IS NULL OR topic_2 IS NOT NULL),
    CONSTRAINT ck_consultation_content_length CHECK (char_length(content) <= 4000),
    CONSTRAINT fk_consultation_body FOREIGN KEY(municipality_code, body_id) REFERENCES kyodo.body (municipality_code, body_id),
    CONSTRAINT fk_consultation_association FOREIGN KEY(municipality_code, association_id) REFERENCES kyodo.association (municipality_code, association_id),
    CONSTRAINT fk_consultation_district FOREIGN KEY(municipality_code, district_no) REFERENCES kyodo.district (municipality_code, district_no),
    CONSTRAINT fk_consultation_topic_id FOREIGN KEY(municipality_code, topic_id) REFERENCES kyodo.consultation_topic (municipality_code, topic_id),
    CONSTRAINT fk_consultation_topic_2 FOREIGN KEY(municipality_code, topic_2) REFERENCES kyodo.consultation_topic (municipality_code, topic_id),
    CONSTRAINT fk_consultation_topic_3 FOREIGN KEY(municipality_code, topic_3) REFERENCES kyodo.consultation_topic (municipality_code, topic_id),
    CONSTRAINT fk_consultation_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
CREATE INDEX ix_consultation_day ON kyodo.consultation (municipality_code, held_on);
COMMENT ON TABLE kyodo.consultation IS 'Consultations at the centres (取組18); everybody reads counts alone, through a function';
COMMENT ON COLUMN kyodo.consultation.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.consultation.consultation_id IS 'Permanent id';
COMMENT ON COLUMN kyodo.consultation.body_id IS 'Centre';
COMMENT ON COLUMN kyodo.consultation.held_on IS 'Day';
COMMENT ON COLUMN kyodo.consultation.asker IS 'association / district-organisation / npo / resident / business / other; never a name';
COMMENT ON COLUMN kyodo.consultation.association_id IS 'Association that asked, where it did';
COMMENT ON COLUMN kyodo.consultation.district_no IS 'District it is about';
COMMENT ON COLUMN kyodo.consultation.way IS 'visit / phone / mail / online';
COMMENT ON COLUMN kyodo.consultation.topic_id IS 'What it is mainly about';
COMMENT ON COLUMN kyodo.consultation.topic_2 IS 'A second topic';
COMMENT ON COLUMN kyodo.consultation.topic_3 IS 'A third topic';
COMMENT ON COLUMN kyodo.consultation.minutes IS 'Minutes it took';
COMMENT ON COLUMN kyodo.consultation.content IS 'What was said; staff only, emptied when its time is over';
COMMENT ON COLUMN kyodo.consultation.result IS 'answered / passed-on / going-on / other';
COMMENT ON COLUMN kyodo.consultation.passed_to IS 'Department or body it was passed to';
COMMENT ON COLUMN kyodo.consultation.file_no IS 'Number that tells like consultations of a day apart';
COMMENT ON COLUMN kyodo.consultation.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.consultation.source IS 'Where the value was taken from';

CREATE TABLE kyodo.event (
    municipality_code TEXT NOT NULL,
    event_id TEXT NOT NULL,
    initiative_no TEXT NOT NULL,
    title TEXT COLLATE "ja-x-icu" NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE,
    starts_at TEXT,
    ends_at TEXT,
    facility_id TEXT,
    place TEXT,
    district_no INTEGER,
    audience TEXT,
    capacity INTEGER,
    apply_until DATE,
    apply_how TEXT,
    state TEXT NOT NULL,
    theme TEXT,
    materials_url TEXT,
    participants INTEGER,
    published BOOLEAN DEFAULT false NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    quality TEXT DEFAULT 'real' NOT NULL,
    source TEXT,
    CONSTRAINT pk_event PRIMARY KEY (municipality_code, event_id),
    CONSTRAINT ck_event_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_event_initiative_no_known CHECK (initiative_no IN ('3', '20', '22', '23', '26', '27')),
    CONSTRAINT ck_event_state_known CHECK (state IN ('planned', 'held', 'cancelled')),
    CONSTRAINT ck_event_days_order CHECK (ends_on >= starts_on),
    CONSTRAINT ck_event_times_form CHECK (starts_at ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$' AND ends_at ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
    CONSTRAINT ck_event_numbers_range CHECK (capacity >= 0 AND participants >= 0),
    CONSTRAINT ck_event_materials_https CHECK (materials_url ~ '^https://'),
    CONSTRAINT fk_event_facility FOREIGN KEY(municipality_code, facility_id) REFERENCES kyodo.facility (municipality_code, facility_id),
    CONSTRAINT fk_event_district FOREIGN KEY(municipality_code, district_no) REFERENCES kyodo.district (municipality_code, district_no),
    CONSTRAINT fk_event_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
CREATE INDEX ix_event_day ON kyodo.event (municipality_code, starts_on);
COMMENT ON TABLE kyodo.event IS 'Events of the plan''s initiatives; the public reads those that are published';
COMMENT ON COLUMN kyodo.event.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.event.event_id IS 'Permanent id';
COMMENT ON COLUMN kyodo.event.initiative_no IS 'Initiative of the plan of that year: 3, 20, 22, 23, 26 or 27';
COMMENT ON COLUMN kyodo.event.title IS 'Title';
COMMENT ON COLUMN kyodo.event.starts_on IS 'First day';
COMMENT ON COLUMN kyodo.event.ends_on IS 'Last day, where there are several';
COMMENT ON COLUMN kyodo.event.starts_at IS 'Time it begins, HH:MM';
COMMENT ON COLUMN kyodo.event.ends_at IS 'Time it ends, HH:MM';
COMMENT ON COLUMN kyodo.event.facility_id IS 'Facility it is in';
COMMENT ON COLUMN kyodo.event.place IS 'Place in words';
COMMENT ON COLUMN kyodo.event.district_no IS 'District it is for; NULL: the whole city';
COMMENT ON COLUMN kyodo.event.audience IS 'For whom';
COMMENT ON COLUMN kyodo.event.capacity IS 'People it has room for';
COMMENT ON COLUMN kyodo.event.apply_until IS 'Last day to apply';
COMMENT ON COLUMN kyodo.event.apply_how IS 'How to apply';
COMMENT ON COLUMN kyodo.event.state IS 'planned / held / cancelled';
COMMENT ON COLUMN kyodo.event.theme IS 'Theme of the lecture';
COMMENT ON COLUMN kyodo.event.materials_url IS 'Address of the material';
COMMENT ON COLUMN kyodo.event.participants IS 'Participants altogether; NULL: unknown';
COMMENT ON COLUMN kyodo.event.published IS 'Everybody may read it';
COMMENT ON COLUMN kyodo.event.changed_at IS 'When it was last changed';
COMMENT ON COLUMN kyodo.event.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.event.source IS 'Where the value was taken from';

CREATE TABLE kyodo.event_attendance (
    municipality_code TEXT NOT NULL,
    event_id TEXT NOT NULL,
    district_no INTEGER NOT NULL,
    participants INTEGER NOT NULL,
    CONSTRAINT pk_event_attendance PRIMARY KEY (municipality_code, event_id, district_no),
    CONSTRAINT ck_event_attendance_participants_range CHECK (participants >= 0),
    CONSTRAINT fk_event_attendance_event FOREIGN KEY(municipality_code, event_id) REFERENCES kyodo.event (municipality_code, event_id) ON DELETE CASCADE,
    CONSTRAINT fk_event_attendance_district FOREIGN KEY(municipality_code, district_no) REFERENCES kyodo.district (municipality_code, district_no),
    CONSTRAINT fk_event_attendance_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.event_attendance IS 'Participants of an event by district; staff only, everybody reads sums through event_participants()';
COMMENT ON COLUMN kyodo.event_attendance.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.event_attendance.event_id IS 'Event';
COMMENT ON COLUMN kyodo.event_attendance.district_no IS 'District they came from';
COMMENT ON COLUMN kyodo.event_attendance.participants IS 'People; a district without a row is unknown, not 0';

CREATE TABLE kyodo.risk_case (
    municipality_code TEXT NOT NULL,
    case_id TEXT NOT NULL,
    association_id TEXT NOT NULL,
    opened_on DATE NOT NULL,
    figures TEXT,
    reason TEXT,
    person_name TEXT,
    state TEXT NOT NULL,
    closed_on DATE,
    outcome TEXT,
    quality TEXT DEFAULT 'real' NOT NULL,
    source TEXT,
    CONSTRAINT pk_risk_case PRIMARY KEY (municipality_code, case_id),
    CONSTRAINT ck_risk_case_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_risk_case_state_known CHECK (state IN ('open', 'watching', 'closed')),
    CONSTRAINT ck_risk_case_closed_has_day CHECK ((state = 'closed') = (closed_on IS NOT NULL)),
    CONSTRAINT ck_risk_case_days_order CHECK (closed_on >= opened_on),
    CONSTRAINT fk_risk_case_association FOREIGN KEY(municipality_code, association_id) REFERENCES kyodo.association (municipality_code, association_id),
    CONSTRAINT fk_risk_case_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
CREATE UNIQUE INDEX ix_risk_case_running ON kyodo.risk_case (municipality_code, association_id) WHERE state <> 'closed';
COMMENT ON TABLE kyodo.risk_case IS 'Case sheets of associations at risk (取組14); staff only';
COMMENT ON COLUMN kyodo.risk_case.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.risk_case.case_id IS 'Permanent id';
COMMENT ON COLUMN kyodo.risk_case.association_id IS 'Association';
COMMENT ON COLUMN kyodo.risk_case.opened_on IS 'Day it was opened';
COMMENT ON COLUMN kyodo.risk_case.figures IS 'What the rule said on that day, in words';
COMMENT ON COLUMN kyodo.risk_case.reason IS 'Why, in the words of staff';
COMMENT ON COLUMN kyodo.risk_case.person_name IS 'Person in charge';
COMMENT ON COLUMN kyodo.risk_case.state IS 'open / watching / closed';
COMMENT ON COLUMN kyodo.risk_case.closed_on IS 'Day it was closed';
COMMENT ON COLUMN kyodo.risk_case.outcome IS 'What came of it';
COMMENT ON COLUMN kyodo.risk_case.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.risk_case.source IS 'Where the value was taken from';

CREATE TABLE kyodo.risk_visit (
    municipality_code TEXT NOT NULL,
    visit_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    visited_on DATE NOT NULL,
    way TEXT NOT NULL,
    person_name TEXT,
    heard TEXT,
    advice TEXT,
    next_step TEXT,
    next_on DATE,
    CONSTRAINT pk_risk_visit PRIMARY KEY (municipality_code, visit_id),
    CONSTRAINT ck_risk_visit_way_known CHECK (way IN ('visit', 'phone', 'meeting', 'mail', 'advice')),
    CONSTRAINT ck_risk_visit_days_order CHECK (next_on >= visited_on),
    CONSTRAINT fk_risk_visit_case FOREIGN KEY(municipality_code, case_id) REFERENCES kyodo.risk_case (municipality_code, case_id),
    CONSTRAINT fk_risk_visit_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
CREATE INDEX ix_risk_visit_case ON kyodo.risk_visit (municipality_code, case_id, visited_on);
COMMENT ON TABLE kyodo.risk_visit IS 'Visits to and talks with an association at risk; staff only';
COMMENT ON COLUMN kyodo.risk_visit.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.risk_visit.visit_id IS 'Permanent id';
COMMENT ON COLUMN kyodo.risk_visit.case_id IS 'Case';
COMMENT ON COLUMN kyodo.risk_visit.visited_on IS 'Day';
COMMENT ON COLUMN kyodo.risk_visit.way IS 'visit / phone / meeting / mail / advice';
COMMENT ON COLUMN kyodo.risk_visit.person_name IS 'Who went or spoke';
COMMENT ON COLUMN kyodo.risk_visit.heard IS 'What was heard';
COMMENT ON COLUMN kyodo.risk_visit.advice IS 'What was advised';
COMMENT ON COLUMN kyodo.risk_visit.next_step IS 'What follows';
COMMENT ON COLUMN kyodo.risk_visit.next_on IS 'When to go again';

CREATE TABLE kyodo.adviser_dispatch (
    municipality_code TEXT NOT NULL,
    dispatch_id TEXT NOT NULL,
    dispatched_on DATE NOT NULL,
    adviser TEXT NOT NULL,
    theme TEXT NOT NULL,
    hours FLOAT,
    cost_yen INTEGER,
    district_no INTEGER,
    association_id TEXT,
    case_id TEXT,
    result TEXT,
    quality TEXT DEFAULT 'real' NOT NULL,
    source TEXT,
    CONSTRAINT pk_adviser_dispatch PRIMARY KEY (municipality_code, dispatch_id),
    CONSTRAINT ck_adviser_dispatch_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_adviser_dispatch_numbers_range CHECK (hours > 0 AND hours <= 1000 AND cost_yen >= 0),
    CONSTRAINT ck_adviser_dispatch_for_somebody CHECK (district_no IS NOT NULL OR association_id IS NOT NULL),
    CONSTRAINT fk_adviser_dispatch_district FOREIGN KEY(municipality_code, district_no) REFERENCES kyodo.district (municipality_code, district_no),
    CONSTRAINT fk_adviser_dispatch_association FOREIGN KEY(municipality_code, association_id) REFERENCES kyodo.association (municipality_code, association_id),
    CONSTRAINT fk_adviser_dispatch_case FOREIGN KEY(municipality_code, case_id) REFERENCES kyodo.risk_case (municipality_code, case_id),
    CONSTRAINT ck_adviser_dispatch_hours_finite CHECK (hours > '-Infinity' AND hours < 'Infinity'),
    CONSTRAINT fk_adviser_dispatch_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
CREATE INDEX ix_adviser_dispatch_day ON kyodo.adviser_dispatch (municipality_code, dispatched_on);
COMMENT ON TABLE kyodo.adviser_dispatch IS 'Advisers sent to districts and associations (取組13); staff only';
COMMENT ON COLUMN kyodo.adviser_dispatch.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.adviser_dispatch.dispatch_id IS 'Permanent id';
COMMENT ON COLUMN kyodo.adviser_dispatch.dispatched_on IS 'Day';
COMMENT ON COLUMN kyodo.adviser_dispatch.adviser IS 'Body or field of the adviser';
COMMENT ON COLUMN kyodo.adviser_dispatch.theme IS 'Theme';
COMMENT ON COLUMN kyodo.adviser_dispatch.hours IS 'Hours';
COMMENT ON COLUMN kyodo.adviser_dispatch.cost_yen IS 'Cost, yen; NULL: unknown';
COMMENT ON COLUMN kyodo.adviser_dispatch.district_no IS 'District';
COMMENT ON COLUMN kyodo.adviser_dispatch.association_id IS 'Association';
COMMENT ON COLUMN kyodo.adviser_dispatch.case_id IS 'Case sheet it belongs to';
COMMENT ON COLUMN kyodo.adviser_dispatch.result IS 'Result';
COMMENT ON COLUMN kyodo.adviser_dispatch.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.adviser_dispatch.source IS 'Where the value was taken from';

CREATE TABLE kyodo.published_consultations (
    municipality_code TEXT NOT NULL,
    fiscal_year INTEGER NOT NULL,
    body_id TEXT NOT NULL,
    topic_id TEXT NOT NULL,
    consultations INTEGER,
    withheld BOOLEAN NOT NULL,
    quality TEXT,
    CONSTRAINT pk_published_consultations PRIMARY KEY (municipality_code, fiscal_year, body_id, topic_id),
    CONSTRAINT ck_published_consultations_withheld_is_empty CHECK (NOT withheld OR consultations IS NULL),
    CONSTRAINT fk_published_consultations_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.published_consultations IS 'Public side only: what kyodo.consultation_counts answered on the internal side';
COMMENT ON COLUMN kyodo.published_consultations.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.published_consultations.fiscal_year IS 'Fiscal year by its first calendar year';
COMMENT ON COLUMN kyodo.published_consultations.body_id IS 'Centre; '''' for the whole city';
COMMENT ON COLUMN kyodo.published_consultations.topic_id IS 'Topic; '''' for all of them';
COMMENT ON COLUMN kyodo.published_consultations.consultations IS 'Consultations; NULL: withheld';
COMMENT ON COLUMN kyodo.published_consultations.withheld IS 'Withheld';
COMMENT ON COLUMN kyodo.published_consultations.quality IS 'real / unofficial / sample';

-- Who may read and write them.
GRANT SELECT, INSERT, UPDATE, DELETE ON kyodo.consultation_topic, kyodo.consultation, kyodo.event, kyodo.event_attendance,
    kyodo.risk_case, kyodo.risk_visit, kyodo.adviser_dispatch TO kyodo_staff, kyodo_loader;
GRANT SELECT ON kyodo.consultation_topic, kyodo.event TO kyodo_public;
GRANT SELECT ON kyodo.published_consultations TO kyodo_loader;
ALTER TABLE kyodo.event ENABLE ROW LEVEL SECURITY;
CREATE POLICY published_only ON kyodo.event FOR SELECT TO kyodo_public USING (published);
CREATE POLICY all_rows ON kyodo.event TO kyodo_staff, kyodo_loader USING (true) WITH CHECK (true);

-- Feeds say when an event was last changed. A package between the zones brings the time along.
CREATE FUNCTION kyodo.touch_event() RETURNS trigger LANGUAGE plpgsql SET search_path = kyodo, pg_temp AS $$
BEGIN
    IF NEW.changed_at = OLD.changed_at AND NEW IS DISTINCT FROM OLD THEN
        NEW.changed_at := now();
    END IF;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION kyodo.touch_event() FROM PUBLIC;
CREATE TRIGGER touch_event BEFORE UPDATE ON kyodo.event FOR EACH ROW EXECUTE FUNCTION kyodo.touch_event();

-- Pages that everybody reads show them (consultations as counts).
CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.consultation_topic
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();
CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.consultation
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();
CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.event
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();
-- Cases and dispatches are counted on the staff's map, which is kept by revision too.
CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.risk_case
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();
CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.risk_visit
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();
CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.published_consultations
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();

CREATE FUNCTION kyodo.fiscal_year(day date) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT extract(year FROM day - interval '3 months')::int
$$;

-- Counts of consultations by fiscal year: of the whole city ('' for both), of a topic in the city ('' for the centre), of a
-- topic at a centre. One with several topics counts in each of them. The rule is that of
-- kyodo_geo.centres.consultations.shown (a test compares): in each list of figures that add up to one that is told, those of
-- 1 or 2 are withheld, and the smallest others until the withheld ones together are at least 3 and more than the rows they
-- are made of (`least`: as many as their number, they are all 1); what a withheld topic is made of is withheld with it. A topic
-- that is 1 wherever it is at all is withheld, and so is the year's number when no other topic is there. How many a centre
-- had over all topics is told by no row: with the topics it would make a second sum over the same figures.
CREATE FUNCTION kyodo.worked_out_consultation_counts(code text)
RETURNS TABLE (fiscal_year int, body_id text, topic_id text, consultations int, withheld boolean, quality text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kyodo, pg_temp AS $$
    WITH said AS (
        SELECT fiscal_year(c.held_on) AS year, c.consultation_id, c.body_id AS body, t.topic, c.quality
        FROM consultation c CROSS JOIN LATERAL (
            SELECT unnest(ARRAY[c.topic_id, c.topic_2, c.topic_3]) AS topic) t
        WHERE c.municipality_code = code AND t.topic IS NOT NULL
    ), cells AS (
        SELECT year, body, topic, count(*)::int AS size, 1 AS least,
               min(array_position('{sample,unofficial,real}', said.quality)) AS worst
        FROM said GROUP BY year, body, topic
    ), topics AS (
        SELECT year, '' AS body, topic, sum(size)::int AS size, count(*)::int AS least, min(worst) AS worst
        FROM cells GROUP BY year, topic
    ), lists AS (
        SELECT *, '' AS list, size < 3 OR size = least AS small FROM topics UNION ALL SELECT *, topic, size < 3 FROM cells
    ), summed AS (
        SELECT *, sum(size) FILTER (WHERE small) OVER same + coalesce(sum(size) FILTER (WHERE NOT small) OVER before, 0) AS sizes,
               sum(least) FILTER (WHERE small) OVER same + coalesce(sum(least) FILTER (WHERE NOT small) OVER before, 0) AS leasts
        FROM lists
        WINDOW same AS (PARTITION BY year, list),
               before AS (PARTITION BY year, list ORDER BY size, body, topic ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ), judged AS (
        SELECT *, small OR coalesce(sizes < 3 OR sizes = leasts, false) AS hide FROM summed
    ), whole AS (
        SELECT year, count(DISTINCT consultation_id)::int AS size,
               min(array_position('{sample,unofficial,real}', said.quality)) AS worst
        FROM said GROUP BY year
    ), told AS (
        SELECT year, '' AS body, '' AS topic, size,
               size < 3 OR (SELECT bool_and(c.size = 1) FROM cells c WHERE c.year = whole.year) AS hide, worst
        FROM whole
        UNION ALL
        SELECT j.year, j.body, j.topic, j.size, j.hide OR EXISTS (
                   SELECT FROM judged t WHERE t.year = j.year AND t.topic = j.topic AND t.body = '' AND t.hide), j.worst
        FROM judged j
    )
    SELECT year, body, topic, CASE WHEN NOT hide THEN size END, hide, ('{sample,unofficial,real}'::text[])[worst]
    FROM told ORDER BY year, body, topic
$$;
-- The public side holds no consultation, only these answers (published_consultations); each side adds nothing to nothing.
CREATE FUNCTION kyodo.consultation_counts(code text)
RETURNS TABLE (fiscal_year int, body_id text, topic_id text, consultations int, withheld boolean, quality text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kyodo, pg_temp AS $$
    SELECT * FROM worked_out_consultation_counts(code)
    UNION ALL
    SELECT p.fiscal_year, p.body_id, p.topic_id, p.consultations, p.withheld, p.quality
    FROM published_consultations p WHERE p.municipality_code = code
    ORDER BY 1, 2, 3
$$;
REVOKE ALL ON FUNCTION kyodo.worked_out_consultation_counts FROM PUBLIC, kyodo_public, kyodo_staff, kyodo_loader;
REVOKE ALL ON FUNCTION kyodo.consultation_counts FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kyodo.consultation_counts TO kyodo_public, kyodo_staff, kyodo_loader;
