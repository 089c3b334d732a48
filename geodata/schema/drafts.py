"""Changes to datasets that staff gather before they become new datasets and a generation."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from geodata.schema.base import key, one_of, opt, reference, req, table

edit_draft = table(
    "edit_draft",
    Column("draft_id", Integer, Identity(always=True), primary_key=True, comment="Running number"),
    req("scope", Text, "associations / assignment / facilities / districts: which datasets it changes"),
    req("state", Text, "open / activated / discarded", server_default=text("'open'")),
    req("version", Integer, "Counts changes to the draft", server_default=text("0")),
    opt("generation_no", Integer, "Generation it became"),
    req("created_by", Text, "Who began it"),
    req("created_at", DateTime(timezone=True), "When begun", server_default=func.now()),
    opt("ended_at", DateTime(timezone=True), "When activated or discarded"),
    one_of("scope", "associations", "assignment", "facilities", "districts"),
    one_of("state", "open", "activated", "discarded"),
    CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended"),
    CheckConstraint("(state = 'activated') = (generation_no IS NOT NULL)", name="activated_has_generation"),
    Index(
        "ix_edit_draft_open",
        "municipality_code",
        "scope",
        unique=True,
        postgresql_where=text("state = 'open'"),
    ),
    comment="Drafts of changes to datasets; one open per municipality and scope, shared by its editors",
)

edit_draft_change = table(
    "edit_draft_change",
    key("draft_id", Integer, "Draft"),
    key("kind", Text, "Kind of dataset"),
    key(
        "row_key", Text, "Association id, facility id, number of the district, or KEY_CODE of the small area"
    ),
    opt("before", JSONB, "What the active dataset said when the change was made; NULL: nothing"),
    opt("after", JSONB, "What it shall say; NULL: nothing"),
    req("changed_by", Text, "Who"),
    req("changed_at", DateTime(timezone=True), "When", server_default=func.now()),
    one_of(
        "kind",
        "associations",
        "association-rules",
        "association-profiles",
        "district-assignment",
        "facilities",
        "districts",
    ),
    reference("fk_edit_draft_change_draft", ["draft_id"], "edit_draft", ondelete="CASCADE"),
    comment="Changes gathered in a draft, one per row of a dataset",
)
