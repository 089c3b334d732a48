"""Plans (versioned: a successor renumbers), initiatives, indicators, district plans and projects."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    Double,
    Integer,
    Numeric,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from geodata.schema.base import (
    key,
    no_overlap,
    one_of,
    opt,
    quality_columns,
    reference,
    req,
    table,
    validity_columns,
)


def _edited_columns() -> list[Any]:
    """For records that staff enter one by one: who was last, and what a second editor is held against."""
    return [
        req("version", Integer, "Counted up by every change", server_default=text("1")),
        req("withdrawn", Boolean, "Taken back: shown to staff alone", server_default=text("false")),
        opt("changed_by", Text, "Login of who changed it last; NULL: came with a load"),
        opt("changed_at", DateTime(timezone=True), "When"),
    ]


# A filter that cannot be answered (no title, a number for a text) leaves its item out, so that the lengths differ.
_EVIDENCE = r"""
    CASE WHEN jsonb_typeof(evidence) = 'array' THEN jsonb_array_length(evidence) <= 10
        AND jsonb_array_length(jsonb_path_query_array(evidence, 'strict $[*] ? (@.title like_regex "\\S"
            && (@.number == null || @.number like_regex "\\S") && (@.url like_regex "^https?://[^/\\s]"
            || @.url == null && @.number like_regex "\\S"))')) = jsonb_array_length(evidence)
    ELSE false END
"""

plan = table(
    "plan",
    key("plan_id", Text, "Version of the plan, e.g. r3-r7"),
    req("name", Text, "Name"),
    req("first_fiscal_year", Integer, "First fiscal year"),
    req("last_fiscal_year", Integer, "Last fiscal year"),
    opt("successor_of", Text, "Plan it follows"),
    req("state", Text, "draft (staff only) / in_force", server_default=text("'in_force'")),
    one_of("state", "draft", "in_force"),
    CheckConstraint("first_fiscal_year <= last_fiscal_year", name="years_order"),
    reference("fk_plan_successor", ["successor_of"], "plan", ["plan_id"]),
    comment="Versions of the city's plan for community cooperation",
)

plan_policy = table(
    "plan_policy",
    key("plan_id", Text, "Plan"),
    key("policy_no", Integer, "Number in this plan, as initiative.policy_no"),
    req("name", Text, "Name"),
    CheckConstraint("policy_no > 0", name="number_range"),
    reference("fk_plan_policy_plan", ["plan_id"], "plan"),
    comment="Policies (基本方針) of a plan",
)

initiative = table(
    "initiative",
    key("plan_id", Text, "Plan"),
    key("initiative_no", Integer, "Number in this plan (取組番号)"),
    req("title", Text, "Title"),
    req("policy_no", Integer, "基本方針 1–4"),
    req("direction", Text, "取組の方向性"),
    req("priority", Boolean, "重点取組"),
    opt("novelty", Text, "new / expanded; NULL: continued as before"),
    req("for_associations", Boolean, "Aimed at 町内会・自治会"),
    req("for_districts", Boolean, "Aimed at 地域協働"),
    req("challenge", Text, "課題 it answers: 担い手 / 活性化 / 資金 / 施設 / 情報共有"),
    one_of("novelty", "new", "expanded"),
    CheckConstraint("initiative_no > 0", name="number_range"),
    reference("fk_initiative_plan", ["plan_id"], "plan"),
    comment="Initiatives (取組) of a plan",
)

initiative_year = table(
    "initiative_year",
    key("plan_id", Text, "Plan"),
    key("initiative_no", Integer, "Initiative"),
    key("fiscal_year", Integer, "Fiscal year"),
    req("record", Text, "What was done"),
    *quality_columns(),
    *_edited_columns(),
    req(
        "evidence",
        JSONB,
        "Documents behind it: [{title, url, number}]; url or number may be null, not both",
        server_default=text("'[]'"),
    ),
    CheckConstraint("fiscal_year BETWEEN 1950 AND 2200", name="fiscal_year_range"),
    CheckConstraint(_EVIDENCE, name="evidence_form"),
    reference("fk_initiative_year_initiative", ["plan_id", "initiative_no"], "initiative"),
    comment="Yearly record of each initiative",
)

indicator = table(
    "indicator",
    key("plan_id", Text, "Plan"),
    key("indicator_id", Text, "Id, e.g. participation"),
    req("chapter", Text, "associations / districts"),
    req("kind", Text, "outcome (成果指標) / reference (参考指標)"),
    req("title", Text, "Title"),
    req("unit", Text, "Unit"),
    req("direction", Text, "up / down: which way is better"),
    req("baseline_fiscal_year", Integer, "Fiscal year of the baseline"),
    req("baseline", Numeric, "Value in that year"),
    opt("target_fiscal_year", Integer, "Fiscal year of the target; reference indicators have none"),
    opt("target", Numeric, "Target value"),
    opt("measured_by", Text, "How it is measured"),
    req("sort_order", Integer, "Order of display"),
    one_of("chapter", "associations", "districts"),
    one_of("kind", "outcome", "reference"),
    one_of("direction", "up", "down"),
    CheckConstraint("(kind = 'outcome') = (target IS NOT NULL)", name="outcome_has_target"),
    CheckConstraint("(target IS NULL) = (target_fiscal_year IS NULL)", name="target_pair"),
    reference("fk_indicator_plan", ["plan_id"], "plan"),
    comment="Outcome and reference indicators of a plan",
)

indicator_value = table(
    "indicator_value",
    key("plan_id", Text, "Plan"),
    key("indicator_id", Text, "Indicator"),
    key("fiscal_year", Integer, "Fiscal year"),
    req("value", Numeric, "Measured value, in the indicator's unit"),
    opt("sample_size", Integer, "Answers, where it is a survey"),
    opt("low", Numeric, "Lower end of the 95 % interval"),
    opt("high", Numeric, "Upper end of the 95 % interval"),
    *quality_columns(),
    *_edited_columns(),
    CheckConstraint("fiscal_year BETWEEN 1950 AND 2200", name="fiscal_year_range"),
    CheckConstraint("sample_size > 0", name="sample_size_range"),
    CheckConstraint("low <= value AND value <= high", name="interval_order"),
    reference("fk_indicator_value_indicator", ["plan_id", "indicator_id"], "indicator"),
    comment="Values by fiscal year",
)

district_plan = table(
    "district_plan",
    key("district_no", Integer, "District"),
    key("record_no", Integer, "1, 2 …"),
    req("state", Text, "none / in_preparation / adopted / revised / expired"),
    opt("title", Text, "Title of the community development plan (地域づくり計画)"),
    opt("document_url", Text, "Link to the document"),
    opt("stated_on", Date, "Day of the paper that states it; adoption dates themselves may be unknown"),
    opt("note", Text, "What the district does instead, remarks"),
    *validity_columns(),
    *quality_columns(),
    one_of("state", "none", "in_preparation", "adopted", "revised", "expired"),
    reference("fk_district_plan_district", ["district_no"], "district"),
    no_overlap("district_plan", "municipality_code", "district_no"),
    comment="State of each district's community development plan over time",
)

project = table(
    "project",
    key("project_id", Text, "Permanent id"),
    req("district_no", Integer, "District"),
    req("fiscal_year", Integer, "Fiscal year"),
    req("title", Text, "Title"),
    opt("theme", Text, "Theme"),
    opt("grant_yen", BigInteger, "Grant, yen"),
    opt("participants", Integer, "Participants"),
    req(
        "counts_as_project",
        Boolean,
        "Counts for the indicator 地域づくり事業の件数",
        server_default=text("true"),
    ),
    *quality_columns(),
    CheckConstraint("fiscal_year BETWEEN 1950 AND 2200", name="fiscal_year_range"),
    CheckConstraint("grant_yen >= 0 AND participants >= 0", name="figures_range"),
    reference("fk_project_district", ["district_no"], "district"),
    comment="Community development projects (地域づくり事業)",
)

area_figure = table(
    "area_figure",
    key("area_kind", Text, "district / association / city"),
    key("area_key", Text, "Number or id of the area"),
    key("measure", Text, "Name of the measure"),
    key("fiscal_year", Integer, "Fiscal year"),
    req("value", Double, "Value"),
    req("unit", Text, "Unit; a rate is a share of one"),
    *quality_columns(),
    CheckConstraint("unit <> 'rate' OR value BETWEEN 0 AND 1", name="rate_range"),
    one_of("area_kind", "district", "association", "city"),
    comment="Further yearly figures by area (events, meetings attended, dispatches …)",
)
