"""What the answer of a lookup adds for the customer's paper: the association, optional layers, a static map.

The same for the page, which can be printed, and for the one sheet (PDF).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.association_facts import AssociationFacts, draw, gather
from api.layers import layers_at
from api.paper.words import JA, Words

if TYPE_CHECKING:
    from markupsafe import Markup

    from api.answers import Reading

PLACES = frozenset({"one", "several", "none_here"})
"""Outcomes that are about a place in the city."""


@dataclass(frozen=True, slots=True)
class Extras:
    """`facts` and `map_svg` where one association was found (or chosen among several); `uncertain` in Japanese."""

    facts: AssociationFacts | None
    map_svg: Markup | None
    layers: list[dict[str, Any]]
    uncertain: tuple[str, ...]
    words: Words = JA


def extras(
    reading: Reading,
    found: dict[str, Any],
    chosen: str | None,
    *,
    width: int = 480,
    height: int = 330,
    font: float = 12.0,
) -> Extras:
    """Extras for an answer of the API; `chosen` is the candidate that was picked, if one was."""
    from maps.paper import Here

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
    return Extras(facts, svg, layers, tuple(_doubts(found, chosen, accuracy if at else None)))


def _doubts(found: dict[str, Any], chosen: str | None, accuracy: float | None) -> list[str]:
    doubts = []
    if chosen and found["outcome"] == "several":
        doubts.append(
            f"候補が {len(found['associations'])} 件あり、その中から選んだものです。市の窓口でお確かめください。"
        )
    if found["outcome"] == "one" and found["associations"][0]["basis"] == "area":
        doubts.append(
            "住所の範囲の登録がないため、地図の区域から判断しました。境界の近くでは違うことがあります。"
        )
    if accuracy and accuracy > 0:
        doubts.append(f"地図の上の位置は、およそ {accuracy:,.0f} m の幅があります。")
    return doubts
