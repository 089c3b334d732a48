"""Who is out of reach: map and table by district, tables of the city, small areas, reasons, and of two years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api import figures
from api.reach_pages import cells
from api.reach_pages.gap_tables import (
    areas_table,
    city_table,
    compared_table,
    main_reason,
    outside,
    percent,
    reasons_table,
    sentences,
    ways_table,
    weighted,
)
from api.reach_pages.level_table import by_age, city_and_districts, figures_of, of_cells
from api.reach_pages.mode_tables import columns as mode_columns
from api.reach_pages.mode_tables import district_cells, modes_of, modes_table
from api.reach_pages.mode_words import reach_words
from api.reach_pages.params import BY, assumptions, choice_of, range_words, supply_label
from api.reach_pages.people import DEMAND, MESH_KIND, year_label
from api.support.parts import common, districts_of
from kyodo_geo.classes import COVERAGE_BREAKS, class_labels, class_of

if TYPE_CHECKING:
    from api.answers import Reading
    from api.reach_pages.params import GapsParams, ReachParams
    from api.reach_pages.shelf import Held
    from kyodo_geo.reach.by_mode import ByMode
    from kyodo_geo.reach.report import Choice, Report
    from maps.district_counts import DistrictCountsSpec
    from maps.specs import BuiltMap
    from maps.tables import Table

SHOWN_AREAS = 60
KINDS = (
    "facilities",
    "walk-network",
    "drive-network",
    "bus-timetable",
    "age-population",
    *figures.PEOPLE_KINDS,
    *figures.PLACE_KINDS,
    "built-up",
)


@dataclass(frozen=True, slots=True, eq=False)
class GapsView:
    """All that page and files of one question say."""

    choice: Choice
    spec: DistrictCountsSpec
    built: BuiltMap
    city: Table
    levels: Table
    modes: Table
    ways: Table
    reasons: Table
    areas: Table
    compared: Table | None
    sentences: list[str]
    assumptions: list[str]
    dataset: dict[str, Any]
    period: str


def gaps_view(reading: Reading, held: Held, params: GapsParams) -> GapsView:
    """The view, made once for a question and state."""
    choice = choice_of(held, params)
    other = None if params.compare_year is None else choice_of(held, params, params.compare_year)
    key = ("gaps", reading.ref.municipality_code, reading.ref.revision, reading.on, choice, other)
    found: GapsView = reading.services.reach.derived(
        held, key, lambda: _made(reading, held, choice, other if other != choice else None)
    )
    return found


def _made(reading: Reading, held: Held, choice: Choice, other: Choice | None) -> GapsView:
    from kyodo_geo.reach.report import report, straight_of
    from maps.build import build_map

    district = figures.district_figures(reading)
    names = {row.no: row.name for row in district.rows}
    found = report(held.prepared, choice)
    line = report(held.prepared, straight_of(choice))
    modes = modes_of(held, found)
    spec = _spec(reading, held, found, line, district, modes)
    return GapsView(
        choice,
        spec,
        build_map(spec),
        city_table(held, found),
        city_and_districts(held, found, names),
        modes_table(held, found, modes, names),
        ways_table(found, line),
        reasons_table(held, found),
        areas_table(held, found, line, names),
        None if other is None else compared_table(held, found, report(held.prepared, other), names),
        sentences(found),
        assumptions(held, choice, [names.get(no, str(no)) for no in found.driving]),
        district.credit(*kinds_of_data(held), plans=False),
        period_of(held, choice),
    )


def cells_table(reading: Reading, held: Held, params: ReachParams) -> Table:
    """Every figure of each small area or square: only files and the interface ask for it."""
    from kyodo_geo.reach.report import report

    choice = choice_of(held, params)
    names = {row.no: row.name for row in figures.district_figures(reading).rows}
    key = ("gap-cells", reading.ref.municipality_code, reading.ref.revision, choice)
    found: Table = reading.services.reach.derived(
        held, key, lambda: of_cells(held, report(held.prepared, choice), names)
    )
    return found


def gaps_body(reading: Reading, held: Held, params: GapsParams, part: str) -> dict[str, Any]:
    """The answer of the interface: the table of the file of the same part."""
    view = gaps_view(reading, held, params)
    choice = view.choice
    table = cells_table(reading, held, params) if part == "cells" else view.levels
    return {
        "municipality": reading.ref.municipality_code,
        "year": choice.year,
        "year_label": year_label(held.prepared, choice.year, choice.projection),
        "supply": choice.supply,
        "by": choice.by,
        "by_label": BY[choice.by],
        "ready": held.ready,
        "demand": held.demand,
        "projection": choice.projection,
        "assumptions": view.assumptions,
        "columns": [
            {"key": column.key, "label": column.label, "numeric": column.numeric, "digits": column.digits}
            for column in table.columns
        ],
        "rows": figures_of(table),
        "dataset": view.dataset,
    }


def kinds_of_data(held: Held) -> tuple[str, ...]:
    """Kinds of datasets that the figures stand on."""
    return (*KINDS, MESH_KIND) if held.demand == "mesh" else KINDS


def period_of(held: Held, choice: Choice) -> str:
    """Year and assumptions as they stand in every row of a file."""
    return (
        f"{year_label(held.prepared, choice.year, choice.projection)}・{DEMAND[held.demand]}・"
        f"{supply_label(choice.supply)}・{BY[choice.by]}・{reach_words(held.prepared, choice)}"
    )


def _spec(
    reading: Reading,
    held: Held,
    found: Report,
    line: Report,
    district: figures.DistrictFigures,
    modes: ByMode,
) -> DistrictCountsSpec:
    from maps.district_counts import DistrictCountsSpec, Place, Shades
    from maps.palettes import ramp
    from maps.specs import Figure
    from maps.tables import Column

    rows = {
        no: (
            *_district(held, found, line, place),
            *district_cells(held, found, modes, found.group == place),
        )
        for place, no in enumerate(found.numbers)
    }
    total, inside = float(found.total.sum()), float(found.reached.sum())
    label = year_label(held.prepared, found.choice.year, found.choice.projection)
    open_now = int(found.opened.sum())
    prepared = held.prepared
    out = f"{total - inside:,.0f} 人"
    old = by_age(held, outside(found))[2].text
    return DistrictCountsSpec(
        name="facility-gaps",
        label=f"{label}に施設が届く範囲に住む人の割合の地図",
        caption=f"{label}に施設が届く範囲と、届かない人（地区別、{BY[found.choice.by]}）",
        summary=(
            f"{label}、{supply_label(found.choice.supply)} {open_now:,} か所のどれにも、決めた範囲（{range_words(found)}）"
            f"では届かない人は {out}です（全体 {total:,.0f} 人の {percent(total - inside, total)}）。"
        ),
        districts=districts_of(district),
        counted={no: _counted(found, place, rows[no]) for place, no in enumerate(found.numbers)},
        columns=(
            Column("share_within", "範囲内の割合（%）", numeric=True, digits=1),
            Column("people", "人口", numeric=True),
            Column("out_of_reach", "届かない人", numeric=True),
            Column("out_of_reach_65", "うち65歳以上", numeric=True),
            Column("out_of_reach_14", "うち0〜14歳", numeric=True),
            Column("mean_m", "最寄りまでの平均（m）", numeric=True),
            Column("straight_share", "直線×1.3での割合（%）", numeric=True, digits=1),
            Column("difference", "直線との差（ポイント）", numeric=True, digits=1),
            Column("seats", "千人あたりの定員（2SFCA）", numeric=True, digits=1),
            Column("seats_decayed", "同（E2SFCA）", numeric=True, digits=1),
            Column("range", "範囲"),
            Column("reason", "届かない主な理由"),
            *mode_columns(held),
        ),
        shades=Shades(
            "届く範囲に住む人の割合",
            "単位 %、地区の人口に対する割合",
            tuple(class_labels(COVERAGE_BREAKS)),
            ramp("YlOrBr", len(COVERAGE_BREAKS) + 1),
        ),
        figures=(
            Figure("届かない人（市全体）", out, percent(total - inside, total)),
            Figure("うち65歳以上", old if old == "不明" else f"{old} 人", "届かない人のうち"),
            *_without_car(held, found, modes),
            Figure("開いている施設", f"{open_now:,} か所", f"{len(found.sites):,} か所のうち"),
        ),
        notes=_notes(found, prepared),
        places=tuple(
            Place(str(prepared.site[i]), str(prepared.site_name[i]), *_lonlat(reading, held)[str(prepared.site[i])],
                  (str(prepared.site_kind[i]),), 0 if is_open else 1)
            for i, is_open in zip(found.sites, found.opened, strict=True)
            if str(prepared.site[i]) in _lonlat(reading, held)
        ),
        place_title="施設",
        place_groups=(("開いている施設", "#ffffff"), ("その年は開いていない施設", "#8a8f98")),
        place_details=("種別",),
        **{**common(reading), "overlays": _nothing()},
    )  # fmt: skip


def _without_car(held: Held, found: Report, modes: ByMode) -> tuple[Any, ...]:
    """The figure of those who do not drive, where buses are known."""
    from maps.specs import Figure

    if modes.bus is None:
        return ()
    people, aged = (float(values[modes.left].sum()) for values in (found.total, found.people[:, 2]))
    return (
        Figure(
            "車なし（徒歩かバス）では届かない人",
            f"{people:,.0f} 人",
            f"うち65歳以上 {aged:,.0f} 人" if held.prepared.knows_band(2) else "65歳以上は不明",
        ),
    )


def _nothing() -> Any:
    from maps.specs import Overlays

    return Overlays()


def _lonlat(reading: Reading, held: Held) -> dict[str, tuple[float, float]]:
    """Where the facilities are, in degrees."""
    from geodata.queries.facility_sheet import sites

    key = ("lonlat", reading.ref.municipality_code, reading.ref.revision)
    found: dict[str, tuple[float, float]] = reading.services.reach.derived(
        held,
        key,
        lambda: {s.id: (s.lon, s.lat) for s in sites(reading.conn, reading.ref, all_times=True)},
    )
    return found


def _notes(found: Report, prepared: Any) -> tuple[str, ...]:
    import numpy as np

    unknown = int(np.isnan(prepared.capacity[found.sites]).sum())
    lost = float(found.total[found.group == len(found.numbers)].sum())
    notes = [
        "千人あたりの定員は、範囲の中の施設の定員を、その施設に届く人の数で割って足したもの（2SFCA）です。",
        "「同（E2SFCA）」は、範囲の中でも遠い施設ほど小さく数えます（範囲の半分の距離で約 0.6 倍、端で約 0.1 倍）。",
    ]
    if unknown:
        notes.append(
            f"定員が不明の施設が {unknown:,} か所あります。千人あたりの定員では 0、満員かどうかでは余裕があるとしています。"
        )
    if lost >= 0.5:
        notes.append(f"どの地区にも入らない所に {lost:,.0f} 人が住んでいます。市全体の数値には含みます。")
    return tuple(notes)


def _district(held: Held, found: Report, line: Report, place: int) -> tuple[Any, ...]:
    mine = found.group == place
    people, inside = float(found.by_district.people[place].sum()), float(found.reached[place].sum())
    out = found.by_district.people[place] - found.reached[place]
    young, _, old, _ = by_age(held, out)
    straight = float(line.reached[place].sum())
    weight, beyond = found.total[mine], mine & (found.cost > found.limit)
    drives = found.numbers[place] in found.driving
    return (
        cells.share(inside, people),
        cells.people(people),
        cells.people(out.sum()),
        old,
        young,
        cells.metres(_mean(found, place)),
        cells.share(straight, people),
        cells.points((straight - inside) / people if people else None),
        cells.seats(weighted(found.access.access[mine], weight)),
        cells.seats(weighted(found.decayed.access[mine], weight)),
        cells.words(
            f"車 {found.choice.minutes:g} 分" if drives else f"徒歩 {found.choice.distance_m:,.0f} m"
        ),
        cells.words(main_reason(found.gap[beyond], found.total[beyond])),
    )


def _mean(found: Report, place: int) -> float:
    part = found.by_district
    reachable = float((part.people[place] - part.unreachable[place]).sum())
    return float(part.person_cost[place].sum()) / reachable if reachable > 0 else float("nan")


def _counted(found: Report, place: int, row: tuple[Any, ...]) -> Any:
    from maps.district_counts import Counted

    people = float(found.by_district.people[place].sum())
    part = float(found.reached[place].sum()) / people if people > 0 else None
    return Counted(class_of(part, COVERAGE_BREAKS), row)
