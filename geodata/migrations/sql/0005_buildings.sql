-- One confirmation of a building, entered for whoever asks: an office (kyodo.office) or, with staff rights, the city.
-- The rule is kyodo_geo.buildings.standing: the city settles; else the first fact holds and another one is a conflict.
CREATE FUNCTION kyodo.confirm_building(code text, id text, said_association text, said_joins text, said_fee text,
                                       login text)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = kyodo, pg_temp AS $$
DECLARE
    office text := coalesce(current_setting('kyodo.office', true), '');
    held named_building;
    number int;
BEGIN
    IF current_setting('role') = 'kyodo_partner' AND office = '' THEN
        RAISE EXCEPTION 'an office is needed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF current_setting('role') <> 'kyodo_partner' THEN
        office := '';
    END IF;
    SELECT * INTO held FROM named_building WHERE municipality_code = code AND building_id = id FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT coalesce(max(confirmation_no), 0) + 1 INTO number FROM building_confirmation
        WHERE municipality_code = code AND building_id = id;
    INSERT INTO building_confirmation (municipality_code, building_id, confirmation_no, association_id, joins_as, fee_way,
                                       office_id, confirmed_by)
        VALUES (code, id, number, said_association, said_joins, said_fee, office, login);
    IF held.joins_as IS NULL OR office = '' THEN
        UPDATE named_building SET association_id = said_association, joins_as = said_joins, fee_way = said_fee,
            conflict = false, confirmed_by = login, confirmed_at = now()
            WHERE municipality_code = code AND building_id = id;
        RETURN false;
    END IF;
    IF held.association_id IS DISTINCT FROM said_association OR held.joins_as <> said_joins THEN
        UPDATE named_building SET conflict = true WHERE municipality_code = code AND building_id = id;
        RETURN true;
    END IF;
    UPDATE named_building SET fee_way = coalesce(said_fee, fee_way), confirmed_by = login, confirmed_at = now()
        WHERE municipality_code = code AND building_id = id;
    RETURN held.conflict;
END $$;

-- The building itself: the same name at the same address is the same building.
CREATE FUNCTION kyodo.enter_building(code text, wanted_name text, wanted_key text, wanted_address text, login text)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = kyodo, pg_temp AS $$
DECLARE
    found_id text;
BEGIN
    IF current_setting('role') = 'kyodo_partner' AND coalesce(current_setting('kyodo.office', true), '') = '' THEN
        RAISE EXCEPTION 'an office is needed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('kyodo.building ' || code), hashtext(wanted_key));
    SELECT building_id INTO found_id FROM named_building
        WHERE municipality_code = code AND name_key = wanted_key AND address = wanted_address;
    IF found_id IS NULL THEN
        found_id := 'b' || replace(gen_random_uuid()::text, '-', '');
        INSERT INTO named_building (municipality_code, building_id, name, name_key, address, confirmed_by)
            VALUES (code, found_id, wanted_name, wanted_key, wanted_address, login);
    END IF;
    RETURN found_id;
END $$;

REVOKE ALL ON FUNCTION kyodo.confirm_building, kyodo.enter_building FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kyodo.confirm_building, kyodo.enter_building TO kyodo_partner, kyodo_staff;
