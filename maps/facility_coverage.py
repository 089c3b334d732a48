"""Activity facilities, their straight-line reach, and the share of each district's residents inside it."""

from __future__ import annotations

from kyodo_geo.classes import COVERAGE_BREAKS, NO_DATA, class_labels, class_of
from maps import patterns
from maps.districts import bounds, district_layer, outline_layer, table_row
from maps.drawing import Layer, draw
from maps.escape import Feature
from maps.legend import Entry, class_entries, legend
from maps.overlays import capacity, facility_entry, facility_layer
from maps.palettes import OUTLINE, ramp
from maps.shapes import point
from maps.specs import BuiltMap, District, FacilityCoverageSpec, FacilityPoint, Figure, Reach
from maps.tables import Cell, Column, Row, Table
from maps.text import UNKNOWN, number, percent

COLOURS = ramp("YlOrBr", len(COVERAGE_BREAKS) + 1)
LABELS = class_labels(COVERAGE_BREAKS)
_RING = {"fill": False, "color": OUTLINE, "weight": 1.5, "dashArray": "4 3"}

_COLUMNS = (
    Column("share_inside", "到達圏内の住民の割合", numeric=True),
    Column("class", "階級"),
    Column("people_inside", "到達圏内の住民", numeric=True),
    Column("people", "人口", numeric=True),
)
_FACILITY_COLUMNS = (
    Column("kind", "種別"),
    Column("address", "所在地"),
    Column("capacity", "定員", numeric=True),
)


def build(spec: FacilityCoverageSpec) -> BuiltMap:
    """Map, legend and the two tables (districts, facilities)."""
    shares = {district.no: _reach(spec, district).share for district in spec.districts}
    colour = {no: _fill(share) for no, share in shares.items()}
    layer = district_layer(
        spec.districts,
        lambda district: _describe(district, _reach(spec, district)),
        lambda district: colour[district.no],
        [
            ("share", "到達圏内の住民の割合"),
            ("level", "階級"),
            ("inside", "到達圏内の住民"),
            ("people", "人口"),
        ],
    )
    outline = outline_layer(spec.outline)
    rings = Layer("reach", [_ring(item) for item in spec.facilities], lambda _: _RING, marker=spec.radius_m)
    places = facility_layer(spec.facilities)
    html, script = draw(
        "facility_coverage",
        f"活動施設から直線 {spec.radius_m} m の到達圏の地図",
        [outline, layer, rings, places],
        bounds(layer, outline, places),
        spec.basemap,
    )
    entries = class_entries(list(shares.values()), [False] * len(shares), COVERAGE_BREAKS, COLOURS)
    symbols = [
        facility_entry(),
        Entry(
            f"到達圏（直線 {number(spec.radius_m)} m）", "none", symbol="ring", key="reach", overlay="reach"
        ),
    ]
    total = _total(spec)
    return BuiltMap(
        name="facility-coverage",
        html=html,
        legend=legend("到達圏内の住民の割合", "単位 %、地区の人口に対する割合", [*entries, *symbols]),
        script=script,
        table=_table(spec),
        summary=_summary(spec, total),
        figures=(
            Figure("到達圏内の住民（市全体）", percent(total.share), f"直線 {number(spec.radius_m)} m"),
            Figure("活動施設", f"{len(spec.facilities)} か所"),
        ),
        facilities=_facility_table(spec.facilities),
        toggles=(("facilities", "活動施設"), ("reach", "到達圏の円")),
    )


def _reach(spec: FacilityCoverageSpec, district: District) -> Reach:
    return spec.reach.get(district.no) or Reach(district.people, None)


def _total(spec: FacilityCoverageSpec) -> Reach:
    known = [reach for reach in spec.reach.values() if reach.people is not None and reach.inside is not None]
    if not known:
        return Reach(None, None)
    return Reach(sum(reach.people or 0 for reach in known), sum(reach.inside or 0 for reach in known))


def _summary(spec: FacilityCoverageSpec, total: Reach) -> str:
    radius = f"直線 {number(spec.radius_m)} m"
    if total.share is None:
        return f"活動施設から{radius} の範囲に住む人の割合は、人口のデータがないため計算できません。"
    return (
        f"活動施設から{radius} の範囲に住む人は、市全体で {percent(total.share)}"
        f"（{number(total.people)} 人のうち約 {number(total.inside)} 人）です。"
    )


def _fill(share: float | None) -> str:
    index = class_of(share, COVERAGE_BREAKS)
    return patterns.NO_DATA if index is None else COLOURS[index]


def _level(share: float | None) -> str:
    index = class_of(share, COVERAGE_BREAKS)
    return NO_DATA if index is None else LABELS[index]


def _describe(district: District, reach: Reach) -> dict[str, str]:
    shown = NO_DATA if reach.share is None else percent(reach.share)
    return {
        "share": shown,
        "level": _level(reach.share),
        "inside": NO_DATA if reach.inside is None else f"約 {number(reach.inside)} 人",
        "people": NO_DATA if reach.people is None else f"{number(reach.people)} 人",
        "hint": f"{district.name}：{shown}",
        "label": f"{district.no} {district.name}、到達圏内の住民 {shown}（{_level(reach.share)}）",
    }


def _ring(item: FacilityPoint) -> Feature:
    return Feature(item.id, point(item.lon, item.lat))


def _table(spec: FacilityCoverageSpec) -> Table:
    rows = []
    for district in spec.districts:
        reach = _reach(spec, district)
        rows.append(
            table_row(
                district,
                [
                    Cell(NO_DATA if reach.share is None else percent(reach.share), reach.share),
                    Cell.words(_level(reach.share)),
                    Cell(NO_DATA if reach.inside is None else number(reach.inside), reach.inside),
                    Cell(NO_DATA if reach.people is None else number(reach.people), reach.people),
                ],
            )
        )
    return Table(
        f"活動施設から直線 {number(spec.radius_m)} m の範囲に住む人の割合（地区別）",
        "地区",
        _COLUMNS,
        tuple(rows),
        notes=(
            "到達圏は施設からの直線距離で、道のりや坂、川は考えていません。",
            f"到達圏内の住民は、国勢調査の小地域{'（見本）' if spec.sample else ''}の人口を面積で按分した推計です。",
        ),
    )


def _facility_table(facilities: tuple[FacilityPoint, ...]) -> Table:
    rows = [
        Row(
            item.id,
            item.name,
            (
                Cell.words(item.kind),
                Cell.words(item.address or UNKNOWN),
                Cell(capacity(item), item.capacity),
            ),
        )
        for item in facilities
    ]
    return Table("地域活動に使える施設", "施設", _FACILITY_COLUMNS, tuple(rows), layer="facilities")
