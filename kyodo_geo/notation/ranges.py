"""Points and ranges of numbers → rectangles of 番 and 号, as rules carry them."""

from __future__ import annotations

from dataclasses import dataclass

from kyodo_geo.notation.places import Doubt
from kyodo_geo.notation.result import MAX_NUMBER, FindingKind
from kyodo_geo.notation.tokens import BAN, BANCHI, GO, Tok
from kyodo_geo.notation.tree import Point, Span

MAX_HOUSES = 99
MAX_LISTED = 400
"""Longest range written out number by number (奇数, 偶数)."""


@dataclass(frozen=True, slots=True)
class Box:
    """番 from–to and, within them, 号 from–to (None: all), both ends included."""

    block_from: int
    block_to: int
    house_from: int | None = None
    house_to: int | None = None


@dataclass(frozen=True, slots=True)
class At:
    """One end: a 番, a 号 in it, or a 号 alone (`block` None: the 番 said before)."""

    block: int | None
    house: int | None


def is_block(unit: str | None) -> bool:
    return unit in (BAN, BANCHI)


def boxes(span: Span, unit: str | None, block: int | None) -> list[Box]:
    """Rectangles of a span; `unit` for numbers without one, `block` said before. Raises `Doubt`."""
    if span.right is None:
        at = _at(span.left, unit)
        number = _block(at, block)
        return [Box(number, number, at.house, at.house)]
    if span.joint is not None and span.joint.kind == "HYPHEN":
        _check_hyphen(span, unit)
    right = _at(span.right, unit, _last_unit(span.left))
    left = _at(span.left, unit, span.right.first.unit if span.right.first else None)
    if right.block is None and right.house is not None:
        if left.house is None:
            raise _error("始まりが番、終わりが号です。「3番1号から3番31号まで」のように書いてください。")
        number = _block(left, block)
        return [Box(number, number, *_ordered(left.house, right.house))]
    first, last = _block(left, block), _block(right, block)
    return _across(At(first, left.house), At(last, right.house))


def _across(left: At, right: At) -> list[Box]:
    assert left.block is not None and right.block is not None
    first, last = left.block, right.block
    if first == last and left.house is not None and right.house is not None:
        return [Box(first, last, *_ordered(left.house, right.house))]
    if first > last or (first == last and (left.house is None) != (right.house is None)):
        raise _error("始めの番号が、終わりの番号より大きいか、同じです。")
    found = []
    # From the first house onward is the whole block.
    if left.house is not None and left.house > 1:
        found.append(Box(first, first, left.house, MAX_NUMBER))
        first += 1
    end = last if right.house is None else last - 1
    if first <= end:
        found.append(Box(first, end))
    if right.house is not None:
        found.append(Box(last, last, *_ordered(1, right.house)))
    return found


def _at(point: Point, unit: str | None, other: str | None = None) -> At:
    """`other` is the unit at the far end of the range, which holds for both."""
    first, second = point.first, point.second
    assert first is not None
    if second is not None:
        if first.unit == GO:
            raise _error("号のあとに、さらに番号があります。")
        if second.unit is None and is_block(unit):
            raise _error(f"「{second.value}」が番か号か決まりません。単位を書いてください。")
        return At(first.value, second.value)
    own = first.unit or other or unit
    if own == GO:
        return At(None, first.value)
    if own is None:
        raise _error(f"「{first.value}」が番か号か、単位が書かれていません。")
    if not is_block(own):
        raise _error(f"「{first.value}」は{own}ではなく、番か号が必要です。")
    return At(first.value, None)


def _last_unit(point: Point) -> str | None:
    """The unit of a range's first end that its second end shares: 3番18号〜31, 3番〜5."""
    if point.second is not None:
        return GO
    return point.first.unit if point.first else None


def _check_hyphen(span: Span, unit: str | None) -> None:
    left, right = span.left, span.right
    assert right is not None and left.first is not None and right.first is not None
    bare = left.first.unit is None and left.second is None
    ends = right.first.unit
    clear = ends in (BAN, GO) or (left.first.unit is not None and right.first.unit == left.first.unit)
    # 12番1-301号 is a room of a house, not three hundred houses.
    room = ends == GO and right.first.value > MAX_HOUSES
    clear = (
        (clear and not room)
        or (bare and ends is None and unit is not None)
        or (left.second is not None and ends == GO and not room)
    )
    if not clear:
        a, b = left.first.value, right.first.value
        raise _error(
            f"「-」が範囲（{a}番から{b}番まで）か、番と号（{a}番{b}号）か決まりません。「から」か「〜」で書いてください。"
        )


def each(main: list[Box], span: Span) -> list[Box]:
    """The same houses in every block of `main`."""
    if any(box.house_from is not None for box in main):
        raise _error("「各」の前には、番の範囲だけを書いてください。")
    if any(point is not None and point.place is not None for point in (span.left, span.right)):
        raise _error("「各」のあとには、号の範囲だけを書いてください。")
    found = []
    for box in main:
        for inner in boxes(span, GO, 0):
            if inner.block_from != 0 or inner.house_from is None:
                raise _error("「各」のあとには、号の範囲だけを書いてください。")
            found.append(Box(box.block_from, box.block_to, inner.house_from, inner.house_to))
    return found


def open_ended(found: list[Box], *, upward: bool) -> list[Box]:
    """以降 or 以下 of a single 番 or 号."""
    last = found[-1]
    if last.house_from is not None:
        if last.house_from != last.house_to:
            raise _error("「以降」「以下」の前には、番号を1つだけ書いてください。")
        pair = (last.house_from, MAX_NUMBER) if upward else (1, last.house_from)
        return [*found[:-1], Box(last.block_from, last.block_to, *pair)]
    if last.block_from != last.block_to:
        raise _error("「以降」「以下」の前には、番号を1つだけ書いてください。")
    return [*found[:-1], Box(last.block_from, MAX_NUMBER) if upward else Box(1, last.block_from)]


def every_second(found: list[Box], word: Tok) -> list[Box]:
    """Only the odd (奇数) or even (偶数) numbers, written out one by one."""
    odd = word.text == "奇数"
    houses = all(box.house_from is not None for box in found)
    blocks = all(box.house_from is None for box in found)
    if not (houses if word.unit in (GO, None) else blocks):
        # 1番から3番までの偶数: even 番, or the even 号 of each?
        raise Doubt(
            FindingKind.UNCERTAIN,
            f"{word.text}が番か号か、どこからどこまでか決まりません。番号の範囲を書いてください。",
        )
    out: list[Box] = []
    for box in found:
        first, last = (
            (box.block_from, box.block_to) if box.house_from is None else (box.house_from, box.house_to)
        )
        assert last is not None
        if first == last or last - first > MAX_LISTED:
            raise Doubt(
                FindingKind.UNCERTAIN,
                f"{word.text}がどこからどこまでか決まりません。「1号から15号までの{word.text}」のように書いてください。",
            )
        for number in range(first, last + 1):
            if number % 2 == odd:
                house = box.house_from is not None
                out.append(
                    Box(box.block_from, box.block_to, number, number) if house else Box(number, number)
                )
    return out


def _block(at: At, block: int | None) -> int:
    if at.block is not None:
        return at.block
    if block is None:
        raise _error("何番の号かが書かれていません。")
    return block


def _ordered(first: int, last: int) -> tuple[int, int]:
    if first > last:
        raise _error(f"始めの番号（{first}）が、終わりの番号（{last}）より大きくなっています。")
    return first, last


def _error(message: str) -> Doubt:
    return Doubt(FindingKind.ERROR, message)
