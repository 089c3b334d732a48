"""Cases of grants (取組9–12): applicants' applications, the city's steps, the budget they are paid from. Staff only."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from geodata.schema.base import key, one_of, opt, quality_columns, reference, req, table, valid_geometry
from kyodo_geo.crs import WGS84

_SCHEMES = ("projects", "community", "hall-rent", "hall-works")

grant_case = table(
    "grant_case",
    key("case_no", Integer, "Running number"),
    req("scheme", Text, "projects (取組9) / community (10) / hall-rent (11) / hall-works (12)"),
    req("fiscal_year", Integer, "Fiscal year it is paid from"),
    opt("district_no", Integer, "District that applies: of projects and community"),
    opt("association_id", Text, "Association that applies: of hall-rent and hall-works"),
    req("applicant", Text, "Name of the organisation that applies; never a person's"),
    opt("title", Text, "Title of the project"),
    opt("theme", Text, "Theme of the project"),
    opt("work", Text, "With hall-works: new / extension / repair"),
    opt("hall_id", Text, "Hall of the kind halls, where it is one of them"),
    Column(
        "geom",
        Geometry("POINT", srid=WGS84, spatial_index=False),
        comment="Place of the hall, lon/lat; NULL: that of the hall",
    ),
    opt("confirmed_on", Date, "Day of the building confirmation (建築確認)"),
    opt("retrofitted", Boolean, "Made earthquake-proof since; NULL: unknown"),
    opt("starts_on", Date, "First day of the project, the works or the lease"),
    opt("ends_on", Date, "Last day of it"),
    req(
        "counts_as_project",
        Boolean,
        "Counts for the indicator 地域づくり事業の件数",
        server_default=text("true"),
    ),
    opt("papers", Text, "Titles of the papers received, one a line"),
    opt("contact_name", Text, "Person in charge of the applicant; erased after its time"),
    opt("contact_phone", Text, "Telephone of that person; erased after its time"),
    opt("erased_at", DateTime(timezone=True), "When the person was erased"),
    opt("linked_id", Text, "Row of project or hall_subsidy, entered by hand, that the case stands for"),
    opt("made_id", Text, "Row of project or hall_subsidy that the case made"),
    opt("before", JSONB, "What the linked row said before the case changed it"),
    req("state", Text, "What the steps come to (kyodo_geo.grants.cases.State)"),
    opt("requested_yen", BigInteger, "Amount asked for, yen, as the steps say"),
    opt("decided_yen", BigInteger, "Amount decided, yen, as the steps say"),
    opt("settled_yen", BigInteger, "Amount settled, yen, as the steps say"),
    req("paid_yen", BigInteger, "Paid less paid back, yen", server_default=text("0")),
    opt("due_on", Date, "Until when the next step is due"),
    req("entered_by", Text, "Login of who entered the case"),
    req("entered_at", DateTime(timezone=True), "When", server_default=func.now()),
    *quality_columns(),
    one_of("scheme", *_SCHEMES),
    one_of("work", "new", "extension", "repair"),
    one_of(
        "state",
        "consultation",
        "applied",
        "granted",
        "refused",
        "withdrawn",
        "reported",
        "settled",
        "paid",
        "paid-back",
    ),
    CheckConstraint("fiscal_year BETWEEN 1950 AND 2200", name="fiscal_year_range"),
    CheckConstraint(
        "(scheme IN ('projects', 'community')) = (district_no IS NOT NULL) "
        "AND (district_no IS NULL) = (association_id IS NOT NULL)",
        name="one_applicant",
    ),
    CheckConstraint("(work IS NOT NULL) = (scheme = 'hall-works')", name="work_of_works"),
    CheckConstraint(
        "scheme <> 'community' OR (linked_id IS NULL AND made_id IS NULL)", name="rows_of_schemes"
    ),
    CheckConstraint("linked_id IS NULL OR made_id IS NULL", name="one_row"),
    CheckConstraint("before IS NULL OR linked_id IS NOT NULL", name="before_of_linked"),
    CheckConstraint("starts_on <= ends_on", name="period_order"),
    CheckConstraint(
        "requested_yen >= 0 AND decided_yen >= 0 AND settled_yen >= 0 AND paid_yen >= 0", name="amounts_range"
    ),
    CheckConstraint("settled_yen <= decided_yen", name="settled_within_decided"),
    CheckConstraint(
        "erased_at IS NULL OR (contact_name IS NULL AND contact_phone IS NULL)", name="erased_is_empty"
    ),
    valid_geometry(),
    reference("fk_grant_case_district", ["district_no"], "district"),
    reference("fk_grant_case_association", ["association_id"], "association"),
    Index("ix_grant_case_year", "municipality_code", "fiscal_year", "scheme"),
    Index(
        "uq_grant_case_row",
        "municipality_code",
        text("coalesce(linked_id, made_id)"),
        unique=True,
        postgresql_where=text("coalesce(linked_id, made_id) IS NOT NULL"),
    ),
    comment="Applications for grants by district or association; staff only",
)

grant_step = table(
    "grant_step",
    key("case_no", Integer, "Case"),
    key("step_no", Integer, "1, 2 … within the case"),
    req("deed", Text, "What was done (kyodo_geo.grants.cases.Deed)"),
    req("day", Date, "Day it was done"),
    opt("yen", BigInteger, "Amount asked for, decided, settled, paid or paid back"),
    req("figures", JSONB, "Figures that the applicant gives: key → number", server_default=text("'{}'")),
    opt("participants", Integer, "With a report: people who took part"),
    opt("due_on", Date, "Until when the next step is due"),
    opt("words", Text, "Reason, remarks; no personal data"),
    opt("paper_no", Text, "Number of the city's paper"),
    req("unknown_past", Boolean, "Entered from an old list", server_default=text("false")),
    opt("rule", JSONB, "Rule and version it was calculated by"),
    opt("calculation", JSONB, "The calculation as it was then: total, steps, reasons, figures"),
    opt("conditions", JSONB, "Conditions of the rule as they were judged then"),
    opt("doubts", JSONB, "What spoke against it"),
    opt("answered", Text, "Why it was done all the same"),
    req("entered_by", Text, "Login of who entered it"),
    req("entered_at", DateTime(timezone=True), "When", server_default=func.now()),
    one_of(
        "deed",
        "consult",
        "apply",
        "grant",
        "refuse",
        "withdraw",
        "change",
        "report",
        "settle",
        "pay",
        "pay-back",
        "undo",
    ),
    CheckConstraint("step_no > 0", name="number_range"),
    CheckConstraint("yen >= 0 AND participants >= 0", name="amounts_range"),
    CheckConstraint("due_on >= day", name="due_order"),
    CheckConstraint("doubts IS NULL OR answered IS NOT NULL", name="doubts_are_answered"),
    reference("fk_grant_step_case", ["case_no"], "grant_case"),
    comment="Steps of a case; only ever added, one entered by mistake is taken back by another",
)

grant_budget = table(
    "grant_budget",
    key("scheme", Text, "projects / community / hall-rent / hall-works"),
    key("fiscal_year", Integer, "Fiscal year"),
    req("frame_yen", BigInteger, "What may be granted in the year, yen"),
    opt("note", Text, "Remarks, e.g. a supplementary budget"),
    req("entered_by", Text, "Login of who entered it last"),
    req("entered_at", DateTime(timezone=True), "When", server_default=func.now()),
    one_of("scheme", *_SCHEMES),
    CheckConstraint("fiscal_year BETWEEN 1950 AND 2200", name="fiscal_year_range"),
    CheckConstraint("frame_yen >= 0", name="frame_range"),
    comment="Budget of each grant by fiscal year",
)
