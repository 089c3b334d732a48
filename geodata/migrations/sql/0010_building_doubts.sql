-- A confirmation that the building's address speaks against: the city looks at it. Called in the transaction of
-- confirm_building, for an office alone; what the city has settled for this association is not opened again.
CREATE FUNCTION kyodo.doubt_building(code text, id text)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = kyodo, pg_temp AS $$
BEGIN
    IF current_setting('role') <> 'kyodo_partner' THEN
        RETURN false;
    END IF;
    IF coalesce(current_setting('kyodo.office', true), '') = '' THEN
        RAISE EXCEPTION 'an office is needed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE named_building b SET conflict = true
        WHERE b.municipality_code = code AND b.building_id = id AND NOT EXISTS (
            SELECT FROM building_confirmation c
            WHERE c.municipality_code = code AND c.building_id = id AND c.office_id = ''
              AND c.association_id IS NOT DISTINCT FROM b.association_id);
    RETURN FOUND;
END $$;

COMMENT ON COLUMN kyodo.lookup_count.channel IS 'page / counter / api / partner / widget / batch / command-line';

REVOKE ALL ON FUNCTION kyodo.doubt_building FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kyodo.doubt_building TO kyodo_partner, kyodo_staff;
