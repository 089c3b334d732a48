"""Layers in, folium's own parts out: the map's element and its script, never folium's page.

folium's header (which would load scripts from content networks, forbid zooming and set page-wide styles) is
thrown away; our layout loads Leaflet from this host. Ids are fixed, so equal data give equal bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from maps import patterns
from maps.basemaps import Basemap
from maps.engine import load_folium
from maps.escape import Feature, feature_collection
from maps.palettes import OUTLINE
from maps.shapes import Bounds

if TYPE_CHECKING:
    from types import ModuleType

Style = Mapping[str, Any]

JAPAN: Bounds = (138.0, 35.0, 142.0, 41.0)
"""What is shown when a map has nothing to show."""

_PANES = {
    "outline": 380,
    "districts": 400,
    "associations": 410,
    "zone_residential": 412,
    "zone_flood": 414,
    "zone_landslide": 416,
    "reach": 420,
    "circles": 430,
    "projects": 430,
    "facilities": 440,
    "places": 450,
}


@dataclass(frozen=True, slots=True)
class Layer:
    """One GeoJSON layer. `details` are (property, label) pairs of the popup; `hint` is the tooltip's property.

    `marker` says how points are drawn: `point` (a circle of fixed size on the screen) or a radius in metres.
    Leaflet draws layers in the order of their panes. The name becomes part of the script's names.
    """

    name: str
    features: Sequence[Feature]
    style: Callable[[int | str], Style]
    details: Sequence[tuple[str, str]] = ()
    hint: str | None = None
    marker: str | float | None = None


def draw(
    name: str, label: str, layers: Sequence[Layer], bounds: Bounds | None, basemap: Basemap
) -> tuple[Markup, str]:
    """The map's HTML (one element with its hatches) and its script.

    `name` becomes the script variable `map_<name>`, `label` the map's accessible name.
    """
    folium = load_folium()
    west, south, east, north = bounds or JAPAN
    shown = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=10,
        tiles=None,
        zoom_control=False,
        zoom_snap=1 if basemap.url else 0.5,
        scroll_wheel_zoom=False,
    )
    shown._id = name
    if basemap.url:
        _fix(_tiles(folium, basemap), "basemap").add_to(shown)
    present = [layer for layer in layers if layer.features]
    for layer in present:
        if layer.name in _PANES:
            _fix(
                folium.map.CustomPane(layer.name, z_index=_PANES[layer.name], pointer_events=True), layer.name
            ).add_to(shown)
        _add(folium, shown, layer)
    start = folium.FitBounds([[south, west], [north, east]], padding=(12, 12))
    start.options["animate"] = False  # an animation would end after, and undo, the view that a link asks for
    start.add_to(shown)
    figure = shown.get_root()
    figure.render()
    html = Markup(
        '<div class="map" data-map="map_{name}" data-layers="{layers}" data-bounds="{bounds}" data-label="{label}">'
        "{patterns}{root}</div>"
    ).format(
        name=name,
        layers=" ".join(layer.name for layer in present),
        bounds=f"{west:.5f},{south:.5f},{east:.5f},{north:.5f}",
        label=label,
        patterns=patterns.DEFINITIONS,
        root=Markup(figure.html.render().strip()),  # noqa: S704 - folium writes only our id into it
    )
    return html, _tidy(figure.script.render())


def _fix(element: Any, identifier: str) -> Any:
    element._id = identifier
    return element


def _tiles(folium: ModuleType, basemap: Basemap) -> Any:
    options: dict[str, Any] = {}
    if basemap.bounds:
        west, south, east, north = basemap.bounds
        options["bounds"] = [[south, west], [north, east]]
    return folium.TileLayer(
        tiles=basemap.url,
        attr=str(basemap.credit),
        min_zoom=basemap.min_zoom,
        max_zoom=basemap.max_zoom,
        max_native_zoom=basemap.native_zoom,
        **options,
    )


def _add(folium: ModuleType, shown: Any, layer: Layer) -> None:
    if not layer.name.isidentifier():
        raise ValueError(f"a layer cannot be called {layer.name!r}")
    pane = {"pane": layer.name} if layer.name in _PANES else {}
    marker = None
    if layer.marker == "point":
        marker = folium.CircleMarker()
    elif layer.marker is not None:
        marker = folium.Circle(radius=float(layer.marker))
    plain = not (layer.details or layer.hint)
    drawn = folium.GeoJson(
        feature_collection(layer.features),
        name=layer.name,
        style_function=lambda feature: dict(layer.style(feature["id"])),
        marker=marker,
        smooth_factor=0.5,
        interactive=not plain,
        **pane,
    )
    drawn._id = layer.name
    if marker is not None:  # folium's markers know neither option
        marker.options |= {"interactive": not plain, **pane}
    if layer.details:
        keys = [key for key, _ in layer.details]
        labels = [text for _, text in layer.details]
        popup = folium.GeoJsonPopup(
            keys,
            labels,
            localize=False,
            class_name="map-details",
            max_width=320,
            # clear of our buttons along the left and top edges
            auto_pan_padding_top_left=[60, 64],
        )
        _fix(popup, layer.name).add_to(drawn)
    if layer.hint:
        tooltip = folium.GeoJsonTooltip([layer.hint], labels=False, class_name="map-hint")
        _fix(tooltip, layer.name).add_to(drawn)
    drawn.add_to(shown)


def _tidy(script: str) -> str:
    """Without the blank lines and indentation of folium's templates; strings of data never span lines."""
    lines = (line.strip() for line in script.splitlines())
    return "\n".join(line for line in lines if line) + "\n"


def area_style(fill: str, opacity: float) -> Style:
    """Style of a class of areas."""
    return {"fillColor": fill, "fillOpacity": opacity, "color": OUTLINE, "weight": 1.2, "opacity": 1}
