"""All facilities: map and table with kind, capacity, opening, closures, and the people whose nearest each is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api import facility_zones, figures
from api.reach_pages import cells
from api.reach_pages.gap_tables import percent
from api.reach_pages.gaps import kinds_of_data, period_of
from api.reach_pages.params import assumptions, choice_of, range_words, supply_label
from api.reach_pages.people import year_label
from api.support.parts import common, districts_of, with_records
from geodata.queries import facility_sheet, facility_use
from kyodo_geo.classes import COVERAGE_BREAKS, class_labels, class_of
from maps.text import day

if TYPE_CHECKING:
    from api.answers import Reading
    from api.reach_pages.params import ReachParams
    from api.reach_pages.shelf import Held
    from kyodo_geo.reach.report import Choice
    from maps.district_counts import DistrictCountsSpec
    from maps.specs import BuiltMap
    from maps.tables import Table


REASONS = {"works": "工事", "disaster": "災害", "other": "その他"}


@dataclass(frozen=True, slots=True, eq=False)
class SitesView:
    """All that page and files of the list say."""

    choice: Choice
    spec: DistrictCountsSpec
    built: BuiltMap
    table: Table
    unknown: list[str]
    assumptions: list[str]
    dataset: dict[str, Any]
    period: str


def sites_view(reading: Reading, held: Held, params: ReachParams, sheet: str | None) -> SitesView:
    """The view, made once for a question and state. `sheet`: see `closing.table_of`."""
    choice = choice_of(held, params)
    key = ("sites", reading.ref.municipality_code, reading.ref.revision, reading.on, choice)
    found: SitesView = reading.services.reach.derived(held, key, lambda: _made(reading, held, choice, sheet))
    return found


def _made(reading: Reading, held: Held, choice: Choice, sheet: str | None) -> SitesView:
    import numpy as np

    from kyodo_geo.reach.report import report
    from maps.build import build_map
    from maps.district_counts import Counted, DistrictCountsSpec, Place, Shades
    from maps.palettes import ramp
    from maps.specs import Figure, Overlays
    from maps.tables import Cell, Column, Row, Table

    prepared = held.prepared
    district = figures.district_figures(reading)
    names = {row.no: row.name for row in district.rows}
    found = report(prepared, choice)
    total, inside = float(found.total.sum()), float(found.reached.sum())
    loads = np.bincount(found.first + 1, found.total, len(prepared.site) + 1)[1:]
    older = np.bincount(found.first + 1, found.people[:, 2], len(prepared.site) + 1)[1:]
    place_of = {str(key): place for place, key in enumerate(prepared.site)}
    opened = {int(at) for at, is_open in zip(found.sites, found.opened, strict=True) if is_open}
    listed = {int(at) for at in found.sites}
    closures: dict[str, list[facility_use.Closure]] = {}
    for item in facility_use.closures(reading.conn, reading.ref):
        closures.setdefault(item.facility_id, []).append(item)
    rows, places, no_capacity, no_opening = [], [], 0, 0
    shown = [
        site
        for site in facility_sheet.sites(reading.conn, reading.ref, all_times=True)
        if place_of.get(site.id) in listed
    ]
    stands = facility_zones.standing(reading.conn, reading.ref, shown)
    zones, not_drawn = facility_zones.zones(reading.conn, reading.ref, stands.loaded)
    for site in shown:
        at = place_of[site.id]
        capacity = prepared.capacity[at]
        no_capacity += bool(np.isnan(capacity))
        no_opening += site.opened_on is None
        shut = "、".join(_closure(item) for item in closures.get(site.id, []))
        is_open = at in opened
        where = f"{site.district_no} {site.district}" if site.district_no is not None else "地区の外"
        people = Cell(f"{loads[at]:,.0f}", round(float(loads[at]))) if is_open else Cell("—")
        rows.append(
            Row(
                site.id, site.name,
                (
                    cells.words(site.kind),
                    cells.words(where),
                    cells.words("開館" if is_open else "開いていない"),
                    people,
                    cells.people(float(older[at]) if prepared.knows_band(2) else None) if is_open else Cell("—"),
                    cells.people(None if np.isnan(capacity) else float(capacity)),
                    cells.words(day(site.opened_on)),
                    cells.words(day(site.closed_on) if site.closed_on else "なし"),
                    cells.words(shut or "なし"),
                    *(cells.words(stands.words(site.id, kind)) for kind in facility_zones.KINDS),
                ),
                kana=site.kana,
                href=None if sheet is None else sheet.replace("{id}", site.id),
            )
        )  # fmt: skip
        places.append(
            Place(site.id, site.name, site.lon, site.lat,
                  (site.kind, site.address or "不明", people.text, "不明" if np.isnan(capacity) else f"{capacity:,.0f} 人",
                   *(stands.words(site.id, kind) for kind in facility_zones.KINDS)),
                  0 if is_open else 1)
        )  # fmt: skip
    label = year_label(prepared, choice.year, choice.projection)
    counted = {}
    for place, no in enumerate(found.numbers):
        heads, near = float(found.by_district.people[place].sum()), float(found.reached[place].sum())
        counted[no] = Counted(
            class_of(near / heads if heads > 0 else None, COVERAGE_BREAKS),
            (cells.share(near, heads), cells.people(heads), cells.people(heads - near)),
        )
    spec = DistrictCountsSpec(
        name="facility-list",
        label=f"{label}の施設と、施設が届く範囲に住む人の割合の地図",
        caption=f"{label}に施設が届く範囲に住む人（地区別）",
        summary=(
            f"{supply_label(choice.supply)}は {len(rows):,} か所で、{label}に開いているのは {len(opened):,} か所です。"
            f"決めた範囲（{range_words(found)}）に施設がある人は {inside:,.0f} 人（{percent(inside, total)}）です。"
        ),
        districts=districts_of(district),
        counted=counted,
        columns=(
            Column("share_within", "範囲内の割合（%）", numeric=True, digits=1),
            Column("people", "人口", numeric=True),
            Column("out_of_reach", "届かない人", numeric=True),
        ),
        shades=Shades(
            "届く範囲に住む人の割合", "単位 %、地区の人口に対する割合",
            tuple(class_labels(COVERAGE_BREAKS)), ramp("YlOrBr", len(COVERAGE_BREAKS) + 1),
        ),
        figures=(
            Figure("施設", f"{len(rows):,} か所", f"うち開いている {len(opened):,} か所"),
            Figure("範囲に施設がある人", f"{inside:,.0f} 人", percent(inside, total)),
        ),
        places=tuple(places),
        place_title="施設",
        place_groups=(("開いている施設", "#ffffff"), ("その年は開いていない施設", "#8a8f98")),
        place_details=("種別", "所在地", "最寄りの人", "定員", *facility_zones.KINDS.values()),
        zones=zones,
        **{**common(reading), "overlays": Overlays()},
    )  # fmt: skip
    table = Table(
        f"{label}の施設（{supply_label(choice.supply)}）",
        "施設",
        (
            Column("kind", "種別"),
            Column("district", "地区"),
            Column("open", "その年"),
            Column("people_nearest", "ここが最寄りの人", numeric=True),
            Column("people_nearest_65", "うち65歳以上", numeric=True),
            Column("capacity", "定員", numeric=True),
            Column("opened_on", "開設"),
            Column("closed_on", "廃止"),
            Column("closures", "休館（工事など）"),
            *(Column(kind.replace("-", "_"), name) for kind, name in facility_zones.KINDS.items()),
        ),
        tuple(rows),
        layer="places",
        notes=(
            "定員は施設の定員、なければ部屋の定員の合計です。部屋の定員が 1 つでも不明なら不明とします。",
        ),
    )
    unknown = [
        f"定員が不明の施設 {no_capacity:,} か所",
        f"開設の日が不明の施設 {no_opening:,} か所（ずっと開いているとして数えています）",
        *stands.lines(len(shown)),
        *not_drawn,
    ]
    also = [item for items in closures.values() for item in items]
    credit = with_records(
        district.credit(*kinds_of_data(held), *stands.loaded, plans=False),
        [c.quality for c in also],
        [c.source for c in also],
    )
    return SitesView(
        choice, spec, build_map(spec), table, unknown,
        assumptions(held, choice, [names.get(no, str(no)) for no in found.driving]), credit,
        period_of(held, choice),
    )  # fmt: skip


def _closure(item: facility_use.Closure) -> str:
    until = f"{day(item.reopens_on)}の前日まで" if item.reopens_on else "再開は未定"
    return f"{day(item.closed_from)}から{until}（{REASONS.get(item.reason, item.reason)}）"
