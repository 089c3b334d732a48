"""From pygal's drawing to ours: what pygal placed, with our classes and colours, and nothing else of it.

pygal writes a style sheet, a script, its version and the day into every SVG. Only shapes, places and the texts of the
axes are taken over, element by element; so the bytes depend on the numbers alone and fit a strict CSP.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from maps.engine import load_pygal
from maps.escape import safe_text
from maps.paper import FONTS

if TYPE_CHECKING:
    from maps.charts import Chart, Series

INK = "#10151c"
_GUIDE = "#d0d5db"
_AXIS = "#5b6570"
_FONT = 13
_RADIUS = 4.0


@dataclass(frozen=True, slots=True)
class Look:
    """How a kind of series is drawn: colour, dashes of its line, shape of its points."""

    colour: str
    dash: str
    shape: str
    width: float


LOOKS = {
    "measured": Look("#1f5fa8", "", "circle", 2.5),
    "compare": Look("#a5470c", "7 4", "square", 2.0),
    "target": Look("#4a5560", "2 4", "diamond", 2.0),
}
"""By kind of series; every colour has a contrast of 4.5:1 or more to white."""


def drawn(
    chart: Chart, form: str, marks: Sequence[tuple[float, str]], summary: str, write: Callable[[float], str]
) -> Markup:
    """The SVG: an image with title and description. `marks` are places and texts on the y axis, `write` gives the text
    of a value beside its point."""
    reader = _Reader(chart, form, write)
    reader.read(_plotted(chart, form, marks))
    layers = [reader.shapes, reader.points]
    # What the chart is about lies on top of what it is held against.
    drawn_last = sorted(LOOKS, key=lambda kind: kind == "measured")
    inside = [shape for layer in layers for kind in drawn_last for shape in layer.get(kind, [])]
    body = Markup("").join([*reader.guides, *inside, *reader.texts])
    size = {"w": chart.width, "h": chart.height}
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="chart-svg" role="img" aria-labelledby="{id}-title" '
        'aria-describedby="{id}-desc" viewBox="0 0 {w} {h}" width="{w}" height="{h}" font-family="{fonts}" '
        'font-size="{font}" fill="{ink}"><title id="{id}-title">{title}</title><desc id="{id}-desc">{desc}</desc>'
        '<rect class="chart-ground" width="{w}" height="{h}" fill="#ffffff"/>{body}</svg>'
    ).format(
        id=chart.id,
        fonts=FONTS,
        font=_FONT,
        ink=INK,
        title=Markup(safe_text(chart.title)),  # noqa: S704 - safe_text escapes
        desc=Markup(safe_text(summary)),  # noqa: S704 - safe_text escapes
        body=body,
        **size,
    )


def legend_of(series: Sequence[Series], form: str) -> Markup:
    """A list that names the series, each with a sample of its line and point (or of its bar)."""
    items = []
    for item in series:
        look = LOOKS[item.kind]
        if form == "bar":
            sample = Markup('<rect x="11" y="3" width="14" height="16" fill="{}" stroke="{}"/>').format(
                _bar_fill(look), look.colour
            )
        else:
            sample = _stroke("M1 11H35", look) + _point(18, 11, look)
        items.append(
            Markup(
                '<li><svg class="chart-sample" width="36" height="22" viewBox="0 0 36 22" aria-hidden="true">{}</svg>'
                "<span>{}</span></li>"
            ).format(sample, item.label)
        )
    return Markup('<ul class="chart-legend" role="list">{}</ul>').format(Markup("").join(items))


def _plotted(chart: Chart, form: str, marks: Sequence[tuple[float, str]]) -> Any:
    """pygal's tree of the chart."""
    pygal = load_pygal()

    plot = {"line": pygal.Line, "bar": pygal.Bar}[form](
        width=chart.width,
        height=chart.height,
        js=[],
        css=[],
        no_prefix=True,
        style=pygal.style.Style(label_font_size=_FONT, major_label_font_size=_FONT),
        show_legend=False,
        truncate_label=200,
        margin_top=22,
        margin_right=22,
        margin_bottom=10,
        # pygal measures texts as if they were Latin; the marks of the y axis are numbers, so it is right there.
        margin_left=8,
        range=(marks[0][0], marks[-1][0]),
        zero=0 if form == "bar" else marks[0][0],
        dots_size=_RADIUS,
    )
    plot.x_labels = list(chart.x)
    plot.y_labels = [{"label": label, "value": mark} for mark, label in marks]
    for series in chart.series:
        values = [_value(series, index) for index in range(len(series.values))]
        plot.add(series.kind, values, allow_interruptions=series.kind != "target")
    return plot.render_tree()


def _value(series: Series, index: int) -> Any:
    value = series.values[index]
    span = series.spans[index] if series.spans else None
    if value is None or span is None:
        return value
    return {"value": value, "ci": {"low": span[0], "high": span[1]}}


class _Reader:
    """Walks pygal's tree and keeps what is to be seen, in the order guides, shapes, points, texts."""

    def __init__(self, chart: Chart, form: str, write: Callable[[float], str]) -> None:
        self.chart, self.form, self.write = chart, form, write
        self.guides: list[Markup] = []
        self.shapes: dict[str, list[Markup]] = {}
        self.points: dict[str, list[Markup]] = {}
        self.texts: list[Markup] = []
        self._every = _label_step(chart)
        self._next = {series.kind: _held(series) for series in chart.series}
        if chart.unit and chart.unit != "%":
            self.texts.append(_text(f"（{chart.unit}）", 2, 14, anchor="start"))

    def read(self, node: Any, at: tuple[float, float] = (0.0, 0.0), series: Series | None = None) -> None:
        """Everything below `node`; `at` is where its coordinates begin."""
        classes = set((node.get("class") or "").split())
        if "tooltip-overlay" in classes or "text-overlay" in classes:
            return
        at = _moved(at, node.get("transform"))
        for name in classes:
            if name.startswith("serie-"):
                series = self.chart.series[int(name.removeprefix("serie-"))]
        if "axis" in classes:
            self._axis(node, at, "y" if "y" in classes else "x")
            return
        if series is not None:
            self._shape(node, classes, at, series)
        for child in node:
            self.read(child, at, series)

    def _axis(self, axis: Any, at: tuple[float, float], which: str) -> None:
        marks = [node for node in axis if "guides" in (node.get("class") or "").split()]
        for index, mark in enumerate(marks):
            for node in mark:
                if node.tag == "path" and which == "y":
                    colour = _AXIS if index == 0 else _GUIDE
                    self.guides.append(
                        Markup('<path d="{}" fill="none" stroke="{}"/>').format(_path(node, at), colour)
                    )
                elif node.tag == "text" and (which == "y" or index % self._every == 0):
                    x, y = float(node.get("x")) + at[0], float(node.get("y")) + at[1]
                    anchor = "end" if which == "y" else "middle"
                    self.texts.append(_text(node.text or "", x, y, anchor=anchor))

    def _shape(self, node: Any, classes: set[str], at: tuple[float, float], series: Series) -> None:
        look = LOOKS[series.kind]
        shapes = self.shapes.setdefault(series.kind, [])
        if node.tag == "path" and "line" in classes:
            shapes.append(_stroke(_path(node, at), look))
        elif node.tag == "path":  # the interval around a point
            shapes.append(_stroke(_path(node, at), replace(look, dash="", width=1.5)))
        elif node.tag == "circle":
            x, y = float(node.get("cx")) + at[0], float(node.get("cy")) + at[1]
            self.points.setdefault(series.kind, []).append(_point(x, y, look))
            self._line_value(x, y, series)
        elif node.tag == "rect" and "rect" in classes:
            x, y, wide, high = (float(node.get(name)) for name in ("x", "y", "width", "height"))
            x, y = x + at[0], y + at[1]
            shapes.append(
                Markup(
                    '<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="{}" stroke="{}"/>'
                ).format(x, y, wide, high, _bar_fill(look), look.colour)
            )
            _, value = next(self._next[series.kind])
            if len(self.chart.x) <= _FEW:
                self._write(value, x + wide / 2, y - 5, "middle")

    def _line_value(self, x: float, y: float, series: Series) -> None:
        """The value beside its point: above it, below where another series runs there, aside from an interval."""
        index, value = next(self._next[series.kind])
        last = len(series.values) - 1
        if series.kind != "measured" or (last >= _FEW and index not in (0, last)):
            return
        # At the ends the text grows into the chart: it must not meet the marks of the axis or the edge.
        anchor = "middle" if 0 < index < last or last == 0 else ("start" if index == 0 else "end")
        if series.spans and series.spans[index]:
            aside = "end" if index == last else "start"
            self._write(value, x + (-9 if aside == "end" else 9), y + 17, aside)
            return
        others = [item.values[index] for item in self.chart.series if item is not series]
        under = any(other is not None and other >= value for other in others)
        # Not where the marks of the axis stand.
        under = under and y + 19 < self.chart.height - _FOOT
        if len(self.chart.series) == 1:
            # Where the line comes down to a point from both sides, there is room below, above the axis at least.
            beside = [near for near in series.values[max(index - 1, 0) : index + 2] if near is not None]
            under = min(beside) == value < max(beside) and y + 19 < self.chart.height - _FOOT
        self._write(value, x, y + (19 if under else -9), anchor)

    def _write(self, value: float, x: float, y: float, anchor: str) -> None:
        self.texts.append(_text(self.write(value), x, y, anchor=anchor, class_="chart-value"))


_FOOT = 38
"""Height of the marks below the x axis."""
_FEW = 8
"""So many values can be written beside their points."""
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def _held(series: Series) -> Iterator[tuple[int, float]]:
    """Index and value of what is there: pygal draws a point for these, in this order."""
    return ((index, value) for index, value in enumerate(series.values) if value is not None)


def _moved(at: tuple[float, float], transform: str | None) -> tuple[float, float]:
    if not transform:
        return at
    x, y = (float(number) for number in _NUMBER.findall(transform))
    return at[0] + x, at[1] + y


def _path(node: Any, at: tuple[float, float]) -> str:
    """Path data with absolute places, one decimal; pygal writes M, L (or nothing), h and v."""
    made: list[str] = []
    for letter, numbers in re.findall(r"([MLhv]?)\s*((?:-?\d+(?:\.\d+)?[\s,]*)+)", node.get("d")):
        held = [float(number) for number in _NUMBER.findall(numbers)]
        if letter in ("h", "v"):
            made.append(f"{letter}{held[0]:.1f}")
            continue
        pairs = zip(held[::2], held[1::2], strict=True)
        words = [f"{x + at[0]:.1f} {y + at[1]:.1f}" for x, y in pairs]
        made.append((letter or "L") + "L".join(words))
    return "".join(made)


def _stroke(path: str, look: Look) -> Markup:
    dash = Markup(' stroke-dasharray="{}"').format(look.dash) if look.dash else Markup("")
    return Markup(
        '<path d="{}" fill="none" stroke="{}" stroke-width="{}" stroke-linejoin="round"{}/>'
    ).format(path, look.colour, look.width, dash)


def _point(x: float, y: float, look: Look) -> Markup:
    place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "colour": look.colour}
    if look.shape == "circle":
        return Markup('<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>').format(**place)
    if look.shape == "square":
        return Markup(
            '<rect x="{left:.1f}" y="{top:.1f}" width="7" height="7" fill="#ffffff" stroke="{colour}" stroke-width="2"/>'
        ).format(left=x - 3.5, top=y - 3.5, **place)
    return Markup(
        '<path d="M{x} {top:.1f}l4.5 4.5l-4.5 4.5l-4.5 -4.5z" fill="#ffffff" stroke="{colour}"/>'
    ).format(top=y - 4.5, **place)


def _bar_fill(look: Look) -> str:
    """Bars differ by filled and hollow as well as by colour."""
    return look.colour if look.shape == "circle" else "#ffffff"


def _text(words: str, x: float, y: float, *, anchor: str, class_: str = "chart-mark") -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(
        class_,
        x,
        y,
        anchor,
        Markup(safe_text(words)),  # noqa: S704 - safe_text escapes
    )


def _label_step(chart: Chart) -> int:
    """Every how many marks of the x axis have room for their text."""
    widest = max((sum(1.0 if ord(char) > 0x2E7F else 0.6 for char in mark) for mark in chart.x), default=1.0)
    room = (chart.width - 90) / max(len(chart.x), 1)
    return max(1, -int(-(widest * _FONT + 4) // room))
