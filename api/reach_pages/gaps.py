"""Who is out of reach: map and table by district, tables of the city, small areas, reasons, and of two years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api import figures
from api.reach_pages import cells
from api.reach_pages.params import BY, assumptions, choice_of, supply_label, year_label
from api.support.parts import common, districts_of
from kyodo_geo.classes import COVERAGE_BREAKS, class_labels, class_of

if TYPE_CHECKING:
    import numpy as np

    from api.answers import Reading
    from api.reach_pages.params import GapsParams
    from api.reach_pages.shelf import Held
    from kyodo_geo.reach.report import Choice, Report
    from maps.district_counts import DistrictCountsSpec
    from maps.specs import BuiltMap
    from maps.tables import Table

SHOWN_AREAS = 60
KINDS = (
    "facilities",
    "walk-network",
    "age-population",
    *figures.PEOPLE_KINDS,
    *figures.PLACE_KINDS,
    "built-up",
)
REASONS = {
    1: "定員に対して人が多い",
    2: "その年は開いていない施設しかない",
    3: "行ける施設がない",
    4: "施設が遠い",
}
BAND_COLUMNS = ("0〜14歳", "15〜64歳", "65歳以上", "年齢不明")


@dataclass(frozen=True, slots=True, eq=False)
class GapsView:
    """All that page and files of one question say."""

    choice: Choice
    spec: DistrictCountsSpec
    built: BuiltMap
    city: Table
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
    spec = _spec(reading, held, found, line, district)
    return GapsView(
        choice,
        spec,
        build_map(spec),
        _city(found),
        _ways(found, line),
        _reasons(found),
        _areas(held, found, line, names),
        None if other is None else _compared(held, found, report(held.prepared, other), names),
        _sentences(found),
        assumptions(held, choice, [names.get(no, str(no)) for no in found.driving]),
        district.credit(*KINDS, plans=False),
        period_of(held, choice),
    )


def period_of(held: Held, choice: Choice) -> str:
    """Year and assumptions as they stand in every row of a file."""
    return (
        f"{year_label(held.prepared, choice.year)}・{supply_label(choice.supply)}・{BY[choice.by]}・"
        f"徒歩{choice.distance_m:,.0f} m・車{choice.drive_m:,.0f} m（{choice.drive_below:,.0f}人/km²未満の地区）"
    )


def _spec(
    reading: Reading, held: Held, found: Report, line: Report, district: figures.DistrictFigures
) -> DistrictCountsSpec:
    from maps.district_counts import DistrictCountsSpec, Place, Shades
    from maps.palettes import ramp
    from maps.specs import Figure
    from maps.tables import Column

    rows = {no: _district(found, line, place) for place, no in enumerate(found.numbers)}
    total, inside = float(found.total.sum()), float(found.reached.sum())
    label = year_label(held.prepared, found.choice.year)
    open_now = int(found.opened.sum())
    prepared = held.prepared
    out = f"{total - inside:,.0f} 人"
    return DistrictCountsSpec(
        name="facility-gaps",
        label=f"{label}に施設が届く範囲に住む人の割合の地図",
        caption=f"{label}に施設が届く範囲と、届かない人（地区別、{BY[found.choice.by]}）",
        summary=(
            f"{label}、{supply_label(found.choice.supply)} {open_now:,} か所のどれにも、決めた範囲では届かない人は {out}です"
            f"（全体 {total:,.0f} 人の {_percent(total - inside, total)}）。"
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
        ),
        shades=Shades(
            "届く範囲に住む人の割合",
            "単位 %、地区の人口に対する割合",
            tuple(class_labels(COVERAGE_BREAKS)),
            ramp("YlOrBr", len(COVERAGE_BREAKS) + 1),
        ),
        figures=(
            Figure("届かない人（市全体）", out, _percent(total - inside, total)),
            Figure("うち65歳以上", f"{_outside(found)[2]:,.0f} 人", "届かない人のうち"),
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
        "E2SFCA は、遠い施設ほど小さく数えます（範囲の半分を尺度とするガウス関数）。",
    ]
    if unknown:
        notes.append(
            f"定員が不明の施設が {unknown:,} か所あります。千人あたりの定員では 0、満員かどうかでは余裕があるとしています。"
        )
    if lost >= 0.5:
        notes.append(f"どの地区にも入らない小地域に {lost:,.0f} 人が住んでいます。市全体の数値には含みます。")
    return tuple(notes)


def _district(found: Report, line: Report, place: int) -> tuple[Any, ...]:
    mine = found.group == place
    people, inside = float(found.by_district.people[place].sum()), float(found.reached[place].sum())
    out = found.by_district.people[place] - found.reached[place]
    straight = float(line.reached[place].sum())
    weight, beyond = found.total[mine], mine & (found.cost > found.limit)
    drives = found.numbers[place] in found.driving
    return (
        cells.share(inside, people),
        cells.people(people),
        cells.people(out.sum()),
        cells.people(out[2]),
        cells.people(out[0]),
        cells.metres(_mean(found, place)),
        cells.share(straight, people),
        cells.points((straight - inside) / people if people else None),
        cells.seats(_weighted(found.access.access[mine], weight)),
        cells.seats(_weighted(found.decayed.access[mine], weight)),
        cells.words(
            f"車 {found.choice.minutes:g} 分" if drives else f"徒歩 {found.choice.distance_m:,.0f} m"
        ),
        cells.words(_main_reason(found.gap[beyond], found.total[beyond])),
    )


def _mean(found: Report, place: int) -> float:
    part = found.by_district
    reachable = float((part.people[place] - part.unreachable[place]).sum())
    return float(part.person_cost[place].sum()) / reachable if reachable > 0 else float("nan")


def _weighted(values: np.ndarray, weight: np.ndarray) -> float:
    return float((values * weight).sum() / weight.sum()) if weight.sum() > 0 else 0.0


def _main_reason(gap: np.ndarray, weight: np.ndarray) -> str:
    import numpy as np

    people = np.bincount(gap, weight, 5)[1:]
    return REASONS[int(people.argmax()) + 1] if people.sum() >= 0.5 else "—"


def _counted(found: Report, place: int, row: tuple[Any, ...]) -> Any:
    from maps.district_counts import Counted

    people = float(found.by_district.people[place].sum())
    part = float(found.reached[place].sum()) / people if people > 0 else None
    return Counted(class_of(part, COVERAGE_BREAKS), row)


def _outside(found: Report) -> np.ndarray:
    out: np.ndarray = found.city.people[0] - found.reached.sum(axis=0)
    return out


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole > 0 else "—"


def _city(found: Report) -> Table:
    """People by age and distance."""
    from maps.tables import Column, Row, Table

    people = found.city.people[0]
    used = [place for place in range(4) if people[place] >= 0.5]
    rows = []
    for at, distance in enumerate(found.city.distances):
        inside = found.city.within[at][0]
        rows.append(
            Row(
                f"within-{distance:.0f}",
                f"{distance:,.0f} m以内",
                _by_age(inside, people, used),
                on_map=False,
            )
        )
    rows.append(Row("out", "決めた範囲の外", _by_age(_outside(found), people, used), on_map=False))
    rows.append(
        Row("none", "行ける施設がない", _by_age(found.city.unreachable[0], people, used), on_map=False)
    )
    columns = [Column("people", "人", numeric=True), Column("share", "割合（%）", numeric=True, digits=1)]
    for place in used:
        columns += [
            Column(f"people_{place}", f"{BAND_COLUMNS[place]}（人）", numeric=True),
            Column(f"share_{place}", "割合（%）", numeric=True, digits=1),
        ]
    return Table(
        "最寄りの施設までの距離と人数（市全体、年齢別）", "距離", tuple(columns), tuple(rows), layer="none"
    )


def _by_age(part: np.ndarray, people: np.ndarray, used: list[int]) -> tuple[Any, ...]:
    found = [cells.people(part.sum()), cells.share(part.sum(), people.sum())]
    for place in used:
        found += [cells.people(part[place]), cells.share(part[place], people[place])]
    return tuple(found)


def _ways(found: Report, line: Report) -> Table:
    """Network and straight line side by side."""
    import numpy as np

    from maps.tables import Column, Row, Table

    total = found.total
    everyone = float(total.sum())
    both = np.isfinite(found.cost) & np.isfinite(line.cost) & (line.cost > 0)
    facts = [
        ("within", "範囲内の人", float(found.reached.sum()), float(line.reached.sum())),
        *(
            (f"within-{d:.0f}", f"{d:,.0f} m以内の人", float(a.sum()), float(b.sum()))
            for d, a, b in zip(found.city.distances, found.city.within, line.city.within, strict=True)
        ),
        ("unreachable", "行ける施設がない人", float(found.city.unreachable.sum()), float(line.city.unreachable.sum())),
    ]  # fmt: skip
    rows = [
        Row(key, name, (cells.people(a), cells.people(b), cells.signed(b - a)), on_map=False)
        for key, name, a, b in facts
    ]
    a, b = (_weighted(r.cost[both], total[both]) if both.any() else float("nan") for r in (found, line))
    rows.append(
        Row(
            "mean",
            "最寄りまでの平均（m）",
            (cells.metres(a), cells.metres(b), cells.signed(b - a)),
            on_map=False,
        )
    )
    other = float(total[found.first != line.first].sum())
    return Table(
        f"{BY[found.choice.by]}と、{BY['straight']}の違い（市全体）",
        "項目",
        (
            Column("asked", BY[found.choice.by], numeric=True),
            Column("straight", BY["straight"], numeric=True),
            Column("difference", "差（直線−道のり）", numeric=True),
        ),
        tuple(rows),
        layer="none",
        notes=(
            f"直線で最寄りとなる施設が、道のりの最寄りと違う人は {other:,.0f} 人（{_percent(other, everyone)}）です。",
        )
        if found.choice.by != "straight"
        else (),
    )


def _reasons(found: Report) -> Table:
    import numpy as np

    from maps.tables import Column, Row, Table

    total = found.total
    heads = np.bincount(found.gap, total, 5)
    older = np.bincount(found.gap, found.people[:, 2], 5)
    young = np.bincount(found.gap, found.people[:, 0], 5)
    return Table(
        "届かない理由（市全体）",
        "理由",
        (
            Column("people", "人", numeric=True),
            Column("share", "割合（%）", numeric=True, digits=1),
            Column("people_65", "うち65歳以上", numeric=True),
            Column("people_14", "うち0〜14歳", numeric=True),
        ),
        tuple(
            Row(
                str(code), name,
                (
                    cells.people(heads[code]), cells.share(heads[code], total.sum()),
                    cells.people(older[code]), cells.people(young[code]),
                ),
                on_map=False,
            )
            for code, name in REASONS.items()
        ),
        layer="none",
        notes=(
            f"「{REASONS[1]}」は、最寄りの住民の {found.choice.use_percent:g} % が同時に来ると、範囲の施設が満員の場合です。",
            f"「{REASONS[1]}」は、上の「届かない人」には含めていません。",
        ),
    )  # fmt: skip


def _areas(held: Held, found: Report, line: Report, names: dict[int, str]) -> Table:
    """Small areas with people out of reach, most first."""
    import numpy as np

    from maps.tables import Column, Row, Table

    prepared = held.prepared
    keys, first, of = np.unique(prepared.key, return_index=True, return_inverse=True)
    out = found.cost > found.limit
    total = found.total
    heads, beyond, older = (
        np.bincount(of, values, len(keys)) for values in (total, total * out, found.people[:, 2] * out)
    )
    rows = []
    for place in np.lexsort((np.arange(len(keys)), -beyond)):
        if beyond[place] < 0.5:
            break
        mine = of == place
        weight, cost, straight = total[mine], found.cost[mine], line.cost[mine]
        way = _mean_way(cost, weight)
        direct = _mean_way(straight, weight)
        nearest = np.bincount(found.first[mine] + 1, weight, len(prepared.site) + 1)
        to = int(nearest.argmax()) - 1
        rows.append(
            Row(
                str(keys[place]), str(prepared.area_name[first[place]]),
                (
                    cells.words(names.get(int(prepared.district[first[place]]), "地区なし")),
                    cells.people(heads[place]),
                    cells.people(beyond[place]),
                    cells.people(older[place]),
                    cells.words(str(prepared.site_name[to]) if to >= 0 else "—"),
                    cells.metres(way),
                    cells.metres(direct),
                    cells.signed(way - direct),
                    cells.words(_main_reason(found.gap[mine & out], total[mine & out])),
                ),
                on_map=False,
            )
        )  # fmt: skip
    return Table(
        "届かない人のいる小地域（届かない人の多い順）",
        "小地域",
        (
            Column("district", "地区"),
            Column("people", "人口", numeric=True),
            Column("out_of_reach", "届かない人", numeric=True),
            Column("out_of_reach_65", "うち65歳以上", numeric=True),
            Column("nearest", "最寄りの施設"),
            Column("mean_m", "最寄りまでの平均（m）", numeric=True),
            Column("straight_m", "直線×1.3（m）", numeric=True),
            Column("difference_m", "差（m）", numeric=True),
            Column("reason", "理由"),
        ),
        tuple(rows),
        layer="none",
    )


def _mean_way(cost: np.ndarray, weight: np.ndarray) -> float:
    """Mean of those who have a way; infinite where nobody has."""
    import numpy as np

    has = np.isfinite(cost) & (weight > 0)
    return _weighted(cost[has], weight[has]) if has.any() else float("inf")


def _compared(held: Held, found: Report, other: Report, names: dict[int, str]) -> Table:
    """The year beside another one: people, share within, out of reach, by district and for the city."""
    from maps.tables import Column, Row, Table

    a, b = (year_label(held.prepared, r.choice.year) for r in (found, other))

    def line(key: str, name: str, pick: Any) -> Row:
        (here, inside, aged), (there, inside_b, aged_b) = pick(found), pick(other)
        change = (inside_b / there - inside / here) if here > 0 and there > 0 else None
        return Row(
            key, name,
            (
                cells.people(here), cells.people(there),
                cells.share(inside, here), cells.share(inside_b, there), cells.points(change),
                cells.people(here - inside), cells.people(there - inside_b), cells.signed((there - inside_b) - (here - inside)),
                cells.signed(aged_b - aged),
            ),
            on_map=False,
        )  # fmt: skip

    def of_district(place: int) -> Any:
        return lambda r: (
            float(r.by_district.people[place].sum()),
            float(r.reached[place].sum()),
            float(r.by_district.people[place][2] - r.reached[place][2]),
        )

    def of_city(r: Report) -> tuple[float, float, float]:
        return float(r.total.sum()), float(r.reached.sum()), float(_outside(r)[2])

    rows = [line("city", "市全体", of_city)]
    rows += [
        line(str(no), f"{no} {names.get(no, '')}".strip(), of_district(place))
        for place, no in enumerate(found.numbers)
    ]
    return Table(
        f"{a}と{b}の比較（同じ距離と範囲で）",
        "地区",
        (
            Column("people", f"人口 {found.choice.year}", numeric=True),
            Column("people_other", f"人口 {other.choice.year}", numeric=True),
            Column("share", f"範囲内（%）{found.choice.year}", numeric=True, digits=1),
            Column("share_other", f"範囲内（%）{other.choice.year}", numeric=True, digits=1),
            Column("share_change", "差（ポイント）", numeric=True, digits=1),
            Column("out", f"届かない人 {found.choice.year}", numeric=True),
            Column("out_other", f"届かない人 {other.choice.year}", numeric=True),
            Column("out_change", "差（人）", numeric=True),
            Column("out_65_change", "65歳以上の差（人）", numeric=True),
        ),
        tuple(rows),
        layer="none",
        notes=("車で移動するとみなす地区は、それぞれの年の人口密度で決まります。",),
    )


def _sentences(found: Report) -> list[str]:
    """Evenness and the worst-off, in words."""
    lines = []
    if found.gini is not None:
        lines.append(
            f"千人あたりの定員（2SFCA）の偏りは、ジニ係数で {found.gini:.3f} です（0 は全員が同じ、1 に近いほど偏り）。"
        )
    else:
        lines.append("定員がわからないか、届く施設がないため、ジニ係数は計算できません。")
    if found.worst is not None:
        begins, mean, without = found.worst
        edge = "どの施設にも行けない人" if begins == float("inf") else f"最寄りの施設まで {begins:,.0f} m以上"
        words = f"いちばん遠い 5 % の人は、{edge}です。"
        if mean == mean:
            words += f"その平均は {mean:,.0f} m です。"
        if without >= 0.5:
            words += f"そのうち {without:,.0f} 人は、行ける施設がありません。"
        lines.append(words)
    return lines
