"""The yearly return (年度更新) in the database. Audience `STAFF`, but where told otherwise."""

from geodata.returns.answering import receive, save_draft
from geodata.returns.checking import Checked, check, check_all
from geodata.returns.codes import CODE_LENGTH, issue, opened_by
from geodata.returns.deciding import (
    approve,
    approve_without_doubts,
    looked_at,
    mark_sent,
    remind,
    reminders,
    send_back,
)
from geodata.returns.figures import Addressee, YearFigures, addressees, figures
from geodata.returns.rounds import Round, change_round, close, one_round, reopen, rounds, start
from geodata.returns.rows import Return, counts, listed, one, target, unanswered

__all__ = [
    "CODE_LENGTH", "Addressee", "Checked", "Return", "Round", "YearFigures", "addressees", "approve",
    "approve_without_doubts", "change_round", "check", "check_all", "close", "counts", "figures", "issue", "listed",
    "looked_at", "mark_sent", "one", "one_round", "opened_by", "receive", "remind", "reminders", "reopen", "rounds",
    "save_draft", "send_back", "start", "target", "unanswered",
]  # fmt: skip
