"""Filters of a vacant house that say pass, fail or unknown, each with its reason in Japanese.

Never a legal verdict: what the law says is the building office's to decide. Unknown is an answer of its own. What passes
with something to be careful of is a pass with `caution`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from kyodo_geo.vacancy.verdict import Check, Verdict

NEW_SEISMIC_CODE = date(1981, 6, 1)
"""Buildings confirmed (建築確認) from this day on follow the new seismic code."""

EXCLUDED_RANKS = frozenset({"C", "D"})
"""Survey ranks out of the question: 特定空家等 and those under enforcement."""

CHANGE_OF_USE_M2 = 200.0
"""Above this floor area a change of use needs 確認申請 (since 2019-06-25; before it was 100)."""

FIRE_MANAGER_FROM = 30
"""From so many people on a fire manager (防火管理者) is named (recalled, to be asked at the fire station)."""

NOT_ASKED, SPECIAL, LOCAL = "未確認", "特建扱い", "地区集会所扱い"
OFFICE_ANSWERS = (NOT_ASKED, SPECIAL, LOCAL)
"""What the building office answered about the use as a hall."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is recorded of a house; None is unknown. `landslide` and `flood` are the areas it lies in, None: not loaded."""

    rank: str | None = None
    neglected: bool | None = None
    owner_willing: bool | None = None
    largest_room_m2: float | None = None
    floor_area_m2: float | None = None
    confirmed_on: date | None = None
    built_year: int | None = None
    seismic: str | None = None
    hazard: str | None = None
    landslide: tuple[str, ...] | None = None
    flood: tuple[str, ...] | None = None
    road_access: bool | None = None
    use_district: str | None = None
    certificate: bool | None = None
    office_answer: str | None = None
    capacity: int | None = None


def check_all(facts: Facts, needed_m2: float) -> tuple[Check, ...]:
    """Every filter, in the order of `LABELS`; `needed_m2` is the room a meeting needs."""
    return (
        check_rank(facts.rank),
        check_neglected(facts.neglected),
        check_owner(facts.owner_willing),
        check_room(facts.largest_room_m2, needed_m2),
        check_seismic(facts.confirmed_on, facts.built_year, facts.seismic),
        check_hazard(facts.hazard, facts.landslide, facts.flood),
        check_road(facts.road_access),
        check_use_district(facts.use_district, facts.office_answer),
        check_use_change(facts.floor_area_m2, facts.office_answer),
        check_certificate(facts.certificate),
        check_office(facts.office_answer),
        check_capacity(facts.capacity),
    )


def check_rank(rank: str | None) -> Check:
    """Rank of the vacant-house survey."""
    if rank is None:
        return Check("rank", Verdict.UNKNOWN, "空き家調査の判定がありません。")
    if rank in EXCLUDED_RANKS:
        return Check("rank", Verdict.FAIL, f"空き家調査の判定が{rank}のため、候補になりません。")
    return Check("rank", Verdict.PASS, f"空き家調査の判定は{rank}です。")


def check_neglected(neglected: bool | None) -> Check:
    """Whether it was named a neglected house (管理不全空家等)."""
    if neglected is None:
        return Check("neglected", Verdict.UNKNOWN, "管理不全空家等に当たるかの記録がありません。")
    if neglected:
        return Check("neglected", Verdict.FAIL, "管理不全空家等のため、候補になりません。")
    return Check("neglected", Verdict.PASS, "管理不全空家等ではありません。")


def check_owner(owner_willing: bool | None) -> Check:
    """Whether the owner is willing to let."""
    if owner_willing is None:
        return Check("owner", Verdict.UNKNOWN, "所有者の意向が分かりません。")
    if owner_willing:
        return Check("owner", Verdict.PASS, "所有者に貸す意向があります。")
    return Check("owner", Verdict.FAIL, "所有者に貸す意向がありません。")


def check_room(largest_room_m2: float | None, needed_m2: float) -> Check:
    """Whether the largest room holds a meeting."""
    if largest_room_m2 is None:
        return Check("room", Verdict.UNKNOWN, "いちばん広い部屋の面積が分かりません。")
    if largest_room_m2 < needed_m2:
        return Check(
            "room",
            Verdict.FAIL,
            f"いちばん広い部屋は{largest_room_m2:g} m²で、{needed_m2:g} m²に足りません。",
        )
    return Check("room", Verdict.PASS, f"いちばん広い部屋は{largest_room_m2:g} m²です。")


def check_seismic(confirmed_on: date | None, built_year: int | None, seismic: str | None) -> Check:
    """Earthquake resistance: the day of 建築確認, or a diagnosis or retrofit.

    With only the year of completion, 1981 to 1984 may have been confirmed before June 1981: unknown.
    """
    if seismic in ("diagnosed", "retrofitted"):
        return Check("seismic", Verdict.PASS, "耐震診断または耐震改修の記録があります。")
    if confirmed_on is not None:
        if confirmed_on >= NEW_SEISMIC_CODE:
            return Check("seismic", Verdict.PASS, "建築確認が1981年6月1日以降です。")
        return Check("seismic", Verdict.FAIL, "建築確認が1981年6月1日より前で、耐震診断の記録がありません。")
    if built_year is None:
        return Check("seismic", Verdict.UNKNOWN, "建築確認日も完成年も分かりません。")
    if built_year <= 1980:
        return Check("seismic", Verdict.FAIL, "1980年以前の完成で、耐震診断の記録がありません。")
    if built_year <= 1984:
        return Check("seismic", Verdict.UNKNOWN, "完成が1981〜1984年で、建築確認日が分かりません。")
    return Check("seismic", Verdict.PASS, "1985年以降の完成です。")


def check_hazard(recorded: str | None, landslide: Sequence[str] | None, flood: Sequence[str] | None) -> Check:
    """Hazard areas: 土砂災害特別警戒区域 is out; 土砂災害警戒区域 and the depth of a flood are told.

    Areas that are not loaded (None) leave it unknown, whatever else is recorded.
    """
    held = [*([recorded] if recorded else []), *(landslide or ()), *(flood or ())]
    named = "、".join(dict.fromkeys(held))
    if any("特別警戒" in text for text in held):
        return Check("hazard", Verdict.FAIL, f"土砂災害特別警戒区域に入っています（{named}）。")
    missing = [
        name for name, areas in (("土砂災害警戒区域", landslide), ("浸水想定区域", flood)) if areas is None
    ]
    told = f"入っている区域：{named}。" if named else ""
    if missing:
        return Check(
            "hazard",
            Verdict.UNKNOWN,
            f"{told}{'と'.join(missing)}の地図が読み込まれていないため、確かめられません。",
        )
    if named:
        return Check("hazard", Verdict.PASS, f"{told}使うときの避難のしかたを決めてください。", caution=True)
    return Check("hazard", Verdict.PASS, "読み込まれている土砂災害と浸水の区域には入っていません。")


def check_road(road_access: bool | None) -> Check:
    """Whether a road that meets the law reaches it."""
    if road_access is None:
        return Check("road", Verdict.UNKNOWN, "接する道路が分かりません。")
    if road_access:
        return Check("road", Verdict.PASS, "道路に接しています。")
    return Check("road", Verdict.FAIL, "道路に接していません。")


def check_use_district(use_district: str | None, office_answer: str | None) -> Check:
    """The use district is told; whether a hall may stand in it is asked, never computed."""
    if use_district is None:
        return Check("use_district", Verdict.UNKNOWN, "用途地域が分かりません。")
    if office_answer in (SPECIAL, LOCAL):
        return Check(
            "use_district",
            Verdict.PASS,
            f"用途地域は{use_district}です。建築指導の担当から回答があります（{office_answer}）。",
        )
    return Check(
        "use_district",
        Verdict.UNKNOWN,
        f"用途地域は{use_district}です。集会に使えるかは、建築指導の担当に確かめてください。",
    )


def check_use_change(floor_area_m2: float | None, office_answer: str | None) -> Check:
    """A change of use above 200 m² needs 確認申請; a house the office treats as a local hall does not change its kind."""
    if office_answer == LOCAL:
        return Check("use_change", Verdict.PASS, "建築指導の担当の回答は、地区集会所扱いです。")
    if floor_area_m2 is None:
        return Check(
            "use_change", Verdict.UNKNOWN, "延床面積が分かりません（200 m²を超えると確認申請が要ります）。"
        )
    if floor_area_m2 > CHANGE_OF_USE_M2:
        return Check(
            "use_change",
            Verdict.UNKNOWN,
            f"延床面積は{floor_area_m2:g} m²で、200 m²を超えます。用途を変えるには確認申請が要ります。",
        )
    return Check(
        "use_change",
        Verdict.PASS,
        f"延床面積は{floor_area_m2:g} m²で、確認申請の要る200 m²を超えません。法に合わせることは必要です。",
    )


def check_certificate(certificate: bool | None) -> Check:
    """検査済証. A house without one is not out: whether it meets the law can be looked into, so that it is unknown."""
    if certificate:
        return Check("certificate", Verdict.PASS, "検査済証があります。")
    if certificate is None:
        return Check("certificate", Verdict.UNKNOWN, "検査済証があるか分かりません。")
    return Check(
        "certificate",
        Verdict.UNKNOWN,
        "検査済証がありません。法に合っているかの調査ができるか確かめてください。",
    )


def check_office(office_answer: str | None) -> Check:
    """What the building office answered."""
    if office_answer == LOCAL:
        return Check("office", Verdict.PASS, "地区集会所扱いとの回答です。")
    if office_answer == SPECIAL:
        return Check(
            "office",
            Verdict.PASS,
            "特殊建築物の扱いとの回答です。要る手続きと改修を確かめてください。",
            caution=True,
        )
    return Check("office", Verdict.UNKNOWN, "建築指導の担当に、まだ確かめていません。")


def check_capacity(capacity: int | None) -> Check:
    """From 30 people on a fire manager is to be named, which is told."""
    if capacity is None:
        return Check(
            "capacity",
            Verdict.UNKNOWN,
            f"収容人員が分かりません（{FIRE_MANAGER_FROM}人以上なら防火管理者が要ります）。",
        )
    if capacity >= FIRE_MANAGER_FROM:
        return Check(
            "capacity",
            Verdict.PASS,
            f"収容人員は{capacity}人で、防火管理者が要ります（消防署に確かめてください）。",
            caution=True,
        )
    return Check("capacity", Verdict.PASS, f"収容人員は{capacity}人です。")


def overall(checks: Iterable[Check]) -> Verdict:
    """Fail if one fails, else unknown if one is unknown, else pass."""
    found = {check.verdict for check in checks}
    for verdict in (Verdict.FAIL, Verdict.UNKNOWN):
        if verdict in found:
            return verdict
    return Verdict.PASS
