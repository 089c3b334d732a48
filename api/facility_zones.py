"""In which areas of flood, landslide and 居住誘導 facilities stand. A layer that is not loaded is 不明, never "outside"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geodata.queries import planning_layers

if TYPE_CHECKING:
    from geodata.database import Connection
    from geodata.queries.facility_sheet import Site
    from geodata.queries.generation import Ref
    from maps.zones import Zone

KINDS = {
    "flood": "洪水浸水想定区域",
    "landslide": "土砂災害（特別）警戒区域",
    "residential-zone": "居住誘導区域",
}
UNKNOWN, OUTSIDE = "不明", "区域の外"
ABOUT = (
    "区域の内外は、施設の位置（地図上の1点）で見ています。敷地の一部だけが区域に入ることがあります。"
    "縁の近くの施設は、公表されている原図で確かめてください。"
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Of some facilities: which layers are loaded, and the names of the areas that hold each (by its id, then kind)."""

    loaded: tuple[str, ...]
    held: dict[str, dict[str, tuple[str, ...]]]

    def words(self, facility_id: str, kind: str) -> str:
        """What to say of a facility and a layer."""
        if kind not in self.loaded:
            return UNKNOWN
        return "、".join(self.held.get(facility_id, {}).get(kind, ())) or OUTSIDE

    @property
    def missing(self) -> list[str]:
        """Names of the layers that are not loaded."""
        return [name for kind, name in KINDS.items() if kind not in self.loaded]

    def lines(self, count: int) -> list[str]:
        """How many of `count` facilities stand in each layer, and what is unknown."""
        found = []
        for kind, name in KINDS.items():
            if kind in self.loaded:
                inside = sum(kind in of_one for of_one in self.held.values())
                found.append(f"{name}の中にある施設 {inside:,} か所（{count:,} か所のうち）")
            else:
                found.append(
                    f"{name}は読み込まれていないため、{count:,} か所とも不明（区域の外という意味ではありません）"
                )
        return [*found, ABOUT]


def standing(conn: Connection, ref: Ref, sites: Sequence[Site]) -> Standing:
    """Ask the loaded layers for the places of the facilities."""
    loaded = tuple(kind for kind in planning_layers.loaded(conn, ref) if kind in KINDS)
    held: dict[str, dict[str, list[str]]] = {}
    for item in planning_layers.at_places(conn, ref, [(site.lon, site.lat) for site in sites]):
        if item.kind in KINDS:
            words = item.name if not item.detail else f"{item.name}（{item.detail}）"
            named = held.setdefault(sites[item.no].id, {}).setdefault(item.kind, [])
            if words not in named:
                named.append(words)
    return Standing(loaded, {key: {k: tuple(v) for k, v in of.items()} for key, of in held.items()})


def zones(conn: Connection, ref: Ref, loaded: Sequence[str]) -> tuple[tuple[Zone, ...], list[str]]:
    """(the loaded layers as a map draws them, what it does not draw)."""
    from maps.zones import Zone

    found, left = [], []
    for kind, name in KINDS.items():
        if kind not in loaded:
            continue
        areas, every = planning_layers.drawn(conn, ref, kind)
        found.append(Zone(kind, name, tuple((a.name, a.detail or "―", a.geometry) for a in areas)))
        if every > len(areas):
            left.append(
                f"{name}は {every:,} 区域のうち大きい {len(areas):,} 区域だけを地図に示しています（表はすべてで見ています）。"
            )
    return tuple(found), left
