"""Scenarios of facilities over decades, runs of the siting models, and a cache of what was computed."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    Double,
    Index,
    Integer,
    LargeBinary,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from geodata.schema.base import key, one_of, opt, quality_columns, reference, req, table
from kyodo_geo.facility_terms import ACTIONS, SITING_MODELS, SITING_STATES

scenario = table(
    "scenario",
    key("scenario_id", Text, "Permanent id"),
    key("version", Integer, "1, 2 …"),
    req("title", Text, "Title"),
    req("author", Text, "Author as printed: section or body"),
    req("reason", Text, "What it is meant to show"),
    req("state", Text, "draft (staff only) / published / withdrawn", server_default=text("'draft'")),
    req("base_year", Integer, "First fiscal year"),
    req("horizon", Integer, "Years it covers"),
    req(
        "basis",
        JSONB,
        "What its figures rest on: generation, versions of costs …",
        server_default=text("'{}'"),
    ),
    req("created_at", DateTime(timezone=True), "When entered", server_default=func.now()),
    req("created_by", Text, "Login of who entered it"),
    opt("published_at", DateTime(timezone=True), "When published"),
    opt("published_by", Text, "Login of who published it"),
    *quality_columns(),
    one_of("state", "draft", "published", "withdrawn"),
    CheckConstraint("scenario_id ~ '^[0-9A-Za-z_-]{1,40}$'", name="id_form"),
    CheckConstraint("version > 0", name="version_range"),
    CheckConstraint("char_length(title) BETWEEN 1 AND 200", name="title_length"),
    CheckConstraint("char_length(reason) <= 2000", name="reason_length"),
    CheckConstraint("base_year BETWEEN 1950 AND 2200 AND horizon BETWEEN 1 AND 100", name="years_range"),
    CheckConstraint("(state = 'draft') = (published_at IS NULL)", name="published_has_day"),
    Index(
        "ix_scenario_published",
        "municipality_code",
        "scenario_id",
        unique=True,
        postgresql_where=text("state = 'published'"),
    ),
    comment="Versions of scenarios; one at most of each scenario is published, and what was published stays as it was",
)

scenario_action = table(
    "scenario_action",
    key("scenario_id", Text, "Scenario"),
    key("version", Integer, "Its version"),
    key("action_no", Integer, "1, 2 …"),
    req("year", Integer, "Fiscal year"),
    req("facility_id", Text, "Facility"),
    req("action", Text, "継続, 長寿命化 … 廃止・除却"),
    opt("into_facility", Text, "Facility its activity moves into"),
    opt("floor_area_m2", Double, "Floor area afterwards, square metres; NULL: as before"),
    opt("cost_yen", BigInteger, "Cost, where it is known better than by the unit costs, yen"),
    opt("note", Text, "Remarks, printed with it"),
    one_of("action", *ACTIONS),
    CheckConstraint("action_no > 0", name="number_range"),
    CheckConstraint("year BETWEEN 1950 AND 2300", name="year_range"),
    CheckConstraint("into_facility <> facility_id", name="into_another"),
    CheckConstraint("floor_area_m2 > 0", name="floor_area_range"),
    CheckConstraint("cost_yen >= 0", name="cost_range"),
    CheckConstraint("char_length(note) <= 500", name="note_length"),
    reference("fk_scenario_action_scenario", ["scenario_id", "version"], "scenario", ondelete="CASCADE"),
    reference("fk_scenario_action_facility", ["facility_id"], "facility"),
    reference("fk_scenario_action_into", ["into_facility"], "facility", ["facility_id"]),
    comment="What a scenario does with which facility in which year",
)

siting_run = table(
    "siting_run",
    key("run_id", Text, "Random id"),
    req("asked_by", Text, "Login of who asked"),
    req("asked_at", DateTime(timezone=True), "When", server_default=func.now()),
    req("model", Text, " / ".join(SITING_MODELS)),
    req("parameters", JSONB, "What was asked"),
    req("state", Text, " / ".join(SITING_STATES), server_default=text("'queued'")),
    req("progress", Double, "Share that is done, 0 to 1", server_default=text("0")),
    req("cancel_asked", Boolean, "Somebody wants it ended", server_default=text("false")),
    opt("message", Text, "Why it failed, in Japanese"),
    opt("result", JSONB, "Answer: open sites, objective, bound, gap, status …"),
    req("basis", JSONB, "What it was computed from: generation, datasets …", server_default=text("'{}'")),
    opt("started_at", DateTime(timezone=True), "When a worker began"),
    opt("touched_at", DateTime(timezone=True), "Last sign of life of the worker"),
    opt("finished_at", DateTime(timezone=True), "When it ended"),
    one_of("model", *SITING_MODELS),
    one_of("state", *SITING_STATES),
    CheckConstraint("progress BETWEEN 0 AND 1", name="progress_range"),
    CheckConstraint("state <> 'done' OR result IS NOT NULL", name="done_has_result"),
    Index("ix_siting_run_asked", "municipality_code", "asked_at"),
    comment="Runs of the siting models; staff only, because candidates may be vacant houses",
)

computed = table(
    "computed",
    key("name", Text, "What it is"),
    key("input_hash", Text, "SHA-256 of generation and parameters, hexadecimal"),
    req("made_at", DateTime(timezone=True), "When", server_default=func.now()),
    req("body", LargeBinary, "Arrays as bytes"),
    CheckConstraint("input_hash ~ '^[0-9a-f]{64}$'", name="hash_form"),
    CheckConstraint("octet_length(body) <= 268435456", name="bounded"),
    Index("ix_computed_made", "made_at"),
    comment="Cache of computed arrays; may be emptied at any time; unlogged",
)
