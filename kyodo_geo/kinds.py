"""Kinds of datasets, their names, and which stands on which."""

from __future__ import annotations

from collections.abc import Mapping, Set

from kyodo_geo.quality import Quality

AREA_LAYERS: dict[str, str] = {
    "school-elementary": "小学校区",
    "school-junior-high": "中学校区",
    "garbage": "ごみの収集区域",
    "shelters": "指定避難所",
    "flood": "浸水想定区域",
}
"""Optional layers of the printed answer: each a kind of its own, with its own source, date and roll-back."""

PLANNING_LAYERS: dict[str, str] = {
    "built-up": "建物のある区域",
    "landslide": "土砂災害（特別）警戒区域",
    "residential-zone": "居住誘導区域",
}
"""Layers for planning facilities, stored as the others are; the printed answer does not show them."""

KIND_NAMES: dict[str, str] = {
    "outline": "市域",
    "small-areas": "国勢調査の小地域",
    "register-population": "住民基本台帳の人口",
    "district-assignment": "小地域の地区割り当て",
    "association-districts": "町内会・自治会の地区一覧",
    "districts": "コミュニティ推進地区",
    "associations": "町内会・自治会の区域",
    "association-rules": "町内会・自治会の住所の範囲",
    "membership": "加入世帯数",
    "facilities": "公共施設",
    "halls": "自治公民館",
    "vacant-houses": "空き家",
    "towns": "町・字の一覧",
    "blocks": "街区・住居番号の位置",
    "lots": "地番の位置",
    "association-profiles": "町内会・自治会の紹介",
    "walk-network": "歩行者の道路網",
    "drive-network": "自動車の道路網",
    "bus-timetable": "バスの時刻表",
    "age-population": "年齢別の人口",
    "mesh-population": "メッシュ人口",
    **AREA_LAYERS,
    **PLANNING_LAYERS,
}
KINDS = tuple(KIND_NAMES)
SAMPLE_KINDS = tuple(
    kind
    for kind in KINDS
    if kind
    not in {"association-profiles", "mesh-population", "bus-timetable", *AREA_LAYERS, *PLANNING_LAYERS}
)
"""Kinds that the bundled sample fills: fees, schools, shelters, buses, floods and landslides are not to be invented."""

DEPENDS: dict[str, frozenset[str]] = {kind: frozenset() for kind in KINDS} | {
    "small-areas": frozenset({"outline"}),
    "register-population": frozenset({"small-areas"}),
    "district-assignment": frozenset({"small-areas"}),
    "association-districts": frozenset({"associations", "districts"}),
    "associations": frozenset({"districts"}),
    "association-rules": frozenset({"associations", "towns"}),
    "membership": frozenset({"associations"}),
    "facilities": frozenset({"outline"}),
    "halls": frozenset({"associations"}),
    "vacant-houses": frozenset({"districts"}),
    "towns": frozenset({"outline"}),
    "blocks": frozenset({"towns"}),
    "lots": frozenset({"towns"}),
    "association-profiles": frozenset({"associations"}),
    "walk-network": frozenset({"outline"}),
    "drive-network": frozenset({"outline"}),
    "bus-timetable": frozenset({"outline"}),
    "age-population": frozenset({"small-areas"}),
    "mesh-population": frozenset({"outline"}),
    **{kind: frozenset({"outline"}) for kind in (*AREA_LAYERS, *PLANNING_LAYERS)},
}

LOOKUP_KINDS = (
    "associations", "association-districts", "association-rules", "districts", "small-areas", "outline", "towns",
    "blocks", "lots",
)  # fmt: skip
"""What an answer of the lookup rests on, the main one first."""

_GROUND = frozenset({"outline", "small-areas", "districts", "associations"})
_PLACES = frozenset({"towns", "blocks", "lots"})


def dependants(kind: str) -> frozenset[str]:
    """Kinds that stand on `kind`, directly or through others."""
    found: set[str] = set()
    todo = [kind]
    while todo:
        base = todo.pop()
        for other, needs in DEPENDS.items():
            if base in needs and other not in found:
                found.add(other)
                todo.append(other)
    return frozenset(found)


def retired_dependants(replaced: Set[str], qualities: Mapping[str, Quality]) -> list[str]:
    """Sample kinds that must go when the kinds in `replaced` become real, in the order of `KINDS`.

    `qualities` are those of the kinds still active. Invented areas would otherwise stand on real ground and be
    taken for real; data that are themselves real (such as facilities) stay. Invented points of addresses go with
    any ground that becomes real: they would name a real district for a place that is none.
    """
    standing = {other for kind in replaced for other in dependants(kind)} - set(replaced)
    if _GROUND & replaced:
        standing |= _PLACES - set(replaced)
    return [kind for kind in KINDS if kind in standing and qualities.get(kind) is Quality.SAMPLE]
