"""Charts of a few years or a few classes as inline SVG, each with the table of the very numbers it shows.

Made on the server by pygal: `line_chart` and `bar_chart` take a `Chart` and give a `BuiltChart`. A page shows it by
`{% from "charts.html" import chart_figure %}{{ chart_figure(built) }}` (figure, legend and table) and links
`/map-static/charts.css`. There is no script and no inline style (the pages' CSP refuses both); the colours
are presentation attributes, so that the SVG is the same on paper (WeasyPrint takes `built.svg` as it is).

Equal charts give equal bytes. A series is told from another by its dash and the shape of its points too, not by colour alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import ceil, floor, isfinite, log10
from typing import Literal

from markupsafe import Markup

from maps.chart_svg import LOOKS, drawn, legend_of
from maps.escape import safe_id

Kind = Literal["measured", "compare", "target"]
NO_DATA = "データなし"
_MARKS_ON_AXIS = 5


@dataclass(frozen=True, slots=True)
class Series:
    """One line or one group of bars. `values` are in the chart's unit (87.5 for 87.5 %), one per place on the x axis.

    `measured` is what the chart is about (solid, its values written beside its points), `compare` what it is held
    against, `target` a path to be followed: points without a value are bridged there, and gaps in the others.
    `absent` says in the table why a value is not there (one word for all, or one per value). `spans` are intervals
    (low, high) around values, as of a survey.
    """

    label: str
    values: tuple[float | None, ...]
    kind: Kind = "measured"
    absent: str | tuple[str, ...] = NO_DATA
    spans: tuple[tuple[float, float] | None, ...] = ()

    def word(self, index: int) -> str:
        """Why the value at `index` is missing."""
        return self.absent if isinstance(self.absent, str) else self.absent[index]


@dataclass(frozen=True, slots=True)
class Chart:
    """What to draw. Every text is shown as text, whatever is in it.

    `id` must be unique on the page (digits, Latin letters, `_`, `-`). `x` are short marks on the axis (R6), `rows`
    the same in full for the table (令和6年度(2024年度)); empty: the same. `bounds` fixes the y axis (a share: 0, 100).
    """

    id: str
    title: str
    x: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str
    digits: int = 0
    heading: str = "年度"
    rows: tuple[str, ...] = ()
    bounds: tuple[float, float] | None = None
    width: int = 440
    height: int = 260


@dataclass(frozen=True, slots=True)
class ChartTable:
    """The numbers of a chart: `rows` are (heading of the row, texts of its cells)."""

    caption: str
    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class BuiltChart:
    """A drawn chart. `summary` says in words what it shows (it is the SVG's description too); `note` warns of an
    axis that does not begin at 0 and is empty otherwise. `empty`: nothing could be drawn, `svg` is empty."""

    id: str
    title: str
    svg: Markup
    legend: Markup
    summary: str
    note: str
    table: ChartTable

    @property
    def empty(self) -> bool:
        return not self.svg


def line_chart(chart: Chart) -> BuiltChart:
    """Lines over years. Raises ValueError for series of another length than `x`, values that are no finite numbers,
    a kind that occurs twice or an unfit id."""
    return _built(chart, "line")


def bar_chart(chart: Chart) -> BuiltChart:
    """Bars from 0, side by side for several series. Raises as `line_chart` does."""
    return _built(chart, "bar")


def value_text(value: float, chart: Chart) -> str:
    """A value as chart, table and description write it: 87.5 %, 1,200 千円."""
    return f"{_number(value, chart.digits)} {chart.unit}".rstrip()


def _number(value: float, digits: int) -> str:
    """Rounded half up as pages round, not half to even."""
    return f"{Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):,f}"


def _built(chart: Chart, form: Literal["line", "bar"]) -> BuiltChart:
    _check(chart)
    found = [value for series in chart.series for value in series.values if value is not None]
    reach = found + [edge for series in chart.series for span in series.spans if span for edge in span]
    summary = _summary(chart)
    if not found:
        return BuiltChart(chart.id, chart.title, Markup(""), Markup(""), summary, "", _table(chart))
    lowest, highest = chart.bounds or (min(reach), max(reach))
    marks = axis_marks(min(lowest, 0) if form == "bar" else lowest, highest, whole=chart.digits == 0)
    off_zero = form == "line" and marks[0] > 0
    return BuiltChart(
        id=chart.id,
        title=chart.title,
        svg=drawn(
            chart,
            form,
            [(mark, _mark(mark, marks, chart)) for mark in marks],
            summary,
            lambda value: _number(value, chart.digits),
        ),
        legend=legend_of(chart.series, form) if len(chart.series) > 1 else Markup(""),
        summary=summary,
        note=f"縦軸は 0 ではなく {_mark(marks[0], marks, chart)} から始まっています。" if off_zero else "",
        table=_table(chart),
    )


def _check(chart: Chart) -> None:
    safe_id(chart.id)
    if chart.rows and len(chart.rows) != len(chart.x):
        raise ValueError("rows and x must have the same length")
    kinds = [series.kind for series in chart.series]
    if len(set(kinds)) != len(kinds) or not set(kinds) <= set(LOOKS):
        raise ValueError("each kind of series may occur once")
    for series in chart.series:
        if len(series.values) != len(chart.x) or (series.spans and len(series.spans) != len(chart.x)):
            raise ValueError("a series must have one value per place on the x axis")
        if any(value is not None and not isfinite(value) for value in series.values):
            raise ValueError("a value is not a finite number")


def axis_marks(low: float, high: float, *, whole: bool = False) -> list[float]:
    """Round marks (1, 2, 2.5 or 5 times a power of ten apart) with `low` and `high` between the first and the last;
    `whole` keeps them to whole numbers. Equal `low` and `high` stand in the middle."""
    if low == high:
        spare = abs(high) * 0.05 if not whole else max(1.0, abs(high) * 0.05)
        low, high = (low - spare, high + spare) if low else (0.0, 1.0)
    rough = (high - low) / (_MARKS_ON_AXIS - 1)
    power = 10.0 ** floor(log10(rough))
    steps = [factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999]
    step = next((step for step in steps if step >= 1 and step.is_integer()), 1.0) if whole else steps[0]
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(index * step, 9) for index in range(first, max(last, first + 1) + 1)]


def _mark(value: float, marks: Sequence[float], chart: Chart) -> str:
    """A mark of the axis with as many digits as the marks need to differ."""
    digits = 0 if all(float(mark).is_integer() for mark in marks) else max(chart.digits, 1)
    return f"{_number(value, digits)}{'%' if chart.unit == '%' else ''}"


def _table(chart: Chart) -> ChartTable:
    rows = []
    for index, place in enumerate(chart.rows or chart.x):
        rows.append((place, tuple(_cell(series, index, chart) for series in chart.series)))
    return ChartTable(chart.title, chart.heading, tuple(series.label for series in chart.series), tuple(rows))


def _cell(series: Series, index: int, chart: Chart) -> str:
    value = series.values[index]
    if value is None:
        return "" if series.kind == "target" else series.word(index)
    text = value_text(value, chart)
    span = series.spans[index] if series.spans else None
    if span is None:
        return text
    return f"{text}（{_number(span[0], chart.digits)}〜{_number(span[1], chart.digits)}）"


def _summary(chart: Chart) -> str:
    """First and last value of every series and what is missing, in words."""
    places = chart.rows or chart.x
    said = []
    for series in chart.series:
        held = [
            (place, value) for place, value in zip(places, series.values, strict=True) if value is not None
        ]
        if not held:
            said.append(f"{series.label}：{NO_DATA}。")
        elif len(held) == 1:
            said.append(f"{series.label}：{held[0][0]}に {value_text(held[0][1], chart)}。")
        else:
            (first, start), (last, end) = held[0], held[-1]
            said.append(
                f"{series.label}：{first}に {value_text(start, chart)}、{last}に {value_text(end, chart)}。"
            )
        gaps = len(places) - len(held)
        if held and gaps and series.kind != "target":
            said.append(f"値のない{chart.heading}が {gaps} つあります。")
    return "".join(said)
