"""The yearly return (年度更新) of an association: its questions, reading what was typed, what differs, what looks wrong."""

from kyodo_geo.returns.answers import FRESH, Answers, first_answers, read_answers, says_nothing, typed_answers
from kyodo_geo.returns.area_words import area_doubts
from kyodo_geo.returns.differences import Difference, differences, shown
from kyodo_geo.returns.doubts import Doubt, Severity, Thresholds, doubts, worst
from kyodo_geo.returns.questions import QUESTIONS, SECTIONS, Section, question
from kyodo_geo.returns.states import Came, ReturnState

__all__ = [
    "FRESH", "QUESTIONS", "SECTIONS", "Answers", "Came", "Difference", "Doubt", "ReturnState", "Section", "Severity",
    "Thresholds", "area_doubts", "differences", "doubts", "first_answers", "question", "read_answers",
    "says_nothing", "shown", "typed_answers", "worst",
]  # fmt: skip
