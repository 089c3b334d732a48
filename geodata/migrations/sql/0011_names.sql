-- The register of buildings keeps neither somebody's home nor a room (kyodo_geo/building_names.py; a test compares).
CREATE FUNCTION kyodo.plain_name(written text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
    SELECT btrim(regexp_replace(translate(normalize(written, NFKC), '~‐‑‒–—―−〜', '---------'), '\s+', ' ', 'g'))
$$;

CREATE FUNCTION kyodo.names_a_room(written text)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
    SELECT kyodo.plain_name(written) ~ ('[0-9A-Za-z]号?室'
        || '|[〇一二三四五六七八九十]号室'
        || '|[ #(\-,./、:_の][0-9]{1,2}(0[1-9]|[1-9][0-9])号?[)\]」』。、., ]*$'
        || '|[0-9]{3,4}号[)\]」』。、., ]*$'
        || '|(^|[^0-9])(1[0-8]|[1-9])(0[1-9]|[1-4][0-9])[)\]」』。、., ]*$'
        || '|[0-9]{1,2}(F|f|階)([- ]?[0-9]{1,4}号?)?[)\]」』。、., ]*$')
$$;

CREATE FUNCTION kyodo.names_a_home(written text)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
    SELECT kyodo.plain_name(written) ~ ('様 ?方'
        || '|(氏|さん|さま) ?(宅|方)'
        || '|(^|[^住社公官役])宅[0-9A-Za-z #()\-.,、。号室階の]*$'
        || '|(様|さま)[0-9A-Za-z #()\-.,、。号室階の]*$'
        || '|[^東西南北四八一平土緒枚直前後夕両地味親朝]方[0-9A-Za-z #()\-.,、。号室階の]*$'
        || '|^[^旧]*[^旧官公藩]邸[0-9A-Za-z #()\-.,、。号室階の]*$')
$$;

ALTER TABLE kyodo.named_building ADD COLUMN name_vouched boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN kyodo.named_building.name_vouched IS
    'The city says that this is a building''s own name although it reads like a home or a room';

-- A trigger, not a constraint: what was entered before must stay readable until the city has looked at it.
CREATE FUNCTION kyodo.guard_building_name()
RETURNS trigger
LANGUAGE plpgsql SET search_path = kyodo, pg_temp AS $$
BEGIN
    IF NOT NEW.name_vouched AND (kyodo.names_a_home(NEW.name) OR kyodo.names_a_room(NEW.name)
                                 OR kyodo.names_a_home(NEW.address)) THEN
        RAISE EXCEPTION 'a home or a room is no building'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'building_has_a_name_of_its_own';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_building_name BEFORE INSERT OR UPDATE OF name, address, name_vouched ON kyodo.named_building
    FOR EACH ROW EXECUTE FUNCTION kyodo.guard_building_name();

-- Who may be written down as having said something: a user or a key of the office (kyodo.office), or, without an
-- office, a user who belongs to none. Keys are written as `key:` and their id.
CREATE FUNCTION kyodo.speaks_here(code text, who text)
RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kyodo, pg_temp AS $$
    SELECT EXISTS (SELECT FROM app_user u WHERE u.municipality_code = code AND u.login = who AND u.active
                   AND u.office_id IS NOT DISTINCT FROM nullif(current_setting('kyodo.office', true), ''))
        OR EXISTS (SELECT FROM partner_key k WHERE k.municipality_code = code AND 'key:' || k.key_id = who
                   AND k.revoked_at IS NULL AND k.office_id = nullif(current_setting('kyodo.office', true), ''))
$$;

DROP FUNCTION kyodo.enter_building(text, text, text, text, text);
-- `vouched` counts from the city alone. The same name at the same address is the same building.
CREATE FUNCTION kyodo.enter_building(code text, wanted_name text, wanted_key text, wanted_address text, login text,
                                     vouched boolean)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = kyodo, pg_temp AS $$
DECLARE
    found_id text;
    partner boolean := current_setting('role') = 'kyodo_partner';
BEGIN
    IF partner AND (coalesce(current_setting('kyodo.office', true), '') = '' OR NOT speaks_here(code, login)) THEN
        RAISE EXCEPTION 'an office and one of its people are needed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('kyodo.building ' || code), hashtext(wanted_key));
    SELECT building_id INTO found_id FROM named_building
        WHERE municipality_code = code AND name_key = wanted_key AND address = wanted_address;
    IF found_id IS NULL THEN
        found_id := 'b' || replace(gen_random_uuid()::text, '-', '');
        INSERT INTO named_building (municipality_code, building_id, name, name_key, address, confirmed_by, name_vouched)
            VALUES (code, found_id, wanted_name, wanted_key, wanted_address, login, vouched AND NOT partner);
    ELSIF vouched AND NOT partner THEN
        UPDATE named_building SET name_vouched = true WHERE municipality_code = code AND building_id = found_id;
    END IF;
    RETURN found_id;
END $$;

-- Nobody puts another's name to a confirmation: a trigger, so that confirm_building (0005) stays as it is.
CREATE FUNCTION kyodo.guard_confirmation()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = kyodo, pg_temp AS $$
BEGIN
    IF current_setting('role') = 'kyodo_partner' AND NOT speaks_here(NEW.municipality_code, NEW.confirmed_by) THEN
        RAISE EXCEPTION 'one of the office''s people is needed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_confirmation BEFORE INSERT ON kyodo.building_confirmation
    FOR EACH ROW EXECUTE FUNCTION kyodo.guard_confirmation();

REVOKE ALL ON FUNCTION kyodo.speaks_here, kyodo.enter_building, kyodo.guard_confirmation, kyodo.guard_building_name
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kyodo.speaks_here TO kyodo_partner;
GRANT EXECUTE ON FUNCTION kyodo.enter_building TO kyodo_partner, kyodo_staff;
