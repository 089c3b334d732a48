"""The grammar, as lark reads it (LALR: one pass, no guessing), and what its words are called in Japanese."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.lexer import Lexer

from kyodo_geo.notation.tokens import GO, Tok
from kyodo_geo.notation.tree import Each, Element, Group, Item, Place, Point, Sentences, Span

GRAMMAR = r"""
start: sentence (STOP sentence)*
sentence: _seps? (element (_seps element)* _seps?)?
_seps: SEP+
element: TADASHI? item EXCEPT?
item: span tail* | VAGUE tail* -> odd | FAULT tail* -> odd
tail: WHOLE | PART | PARITY | ONWARD | UPTO | UCHI | UNIT | VAGUE | group | each
each: EACH span
group: OPEN sentence (STOP sentence)* CLOSE
span: point | point (RANGE | HYPHEN) point MADE?
point: place address? | address
place: NAME NUMBERED? KOAZA? | NUMBERED KOAZA? | KOAZA
address: NUM | HOUSE | BLOCK | BLOCK NUM | BLOCK HOUSE | BLOCK NO NUM | NUM NO NUM | NUM NO BLOCK

%declare NAME NUMBERED KOAZA NUM HOUSE BLOCK NO RANGE HYPHEN MADE WHOLE PART PARITY ONWARD UPTO UCHI UNIT EACH
%declare VAGUE FAULT TADASHI EXCEPT OPEN CLOSE SEP STOP BAD
"""

WORDS = {
    "NAME": "町名", "NUMBERED": "丁目・地割", "KOAZA": "字の名前", "NUM": "番号", "HOUSE": "号", "BLOCK": "番（番地）",
    "NO": "の", "RANGE": "から（〜）", "MADE": "まで", "WHOLE": "全域", "PART": "一部", "PARITY": "奇数・偶数",
    "ONWARD": "以降", "EACH": "の各", "EXCEPT": "を除く", "TADASHI": "ただし", "OPEN": "かっこ", "CLOSE": "閉じかっこ",
    "SEP": "区切り（、）", "STOP": "句点（。）", "$END": "文の終わり",
}  # fmt: skip
"""Only these are told as expected; the rest would not help anybody."""


class _Ready(Lexer):
    """Passes ready tokens on to the parser."""

    def __init__(self, lexer_conf: Any) -> None:
        pass

    def lex(self, data: Iterable[Tok]) -> Iterator[Token]:  # type: ignore[override]
        for tok in data:
            yield Token(tok.kind, tok)


def _unwrapped(build: Any, _rule: str, parts: list[Any], _meta: Any) -> Any:
    return build([part.value if isinstance(part, Token) else part for part in parts])


@v_args(wrapper=_unwrapped)
class _Build(Transformer[Token, Any]):
    """Tree of lark → ours, while parsing: depth of the text costs no depth of calls."""

    def start(self, parts: list[Any]) -> Sentences:
        return tuple(part for part in parts if isinstance(part, tuple))

    def sentence(self, parts: list[Any]) -> tuple[Element, ...]:
        return tuple(part for part in parts if isinstance(part, Element))

    def element(self, parts: list[Any]) -> Element:
        marks = {part.kind: part for part in parts if isinstance(part, Tok)}
        item = next(part for part in parts if isinstance(part, Item))
        return Element(item, marks.get("TADASHI"), marks.get("EXCEPT"), parts[0].start, parts[-1].end)

    def item(self, parts: list[Any]) -> Item:
        return Item(parts[0], None, tuple(parts[1:]), parts[0].start, parts[-1].end)

    def odd(self, parts: list[Any]) -> Item:
        return Item(None, parts[0], tuple(parts[1:]), parts[0].start, parts[-1].end)

    def tail(self, parts: list[Any]) -> Any:
        return parts[0]

    def each(self, parts: list[Any]) -> Each:
        return Each(parts[1], parts[0].start, parts[1].end)

    def group(self, parts: list[Any]) -> Group:
        inside = tuple(part for part in parts if isinstance(part, tuple))
        return Group(inside, parts[0].start, parts[-1].end)

    def span(self, parts: list[Any]) -> Span:
        joint, right = (parts[1], parts[2]) if len(parts) > 1 else (None, None)
        return Span(parts[0], joint, right, parts[0].start, parts[-1].end)

    def point(self, parts: list[Any]) -> Point:
        place = parts[0] if isinstance(parts[0], Place) else None
        numbers = parts[-1] if isinstance(parts[-1], list) else []
        stretch = [
            tok for tok in (place and place.name, place and place.numbered, place and place.koaza) if tok
        ]
        stretch += numbers
        second = numbers[1] if len(numbers) > 1 else None
        first = numbers[0] if numbers else None
        return Point(place, first, second, stretch[0].start, stretch[-1].end)

    def place(self, parts: list[Tok]) -> Place:
        found = {tok.kind: tok for tok in parts}
        return Place(found.get("NAME"), found.get("NUMBERED"), found.get("KOAZA"))

    def address(self, parts: list[Tok]) -> list[Tok]:
        if len(parts) == 3:
            return [parts[0], replace(parts[2], unit=GO)]  # 5番地の3: the branch stands where a 号 stands
        return parts


@cache
def parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer=_Ready, transformer=_Build(), maybe_placeholders=False)


def parse(tokens: list[Tok]) -> Sentences:
    """The tree of the tokens; raises lark's `UnexpectedToken`, whose token's value is the `Tok` (none at the end)."""
    return parser().parse(tokens)  # type: ignore[return-value]


def expected(before: list[Tok]) -> tuple[str, ...]:
    """What could stand after these tokens, in Japanese; they must be the beginning of a readable text."""
    state = parser().parse_interactive(before)
    state.exhaust_lexer()
    possible = state.accepts()
    return tuple(word for kind, word in WORDS.items() if kind in possible)
