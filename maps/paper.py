"""The map on paper: one static SVG, in the colours and outline of the maps on the screen, made without a browser.

North is up. Lengths keep their proportions around the middle of the map; over the few kilometres of an
association's area the error stays below a line's width.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from kyodo_geo.lookup.areas import metres_per_degree
from maps.escape import safe_text
from maps.palettes import GROUND, OUTLINE, YLGNBU

MARGIN = 0.2
"""Free ground around the area, as a share of its own extent."""
LEAST_M = 250.0
"""A map of a single block would show nothing that a reader knows."""
_BARS_M = (50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_NEIGHBOUR = "#8a939d"
FONTS = "Noto Sans CJK JP, Noto Sans JP, BIZ UDPGothic, Meiryo, sans-serif"


@dataclass(frozen=True, slots=True)
class Label:
    """A name at a point: `town` (a name on the ground) or `place` (a marked building)."""

    text: str
    lon: float
    lat: float
    kind: str = "town"


@dataclass(frozen=True, slots=True)
class Here:
    """The place that was asked for lies within `radius_m` of the point."""

    lon: float
    lat: float
    radius_m: float = 0.0


@dataclass(frozen=True, slots=True)
class PaperMapSpec:
    """What to draw, in which size (CSS pixels). Geometries are GeoJSON texts, lon/lat.

    `dots` are places (lon, lat) that are shown even where a label has no room.
    `mono` is for printers that know black and white only: the area has a bold border and no tint.
    """

    area: str
    title: str
    neighbours: tuple[str, ...] = ()
    labels: tuple[Label, ...] = ()
    here: Here | None = None
    dots: tuple[tuple[float, float], ...] = ()
    width: int = 640
    height: int = 420
    font: float = 12.0
    mono: bool = False


class View:
    """lon/lat → pixels of the paper."""

    def __init__(self, bounds: Sequence[float], width: int, height: int, *, margin: float = MARGIN) -> None:
        west, south, east, north = bounds
        self.lon, self.lat = (west + east) / 2, (south + north) / 2
        self.east, self.north = metres_per_degree(self.lat)
        wide = max((east - west) * self.east * (1 + 2 * margin), LEAST_M)
        high = max((north - south) * self.north * (1 + 2 * margin), LEAST_M)
        self.metre = min(width / wide, height / high)
        self.width, self.height = width, height

    def xy(self, lon: float, lat: float) -> tuple[float, float]:
        return (
            self.width / 2 + (lon - self.lon) * self.east * self.metre,
            self.height / 2 - (lat - self.lat) * self.north * self.metre,
        )

    def paths(self, geometry: str, thin: float = 0.25) -> str:
        """SVG path data of an area, thinned to what a printer can show and cut at the paper's edge."""
        import numpy as np
        import shapely

        def project(points: Any) -> Any:
            return np.column_stack(self.xy(points[:, 0], points[:, 1]))

        shape = shapely.transform(shapely.from_geojson(geometry), project).simplify(thin)
        cut = shapely.clip_by_rect(shape, -9, -9, self.width + 9, self.height + 9)
        parts = [part for part in getattr(cut, "geoms", [cut]) if part.geom_type == "Polygon"]
        rings = [ring for part in parts if not part.is_empty for ring in (part.exterior, *part.interiors)]
        return "".join(
            "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in list(ring.coords)[:-1]) + "Z" for ring in rings
        )


def bounds_around(area: str, width: int, height: int) -> tuple[float, float, float, float]:
    """West, south, east, north of the ground that the map will show: what is worth asking the database for."""
    import shapely

    view = View(shapely.from_geojson(area).bounds, width, height)
    half_x = width / 2 / view.metre / view.east
    half_y = height / 2 / view.metre / view.north
    return (view.lon - half_x, view.lat - half_y, view.lon + half_x, view.lat + half_y)


def paper_map(spec: PaperMapSpec) -> Markup:
    """The SVG. Names are escaped; equal specifications give equal bytes."""
    import shapely

    view = View(shapely.from_geojson(spec.area).bounds, spec.width, spec.height)
    body = [Markup('<rect width="{}" height="{}" fill="{}"/>').format(spec.width, spec.height, _ground(spec))]
    body += [_outline(view.paths(item)) for item in spec.neighbours]
    fill, opacity, weight = ("none", 0, 3.2) if spec.mono else (YLGNBU[1], 0.55, 2.4)
    body.append(
        Markup(
            '<path class="area" d="{}" fill="{}" fill-opacity="{}" fill-rule="evenodd" stroke="{}" '
            'stroke-width="{}" stroke-linejoin="round"/>'
        ).format(view.paths(spec.area), fill, opacity, OUTLINE, weight)
    )
    if spec.here is not None:
        body.append(_place(view, spec.here))
    bar, bar_box = _scale(view, spec)
    arrow, arrow_box = _north(spec)
    body += [
        *_names(spec, view, [bar_box, arrow_box]),
        *(_dot(*view.xy(*at)) for at in spec.dots),
        bar,
        arrow,
    ]
    frame = Markup('<rect x="1" y="1" width="{}" height="{}" fill="none" stroke="{}"/>').format(
        spec.width - 2, spec.height - 2, OUTLINE
    )
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="paper-map" role="img" aria-label="{label}" '
        'viewBox="0 0 {w} {h}" overflow="hidden" width="{w}" height="{h}" font-family="{fonts}" font-size="{size:g}">'
        "<title>{label}</title>{body}</svg>"
    ).format(
        label=Markup(safe_text(f"{spec.title}の区域の地図")),  # noqa: S704 - safe_text escapes
        w=spec.width,
        h=spec.height,
        fonts=FONTS,
        size=spec.font,
        body=Markup("").join([*body, frame]),
    )


def _ground(spec: PaperMapSpec) -> str:
    return "#ffffff" if spec.mono else GROUND


def _outline(path: str) -> Markup:
    return Markup(
        '<path class="neighbour" d="{}" fill="none" stroke="{}" stroke-width="1" stroke-dasharray="4 3"/>'
    ).format(path, _NEIGHBOUR)


def _place(view: View, here: Here) -> Markup:
    """A ring as wide as the place is uncertain; a dot only where the ring would be smaller than one."""
    x, y = view.xy(here.lon, here.lat)
    radius = here.radius_m * view.metre
    if radius < 8:
        return Markup(
            '<circle class="here" cx="{x:.1f}" cy="{y:.1f}" r="7" fill="#ffffff" stroke="{ink}" stroke-width="3"/>'
            '<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{ink}"/>'
        ).format(x=x, y=y, ink=OUTLINE)
    return Markup(
        '<circle class="here" cx="{:.1f}" cy="{:.1f}" r="{:.1f}" fill="none" stroke="{}" stroke-width="2" '
        'stroke-dasharray="6 4"/>'
    ).format(x, y, radius, OUTLINE)


Box = tuple[float, float, float, float]


def _names(spec: PaperMapSpec, view: View, taken: list[Box]) -> Iterable[Markup]:
    """Labels in their order, each where it neither covers another nor runs over the edge."""
    for label in spec.labels:
        x, y = view.xy(label.lon, label.lat)
        wide, high = _width(label.text, spec.font), spec.font * 1.25
        mark = label.kind == "place"
        top = y + 5 if mark else y - high / 2
        box = (x - wide / 2 - 2, (y - 5 if mark else top) - 1, x + wide / 2 + 2, top + high + 1)
        if not _fits(box, spec) or any(_meet(box, other) for other in taken):
            continue
        taken.append(box)
        dot = Markup("")
        if mark:
            dot = _dot(x, y)
        yield dot + Markup(
            '<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="#ffffff" fill-opacity="0.75"/>'
            '<text x="{:.1f}" y="{:.1f}" text-anchor="middle" fill="{}">{}</text>'
        ).format(
            x - wide / 2 - 1,
            top,
            wide + 2,
            high,
            x,
            top + spec.font,
            OUTLINE,
            Markup(safe_text(label.text)),  # noqa: S704 - safe_text escapes
        )


def _dot(x: float, y: float) -> Markup:
    return Markup(
        '<circle cx="{:.1f}" cy="{:.1f}" r="4" fill="#ffffff" stroke="{}" stroke-width="2"/>'
    ).format(x, y, OUTLINE)


def _width(text: str, font: float) -> float:
    return sum(font if ord(char) > 0x2FF else font * 0.6 for char in text)


def _fits(box: Box, spec: PaperMapSpec) -> bool:
    return box[0] >= 2 and box[1] >= 2 and box[2] <= spec.width - 2 and box[3] <= spec.height - 2


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _scale(view: View, spec: PaperMapSpec) -> tuple[Markup, Box]:
    longest = spec.width * 0.3
    metres = max((bar for bar in _BARS_M if bar * view.metre <= longest), default=_BARS_M[0])
    wide = metres * view.metre
    x, y = 10.0, spec.height - 12.0
    text = f"{metres:,} m" if metres < 1000 else f"{metres // 1000} km"
    box = (4.0, y - spec.font * 1.5, 10 + max(wide, _width(text, spec.font)) + 8, float(spec.height))
    drawn = Markup(
        '<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="#ffffff" fill-opacity="0.85"/>'
        '<path d="M{:.1f} {:.1f}v5h{:.1f}v-5" fill="none" stroke="{}" stroke-width="2"/>'
        '<text x="{:.1f}" y="{:.1f}" fill="{}">{}</text>'
    ).format(box[0], box[1], box[2] - box[0], box[3] - box[1], x, y, wide, OUTLINE, x, y - 4, OUTLINE, text)
    return drawn, box


def _north(spec: PaperMapSpec) -> tuple[Markup, Box]:
    x = spec.width - spec.font - 4
    box = (x - spec.font, 0.0, float(spec.width), spec.font * 3.6)
    high = spec.font * 1.7
    drawn = Markup(
        '<path d="M{x:.1f} 6l{h:.1f} {v:.1f}l-{h:.1f} -{s:.1f}l-{h:.1f} {s:.1f}z" fill="{ink}"/>'
        '<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" fill="{ink}">北</text>'
    ).format(x=x, h=spec.font * 0.55, v=high, s=spec.font * 0.45, y=high + spec.font + 6, ink=OUTLINE)
    return drawn, box
