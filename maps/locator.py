"""A small map that shows where one district lies among all: one static SVG without names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from maps.escape import safe_text
from maps.palettes import GROUND, OUTLINE, YLGNBU
from maps.paper import View

_OTHER = "#8a939d"
_THIN_PX = 0.5


@dataclass(frozen=True, slots=True)
class Locator:
    """Outlines of all districts, thinned to the size of the map, so that they are cheap to keep."""

    paths: Mapping[int, str]
    width: int
    height: int

    @classmethod
    def of(cls, areas: Mapping[int, str], *, width: int = 240, height: int = 240) -> Locator:
        """From GeoJSON texts, lon/lat, by district number."""
        import shapely

        if not areas:
            return cls({}, width, height)
        bounds = shapely.total_bounds([shapely.from_geojson(text) for text in areas.values()])
        view = View(bounds, width, height, margin=0.02)
        return cls({no: view.paths(text, _THIN_PX) for no, text in areas.items()}, width, height)

    def drawn(self, no: int, name: str) -> Markup | None:
        """The map with one district filled; None where its area is not known."""
        if no not in self.paths:
            return None
        others = [
            Markup('<path d="{}" fill="#ffffff" stroke="{}" stroke-width="0.8"/>').format(path, _OTHER)
            for other, path in sorted(self.paths.items())
            if other != no
        ]
        return Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" class="locator-map" role="img" aria-label="{label}" '
            'viewBox="0 0 {w} {h}" width="{w}" height="{h}"><title>{label}</title>'
            '<rect width="{w}" height="{h}" fill="{ground}"/>{others}'
            '<path class="chosen" d="{path}" fill="{fill}" stroke="{ink}" stroke-width="1.6"/></svg>'
        ).format(
            label=Markup(safe_text(f"{name}の市内での位置")),  # noqa: S704 - safe_text escapes
            w=self.width,
            h=self.height,
            ground=GROUND,
            others=Markup("").join(others),
            path=self.paths[no],
            fill=YLGNBU[3],
            ink=OUTLINE,
        )
