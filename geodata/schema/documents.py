"""Documents sent to presidents of associations (取組5), and the rule by which they are counted."""

from __future__ import annotations

from sqlalchemy import ARRAY, Boolean, CheckConstraint, Date, DateTime, Index, Integer, Text, func, text

from geodata.schema.base import key, one_of, opt, quality_columns, req, table

sent_document = table(
    "sent_document",
    key("document_id", Text, "Permanent id"),
    req("department", Text, "Department that sent it"),
    req("title", Text, "Title"),
    opt("document_no", Text, "Number of the document in the city's files"),
    req("sent_on", Date, "Day it was sent"),
    req("addressees", Text, "presidents / associations / circulation / district-bodies"),
    opt(
        "district_nos", ARRAY(Integer), "Districts whose people got it; NULL: of all. No foreign key: a list"
    ),
    opt("association_ids", ARRAY(Text), "With associations: whose presidents got it"),
    opt("copies", Integer, "Copies sent; NULL: not known"),
    req("way", Text, "post / koho (with the city's paper) / mail / web / hand"),
    req("kind", Text, "request / notice / survey / circulation"),
    opt("answer_by", Date, "Day by which an answer is wanted; NULL: none is"),
    req("could_mail", Boolean, "Mail or the web would have done", server_default=text("false")),
    opt("made_by", Text, "What made the entry, e.g. return/2026/letter; NULL: somebody entered it"),
    *quality_columns(),
    req("entered_by", Text, "Login of who entered it, who may change it beside the planners"),
    req("entered_at", DateTime(timezone=True), "When entered", server_default=func.now()),
    one_of("addressees", "presidents", "associations", "circulation", "district-bodies"),
    one_of("way", "post", "koho", "mail", "web", "hand"),
    one_of("kind", "request", "notice", "survey", "circulation"),
    CheckConstraint("copies >= 0", name="copies_range"),
    CheckConstraint("answer_by >= sent_on", name="answer_after"),
    CheckConstraint(
        "(addressees = 'associations') = (cardinality(coalesce(association_ids, '{}')) > 0)",
        name="addressees_names",
    ),
    CheckConstraint("document_id ~ '^[0-9A-Za-z_-]{1,40}$'", name="id_form"),
    Index("ix_sent_document_sent_on", "municipality_code", "sent_on"),
    Index(
        "ix_sent_document_made_by",
        "municipality_code",
        "made_by",
        unique=True,
        postgresql_where=text("made_by IS NOT NULL"),
    ),
    comment="Register of documents sent to presidents of associations (取組5)",
)

sent_document_rule = table(
    "sent_document_rule",
    key("version", Integer, "1, 2 …; the highest holds"),
    req("addressees", ARRAY(Text), "Addressees that count"),
    req("ways", ARRAY(Text), "Ways that count"),
    req("kinds", ARRAY(Text), "Kinds that count"),
    req("same_within", Integer, "The same title again within so many days is no further one; 0: each counts"),
    opt("note", Text, "Why it was changed"),
    req("created_at", DateTime(timezone=True), "When entered", server_default=func.now()),
    req("created_by", Text, "Who entered it (login)"),
    CheckConstraint("version > 0", name="version_range"),
    CheckConstraint("same_within BETWEEN 0 AND 366", name="same_within_range"),
    CheckConstraint("char_length(note) <= 200", name="note_length"),
    comment="What counts as a document sent to presidents, every version that ever held",
)
