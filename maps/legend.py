"""Our own legend: plain HTML beside the map, drawn with the very fills and opacities of the map.

Swatches are inline SVG: presentation attributes need no inline style (the pages' CSP refuses those), and
hatches come from the same patterns as on the map.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from kyodo_geo.classes import NO_DATA, WITHHELD, LegendRow, legend_rows
from maps import patterns
from maps.palettes import FILL_OPACITY, OUTLINE

DISTRICTS = "地区"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: swatch, wording and how many things fall into it (None: not counted, as for a line or symbol).

    `size` is the radius of a `circle` in pixels; `overlay` names the layer that can be switched off with its line.
    """

    label: str
    fill: str
    count: int | None = None
    symbol: str = "area"
    key: str = ""
    opacity: float = FILL_OPACITY
    size: float = 0.0
    overlay: str | None = None


def class_entries(
    values: Sequence[float | None], withheld: Sequence[bool], breaks: Sequence[float], colours: Sequence[str]
) -> list[Entry]:
    """Lines of a choropleth, highest class first. Withheld values are a class of their own, where there are any."""
    shown = [value for value, hidden in zip(values, withheld, strict=True) if not hidden]
    entries = [_entry(row, colours) for row in legend_rows(shown, breaks)]
    hidden = sum(withheld)
    if hidden:
        entries.append(Entry(WITHHELD, patterns.WITHHELD, hidden, key="withheld"))
    return entries


def _entry(row: LegendRow, colours: Sequence[str]) -> Entry:
    if row.index is None:
        return Entry(NO_DATA, patterns.NO_DATA, row.count, key="missing")
    return Entry(row.label, colours[row.index], row.count, key=f"class-{row.index}")


_AREA = Markup(
    '<rect x="1" y="1" width="34" height="22" fill="{fill}" fill-opacity="{opacity}" stroke="{ink}" stroke-width="1.5"/>'
)
_SYMBOLS = {
    "area": _AREA,
    "point": Markup('<circle cx="18" cy="12" r="7" fill="{fill}" stroke="{ink}" stroke-width="2"/>'),
    "ring": Markup(
        '<circle cx="18" cy="12" r="10" fill="none" stroke="{ink}" stroke-width="1.5" stroke-dasharray="4 3"/>'
    ),
    "line": Markup('<path d="M1 12h34" fill="none" stroke="{ink}" stroke-width="2" stroke-dasharray="6 5"/>'),
    "place": Markup(
        '<circle cx="18" cy="12" r="8" fill="#ffffff" stroke="{ink}" stroke-width="3"/>'
        '<circle cx="18" cy="12" r="3" fill="{ink}"/>'
    ),
}


_CIRCLE = Markup(
    '<svg class="swatch swatch-circle" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}" aria-hidden="true">'
    '<circle cx="{x}" cy="{y}" r="{r:.1f}" fill="{fill}" fill-opacity="{opacity}" stroke="{ink}" stroke-width="2"/>'
    "</svg>"
)


def _circle(entry: Entry) -> Markup:
    high = max(24, 2 * round(entry.size + 2))
    wide = max(36, high)
    return _CIRCLE.format(
        wide=wide,
        high=high,
        x=wide / 2,
        y=high / 2,
        r=entry.size,
        fill=entry.fill,
        opacity=entry.opacity,
        ink=OUTLINE,
    )


def swatch(entry: Entry) -> Markup:
    """The sample of a line, as SVG."""
    if entry.symbol == "circle":
        return _circle(entry)
    shape = _SYMBOLS[entry.symbol].format(fill=entry.fill, opacity=entry.opacity, ink=OUTLINE)
    return Markup(
        '<svg class="swatch" width="36" height="24" viewBox="0 0 36 24" aria-hidden="true">{}</svg>'
    ).format(shape)


def legend(title: str, unit: str, entries: Iterable[Entry], counter: str = DISTRICTS) -> Markup:
    """The legend as a list: title, unit, one line per class with its number of `counter`s, and their sum."""
    items = []
    total = 0
    for entry in entries:
        count = Markup("")
        if entry.count is not None:
            total += entry.count
            count = Markup('<span class="legend-count" data-count="{0}">{0} {1}</span>').format(
                entry.count, counter
            )
        overlay = Markup(' data-overlay="{}"').format(entry.overlay) if entry.overlay else Markup("")
        items.append(
            Markup('<li data-class="{}"{}>{}<span class="legend-label">{}</span>{}</li>').format(
                entry.key, overlay, swatch(entry), entry.label, count
            )
        )
    return Markup(
        '<section class="legend" aria-labelledby="legend-heading"><h3 id="legend-heading">凡例</h3>'
        '<p class="legend-unit">{}<span>（{}）</span></p><ul class="legend-list" role="list">{}</ul>'
        '<p class="legend-sum" data-sum="{}">合計 {} {}</p></section>'
    ).format(title, unit, Markup("").join(items), total, total, counter)
