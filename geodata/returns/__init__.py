"""The yearly return (年度更新) in the database. Audience `STAFF`, but where told otherwise."""

from geodata.returns.answering import NOTHING_SAID, receive, save_draft
from geodata.returns.checking import Checked, check, check_all
from geodata.returns.codes import CODE_LENGTH, issue, keep_code, new_code, opened_by
from geodata.returns.deciding import (
    approve,
    approve_without_doubts,
    looked_at,
    mark_sent,
    remind,
    reminders,
    send_back,
)
from geodata.returns.feeding import Fed, FeedPlan, compare_feed, feed, feed_seen
from geodata.returns.return_notes import Note, area_to_draft, notes, see_to
from geodata.returns.rounds import (
    Round,
    add_missing,
    change_round,
    close,
    form_key,
    one_round,
    reopen,
    rounds,
    start,
)
from geodata.returns.rows import Return, counts, listed, one, target, unanswered
from geodata.returns.year_figures import Addressee, YearFigures, addressees, figures

__all__ = [
    "CODE_LENGTH", "NOTHING_SAID", "Addressee", "Checked", "Fed", "FeedPlan", "Note", "Return", "Round", "YearFigures",
    "add_missing", "addressees", "approve", "approve_without_doubts", "area_to_draft", "change_round", "check",
    "check_all", "close", "compare_feed", "counts", "feed", "feed_seen", "figures", "form_key", "issue",
    "keep_code", "listed", "looked_at", "mark_sent", "new_code", "notes", "one", "one_round", "opened_by",
    "receive", "remind", "reminders", "reopen", "rounds", "save_draft", "see_to", "send_back", "start", "target",
    "unanswered",
]  # fmt: skip
