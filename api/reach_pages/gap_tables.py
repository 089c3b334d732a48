"""Tables of who is out of reach beside the map: the city by age, both ways of measuring, reasons, small areas, two years."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.reach_pages import cells
from api.reach_pages.params import BY
from api.reach_pages.people import unit_of, year_label

if TYPE_CHECKING:
    import numpy as np

    from api.reach_pages.shelf import Held
    from kyodo_geo.reach.report import Report
    from maps.tables import Cell, Table

REASONS = {
    1: "定員に対して人が多い",
    2: "その年は開いていない施設しかない",
    3: "行ける施設がない",
    4: "施設が遠い",
}
BAND_COLUMNS = ("0〜14歳", "15〜64歳", "65歳以上", "年齢不明")
OTHERS = "65歳未満と年齢不明"
"""What the last band is where only the old are told apart, as in grid squares."""


def weighted(values: np.ndarray, weight: np.ndarray) -> float:
    return float((values * weight).sum() / weight.sum()) if weight.sum() > 0 else 0.0


def main_reason(gap: np.ndarray, weight: np.ndarray) -> str:
    import numpy as np

    people = np.bincount(gap, weight, 5)[1:]
    return REASONS[int(people.argmax()) + 1] if people.sum() >= 0.5 else "—"


def outside(found: Report) -> np.ndarray:
    out: np.ndarray = found.city.people[0] - found.reached.sum(axis=0)
    return out


def percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole > 0 else "—"


def _band_label(held: Held, place: int) -> str:
    only_old = held.prepared.knows_band(2) and not held.prepared.knows_band(0)
    return OTHERS if place == 3 and only_old else BAND_COLUMNS[place]


def _old(held: Held, people: float) -> Cell:
    """People of 65 and over; unknown where they are never told apart."""
    return cells.people(people if held.prepared.knows_band(2) else None)


def city_table(held: Held, found: Report) -> Table:
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
    rows.append(Row("out", "決めた範囲の外", _by_age(outside(found), people, used), on_map=False))
    rows.append(
        Row("none", "行ける施設がない", _by_age(found.city.unreachable[0], people, used), on_map=False)
    )
    columns = [Column("people", "人", numeric=True), Column("share", "割合（%）", numeric=True, digits=1)]
    for place in used:
        columns += [
            Column(f"people_{place}", f"{_band_label(held, place)}（人）", numeric=True),
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


def ways_table(found: Report, line: Report) -> Table:
    """Network and straight line side by side."""
    import numpy as np

    from maps.tables import Column, Row, Table

    total = found.total
    everyone = float(total.sum())
    both = np.isfinite(found.metres) & np.isfinite(line.metres) & (line.metres > 0)
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
    a, b = (weighted(r.metres[both], total[both]) if both.any() else float("nan") for r in (found, line))
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
            f"直線で最寄りとなる施設が、道のりの最寄りと違う人は {other:,.0f} 人（{percent(other, everyone)}）です。",
        )
        if found.choice.by != "straight"
        else (),
    )


def reasons_table(held: Held, found: Report) -> Table:
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
                    _old(held, older[code]),
                    cells.people(young[code] if held.prepared.knows_band(0) else None),
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


def areas_table(held: Held, found: Report, line: Report, names: dict[int, str]) -> Table:
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
        weight, cost, straight = total[mine], found.metres[mine], line.metres[mine]
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
                    _old(held, older[place]),
                    cells.words(str(prepared.site_name[to]) if to >= 0 else "—"),
                    cells.metres(way),
                    cells.metres(direct),
                    cells.signed(way - direct),
                    cells.words(main_reason(found.gap[mine & out], total[mine & out])),
                ),
                on_map=False,
            )
        )  # fmt: skip
    return Table(
        f"届かない人のいる{unit_of(held)}（届かない人の多い順）",
        unit_of(held),
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
    return weighted(cost[has], weight[has]) if has.any() else float("inf")


def compared_table(held: Held, found: Report, other: Report, names: dict[int, str]) -> Table:
    """The year beside another one: people, share within, out of reach, by district and for the city."""
    from maps.tables import Column, Row, Table

    a, b = (year_label(held.prepared, r.choice.year, r.choice.projection) for r in (found, other))

    def line(key: str, name: str, pick: Any) -> Row:
        (here, inside, aged), (there, inside_b, aged_b) = pick(found), pick(other)
        change = (inside_b / there - inside / here) if here > 0 and there > 0 else None
        return Row(
            key, name,
            (
                cells.people(here), cells.people(there),
                cells.share(inside, here), cells.share(inside_b, there), cells.points(change),
                cells.people(here - inside), cells.people(there - inside_b), cells.signed((there - inside_b) - (here - inside)),
                cells.signed(aged_b - aged) if held.prepared.knows_band(2) else cells.people(None),
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
        return float(r.total.sum()), float(r.reached.sum()), float(outside(r)[2])

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


def sentences(found: Report) -> list[str]:
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
