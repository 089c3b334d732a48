"""Facilities of one kind in four quadrants as inline SVG: use to the right, performance upwards, size by yearly cost.

Marks carry the numbers of the table beside them. Equal inputs give equal bytes; no script, no inline style.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from markupsafe import Markup

from maps.chart_svg import INK
from maps.escape import safe_id, safe_text
from maps.paper import FONTS

SIZE, LEFT, TOP, SIDE = 440, 40, 22, 370
_LEAST, _MOST = 8.0, 17.0
FILLED, HOLLOW = "#9cc3ea", "#ffffff"
_GROUNDS = {(0, 0): "#f7ece4", (1, 0): "#fbf6e3", (0, 1): "#eef3f8", (1, 1): "#e9f4ea"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A facility: its number in the table, place on both axes (0–1), yearly cost (None: unknown, drawn dashed).

    `known`: what is known of both axes, for the tooltip; not `complete`: some figure is unknown, drawn hollow.
    """

    number: int
    name: str
    x: float
    y: float
    cost: float | None
    known: str = ""
    complete: bool = True


def portfolio_chart(
    id: str, title: str, marks: Sequence[Mark], corners: dict[tuple[bool, bool], str]
) -> Markup:
    """The SVG; `corners` names each quadrant by (much used, performs well). Raises ValueError for an unfit id."""
    safe_id(id)
    most = max((mark.cost for mark in marks if mark.cost is not None), default=0.0)
    half = SIDE / 2
    grounds = [
        Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="{}"/>').format(
            LEFT + right * half, TOP + (1 - high) * half, half, half, colour
        )
        for (right, high), colour in _GROUNDS.items()
    ]
    names = [
        _text(
            corners[(bool(right), bool(high))].partition("（")[0],
            LEFT + right * half + 2,
            TOP - 7 if high else TOP + SIDE + 15,
            10.5,
        )
        for right, high in _GROUNDS
    ]
    lines = Markup(
        '<path d="M{x} {t}V{b}M{l} {y}H{r}" stroke="#5b6570" fill="none"/>'
        '<rect x="{l}" y="{t}" width="{s}" height="{s}" fill="none" stroke="#5b6570"/>'
    ).format(x=LEFT + half, t=TOP, b=TOP + SIDE, l=LEFT, y=TOP + half, r=LEFT + SIDE, s=SIDE)
    # The large ones first, so that none hides a small one; numbers above all, so that no mark hides a number.
    dots = [
        _dot(mark, _radius(mark.cost, most))
        for mark in sorted(marks, key=lambda mark: (-_radius(mark.cost, most), mark.number))
    ]
    numbers = [_number(mark) for mark in marks]
    axes = [
        _text("利用・必要性（右ほど高い順位）", LEFT + half, TOP + SIDE + 36, 12, "middle"),
        Markup('<g transform="rotate(-90 16 {y})">{t}</g>').format(
            y=TOP + half, t=_text("建物の性能（上ほど高い順位）", 16, TOP + half, 12, "middle")
        ),
    ]
    words = "、".join(_words(mark) for mark in marks)
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="chart-svg portfolio-svg" role="img" aria-labelledby="{id}-title" '
        'aria-describedby="{id}-desc" viewBox="0 0 {w} {w}" width="{w}" height="{w}" font-family="{fonts}" fill="{ink}">'
        '<title id="{id}-title">{title}</title><desc id="{id}-desc">{desc}</desc>'
        '<rect width="{w}" height="{w}" fill="#ffffff"/>{body}</svg>'
    ).format(
        id=id, w=SIZE, fonts=FONTS, ink=INK,
        title=Markup(safe_text(title)),  # noqa: S704 - safe_text escapes
        desc=Markup(safe_text(words)),  # noqa: S704 - safe_text escapes
        body=Markup("").join([*grounds, lines, *axes, *names, *dots, *numbers]),
    )  # fmt: skip


def _radius(cost: float | None, most: float) -> float:
    """The area of a mark grows with the cost."""
    if cost is None or most <= 0:
        return _LEAST
    return max(_LEAST, _MOST * sqrt(max(cost, 0.0) / most))


def _place(mark: Mark) -> tuple[float, float]:
    """Middle of a mark: the largest one stays inside of the frame, whose outside is for the names of the quadrants."""
    inner = SIDE - 2 * (_MOST + 1)
    return LEFT + _MOST + 1 + mark.x * inner, TOP + _MOST + 1 + (1 - mark.y) * inner


def _number(mark: Mark) -> Markup:
    x, y = _place(mark)
    return Markup(
        '<g stroke="#ffffff" stroke-width="3" paint-order="stroke" pointer-events="none">{}</g>'
    ).format(_text(str(mark.number), x, y + 4, 11, "middle"))


def _dot(mark: Mark, radius: float) -> Markup:
    x, y = _place(mark)
    dash = Markup(' stroke-dasharray="3 2"') if mark.cost is None else Markup("")
    return Markup(
        '<circle cx="{:.1f}" cy="{:.1f}" r="{:.1f}" fill="{}" fill-opacity="0.8" stroke="#1f5fa8" stroke-width="2"{}>'
        "<title>{}</title></circle>"
    ).format(x, y, radius, FILLED if mark.complete else HOLLOW, dash, Markup(safe_text(_words(mark))))  # noqa: S704 - safe_text escapes


def _words(mark: Mark) -> str:
    return f"{mark.number} {mark.name}" + (f"（{mark.known}）" if mark.known else "")


def _text(words: str, x: float, y: float, size: float, anchor: str = "start") -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" font-size="{}" text-anchor="{}">{}</text>').format(
        x, y, size, anchor, Markup(safe_text(words))  # noqa: S704 - safe_text escapes
    )  # fmt: skip
