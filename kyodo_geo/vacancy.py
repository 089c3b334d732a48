"""Vacant houses as neighbourhood halls: filters that say pass, fail or unknown, each with its reason.

Never a legal verdict: what the law says is the building office's to decide. Unknown is an answer of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

NEW_SEISMIC_CODE = date(1981, 6, 1)
"""Buildings confirmed (建築確認) from this day on follow the new seismic code."""

EXCLUDED_RANKS = frozenset({"C", "D"})
"""Survey ranks out of the question: 特定空家等 and those under enforcement."""


class Verdict(StrEnum):
    """Outcome of one filter."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """One filter's outcome and its reason in Japanese."""

    name: str
    verdict: Verdict
    reason: str


def check_rank(rank: str | None) -> Check:
    """Rank of the vacant-house survey."""
    if rank is None:
        return Check("rank", Verdict.UNKNOWN, "空き家調査の判定がありません。")
    if rank in EXCLUDED_RANKS:
        return Check("rank", Verdict.FAIL, f"空き家調査の判定が{rank}のため、候補になりません。")
    return Check("rank", Verdict.PASS, f"空き家調査の判定は{rank}です。")


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


def check_room(largest_room_m2: float | None, needed_m2: float) -> Check:
    """Whether the largest room holds a meeting."""
    if largest_room_m2 is None:
        return Check("room", Verdict.UNKNOWN, "いちばん広い部屋の面積が分かりません。")
    if largest_room_m2 < needed_m2:
        return Check("room", Verdict.FAIL, f"いちばん広い部屋が{needed_m2:g} m²に足りません。")
    return Check("room", Verdict.PASS, f"いちばん広い部屋は{largest_room_m2:g} m²です。")


def check_owner(owner_willing: bool | None) -> Check:
    """Whether the owner is willing to let."""
    if owner_willing is None:
        return Check("owner", Verdict.UNKNOWN, "所有者の意向が分かりません。")
    if owner_willing:
        return Check("owner", Verdict.PASS, "所有者に貸す意向があります。")
    return Check("owner", Verdict.FAIL, "所有者に貸す意向がありません。")


def check_road(road_access: bool | None) -> Check:
    """Whether a road that meets the law reaches it."""
    if road_access is None:
        return Check("road", Verdict.UNKNOWN, "接する道路が分かりません。")
    if road_access:
        return Check("road", Verdict.PASS, "道路に接しています。")
    return Check("road", Verdict.FAIL, "道路に接していません。")


def overall(checks: list[Check]) -> Verdict:
    """Fail if one fails, else unknown if one is unknown, else pass."""
    found = {check.verdict for check in checks}
    for verdict in (Verdict.FAIL, Verdict.UNKNOWN):
        if verdict in found:
            return verdict
    return Verdict.PASS
