-- Revision counter: every visible write of dated records, datasets or generations bumps it once per transaction,
-- at commit, so that a long load does not hold the municipality's row.
CREATE FUNCTION kyodo.touch_revision() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = kyodo, pg_temp AS $$
DECLARE
    code text := coalesce(NEW.municipality_code, OLD.municipality_code);
    mark text := 'kyodo.touched_' || code;
    bumped bigint;
BEGIN
    IF current_setting(mark, true) IS DISTINCT FROM pg_current_xact_id()::text THEN
        PERFORM set_config(mark, pg_current_xact_id()::text, true);
        UPDATE municipality SET revision = revision + 1 WHERE municipality_code = code RETURNING revision INTO bumped;
        PERFORM pg_notify('kyodo_revision', code || ':' || bumped);
    END IF;
    RETURN NULL;
END $$;

-- Keys of partners are cached by every worker: tell them at once.
CREATE FUNCTION kyodo.tell_key_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = kyodo, pg_temp AS $$
BEGIN
    PERFORM pg_notify('kyodo_keys', coalesce(NEW.municipality_code, OLD.municipality_code));
    RETURN NULL;
END $$;

-- What was written down stays written down.
CREATE FUNCTION kyodo.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

-- Dataset active for a kind in a generation.
CREATE FUNCTION kyodo.active_dataset(code text, generation int, wanted text) RETURNS int
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT dataset_id FROM kyodo.generation_dataset
    WHERE municipality_code = code AND generation_no = generation AND kind = wanted
$$;

-- District of each association: the city's list first; where it says nothing, the district whose area covers
-- a point inside the association's area.
CREATE FUNCTION kyodo.association_districts(code text, generation int)
RETURNS TABLE (association_id text, district_no int, basis text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kyodo, public, pg_temp AS $$
    SELECT a.association_id, coalesce(l.district_no, d.district_no),
           CASE WHEN l.district_no IS NOT NULL THEN 'list' WHEN d.district_no IS NOT NULL THEN 'area' END
    FROM association_area a
    LEFT JOIN association_district l
        ON l.municipality_code = a.municipality_code AND l.association_id = a.association_id
        AND l.dataset_id = active_dataset(code, generation, 'association-districts')
    LEFT JOIN LATERAL (
        SELECT p.district_no FROM district_area p
        WHERE l.district_no IS NULL AND a.geom IS NOT NULL
          AND p.municipality_code = a.municipality_code
          AND p.dataset_id = active_dataset(code, generation, 'districts')
          AND ST_Covers(p.geom, ST_PointOnSurface(a.geom))
        ORDER BY p.district_no LIMIT 1
    ) d ON true
    WHERE a.municipality_code = code AND a.dataset_id = active_dataset(code, generation, 'associations')
$$;

-- Membership by district, unsuppressed: staff and loader only (see the grants).
CREATE FUNCTION kyodo.district_membership_full(code text, generation int)
RETURNS TABLE (district_no int, fiscal_year int, associations int, households bigint, member_households bigint,
               denominators text[], denominator_as_of date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kyodo, public, pg_temp AS $$
    SELECT d.district_no, m.fiscal_year, count(*)::int, sum(m.households), sum(m.member_households),
           array_agg(DISTINCT m.denominator ORDER BY m.denominator), max(m.denominator_as_of)
    FROM membership m
    JOIN association_districts(code, generation) d USING (association_id)
    WHERE m.municipality_code = code AND m.dataset_id = active_dataset(code, generation, 'membership')
    GROUP BY d.district_no, m.fiscal_year
$$;

-- The same for everybody: groups below the municipality's threshold are withheld, and where exactly one is
-- withheld the next smallest too, so that it cannot be had by subtraction from the city's total.
CREATE FUNCTION kyodo.district_membership(code text, generation int)
RETURNS TABLE (district_no int, fiscal_year int, associations int, households bigint, member_households bigint,
               denominators text[], denominator_as_of date, suppressed boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kyodo, public, pg_temp AS $$
    WITH marked AS (
        SELECT f.*, f.households < m.suppress_below_households AS small
        FROM district_membership_full(code, generation) f
        JOIN municipality m ON m.municipality_code = code
        WHERE f.district_no IS NOT NULL
    ), ranked AS (
        SELECT *, count(*) FILTER (WHERE small) OVER (PARTITION BY marked.fiscal_year) AS smalls,
               row_number() OVER (PARTITION BY marked.fiscal_year, small
                                  ORDER BY marked.households, marked.district_no) AS place
        FROM marked
    ), judged AS (
        SELECT *, small OR (smalls = 1 AND place = 1) AS hide FROM ranked
    )
    SELECT judged.district_no, judged.fiscal_year, judged.associations,
           CASE WHEN NOT hide THEN judged.households END, CASE WHEN NOT hide THEN judged.member_households END,
           judged.denominators, judged.denominator_as_of, hide
    FROM judged
$$;

-- Membership of the whole city by year.
CREATE FUNCTION kyodo.city_membership(code text, generation int)
RETURNS TABLE (fiscal_year int, associations int, households bigint, member_households bigint,
               denominators text[], denominator_as_of date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kyodo, public, pg_temp AS $$
    SELECT m.fiscal_year, count(*)::int,
           CASE WHEN sum(m.households) >= max(c.suppress_below_households) THEN sum(m.households) END,
           CASE WHEN sum(m.households) >= max(c.suppress_below_households) THEN sum(m.member_households) END,
           array_agg(DISTINCT m.denominator ORDER BY m.denominator), max(m.denominator_as_of)
    FROM membership m
    JOIN municipality c USING (municipality_code)
    WHERE m.municipality_code = code AND m.dataset_id = active_dataset(code, generation, 'membership')
    GROUP BY m.fiscal_year
$$;
