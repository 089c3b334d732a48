"""Units that stand only at the last number: 10・13〜21・33〜36番, 1・2丁目."""

from __future__ import annotations

from collections.abc import Sequence

from kyodo_geo.notation.tree import Element, Span


def units(elements: Sequence[Element]) -> list[str | None]:
    """For each element the unit of a number written without one: from behind its parentheses, or from what follows."""
    found: list[str | None] = [None] * len(elements)
    hint: str | None = None
    for i in range(len(elements) - 1, -1, -1):
        item = elements[i].item
        if item.span is None:
            hint = None
            continue
        own = item.has("UNIT")
        found[i] = own.unit if own else hint
        hint = None if elements[i].proviso else _leading(item.span, found[i])
    return found


def _leading(span: Span, unit: str | None) -> str | None:
    """The unit of the span's first number, if the number opens the span."""
    left, right = span.left, span.right
    if left.place is not None:
        opens = left.place.name is None and left.place.koaza is None and left.first is None
        return left.place.numbered.unit if opens and left.place.numbered else None
    assert left.first is not None
    if left.first.unit is not None:
        return left.first.unit
    if right is not None:
        if right.place is not None:
            return right.place.numbered.unit if right.place.numbered else None
        if right.first is not None and right.first.unit is not None:
            return right.first.unit
    return unit
