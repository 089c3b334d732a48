-- When the owner takes back what he allowed, or where it ends on a day. A dataset never changes, so that the end stands
-- beside it; of several entries for the same house and recipient the newest holds. NULL as recipient is everybody.
CREATE TABLE kyodo_vacant.disclosure_end (
    municipality_code text NOT NULL,
    house_id text NOT NULL,
    end_no integer NOT NULL,
    recipient text,
    ends_on date,
    note text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    CONSTRAINT pk_disclosure_end PRIMARY KEY (municipality_code, house_id, end_no),
    CONSTRAINT fk_disclosure_end_municipality FOREIGN KEY (municipality_code)
        REFERENCES kyodo.municipality (municipality_code),
    CONSTRAINT ck_disclosure_end_end_no_range CHECK (end_no > 0),
    CONSTRAINT ck_disclosure_end_note_length CHECK (char_length(note) <= 200),
    CONSTRAINT ck_disclosure_end_ends_on_range CHECK (ends_on >= '1900-01-01'::date AND ends_on < '2201-01-01'::date)
);
COMMENT ON TABLE kyodo_vacant.disclosure_end IS 'When a vacant house may not be shown any longer, every entry; the newest per house and recipient holds';
COMMENT ON COLUMN kyodo_vacant.disclosure_end.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo_vacant.disclosure_end.house_id IS 'Id in the survey';
COMMENT ON COLUMN kyodo_vacant.disclosure_end.end_no IS '1, 2 … per house';
COMMENT ON COLUMN kyodo_vacant.disclosure_end.recipient IS 'Recipient as the consent names it; NULL is everybody, the public list too';
COMMENT ON COLUMN kyodo_vacant.disclosure_end.ends_on IS 'From this day on it is not shown; NULL takes an earlier entry back';
COMMENT ON COLUMN kyodo_vacant.disclosure_end.note IS 'Why';
COMMENT ON COLUMN kyodo_vacant.disclosure_end.created_at IS 'When entered';
COMMENT ON COLUMN kyodo_vacant.disclosure_end.created_by IS 'Who entered it (login)';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON kyodo_vacant.disclosure_end
    FOR EACH ROW EXECUTE FUNCTION kyodo.refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON kyodo_vacant.disclosure_end
    FOR EACH STATEMENT EXECUTE FUNCTION kyodo.refuse_change();
-- Listed houses lie ready as bytes by revision: an end has to be seen at once.
CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT ON kyodo_vacant.disclosure_end
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();
GRANT SELECT, INSERT ON kyodo_vacant.disclosure_end TO kyodo_staff;
GRANT SELECT ON kyodo_vacant.disclosure_end TO kyodo_loader;

-- Whether a house has ended for a recipient (NULL: for the public). A consent given after the entry is a new one.
CREATE FUNCTION kyodo_vacant.ended(code text, house text, named text, consented_on date) RETURNS boolean
LANGUAGE sql STABLE SET search_path = kyodo_vacant, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM (
            SELECT DISTINCT ON (e.recipient) e.ends_on, (e.created_at AT TIME ZONE 'Asia/Tokyo')::date AS entered_on
            FROM disclosure_end e
            WHERE e.municipality_code = code AND e.house_id = house AND (e.recipient IS NULL OR e.recipient = named)
            ORDER BY e.recipient, e.end_no DESC
        ) newest
        WHERE newest.ends_on <= (now() AT TIME ZONE 'Asia/Tokyo')::date
          AND (ended.consented_on IS NULL OR newest.entered_on >= ended.consented_on)
    )
$$;
REVOKE ALL ON FUNCTION kyodo_vacant.ended(text, text, text, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kyodo_vacant.ended(text, text, text, date) TO kyodo_staff;

-- What everybody may read: houses that are listed now, without what the survey judged. Never those of an earlier day:
-- who took a house off the list took it off.
CREATE FUNCTION kyodo.listed_houses(code text)
RETURNS TABLE (municipality_code text, house_id text, address text, structure text, floors int, floor_area_m2 float8,
               largest_room_m2 float8, built_year int, seismic text, road_access boolean, use_district text, capacity int,
               quality text, source text, geom geometry)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kyodo, public, pg_temp AS $$
    SELECT v.municipality_code, v.house_id, v.address, v.structure, v.floors, v.floor_area_m2, v.largest_room_m2,
           v.built_year, v.seismic, v.road_access, v.use_district, v.capacity, d.quality, d.source, v.geom
    FROM kyodo_vacant.vacant_house v JOIN dataset d USING (municipality_code, dataset_id)
    WHERE v.municipality_code = code AND v.state = 'listed'
      AND v.dataset_id = active_dataset(
          code, (SELECT max(generation_no) FROM generation g WHERE g.municipality_code = code), 'vacant-houses')
      AND NOT kyodo_vacant.ended(code, v.house_id, NULL, NULL)
$$;

-- What the person signed in with this session may read: houses whose owner named his association or office. The session
-- itself says who asks, so that no route can ask for somebody else; a role, a session or a consent that ended is seen at
-- once. `association:ID` and `office:ID` name a body by its id, anything else by its name, which must be one body's alone.
CREATE FUNCTION kyodo.consented_houses(code text, session_hash bytea)
RETURNS TABLE (house_id text, address text, structure text, floors int, floor_area_m2 float8, largest_room_m2 float8,
               built_year int, seismic text, road_access boolean, use_district text, capacity int, recipients text[],
               consented_on date, quality text, source text, lon float8, lat float8)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kyodo, public, pg_temp AS $$
    WITH now_active AS (
        SELECT active_dataset(code, max(g.generation_no), 'vacant-houses') AS houses,
               active_dataset(code, max(g.generation_no), 'associations') AS associations
        FROM generation g WHERE g.municipality_code = code
    ),
    roles AS (
        SELECT r.role, r.scope, u.office_id
        FROM session s
        JOIN app_user u ON u.municipality_code = s.municipality_code AND u.user_id = s.user_id
        JOIN user_role r ON r.municipality_code = u.municipality_code AND r.user_id = u.user_id
        WHERE s.municipality_code = code AND s.session_hash = consented_houses.session_hash
          AND s.expires_at > now() AND u.active
    ),
    bodies AS (
        SELECT 'association:' || a.association_id AS id, a.name
        FROM association_area a, now_active WHERE a.municipality_code = code AND a.dataset_id = now_active.associations
        UNION ALL
        SELECT 'office:' || o.office_id, o.name
        FROM partner_office o
        WHERE o.municipality_code = code
          AND (o.closed_on IS NULL OR o.closed_on > (now() AT TIME ZONE 'Asia/Tokyo')::date)
    ),
    mine AS (
        SELECT b.id, b.name FROM bodies b JOIN roles r
            ON (r.role = 'association_officer' AND b.id = 'association:' || r.scope)
            OR (r.role = 'partner' AND b.id = 'office:' || r.office_id)
    ),
    called AS (
        SELECT id AS name FROM mine
        UNION
        SELECT name FROM mine WHERE (SELECT count(*) FROM bodies o WHERE o.name = mine.name) = 1
    )
    SELECT v.house_id, v.address, v.structure, v.floors, v.floor_area_m2, v.largest_room_m2, v.built_year, v.seismic,
           v.road_access, v.use_district, v.capacity, as_named.recipients, v.consented_on, d.quality, d.source,
           ST_X(v.geom), ST_Y(v.geom)
    FROM kyodo_vacant.vacant_house v
    JOIN now_active ON v.dataset_id = now_active.houses
    JOIN dataset d ON d.municipality_code = v.municipality_code AND d.dataset_id = v.dataset_id
    CROSS JOIN LATERAL (
        SELECT array_agg(called.name ORDER BY called.name) AS recipients FROM called
        WHERE called.name = ANY (v.consented_to) AND NOT kyodo_vacant.ended(code, v.house_id, called.name, v.consented_on)
    ) as_named
    WHERE v.municipality_code = code AND v.state = 'consented' AND as_named.recipients IS NOT NULL
      AND v.consented_on <= (now() AT TIME ZONE 'Asia/Tokyo')::date
    ORDER BY v.house_id
$$;
REVOKE ALL ON FUNCTION kyodo.listed_houses(text), kyodo.consented_houses(text, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kyodo.listed_houses(text) TO kyodo_public, kyodo_staff, kyodo_loader;
GRANT EXECUTE ON FUNCTION kyodo.consented_houses(text, bytea) TO kyodo_partner;
-- Whose officer somebody becomes is looked up when it is entered.
GRANT SELECT ON kyodo.association TO kyodo_auth;
