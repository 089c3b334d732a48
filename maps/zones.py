"""Layers of planning (floods, landslides, 居住誘導区域) laid over a map of districts. Off until a reader asks for them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from maps.drawing import Layer
from maps.escape import Feature
from maps.legend import Entry
from maps.palettes import OUTLINE

Toggles = tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class Look:
    """Fill, its opacity and the dashes of the line: no two layers differ by colour alone."""

    fill: str
    opacity: float
    dash: str


LOOKS = {
    "flood": Look("#3b7fc4", 0.45, ""),
    "landslide": Look("#b3541e", 0.5, "2 3"),
    "residential-zone": Look("#4b8b3b", 0.25, "9 5"),
}


LAYERS = {"flood": "zone_flood", "landslide": "zone_landslide", "residential-zone": "zone_residential"}


@dataclass(frozen=True, slots=True)
class Zone:
    """One layer by its kind; `areas` are (name, detail, GeoJSON text)."""

    kind: str
    title: str
    areas: tuple[tuple[str, str, str], ...]


def zone_parts(zones: Sequence[Zone]) -> tuple[list[Layer], list[Entry], Toggles]:
    """Layers, legend lines and switches."""
    layers, entries, toggles = [], [], []
    for zone in zones:
        if not zone.areas:
            continue
        look, name = LOOKS[zone.kind], LAYERS[zone.kind]
        style = {
            "fill": True, "fillColor": look.fill, "fillOpacity": look.opacity,
            "color": OUTLINE, "weight": 1, "dashArray": look.dash,
        }  # fmt: skip
        layers.append(
            Layer(
                name,
                [
                    Feature(
                        f"{zone.kind}-{number}",
                        json.loads(shape),
                        {"title": title, "detail": detail, "label": f"{zone.title}（{title}）"},
                    )
                    for number, (title, detail, shape) in enumerate(zone.areas)
                ],
                lambda _, style=style: style,  # type: ignore[misc]
                details=[("title", zone.title), ("detail", "内容")],
                hint="title",
            )
        )
        entries.append(Entry(zone.title, look.fill, key=name, opacity=look.opacity, overlay=name))
        toggles.append((name, zone.title, False))
    return layers, entries, tuple(toggles)
