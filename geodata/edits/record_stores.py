"""Where each kind of record is kept: table, key and order of display."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, LiteralString


@dataclass(frozen=True, slots=True)
class Store:
    """Where a kind is kept. `id`: the record's name in addresses; `fresh`: key columns of a new one beside its id.

    `natural`: the fields that are its key, where it has no id of its own; `by`: column with who entered it. `counted`:
    the column of its number among the records with the same first field. `joint` stands between the parts of an id.
    `only`: SQL for the rows that may be edited here, where others of the table may not.
    """

    table: str
    id_column: str
    order: str
    letter: str
    id: str | None = None
    fresh: tuple[tuple[str, Any], ...] = ()
    natural: tuple[str, ...] = ()
    by: str | None = None
    counted: str | None = None
    joint: str = "~"
    only: LiteralString = "true"


def _of_draft(table: str, key: str, order: str | None = None) -> Store:
    """A part of a plan, while the plan is a draft."""
    return Store(
        table, "", f"plan_id DESC, {order or key}", "", f"plan_id || '~' || {key}", (), ("plan_id", key),
        only="plan_id IN (SELECT d.plan_id FROM kyodo.plan d WHERE d.municipality_code = %(m)s AND d.state = 'draft')",
    )  # fmt: skip


STORES = {
    "projects": Store("project", "project_id", 'fiscal_year DESC, district_no, title COLLATE "ja-x-icu", project_id', "p"),
    "officers": Store(
        "officer", "officer_id", "district_no, array_position(ARRAY['contact', 'issue', 'coordinator'], kind), "
        "valid_from DESC NULLS LAST, officer_id, record_no", "o", "officer_id || '~' || record_no", (("record_no", 1),),
    ),
    "bodies": Store("body", "body_id", 'kind, district_no NULLS FIRST, name COLLATE "ja-x-icu", body_id', "b"),
    "hall-subsidies": Store("hall_subsidy", "subsidy_id", "fiscal_year DESC, kind, association_id, subsidy_id", "h"),
    "stages": Store(
        "facility_stage", "", "facility_id, decided_on DESC", "", "facility_id || '~' || decided_on", (),
        ("facility_id", "decided_on"), "entered_by",
    ),
    "busy-periods": Store("busy_period", "period_id", "yearly DESC, valid_from, title, period_id", "q"),
    "meetings": Store("city_meeting", "meeting_id", "held_on, starts NULLS FIRST, meeting_id", "m", by="entered_by"),
    "documents": Store(
        "sent_document", "document_id", "sent_on DESC, department, title, document_id", "d", by="entered_by"
    ),
    "buildings": Store("building", "building_id", "building_id", "b"),
    "rooms": Store(
        "room", "facility_id", "facility_id, room_no", "", "facility_id || '.' || room_no", (), counted="room_no", joint=".",
    ),
    "facility-years": Store(
        "facility_year", "", "facility_id, fiscal_year", "", "facility_id || '.' || fiscal_year", (),
        ("facility_id", "fiscal_year"), joint=".",
    ),
    "departments": Store("department", "department_id", 'name COLLATE "ja-x-icu", department_id', "d"),
    "responsibilities": Store(
        "responsibility", "responsibility_id",
        "plan_id DESC, initiative_no NULLS LAST, indicator_id, role, first_year NULLS FIRST, responsibility_id", "r",
    ),
    "body-meetings": Store("body_meeting", "meeting_id", "held_on DESC, body, meeting_id", "m"),
    "body-actions": Store(
        "body_action", "action_id", "settled_on NULLS FIRST, due_on NULLS LAST, what, action_id", "a",
    ),
    "plans": Store(
        "plan", "plan_id", "first_fiscal_year DESC, plan_id", "", None, (("state", "draft"),), ("plan_id",),
        only="state = 'draft'",
    ),
    "plan-policies": _of_draft("plan_policy", "policy_no"),
    "plan-initiatives": _of_draft("initiative", "initiative_no"),
    "plan-indicators": _of_draft("indicator", "indicator_id", "sort_order, indicator_id"),
    "plan-mappings": Store(
        "plan_mapping", "mapping_id", "plan_id DESC, old_initiative_no NULLS LAST, old_indicator_id NULLS LAST, "
        "new_initiative_no, new_indicator_id, mapping_id", "x",
    ),
    "topics": Store("consultation_topic", "topic_id", "sort_order, topic_id", "t"),
    "consultations": Store("consultation", "consultation_id", "held_on DESC, body_id, consultation_id", "c"),
    "events": Store("event", "event_id", "starts_on DESC, starts_at, event_id", "e"),
    "risk-cases": Store(
        "risk_case", "case_id", "array_position(ARRAY['open', 'watching', 'closed'], state), opened_on DESC, case_id", "r",
    ),
    "risk-visits": Store("risk_visit", "visit_id", "visited_on DESC, visit_id", "v"),
    "dispatches": Store("adviser_dispatch", "dispatch_id", "dispatched_on DESC, dispatch_id", "d"),
    "cases": Store("activity_case", "case_id", 'done_year DESC, district_no, title COLLATE "ja-x-icu", case_id', "c"),
    "handbooks": Store("handbook", "handbook_id", 'title COLLATE "ja-x-icu", issued_on DESC, handbook_id', "b"),
    "subsidy-notices": Store("subsidy_notice", "notice_id", "closes_after DESC NULLS FIRST, title, notice_id", "n"),
}  # fmt: skip
