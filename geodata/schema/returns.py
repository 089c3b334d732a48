"""The yearly return of the associations (年度更新): rounds, returns, reminders, codes, feeds. Staff only."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from geodata.schema.base import JAPANESE, key, one_of, opt, quality_columns, reference, req, table

_ROUND = "Fiscal year of the round"
_MOMENT = DateTime(timezone=True)
YEARS = "fiscal_year BETWEEN 1950 AND 2200"

return_round = table(
    "return_round",
    key("fiscal_year", Integer, "Fiscal year asked about; one round per year"),
    req("reference_day", Date, "Day the figures are of"),
    req("opens_on", Date, "First day of answering"),
    req("due_on", Date, "Last day of answering"),
    req("state", Text, "open / closed", server_default=text("'open'")),
    req("thresholds", JSONB, "From where on a change is a doubt (kyodo_geo.returns.Thresholds)"),
    req("version", Integer, "Counts the changes of the round", server_default=text("1")),
    req("created_at", _MOMENT, "When started", server_default=func.now()),
    req("created_by", Text, "Who started it (login)"),
    opt("closed_at", _MOMENT, "When closed"),
    *quality_columns(),
    one_of("state", "open", "closed"),
    CheckConstraint(YEARS, name="fiscal_year_range"),
    CheckConstraint("opens_on <= due_on", name="days_order"),
    CheckConstraint("jsonb_typeof(thresholds) = 'object'", name="thresholds_form"),
    comment="Rounds of the yearly return of the associations",
)

association_return = table(
    "association_return",
    key("fiscal_year", Integer, _ROUND),
    key("association_id", Text, "Association"),
    req("name", JAPANESE, "Its name when the round began"),
    opt("district_no", Integer, "Its district when the round began"),
    opt("district_name", JAPANESE, "Name of that district"),
    opt("last_fiscal_year", Integer, "Fiscal year of the figures it was prefilled with"),
    req("prefilled", JSONB, "What the city held: kyodo_geo.returns.Answers"),
    opt("draft", JSONB, "Texts of a web form that was not sent yet, by field"),
    opt("draft_at", _MOMENT, "When the draft was saved last"),
    opt("answers", JSONB, "What the association answered: kyodo_geo.returns.Answers"),
    req(
        "state",
        Text,
        "not-sent / sent / received / checked / sent-back / approved / fed",
        server_default=text("'not-sent'"),
    ),
    opt("came_by", Text, "workbook / web / paper (entered by staff)"),
    req(
        "version",
        Integer,
        "Counts every change: who decides says which one they saw",
        server_default=text("1"),
    ),
    opt("sent_on", Date, "Day it was sent out"),
    opt("received_at", _MOMENT, "When the answers came last"),
    opt("decided_at", _MOMENT, "When approved or sent back last"),
    opt("decided_by", Text, "By whom (login)"),
    opt("sent_back_words", Text, "What the association is asked to look at again"),
    opt("feed_no", Integer, "Feed that took it in last"),
    req("changed_at", _MOMENT, "When changed last", server_default=func.now()),
    req("changed_by", Text, "Who changed it last (login, or association)"),
    opt("erased_at", _MOMENT, "When its personal answers were erased"),
    one_of("state", "not-sent", "sent", "received", "checked", "sent-back", "approved", "fed"),
    one_of("came_by", "workbook", "web", "paper"),
    CheckConstraint(
        "jsonb_typeof(prefilled) = 'object' AND jsonb_typeof(coalesce(draft, '{}')) = 'object' "
        "AND jsonb_typeof(coalesce(answers, '{}')) = 'object'",
        name="answers_form",
    ),
    CheckConstraint(
        "state IN ('not-sent', 'sent') OR (answers IS NOT NULL AND came_by IS NOT NULL)",
        name="answered_whole",
    ),
    CheckConstraint("char_length(sent_back_words) <= 1000", name="sent_back_words_length"),
    reference("fk_association_return_round", ["fiscal_year"], "return_round", ondelete="CASCADE"),
    reference("fk_association_return_association", ["association_id"], "association"),
    Index("ix_association_return_association", "municipality_code", "association_id"),
    comment="One return per association and round, with personal data of officers; staff only",
)

return_reminder = table(
    "return_reminder",
    key("fiscal_year", Integer, _ROUND),
    key("association_id", Text, "Association"),
    key("sent_on", Date, "Day; one reminder a day at most"),
    req("way", Text, "mail / letter / phone"),
    req("created_at", _MOMENT, "When recorded", server_default=func.now()),
    req("created_by", Text, "Who reminded (login)"),
    one_of("way", "mail", "letter", "phone"),
    reference(
        "fk_return_reminder_return",
        ["fiscal_year", "association_id"],
        "association_return",
        ondelete="CASCADE",
    ),
    comment="Reminders sent to associations that had not answered",
)

return_code = table(
    "return_code",
    key("fiscal_year", Integer, _ROUND),
    key("association_id", Text, "Association"),
    req("code_hash", LargeBinary, "SHA-256 of the code (80 random bits); the code itself is not kept"),
    req("expires_at", _MOMENT, "When it ends"),
    req("created_at", _MOMENT, "When made", server_default=func.now()),
    req("created_by", Text, "Who made it (login)"),
    opt("last_used_at", _MOMENT, "When it last opened the form"),
    CheckConstraint("octet_length(code_hash) = 32", name="code_hash_length"),
    UniqueConstraint("municipality_code", "code_hash", name="uq_return_code_hash"),
    reference(
        "fk_return_code_return", ["fiscal_year", "association_id"], "association_return", ondelete="CASCADE"
    ),
    comment="Codes that open the web form of one return; a new one replaces the former",
)

return_feed = table(
    "return_feed",
    key("fiscal_year", Integer, _ROUND),
    key("feed_no", Integer, "1, 2 … in the round"),
    opt("generation_no", Integer, "Generation that came of it; NULL where no figure changed"),
    opt("dataset_id", Integer, "Dataset of membership that came of it"),
    req("returns", Integer, "Approved returns taken in"),
    req("carried", Integer, "Associations without an answer whose last figures were kept"),
    req("contacts", Integer, "Contacts that changed"),
    opt("note", Text, "Why"),
    req("created_at", _MOMENT, "When", server_default=func.now()),
    req("created_by", Text, "Who (login)"),
    CheckConstraint("returns >= 0 AND carried >= 0 AND contacts >= 0", name="counts_range"),
    reference("fk_return_feed_round", ["fiscal_year"], "return_round"),
    comment="What became of approved returns: the generation and dataset of each feed",
)

return_note = table(
    "return_note",
    key("fiscal_year", Integer, _ROUND),
    key("association_id", Text, "Association"),
    key("about", Text, "hall / area / wish"),
    req("words", Text, "What is to be looked at"),
    req("created_at", _MOMENT, "When noted", server_default=func.now()),
    opt("done_at", _MOMENT, "When somebody had seen to it"),
    opt("done_by", Text, "Who (login)"),
    one_of("about", "hall", "area", "wish"),
    CheckConstraint("(done_at IS NULL) = (done_by IS NULL)", name="done_pair"),
    reference(
        "fk_return_note_return", ["fiscal_year", "association_id"], "association_return", ondelete="CASCADE"
    ),
    comment="Answers that change nothing by themselves: halls, areas and wishes for a planner to see to",
)

circulation = table(
    "circulation",
    key("association_id", Text, "Association"),
    key("fiscal_year", Integer, "Fiscal year"),
    req("copies", Integer, "回覧部数: copies of a circular the city sends"),
    opt("to_name", Text, "Who receives them, where it is not the president"),
    opt("to_phone", Text, "Telephone of that person"),
    opt("to_address", Text, "Postal address of that person"),
    *quality_columns(),
    CheckConstraint("copies >= 0", name="copies_range"),
    CheckConstraint(YEARS, name="fiscal_year_range"),
    reference("fk_circulation_association", ["association_id"], "association"),
    comment="Copies of circulars by association and year, and to whom they go; staff only",
)
