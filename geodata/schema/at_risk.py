"""Thresholds of the rule for associations at risk (取組14): one row per version, never changed."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, DateTime, Integer, Numeric, Text, func

from geodata.schema.base import key, opt, req, table

at_risk_rule = table(
    "at_risk_rule",
    key("version", Integer, "1, 2 …; the highest holds"),
    req("households_below", Integer, "Sign of few households: fewer than this"),
    req("fall_points", Numeric(4, 1), "Sign of a falling rate: by at least so many percentage points"),
    req("fall_years", Integer, "Years over which the rate is compared"),
    req("aged_percent", Integer, "Sign of ageing: at least this percentage of 65 years and more"),
    req(
        "people_fall_percent", Integer, "Sign of a depopulated area: at least this percentage of people lost"
    ),
    req("people_fall_years", Integer, "Years over which people are compared"),
    req("signs_needed", Integer, "How many of the four signs make a risk"),
    opt("note", Text, "Why it was changed"),
    req("created_at", DateTime(timezone=True), "When entered", server_default=func.now()),
    req("created_by", Text, "Who entered it (login)"),
    CheckConstraint("version > 0", name="version_range"),
    CheckConstraint(
        "households_below BETWEEN 1 AND 1000 AND fall_points BETWEEN 0 AND 100 AND fall_years BETWEEN 1 AND 20 "
        "AND aged_percent BETWEEN 1 AND 100 AND people_fall_percent BETWEEN 1 AND 100 "
        "AND people_fall_years BETWEEN 1 AND 20 AND signs_needed BETWEEN 1 AND 4",
        name="thresholds_range",
    ),
    CheckConstraint("char_length(note) <= 200", name="note_length"),
    comment="Thresholds for associations at risk, every version that ever held",
)
