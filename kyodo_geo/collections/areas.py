"""Collections with a place on the map, all of them parts of a generation."""

from __future__ import annotations

from kyodo_geo.collections.model import Collection, day, number, text, texts, whole, yes_no
from kyodo_geo.kinds import AREA_LAYERS, PLANNING_LAYERS
from kyodo_geo.roles import STAFF

PLAN_STATES = ("none", "in_preparation", "adopted", "revised", "expired")
DENOMINATORS = ("register", "census", "reported")

DISTRICTS = Collection(
    "districts",
    "コミュニティ推進地区",
    "市内のコミュニティ推進地区の区域と、地域づくり計画の有無、人口、世帯数、町内会・自治会の加入率（最新の年度）。",
    ("districts", "district-assignment", "small-areas", "membership", "associations"),
    "MultiPolygon",
    "no",
    (
        whole("no", "地区の番号"),
        text("name", "名前"),
        text("kana", "読み"),
        texts("aliases", "ほかの書き方"),
        text("plan_state", "地域づくり計画の状態", options=PLAN_STATES),
        yes_no("plan_adopted", "地域づくり計画がある"),
        whole("people", "人口", unit="人"),
        whole("households", "世帯数", unit="世帯"),
        number("area_m2", "面積", unit="m2", description="平面直角座標系で測った値。公表の面積ではない"),
        whole("associations", "町内会・自治会の数"),
        whole("membership_fiscal_year", "加入率の年度"),
        number("membership_rate", "加入率", description="0〜1。少数のため伏せたものは空"),
        yes_no("membership_withheld", "加入率を少数のため伏せている"),
    ),
    keywords=("コミュニティ推進地区", "地域づくり計画", "加入率"),
)

ASSOCIATIONS = Collection(
    "associations",
    "町内会・自治会の区域",
    "町内会・自治会の名前、区域、属する地区。",
    ("associations", "association-districts", "districts"),
    "MultiPolygon",
    "association_id",
    (
        text("association_id", "町内会・自治会の番号"),
        text("name", "名前"),
        text("kana", "読み"),
        text("kind", "種類", options=("association", "building")),
        text("area_text", "区域の説明"),
        whole("district_no", "地区の番号"),
        text("district_name", "地区の名前"),
        text("district_basis", "地区の根拠", options=("list", "area")),
        whole("membership_fiscal_year", "加入世帯数の年度", readers=STAFF),
        whole("households", "世帯数", unit="世帯", readers=STAFF),
        whole("member_households", "加入世帯数", unit="世帯", readers=STAFF),
        number("membership_rate", "加入率", description="0〜1", readers=STAFF),
    ),
    keywords=("町内会", "自治会"),
)

SMALL_AREAS = Collection(
    "small-areas",
    "国勢調査の小地域",
    "国勢調査の小地域（町丁・字など）の区域、人口、世帯数、割り当てた地区。",
    ("small-areas", "district-assignment"),
    "MultiPolygon",
    "key_code",
    (
        text("key_code", "KEY_CODE"),
        text("name", "名前"),
        whole("people", "人口", unit="人"),
        whole("households", "世帯数", unit="世帯"),
        number("area_m2", "面積", unit="m2", description="平面直角座標系で測った値。公表の面積ではない"),
        whole("district_no", "割り当てた地区の番号"),
        text("confidence", "割り当ての確かさ", options=("official", "sure", "likely", "guess")),
    ),
    keywords=("国勢調査", "小地域"),
)

OUTLINE = Collection(
    "outline",
    "市域",
    "市の区域。飛地は別の地物です。",
    ("outline",),
    "MultiPolygon",
    "part_no",
    (whole("part_no", "部分の番号"), text("name", "名前")),
    keywords=("行政区域",),
)

FACILITIES = Collection(
    "facilities",
    "公共施設",
    "市の公共施設の名前、種類、住所、位置。",
    ("facilities",),
    "Point",
    "facility_id",
    (
        text("facility_id", "施設の番号"),
        text("name", "名前"),
        text("kana", "読み"),
        text("kind", "種類"),
        yes_no("activity", "地域活動に使える"),
        text("address", "住所"),
        text("operator", "運営者"),
        whole("capacity", "収容人員", unit="人"),
        day("opened_on", "使い始めた日"),
        day("closed_on", "閉じた日"),
    ),
    keywords=("公共施設",),
    interval=("opened_on", "closed_on"),
)

TOWNS = Collection(
    "towns",
    "町・字の一覧",
    "町名・大字・丁目・地割・小字とその代表の位置。",
    ("towns",),
    "Point",
    "town_id",
    (
        text("town_id", "町・字の番号"),
        text("name", "名前"),
        text("koaza", "小字"),
        text("oaza", "大字・町"),
        whole("chome", "丁目"),
        whole("jiwari", "地割"),
        text("kana", "読み"),
        text("postal_code", "郵便番号"),
        text("level", "段階", options=("oaza", "chome", "jiwari", "koaza")),
        texts("aliases", "ほかの書き方"),
        number("accuracy_m", "位置の幅", unit="m"),
        day("valid_from", "この名前の最初の日"),
        day("valid_to", "この名前の終わりの次の日"),
    ),
    keywords=("町名", "住所"),
    interval=("valid_from", "valid_to"),
)

_LAYER_WORDS = {
    "school-elementary": "小学校の通学区域。",
    "school-junior-high": "中学校の通学区域。",
    "garbage": "ごみの収集区域。",
    "shelters": "指定避難所の位置。",
    "flood": "洪水の浸水想定区域。",
    "built-up": "建物のある区域。",
    "landslide": "土砂災害警戒区域と土砂災害特別警戒区域。",
    "residential-zone": "立地適正化計画の居住誘導区域。",
}
PLACES = frozenset({"shelters"})
"""Layers of places; all others are layers of areas."""


def _layer(kind: str, title: str) -> Collection:
    return Collection(
        kind,
        title,
        _LAYER_WORDS[kind],
        (kind,),
        "Point" if kind in PLACES else "MultiPolygon",
        "area_no",
        (
            whole("area_no", "番号"),
            text("name", "名前"),
            text("detail", "説明"),
            text("contact", "問い合わせ先"),
            text("phone", "電話"),
            text("address", "住所"),
        ),
        keywords=(title,),
    )


LAYERS = {kind: _layer(kind, title) for kind, title in {**AREA_LAYERS, **PLANNING_LAYERS}.items()}

HALLS = Collection(
    "halls",
    "自治公民館",
    "町内会・自治会の自治公民館（職員だけ）。",
    ("halls", "associations"),
    "Point",
    "hall_id",
    (
        text("hall_id", "自治公民館の番号"),
        text("association_id", "町内会・自治会の番号"),
        text("name", "名前"),
        text("address", "住所"),
        number("floor_area_m2", "床面積", unit="m2"),
        whole("built_year", "建築年"),
        day("confirmed_on", "建築確認の日"),
        text("ownership", "持ち方", options=("owned", "rented")),
    ),
    keywords=("自治公民館",),
    readers=STAFF,
)

AREAS = (DISTRICTS, ASSOCIATIONS, SMALL_AREAS, OUTLINE, FACILITIES, TOWNS, *LAYERS.values(), HALLS)
