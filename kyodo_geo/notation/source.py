"""The text as written and its normal form, character by character, so that every finding can point at its place."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import lru_cache

from kyodo_geo.addresses.normalise import clean, fold
from kyodo_geo.notation.result import Finding, FindingKind

_WAVES = "~〜～∼"  # clean() makes them hyphens; here a wave is a range and a hyphen may join 番 and 号
_CLUSTER = re.compile(r"(?s).[\u3099\u309a\uff9e\uff9f]?")
_EXCERPT = 30


class SourceText:
    """`plain` is the normal form: NFKC, one hyphen, one wave, no invisible characters, line breaks kept.

    `folded` is what names are compared in. Places are indices into `plain`; `original` leads back to the text.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        chars: list[str] = []
        self._at: list[int] = []
        for start, piece in _clusters(text):
            for char in _normal(piece):
                chars.append(char)
                self._at.append(start)
        self._at.append(len(text))
        self.plain = re.sub(r"(?<=[0-9])[ーｰ一](?=[0-9])", "-", "".join(chars))
        self._folded = fold(self.plain)
        self.folded = self._folded.text
        self._lines = [0, *(found.end() for found in re.finditer("\n", text))]

    def original(self, at: int) -> int:
        """Place in the text as written."""
        return self._at[at]

    def original_end(self, start: int, end: int) -> int:
        """Where the stretch ends in the text as written: behind its last character."""
        if end <= start:
            return self.original(start)
        last = self._at[end - 1]
        return next((place for place in self._at[end : end + 18] if place > last), len(self.text))

    def to_folded(self, at: int) -> int:
        return at if self._folded.at is None else bisect_left(self._folded.at, at)

    def from_folded(self, at: int) -> int:
        return self._folded.place(at)

    def finding(
        self,
        kind: FindingKind,
        message: str,
        start: int,
        end: int,
        *,
        expected: tuple[str, ...] = (),
        suggestions: tuple[str, ...] = (),
    ) -> Finding:
        """A finding about a stretch of `plain`."""
        first, last = self.original(start), self.original_end(start, end)
        number = bisect_right(self._lines, first)
        begin = self._lines[number - 1]
        return Finding(
            kind, message, first, last, number, first - begin + 1, self.text[first:last],
            self._excerpt(begin, first), expected, suggestions,
        )  # fmt: skip

    def _excerpt(self, begin: int, at: int) -> str:
        left = max(begin, at - _EXCERPT)
        line = self.text[left : at + _EXCERPT].partition("\n")[0].rstrip("\r")
        before = self.text[left:at]
        blank = "".join("　" if _wide(char) else " " for char in before)
        wide = at < len(self.text) and _wide(self.text[at])
        return f"{line}\n{blank}{'＾' if wide else '^'}"


def _clusters(text: str) -> Iterator[tuple[int, str]]:
    for found in _CLUSTER.finditer(text):
        yield found.start(), found[0]


@lru_cache(maxsize=4096)
def _normal(piece: str) -> str:
    if piece in _WAVES:
        return "~"
    if piece == "\n":
        return "\n"
    if piece.isspace():
        return " "
    return clean(piece)


def _wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WFA"
