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
