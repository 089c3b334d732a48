"""What the district maps share: features, outline, bounds and the row of a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from maps.drawing import Layer, area_style
from maps.escape import Feature
from maps.palettes import FILL_OPACITY
from maps.shapes import Bounds, Geometry, bounds_of, display_shapes
from maps.specs import District
from maps.tables import Cell, Row
from maps.text import reading


def title_of(district: District) -> str:
    """`5 松園`, as districts are always named."""
    return f"{district.no} {district.name}"


def district_layer(
    districts: Sequence[District],
    describe: Callable[[District], Mapping[str, str]],
    fill_of: Callable[[District], str],
    details: Sequence[tuple[str, str]],
) -> Layer:
    """The polygons. `describe` gives the texts of popup, hint and accessible name, `fill_of` colour or hatch."""
    shapes = display_shapes([district.geometry for district in districts])
    fills = {district.no: fill_of(district) for district in districts}
    features = []
    for district, shape in zip(districts, shapes, strict=True):
        properties: dict[str, Any] = {
            "no": district.no,
            "title": title_of(district),
            "name": district.name,
            "label_lon": district.label_lon,
            "label_lat": district.label_lat,
            **describe(district),
        }
        features.append(Feature(district.no, shape, properties))
    return Layer(
        "districts",
        features,
        lambda no: area_style(fills[int(no)], FILL_OPACITY),
        details=[("title", "地区"), *details],
        hint="hint",
    )


def outline_layer(outline: str | None) -> Layer:
    """The city's outline, below everything and not clickable."""
    shapes = display_shapes([outline])
    style = {"fillColor": "#ffffff", "fillOpacity": 0.6, "color": "#6b7480", "weight": 1.5}
    return Layer("outline", [Feature("city", shapes[0])], lambda _: style)


def bounds(*layers: Layer) -> Bounds | None:
    """Bounds of the layers' features."""
    geometries: list[Geometry | None] = [
        dict(feature.geometry) if feature.geometry else None for layer in layers for feature in layer.features
    ]
    return bounds_of(geometries)


def table_row(district: District, cells: Sequence[Cell]) -> Row:
    """The row of a district, which opens its page and selects it on the map."""
    return Row(
        district.no,
        title_of(district),
        tuple(cells),
        kana=reading(district.kana, district.kana_confirmed),
        on_map=district.geometry is not None,
        href=f"/districts/{district.no}",
    )
