"""The text as a tree: sentences of elements; an element is an item, perhaps taken out again (ただし … を除く)."""

from __future__ import annotations

from dataclasses import dataclass

from kyodo_geo.notation.tokens import Tok


@dataclass(frozen=True, slots=True)
class Place:
    """Town: its name, the number of a 丁目 or 地割, a 小字; each may be left to what was said before."""

    name: Tok | None
    numbered: Tok | None
    koaza: Tok | None


@dataclass(frozen=True, slots=True)
class Point:
    """One end of a range. `first` is a 番 or a bare number, `second` a 号, a branch number or a bare number."""

    place: Place | None
    first: Tok | None
    second: Tok | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Span:
    """A point, or all from `left` to `right`; `joint` is the token between them."""

    left: Point
    joint: Tok | None
    right: Point | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Group:
    """What stands in parentheses."""

    sentences: tuple[tuple[Element, ...], ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Each:
    """の各5号から7号: the same houses in every block."""

    span: Span
    start: int
    end: int


Tail = Tok | Group | Each


@dataclass(frozen=True, slots=True)
class Item:
    """A span, or a stretch that is no exact rule (`vague`) or not readable (`fault`), with what follows it."""

    span: Span | None
    odd: Tok | None
    tails: tuple[Tail, ...]
    start: int
    end: int

    def has(self, kind: str) -> Tok | None:
        return next((tail for tail in self.tails if isinstance(tail, Tok) and tail.kind == kind), None)

    @property
    def groups(self) -> list[Group]:
        return [tail for tail in self.tails if isinstance(tail, Group)]


@dataclass(frozen=True, slots=True)
class Element:
    """An item; `proviso` is the ただし before it, `taken_out` the を除く after it."""

    item: Item
    proviso: Tok | None
    taken_out: Tok | None
    start: int
    end: int


Sentences = tuple[tuple[Element, ...], ...]
