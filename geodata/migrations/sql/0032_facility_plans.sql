-- What renewal costs, what scenarios do, and what the models were asked.
CREATE TABLE kyodo.unit_cost (
    municipality_code text NOT NULL,
    rule_set text NOT NULL,
    version integer NOT NULL,
    use_class text NOT NULL,
    large_yen_m2 integer NOT NULL,
    rebuild_yen_m2 integer NOT NULL,
    mid_share numeric(4, 3),
    upkeep_yen_m2 integer NOT NULL,
    valid_from date,
    note text,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    quality text NOT NULL DEFAULT 'real',
    source text,
    CONSTRAINT pk_unit_cost PRIMARY KEY (municipality_code, rule_set, version, use_class),
    CONSTRAINT fk_unit_cost_municipality FOREIGN KEY (municipality_code)
        REFERENCES kyodo.municipality (municipality_code),
    CONSTRAINT ck_unit_cost_costs_range CHECK (
        large_yen_m2 BETWEEN 0 AND 10000000 AND rebuild_yen_m2 BETWEEN 0 AND 10000000 AND upkeep_yen_m2 BETWEEN 0 AND
        1000000 AND mid_share BETWEEN 0 AND 1),
    CONSTRAINT ck_unit_cost_mid_share_finite CHECK (mid_share > '-Infinity' AND mid_share < 'Infinity'),
    CONSTRAINT ck_unit_cost_note_length CHECK (char_length(note) <= 200),
    CONSTRAINT ck_unit_cost_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_unit_cost_rule_set_known CHECK (rule_set IN ('60-year', '80-year')),
    CONSTRAINT ck_unit_cost_use_class_known CHECK (
        use_class IN ('市民文化', '社会教育', 'スポーツ・レクリエーション', '産業', '学校', '子育て', '保健・福祉', '医療', '行政', '公営住宅', '公園', '供給処理',
        'その他')),
    CONSTRAINT ck_unit_cost_version_range CHECK (version > 0)
);

CREATE TABLE kyodo.cost_assumption (
    municipality_code text NOT NULL,
    version integer NOT NULL,
    price_index numeric(6, 3) NOT NULL DEFAULT 1,
    price_year integer,
    demolition_yen_m2 integer,
    not_extendable_share numeric(4, 3) NOT NULL,
    large_type text NOT NULL,
    large_share numeric(4, 3) NOT NULL,
    horizon_years integer NOT NULL,
    ceiling_yen bigint,
    valid_from date,
    note text,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    quality text NOT NULL DEFAULT 'real',
    source text,
    CONSTRAINT pk_cost_assumption PRIMARY KEY (municipality_code, version),
    CONSTRAINT fk_cost_assumption_municipality FOREIGN KEY (municipality_code)
        REFERENCES kyodo.municipality (municipality_code),
    CONSTRAINT ck_cost_assumption_assumptions_range CHECK (
        price_index BETWEEN 0.1 AND 10 AND price_year BETWEEN 1950 AND 2200 AND demolition_yen_m2 BETWEEN 0 AND
        1000000 AND not_extendable_share BETWEEN 0 AND 1 AND large_share BETWEEN 0 AND 1 AND horizon_years BETWEEN 1
        AND 100 AND ceiling_yen >= 0),
    CONSTRAINT ck_cost_assumption_large_share_finite CHECK (large_share > '-Infinity' AND large_share < 'Infinity'),
    CONSTRAINT ck_cost_assumption_large_type_known CHECK (large_type IN ('A', 'B')),
    CONSTRAINT ck_cost_assumption_not_extendable_share_finite CHECK (
        not_extendable_share > '-Infinity' AND not_extendable_share < 'Infinity'),
    CONSTRAINT ck_cost_assumption_note_length CHECK (char_length(note) <= 200),
    CONSTRAINT ck_cost_assumption_price_index_finite CHECK (price_index > '-Infinity' AND price_index < 'Infinity'),
    CONSTRAINT ck_cost_assumption_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_cost_assumption_version_range CHECK (version > 0)
);

CREATE TABLE kyodo.scenario (
    municipality_code text NOT NULL,
    scenario_id text NOT NULL,
    version integer NOT NULL,
    title text NOT NULL,
    author text NOT NULL,
    reason text NOT NULL,
    state text NOT NULL DEFAULT 'draft',
    base_year integer NOT NULL,
    horizon integer NOT NULL,
    basis jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    published_at timestamptz,
    published_by text,
    quality text NOT NULL DEFAULT 'real',
    source text,
    CONSTRAINT pk_scenario PRIMARY KEY (municipality_code, scenario_id, version),
    CONSTRAINT fk_scenario_municipality FOREIGN KEY (municipality_code)
        REFERENCES kyodo.municipality (municipality_code),
    CONSTRAINT ck_scenario_id_form CHECK (scenario_id ~ '^[0-9A-Za-z_-]{1,40}$'),
    CONSTRAINT ck_scenario_published_has_day CHECK ((state = 'draft') = (published_at IS NULL)),
    CONSTRAINT ck_scenario_quality_known CHECK (quality IN ('real', 'unofficial', 'sample')),
    CONSTRAINT ck_scenario_reason_length CHECK (char_length(reason) <= 2000),
    CONSTRAINT ck_scenario_state_known CHECK (state IN ('draft', 'published', 'withdrawn')),
    CONSTRAINT ck_scenario_title_length CHECK (char_length(title) BETWEEN 1 AND 200),
    CONSTRAINT ck_scenario_version_range CHECK (version > 0),
    CONSTRAINT ck_scenario_years_range CHECK (base_year BETWEEN 1950 AND 2200 AND horizon BETWEEN 1 AND 100)
);
CREATE UNIQUE INDEX ix_scenario_published ON kyodo.scenario (municipality_code, scenario_id) WHERE state = 'published';

CREATE TABLE kyodo.scenario_action (
    municipality_code text NOT NULL,
    scenario_id text NOT NULL,
    version integer NOT NULL,
    action_no integer NOT NULL,
    year integer NOT NULL,
    facility_id text NOT NULL,
    action text NOT NULL,
    into_facility text,
    floor_area_m2 double precision,
    cost_yen bigint,
    note text,
    CONSTRAINT pk_scenario_action PRIMARY KEY (municipality_code, scenario_id, version, action_no),
    CONSTRAINT fk_scenario_action_municipality FOREIGN KEY (municipality_code)
        REFERENCES kyodo.municipality (municipality_code),
    CONSTRAINT fk_scenario_action_scenario FOREIGN KEY (municipality_code, scenario_id, version)
        REFERENCES kyodo.scenario (municipality_code, scenario_id, version) ON DELETE CASCADE,
    CONSTRAINT fk_scenario_action_facility FOREIGN KEY (municipality_code, facility_id)
        REFERENCES kyodo.facility (municipality_code, facility_id),
    CONSTRAINT fk_scenario_action_into FOREIGN KEY (municipality_code, into_facility)
        REFERENCES kyodo.facility (municipality_code, facility_id),
    CONSTRAINT ck_scenario_action_action_known CHECK (
        action IN ('継続', '長寿命化', '大規模改修', '建替', '建替（縮小）', '複合化', '集約化', '転用', '譲渡', '廃止・除却')),
    CONSTRAINT ck_scenario_action_cost_range CHECK (cost_yen >= 0),
    CONSTRAINT ck_scenario_action_floor_area_m2_finite CHECK (floor_area_m2 > '-Infinity' AND floor_area_m2 < 'Infinity'),
    CONSTRAINT ck_scenario_action_floor_area_range CHECK (floor_area_m2 > 0),
    CONSTRAINT ck_scenario_action_into_another CHECK (into_facility <> facility_id),
    CONSTRAINT ck_scenario_action_note_length CHECK (char_length(note) <= 500),
    CONSTRAINT ck_scenario_action_number_range CHECK (action_no > 0),
    CONSTRAINT ck_scenario_action_year_range CHECK (year BETWEEN 1950 AND 2300)
);

CREATE TABLE kyodo.siting_run (
    municipality_code text NOT NULL,
    run_id text NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT now(),
    model text NOT NULL,
    parameters jsonb NOT NULL,
    state text NOT NULL DEFAULT 'queued',
    progress double precision NOT NULL DEFAULT 0,
    cancel_asked boolean NOT NULL DEFAULT false,
    message text,
    result jsonb,
    basis jsonb NOT NULL DEFAULT '{}',
    started_at timestamptz,
    touched_at timestamptz,
    finished_at timestamptz,
    CONSTRAINT pk_siting_run PRIMARY KEY (municipality_code, run_id),
    CONSTRAINT fk_siting_run_municipality FOREIGN KEY (municipality_code)
        REFERENCES kyodo.municipality (municipality_code),
    CONSTRAINT ck_siting_run_done_has_result CHECK (state <> 'done' OR result IS NOT NULL),
    CONSTRAINT ck_siting_run_model_known CHECK (model IN ('p-median', 'p-center', 'lscp', 'mclp', 'vacant-houses', 'levelling')),
    CONSTRAINT ck_siting_run_progress_finite CHECK (progress > '-Infinity' AND progress < 'Infinity'),
    CONSTRAINT ck_siting_run_progress_range CHECK (progress BETWEEN 0 AND 1),
    CONSTRAINT ck_siting_run_state_known CHECK (state IN ('queued', 'running', 'done', 'cancelled', 'failed'))
);
CREATE INDEX ix_siting_run_asked ON kyodo.siting_run (municipality_code, asked_at);

CREATE UNLOGGED TABLE kyodo.computed (
    municipality_code text NOT NULL,
    name text NOT NULL,
    input_hash text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    body bytea NOT NULL,
    CONSTRAINT pk_computed PRIMARY KEY (municipality_code, name, input_hash),
    CONSTRAINT fk_computed_municipality FOREIGN KEY (municipality_code)
        REFERENCES kyodo.municipality (municipality_code),
    CONSTRAINT ck_computed_bounded CHECK (octet_length(body) <= 268435456),
    CONSTRAINT ck_computed_hash_form CHECK (input_hash ~ '^[0-9a-f]{64}$')
);
CREATE INDEX ix_computed_made ON kyodo.computed (made_at);

-- Everybody may read what a published report was made with, but no login.
GRANT SELECT (municipality_code, rule_set, version, use_class, large_yen_m2, rebuild_yen_m2, mid_share, upkeep_yen_m2,
    valid_from, created_at, quality, source)
    ON kyodo.unit_cost TO kyodo_public;
GRANT SELECT (municipality_code, version, price_index, price_year, demolition_yen_m2, not_extendable_share, large_type,
    large_share, horizon_years, ceiling_yen, valid_from, created_at, quality, source)
    ON kyodo.cost_assumption TO kyodo_public;
GRANT SELECT (municipality_code, scenario_id, version, title, author, reason, state, base_year, horizon, basis,
    created_at, published_at, quality, source)
    ON kyodo.scenario TO kyodo_public;
GRANT SELECT ON kyodo.scenario_action TO kyodo_public;
GRANT SELECT, INSERT ON kyodo.unit_cost, kyodo.cost_assumption TO kyodo_staff, kyodo_loader;
GRANT SELECT, INSERT, UPDATE, DELETE ON kyodo.scenario, kyodo.scenario_action, kyodo.siting_run, kyodo.computed
    TO kyodo_staff, kyodo_loader;

ALTER TABLE kyodo.scenario ENABLE ROW LEVEL SECURITY;
CREATE POLICY published_only ON kyodo.scenario FOR SELECT TO kyodo_public USING (state = 'published');
CREATE POLICY all_rows ON kyodo.scenario TO kyodo_staff, kyodo_loader USING (true) WITH CHECK (true);
ALTER TABLE kyodo.scenario_action ENABLE ROW LEVEL SECURITY;
CREATE POLICY published_only ON kyodo.scenario_action FOR SELECT TO kyodo_public USING (EXISTS (
    SELECT FROM kyodo.scenario s WHERE s.municipality_code = scenario_action.municipality_code
        AND s.scenario_id = scenario_action.scenario_id AND s.version = scenario_action.version));
CREATE POLICY all_rows ON kyodo.scenario_action TO kyodo_staff, kyodo_loader USING (true) WITH CHECK (true);

-- What was published stays as it was: it can be withdrawn, and another version can follow.
CREATE FUNCTION kyodo.guard_scenario() RETURNS trigger
LANGUAGE plpgsql SET search_path = kyodo, pg_temp AS $$
BEGIN
    IF OLD.state <> 'draft' AND (TG_OP = 'DELETE' OR NEW.state <> 'withdrawn'
        OR to_jsonb(NEW) - 'state' IS DISTINCT FROM to_jsonb(OLD) - 'state') THEN
        RAISE EXCEPTION 'version % of scenario % has been published', OLD.version, OLD.scenario_id
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER guard_scenario BEFORE UPDATE OR DELETE ON kyodo.scenario
    FOR EACH ROW EXECUTE FUNCTION kyodo.guard_scenario();
-- A version may be entered as published together with its actions in one transaction.
CREATE FUNCTION kyodo.guard_scenario_action() RETURNS trigger
LANGUAGE plpgsql SET search_path = kyodo, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM scenario s WHERE s.state <> 'draft' AND s.created_at <> now()
        AND (s.municipality_code, s.scenario_id, s.version) IN
            ((OLD.municipality_code, OLD.scenario_id, OLD.version), (NEW.municipality_code, NEW.scenario_id, NEW.version))) THEN
        RAISE EXCEPTION 'the actions of a published scenario stay as they are' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER guard_scenario_action BEFORE INSERT OR UPDATE OR DELETE ON kyodo.scenario_action
    FOR EACH ROW EXECUTE FUNCTION kyodo.guard_scenario_action();
REVOKE ALL ON FUNCTION kyodo.guard_scenario, kyodo.guard_scenario_action FROM PUBLIC;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON kyodo.unit_cost
    FOR EACH ROW EXECUTE FUNCTION kyodo.refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON kyodo.unit_cost
    FOR EACH STATEMENT EXECUTE FUNCTION kyodo.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON kyodo.cost_assumption
    FOR EACH ROW EXECUTE FUNCTION kyodo.refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON kyodo.cost_assumption
    FOR EACH STATEMENT EXECUTE FUNCTION kyodo.refuse_change();

CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.unit_cost
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();
CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.cost_assumption
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();
CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.scenario
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();
CREATE CONSTRAINT TRIGGER touch_revision AFTER INSERT OR UPDATE OR DELETE ON kyodo.scenario_action
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kyodo.touch_revision();

COMMENT ON TABLE kyodo.unit_cost IS 'Unit costs of renewal by class and rule set, every version that ever held';
COMMENT ON COLUMN kyodo.unit_cost.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.unit_cost.rule_set IS '60-year / 80-year';
COMMENT ON COLUMN kyodo.unit_cost.version IS '1, 2 … of the rule set; the highest holds';
COMMENT ON COLUMN kyodo.unit_cost.use_class IS 'Class of 総務省「更新費用試算ソフト」';
COMMENT ON COLUMN kyodo.unit_cost.large_yen_m2 IS 'Large renovation (大規模改修), yen per square metre';
COMMENT ON COLUMN kyodo.unit_cost.rebuild_yen_m2 IS 'Rebuild (更新), yen per square metre';
COMMENT ON COLUMN kyodo.unit_cost.mid_share IS 'Repair in the middle of the life as a share of the rebuild; NULL: none';
COMMENT ON COLUMN kyodo.unit_cost.upkeep_yen_m2 IS 'Upkeep, yen per square metre and year';
COMMENT ON COLUMN kyodo.unit_cost.valid_from IS 'Day from which the figures hold';
COMMENT ON COLUMN kyodo.unit_cost.note IS 'Why it was changed';
COMMENT ON COLUMN kyodo.unit_cost.created_at IS 'When entered';
COMMENT ON COLUMN kyodo.unit_cost.created_by IS 'Who entered it (login)';
COMMENT ON COLUMN kyodo.unit_cost.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.unit_cost.source IS 'Where the value was taken from';

COMMENT ON TABLE kyodo.cost_assumption IS 'What every forecast of cost assumes, every version that ever held';
COMMENT ON COLUMN kyodo.cost_assumption.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.cost_assumption.version IS '1, 2 …; the highest holds';
COMMENT ON COLUMN kyodo.cost_assumption.price_index IS 'Factor on all unit costs';
COMMENT ON COLUMN kyodo.cost_assumption.price_year IS 'Year whose prices the unit costs are';
COMMENT ON COLUMN kyodo.cost_assumption.demolition_yen_m2 IS 'Demolition, yen per square metre';
COMMENT ON COLUMN kyodo.cost_assumption.not_extendable_share IS 'Share of the stock that cannot be extended';
COMMENT ON COLUMN kyodo.cost_assumption.large_type IS 'Large renovation at 80 years: A own unit cost, B share of the rebuild';
COMMENT ON COLUMN kyodo.cost_assumption.large_share IS 'That share';
COMMENT ON COLUMN kyodo.cost_assumption.horizon_years IS 'Years that a forecast covers';
COMMENT ON COLUMN kyodo.cost_assumption.ceiling_yen IS 'What the city can spend in a year; NULL: not stated';
COMMENT ON COLUMN kyodo.cost_assumption.valid_from IS 'Day from which the figures hold';
COMMENT ON COLUMN kyodo.cost_assumption.note IS 'Why it was changed';
COMMENT ON COLUMN kyodo.cost_assumption.created_at IS 'When entered';
COMMENT ON COLUMN kyodo.cost_assumption.created_by IS 'Who entered it (login)';
COMMENT ON COLUMN kyodo.cost_assumption.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.cost_assumption.source IS 'Where the value was taken from';

COMMENT ON TABLE kyodo.scenario IS
    'Versions of scenarios; one at most of each scenario is published, and what was published stays as it was';
COMMENT ON COLUMN kyodo.scenario.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.scenario.scenario_id IS 'Permanent id';
COMMENT ON COLUMN kyodo.scenario.version IS '1, 2 …';
COMMENT ON COLUMN kyodo.scenario.title IS 'Title';
COMMENT ON COLUMN kyodo.scenario.author IS 'Author as printed: section or body';
COMMENT ON COLUMN kyodo.scenario.reason IS 'What it is meant to show';
COMMENT ON COLUMN kyodo.scenario.state IS 'draft (staff only) / published / withdrawn';
COMMENT ON COLUMN kyodo.scenario.base_year IS 'First fiscal year';
COMMENT ON COLUMN kyodo.scenario.horizon IS 'Years it covers';
COMMENT ON COLUMN kyodo.scenario.basis IS 'What its figures rest on: generation, versions of costs …';
COMMENT ON COLUMN kyodo.scenario.created_at IS 'When entered';
COMMENT ON COLUMN kyodo.scenario.created_by IS 'Login of who entered it';
COMMENT ON COLUMN kyodo.scenario.published_at IS 'When published';
COMMENT ON COLUMN kyodo.scenario.published_by IS 'Login of who published it';
COMMENT ON COLUMN kyodo.scenario.quality IS 'real / unofficial / sample';
COMMENT ON COLUMN kyodo.scenario.source IS 'Where the value was taken from';

COMMENT ON TABLE kyodo.scenario_action IS 'What a scenario does with which facility in which year';
COMMENT ON COLUMN kyodo.scenario_action.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.scenario_action.scenario_id IS 'Scenario';
COMMENT ON COLUMN kyodo.scenario_action.version IS 'Its version';
COMMENT ON COLUMN kyodo.scenario_action.action_no IS '1, 2 …';
COMMENT ON COLUMN kyodo.scenario_action.year IS 'Fiscal year';
COMMENT ON COLUMN kyodo.scenario_action.facility_id IS 'Facility';
COMMENT ON COLUMN kyodo.scenario_action.action IS '継続, 長寿命化 … 廃止・除却';
COMMENT ON COLUMN kyodo.scenario_action.into_facility IS 'Facility its activity moves into';
COMMENT ON COLUMN kyodo.scenario_action.floor_area_m2 IS 'Floor area afterwards, square metres; NULL: as before';
COMMENT ON COLUMN kyodo.scenario_action.cost_yen IS 'Cost, where it is known better than by the unit costs, yen';
COMMENT ON COLUMN kyodo.scenario_action.note IS 'Remarks, printed with it';

COMMENT ON TABLE kyodo.siting_run IS 'Runs of the siting models; staff only, because candidates may be vacant houses';
COMMENT ON COLUMN kyodo.siting_run.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.siting_run.run_id IS 'Random id';
COMMENT ON COLUMN kyodo.siting_run.asked_by IS 'Login of who asked';
COMMENT ON COLUMN kyodo.siting_run.asked_at IS 'When';
COMMENT ON COLUMN kyodo.siting_run.model IS 'p-median / p-center / lscp / mclp / vacant-houses / levelling';
COMMENT ON COLUMN kyodo.siting_run.parameters IS 'What was asked';
COMMENT ON COLUMN kyodo.siting_run.state IS 'queued / running / done / cancelled / failed';
COMMENT ON COLUMN kyodo.siting_run.progress IS 'Share that is done, 0 to 1';
COMMENT ON COLUMN kyodo.siting_run.cancel_asked IS 'Somebody wants it ended';
COMMENT ON COLUMN kyodo.siting_run.message IS 'Why it failed, in Japanese';
COMMENT ON COLUMN kyodo.siting_run.result IS 'Answer: open sites, objective, bound, gap, status …';
COMMENT ON COLUMN kyodo.siting_run.basis IS 'What it was computed from: generation, datasets …';
COMMENT ON COLUMN kyodo.siting_run.started_at IS 'When a worker began';
COMMENT ON COLUMN kyodo.siting_run.touched_at IS 'Last sign of life of the worker';
COMMENT ON COLUMN kyodo.siting_run.finished_at IS 'When it ended';

COMMENT ON TABLE kyodo.computed IS 'Cache of computed arrays; may be emptied at any time; unlogged';
COMMENT ON COLUMN kyodo.computed.municipality_code IS 'Local government code, 5 digits';
COMMENT ON COLUMN kyodo.computed.name IS 'What it is';
COMMENT ON COLUMN kyodo.computed.input_hash IS 'SHA-256 of generation and parameters, hexadecimal';
COMMENT ON COLUMN kyodo.computed.made_at IS 'When';
COMMENT ON COLUMN kyodo.computed.body IS 'Arrays as bytes';