"""A still picture of some features over the outline of the municipality: one SVG, no script, made from GeoJSON texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from maps.escape import safe_text
from maps.palettes import GROUND, OUTLINE, YLGNBU
from maps.paper import View

MOST = 2000
"""More shapes than this would be a black picture and a slow page."""
_AROUND = "#8a939d"
_THIN_PX = 0.5


def picture(
    shapes: Sequence[str],
    outline: str | None,
    label: str,
    *,
    width: int = 640,
    height: int = 420,
    near: bool = False,
) -> Markup | None:
    """The drawing; None where there is nothing to draw. `near` frames the shapes, else the whole outline is shown."""
    import shapely

    drawn = [shapely.from_geojson(text) for text in shapes[:MOST]]
    if not drawn:
        return None
    around = shapely.from_geojson(outline) if outline else None
    frame = drawn if near or around is None else [*drawn, around]
    view = View(shapely.total_bounds(frame), width, height, margin=0.06 if not near else 0.25)
    body = [Markup('<rect width="{}" height="{}" fill="{}"/>').format(width, height, GROUND)]
    if outline is not None:
        body.append(
            Markup('<path d="{}" fill="#ffffff" stroke="{}" stroke-width="1.2"/>').format(
                view.paths(outline, _THIN_PX), _AROUND
            )
        )
    body += _marks(view, shapes[:MOST], [shape.geom_type == "Point" for shape in drawn])
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="features-picture" role="img" aria-label="{label}" '
        'viewBox="0 0 {w} {h}" width="{w}" height="{h}"><title>{label}</title>{body}</svg>'
    ).format(
        label=Markup(safe_text(label)),  # noqa: S704 - safe_text escapes
        w=width,
        h=height,
        body=Markup("").join(body),
    )


def _marks(view: View, texts: Iterable[str], are_points: Iterable[bool]) -> Iterable[Markup]:
    """Areas first, points above them."""
    import shapely

    points = []
    for text, is_point in zip(texts, are_points, strict=True):
        if is_point:
            at = shapely.from_geojson(text)
            points.append(view.xy(at.x, at.y))
            continue
        yield Markup(
            '<path d="{}" fill="{}" fill-opacity="0.55" fill-rule="evenodd" stroke="{}" stroke-width="1" '
            'stroke-linejoin="round"/>'
        ).format(view.paths(text, _THIN_PX), YLGNBU[2], OUTLINE)
    for x, y in points:
        yield Markup(
            '<circle cx="{:.1f}" cy="{:.1f}" r="4" fill="{}" stroke="#ffffff" stroke-width="1.2"/>'
        ).format(x, y, YLGNBU[3])
