"""What a filter of a vacant house answers: pass, fail or unknown, with its reason and who is to be asked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Outcome of one filter."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """Name shown to people."""
        return {"pass": "可", "fail": "不可", "unknown": "不明"}[self.value]


LABELS = {
    "rank": "空き家調査の判定",
    "neglected": "管理不全空家等",
    "owner": "所有者の意向",
    "room": "部屋の広さ",
    "seismic": "耐震",
    "hazard": "災害の区域",
    "road": "接する道路",
    "use_district": "用途地域",
    "use_change": "用途変更",
    "certificate": "検査済証",
    "office": "建築指導の回答",
    "capacity": "収容人員",
}
"""Filters in the order in which they are shown."""

ASKED = {
    "rank": "空き家対策の担当",
    "neglected": "空き家対策の担当",
    "owner": "所有者",
    "room": "所有者（現地で測る）",
    "seismic": "建築指導の担当",
    "hazard": "防災の担当",
    "road": "建築指導・道路の担当",
    "use_district": "建築指導の担当",
    "use_change": "建築指導の担当",
    "certificate": "建築指導の担当",
    "office": "建築指導の担当",
    "capacity": "消防署",
}
"""Who is to be asked about what."""


@dataclass(frozen=True, slots=True)
class Check:
    """One filter's outcome and its reason in Japanese; `caution`: passes, with something that must be told."""

    name: str
    verdict: Verdict
    reason: str
    caution: bool = False

    @property
    def label(self) -> str:
        return LABELS[self.name]

    @property
    def asked(self) -> str:
        return ASKED[self.name]

    @property
    def words(self) -> str:
        """The verdict as it is shown."""
        return "可（注意）" if self.caution and self.verdict is Verdict.PASS else self.verdict.label
