"""Consultations of the civic collaboration centres (取組18), events of the plan, associations at risk (取組14), advisers (13)."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    Float,
    Index,
    Integer,
    Text,
    func,
    text,
)

from geodata.schema.base import (
    JAPANESE,
    key,
    one_of,
    opt,
    quality_columns,
    reference,
    req,
    table,
    validity_columns,
)

consultation_topic = table(
    "consultation_topic",
    key("topic_id", Text, "Permanent id"),
    req("label", JAPANESE, "What is consulted about"),
    req("sort_order", Integer, "Place in the list"),
    *validity_columns(),
    *quality_columns(),
    CheckConstraint("sort_order BETWEEN 0 AND 10000", name="sort_order_range"),
    comment="Topics of consultations; one that is no longer used ends and keeps its counts",
)

consultation = table(
    "consultation",
    key("consultation_id", Text, "Permanent id"),
    req("body_id", Text, "Centre"),
    req("held_on", Date, "Day"),
    req(
        "asker", Text, "association / district-organisation / npo / resident / business / other; never a name"
    ),
    opt("association_id", Text, "Association that asked, where it did"),
    opt("district_no", Integer, "District it is about"),
    req("way", Text, "visit / phone / mail / online"),
    req("topic_id", Text, "What it is mainly about"),
    opt("topic_2", Text, "A second topic"),
    opt("topic_3", Text, "A third topic"),
    opt("minutes", Integer, "Minutes it took"),
    opt("content", Text, "What was said; staff only, emptied when its time is over"),
    req("result", Text, "answered / passed-on / going-on / other"),
    opt("passed_to", Text, "Department or body it was passed to"),
    opt("file_no", Text, "Number that tells like consultations of a day apart"),
    *quality_columns(),
    one_of("asker", "association", "district-organisation", "npo", "resident", "business", "other"),
    one_of("way", "visit", "phone", "mail", "online"),
    one_of("result", "answered", "passed-on", "going-on", "other"),
    CheckConstraint("minutes BETWEEN 0 AND 1440", name="minutes_range"),
    CheckConstraint(
        "topic_2 <> topic_id AND topic_3 <> topic_id AND topic_3 <> topic_2", name="topics_differ"
    ),
    CheckConstraint("topic_3 IS NULL OR topic_2 IS NOT NULL", name="topics_in_order"),
    CheckConstraint("char_length(content) <= 4000", name="content_length"),
    reference("fk_consultation_body", ["body_id"], "body"),
    reference("fk_consultation_association", ["association_id"], "association"),
    reference("fk_consultation_district", ["district_no"], "district"),
    reference("fk_consultation_topic_id", ["topic_id"], "consultation_topic"),
    reference("fk_consultation_topic_2", ["topic_2"], "consultation_topic", ["topic_id"]),
    reference("fk_consultation_topic_3", ["topic_3"], "consultation_topic", ["topic_id"]),
    Index("ix_consultation_day", "municipality_code", "held_on"),
    comment="Consultations at the centres (取組18); everybody reads counts alone, through a function",
)

event = table(
    "event",
    key("event_id", Text, "Permanent id"),
    req("initiative_no", Text, "Initiative of the plan of that year: 3, 20, 22, 23, 26 or 27"),
    req("title", JAPANESE, "Title"),
    req("starts_on", Date, "First day"),
    opt("ends_on", Date, "Last day, where there are several"),
    opt("starts_at", Text, "Time it begins, HH:MM"),
    opt("ends_at", Text, "Time it ends, HH:MM"),
    opt("facility_id", Text, "Facility it is in"),
    opt("place", Text, "Place in words"),
    opt("district_no", Integer, "District it is for; NULL: the whole city"),
    opt("audience", Text, "For whom"),
    opt("capacity", Integer, "People it has room for"),
    opt("apply_until", Date, "Last day to apply"),
    opt("apply_how", Text, "How to apply"),
    req("state", Text, "planned / held / cancelled"),
    opt("theme", Text, "Theme of the lecture"),
    opt("materials_url", Text, "Address of the material"),
    opt("participants", Integer, "Participants altogether; NULL: unknown"),
    req("published", Boolean, "Everybody may read it", server_default=text("false")),
    req("changed_at", DateTime(timezone=True), "When it was last changed", server_default=func.now()),
    *quality_columns(),
    one_of("initiative_no", "3", "20", "22", "23", "26", "27"),
    one_of("state", "planned", "held", "cancelled"),
    CheckConstraint("ends_on >= starts_on", name="days_order"),
    CheckConstraint(
        r"starts_at ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$' AND ends_at ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'",
        name="times_form",
    ),
    CheckConstraint("capacity >= 0 AND participants >= 0", name="numbers_range"),
    CheckConstraint("materials_url ~ '^https://'", name="materials_https"),
    reference("fk_event_facility", ["facility_id"], "facility"),
    reference("fk_event_district", ["district_no"], "district"),
    Index("ix_event_day", "municipality_code", "starts_on"),
    comment="Events of the plan's initiatives; the public reads those that are published",
)

event_attendance = table(
    "event_attendance",
    key("event_id", Text, "Event"),
    key("district_no", Integer, "District they came from"),
    req("participants", Integer, "People; a district without a row is unknown, not 0"),
    CheckConstraint("participants >= 0", name="participants_range"),
    reference("fk_event_attendance_event", ["event_id"], "event", ondelete="CASCADE"),
    reference("fk_event_attendance_district", ["district_no"], "district"),
    comment="Participants of an event by district; staff only, everybody reads sums through event_participants()",
)

risk_case = table(
    "risk_case",
    key("case_id", Text, "Permanent id"),
    req("association_id", Text, "Association"),
    req("opened_on", Date, "Day it was opened"),
    opt("figures", Text, "What the rule said on that day, in words"),
    opt("reason", Text, "Why, in the words of staff"),
    opt("person_name", Text, "Person in charge"),
    req("state", Text, "open / watching / closed"),
    opt("closed_on", Date, "Day it was closed"),
    opt("outcome", Text, "What came of it"),
    *quality_columns(),
    one_of("state", "open", "watching", "closed"),
    CheckConstraint("(state = 'closed') = (closed_on IS NOT NULL)", name="closed_has_day"),
    CheckConstraint("closed_on >= opened_on", name="days_order"),
    reference("fk_risk_case_association", ["association_id"], "association"),
    Index(
        "ix_risk_case_running",
        "municipality_code",
        "association_id",
        unique=True,
        postgresql_where=text("state <> 'closed'"),
    ),
    comment="Case sheets of associations at risk (取組14); staff only",
)

risk_visit = table(
    "risk_visit",
    key("visit_id", Text, "Permanent id"),
    req("case_id", Text, "Case"),
    req("visited_on", Date, "Day"),
    req("way", Text, "visit / phone / meeting / mail / advice"),
    opt("person_name", Text, "Who went or spoke"),
    opt("heard", Text, "What was heard"),
    opt("advice", Text, "What was advised"),
    opt("next_step", Text, "What follows"),
    opt("next_on", Date, "When to go again"),
    one_of("way", "visit", "phone", "meeting", "mail", "advice"),
    CheckConstraint("next_on >= visited_on", name="days_order"),
    reference("fk_risk_visit_case", ["case_id"], "risk_case"),
    Index("ix_risk_visit_case", "municipality_code", "case_id", "visited_on"),
    comment="Visits to and talks with an association at risk; staff only",
)

adviser_dispatch = table(
    "adviser_dispatch",
    key("dispatch_id", Text, "Permanent id"),
    req("dispatched_on", Date, "Day"),
    req("adviser", Text, "Body or field of the adviser"),
    req("theme", Text, "Theme"),
    opt("hours", Float, "Hours"),
    opt("cost_yen", Integer, "Cost, yen; NULL: unknown"),
    opt("district_no", Integer, "District"),
    opt("association_id", Text, "Association"),
    opt("case_id", Text, "Case sheet it belongs to"),
    opt("result", Text, "Result"),
    *quality_columns(),
    CheckConstraint("hours > 0 AND hours <= 1000 AND cost_yen >= 0", name="numbers_range"),
    CheckConstraint("district_no IS NOT NULL OR association_id IS NOT NULL", name="for_somebody"),
    reference("fk_adviser_dispatch_district", ["district_no"], "district"),
    reference("fk_adviser_dispatch_association", ["association_id"], "association"),
    reference("fk_adviser_dispatch_case", ["case_id"], "risk_case"),
    Index("ix_adviser_dispatch_day", "municipality_code", "dispatched_on"),
    comment="Advisers sent to districts and associations (取組13); staff only",
)

published_event_size = table(
    "published_event_size",
    key("event_id", Text, "Event"),
    opt("participants", Integer, "Participants altogether; NULL: withheld"),
    req("withheld", Boolean, "Withheld"),
    CheckConstraint("NOT withheld OR participants IS NULL", name="withheld_is_empty"),
    comment="Public side only: what kyodo.event_sizes answered on the internal side",
)

published_consultations = table(
    "published_consultations",
    key("fiscal_year", Integer, "Fiscal year by its first calendar year"),
    key("body_id", Text, "Centre; '' for the whole city"),
    key("topic_id", Text, "Topic; '' for all of them"),
    opt("consultations", Integer, "Consultations; NULL: withheld"),
    req("withheld", Boolean, "Withheld"),
    opt("quality", Text, "real / unofficial / sample"),
    CheckConstraint("NOT withheld OR consultations IS NULL", name="withheld_is_empty"),
    comment="Public side only: what kyodo.consultation_counts answered on the internal side",
)
