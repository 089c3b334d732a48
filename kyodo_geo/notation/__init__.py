"""Areas of associations as cities write them in words → address rules, and rules → words again."""

from kyodo_geo.notation.normal import normal_form
from kyodo_geo.notation.read import read_notation
from kyodo_geo.notation.result import MAX_NUMBER, MAX_RULES, MAX_TEXT, Finding, FindingKind, Notation, Piece

__all__ = [
    "MAX_NUMBER", "MAX_RULES", "MAX_TEXT", "Finding", "FindingKind", "Notation", "Piece", "normal_form",
    "read_notation",
]  # fmt: skip
