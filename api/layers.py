"""Optional layers for the answer of a lookup: what can be said of a place, and what has to be checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geodata.queries import area_layers, datasets
from geodata.queries.area_layers import LayerHit
from kyodo_geo.kinds import AREA_LAYERS

if TYPE_CHECKING:
    from api.answers import Reading

BORDER_M = 20.0
"""Nearer to a border than this, a published line decides nothing: such lines are drawn with an error of metres."""
ROUGH_M = 200.0

NEAR_BORDER = "境界の近くのため要確認"
NONE_HERE = "この場所の区域は、資料にありません。"
NO_FLOOD = "資料では浸水想定区域の外です。想定を超える浸水もあります。"


def layers_at(reading: Reading, lon: float, lat: float, accuracy_m: float | None) -> list[dict[str, Any]]:
    """One entry per loaded layer: kind, label, items, `check` (why to ask; None: certain), `none`, source and date.

    `accuracy_m` is the radius within which the place lies.
    """
    kinds = area_layers.loaded(reading.conn, reading.ref)
    if not kinds:
        return []
    radius = accuracy_m or 0.0
    hits: dict[str, list[LayerHit]] = {}
    found = area_layers.areas_at(reading.conn, reading.ref, lon, lat, max(radius, BORDER_M))
    for hit in [*found, *area_layers.places_near(reading.conn, reading.ref, lon, lat)]:
        hits.setdefault(hit.kind, []).append(hit)
    infos = datasets.active_datasets(reading.conn, reading.ref)
    days = {kind: infos[kind].as_of for kind in kinds}
    return [
        {
            "kind": kind,
            "label": AREA_LAYERS[kind],
            "items": [_item(hit, radius) for hit in hits.get(kind, [])],
            "check": _check(kind, hits.get(kind, []), radius),
            "none": None if hits.get(kind) else (NO_FLOOD if kind == "flood" else NONE_HERE),
            "source": infos[kind].source,
            "as_of": day.isoformat() if (day := days[kind]) else None,
            "quality": infos[kind].quality.value,
            "quality_label": infos[kind].quality.label,
        }
        for kind in kinds
    ]


def _item(hit: LayerHit, radius: float) -> dict[str, Any]:
    far = None
    if hit.distance_m is not None and radius <= ROUGH_M:
        far = f"直線でおよそ {max(100, round(hit.distance_m, -2)):,.0f} m"
    return {
        "name": hit.name,
        "detail": hit.detail,
        "contact": hit.contact,
        "phone": hit.phone,
        "address": hit.address,
        "distance": far,
    }


def _check(kind: str, hits: list[LayerHit], radius: float) -> str | None:
    if kind in area_layers.PLACES:
        return _rough(radius) if radius > ROUGH_M else None
    if not hits or (len(hits) == 1 and hits[0].whole):
        return None
    return _rough(radius) if radius > BORDER_M else NEAR_BORDER


def _rough(radius: float) -> str:
    return f"住所の位置がおよそ {radius:,.0f} m の幅でしかわからないため要確認"
