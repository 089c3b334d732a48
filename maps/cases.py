"""Activity cases on a map: a point for each that has a public place, a circle for the others of a district."""

from __future__ import annotations

from dataclasses import dataclass

from maps.circles import Scale
from maps.districts import bounds, outline_layer
from maps.drawing import Layer, area_style, draw
from maps.escape import Feature
from maps.legend import Entry, legend
from maps.palettes import OUTLINE
from maps.shapes import display_shapes, point
from maps.specs import BuiltMap, District, Figure, MapSpec
from maps.tables import Table

PLACE_FILL = "#2b8a5f"
DISTRICT_FILL = "#ffcb3a"
AREA_FILL = "#eef3f7"
_SCALE = Scale(7.0, (1,))
_POINT = {
    "fill": True, "fillColor": PLACE_FILL, "fillOpacity": 1, "color": OUTLINE, "weight": 2, "radius": 8,
}  # fmt: skip
MOST_TITLES = 5


@dataclass(frozen=True, slots=True)
class CasePoint:
    """A case; without `lon` and `lat` only its district is told."""

    id: str
    title: str
    theme: str
    body: str
    year: str
    district_no: int
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesSpec(MapSpec):
    """The cases that were found, and the table beside the map."""

    cases: tuple[CasePoint, ...]
    districts: tuple[District, ...]
    table: Table
    summary: str = ""
    figures: tuple[Figure, ...] = ()


def build(spec: CasesSpec) -> BuiltMap:
    """Map and legend beside the table that is given. Equal specifications give equal bytes."""
    placed = [case for case in spec.cases if case.lon is not None and case.lat is not None]
    places = Layer(
        "places",
        [_place(case) for case in placed],
        lambda _: _POINT,
        details=[("title", "事例"), ("theme", "テーマ"), ("body", "団体"), ("year", "年度")],
        hint="title",
        marker="point",
    )
    others, counts = _others(spec, {case.id for case in placed})
    circles = Layer(
        "circles",
        others,
        lambda no: {
            "fill": True, "fillColor": DISTRICT_FILL, "fillOpacity": 0.9, "color": OUTLINE, "weight": 2,
            "radius": _SCALE.radius(counts[int(no)]),
        },
        details=[("title", "地区"), ("count", "位置のない事例"), ("titles", "題名")],
        hint="label",
        marker="point",
    )  # fmt: skip
    outline = outline_layer(spec.outline)
    areas = _areas(spec)
    html, script = draw(
        "cases", "活動事例の地図", [outline, areas, circles, places], bounds(areas) or bounds(outline) or bounds(places),
        spec.basemap,
    )  # fmt: skip
    entries = [
        Entry("場所のある事例", PLACE_FILL, len(placed), symbol="point", key="case", opacity=1),
        Entry(
            "地区だけが分かる事例（円の面積が件数に比例）", DISTRICT_FILL, sum(counts.values()), symbol="point",
            key="district", opacity=0.9,
        ),
    ]  # fmt: skip
    return BuiltMap(
        name="cases",
        html=html,
        legend=legend("活動事例", "見つかった事例の数", entries, counter="件"),
        script=script,
        table=spec.table,
        summary=spec.summary,
        figures=spec.figures,
    )


def _place(case: CasePoint) -> Feature:
    assert case.lon is not None and case.lat is not None
    return Feature(
        case.id,
        point(case.lon, case.lat),
        {
            "title": case.title,
            "theme": case.theme,
            "body": case.body,
            "year": case.year,
            "label": f"{case.title}（{case.theme}）",
        },
    )


def _others(spec: CasesSpec, placed: set[str]) -> tuple[list[Feature], dict[int, int]]:
    """A feature per district with cases that have no place, and their number by district."""
    features, counts = [], {}
    for district in spec.districts:
        held = [case for case in spec.cases if case.district_no == district.no and case.id not in placed]
        if not held or district.label_lon is None or district.label_lat is None:
            continue
        counts[district.no] = len(held)
        more = f"、ほか {len(held) - MOST_TITLES} 件" if len(held) > MOST_TITLES else ""
        features.append(
            Feature(
                district.no,
                point(district.label_lon, district.label_lat),
                {
                    "title": f"{district.no} {district.name}",
                    "count": f"{len(held)} 件",
                    "titles": "、".join(case.title for case in held[:MOST_TITLES]) + more,
                    "label": f"{district.no} {district.name}：位置のない事例 {len(held)} 件",
                },
            )
        )
    return features, counts


def _areas(spec: CasesSpec) -> Layer:
    """The districts as ground: their borders, nothing to press."""
    shapes = display_shapes([district.geometry for district in spec.districts])
    return Layer(
        "ground",
        [Feature(d.no, shape) for d, shape in zip(spec.districts, shapes, strict=True) if shape],
        lambda _: area_style(AREA_FILL, 0.6),
    )
