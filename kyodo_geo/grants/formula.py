"""Formulas of rule tables, as planners write them: 「会員世帯数 × 300円」, 「小さい方(対象経費 × 1/2、500,000円)」.

`+ - × ÷ ( )`, whole numbers and decimals with or without a unit, `%`, names of figures and of earlier rows, and four
functions. Worked out in exact fractions. Text is read by a grammar and never run.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from lark import Lark, Transformer, v_args
from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError

from kyodo_geo.errors import InputError

MAX_TEXT = 200
MAX_DEPTH = 8
MAX_VALUE = 10**12
"""Yen; nothing that the city grants comes near."""
FUNCTIONS = ("小さい方", "大きい方", "切り捨て", "切り上げ")
NAME = re.compile(r"[A-Za-z々〇ぁ-んァ-ヶ一-鿿豈-﫿][A-Za-z0-9々〇ぁ-んァ-ヶー一-鿿豈-﫿・]{0,29}")
"""A name that formulas can use."""

GRAMMAR = r"""
start: sum
?sum: product | sum PLUS product -> binary | sum MINUS product -> binary
?product: value | product TIMES value -> binary | product OVER value -> binary
?value: NUMBER PERCENT -> percent | NUMBER UNIT? -> number | NAME -> name | "(" sum ")" -> bracket
      | FUNCTION "(" sum (";" sum)* ")" -> call
PLUS: "+"
MINUS: "-"
TIMES: "×"
OVER: "÷"
PERCENT: "%"
UNIT: "円" | "人" | "世帯" | "部" | "か月" | "団体" | "m2"
NUMBER: /[0-9]{1,3}(,[0-9]{3})+(\.[0-9]{1,6})?|[0-9]{1,12}(\.[0-9]{1,6})?/
FUNCTION.2: "小さい方" | "大きい方" | "切り捨て" | "切り上げ"
NAME: /[A-Za-z々〇ぁ-んァ-ヶ一-鿿豈-﫿][A-Za-z0-9々〇ぁ-んァ-ヶー一-鿿豈-﫿・]{0,29}/
%ignore " "
"""
_SAME = str.maketrans(
    {"*": "×", "✕": "×", "✖": "×", "/": "÷", "−": "-", "–": "-", "—": "-", "、": ";", "\t": " ", "　": " "}
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written: `unit` is 円, 人 … , `%` or nothing. `value` has the percent worked in."""

    value: Fraction
    text: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Name:
    """A figure, or an earlier row of the table."""

    name: str


@dataclass(frozen=True, slots=True)
class Binary:
    """`op` is one of + - × ÷."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Call:
    """One of FUNCTIONS."""

    function: str
    args: tuple[Node, ...]


Node = Number | Name | Binary | Call


class CannotCalculateError(Exception):
    """Why a formula has no value for these figures; `reason` is for the reader of the sheet."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _unwrapped(build: Any, _rule: str, parts: list[Any], _meta: Any) -> Any:
    return build(parts)


@v_args(wrapper=_unwrapped)
class _Build(Transformer[Any, Node]):
    def start(self, parts: list[Any]) -> Node:
        found: Node = parts[0]
        return found

    def bracket(self, parts: list[Any]) -> Node:
        found: Node = parts[0]
        return found

    def binary(self, parts: list[Any]) -> Node:
        return Binary(str(parts[1]), parts[0], parts[2])

    def number(self, parts: list[Any]) -> Node:
        return Number(_fraction(parts[0]), str(parts[0]), str(parts[1]) if len(parts) > 1 else "")

    def percent(self, parts: list[Any]) -> Node:
        return Number(_fraction(parts[0]) / 100, str(parts[0]), "%")

    def name(self, parts: list[Any]) -> Node:
        return Name(str(parts[0]))

    def call(self, parts: list[Any]) -> Node:
        function, args = str(parts[0]), tuple(parts[1:])
        if len(args) != 2:
            raise InputError(f"「{function}」には、「、」で区切って 2 つを書いてください。")
        return Call(function, args)


def _fraction(text: Any) -> Fraction:
    return Fraction(str(text).replace(",", ""))


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer="contextual", maybe_placeholders=False)


def read(text: str, names: Mapping[str, str] | frozenset[str], *, field: str, label: str = "式") -> Node:
    """The tree of a formula that names nothing but `names`; raises InputError with `field`, saying where it stops."""
    found = unicodedata.normalize("NFKC", text).translate(_SAME).strip()
    if not found:
        raise InputError(f"{label}を入力してください。例：会員世帯数 × 300円", field=field)
    if len(found) > MAX_TEXT:
        raise InputError(f"{label}は {MAX_TEXT} 文字以内で入力してください。", field=field)
    if _depth(found) > MAX_DEPTH:
        raise InputError(f"{label}のかっこは {MAX_DEPTH} 重までにしてください。", field=field)
    try:
        node = _Build().transform(_parser().parse(found))
    except UnexpectedInput as error:
        raise InputError(_where(found, error, label), field=field) from None
    except VisitError as error:
        inner = error.orig_exc
        words = inner.message if isinstance(inner, InputError) else f"{label}を読めません。"
        raise InputError(words, field=field) from None
    for name in names_in(node):
        if name not in names:
            offered = "、".join(names)
            raise InputError(f"{label}の「{name}」は使えません。使えるのは、{offered} です。", field=field)
    return node


def _depth(text: str) -> int:
    deepest = now = 0
    for char in text:
        now += (char == "(") - (char == ")")
        deepest = max(deepest, now)
    return deepest


def _where(text: str, error: UnexpectedInput, label: str) -> str:
    at = error.pos_in_stream
    if at is None or (isinstance(error, UnexpectedToken) and error.token.type == "$END"):
        return f"{label}が途中で終わっています。最後に、数か名前を書いてください。"
    rest = text[at : at + 12].replace(";", "、")
    return f"{label}の {at + 1} 文字目「{rest}」から読めません。例：会員世帯数 × 300円"


def names_in(node: Node) -> Iterator[str]:
    """The names in a formula, in their order, each once."""
    yield from dict.fromkeys(_names(node))


def _names(node: Node) -> Iterator[str]:
    match node:
        case Name(name):
            yield name
        case Binary(_, left, right):
            yield from _names(left)
            yield from _names(right)
        case Call(_, args):
            for arg in args:
                yield from _names(arg)


def value(node: Node, figures: Mapping[str, Fraction | None]) -> Fraction:
    """What the formula gives; raises CannotCalculateError for an unknown figure, a division by 0, and beyond MAX_VALUE."""
    missing = [name for name in names_in(node) if figures.get(name) is None]
    if missing:
        raise CannotCalculateError(f"{'、'.join(missing)}が分かりません")
    return _value(node, figures)


def _value(node: Node, figures: Mapping[str, Fraction | None]) -> Fraction:
    match node:
        case Number(found):
            return found
        case Name(name):
            known = figures[name]
            assert known is not None
            return known
        case Binary(op, left, right):
            return _bounded(_binary(op, _value(left, figures), _value(right, figures)))
        case Call(function, (first, second)):
            return _bounded(_call(function, _value(first, figures), _value(second, figures)))
    raise AssertionError(node)


def _binary(op: str, left: Fraction, right: Fraction) -> Fraction:
    if op == "+":
        return left + right
    if op == "-":
        return left - right
    if op == "×":
        return left * right
    if right == 0:
        raise CannotCalculateError("0 で割る計算になります")
    return left / right


def _call(function: str, first: Fraction, second: Fraction) -> Fraction:
    if function == "小さい方":
        return min(first, second)
    if function == "大きい方":
        return max(first, second)
    if second <= 0:
        raise CannotCalculateError(f"「{function}」の単位が 0 以下です")
    whole = first // second if function == "切り捨て" else -(-first // second)
    return whole * second


def _bounded(found: Fraction) -> Fraction:
    if abs(found) > MAX_VALUE:
        raise CannotCalculateError("金額が大きくなりすぎます")
    return found


_RANK = {"+": 1, "-": 1, "×": 2, "÷": 2}


def written(node: Node, figures: Mapping[str, str] | None = None) -> str:
    """The formula in its standard form; with `figures` (name → 「120世帯」) each name is followed by what it is."""
    match node:
        case Number(_, text, unit):
            return text + unit
        case Name(name):
            return f"{name}（{figures[name]}）" if figures and name in figures else name
        case Binary(op, left, right):
            before = _inside(left, _RANK[op], figures)
            space = "" if before.endswith("）") else " "  # the bracket is as wide as a space already
            return f"{before}{space}{op} {_inside(right, _RANK[op] + 1, figures)}"
        case Call(function, args):
            return f"{function}({'、'.join(written(arg, figures) for arg in args)})"
    raise AssertionError(node)


def _inside(node: Node, rank: int, figures: Mapping[str, str] | None) -> str:
    text = written(node, figures)
    return f"({text})" if isinstance(node, Binary) and _RANK[node.op] < rank else text
