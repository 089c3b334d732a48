"""Layers that can be laid over any map of districts, with their lines in its legend. Off until a reader asks for them.

Circles are drawn at a scale that is the same everywhere; they let clicks through to the district under them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kyodo_geo.projects import circle_radius
from maps.drawing import Layer
from maps.escape import Feature
from maps.legend import Entry
from maps.palettes import OUTLINE
from maps.shapes import point
from maps.specs import District, FacilityPoint, MapSpec
from maps.text import UNKNOWN, number

POINT_FILL = "#ffffff"
CIRCLE_FILL = "#d6568f"
CIRCLE_OPACITY = 0.85

POINT = {"fill": True, "fillColor": POINT_FILL, "fillOpacity": 1, "color": OUTLINE, "weight": 2, "radius": 7}
FACILITIES, PROJECTS = "facilities", "projects"


def capacity(item: FacilityPoint) -> str:
    """People a facility holds, in words."""
    return UNKNOWN if item.capacity is None else f"{number(item.capacity)} 人"


def facility_layer(facilities: Sequence[FacilityPoint]) -> Layer:
    """Facilities as points with their details."""
    return Layer(
        FACILITIES,
        [_place(item) for item in facilities],
        lambda _: POINT,
        details=[("title", "施設"), ("kind", "種別"), ("address", "所在地"), ("capacity", "定員")],
        hint="title",
        marker="point",
    )


def _place(item: FacilityPoint) -> Feature:
    return Feature(
        item.id,
        point(item.lon, item.lat),
        {
            "title": item.name,
            "kind": item.kind,
            "address": item.address or UNKNOWN,
            "capacity": capacity(item),
            "label": f"{item.name}（{item.kind}）",
        },
    )


def circle_layer(districts: Sequence[District], counts: Mapping[int, int]) -> Layer:
    """A circle in every district with projects, its area proportional to their number."""
    shown = [
        district
        for district in districts
        if counts.get(district.no) and district.label_lon is not None and district.label_lat is not None
    ]
    style = {
        "fill": True,
        "fillColor": CIRCLE_FILL,
        "fillOpacity": CIRCLE_OPACITY,
        "color": OUTLINE,
        "weight": 2,
    }
    return Layer(
        PROJECTS,
        [
            Feature(d.no, point(d.label_lon or 0.0, d.label_lat or 0.0), {"count": counts[d.no]})
            for d in shown
        ],
        lambda no: {**style, "radius": round(circle_radius(counts[int(no)]), 1)},
        marker="point",
    )


def circle_entries(counts: Mapping[int, int]) -> list[Entry]:
    """Legend lines of the circles: three sizes up to the largest shown."""
    largest = max(counts.values(), default=0)
    sizes = [size for size in (1, 3, 5, 10, 20, 50, 100) if size <= largest][-3:] or [1]
    return [
        Entry(
            f"地域づくり事業 {size} 件", CIRCLE_FILL, symbol="circle", key=f"projects-{size}",
            opacity=CIRCLE_OPACITY, size=circle_radius(size), overlay=PROJECTS,
        )
        for size in sizes
    ]  # fmt: skip


def facility_entry() -> Entry:
    """Legend line of the facilities."""
    return Entry("活動施設", POINT_FILL, symbol="point", key="facility", overlay=FACILITIES)


Toggles = tuple[tuple[str, str, bool], ...]


def overlay_parts(
    spec: MapSpec, districts: Sequence[District], *, projects_on: bool = False
) -> tuple[list[Layer], list[Entry], Toggles]:
    """Layers, legend lines and switches of what the specification brings along."""
    layers: list[Layer] = []
    entries: list[Entry] = []
    toggles: list[tuple[str, str, bool]] = []
    asked = spec.overlays
    if asked.projects:
        layers.append(circle_layer(districts, asked.projects))
        entries += circle_entries(asked.projects)
        year = f"（{asked.projects_year}年度）" if asked.projects_year is not None else ""
        toggles.append((PROJECTS, f"地域づくり事業の件数{year}", projects_on))
    if asked.facilities:
        layers.append(facility_layer(asked.facilities))
        entries.append(facility_entry())
        toggles.append((FACILITIES, "活動施設", False))
    return layers, entries, tuple(toggles)
