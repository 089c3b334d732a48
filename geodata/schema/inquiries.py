"""Who is responsible for what of the plan, and the yearly inquiry (照会) sent to them. For staff alone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    Date,
    DateTime,
    Index,
    Integer,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint

from geodata.schema.base import key, one_of, opt, quality_columns, reference, req, table
from kyodo_geo.plan_items import ITEM_FORM

MAX_INITIATIVE = 999


def item_columns(item: str, prefix: str = "") -> list[Any]:
    """The parts of a name like r3-r7/initiative/9, worked out by the database so that each refers to its row."""

    def part(name: str, type_: Any, expression: str, comment: str) -> Column[Any]:
        return Column(name, type_, Computed(expression, persisted=True), nullable=True, comment=comment)

    # Written as the server repeats it, so that the two can be compared.
    kind = f"split_part({item}, '/'::text, 2)"
    last = f"split_part({item}, '/'::text, 3)"
    return [
        part(f"{prefix}plan_id", Text, f"split_part({item}, '/'::text, 1)", f"Plan of {item}, computed"),
        part(
            f"{prefix}initiative_no",
            Integer,
            f"CASE WHEN ({kind} = 'initiative'::text) THEN ({last})::integer ELSE NULL::integer END",
            f"Its initiative, computed; NULL: {item} is an indicator",
        ),
        part(
            f"{prefix}indicator_id",
            Text,
            f"CASE WHEN ({kind} = 'indicator'::text) THEN {last} ELSE NULL::text END",
            f"Its indicator, computed; NULL: {item} is an initiative",
        ),
    ]


department = table(
    "department",
    key("department_id", Text, "Permanent id"),
    req("name", Text, "Name of the department (課)"),
    opt("email", Text, "Mail address of the office, for inquiries"),
    opt("phone", Text, "Phone of the office"),
    *quality_columns(),
    CheckConstraint("char_length(name) BETWEEN 1 AND 80", name="name_length"),
    comment="Departments of the city that answer for initiatives and indicators",
)

responsibility = table(
    "responsibility",
    key("responsibility_id", Text, "Permanent id"),
    req("item", Text, "Initiative or indicator, as r3-r7/initiative/9"),
    *item_columns("item"),
    req("department_id", Text, "Department"),
    req("role", Text, "lead (answers the inquiry) / with (works on it, too)"),
    opt("first_year", Integer, "First fiscal year; NULL: since the plan began"),
    opt("last_year", Integer, "Last fiscal year; NULL: still"),
    *quality_columns(),
    one_of("role", "lead", "with"),
    CheckConstraint(f"item ~ '{ITEM_FORM}'", name="item_form"),
    CheckConstraint("first_year <= last_year", name="years_order"),
    reference("fk_responsibility_department", ["department_id"], "department"),
    reference("fk_responsibility_initiative", ["plan_id", "initiative_no"], "initiative"),
    reference("fk_responsibility_indicator", ["plan_id", "indicator_id"], "indicator"),
    ExcludeConstraint(
        (Column("municipality_code"), "="),
        (Column("item"), "="),
        (text("int4range(first_year, last_year, '[]')"), "&&"),
        name="ex_responsibility_lead",
        using="gist",
        where=text("role = 'lead'"),
    ),
    comment="Which department answers for which initiative or indicator in which years",
)

inquiry = table(
    "inquiry",
    key("inquiry_id", Text, "Random id"),
    req("plan_id", Text, "Plan"),
    req("fiscal_year", Integer, "Fiscal year asked about"),
    req("title", Text, "Title as the departments read it"),
    req("due_on", Date, "Answers are wanted by"),
    opt("lead", Text, "Words above the questions"),
    req("questions", JSONB, "Further questions to every department: texts", server_default=text("'[]'")),
    req("state", Text, "open / closed", server_default=text("'open'")),
    req("form_secret", Text, "What seals the round's sheets, so that a changed or foreign one is told"),
    req("started_by", Text, "Login of who started it"),
    req("started_at", DateTime(timezone=True), "When", server_default=func.now()),
    one_of("state", "open", "closed"),
    CheckConstraint(
        "jsonb_typeof(questions) = 'array' AND jsonb_array_length(questions) <= 5", name="questions_form"
    ),
    reference("fk_inquiry_plan", ["plan_id"], "plan"),
    comment="Rounds of the inquiry about a fiscal year's progress",
)

inquiry_sheet = table(
    "inquiry_sheet",
    key("inquiry_id", Text, "Round"),
    key("department_id", Text, "Department"),
    opt("sent_at", DateTime(timezone=True), "When it went out"),
    opt("reminded_at", DateTime(timezone=True), "When the department was last reminded"),
    req("reminders", Integer, "How often it was reminded", server_default=text("0")),
    CheckConstraint("reminders >= 0", name="reminders_range"),
    reference("fk_inquiry_sheet_inquiry", ["inquiry_id"], "inquiry", ondelete="CASCADE"),
    reference("fk_inquiry_sheet_department", ["department_id"], "department"),
    comment="One department's sheet of a round",
)

inquiry_item = table(
    "inquiry_item",
    key("inquiry_id", Text, "Round"),
    key("department_id", Text, "Department"),
    key("item_no", Integer, "1, 2 … on the sheet"),
    req("item", Text, "r3-r7/initiative/9, r3-r7/indicator/letters or question/1"),
    req(
        "prefilled",
        JSONB,
        "What the sheet held when it went out: now, and last (the year before), as answers would have it",
    ),
    req("version", Integer, "Version of the yearly row it was taken from; 0: there was none"),
    CheckConstraint("item_no > 0 AND version >= 0", name="numbers_range"),
    CheckConstraint("jsonb_typeof(prefilled) = 'object'", name="prefilled_form"),
    Index("ix_inquiry_item_item", "municipality_code", "inquiry_id", "department_id", "item", unique=True),
    reference("fk_inquiry_item_sheet", ["inquiry_id", "department_id"], "inquiry_sheet", ondelete="CASCADE"),
    comment="What a sheet asks, with what was known when it was made",
)

inquiry_answer = table(
    "inquiry_answer",
    key("inquiry_id", Text, "Round"),
    key("department_id", Text, "Department"),
    key("item_no", Integer, "Item of the sheet"),
    key("answer_no", Integer, "1, 2 …: a later sheet never replaces an earlier one by itself"),
    req("content", JSONB, "The answer"),
    req("came_as", Text, "workbook / web"),
    opt("file_name", Text, "Name of the file it came in"),
    req("received_at", DateTime(timezone=True), "When", server_default=func.now()),
    req("received_by", Text, "Login of who entered or uploaded it"),
    req("state", Text, "open / accepted / set_aside", server_default=text("'open'")),
    opt("decided_by", Text, "Login of who accepted it or set it aside"),
    opt("decided_at", DateTime(timezone=True), "When"),
    one_of("came_as", "workbook", "web"),
    one_of("state", "open", "accepted", "set_aside"),
    CheckConstraint("jsonb_typeof(content) = 'object'", name="content_form"),
    CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided_has_time"),
    CheckConstraint("answer_no > 0", name="number_range"),
    reference(
        "fk_inquiry_answer_item",
        ["inquiry_id", "department_id", "item_no"],
        "inquiry_item",
        ondelete="CASCADE",
    ),
    comment="Answers as they came, and what became of them",
)

initiative_review = table(
    "initiative_review",
    key("plan_id", Text, "Plan"),
    key("initiative_no", Integer, "Initiative"),
    key("fiscal_year", Integer, "Fiscal year"),
    opt("self_evaluation", Text, "ahead / as_planned / late / not_done: how the department sees it itself"),
    opt("difficulties", Text, "What was difficult"),
    opt("next_year", Text, "What is planned for the next year"),
    req("version", Integer, "Counted up by every change", server_default=text("1")),
    req("changed_by", Text, "Login of who changed it last"),
    req("changed_at", DateTime(timezone=True), "When", server_default=func.now()),
    one_of("self_evaluation", "ahead", "as_planned", "late", "not_done"),
    CheckConstraint("fiscal_year BETWEEN 1950 AND 2200", name="fiscal_year_range"),
    reference("fk_initiative_review_initiative", ["plan_id", "initiative_no"], "initiative"),
    comment="What the responsible department says of a year beside its record; on the papers of the two bodies",
)
