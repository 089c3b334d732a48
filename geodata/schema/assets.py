"""Buildings as assets: inspections, works, the qualitative judgement of facilities. Dated records, for staff."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, DateTime, Integer, Text, func

from geodata.schema.base import key, one_of, opt, quality_columns, reference, req, table
from kyodo_geo.facility_terms import GRADES, INSPECTED_PARTS, STAGES, WORK_KINDS


def _parts() -> list[Any]:
    columns: list[Column[Any]] = [
        opt(part, Text, f"{label}: A good … D to be mended soon; NULL: not looked at")
        for part, label in INSPECTED_PARTS.items()
    ]
    return [*columns, *(one_of(part, *GRADES) for part in INSPECTED_PARTS)]


building_inspection = table(
    "building_inspection",
    key("building_id", Text, "Building"),
    key("inspected_on", Date, "Day of the inspection"),
    *_parts(),
    opt("inspector", Text, "Who inspected"),
    *quality_columns(),
    CheckConstraint("char_length(inspector) <= 200", name="inspector_length"),
    reference("fk_building_inspection_building", ["building_id"], "building"),
    comment="Ratings by part from the inspections of buildings (建築基準法第12条など)",
)

building_work = table(
    "building_work",
    key("building_id", Text, "Building"),
    key("work_no", Integer, "1, 2 …"),
    req("fiscal_year", Integer, "Fiscal year"),
    req("kind", Text, "大規模改修, 耐震補強, 屋上防水 …"),
    opt("cost_yen", BigInteger, "Cost, yen"),
    opt("note", Text, "Remarks"),
    *quality_columns(),
    one_of("kind", *WORK_KINDS),
    CheckConstraint("fiscal_year BETWEEN 1950 AND 2200", name="fiscal_year_range"),
    CheckConstraint("cost_yen >= 0", name="cost_range"),
    CheckConstraint("work_no > 0", name="number_range"),
    reference("fk_building_work_building", ["building_id"], "building"),
    comment="Works on buildings that were done",
)

facility_stage = table(
    "facility_stage",
    key("facility_id", Text, "Facility"),
    key("decided_on", Date, "Day of the judgement"),
    req("stage", Text, "継続, 長寿命化 … 検討中"),
    req("reason", Text, "Why"),
    req("decided_by", Text, "Who judged: section or body"),
    req("entered_at", DateTime(timezone=True), "When entered", server_default=func.now()),
    opt("entered_by", Text, "Login of who entered it; NULL: came with a load"),
    opt("evaluation", Text, "What the evaluation found, in words"),
    *quality_columns(),
    one_of("stage", *STAGES),
    CheckConstraint("char_length(reason) BETWEEN 1 AND 2000", name="reason_length"),
    CheckConstraint("char_length(evaluation) BETWEEN 1 AND 500", name="evaluation_length"),
    reference("fk_facility_stage_facility", ["facility_id"], "facility"),
    comment="Qualitative judgement of each facility with its history; the latest day holds",
)
