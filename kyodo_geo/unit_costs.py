"""Unit costs and assumptions of renewal that the program brings along, each with its source.

Large renovation and rebuild per square metre are those of 総務省「更新費用試算ソフト」: prices of about 2011, so that a
price index stands beside them. The long-life rules follow 加古川市. A city enters its own as a later version.
"""

from __future__ import annotations

from dataclasses import dataclass

from kyodo_geo.facility_terms import USE_CLASSES

MIC_SOURCE = "総務省「公共施設更新費用試算ソフト」の単価（おおむね平成23年の価格）"
LONG_LIFE_SOURCE = f"{MIC_SOURCE}と、加古川市の長寿命化の考え方（中規模修繕は建替えの30%）"
ASSUMPTION_SOURCE = "初期値（物価の倍率1.0、除却費は1 m²あたり2.3万円の例）"

TEN_THOUSAND_YEN = {
    "市民文化": (25, 40), "社会教育": (25, 40), "スポーツ・レクリエーション": (20, 36), "産業": (25, 40), "学校": (17, 33),
    "子育て": (17, 33), "保健・福祉": (20, 36), "医療": (25, 40), "行政": (25, 40), "公営住宅": (17, 28), "公園": (17, 33),
    "供給処理": (20, 36), "その他": (20, 36),
}  # fmt: skip
"""Class → (大規模改修, 更新) in 10,000 yen per square metre."""


@dataclass(frozen=True, slots=True)
class UnitCost:
    """Yen per square metre of one class under one rule set.

    `mid_share`: what a repair in the middle of the life costs as a share of the rebuild; None where there is none.
    `upkeep_yen_m2` is per year.
    """

    rule_set: str
    use_class: str
    large_yen_m2: int
    rebuild_yen_m2: int
    mid_share: float | None
    upkeep_yen_m2: int


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What every forecast of cost assumes.

    `large_type` A: the class's own unit cost of the large renovation; B: `large_share` of the rebuild.
    `ceiling_yen`: what the city can spend in a year; None where nobody has said so.
    """

    price_index: float = 1.0
    price_year: int | None = 2011
    demolition_yen_m2: int | None = 23_000
    not_extendable_share: float = 0.1
    large_type: str = "A"
    large_share: float = 0.4
    horizon_years: int = 40
    ceiling_yen: int | None = None


def default_unit_costs() -> list[UnitCost]:
    """Both rule sets, class by class in the order of `USE_CLASSES`."""
    found = []
    for rule_set, mid, upkeep in (("60-year", None, 2_000), ("80-year", 0.3, 1_000)):
        for name in USE_CLASSES:
            large, rebuild = TEN_THOUSAND_YEN[name]
            found.append(UnitCost(rule_set, name, large * 10_000, rebuild * 10_000, mid, upkeep))
    return found


def source_of(rule_set: str) -> str:
    """Where the program's own unit costs of a rule set come from."""
    return LONG_LIFE_SOURCE if rule_set == "80-year" else MIC_SOURCE
