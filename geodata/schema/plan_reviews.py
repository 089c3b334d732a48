"""Meetings of the two bodies, the final evaluation of a plan, and what its successor made of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Date, DateTime, Integer, Text, func, text

from geodata.schema.base import key, one_of, opt, quality_columns, reference, req, table
from geodata.schema.inquiries import item_columns
from kyodo_geo.plan_items import ITEM_FORM


def _changed_columns() -> list[Any]:
    return [
        req("version", Integer, "Counted up by every change", server_default=text("1")),
        req("changed_by", Text, "Login of who changed it last"),
        req("changed_at", DateTime(timezone=True), "When", server_default=func.now()),
    ]


body_meeting = table(
    "body_meeting",
    key("meeting_id", Text, "Permanent id"),
    req("body", Text, "liaison (連絡会議) / advisers (アドバイザー会議)"),
    req("held_on", Date, "Day"),
    opt("place", Text, "Place"),
    req("agenda", Text, "Agenda, a line each"),
    opt("attendance", Integer, "How many attended"),
    opt("minutes", Text, "Minutes in words, without names of people"),
    opt("questions", Text, "Questions left open, a line each"),
    req("published", Boolean, "Shown to everybody", server_default=text("false")),
    *quality_columns(),
    one_of("body", "liaison", "advisers"),
    CheckConstraint("attendance >= 0", name="attendance_range"),
    comment="Meetings of the two bodies that manage the plan's progress",
)

body_action = table(
    "body_action",
    key("action_id", Text, "Permanent id"),
    req("meeting_id", Text, "Meeting it comes from"),
    req("what", Text, "What is to be done"),
    req("who", Text, "Department or office that does it"),
    opt("due_on", Date, "By when"),
    req("state", Text, "open / doing / done / dropped", server_default=text("'open'")),
    opt("settled_on", Date, "Day it was done or dropped"),
    opt("outcome", Text, "What came of it"),
    *quality_columns(),
    one_of("state", "open", "doing", "done", "dropped"),
    CheckConstraint("(state IN ('done', 'dropped')) = (settled_on IS NOT NULL)", name="settled_has_day"),
    reference("fk_body_action_meeting", ["meeting_id"], "body_meeting"),
    comment="What a meeting decided to do; carried to the next meeting until it is settled",
)

evaluation_grade = table(
    "evaluation_grade",
    key("plan_id", Text, "Plan"),
    key("grade", Text, "A, B …"),
    req("words", Text, "What it means"),
    req("sort_order", Integer, "1: the best"),
    CheckConstraint("grade ~ '^[0-9A-Z]{1,3}$'", name="grade_form"),
    reference("fk_evaluation_grade_plan", ["plan_id"], "plan"),
    comment="Scale of a plan's final evaluation",
)

plan_evaluation = table(
    "plan_evaluation",
    key("plan_id", Text, "Plan"),
    req("state", Text, "draft / decided / published", server_default=text("'draft'")),
    opt("summary", Text, "The whole in words"),
    opt("decided_on", Date, "Day it was decided"),
    opt("decided_by", Text, "Body or office that decided"),
    *_changed_columns(),
    one_of("state", "draft", "decided", "published"),
    CheckConstraint("(state = 'draft') = (decided_on IS NULL)", name="decided_has_day"),
    reference("fk_plan_evaluation_plan", ["plan_id"], "plan"),
    comment="Final evaluation of a plan",
)

initiative_evaluation = table(
    "initiative_evaluation",
    key("plan_id", Text, "Plan"),
    key("initiative_no", Integer, "Initiative"),
    req("grade", Text, "Grade of the plan's scale"),
    req("reason", Text, "Why"),
    req("carry_over", Text, "continue / improve / merge / end"),
    *_changed_columns(),
    one_of("carry_over", "continue", "improve", "merge", "end"),
    reference("fk_initiative_evaluation_initiative", ["plan_id", "initiative_no"], "initiative"),
    reference("fk_initiative_evaluation_grade", ["plan_id", "grade"], "evaluation_grade"),
    reference("fk_initiative_evaluation_plan", ["plan_id"], "plan_evaluation"),
    comment="Final evaluation of each initiative",
)

indicator_evaluation = table(
    "indicator_evaluation",
    key("plan_id", Text, "Plan"),
    key("indicator_id", Text, "Indicator"),
    req("remark", Text, "What the course of the values tells"),
    *_changed_columns(),
    reference("fk_indicator_evaluation_indicator", ["plan_id", "indicator_id"], "indicator"),
    reference("fk_indicator_evaluation_plan", ["plan_id"], "plan_evaluation"),
    comment="Remarks of the final evaluation on each indicator",
)

plan_mapping = table(
    "plan_mapping",
    key("mapping_id", Text, "Permanent id"),
    req("plan_id", Text, "The later plan"),
    opt("old_item", Text, "Initiative or indicator of the earlier plan; NULL: the later one is new"),
    *item_columns("old_item", "old_"),
    opt("new_item", Text, "Initiative or indicator of the later plan; NULL: the earlier one ends"),
    *item_columns("new_item", "new_"),
    req("relation", Text, "continue / improve / merge / split / new / end"),
    req(
        "same_measure",
        Boolean,
        "Indicators: measured as before, so that their values are one series",
        server_default=text("false"),
    ),
    opt("note", Text, "Remarks, shown with it"),
    one_of("relation", "continue", "improve", "merge", "split", "new", "end"),
    CheckConstraint(f"old_item ~ '{ITEM_FORM}'", name="old_item_form"),
    CheckConstraint(f"new_item ~ '{ITEM_FORM}'", name="new_item_form"),
    CheckConstraint("(old_item IS NULL) = (relation = 'new')", name="new_has_no_old"),
    CheckConstraint("(new_item IS NULL) = (relation = 'end')", name="end_has_no_new"),
    CheckConstraint("new_plan_id = plan_id", name="of_the_later_plan"),
    reference("fk_plan_mapping_plan", ["plan_id"], "plan"),
    reference(
        "fk_plan_mapping_old_initiative",
        ["old_plan_id", "old_initiative_no"],
        "initiative",
        ["plan_id", "initiative_no"],
    ),
    reference(
        "fk_plan_mapping_old_indicator",
        ["old_plan_id", "old_indicator_id"],
        "indicator",
        ["plan_id", "indicator_id"],
    ),
    reference(
        "fk_plan_mapping_new_initiative",
        ["new_plan_id", "new_initiative_no"],
        "initiative",
        ["plan_id", "initiative_no"],
    ),
    reference(
        "fk_plan_mapping_new_indicator",
        ["new_plan_id", "new_indicator_id"],
        "indicator",
        ["plan_id", "indicator_id"],
    ),
    comment="What became of each initiative and indicator in the next plan; many to many",
)
