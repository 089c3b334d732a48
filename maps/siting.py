"""The answer of a siting run on a map: places by what becomes of them, small areas or grid squares by how far people go."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

from kyodo_geo.classes import NO_DATA
from maps.circles import LARGEST_PX
from maps.districts import bounds, outline_layer
from maps.drawing import Layer, draw
from maps.escape import Feature
from maps.legend import Entry, legend
from maps.palettes import MISSING, OUTLINE, ramp
from maps.shapes import display_shapes, point
from maps.specs import BuiltMap, District, MapSpec
from maps.tables import Table

BREAKS = (500, 800, 1200, 2000)
BREAKS_MIN = (5, 10, 15, 30)
"""Metres, and minutes, between the classes of the small areas."""
CELLS, PLACES = "circles", "places"
STATES = ("opened", "kept", "dropped")
FILLS = {"opened": "#28b6c5", "kept": "#ffffff", "dropped": "#8a8f98"}
RADII = {"opened": 10, "kept": 7, "dropped": 6}
_BORDER = {"fill": False, "color": "#6b7480", "weight": 1}


@dataclass(frozen=True, slots=True)
class Spot:
    """A small area: people, mean way to its place after (metres or minutes, None: none). The circle's area follows the people."""

    key: str
    lon: float
    lat: float
    people: int
    way: float | None

    def level(self, breaks: tuple[int, ...] = BREAKS) -> int | None:
        """Its class; None without a way."""
        return None if self.way is None else sum(self.way >= at for at in breaks)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A place of the answer; `state` of `STATES`, `words` its wording, `texts` are the popup's."""

    id: str
    name: str
    lon: float
    lat: float
    state: str
    words: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SitingSpec(MapSpec):
    """`details` head the texts of the places; `table` is that of the places, made by the caller. `minutes`: ways are minutes."""

    label: str
    summary: str
    districts: tuple[District, ...]
    spots: tuple[Spot, ...]
    places: tuple[Chosen, ...]
    details: tuple[str, ...]
    table: Table
    unit: str = "小地域"
    minutes: bool = False

    @property
    def breaks(self) -> tuple[int, ...]:
        return BREAKS_MIN if self.minutes else BREAKS

    @property
    def way(self) -> str:
        return "時間" if self.minutes else "距離"


def labels(*, minutes: bool = False) -> tuple[str, ...]:
    """Wording of the classes of small areas, nearest first."""
    breaks, unit = (BREAKS_MIN, "分") if minutes else (BREAKS, "m ")
    middle = [f"{low:,}〜{high:,} {unit}未満" for low, high in itertools.pairwise(breaks)]
    return (f"{breaks[0]:,} {unit}未満", *middle, f"{breaks[-1]:,} {unit}以上")


def build(spec: SitingSpec) -> BuiltMap:
    """Map and legend; the table is the given one."""
    fills = ramp("YlOrBr", len(spec.breaks) + 1)
    outline, borders = outline_layer(spec.outline), _borders(spec)
    level_of = {spot.key: spot.level(spec.breaks) for spot in spec.spots}
    size_of = {spot.key: spot.people for spot in spec.spots}
    spots = Layer(
        CELLS,
        [Feature(spot.key, point(spot.lon, spot.lat)) for spot in spec.spots],
        lambda key: _spot(fills, level_of[str(key)], size_of[str(key)]),
        marker="point",
    )
    state_of = {place.id: place.state for place in spec.places}
    keys = [f"p{at}" for at in range(len(spec.details))]
    places = Layer(
        PLACES,
        [
            Feature(
                place.id,
                point(place.lon, place.lat),
                {
                    "title": place.name,
                    "label": f"{place.name}（{place.words}）",
                    **dict(zip(keys, place.texts, strict=True)),
                },
            )
            # drawn last is on top: what is opened
            for place in sorted(spec.places, key=lambda place: -STATES.index(place.state))
        ],
        lambda key: _place(state_of[str(key)]),
        details=[("title", "場所"), *zip(keys, spec.details, strict=True)],
        hint="title",
        marker="point",
    )
    html, script = draw(
        "siting", spec.label, [outline, borders, spots, places], bounds(outline, places), spec.basemap
    )
    return BuiltMap(
        name="siting",
        html=html,
        legend=_legend(spec, fills),
        script=script,
        table=spec.table,
        summary=spec.summary,
        toggles=((CELLS, f"{spec.unit}（人口と、答えの場所までの{spec.way}）", True), (PLACES, "場所", True)),
    )


def _legend(spec: SitingSpec, fills: tuple[str, ...]) -> Any:
    levels = [spot.level(spec.breaks) for spot in spec.spots]
    entries = [
        Entry(text, fills[at], levels.count(at), symbol="point", key=f"class-{at}", overlay=CELLS)
        for at, text in enumerate(labels(minutes=spec.minutes))
    ]
    if None in levels:
        entries.append(
            Entry(
                f"{NO_DATA}（行けない）",
                MISSING,
                levels.count(None),
                symbol="point",
                key="missing",
                overlay=CELLS,
            )
        )
    words = {place.state: place.words for place in spec.places}
    entries += [
        Entry(
            f"場所：{words[state]}",
            FILLS[state],
            symbol="circle",
            key=state,
            opacity=1,
            size=RADII[state],
            overlay=PLACES,
        )
        for state in STATES
        if state in words
    ]
    return legend(
        f"{spec.unit}から答えの場所までの平均の{spec.way}", "円の面積が人口に比例", entries, counter=spec.unit
    )


def _borders(spec: SitingSpec) -> Layer:
    shapes = display_shapes([district.geometry for district in spec.districts])
    return Layer("reach", [Feature(at, shape) for at, shape in enumerate(shapes) if shape], lambda _: _BORDER)


def _spot(fills: tuple[str, ...], level: int | None, people: int) -> dict[str, Any]:
    return {
        "fill": True,
        "fillColor": MISSING if level is None else fills[level],
        "fillOpacity": 1,
        "color": OUTLINE,
        "weight": 0.8,
        "radius": min(LARGEST_PX, round(1.2 + 0.13 * math.sqrt(people), 1)),
    }


def _place(state: str) -> dict[str, Any]:
    return {
        "fill": True,
        "fillColor": FILLS[state],
        "fillOpacity": 1,
        "color": OUTLINE,
        "weight": 2.5,
        "radius": RADII[state],
    }
