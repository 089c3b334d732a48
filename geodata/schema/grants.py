"""Rules of the city's grants by fiscal year, and what was calculated with them for every association. Staff only."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from geodata.schema.base import SCHEMA, key, one_of, opt, quality_columns, reference, req, table
from kyodo_geo.grants.schemes import SCHEMES

grant_rule = table(
    "grant_rule",
    key("scheme", Text, "incentive (取組7) / projects (9) / community (10) / hall-rent (11) / hall-works (12)"),
    key("fiscal_year", Integer, "Fiscal year it is for"),
    key("version", Integer, "1, 2 … of the scheme and year"),
    req("state", Text, "draft / in-force / replaced", server_default=text("'draft'")),
    req("rules", JSONB, "Rule table: rows with formulas and bands, the whole, conditions (kyodo_geo.grants.keeping)"),
    opt("reason", Text, "Why this version replaced the one before"),
    req("created_at", DateTime(timezone=True), "When entered", server_default=func.now()),
    req("created_by", Text, "Login of who entered it"),
    opt("in_force_at", DateTime(timezone=True), "When put into force"),
    opt("in_force_by", Text, "Login of who put it into force"),
    *quality_columns(),
    one_of("scheme", *SCHEMES),
    one_of("state", "draft", "in-force", "replaced"),
    CheckConstraint("fiscal_year BETWEEN 1950 AND 2200 AND version > 0", name="numbers_range"),
    CheckConstraint("char_length(reason) <= 200", name="reason_length"),
    CheckConstraint("(state = 'draft') = (in_force_at IS NULL)", name="in_force_has_day"),
    CheckConstraint("jsonb_typeof(rules -> 'parts') = 'array'", name="rules_form"),
    Index("ix_grant_rule_draft", "municipality_code", "scheme", "fiscal_year", unique=True,
          postgresql_where=text("state = 'draft'")),
    Index("ix_grant_rule_in_force", "municipality_code", "scheme", "fiscal_year", unique=True,
          postgresql_where=text("state = 'in-force'")),
    comment="Rule tables of grants: one draft and one in force at most of a scheme and year; what was in force stays as it was",
)  # fmt: skip

grant_run = table(
    "grant_run",
    key("run_no", Integer, "1, 2 …"),
    req("scheme", Text, "Scheme: incentive"),
    req("fiscal_year", Integer, "Fiscal year it is paid for"),
    req("rule_version", Integer, "Version of grant_rule it was calculated with"),
    req("state", Text, "calculated / decided / paid", server_default=text("'calculated'")),
    opt("corrects", Integer, "Run whose amounts it puts right; the difference is paid"),
    opt("reason", Text, "Why it puts another right"),
    req("basis", JSONB, "What its figures rest on: generation, fiscal year of membership, returns",
        server_default=text("'{}'")),
    req("calculated_at", DateTime(timezone=True), "When calculated", server_default=func.now()),
    req("calculated_by", Text, "Login of who calculated it"),
    opt("decided_on", Date, "Day of the decision"),
    opt("decided_by", Text, "Login of who entered the decision"),
    opt("paid_on", Date, "Day of payment"),
    opt("paid_by", Text, "Login of who entered the payment"),
    *quality_columns(),
    one_of("scheme", *SCHEMES),
    one_of("state", "calculated", "decided", "paid"),
    CheckConstraint("run_no > 0 AND corrects < run_no", name="numbers_range"),
    CheckConstraint("char_length(reason) <= 200", name="reason_length"),
    CheckConstraint("(corrects IS NULL) = (reason IS NULL)", name="corrected_with_reason"),
    CheckConstraint("(state = 'calculated') = (decided_on IS NULL)", name="decided_has_day"),
    CheckConstraint("(state = 'paid') = (paid_on IS NOT NULL)", name="paid_has_day"),
    CheckConstraint("paid_on >= decided_on", name="paid_after_decision"),
    reference("fk_grant_run_rule", ["scheme", "fiscal_year", "rule_version"], "grant_rule",
              ["scheme", "fiscal_year", "version"]),
    reference("fk_grant_run_corrects", ["corrects"], "grant_run", ["run_no"]),
    Index("ix_grant_run_first", "municipality_code", "scheme", "fiscal_year", unique=True,
          postgresql_where=text("state <> 'calculated' AND corrects IS NULL")),
    Index("ix_grant_run_corrects", "municipality_code", "corrects", unique=True,
          postgresql_where=text("state <> 'calculated' AND corrects IS NOT NULL")),
    comment="Calculations of a grant for all associations of a year; what was decided stays as it was",
)  # fmt: skip

grant_run_row = table(
    "grant_run_row",
    key("run_no", Integer, "Run"),
    key("association_id", Text, "Association"),
    req("name", Text, "Its name when calculated"),
    opt("district_no", Integer, "Its district when calculated; NULL: none"),
    req("figures", JSONB, "Figure → value, source, as_of", server_default=text("'{}'")),
    opt("amount_yen", BigInteger, "Amount, yen; NULL: cannot be calculated"),
    req("steps", JSONB, "Steps of the calculation: name, words, amount", server_default=text("'[]'")),
    req("reasons", JSONB, "Why nothing could be calculated", server_default=text("'[]'")),
    CheckConstraint("amount_yen >= 0", name="amount_range"),
    CheckConstraint("(amount_yen IS NULL) = (reasons <> '[]'::jsonb)", name="amount_or_reason"),
    ForeignKeyConstraint(
        ["municipality_code", "run_no"],
        [f"{SCHEMA}.grant_run.municipality_code", f"{SCHEMA}.grant_run.run_no"],
        name="fk_grant_run_row_run", ondelete="CASCADE",
    ),
    reference("fk_grant_run_row_association", ["association_id"], "association"),
    comment="What was calculated for one association, with its figures and steps as they were then",
)  # fmt: skip
