"""Unit costs and assumptions of renewal: every version that ever held. Everybody may read what a report was made with."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Date, DateTime, Integer, Numeric, Text, func, text

from geodata.schema.base import key, one_of, opt, quality_columns, req, table
from kyodo_geo.facility_terms import RULE_SETS, USE_CLASSES


def _entered() -> list[Any]:
    return [
        opt("valid_from", Date, "Day from which the figures hold"),
        opt("note", Text, "Why it was changed"),
        req("created_at", DateTime(timezone=True), "When entered", server_default=func.now()),
        req("created_by", Text, "Who entered it (login)"),
        *quality_columns(),
        CheckConstraint("version > 0", name="version_range"),
        CheckConstraint("char_length(note) <= 200", name="note_length"),
    ]


unit_cost = table(
    "unit_cost",
    key("rule_set", Text, "60-year / 80-year"),
    key("version", Integer, "1, 2 … of the rule set; the highest holds"),
    key("use_class", Text, "Class of 総務省「更新費用試算ソフト」"),
    req("large_yen_m2", Integer, "Large renovation (大規模改修), yen per square metre"),
    req("rebuild_yen_m2", Integer, "Rebuild (更新), yen per square metre"),
    opt("mid_share", Numeric(4, 3), "Repair in the middle of the life as a share of the rebuild; NULL: none"),
    req("upkeep_yen_m2", Integer, "Upkeep, yen per square metre and year"),
    *_entered(),
    one_of("rule_set", *RULE_SETS),
    one_of("use_class", *USE_CLASSES),
    CheckConstraint(
        "large_yen_m2 BETWEEN 0 AND 10000000 AND rebuild_yen_m2 BETWEEN 0 AND 10000000 "
        "AND upkeep_yen_m2 BETWEEN 0 AND 1000000 AND mid_share BETWEEN 0 AND 1",
        name="costs_range",
    ),
    comment="Unit costs of renewal by class and rule set, every version that ever held",
)

cost_assumption = table(
    "cost_assumption",
    key("version", Integer, "1, 2 …; the highest holds"),
    req("price_index", Numeric(6, 3), "Factor on all unit costs", server_default=text("1")),
    opt("price_year", Integer, "Year whose prices the unit costs are"),
    opt("demolition_yen_m2", Integer, "Demolition, yen per square metre"),
    req("not_extendable_share", Numeric(4, 3), "Share of the stock that cannot be extended"),
    req("large_type", Text, "Large renovation at 80 years: A own unit cost, B share of the rebuild"),
    req("large_share", Numeric(4, 3), "That share"),
    req("horizon_years", Integer, "Years that a forecast covers"),
    opt("ceiling_yen", BigInteger, "What the city can spend in a year; NULL: not stated"),
    *_entered(),
    one_of("large_type", "A", "B"),
    CheckConstraint(
        "price_index BETWEEN 0.1 AND 10 AND price_year BETWEEN 1950 AND 2200 "
        "AND demolition_yen_m2 BETWEEN 0 AND 1000000 AND not_extendable_share BETWEEN 0 AND 1 "
        "AND large_share BETWEEN 0 AND 1 AND horizon_years BETWEEN 1 AND 100 AND ceiling_yen >= 0",
        name="assumptions_range",
    ),
    comment="What every forecast of cost assumes, every version that ever held",
)
