-- What minutes by car and by bus are computed from. All of it is published by others, so that everybody may read it.

CREATE TABLE kyodo.drive_edge (
    municipality_code TEXT NOT NULL,
    dataset_id INTEGER NOT NULL,
    edge_no INTEGER NOT NULL,
    u BIGINT NOT NULL,
    v BIGINT NOT NULL,
    length_m DOUBLE PRECISION NOT NULL,
    highway TEXT,
    kmh DOUBLE PRECISION NOT NULL,
    speed_from TEXT NOT NULL,
    congestion DOUBLE PRECISION DEFAULT 1 NOT NULL,
    winter_factor DOUBLE PRECISION DEFAULT 1 NOT NULL,
    minutes DOUBLE PRECISION NOT NULL,
    CONSTRAINT pk_drive_edge PRIMARY KEY (municipality_code, dataset_id, edge_no),
    CONSTRAINT ck_drive_edge_speed_from_known CHECK (speed_from IN ('given', 'maxspeed', 'class')),
    CONSTRAINT ck_drive_edge_no_loop CHECK (u <> v),
    CONSTRAINT ck_drive_edge_length_range CHECK (length_m > 0),
    CONSTRAINT ck_drive_edge_kmh_range CHECK (kmh BETWEEN 1 AND 150),
    CONSTRAINT ck_drive_edge_minutes_range CHECK (minutes > 0),
    CONSTRAINT ck_drive_edge_congestion_range CHECK (congestion BETWEEN 0.1 AND 100),
    CONSTRAINT ck_drive_edge_winter_range CHECK (winter_factor BETWEEN 0.1 AND 100),
    CONSTRAINT ck_drive_edge_length_m_finite CHECK (length_m > '-Infinity' AND length_m < 'Infinity'),
    CONSTRAINT ck_drive_edge_kmh_finite CHECK (kmh > '-Infinity' AND kmh < 'Infinity'),
    CONSTRAINT ck_drive_edge_congestion_finite CHECK (congestion > '-Infinity' AND congestion < 'Infinity'),
    CONSTRAINT ck_drive_edge_winter_factor_finite CHECK (winter_factor > '-Infinity' AND winter_factor < 'Infinity'),
    CONSTRAINT ck_drive_edge_minutes_finite CHECK (minutes > '-Infinity' AND minutes < 'Infinity'),
    CONSTRAINT fk_drive_edge_dataset FOREIGN KEY(municipality_code, dataset_id) REFERENCES kyodo.dataset (municipality_code, dataset_id) ON DELETE CASCADE
);

CREATE TABLE kyodo.bus_call (
    municipality_code TEXT NOT NULL,
    dataset_id INTEGER NOT NULL,
    pattern_no INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    line TEXT COLLATE "ja-x-icu" NOT NULL,
    stop_id TEXT NOT NULL,
    stop_name TEXT COLLATE "ja-x-icu" NOT NULL,
    minutes DOUBLE PRECISION,
    board BOOLEAN NOT NULL,
    alight BOOLEAN NOT NULL,
    weekday INTEGER[] NOT NULL,
    saturday INTEGER[] NOT NULL,
    sunday INTEGER[] NOT NULL,
    CONSTRAINT pk_bus_call PRIMARY KEY (municipality_code, dataset_id, pattern_no, seq),
    CONSTRAINT ck_bus_call_numbers_range CHECK (pattern_no > 0 AND seq > 0),
    CONSTRAINT ck_bus_call_minutes_range CHECK ((seq = 1) = (minutes IS NULL) AND minutes >= 0),
    CONSTRAINT ck_bus_call_departures_range CHECK (cardinality(weekday) = 30 AND array_position(weekday, NULL) IS NULL AND 0 <= ALL (weekday) AND cardinality(saturday) = 30 AND array_position(saturday, NULL) IS NULL AND 0 <= ALL (saturday) AND cardinality(sunday) = 30 AND array_position(sunday, NULL) IS NULL AND 0 <= ALL (sunday)),
    CONSTRAINT ck_bus_call_minutes_finite CHECK (minutes > '-Infinity' AND minutes < 'Infinity'),
    CONSTRAINT fk_bus_call_dataset FOREIGN KEY(municipality_code, dataset_id) REFERENCES kyodo.dataset (municipality_code, dataset_id) ON DELETE CASCADE
);

GRANT SELECT ON kyodo.drive_edge, kyodo.bus_call TO kyodo_public, kyodo_staff, kyodo_loader;
-- Written once with their dataset: no UPDATE.
GRANT INSERT, DELETE ON kyodo.drive_edge, kyodo.bus_call TO kyodo_loader;

COMMENT ON TABLE kyodo.drive_edge IS 'Ways for cars, one row per direction, with minutes';
COMMENT ON COLUMN kyodo.drive_edge.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.drive_edge.dataset_id IS 'Dataset (one load) the row came with';
COMMENT ON COLUMN kyodo.drive_edge.edge_no IS '1, 2 … in the order of the nodes';
COMMENT ON COLUMN kyodo.drive_edge.u IS 'Node where the drive begins';
COMMENT ON COLUMN kyodo.drive_edge.v IS 'Node where it ends';
COMMENT ON COLUMN kyodo.drive_edge.length_m IS 'Length, metres';
COMMENT ON COLUMN kyodo.drive_edge.highway IS 'Kind of road as published, e.g. residential';
COMMENT ON COLUMN kyodo.drive_edge.kmh IS 'Speed without congestion, km/h';
COMMENT ON COLUMN kyodo.drive_edge.speed_from IS 'given: by the file / maxspeed: signposted / class: by the kind of road';
COMMENT ON COLUMN kyodo.drive_edge.congestion IS 'Factor on the time by congestion';
COMMENT ON COLUMN kyodo.drive_edge.winter_factor IS 'Factor on the time in winter';
COMMENT ON COLUMN kyodo.drive_edge.minutes IS 'Minutes in this direction, congestion included, winter not: of parallel ways the fastest';

COMMENT ON TABLE kyodo.bus_call IS 'Stops of bus lines in order, with minutes and departures by hour';
COMMENT ON COLUMN kyodo.bus_call.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.bus_call.dataset_id IS 'Dataset (one load) the row came with';
COMMENT ON COLUMN kyodo.bus_call.pattern_no IS 'Number of a line with one order of stops: 1, 2 …';
COMMENT ON COLUMN kyodo.bus_call.seq IS 'Place of the stop in that order: 1, 2 …';
COMMENT ON COLUMN kyodo.bus_call.line IS 'Name of the line as published';
COMMENT ON COLUMN kyodo.bus_call.stop_id IS 'The stop''s id in the timetable';
COMMENT ON COLUMN kyodo.bus_call.stop_name IS 'Its name';
COMMENT ON COLUMN kyodo.bus_call.minutes IS 'Median minutes from the stop before, the stay there included; NULL at the first';
COMMENT ON COLUMN kyodo.bus_call.board IS 'Whether one may get on here';
COMMENT ON COLUMN kyodo.bus_call.alight IS 'Whether one may get off here';
COMMENT ON COLUMN kyodo.bus_call.weekday IS 'Departures from here in each hour 0–29 of a weekday';
COMMENT ON COLUMN kyodo.bus_call.saturday IS 'The same of a Saturday';
COMMENT ON COLUMN kyodo.bus_call.sunday IS 'The same of a Sunday';
