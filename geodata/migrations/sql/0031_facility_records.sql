-- How facilities are used and what state their buildings are in.
ALTER TABLE kyodo.building
    ADD COLUMN ledger_no text,
    ADD COLUMN use_class text,
    ADD COLUMN extendable boolean,
    ADD COLUMN acquired_on date,
    ADD COLUMN acquired_yen bigint,
    ADD COLUMN useful_life integer,
    ADD COLUMN depreciated_yen bigint,
    ADD CONSTRAINT uq_building_ledger_no UNIQUE (municipality_code, ledger_no),
    ADD CONSTRAINT ck_building_use_class_known CHECK (
        use_class IN ('市民文化', '社会教育', 'スポーツ・レクリエーション', '産業', '学校', '子育て', '保健・福祉', '医療', '行政', '公営住宅', '公園', '供給処理',
        'その他')),
    ADD CONSTRAINT ck_building_ledger_no_length CHECK (char_length(ledger_no) BETWEEN 1 AND 40),
    ADD CONSTRAINT ck_building_book_range CHECK (acquired_yen >= 0 AND depreciated_yen >= 0),
    ADD CONSTRAINT ck_building_useful_life_range CHECK (useful_life BETWEEN 1 AND 100);
ALTER TABLE kyodo.facility_year
    ADD COLUMN income_yen bigint,
    ADD COLUMN upkeep_yen bigint,
    ADD COLUMN energy_yen bigint,
    ADD COLUMN staff_yen bigint,
    ADD COLUMN open_days integer,
    ADD CONSTRAINT ck_facility_year_parts_range CHECK (
        income_yen >= 0 AND upkeep_yen >= 0 AND energy_yen >= 0 AND staff_yen >= 0 AND open_days BETWEEN 0 AND 366);

CREATE TABLE kyodo.facility_opening (
    municipality_code text NOT NULL,
    facility_id text NOT NULL,
    weekday integer NOT NULL,
    opens time NOT NULL,
    closes time NOT NULL,
    quality text NOT NULL DEFAULT 'real',
    source text,
    CONSTRAINT pk_facility_opening PRIMARY KEY (municipality_code, facility_id, weekday, opens),
    CONSTRAINT fk_facility_opening_facility FOREIGN KEY (municipality_code, facility_id)
        REFERENCES kyodo.facility (municipality_code, facility_id),
    CONSTRAINT fk_facility_opening_municipality FOREIGN KEY (municipality_code)
        REFERENCES kyodo.municipality (municipality_code),
    CONSTRAINT ck_facility_opening_hours_order CHECK (opens < closes),
    CONSTRAINT ck_facility_opening_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_facility_opening_weekday_range CHECK (weekday BETWEEN 1 AND 7)
);

CREATE TABLE kyodo.facility_closure (
    municipality_code text NOT NULL,
    facility_id text NOT NULL,
    closed_from date NOT NULL,
    reopens_on date,
    reason text NOT NULL,
    note text,
    quality text NOT NULL DEFAULT 'real',
    source text,
    CONSTRAINT pk_facility_closure PRIMARY KEY (municipality_code, facility_id, closed_from),
    CONSTRAINT fk_facility_closure_municipality FOREIGN KEY (municipality_code)
        REFERENCES kyodo.municipality (municipality_code),
    CONSTRAINT fk_facility_closure_facility FOREIGN KEY (municipality_code, facility_id)
        REFERENCES kyodo.facility (municipality_code, facility_id),
    CONSTRAINT ck_facility_closure_closure_order CHECK (closed_from < reopens_on),
    CONSTRAINT ck_facility_closure_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_facility_closure_reason_known CHECK (reason IN ('works', 'disaster', 'other'))
);

CREATE TABLE kyodo.facility_group (
    municipality_code text NOT NULL,
    facility_id text NOT NULL,
    group_no integer NOT NULL,
    weekday integer NOT NULL,
    starts time NOT NULL,
    ends time NOT NULL,
    people integer NOT NULL,
    name text COLLATE "ja-x-icu",
    room_no integer,
    quality text NOT NULL DEFAULT 'real',
    source text,
    CONSTRAINT pk_facility_group PRIMARY KEY (municipality_code, facility_id, group_no),
    CONSTRAINT fk_facility_group_facility FOREIGN KEY (municipality_code, facility_id)
        REFERENCES kyodo.facility (municipality_code, facility_id),
    CONSTRAINT fk_facility_group_municipality FOREIGN KEY (municipality_code)
        REFERENCES kyodo.municipality (municipality_code),
    CONSTRAINT fk_facility_group_room FOREIGN KEY (municipality_code, facility_id, room_no)
        REFERENCES kyodo.room (municipality_code, facility_id, room_no),
    CONSTRAINT ck_facility_group_hours_order CHECK (starts < ends),
    CONSTRAINT ck_facility_group_people_range CHECK (people > 0),
    CONSTRAINT ck_facility_group_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_facility_group_weekday_range CHECK (weekday BETWEEN 1 AND 7)
);

CREATE TABLE kyodo.facility_shelter (
    municipality_code text NOT NULL,
    facility_id text NOT NULL,
    role text NOT NULL,
    capacity integer,
    hazards text[] NOT NULL DEFAULT '{}',
    quality text NOT NULL DEFAULT 'real',
    source text,
    CONSTRAINT pk_facility_shelter PRIMARY KEY (municipality_code, facility_id, role),
    CONSTRAINT fk_facility_shelter_municipality FOREIGN KEY (municipality_code)
        REFERENCES kyodo.municipality (municipality_code),
    CONSTRAINT fk_facility_shelter_facility FOREIGN KEY (municipality_code, facility_id)
        REFERENCES kyodo.facility (municipality_code, facility_id),
    CONSTRAINT ck_facility_shelter_capacity_range CHECK (capacity >= 0),
    CONSTRAINT ck_facility_shelter_hazards_known CHECK (
        hazards <@ ARRAY['flood', 'landslide', 'storm-surge', 'earthquake', 'tsunami', 'fire', 'inland-flood',
        'volcano']::text[]),
    CONSTRAINT ck_facility_shelter_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_facility_shelter_role_known CHECK (role IN ('designated-shelter', 'emergency-place', 'welfare-shelter'))
);

CREATE TABLE kyodo.room_year (
    municipality_code text NOT NULL,
    facility_id text NOT NULL,
    room_no integer NOT NULL,
    fiscal_year integer NOT NULL,
    hours_open double precision,
    hours_used double precision,
    quality text NOT NULL DEFAULT 'real',
    source text,
    CONSTRAINT pk_room_year PRIMARY KEY (municipality_code, facility_id, room_no, fiscal_year),
    CONSTRAINT fk_room_year_room FOREIGN KEY (municipality_code, facility_id, room_no)
        REFERENCES kyodo.room (municipality_code, facility_id, room_no),
    CONSTRAINT fk_room_year_municipality FOREIGN KEY (municipality_code)
        REFERENCES kyodo.municipality (municipality_code),
    CONSTRAINT ck_room_year_fiscal_year_range CHECK (fiscal_year BETWEEN 1950 AND 2200),
    CONSTRAINT ck_room_year_hours_open_finite CHECK (hours_open > '-Infinity' AND hours_open < 'Infinity'),
    CONSTRAINT ck_room_year_hours_range CHECK (hours_open >= 0 AND hours_used >= 0 AND hours_open <= 8784),
    CONSTRAINT ck_room_year_hours_used_finite CHECK (hours_used > '-Infinity' AND hours_used < 'Infinity'),
    CONSTRAINT ck_room_year_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_room_year_used_at_most_open CHECK (hours_used <= hours_open)
);

CREATE TABLE kyodo.building_inspection (
    municipality_code text NOT NULL,
    building_id text NOT NULL,
    inspected_on date NOT NULL,
    roof text,
    outer_wall text,
    inside text,
    electricity text,
    machinery text,
    inspector text,
    quality text NOT NULL DEFAULT 'real',
    source text,
    CONSTRAINT pk_building_inspection PRIMARY KEY (municipality_code, building_id, inspected_on),
    CONSTRAINT fk_building_inspection_municipality FOREIGN KEY (municipality_code)
        REFERENCES kyodo.municipality (municipality_code),
    CONSTRAINT fk_building_inspection_building FOREIGN KEY (municipality_code, building_id)
        REFERENCES kyodo.building (municipality_code, building_id),
    CONSTRAINT ck_building_inspection_electricity_known CHECK (electricity IN ('A', 'B', 'C', 'D')),
    CONSTRAINT ck_building_inspection_inside_known CHECK (inside IN ('A', 'B', 'C', 'D')),
    CONSTRAINT ck_building_inspection_inspector_length CHECK (char_length(inspector) <= 200),
    CONSTRAINT ck_building_inspection_machinery_known CHECK (machinery IN ('A', 'B', 'C', 'D')),
    CONSTRAINT ck_building_inspection_outer_wall_known CHECK (outer_wall IN ('A', 'B', 'C', 'D')),
    CONSTRAINT ck_building_inspection_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_building_inspection_roof_known CHECK (roof IN ('A', 'B', 'C', 'D'))
);

CREATE TABLE kyodo.building_work (
    municipality_code text NOT NULL,
    building_id text NOT NULL,
    work_no integer NOT NULL,
    fiscal_year integer NOT NULL,
    kind text NOT NULL,
    cost_yen bigint,
    note text,
    quality text NOT NULL DEFAULT 'real',
    source text,
    CONSTRAINT pk_building_work PRIMARY KEY (municipality_code, building_id, work_no),
    CONSTRAINT fk_building_work_municipality FOREIGN KEY (municipality_code)
        REFERENCES kyodo.municipality (municipality_code),
    CONSTRAINT fk_building_work_building FOREIGN KEY (municipality_code, building_id)
        REFERENCES kyodo.building (municipality_code, building_id),
    CONSTRAINT ck_building_work_cost_range CHECK (cost_yen >= 0),
    CONSTRAINT ck_building_work_fiscal_year_range CHECK (fiscal_year BETWEEN 1950 AND 2200),
    CONSTRAINT ck_building_work_kind_known CHECK (kind IN ('大規模改修', '耐震補強', '屋上防水', '外壁', '設備更新', 'バリアフリー', '修繕', 'その他')),
    CONSTRAINT ck_building_work_number_range CHECK (work_no > 0),
    CONSTRAINT ck_building_work_quality_known CHECK (quality IN ('real', 'unofficial', 'sample'))
);

CREATE TABLE kyodo.facility_stage (
    municipality_code text NOT NULL,
    facility_id text NOT NULL,
    decided_on date NOT NULL,
    stage text NOT NULL,
    reason text NOT NULL,
    decided_by text NOT NULL,
    entered_at timestamptz NOT NULL DEFAULT now(),
    entered_by text,
    quality text NOT NULL DEFAULT 'real',
    source text,
    CONSTRAINT pk_facility_stage PRIMARY KEY (municipality_code, facility_id, decided_on),
    CONSTRAINT fk_facility_stage_facility FOREIGN KEY (municipality_code, facility_id)
        REFERENCES kyodo.facility (municipality_code, facility_id),
    CONSTRAINT fk_facility_stage_municipality FOREIGN KEY (municipality_code)
        REFERENCES kyodo.municipality (municipality_code),
    CONSTRAINT ck_facility_stage_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_facility_stage_reason_length CHECK (char_length(reason) BETWEEN 1 AND 2000),
    CONSTRAINT ck_facility_stage_stage_known CHECK (
        stage IN ('継続', '長寿命化', '大規模改修', '建替', '建替（縮小）', '複合化', '集約化', '転用', '譲渡', '廃止・除却', '検討中'))
);

GRANT SELECT ON kyodo.facility_opening, kyodo.facility_closure, kyodo.facility_shelter, kyodo.room_year
    TO kyodo_public, kyodo_staff, kyodo_loader;
-- Groups are people; inspections, works and judgements are the city's own papers.
GRANT SELECT ON kyodo.facility_group, kyodo.building_inspection, kyodo.building_work, kyodo.facility_stage
    TO kyodo_staff, kyodo_loader;
GRANT INSERT, UPDATE, DELETE ON kyodo.facility_opening, kyodo.facility_closure, kyodo.facility_shelter, kyodo.room_year,
    kyodo.facility_group, kyodo.building_inspection, kyodo.building_work, kyodo.facility_stage
    TO kyodo_staff, kyodo_loader;

CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.facility_opening
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();
CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.facility_closure
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();
CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.facility_group
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();
CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.facility_shelter
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();
CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.room_year
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();
CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.building_inspection
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();
CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.building_work
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();
CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.facility_stage
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();

COMMENT ON COLUMN kyodo.building.ledger_no IS 'Number in the ledger of fixed assets (固定資産台帳)';
COMMENT ON COLUMN kyodo.building.use_class IS 'Class of 総務省「更新費用試算ソフト」';
COMMENT ON COLUMN kyodo.building.extendable IS 'Its life can be extended to 80 years';
COMMENT ON COLUMN kyodo.building.acquired_on IS 'Day of acquisition';
COMMENT ON COLUMN kyodo.building.acquired_yen IS 'Cost of acquisition, yen';
COMMENT ON COLUMN kyodo.building.useful_life IS 'Years over which it is written off (耐用年数)';
COMMENT ON COLUMN kyodo.building.depreciated_yen IS 'Depreciation up to now (減価償却累計額), yen';
COMMENT ON COLUMN kyodo.facility_year.income_yen IS 'Income (使用料など), yen';
COMMENT ON COLUMN kyodo.facility_year.upkeep_yen IS 'Of the cost: upkeep and repairs, yen';
COMMENT ON COLUMN kyodo.facility_year.energy_yen IS 'Of the cost: electricity, gas, oil and water, yen';
COMMENT ON COLUMN kyodo.facility_year.staff_yen IS 'Of the cost: staff, yen';
COMMENT ON COLUMN kyodo.facility_year.open_days IS 'Days open in the year';

COMMENT ON TABLE kyodo.facility_opening IS
    'Hours of opening by weekday; a facility without any row: unknown, else closed on the days without one';
COMMENT ON COLUMN kyodo.facility_opening.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.facility_opening.facility_id IS 'Facility';
COMMENT ON COLUMN kyodo.facility_opening.weekday IS '1 Monday … 7 Sunday';
COMMENT ON COLUMN kyodo.facility_opening.opens IS 'Opens';
COMMENT ON COLUMN kyodo.facility_opening.closes IS 'Closes';
COMMENT ON COLUMN kyodo.facility_opening.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.facility_opening.source IS 'Where the value was taken from';

COMMENT ON TABLE kyodo.facility_closure IS 'Periods in which a facility is closed for works and the like';
COMMENT ON COLUMN kyodo.facility_closure.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.facility_closure.facility_id IS 'Facility';
COMMENT ON COLUMN kyodo.facility_closure.closed_from IS 'First day closed';
COMMENT ON COLUMN kyodo.facility_closure.reopens_on IS 'First day open again; NULL: not known yet';
COMMENT ON COLUMN kyodo.facility_closure.reason IS 'works / disaster / other';
COMMENT ON COLUMN kyodo.facility_closure.note IS 'What for';
COMMENT ON COLUMN kyodo.facility_closure.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.facility_closure.source IS 'Where the value was taken from';

COMMENT ON TABLE kyodo.facility_group IS 'Registered groups and their weekly hours; staff only, because groups are people';
COMMENT ON COLUMN kyodo.facility_group.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.facility_group.facility_id IS 'Facility the group meets in';
COMMENT ON COLUMN kyodo.facility_group.group_no IS '1, 2 …';
COMMENT ON COLUMN kyodo.facility_group.weekday IS '1 Monday … 7 Sunday';
COMMENT ON COLUMN kyodo.facility_group.starts IS 'Begins';
COMMENT ON COLUMN kyodo.facility_group.ends IS 'Ends';
COMMENT ON COLUMN kyodo.facility_group.people IS 'People who come';
COMMENT ON COLUMN kyodo.facility_group.name IS 'Name of the group';
COMMENT ON COLUMN kyodo.facility_group.room_no IS 'Room it uses, where known';
COMMENT ON COLUMN kyodo.facility_group.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.facility_group.source IS 'Where the value was taken from';

COMMENT ON TABLE kyodo.facility_shelter IS 'What a facility is designated for in a disaster';
COMMENT ON COLUMN kyodo.facility_shelter.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.facility_shelter.facility_id IS 'Facility';
COMMENT ON COLUMN kyodo.facility_shelter.role IS 'designated-shelter / emergency-place / welfare-shelter';
COMMENT ON COLUMN kyodo.facility_shelter.capacity IS 'People it takes in';
COMMENT ON COLUMN kyodo.facility_shelter.hazards IS 'Hazards it is designated for';
COMMENT ON COLUMN kyodo.facility_shelter.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.facility_shelter.source IS 'Where the value was taken from';

COMMENT ON TABLE kyodo.room_year IS 'Hours of each room by year: occupancy is hours_used / hours_open';
COMMENT ON COLUMN kyodo.room_year.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.room_year.facility_id IS 'Facility';
COMMENT ON COLUMN kyodo.room_year.room_no IS 'Room';
COMMENT ON COLUMN kyodo.room_year.fiscal_year IS 'Fiscal year';
COMMENT ON COLUMN kyodo.room_year.hours_open IS 'Hours in which it could be had';
COMMENT ON COLUMN kyodo.room_year.hours_used IS 'Hours in which it was used';
COMMENT ON COLUMN kyodo.room_year.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.room_year.source IS 'Where the value was taken from';

COMMENT ON TABLE kyodo.building_inspection IS 'Ratings by part from the inspections of buildings (建築基準法第12条など)';
COMMENT ON COLUMN kyodo.building_inspection.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.building_inspection.building_id IS 'Building';
COMMENT ON COLUMN kyodo.building_inspection.inspected_on IS 'Day of the inspection';
COMMENT ON COLUMN kyodo.building_inspection.roof IS '屋根・屋上: A good … D to be mended soon; NULL: not looked at';
COMMENT ON COLUMN kyodo.building_inspection.outer_wall IS '外壁: A good … D to be mended soon; NULL: not looked at';
COMMENT ON COLUMN kyodo.building_inspection.inside IS '内部仕上: A good … D to be mended soon; NULL: not looked at';
COMMENT ON COLUMN kyodo.building_inspection.electricity IS '電気設備: A good … D to be mended soon; NULL: not looked at';
COMMENT ON COLUMN kyodo.building_inspection.machinery IS '機械設備: A good … D to be mended soon; NULL: not looked at';
COMMENT ON COLUMN kyodo.building_inspection.inspector IS 'Who inspected';
COMMENT ON COLUMN kyodo.building_inspection.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.building_inspection.source IS 'Where the value was taken from';

COMMENT ON TABLE kyodo.building_work IS 'Works on buildings that were done';
COMMENT ON COLUMN kyodo.building_work.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.building_work.building_id IS 'Building';
COMMENT ON COLUMN kyodo.building_work.work_no IS '1, 2 …';
COMMENT ON COLUMN kyodo.building_work.fiscal_year IS 'Fiscal year';
COMMENT ON COLUMN kyodo.building_work.kind IS '大規模改修, 耐震補強, 屋上防水 …';
COMMENT ON COLUMN kyodo.building_work.cost_yen IS 'Cost, yen';
COMMENT ON COLUMN kyodo.building_work.note IS 'Remarks';
COMMENT ON COLUMN kyodo.building_work.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.building_work.source IS 'Where the value was taken from';

COMMENT ON TABLE kyodo.facility_stage IS 'Qualitative judgement of each facility with its history; the latest day holds';
COMMENT ON COLUMN kyodo.facility_stage.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.facility_stage.facility_id IS 'Facility';
COMMENT ON COLUMN kyodo.facility_stage.decided_on IS 'Day of the judgement';
COMMENT ON COLUMN kyodo.facility_stage.stage IS '継続, 長寿命化 … 検討中';
COMMENT ON COLUMN kyodo.facility_stage.reason IS 'Why';
COMMENT ON COLUMN kyodo.facility_stage.decided_by IS 'Who judged: section or body';
COMMENT ON COLUMN kyodo.facility_stage.entered_at IS 'When entered';
COMMENT ON COLUMN kyodo.facility_stage.entered_by IS 'Login of who entered it; NULL: came with a load';
COMMENT ON COLUMN kyodo.facility_stage.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.facility_stage.source IS 'Where the value was taken from';