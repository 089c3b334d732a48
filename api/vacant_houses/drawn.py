"""The houses on the map, and the answer in a sentence or two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.vacant_houses.view import name_of, rank_words, shown, table_of
from api.vacant_houses.words import UNKNOWN, verdict_words
from kyodo_geo.vacancy.verdict import Verdict

if TYPE_CHECKING:
    from api.vacant_houses.assess import Assessed
    from api.vacant_houses.params import HouseListParams
    from geodata.queries.facility_sheet import Site
    from maps.specs import BuiltMap


def map_of(
    found: Assessed, params: HouseListParams, sites: list[Site], outline: str | None, basemap: Any
) -> BuiltMap:
    """The listed houses, with the halls and facilities that are there."""
    from maps.build import build_map
    from maps.specs import Figure
    from maps.vacant_houses import ExistingPoint, HousePoint, VacantHousesSpec

    listed = shown(found, params)
    open_ids = {str(found.prepared.site[at]) for at in found.facilities}
    existing = [
        ExistingPoint(f"h_{hall.hall_id}", hall.name, hall.lon, hall.lat, "hall")
        for hall in found.halls
        if hall.lon is not None and hall.lat is not None
    ]
    existing += [
        ExistingPoint(site.id, site.name, site.lon, site.lat, "facility")
        for site in sites
        if site.id in open_ids
    ]
    houses = [
        HousePoint(
            house.house_id, name_of(house), house.lon, house.lat, found.verdicts[at].value,
            (
                rank_words(found.gains[at].any),
                verdict_words(found.checks[at]),
                f"{found.gains[at].people:,.0f} 人",
                house.association or UNKNOWN,
            ),
        )
        for at in listed
        for house in (found.houses[at],)
    ]  # fmt: skip
    count = {verdict: sum(one is verdict for one in found.verdicts) for verdict in Verdict}
    ranked = sum(gain.any is not None for gain in found.gains)
    return build_map(
        VacantHousesSpec(
            houses=tuple(houses),
            existing=tuple(existing),
            table=table_of(found, params),
            summary=summary_of(found),
            figures=(
                Figure("空き家", f"{len(found.houses):,} 件", f"うち順位の付いたもの {ranked:,} 件"),
                Figure(
                    "判定",
                    f"可 {count[Verdict.PASS]:,} 件",
                    f"不明のある {count[Verdict.UNKNOWN]:,} 件、不可 {count[Verdict.FAIL]:,} 件",
                ),
            ),
            outline=outline,
            basemap=basemap,
        )
    )


def summary_of(found: Assessed) -> str:
    """The answer in a sentence or two."""
    if not found.houses:
        return "空き家のデータが読み込まれていません。候補はありません。"
    first = next((at for at in found.order if found.gains[at].any is not None), None)
    if first is None:
        return f"空き家 {len(found.houses):,} 件のうち、条件に合って順位の付くものはありません。"
    gain, house = found.gains[first], found.houses[first]
    words = (
        f"空き家 {len(found.houses):,} 件のうち、新しく届く人が最も多いのは {house.house_id}"
        f"（{house.association or '町内会・自治会は不明'}）で、{gain.people:,.0f} 人です。"
    )
    sure = next((at for at in found.order if (p := found.gains[at].sure) is not None and p.rank == 1), None)
    if sure is None:
        return words + "不明な条件のない空き家はありません。"
    return words + (
        "不明な条件もありません。"
        if sure == first
        else f"不明な条件のない空き家では {found.houses[sure].house_id}（{found.gains[sure].people:,.0f} 人）です。"
    )
