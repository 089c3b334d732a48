"""Two runs beside each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.siting_pages import words

if TYPE_CHECKING:
    from api.siting_pages.view import RunView


@dataclass(frozen=True, slots=True)
class Comparison:
    """Rows of (label, one, other, whether they differ): the questions, then the answers."""

    asked: list[tuple[str, str, str, bool]]
    found: list[tuple[str, str, str, bool]]


def comparison(one: RunView, other: RunView) -> Comparison:
    """What was asked and what came out; a condition that only one has stands as — in the other."""
    return Comparison(_beside(_asked(one), _asked(other)), _beside(_found(one), _found(other)))


def _beside(one: dict[str, str], other: dict[str, str]) -> list[tuple[str, str, str, bool]]:
    rows = ((key, one.get(key, "—"), other.get(key, "—")) for key in dict.fromkeys((*one, *other)))
    return [(key, a, b, a != b) for key, a, b in rows]


def _asked(view: RunView) -> dict[str, str]:
    return dict(view.asked_lines)


def _found(view: RunView) -> dict[str, str]:
    result = view.result
    if result is None:
        return {"結果": words.status_of(view.run)}
    told: dict[str, str] = {
        "結果": words.status_of(view.run),
        "目的の値": words.value(result["objective"], result["unit"]),
        "これより良くはならない値": words.value(result["bound"], result["unit"]),
        "差の上限": words.gap(result["gap"]),
        "計算にかかった時間": f"{result['seconds']:,.1f} 秒",
        "データの世代": f"第 {result['made_of']['generation']} 世代",
        "新しく開く場所": _named(result, "opened"),
        "なくせる施設": _named(result, "dropped") if view.asked.existing == "choose" else "—",
    }
    if result["price"] is not None:
        told["価格の合計"] = f"{result['price']:,.10g} 万円"
    if view.figures is not None:
        told |= {
            f"{row.name}：いま → 答え": f"{row.cells[0].text} → {row.cells[1].text}"
            for row in view.figures.rows
        }
    return told


def _named(result: dict[str, Any], state: str) -> str:
    return "、".join(site["name"] for site in result["sites"] if site["state"] == state) or "なし"
