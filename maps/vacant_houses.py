"""Vacant houses as possible halls on a map: the houses by their verdict, and the halls and facilities that are there."""

from __future__ import annotations

from dataclasses import dataclass

from maps.districts import bounds, outline_layer
from maps.drawing import Layer, draw
from maps.escape import Feature
from maps.legend import Entry, legend
from maps.palettes import OUTLINE
from maps.shapes import point
from maps.specs import BuiltMap, Figure, MapSpec
from maps.tables import Table

VERDICTS = {
    "pass": ("可", "#2b8a5f"),
    "unknown": ("不明な条件がある", "#ffcb3a"),
    "fail": ("不可", "#8a8f98"),
}
EXISTING = {"hall": ("自治公民館", "#b2abd2"), "facility": ("公共施設", "#ffffff")}
_HOUSE = {"fill": True, "fillOpacity": 1, "color": OUTLINE, "weight": 2, "radius": 9}
_OTHER = {"fill": True, "fillOpacity": 1, "color": OUTLINE, "weight": 1.5, "radius": 5}


@dataclass(frozen=True, slots=True)
class HousePoint:
    """A house; `verdict` is one of `VERDICTS`, `texts` follow `DETAILS`."""

    id: str
    name: str
    lon: float
    lat: float
    verdict: str
    texts: tuple[str, ...]


DETAILS = ("順位", "判定", "新しく届く人", "町内会・自治会")


@dataclass(frozen=True, slots=True)
class ExistingPoint:
    """A hall or facility that is there already; `kind` is one of `EXISTING`."""

    id: str
    name: str
    lon: float
    lat: float
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VacantHousesSpec(MapSpec):
    """Never to be drawn for anybody who may not see the survey of vacant houses."""

    houses: tuple[HousePoint, ...]
    existing: tuple[ExistingPoint, ...]
    table: Table
    summary: str
    figures: tuple[Figure, ...] = ()


def build(spec: VacantHousesSpec) -> BuiltMap:
    """Map and legend beside the table that is given. Equal specifications give equal bytes."""
    verdict = {house.id: house.verdict for house in spec.houses}
    kind = {item.id: item.kind for item in spec.existing}
    outline = outline_layer(spec.outline)
    existing = Layer(
        "facilities",
        [_existing(item) for item in spec.existing],
        lambda key: {**_OTHER, "fillColor": EXISTING[kind[str(key)]][1]},
        details=[("title", "名前"), ("kind", "種類")],
        hint="title",
        marker="point",
    )
    houses = Layer(
        "places",
        [_house(house) for house in spec.houses],
        lambda key: {**_HOUSE, "fillColor": VERDICTS[verdict[str(key)]][1]},
        details=[("title", "空き家"), *((f"d{at}", label) for at, label in enumerate(DETAILS))],
        hint="title",
        marker="point",
    )
    html, script = draw(
        "vacant_houses",
        "空き家の候補と、今ある自治公民館・公共施設の地図",
        [outline, existing, houses],
        bounds(houses) or bounds(outline),
        spec.basemap,
    )
    entries = [
        Entry(
            label,
            fill,
            sum(house.verdict == key for house in spec.houses),
            symbol="point",
            key=key,
            opacity=1,
        )
        for key, (label, fill) in VERDICTS.items()
    ]
    entries += [
        Entry(
            label, fill, sum(item.kind == key for item in spec.existing), symbol="point", key=key, opacity=1,
            overlay="facilities",
        )
        for key, (label, fill) in EXISTING.items()
    ]  # fmt: skip
    return BuiltMap(
        name="vacant-houses",
        html=html,
        legend=legend("空き家の判定と、今ある施設", "地図に示した数", entries, counter="か所"),
        script=script,
        table=spec.table,
        summary=spec.summary,
        figures=spec.figures,
        toggles=(("facilities", "今ある自治公民館と公共施設"),),
    )


def _house(house: HousePoint) -> Feature:
    label, _ = VERDICTS[house.verdict]
    return Feature(
        house.id,
        point(house.lon, house.lat),
        {
            "title": house.name,
            **{f"d{at}": text for at, text in enumerate(house.texts)},
            "label": f"{house.name}、{house.texts[0]}、{label}",
        },
    )


def _existing(item: ExistingPoint) -> Feature:
    label = EXISTING[item.kind][0]
    return Feature(
        item.id,
        point(item.lon, item.lat),
        {"title": item.name, "kind": label, "label": f"{item.name}（{label}）"},
    )
