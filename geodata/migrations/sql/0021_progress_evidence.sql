-- Names of a plan's policies: a successor names and numbers them anew.
CREATE TABLE kyodo.plan_policy (
    municipality_code text NOT NULL,
    plan_id text NOT NULL,
    policy_no integer NOT NULL,
    name text NOT NULL,
    CONSTRAINT pk_plan_policy PRIMARY KEY (municipality_code, plan_id, policy_no),
    CONSTRAINT fk_plan_policy_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality,
    CONSTRAINT fk_plan_policy_plan FOREIGN KEY (municipality_code, plan_id) REFERENCES kyodo.plan,
    CONSTRAINT ck_plan_policy_number_range CHECK (policy_no > 0)
);
GRANT SELECT ON kyodo.plan_policy TO kyodo_public, kyodo_staff, kyodo_loader;
GRANT INSERT, UPDATE, DELETE ON kyodo.plan_policy TO kyodo_staff, kyodo_loader;
CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.plan_policy
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();
COMMENT ON TABLE kyodo.plan_policy IS 'Policies (基本方針) of a plan';
COMMENT ON COLUMN kyodo.plan_policy.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.plan_policy.plan_id IS 'Plan';
COMMENT ON COLUMN kyodo.plan_policy.policy_no IS 'Number in this plan, as initiative.policy_no';
COMMENT ON COLUMN kyodo.plan_policy.name IS 'Name';

-- Documents behind a year's record: at most ten, each with a title and a web address or a document number. They belong
-- to the record as one value, so that they share its version and its history.
ALTER TABLE kyodo.initiative_year
    ADD COLUMN evidence jsonb NOT NULL DEFAULT '[]',
    ADD CONSTRAINT ck_initiative_year_evidence_form CHECK (
        CASE WHEN jsonb_typeof(evidence) = 'array' THEN jsonb_array_length(evidence) <= 10
            AND jsonb_array_length(jsonb_path_query_array(evidence, 'strict $[*] ? (@.title like_regex "\\S"
                && (@.number == null || @.number like_regex "\\S") && (@.url like_regex "^https?://[^/\\s]"
                || @.url == null && @.number like_regex "\\S"))')) = jsonb_array_length(evidence)
        ELSE false END);
COMMENT ON COLUMN kyodo.initiative_year.evidence IS
    'Documents behind it: [{title, url, number}]; url or number may be null, not both';
-- What no page has led to (another scheme than http or https) keeps its address as a number: nothing is lost.
UPDATE kyodo.initiative_year SET evidence = jsonb_build_array(
        CASE WHEN evidence_url ~ '^https?://[^/[:space:]]'
            THEN jsonb_build_object('title', '資料', 'url', evidence_url, 'number', NULL)
            ELSE jsonb_build_object('title', '資料', 'url', NULL, 'number', btrim(evidence_url)) END)
    WHERE btrim(evidence_url) <> '';
-- The trigger that tells of the change waits for the commit; the table cannot be altered before it has run.
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE kyodo.initiative_year DROP COLUMN evidence_url;

-- Participants by district: who came from a small district can be a person. Everybody reads them through the functions
-- below alone, which withhold small groups; totals of the whole city have no place.
DROP POLICY not_by_association ON kyodo.area_figure;
CREATE POLICY not_by_association ON kyodo.area_figure FOR SELECT TO kyodo_public
    USING (area_kind <> 'association' AND NOT (area_kind = 'district' AND starts_with(measure, 'participants_')));

-- Participants of all events together by district and year; NULL: withheld. The rule of
-- kyodo_geo.membership.withheld (a test compares): groups of 1 or 2, and the smallest others until the withheld ones
-- together are at least 3.
CREATE FUNCTION kyodo.event_participants(code text)
RETURNS TABLE (fiscal_year int, district_no int, participants int, withheld boolean, quality text, source text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kyodo, pg_temp AS $$
    WITH people AS (
        SELECT f.fiscal_year, f.area_key, sum(round(f.value))::int AS size, string_agg(DISTINCT f.source, '、') AS source,
               (array_agg(f.quality ORDER BY array_position('{sample,unofficial,real}', f.quality)))[1] AS quality
        FROM area_figure f
        WHERE f.municipality_code = code AND f.area_kind = 'district' AND starts_with(f.measure, 'participants_')
        GROUP BY f.fiscal_year, f.area_key
    ), summed AS (
        SELECT *, size BETWEEN 1 AND 2 AS small,
               sum(size) FILTER (WHERE size BETWEEN 1 AND 2) OVER (PARTITION BY people.fiscal_year) AS smalls,
               sum(size) FILTER (WHERE size > 2) OVER (
                   PARTITION BY people.fiscal_year ORDER BY size, area_key::int
                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
        FROM people
    ), judged AS (
        SELECT *, small OR (size > 2 AND coalesce(smalls + coalesce(before, 0) < 3, false)) AS hide FROM summed
    )
    SELECT judged.fiscal_year, area_key::int, CASE WHEN NOT hide THEN size END, hide, judged.quality, judged.source
    FROM judged
    ORDER BY judged.fiscal_year, area_key::int
$$;
-- Participants of each kind of event in the whole city, as the sum over its districts.
CREATE FUNCTION kyodo.event_participant_totals(code text)
RETURNS TABLE (fiscal_year int, measure text, participants int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kyodo, pg_temp AS $$
    SELECT f.fiscal_year, f.measure, sum(round(f.value))::int
    FROM area_figure f
    WHERE f.municipality_code = code AND f.area_kind = 'district' AND starts_with(f.measure, 'participants_')
    GROUP BY f.fiscal_year, f.measure
$$;
REVOKE ALL ON FUNCTION kyodo.event_participants, kyodo.event_participant_totals FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kyodo.event_participants, kyodo.event_participant_totals
    TO kyodo_public, kyodo_staff, kyodo_loader;
