-- What everybody may read of listed houses, told on both sides; and until when, where an end is known already.
ALTER FUNCTION kyodo.listed_houses(text) RENAME TO houses_listed_here;
CREATE FUNCTION kyodo.listed_houses(code text)
RETURNS TABLE (municipality_code text, house_id text, address text, structure text, floors int, floor_area_m2 float8,
               largest_room_m2 float8, built_year int, seismic text, road_access boolean, use_district text, capacity int,
               quality text, source text, geom geometry)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kyodo, public, pg_temp AS $$
    SELECT * FROM houses_listed_here(code)
    UNION ALL
    SELECT p.municipality_code, p.house_id, p.address, p.structure, p.floors, p.floor_area_m2, p.largest_room_m2,
           p.built_year, p.seismic, p.road_access, p.use_district, p.capacity, p.quality, p.source, p.geom
    FROM published_house p
    WHERE p.municipality_code = code
      AND (p.ends_on IS NULL OR p.ends_on > (now() AT TIME ZONE 'Asia/Tokyo')::date)
$$;
REVOKE ALL ON FUNCTION kyodo.houses_listed_here(text) FROM PUBLIC, kyodo_public, kyodo_staff, kyodo_loader;
REVOKE ALL ON FUNCTION kyodo.listed_houses(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kyodo.listed_houses(text) TO kyodo_public, kyodo_staff, kyodo_loader;

-- The day from which a listed house is shown no longer, NULL where none is known: the public side cannot ask later.
CREATE FUNCTION kyodo.listed_until(code text, house text) RETURNS date
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kyodo, public, pg_temp AS $$
    SELECT newest.ends_on FROM (
        SELECT e.ends_on FROM kyodo_vacant.disclosure_end e
        WHERE e.municipality_code = code AND e.house_id = house AND e.recipient IS NULL
        ORDER BY e.end_no DESC LIMIT 1
    ) newest
    WHERE EXISTS (SELECT FROM houses_listed_here(code) h WHERE h.house_id = house)
$$;
REVOKE ALL ON FUNCTION kyodo.listed_until(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kyodo.listed_until(text, text) TO kyodo_public, kyodo_loader;
