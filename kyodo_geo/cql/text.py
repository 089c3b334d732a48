"""CQL2 text into the CQL2 JSON that the cql2 library makes of it.

The library's parser needs twice the time for each bracket inside another one, and a long row of signs overflows its
stack and ends the process. So a text is cut at its brackets: what stands in each pair is parsed alone, and a name of
our own (`MARK` and a number) stands for it in the text around. No text that reaches the library has a bracket inside
another one, so time grows with length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from kyodo_geo.cql.tree import MAX_DEPTH, MAX_TEXT, MAX_TOKENS, MAX_VERTICES, refused

MARK = "\ue000"
_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<string>'(?:[^']|'')*')
    | (?P<quoted>"(?:[^"]|"")*")
    | (?P<number>[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?)
    | (?P<word>[^\W\d][\w.:]*)
    | (?P<open>\() | (?P<close>\)) | (?P<comma>,)
    | (?P<sign><>|<=|>=|!=|[<>=+\-*/%^])
    """,
    re.VERBOSE,
)
_KEYWORDS = {"AND", "OR", "NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL", "DIV"}
_WKT = re.compile(
    r"\s*(?:POINT|LINESTRING|POLYGON|MULTIPOINT|MULTILINESTRING|MULTIPOLYGON|GEOMETRYCOLLECTION)"
    r"(?:\s*(?:ZM|Z|M))?\s*(?=\()",
    re.IGNORECASE,
)
_WKT_INSIDE = re.compile(
    r"[\s,0-9.eE+-]+|(?:MULTI)?(?:POINT|LINESTRING|POLYGON)(?:\s*(?:ZM|Z|M)\b)?", re.IGNORECASE
)
_EXPONENT = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?[eE][+-]?[0-9]+")
_MAX_PREFIXES = 8
"""Signs and NOTs in a row."""


@dataclass(slots=True)
class _Bracket:
    """An open bracket. `nested`: the current element has a bracket left in it; `any_nested`: one of them has."""

    kind: str
    start: int
    elements: list[str] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    nested: bool = False
    any_nested: bool = False


def parse_text(source: str) -> Any:
    """The expression as CQL2 JSON; nothing of its meaning is checked yet. Raises `InputError`."""
    if len(source) > MAX_TEXT:
        raise refused(f"filter は{MAX_TEXT}文字以内で指定してください。", limit=MAX_TEXT)
    if MARK in source:
        raise refused("filter に使えない文字があります。")
    return _Folding(source).expression()


class _Folding:
    """One text on its way from left to right."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.values: list[Any] = []
        self.stack = [_Bracket("root", 0)]
        self.tokens = self.prefixes = self.vertices = 0
        self.before = ""  # the last word or sign, in capitals

    def expression(self) -> Any:
        at = 0
        while at < len(self.source):
            wkt = _WKT.match(self.source, at) if self.before != '"' else None
            at = self._geometry(at, wkt) if wkt else self._token(at)
        if len(self.stack) > 1:
            raise refused("filter のかっこが閉じていません。", position=self.stack[-1].start)
        return self._parsed("".join(self.stack[0].pieces), 0)

    def _token(self, at: int) -> int:
        found = _TOKEN.match(self.source, at)
        if found is None or found.lastgroup is None:
            raise refused(f"filter の{at + 1}文字目を読み取れません。", position=at + 1)
        kind, text, top = found.lastgroup, found[0], self.stack[-1]
        if kind == "space":
            top.pieces.append(" ")
            return found.end()
        self._count(kind, text)
        if kind == "open":
            self._open(at)
        elif kind == "close":
            self._close(at)
        elif kind == "comma":
            self._element(top)
        else:
            top.pieces.append(text)
        self.before = '"' if kind in ("string", "quoted", "number") else text.upper()
        return found.end()

    def _count(self, kind: str, text: str) -> None:
        self.tokens += 1
        if self.tokens > MAX_TOKENS:
            raise refused("filter が長すぎます。条件を減らしてください。", limit=MAX_TOKENS)
        prefix = text.upper() == "NOT" or text in "+-"
        self.prefixes = self.prefixes + 1 if prefix else 0
        if self.prefixes > _MAX_PREFIXES:
            raise refused("filter の符号または NOT が続きすぎています。")
        if kind == "number" and "." not in text and "e" not in text.lower() and len(text.lstrip("0")) > 15:
            raise refused("filter の数は15桁以内で指定してください。", value=text[:40])

    def _open(self, at: int) -> None:
        if len(self.stack) > MAX_DEPTH:
            raise refused("filter の入れ子が深すぎます。", limit=MAX_DEPTH)
        word = self.before[:1].isalpha() and self.before not in _KEYWORDS
        self.stack.append(_Bracket("call" if word else "in" if self.before == "IN" else "group", at))

    def _element(self, bracket: _Bracket) -> None:
        """End the current element of a bracket; members of a list that have brackets in them are parsed alone."""
        text = "".join(bracket.pieces)
        if bracket.kind == "root":
            raise refused("filter の読点（,）はかっこの中だけで使えます。")
        if bracket.kind == "group" or (bracket.kind == "in" and bracket.nested):
            text = self._kept(self._parsed(text, bracket.start))
        bracket.elements.append(text)
        bracket.any_nested |= bracket.nested
        bracket.pieces, bracket.nested = [], False

    def _close(self, at: int) -> None:
        if len(self.stack) == 1:
            raise refused(f"filter の{at + 1}文字目の「)」に対応する「(」がありません。", position=at + 1)
        done = self.stack.pop()
        empty = not done.elements and not "".join(done.pieces).strip()
        if not empty:
            self._element(done)
        top = self.stack[-1]
        if done.kind != "group":
            top.pieces.append(f"({','.join(done.elements)})")
            top.nested |= done.kind == "in" or done.any_nested
        elif len(done.elements) == 1:
            top.pieces.append(f" {done.elements[0]} ")
        else:
            members = [self.values[_number(element)] for element in done.elements]
            top.pieces.append(f" {self._kept(members)} ")

    def _geometry(self, at: int, start: re.Match[str]) -> int:
        """Take a whole WKT; its brackets are bounded by its type, its numbers are written without exponents."""
        end, depth = start.end(), 0
        while True:
            if end >= len(self.source):
                raise refused("filter の図形（WKT）のかっこが閉じていません。", position=at + 1)
            sign = self.source[end]
            if sign in "()":
                depth += 1 if sign == "(" else -1
                end += 1
                if depth == 0:
                    break
                if depth > 4:
                    raise refused("filter の図形（WKT）を読み取れません。", position=at + 1)
            elif inside := _WKT_INSIDE.match(self.source, end):
                end = inside.end()
            else:
                raise refused(f"filter の図形（WKT）の{end + 1}文字目を読み取れません。", position=end + 1)
        text = self.source[at:end]
        self.vertices += text.count(",") + 1
        if self.vertices > MAX_VERTICES:
            raise refused(
                f"filter の図形の頂点は合わせて{MAX_VERTICES}個以内にしてください。", limit=MAX_VERTICES
            )
        self._count("wkt", "WKT")
        self.stack[-1].pieces.append(_EXPONENT.sub(_plain, text))
        self.before = ")"
        return end

    def _parsed(self, text: str, start: int) -> Any:
        """What the library makes of a part, with the parts inside it put back."""
        import cql2

        try:
            found = cql2.parse_text(text.strip()).to_json()
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # a panic of the library is no `Exception`
            where = "" if start == 0 else f"（{start + 1}文字目のかっこの中）"
            raise refused(f"filter をCQL2として読み取れません{where}。", position=start + 1) from None
        return self._restored(found, 0)

    def _kept(self, value: Any) -> str:
        self.values.append(value)
        return f'"{MARK}{len(self.values) - 1}"'

    def _restored(self, node: Any, depth: int) -> Any:
        if depth > 4 * MAX_DEPTH:
            raise refused("filter の入れ子が深すぎます。", limit=MAX_DEPTH)
        if isinstance(node, list):
            return [self._restored(member, depth + 1) for member in node]
        if not isinstance(node, dict):
            return node
        name = node.get("property")
        if isinstance(name, str) and name.startswith(MARK):
            return self.values[int(name[1:])]
        return {key: self._restored(member, depth + 1) for key, member in node.items()}


def _number(mark: str) -> int:
    return int(mark.strip('"')[1:])


def _plain(number: re.Match[str]) -> str:
    """A number of a WKT without its exponent, which the library does not read there."""
    value = Decimal(number[0])
    if abs(value.adjusted()) > 20:
        raise refused("filter の図形の座標が大きすぎるか、小さすぎます。")
    return format(value, "f")
