-- What reach of facilities is computed from. All of it is published by others, so that everybody may read it.
CREATE TABLE kyodo.network_edge (
    municipality_code text NOT NULL,
    dataset_id integer NOT NULL,
    edge_no integer NOT NULL,
    u bigint NOT NULL,
    v bigint NOT NULL,
    length_m double precision NOT NULL,
    highway text,
    slope double precision,
    winter_factor double precision NOT NULL DEFAULT 1,
    CONSTRAINT pk_network_edge PRIMARY KEY (municipality_code, dataset_id, edge_no),
    CONSTRAINT fk_network_edge_dataset FOREIGN KEY (municipality_code, dataset_id)
        REFERENCES kyodo.dataset (municipality_code, dataset_id) ON DELETE CASCADE,
    CONSTRAINT ck_network_edge_length_m_finite CHECK (length_m > '-Infinity' AND length_m < 'Infinity'),
    CONSTRAINT ck_network_edge_length_range CHECK (length_m > 0),
    CONSTRAINT ck_network_edge_nodes_order CHECK (u < v),
    CONSTRAINT ck_network_edge_slope_finite CHECK (slope > '-Infinity' AND slope < 'Infinity'),
    CONSTRAINT ck_network_edge_slope_range CHECK (slope BETWEEN -1 AND 1),
    CONSTRAINT ck_network_edge_winter_factor_finite CHECK (winter_factor > '-Infinity' AND winter_factor < 'Infinity'),
    CONSTRAINT ck_network_edge_winter_range CHECK (winter_factor BETWEEN 0.1 AND 100)
);

CREATE TABLE kyodo.age_population (
    municipality_code text NOT NULL,
    dataset_id integer NOT NULL,
    area_kind text NOT NULL,
    area_key text NOT NULL,
    year integer NOT NULL,
    age_from integer NOT NULL,
    age_to integer,
    people double precision,
    projected boolean NOT NULL DEFAULT false,
    CONSTRAINT pk_age_population PRIMARY KEY (municipality_code, dataset_id, area_kind, area_key, year, age_from),
    CONSTRAINT fk_age_population_dataset FOREIGN KEY (municipality_code, dataset_id)
        REFERENCES kyodo.dataset (municipality_code, dataset_id) ON DELETE CASCADE,
    CONSTRAINT ck_age_population_age_range CHECK (age_from BETWEEN 0 AND 150 AND age_to BETWEEN age_from AND 150),
    CONSTRAINT ck_age_population_area_kind_known CHECK (area_kind IN ('small-area', 'mesh')),
    CONSTRAINT ck_age_population_people_finite CHECK (people > '-Infinity' AND people < 'Infinity'),
    CONSTRAINT ck_age_population_people_range CHECK (people >= 0),
    CONSTRAINT ck_age_population_year_range CHECK (year BETWEEN 1920 AND 2200)
);

CREATE TABLE kyodo.mesh_cell (
    municipality_code text NOT NULL,
    dataset_id integer NOT NULL,
    mesh_code text NOT NULL,
    year integer NOT NULL,
    people integer,
    aged65 integer,
    merged_into text,
    CONSTRAINT pk_mesh_cell PRIMARY KEY (municipality_code, dataset_id, mesh_code, year),
    CONSTRAINT fk_mesh_cell_dataset FOREIGN KEY (municipality_code, dataset_id)
        REFERENCES kyodo.dataset (municipality_code, dataset_id) ON DELETE CASCADE,
    CONSTRAINT ck_mesh_cell_aged_at_most_people CHECK (aged65 <= people),
    CONSTRAINT ck_mesh_cell_code_form CHECK (mesh_code ~ '^[0-9]{8,11}$'),
    CONSTRAINT ck_mesh_cell_merged_elsewhere CHECK (merged_into <> mesh_code),
    CONSTRAINT ck_mesh_cell_people_range CHECK (people >= 0 AND aged65 >= 0),
    CONSTRAINT ck_mesh_cell_year_range CHECK (year BETWEEN 1920 AND 2200)
);

GRANT SELECT ON kyodo.network_edge, kyodo.age_population, kyodo.mesh_cell TO kyodo_public, kyodo_staff, kyodo_loader;
-- Written once with their dataset: no UPDATE.
GRANT INSERT, DELETE ON kyodo.network_edge, kyodo.age_population, kyodo.mesh_cell TO kyodo_loader;

ALTER TABLE kyodo.hall ADD COLUMN confirmed_on date;
COMMENT ON COLUMN kyodo.hall.confirmed_on IS 'Day of 建築確認';

COMMENT ON TABLE kyodo.network_edge IS 'Ways for walkers, in both directions, with length, slope and winter factor';
COMMENT ON COLUMN kyodo.network_edge.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.network_edge.dataset_id IS 'Dataset (one load) the row came with';
COMMENT ON COLUMN kyodo.network_edge.edge_no IS '1, 2 … in the order of the nodes';
COMMENT ON COLUMN kyodo.network_edge.u IS 'Node at the start of the line; smaller than v';
COMMENT ON COLUMN kyodo.network_edge.v IS 'Node at its end';
COMMENT ON COLUMN kyodo.network_edge.length_m IS 'Length, metres: of parallel ways the shortest';
COMMENT ON COLUMN kyodo.network_edge.highway IS 'Kind of way as published, e.g. residential';
COMMENT ON COLUMN kyodo.network_edge.slope IS 'Rise / run from u to v';
COMMENT ON COLUMN kyodo.network_edge.winter_factor IS 'Factor on the time in winter';

COMMENT ON TABLE kyodo.age_population IS 'People by age class; the classes of an area and year do not overlap';
COMMENT ON COLUMN kyodo.age_population.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.age_population.dataset_id IS 'Dataset (one load) the row came with';
COMMENT ON COLUMN kyodo.age_population.area_kind IS 'small-area / mesh';
COMMENT ON COLUMN kyodo.age_population.area_key IS 'KEY_CODE or mesh code';
COMMENT ON COLUMN kyodo.age_population.year IS 'Calendar year of the census or of the projection';
COMMENT ON COLUMN kyodo.age_population.age_from IS 'Youngest age of the class, years';
COMMENT ON COLUMN kyodo.age_population.age_to IS 'Oldest age of the class; NULL: and over';
COMMENT ON COLUMN kyodo.age_population.people IS
    'People, with a fraction in projections; NULL: not published for so small an area';
COMMENT ON COLUMN kyodo.age_population.projected IS 'A projection, as its makers published it, not a count';

COMMENT ON TABLE kyodo.mesh_cell IS 'Grid squares (地域メッシュ) with people';
COMMENT ON COLUMN kyodo.mesh_cell.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.mesh_cell.dataset_id IS 'Dataset (one load) the row came with';
COMMENT ON COLUMN kyodo.mesh_cell.mesh_code IS 'Code of the grid square, JIS X 0410';
COMMENT ON COLUMN kyodo.mesh_cell.year IS 'Census year';
COMMENT ON COLUMN kyodo.mesh_cell.people IS 'People; NULL: not published, contained in the cell merged_into';
COMMENT ON COLUMN kyodo.mesh_cell.aged65 IS 'Of them 65 years and more';
COMMENT ON COLUMN kyodo.mesh_cell.merged_into IS 'Cell whose figures contain those of this one (秘匿の合算先)';