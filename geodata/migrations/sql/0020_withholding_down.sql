-- As 0001 had it.
CREATE OR REPLACE FUNCTION kyodo.district_membership(code text, generation int)
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
