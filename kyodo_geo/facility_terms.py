"""Closed vocabularies of facility management: what the ledger, the plan and the pages call things."""

from __future__ import annotations

USE_CLASSES = (
    "市民文化", "社会教育", "スポーツ・レクリエーション", "産業", "学校", "子育て", "保健・福祉", "医療", "行政", "公営住宅",
    "公園", "供給処理", "その他",
)  # fmt: skip
"""The classes of buildings in 総務省「更新費用試算ソフト」, in its order."""

RULE_SETS = {"60-year": "60年で建替え", "80-year": "80年まで長寿命化"}
ACTIONS = (
    "継続", "長寿命化", "大規模改修", "建替", "建替（縮小）", "複合化", "集約化", "転用", "譲渡", "廃止・除却",
)  # fmt: skip
"""What a scenario does with a facility in a year."""
MOVES = frozenset({"複合化", "集約化"})
"""Actions that bring a facility's activity into another one."""
ENDS = frozenset({"複合化", "集約化", "転用", "譲渡", "廃止・除却"})
"""Actions after which the facility no longer stands open at its old place."""

STAGES = (*ACTIONS, "検討中")
"""What the qualitative judgement of a facility may say."""

INSPECTED_PARTS = {
    "roof": "屋根・屋上",
    "outer_wall": "外壁",
    "inside": "内部仕上",
    "electricity": "電気設備",
    "machinery": "機械設備",
}
GRADES = ("A", "B", "C", "D")
"""A: all but good; B: partly worn; C: widely worn; D: to be mended soon."""

CATCHMENTS = {
    "広域": "市外からも使われる施設",
    "全市": "市全体から使われる施設",
    "複数地区": "いくつかの地区から使われる施設",
    "地区": "1つのコミュニティ推進地区のための施設",
    "近隣": "町内会・自治会などの近隣のための施設",
}
"""Whom a facility is for (利用圏域)."""
TENURES = {"owned": "市有地", "leased": "借地", "partly-leased": "一部が借地", "shared": "ほかの施設と共用"}

WORK_KINDS = ("大規模改修", "耐震補強", "屋上防水", "外壁", "設備更新", "バリアフリー", "修繕", "その他")

SHELTER_ROLES = {
    "designated-shelter": "指定避難所",
    "emergency-place": "指定緊急避難場所",
    "welfare-shelter": "福祉避難所",
}
HAZARDS = {
    "flood": "洪水",
    "landslide": "崖崩れ、土石流及び地滑り",
    "storm-surge": "高潮",
    "earthquake": "地震",
    "tsunami": "津波",
    "fire": "大規模な火事",
    "inland-flood": "内水氾濫",
    "volcano": "火山現象",
}
"""The eight hazards for which 指定緊急避難場所 are designated."""

SITING_MODELS = ("p-median", "p-center", "lscp", "mclp", "vacant-houses", "levelling")
SITING_STATES = ("queued", "running", "done", "cancelled", "failed")
