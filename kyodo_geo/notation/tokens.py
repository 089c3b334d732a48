"""Text → tokens. A number and its unit are one token; a town's name is what is nothing else.

One pass from left to right, each place looked at a bounded number of times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kyodo_geo.addresses.gazetteer import Gazetteer
from kyodo_geo.addresses.normalise import is_kanji
from kyodo_geo.addresses.numerals import KANJI_NUMERALS, read_number
from kyodo_geo.notation import words
from kyodo_geo.notation.source import SourceText

MAX_NAME = 60
CHOME, JIWARI, BAN, BANCHI, GO = "丁目", "地割", "番", "番地", "号"
_UNITS = (
    ("丁目", CHOME), ("丁", CHOME), ("地割", JIWARI), ("街区", BAN), ("番地", BANCHI), ("番", BAN), ("号", GO),
)  # fmt: skip
_KIND = {CHOME: "NUMBERED", JIWARI: "NUMBERED", BAN: "BLOCK", BANCHI: "BLOCK", GO: "HOUSE"}
_NAME_GOES_ON = "町丁館屋場街割沢田山川原林村通条線棟室目"
"""After 番 or 号 these continue a name: 一番町, 三番丁, 十六番割."""
_LONGEST = 12
"""Characters looked at for one number: longer runs of digits are none."""
_DIGITS = re.compile(r"[0-9]+")
_NUMERAL = r"第?[0-9〇一二三四五六七八九十百]{1,5}"
_CHAIN = re.compile(rf"(?:(?:[・、,~-]|から){_NUMERAL}){{1,20}}(?:丁|地割|番|号)")
"""What makes a kanji numeral without a unit a number: 上田一・二丁目."""
_ENDED = frozenset(
    {"NUMBERED", "BLOCK", "HOUSE", "NUM", "CLOSE", "WHOLE", "MADE", "UNIT", "NAME", "KOAZA", "PART"}
)
_NUMBERS = frozenset({"NUM", "BLOCK", "HOUSE", "NUMBERED"})
_JOINS = frozenset({"RANGE", "HYPHEN", "SEP", "OPEN", "STOP", "TADASHI", "NO", "EACH", "UCHI"})


@dataclass(frozen=True, slots=True)
class Tok:
    """`start` and `end` in the normal form; `value` and `unit` of numbers, `text` of names."""

    kind: str
    start: int
    end: int
    text: str = ""
    value: int = 0
    unit: str | None = None


def tokenise(source: SourceText, gazetteer: Gazetteer | None = None) -> list[Tok]:
    """All tokens; `BAD` stands for what is none."""
    return list(_Lexer(source, gazetteer).tokens())


class _Lexer:
    def __init__(self, source: SourceText, gazetteer: Gazetteer | None) -> None:
        self.source, self.gazetteer, self.plain = source, gazetteer, source.plain
        self.last = "STOP"
        self.spaced = False

    def tokens(self) -> Iterator[Tok]:
        at, size = 0, len(self.plain)
        fresh = True
        while at < size:
            if self.plain[at] == " ":
                at, self.spaced = at + 1, True
                continue
            vague = self._vague(at) if fresh else None
            token = vague or self._next(at)
            at = token.end
            if token.kind == "DROP":
                continue
            fresh = token.kind in ("SEP", "STOP", "OPEN", "CLOSE", "TADASHI", "EXCEPT")
            if self._line_goes_on(token):
                continue
            if token.kind == "NAME" and self.spaced and self.last in _ENDED:
                yield Tok("SEP", token.start, token.start)
            self.spaced = False
            self.last = token.kind
            yield token
            if token.kind == "UCHI":
                fresh = True
                self.last = "SEP"
                yield Tok("SEP", token.end, token.end)

    def _line_goes_on(self, token: Tok) -> bool:
        """A line break inside 1番から⏎3番 joins nothing new."""
        return token.kind == "SEP" and token.text == "\n" and self.last in _JOINS

    def _vague(self, at: int) -> Tok | None:
        """The stretch up to the next separator, if a word in it rules out an exact rule."""
        found = words.BOUNDARY.search(self.plain, at)
        end = found.start() if found else len(self.plain)
        if end == at:
            return None
        hit = words.VAGUE.search(self.plain, at, end)
        if hit is None:
            return None
        if self.gazetteer is not None and self._known(at) >= hit.end():
            return None
        while self.plain[end - 1] == " ":
            end -= 1
        return Tok("VAGUE", at, end, self.plain[at:end])

    def _next(self, at: int) -> Tok:
        for kind, pattern in _PATTERNS:
            found = pattern.match(self.plain, at)
            if found and (kind not in ("RANGE", "MADE") or self.last in _ENDED):
                if kind == "PARITY":
                    return Tok(kind, at, found.end(), found[1], unit=found[2])
                if kind in ("ONWARD", "UPTO") and (self.spaced or self.last not in _NUMBERS):
                    return Tok("BAD", at, found.end(), found[0])  # 以上 also closes a text
                return Tok(kind, at, found.end(), found[0])
        if found := words.SAME.match(self.plain, at):
            return Tok("DROP", at, found.end())
        number = self._number(at)
        char = self.plain[at]
        known = self._known(at) if self.gazetteer is not None and not char.isdigit() else 0
        if number is not None and known <= number.end:
            return number
        if char == "-":
            return Tok("HYPHEN", at, at + 1)
        if char == "の" and self.last in _ENDED:
            following = self._number(at + 1)
            if following and following.kind in ("NUM", "BLOCK") and self.last in ("NUM", "BLOCK"):
                return Tok("NO", at, at + 1)
            if following or any(p.match(self.plain, at + 1) for _, p in _PATTERNS):
                return Tok("DROP", at, at + 1)
        if char == "と" and self.last in _ENDED - {"NAME"}:
            return Tok("SEP", at, at + 1, "と")
        if self.last in ("CLOSE", "NUM", "BLOCK"):
            for word, unit in _UNITS:
                if self.plain.startswith(word, at):
                    return Tok("UNIT", at, at + len(word), word, unit=unit)
        if char == "字" and not known and self.last in (*_ENDED, "SEP", "STOP", "OPEN", "TADASHI"):
            end = self._name_end(at + 1)
            if end > at + 1:
                return Tok("KOAZA", at, end, self.plain[at + 1 : end])
        if not char.isalnum():
            return Tok("BAD", at, at + 1, char)
        if char.isdigit():
            found = _DIGITS.match(self.plain, at)
            return Tok("BAD", at, found.end() if found else at + 1, char)
        end = known or self._name_end(at)
        return Tok("NAME" if end - at <= MAX_NAME else "BAD", at, end, self.plain[at:end])

    def _number(self, at: int) -> Tok | None:
        start = at + 1 if self.plain.startswith("第", at) else at
        found = read_number(self.plain[start : start + _LONGEST], 0)
        if found is None:
            return None
        value, end = found[0], start + found[1]
        near = end
        while near < len(self.plain) and self.plain[near] == " ":
            near += 1
        for word, unit in _UNITS:
            if self.plain.startswith(word, near):
                after = near + len(word)
                going_on = self.plain[after : after + 1]
                may_go_on = unit in (BAN, BANCHI, GO) or word == "丁"
                if may_go_on and going_on and going_on in _NAME_GOES_ON:
                    return None
                if unit == BAN and self.plain.startswith("号", after):
                    return None
                return Tok(_KIND[unit], at, after, value=value, unit=unit)
        kanji = self.plain[start] in KANJI_NUMERALS
        if start > at or (kanji and self._name_follows(end)):
            return None
        return Tok("NUM", at, end, value=value)

    def _name_follows(self, at: int) -> bool:
        """Whether a kanji numeral that ends here begins a name: 三本柳, 一ノ関."""
        if at >= len(self.plain):
            return self.last not in ("RANGE", "BLOCK")
        char = self.plain[at]
        if any(p.match(self.plain, at) for p in (words.SEP, words.RANGE, words.CLOSE, words.OPEN)):
            return False
        return is_kanji(char) or "\u3040" <= char <= "\u30ff"

    def _known(self, at: int) -> int:
        """End of the longest name of the gazetteer that stands here by itself, or 0."""
        assert self.gazetteer is not None
        for end, _ in self.gazetteer.prefixes(self.source.folded, self.source.to_folded(at)):
            place = self.source.from_folded(end)
            if place > at and self._stands_alone(place):
                return place
        return 0

    def _stands_alone(self, end: int) -> bool:
        if end >= len(self.plain) or self.plain[end] in " のと第字":
            return True
        return words.NAME_END.match(self.plain, end) is not None or self._unit_follows(end)

    def _unit_follows(self, at: int) -> bool:
        number = self._number(at) if self.plain[at] in KANJI_NUMERALS else None
        return number is not None

    def _name_end(self, start: int) -> int:
        found = words.NAME_END.search(self.plain, start + 1)
        limit = found.start() if found else len(self.plain)
        for end in range(start + 1, min(limit, start + MAX_NAME)):
            if self.plain[end] in KANJI_NUMERALS and self.plain[end - 1] not in KANJI_NUMERALS:
                number = self._number(end)
                if number is not None and (number.kind != "NUM" or _CHAIN.match(self.plain, number.end)):
                    return end
        return limit


_PATTERNS = (
    ("TADASHI", words.TADASHI),
    ("SEP", words.SEP),
    ("STOP", words.STOP),
    ("OPEN", words.OPEN),
    ("CLOSE", words.CLOSE),
    ("EXCEPT", words.EXCEPT),
    ("EACH", words.EACH),
    ("UCHI", words.UCHI),
    ("WHOLE", words.WHOLE),
    ("PART", words.PART),
    ("PARITY", words.PARITY),
    ("DROP", words.FILLER),
    ("ONWARD", words.ONWARD),
    ("UPTO", words.UPTO),
    ("MADE", words.MADE),
    ("RANGE", words.RANGE),
)
