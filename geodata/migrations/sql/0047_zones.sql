CREATE TABLE kyodo.published_district_membership (
    municipality_code text NOT NULL,
    generation_no integer NOT NULL,
    district_no integer NOT NULL,
    fiscal_year integer NOT NULL,
    associations integer NOT NULL,
    households bigint,
    member_households bigint,
    denominators text[] NOT NULL,
    denominator_as_of date,
    suppressed boolean NOT NULL,
    CONSTRAINT pk_published_district_membership PRIMARY KEY (municipality_code, generation_no, district_no, fiscal_year),
    CONSTRAINT ck_published_district_membership_suppressed_is_empty CHECK (NOT suppressed OR (households IS NULL AND member_households IS NULL)),
    CONSTRAINT fk_published_district_membership_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.published_district_membership IS 'Public side only: what kyodo.district_membership answered on the internal side, small groups withheld';
COMMENT ON COLUMN kyodo.published_district_membership.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.published_district_membership.generation_no IS 'Generation it was worked out in';
COMMENT ON COLUMN kyodo.published_district_membership.district_no IS 'District';
COMMENT ON COLUMN kyodo.published_district_membership.fiscal_year IS 'Fiscal year by its first calendar year';
COMMENT ON COLUMN kyodo.published_district_membership.associations IS 'Associations counted';
COMMENT ON COLUMN kyodo.published_district_membership.households IS 'Households; NULL: withheld';
COMMENT ON COLUMN kyodo.published_district_membership.member_households IS 'Member households; NULL: withheld';
COMMENT ON COLUMN kyodo.published_district_membership.denominators IS 'Where the households come from';
COMMENT ON COLUMN kyodo.published_district_membership.denominator_as_of IS 'Reference day of the denominators';
COMMENT ON COLUMN kyodo.published_district_membership.suppressed IS 'Withheld';

CREATE TABLE kyodo.published_city_membership (
    municipality_code text NOT NULL,
    generation_no integer NOT NULL,
    fiscal_year integer NOT NULL,
    associations integer NOT NULL,
    households bigint,
    member_households bigint,
    denominators text[] NOT NULL,
    denominator_as_of date,
    CONSTRAINT pk_published_city_membership PRIMARY KEY (municipality_code, generation_no, fiscal_year),
    CONSTRAINT fk_published_city_membership_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.published_city_membership IS 'Public side only: what kyodo.city_membership answered on the internal side';
COMMENT ON COLUMN kyodo.published_city_membership.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.published_city_membership.generation_no IS 'Generation it was worked out in';
COMMENT ON COLUMN kyodo.published_city_membership.fiscal_year IS 'Fiscal year by its first calendar year';
COMMENT ON COLUMN kyodo.published_city_membership.associations IS 'Associations counted';
COMMENT ON COLUMN kyodo.published_city_membership.households IS 'Households; NULL: withheld';
COMMENT ON COLUMN kyodo.published_city_membership.member_households IS 'Member households; NULL: withheld';
COMMENT ON COLUMN kyodo.published_city_membership.denominators IS 'Where the households come from';
COMMENT ON COLUMN kyodo.published_city_membership.denominator_as_of IS 'Reference day of the denominators';

CREATE TABLE kyodo.published_participants (
    municipality_code text NOT NULL,
    fiscal_year integer NOT NULL,
    district_no integer NOT NULL,
    participants integer,
    withheld boolean NOT NULL,
    quality text,
    source text,
    CONSTRAINT pk_published_participants PRIMARY KEY (municipality_code, fiscal_year, district_no),
    CONSTRAINT ck_published_participants_withheld_is_empty CHECK (NOT withheld OR participants IS NULL),
    CONSTRAINT fk_published_participants_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.published_participants IS 'Public side only: what kyodo.event_participants answered on the internal side';
COMMENT ON COLUMN kyodo.published_participants.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.published_participants.fiscal_year IS 'Fiscal year by its first calendar year';
COMMENT ON COLUMN kyodo.published_participants.district_no IS 'District';
COMMENT ON COLUMN kyodo.published_participants.participants IS 'Participants of all events; NULL: withheld';
COMMENT ON COLUMN kyodo.published_participants.withheld IS 'Withheld';
COMMENT ON COLUMN kyodo.published_participants.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.published_participants.source IS 'Where the figures come from';

CREATE TABLE kyodo.published_participant_total (
    municipality_code text NOT NULL,
    fiscal_year integer NOT NULL,
    measure text NOT NULL,
    participants integer NOT NULL,
    CONSTRAINT pk_published_participant_total PRIMARY KEY (municipality_code, fiscal_year, measure),
    CONSTRAINT fk_published_participant_total_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.published_participant_total IS 'Public side only: what kyodo.event_participant_totals answered on the internal side';
COMMENT ON COLUMN kyodo.published_participant_total.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.published_participant_total.fiscal_year IS 'Fiscal year by its first calendar year';
COMMENT ON COLUMN kyodo.published_participant_total.measure IS 'Kind of event';
COMMENT ON COLUMN kyodo.published_participant_total.participants IS 'Participants in the whole city';

CREATE TABLE kyodo.published_house (
    municipality_code text NOT NULL,
    house_id text NOT NULL,
    address text NOT NULL,
    structure text,
    floors integer,
    floor_area_m2 double precision,
    largest_room_m2 double precision,
    built_year integer,
    seismic text,
    road_access boolean,
    use_district text,
    capacity integer,
    quality text,
    source text,
    ends_on date,
    geom geometry(POINT,4326) NOT NULL,
    CONSTRAINT pk_published_house PRIMARY KEY (municipality_code, house_id),
    CONSTRAINT ck_published_house_geom_valid CHECK (geom IS NULL OR (ST_IsValid(geom) AND NOT ST_IsEmpty(geom) AND ST_XMin(geom) >= 122 AND ST_YMin(geom) >= 20 AND ST_XMax(geom) <= 154.5 AND ST_YMax(geom) <= 46)),
    CONSTRAINT ck_published_house_floor_area_m2_finite CHECK (floor_area_m2 > '-Infinity' AND floor_area_m2 < 'Infinity'),
    CONSTRAINT ck_published_house_largest_room_m2_finite CHECK (largest_room_m2 > '-Infinity' AND largest_room_m2 < 'Infinity'),
    CONSTRAINT fk_published_house_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.published_house IS 'Public side only: vacant houses that are listed, with what everybody may read of them';
COMMENT ON COLUMN kyodo.published_house.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.published_house.house_id IS 'Id in the survey';
COMMENT ON COLUMN kyodo.published_house.address IS 'Address';
COMMENT ON COLUMN kyodo.published_house.structure IS 'Structure';
COMMENT ON COLUMN kyodo.published_house.floors IS 'Floors';
COMMENT ON COLUMN kyodo.published_house.floor_area_m2 IS 'Floor area, square metres';
COMMENT ON COLUMN kyodo.published_house.largest_room_m2 IS 'Largest room, square metres';
COMMENT ON COLUMN kyodo.published_house.built_year IS 'Year completed';
COMMENT ON COLUMN kyodo.published_house.seismic IS 'diagnosed / retrofitted';
COMMENT ON COLUMN kyodo.published_house.road_access IS 'Reachable by a road that meets the law';
COMMENT ON COLUMN kyodo.published_house.use_district IS 'Use district (用途地域)';
COMMENT ON COLUMN kyodo.published_house.capacity IS 'People it holds (収容人員)';
COMMENT ON COLUMN kyodo.published_house.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.published_house.source IS 'Where it comes from';
COMMENT ON COLUMN kyodo.published_house.ends_on IS 'From this day on it is not shown; NULL: no end is known';
COMMENT ON COLUMN kyodo.published_house.geom IS 'Geometry, lon/lat';

CREATE TABLE kyodo.publication (
    municipality_code text NOT NULL,
    publication_no integer NOT NULL,
    direction text NOT NULL,
    sequence integer NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    actor text NOT NULL,
    key_id text,
    package_sha256 text,
    generation_no integer,
    parts jsonb,
    reason text,
    CONSTRAINT pk_publication PRIMARY KEY (municipality_code, publication_no),
    CONSTRAINT ck_publication_direction_known CHECK (direction IN ('export', 'import')),
    CONSTRAINT ck_publication_numbers_range CHECK (publication_no > 0 AND sequence > 0),
    CONSTRAINT ck_publication_reason_length CHECK (char_length(reason) <= 200),
    CONSTRAINT fk_publication_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
COMMENT ON TABLE kyodo.publication IS 'Packages between the two zones: on the internal side those made, on the public side those taken in';
COMMENT ON COLUMN kyodo.publication.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.publication.publication_no IS '1, 2 … in the order they were made or taken in';
COMMENT ON COLUMN kyodo.publication.direction IS 'export: made here; import: taken in here';
COMMENT ON COLUMN kyodo.publication.sequence IS 'Number of the package, rising';
COMMENT ON COLUMN kyodo.publication.at IS 'When';
COMMENT ON COLUMN kyodo.publication.actor IS 'Who';
COMMENT ON COLUMN kyodo.publication.key_id IS 'Key it is signed with';
COMMENT ON COLUMN kyodo.publication.package_sha256 IS 'SHA-256 of the signed list of contents; NULL: it was not finished';
COMMENT ON COLUMN kyodo.publication.generation_no IS 'Generation that is active in it';
COMMENT ON COLUMN kyodo.publication.parts IS 'File in the package → its SHA-256';
COMMENT ON COLUMN kyodo.publication.reason IS 'Why an older package was taken in';

CREATE TABLE kyodo.ticket_transfer (
    municipality_code text NOT NULL,
    transfer_id uuid NOT NULL,
    direction text NOT NULL,
    ticket_no integer NOT NULL,
    batch_id uuid,
    at timestamptz DEFAULT now() NOT NULL,
    acknowledged_at timestamptz,
    CONSTRAINT pk_ticket_transfer PRIMARY KEY (municipality_code, transfer_id),
    CONSTRAINT ck_ticket_transfer_direction_known CHECK (direction IN ('out', 'in')),
    CONSTRAINT fk_ticket_transfer_municipality FOREIGN KEY (municipality_code) REFERENCES kyodo.municipality (municipality_code)
);
CREATE INDEX ix_ticket_transfer_batch_id ON kyodo.ticket_transfer (municipality_code, batch_id);
CREATE UNIQUE INDEX ix_ticket_transfer_ticket_no ON kyodo.ticket_transfer (municipality_code, ticket_no);
COMMENT ON TABLE kyodo.ticket_transfer IS 'Tickets that go from the public to the internal side; nothing of what they say';
COMMENT ON COLUMN kyodo.ticket_transfer.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.ticket_transfer.transfer_id IS 'Id of the ticket on both sides';
COMMENT ON COLUMN kyodo.ticket_transfer.direction IS 'out: entered here, on the public side; in: taken in here, on the internal side';
COMMENT ON COLUMN kyodo.ticket_transfer.ticket_no IS 'Number of the ticket on this side';
COMMENT ON COLUMN kyodo.ticket_transfer.batch_id IS 'File it went in';
COMMENT ON COLUMN kyodo.ticket_transfer.at IS 'When it was named or taken in';
COMMENT ON COLUMN kyodo.ticket_transfer.acknowledged_at IS 'When the other side said that it has it';

-- The public side holds none of the figures that these functions work with, only their answers. There the sources are
-- empty (`geodata.publishing.check` refuses to start otherwise) and here the answers are: each side adds nothing to nothing.
ALTER FUNCTION kyodo.district_membership(text, int) RENAME TO worked_out_district_membership;
ALTER FUNCTION kyodo.city_membership(text, int) RENAME TO worked_out_city_membership;
ALTER FUNCTION kyodo.event_participants(text) RENAME TO worked_out_event_participants;
ALTER FUNCTION kyodo.event_participant_totals(text) RENAME TO worked_out_event_participant_totals;

CREATE FUNCTION kyodo.district_membership(code text, generation int)
RETURNS TABLE (district_no int, fiscal_year int, associations int, households bigint, member_households bigint,
               denominators text[], denominator_as_of date, suppressed boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kyodo, public, pg_temp AS $$
    SELECT * FROM worked_out_district_membership(code, generation)
    UNION ALL
    SELECT p.district_no, p.fiscal_year, p.associations, p.households, p.member_households, p.denominators,
           p.denominator_as_of, p.suppressed
    FROM published_district_membership p
    WHERE p.municipality_code = code AND p.generation_no = generation
$$;
CREATE FUNCTION kyodo.city_membership(code text, generation int)
RETURNS TABLE (fiscal_year int, associations int, households bigint, member_households bigint,
               denominators text[], denominator_as_of date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kyodo, public, pg_temp AS $$
    SELECT * FROM worked_out_city_membership(code, generation)
    UNION ALL
    SELECT p.fiscal_year, p.associations, p.households, p.member_households, p.denominators, p.denominator_as_of
    FROM published_city_membership p
    WHERE p.municipality_code = code AND p.generation_no = generation
$$;
CREATE FUNCTION kyodo.event_participants(code text)
RETURNS TABLE (fiscal_year int, district_no int, participants int, withheld boolean, quality text, source text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kyodo, pg_temp AS $$
    SELECT * FROM worked_out_event_participants(code)
    UNION ALL
    SELECT p.fiscal_year, p.district_no, p.participants, p.withheld, p.quality, p.source
    FROM published_participants p WHERE p.municipality_code = code
    ORDER BY 1, 2
$$;
CREATE FUNCTION kyodo.event_participant_totals(code text)
RETURNS TABLE (fiscal_year int, measure text, participants int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = kyodo, pg_temp AS $$
    SELECT * FROM worked_out_event_participant_totals(code)
    UNION ALL
    SELECT p.fiscal_year, p.measure, p.participants
    FROM published_participant_total p WHERE p.municipality_code = code
$$;
REVOKE ALL ON FUNCTION kyodo.worked_out_district_membership, kyodo.worked_out_city_membership,
    kyodo.worked_out_event_participants, kyodo.worked_out_event_participant_totals
    FROM PUBLIC, kyodo_public, kyodo_staff, kyodo_loader;
REVOKE ALL ON FUNCTION kyodo.district_membership, kyodo.city_membership, kyodo.event_participants,
    kyodo.event_participant_totals FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kyodo.district_membership, kyodo.city_membership, kyodo.event_participants,
    kyodo.event_participant_totals TO kyodo_public, kyodo_staff, kyodo_loader;

-- Packages are noted by who loads; what is inside them is put into the database by its owner alone.
GRANT SELECT ON kyodo.publication TO kyodo_staff, kyodo_loader;
GRANT INSERT ON kyodo.publication TO kyodo_loader;
GRANT UPDATE (key_id, package_sha256, generation_no, parts) ON kyodo.publication TO kyodo_loader;
GRANT SELECT, INSERT, UPDATE ON kyodo.ticket_transfer TO kyodo_staff;
GRANT SELECT ON kyodo.published_district_membership, kyodo.published_city_membership, kyodo.published_participants,
    kyodo.published_participant_total, kyodo.published_house TO kyodo_loader;
