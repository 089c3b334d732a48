"""What the reading of an area in words hands back: rules, what each stretch was read as, and what was not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kyodo_geo.lookup_types import Rule

MAX_TEXT = 10_000
"""Longest text read, in characters; the longest published ones have a few hundred."""
MAX_RULES = 2_000
MAX_NUMBER = 99_999
"""Largest 番 or 号 (numbers have at most five digits); as the end of a range it means 以降."""


class FindingKind(StrEnum):
    """`error`: cannot be read. `uncertain`: readable, but no exact rule. `unknown`: a town the list does not have.

    `warning`: a rule was made all the same, and somebody should look at it.
    """

    ERROR = "error"
    UNCERTAIN = "uncertain"
    UNKNOWN = "unknown"
    WARNING = "warning"

    @property
    def label(self) -> str:
        return {
            "error": "読めません",
            "uncertain": "範囲が決まりません",
            "unknown": "町・字の一覧にありません",
            "warning": "ご確認ください",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a person has to look at. `start` and `end` count characters of the text, `line` and `column` from 1.

    `excerpt` is the line with a caret below the place; `expected` says what could have stood there.
    """

    kind: FindingKind
    message: str
    start: int
    end: int
    line: int
    column: int
    text: str
    excerpt: str
    expected: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()

    def text_ja(self) -> str:
        """One sentence with its place."""
        quoted = f"「{_short(self.text)}」" if self.text.strip() else ""
        return f"{self.line}行{self.column}字目{quoted}: {self.message}"

    def as_dict(self) -> dict[str, Any]:
        """JSON-able, for the stored report."""
        return {
            "kind": self.kind.value,
            "line": self.line,
            "column": self.column,
            "text": _short(self.text),
            "message": self.message,
            "expected": list(self.expected),
            "suggestions": list(self.suggestions),
        }


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text and the rules it became."""

    start: int
    end: int
    text: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Notation:
    """The whole reading. Every character belongs to a piece, to a finding, or joins two of them (、 and the like)."""

    pieces: tuple[Piece, ...]
    findings: tuple[Finding, ...]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """In the order of the text."""
        return tuple(rule for piece in self.pieces for rule in piece.rules)

    def of(self, kind: FindingKind) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.kind is kind)

    @property
    def readable(self) -> bool:
        """No error: what is not a rule is at least understood."""
        return not self.of(FindingKind.ERROR)


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= 40 else plain[:39] + "…"
