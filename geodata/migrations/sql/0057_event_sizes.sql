-- How many came to an event is told by a function alone, which withholds what is small; the public role had the column.
REVOKE SELECT ON kyodo.event FROM kyodo_public;
GRANT SELECT (municipality_code, event_id, initiative_no, title, starts_on, ends_on, starts_at, ends_at, facility_id, place,
    district_no, audience, capacity, apply_until, apply_how, state, theme, materials_url, published, changed_at, quality, source)
    ON kyodo.event TO kyodo_public;

CREATE TABLE kyodo.published_event_size (
    municipality_code TEXT NOT NULL,
    event_id TEXT NOT NULL,
    participants INTEGER,
    withheld BOOLEAN NOT NULL,
    CONSTRAINT pk_published_event_size PRIMARY KEY (municipality_code, event_id),
    CONSTRAINT ck_published_event_size_withheld_is_empty CHECK (NOT withheld OR participants IS NULL),
    CONSTRAINT fk_published_event_size_municipality FOREIGN KEY(municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.published_event_size IS 'Public side only: what kyodo.event_sizes answered on the internal side';
COMMENT ON COLUMN kyodo.published_event_size.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.published_event_size.event_id IS 'Event';
COMMENT ON COLUMN kyodo.published_event_size.participants IS 'Participants altogether; NULL: withheld';
COMMENT ON COLUMN kyodo.published_event_size.withheld IS 'Withheld';
GRANT SELECT ON kyodo.published_event_size TO kyodo_loader;
CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.published_event_size
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();

-- Participants of published events, where they are known. 1 or 2 are withheld, and so that the year's figure of the initiative
-- (event_participant_totals) less the others does not tell them, the smallest others of that initiative and year with them, until
-- the withheld ones are 3 or more: kyodo_geo.small_counts (a test compares). Events that are not published are in the year's
-- figure and on no page: small ones need the same protection, large ones are not counted on.
CREATE FUNCTION kyodo.worked_out_event_sizes(code text)
RETURNS TABLE (event_id text, participants int, withheld boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kyodo, pg_temp AS $$
    WITH marked AS (
        SELECT e.event_id, e.published, e.participants AS size, e.participants BETWEEN 1 AND 2 AS small,
               e.initiative_no, fiscal_year(e.starts_on) AS year
        FROM event e WHERE e.municipality_code = code AND e.participants IS NOT NULL
    ), summed AS (
        SELECT *, sum(size) FILTER (WHERE small) OVER (PARTITION BY initiative_no, year) AS smalls,
               coalesce(sum(size) FILTER (WHERE size > 2 AND published) OVER (
                   PARTITION BY initiative_no, year ORDER BY size, marked.event_id
                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS smaller
        FROM marked
    ), judged AS (
        SELECT *, small OR (size > 2 AND coalesce(smalls + smaller < 3, false)) AS hide FROM summed
    )
    SELECT judged.event_id, CASE WHEN NOT hide THEN size END, hide FROM judged WHERE published ORDER BY judged.event_id
$$;
-- The public side holds no number with its events, only these answers; each side adds nothing to nothing.
CREATE FUNCTION kyodo.event_sizes(code text)
RETURNS TABLE (event_id text, participants int, withheld boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kyodo, pg_temp AS $$
    SELECT * FROM worked_out_event_sizes(code)
    UNION ALL
    SELECT p.event_id, p.participants, p.withheld FROM published_event_size p WHERE p.municipality_code = code
    ORDER BY 1
$$;
REVOKE ALL ON FUNCTION kyodo.worked_out_event_sizes FROM PUBLIC, kyodo_public, kyodo_staff, kyodo_loader;
REVOKE ALL ON FUNCTION kyodo.event_sizes FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kyodo.event_sizes TO kyodo_public, kyodo_staff, kyodo_loader;

-- Whose staff somebody is, is said by id or name of a centre (geodata.centre_staff).
GRANT SELECT (municipality_code, body_id, kind, name) ON kyodo.body TO kyodo_auth;

-- The year's figure of an initiative tells the number of its only event: small ones are withheld, and with them the smallest
-- others of the year, because the districts add up to all of them together. NULL: withheld.
ALTER TABLE kyodo.published_participant_total ALTER COLUMN participants DROP NOT NULL;
COMMENT ON COLUMN kyodo.published_participant_total.participants IS 'Participants in the whole city; NULL: withheld';
CREATE OR REPLACE FUNCTION kyodo.worked_out_event_participant_totals(code text)
RETURNS TABLE (fiscal_year int, measure text, participants int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kyodo, pg_temp AS $$
    WITH people AS (
        SELECT f.fiscal_year, f.measure, sum(round(f.value))::int AS size
        FROM area_figure f
        WHERE f.municipality_code = code AND f.area_kind = 'district' AND starts_with(f.measure, 'participants_')
        GROUP BY f.fiscal_year, f.measure
    ), summed AS (
        SELECT *, sum(size) FILTER (WHERE size BETWEEN 1 AND 2) OVER (PARTITION BY people.fiscal_year) AS smalls,
               coalesce(sum(size) FILTER (WHERE size > 2) OVER (
                   PARTITION BY people.fiscal_year ORDER BY size, people.measure
                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS smaller
        FROM people
    )
    SELECT summed.fiscal_year, summed.measure,
           CASE WHEN NOT (size BETWEEN 1 AND 2 OR (size > 2 AND coalesce(smalls + smaller < 3, false))) THEN size END
    FROM summed
$$;
