-- Figures of districts for everybody: kyodo_geo.membership.withheld in SQL (a test compares both).
--
-- Small groups (fewer households than the threshold, but some) are withheld. What the city's total less the published
-- districts leaves must not be fewer households than the threshold either; so the smallest published districts are
-- withheld with them until it is not. Associations that belong to no district are in the city's total and on no
-- page: a small group too when they are few, else they protect nobody (once they get a district they are published).
CREATE OR REPLACE FUNCTION kyodo.district_membership(code text, generation int)
RETURNS TABLE (district_no int, fiscal_year int, associations int, households bigint, member_households bigint,
               denominators text[], denominator_as_of date, suppressed boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kyodo, public, pg_temp AS $$
    WITH marked AS (
        SELECT f.*, m.suppress_below_households AS threshold,
               f.households > 0 AND f.households < m.suppress_below_households AS small
        FROM district_membership_full(code, generation) f
        JOIN municipality m ON m.municipality_code = code
    ), summed AS (
        SELECT *, sum(marked.households) FILTER (WHERE small) OVER (PARTITION BY marked.fiscal_year) AS hidden,
               coalesce(sum(marked.households) FILTER (WHERE NOT small AND marked.district_no IS NOT NULL) OVER (
                   PARTITION BY marked.fiscal_year ORDER BY marked.households, marked.district_no
                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
               ), 0) AS smaller
        FROM marked
    ), judged AS (
        -- Without a small group `hidden` is NULL and nothing is withheld.
        SELECT *, small OR (summed.households > 0 AND coalesce(hidden + smaller < threshold, false)) AS hide
        FROM summed
    )
    SELECT judged.district_no, judged.fiscal_year, judged.associations,
           CASE WHEN NOT hide THEN judged.households END, CASE WHEN NOT hide THEN judged.member_households END,
           judged.denominators, judged.denominator_as_of, hide
    FROM judged
    WHERE judged.district_no IS NOT NULL
$$;
