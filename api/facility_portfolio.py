"""Facilities beside others of their 小分類: the figures of each, its place, flags and judgement. Staff only (inspections)."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.credits import credit
from geodata.queries import assets as asset_queries
from geodata.queries import datasets as dataset_queries
from geodata.queries import facility_sheet, facility_use
from kyodo_geo.assets.condition import condition
from kyodo_geo.assets.portfolio import QUADRANTS, Figures, Place, portfolio
from kyodo_geo.dates import fiscal_year_of
from kyodo_geo.errors import KyodoError
from kyodo_geo.facility_terms import INSPECTED_PARTS
from kyodo_geo.reach.between import between

if TYPE_CHECKING:
    from datetime import date

    from api.services import Services
    from geodata.database import Connection
    from geodata.queries.assets import StockRow
    from geodata.queries.facility_sheet import Site, YearRow
    from geodata.queries.facility_use import RoomYear
    from geodata.queries.generation import Ref
    from kyodo_geo.reach.prepared import Prepared

DETOUR = 1.3
"""Way on foot ÷ straight line, where no network is asked."""
WAYS = {
    "network": "歩く道のり",
    "straight": "直線×1.3",
    "cut-off": "歩く道がつながっていません",
    "none": "同じ種類の施設がほかにありません",
}
LIFE, LONG_LIFE = 60, 80


@dataclass(frozen=True, slots=True)
class Line:
    """One facility: number on the chart, figures, place, and the judgement that holds."""

    number: int
    site: Site
    figures: Figures
    place: Place
    stage: str | None
    way: str
    """How the way to the alternative was found: a key of `WAYS`."""


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Lines by kind, in the order of names."""

    kinds: list[tuple[str, list[Line]]]
    dataset: dict[str, Any]


def ways_of(services: Services) -> Prepared | None:
    """The prepared network of the city, None where there is none (yet). Holds a connection of its own (blocking)."""
    with suppress(KyodoError):  # no people, no facilities: there is nothing to prepare
        held = services.reach.get(services, services.settings.municipality)
        if held.ready and held.prepared.has_network:
            return held.prepared
    return None


def gather(conn: Connection, ref: Ref, on: date, prepared: Prepared | None = None) -> Portfolio:
    """Every facility in service on the day; needs the staff audience. `prepared`: ways on foot, else straight lines."""
    sites = facility_sheet.sites(conn, ref, on=on)
    ways = _alternatives(sites, prepared)
    stock = asset_queries.stock(conn, ref, on=on)
    inspected = {
        item.building_id: condition({part: getattr(item, part) for part in INSPECTED_PARTS})
        for item in asset_queries.inspections(conn, ref, latest=True)
    }
    years = _latest(facility_sheet.years(conn, ref))
    rooms = _occupancy(facility_use.room_years(conn, ref))
    stages: dict[str, str] = {}
    for stage in asset_queries.stages(conn, ref):
        stages.setdefault(stage.facility_id, stage.stage)
    figures = [
        _figures(
            site, [row for row in stock if site.id in row.used], inspected, years.get(site.id),
            rooms.get(site.id), ways[site.id][0], fiscal_year_of(on),
        )
        for site in sites
    ]  # fmt: skip
    places = portfolio(figures)
    by_kind: dict[str, list[Line]] = {}
    for site, item, place in zip(sites, figures, places, strict=True):
        held = by_kind.setdefault(site.kind, [])
        held.append(Line(len(held) + 1, site, item, place, stages.get(site.id), ways[site.id][1]))
    values = {row.quality for row in stock}
    return Portfolio(
        sorted(by_kind.items()),
        credit(dataset_queries.active_datasets(conn, ref), ("facilities",), values=values),
    )


def _latest(rows: list[YearRow]) -> dict[str, YearRow]:
    return {row.facility_id: row for row in sorted(rows, key=lambda row: row.fiscal_year)}


def _occupancy(rows: list[RoomYear]) -> dict[str, float]:
    """Hours used ÷ hours open of all rooms in the newest year in which every recorded room has both."""
    by_year: dict[tuple[str, int], list[RoomYear]] = {}
    for row in rows:
        by_year.setdefault((row.facility_id, row.fiscal_year), []).append(row)
    found: dict[str, float] = {}
    for (facility, _), held in sorted(by_year.items()):
        if all(row.occupancy is not None for row in held):
            found[facility] = sum(row.hours_used or 0 for row in held) / sum(
                row.hours_open or 0 for row in held
            )
    return found


def _figures(
    site: Site, rows: list[StockRow], inspected: dict[str, int | None], year: YearRow | None,
    occupancy: float | None, alternative_m: float | None, now: int,
) -> Figures:  # fmt: skip
    areas = [row.floor_area_m2 if len(row.used) == 1 else row.used[site.id] for row in rows]
    area = sum(part or 0 for part in areas) if areas and None not in areas else None
    users = year.users if year else None
    cost = year.cost_yen if year else None
    return Figures(
        id=site.id,
        kind=site.kind,
        occupancy=occupancy,
        users_per_m2=users / area if users is not None and area else None,
        alternative_m=alternative_m,
        condition=_condition(rows, inspected),
        seismic=_seismic(rows),
        years_left=_years_left(rows, now),
        cost_per_m2=cost / area if cost is not None and area else None,
        cost=cost,
    )


def _alternatives(sites: list[Site], prepared: Prepared | None) -> dict[str, tuple[float | None, str]]:
    """Facility → (metres to the nearest of its kind, key of `WAYS`)."""
    column = {} if prepared is None else {key: place for place, key in enumerate(prepared.site.tolist())}
    kinds: dict[str, list[Site]] = {}
    for site in sites:
        kinds.setdefault(site.kind, []).append(site)
    found: dict[str, tuple[float | None, str]] = {}
    for members in kinds.values():
        if len(members) == 1:
            found[members[0].id] = (None, "none")
        elif prepared is not None and all(site.id in column for site in members):
            metres = between(prepared.network, prepared.cell_snap, [column[site.id] for site in members])
            for place, site in enumerate(members):
                least = float(min(metres[place, other] for other in range(len(members)) if other != place))
                found[site.id] = (least, "network") if math.isfinite(least) else (None, "cut-off")
        else:
            for site in members:
                apart = min(math.hypot(site.x - o.x, site.y - o.y) for o in members if o.id != site.id)
                found[site.id] = (apart * DETOUR, "straight")
    return found


def _condition(rows: list[StockRow], inspected: dict[str, int | None]) -> float | None:
    """Of the buildings together, by floor area; unknown where one of them is."""
    scores = [(inspected.get(row.building_id), row.floor_area_m2) for row in rows]
    if len(scores) == 1:
        return scores[0][0]
    if not scores or any(score is None or not area for score, area in scores):
        return None
    return sum((s or 0) * (a or 0) for s, a in scores) / sum(a or 0 for _, a in scores)


def _seismic(rows: list[StockRow]) -> float | None:
    """0 where one is not proof, 1 where all are."""
    found = [row.seismic for row in rows]
    if "not-proof" in found:
        return 0.0
    return None if not found or None in found else 1.0


def _years_left(rows: list[StockRow], now: int) -> float | None:
    """Until the first building is to be rebuilt: 60 years, 80 where it can be extended."""
    if not rows or any(row.built_year is None for row in rows):
        return None
    return min((row.built_year or 0) + (LONG_LIFE if row.extendable else LIFE) - now for row in rows)


def pictures(found: Portfolio) -> list[dict[str, Any]]:
    """Each kind with its chart, its lines, and how many have no place."""
    from maps.portfolio import Mark, portfolio_chart

    shown = []
    for number, (kind, lines) in enumerate(found.kinds, start=1):
        marks = [
            Mark(
                line.number, line.site.name, line.place.x, line.place.y, line.figures.cost,
                "、".join(line.place.known_words), line.place.complete,
            )
            for line in lines
            if line.place.x is not None and line.place.y is not None
        ]  # fmt: skip
        title = f"{kind}（{len(lines)}施設）の利用と性能"
        shown.append(
            {
                "id": f"kind-{number}",
                "kind": kind,
                "lines": lines,
                "missing": len(lines) - len(marks),
                "svg": portfolio_chart(f"portfolio-{number}", title, marks, QUADRANTS) if marks else None,
                "title": title,
            }
        )
    return shown
