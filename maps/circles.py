"""Counts as circles whose area is proportional to the number, and their legend.

A choropleth of counts would only show how large the districts are; the eye compares areas of circles instead.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from maps.drawing import Layer
from maps.escape import Feature
from maps.palettes import OUTLINE
from maps.shapes import point
from maps.specs import District

FILL = "#ffffff"
OPACITY = 0.55
LARGEST_PX = 30.0
"""Radius that no circle exceeds, so that one error in the data does not hide the map."""


@dataclass(frozen=True, slots=True)
class Scale:
    """`one_px`: radius of a count of 1 in CSS pixels, the same in every year; `steps`: counts the legend shows."""

    one_px: float
    steps: tuple[int, ...]

    def radius(self, count: float) -> float:
        """Radius in pixels."""
        return min(LARGEST_PX, round(self.one_px * math.sqrt(count), 1))


def circle_layer(districts: Sequence[District], counts: dict[int, int | None], scale: Scale) -> Layer:
    """A circle at the label point of each district with a count above 0. A click goes through to the district."""
    features = []
    radii = {}
    for district in districts:
        count = counts.get(district.no)
        if count and district.label_lon is not None and district.label_lat is not None:
            radii[district.no] = scale.radius(count)
            features.append(Feature(district.no, point(district.label_lon, district.label_lat)))
    return Layer(
        "circles",
        features,
        lambda no: {
            "radius": radii[int(no)],
            "fill": True,
            "fillColor": FILL,
            "fillOpacity": OPACITY,
            "color": OUTLINE,
            "weight": 1.8,
        },
        marker="point",
    )


def circle_legend(title: str, unit: str, scale: Scale, withheld: str = "") -> Markup:
    """What the circles mean, with samples of the legend's steps in the size they have on the map."""
    of = "額" if unit == "円" else f"{unit}数"
    items = []
    for count in scale.steps:
        r = scale.radius(count)
        size = math.ceil(2 * r + 4)
        svg = Markup(
            '<svg class="circle-sample" width="{s}" height="{s}" viewBox="0 0 {s} {s}" aria-hidden="true">'
            '<circle cx="{c}" cy="{c}" r="{r}" fill="{fill}" stroke="{ink}" stroke-width="1.8"/></svg>'
        ).format(s=size, c=size / 2, r=r, fill=FILL, ink=OUTLINE)
        items.append(Markup("<li>{}<span>{:,} {}</span></li>").format(svg, count, unit))
    note = Markup('<p class="legend-note">{}</p>').format(withheld) if withheld else Markup("")
    return Markup(
        '<section class="legend circle-legend" aria-labelledby="circle-legend-heading">'
        '<h3 id="circle-legend-heading">円の大きさ</h3><p class="legend-unit">{}'
        '<span>（円の面積が{}に比例）</span></p><ul class="circle-steps" role="list">{}</ul>{}</section>'
    ).format(title, of, Markup("").join(items), note)
