"""What the answer of a lookup adds for the customer's paper: the association, optional layers, a static map.

The same for the page, which can be printed, and for the one sheet (PDF).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.association_facts import AssociationFacts, draw, gather
from api.layers import layers_at
from api.paper.words import JA, Words
from kyodo_geo.lookup.answers import Answer, Outcome

if TYPE_CHECKING:
    from markupsafe import Markup

    from api.answers import Reading

PLACES = frozenset({"one", "several", "none_here"})
"""Outcomes that are about a place in the city."""


@dataclass(frozen=True, slots=True)
class Extras:
    """`facts` and `map_svg` where one association was found (or chosen among several); `uncertain` in Japanese.

    `picked`: where it was chosen among several, that it was, and why the lookup could not decide.
    """

    facts: AssociationFacts | None
    map_svg: Markup | None
    layers: list[dict[str, Any]]
    uncertain: tuple[str, ...]
    picked: str | None = None
    words: Words = JA


def extras(
    reading: Reading,
    answer: Answer,
    chosen: str | None,
    *,
    width: int = 480,
    height: int = 330,
    font: float = 12.0,
) -> Extras:
    """Extras for an answer; `chosen` is the candidate that was picked, if one was."""
    from maps.paper import Here

    found = answer.as_dict()
    ids = [item["id"] for item in found["associations"]]
    only = chosen or (ids[0] if found["outcome"] == "one" else None)
    place = found["address"] or {}
    lon, lat, accuracy = (place.get(name) for name in ("lon", "lat", "accuracy_m"))
    at = (lon, lat) if lon is not None and lat is not None and found["outcome"] in PLACES else None
    facts = gather(reading, only) if only else None
    svg = None
    if facts is not None:
        here = Here(*at, accuracy or 0.0) if at else None
        svg = draw(reading, facts.row, width=width, height=height, font=font, here=here)
    layers = layers_at(reading, *at, accuracy) if at else []
    doubts = tuple(_doubts(answer, found, accuracy if at else None))
    return Extras(facts, svg, layers, doubts, _picked(answer) if chosen else None)


def _picked(answer: Answer) -> str | None:
    if answer.outcome is not Outcome.SEVERAL:
        return None
    many = len(answer.associations)
    among = f"候補 {many} 件の中から選んだものです" if many > 1 else "確かでない候補を選んだものです"
    why = f"決められなかった理由：{answer.undecided}" if answer.undecided else ""
    return f"{among}。このサービスが決めたものではありません。{why}市の窓口でお確かめください。"


def _doubts(answer: Answer, found: dict[str, Any], accuracy: float | None) -> list[str]:
    doubts = [answer.notes] if answer.notes else []
    if found["outcome"] == "one" and found["associations"][0]["basis"] == "area":
        doubts.append(
            "住所の範囲の登録がないため、地図の区域から判断しました。境界の近くでは違うことがあります。"
        )
    if found["outcome"] == "one" and found["associations"][0]["basis"] == "memory":
        doubts.append("住所だけでは決まらないため、会員店や市が確かめた物件台帳から判断しました。")
    if accuracy and accuracy > 0:
        doubts.append(f"地図の上の位置は、およそ {accuracy:,.0f} m の幅があります。")
    return doubts
