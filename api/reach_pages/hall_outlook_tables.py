"""Tables and chart of the outlook of the neighbourhood halls."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from api.district_charts import short_year
from api.reach_pages import cells
from api.reach_pages.hall_tables import fact_columns, facts
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.hall_outlook import Need, in_years, periods, summed
from kyodo_geo.vacancy.verdict import Verdict

if TYPE_CHECKING:
    from api.reach_pages.halls_near import NearHalls
    from api.reach_pages.shelf import Held
    from geodata.queries.association_names import Named
    from geodata.queries.halls import HallRow
    from kyodo_geo.hall_outlook import Event, Outlook, Rules, Sum
    from kyodo_geo.reach.report import Choice
    from maps.charts import BuiltChart
    from maps.tables import Cell, Row, Table

NEEDS = {Need.REPAIR: "大規模修繕", Need.REBUILD: "建替え"}
SEISMIC = {Verdict.PASS: "新耐震", Verdict.FAIL: "旧耐震", Verdict.UNKNOWN: "不明"}


def chart(found: list[Outlook], rules: Rules) -> BuiltChart:
    """Halls per fiscal year."""
    from maps.charts import Chart, Series, bar_chart

    years = range(rules.base, rules.base + rules.years)
    marks = tuple(
        short_year(year) if rules.years <= 12 or (year - rules.base) % 5 == 0 else "" for year in years
    )
    kinds = {Need.REBUILD: "measured", Need.REPAIR: "compare"}
    return bar_chart(
        Chart(
            "hall-outlook",
            "年度ごとに時期を迎える自治公民館の数",
            marks,
            tuple(
                Series(
                    NEEDS[need],
                    tuple(float(len(in_years(found, need, year))) for year in years),
                    kinds[need],  # type: ignore[arg-type]
                )
                for need in kinds
            ),
            "館",
            rows=tuple(fiscal_year_label(year) for year in years),
            width=720,
        )
    )


def by_year(found: list[Outlook], rules: Rules) -> Table:
    """One row per fiscal year."""
    years = [(year, year) for year in range(rules.base, rules.base + rules.years)]
    return _sums(found, rules, "大規模修繕と建替えの時期を迎える自治公民館（年度別）", "年度", years)


def by_period(found: list[Outlook], rules: Rules) -> Table:
    """Five years a row."""
    return _sums(
        found, rules, "大規模修繕と建替えの時期を迎える自治公民館（5年ごと）", "期間", periods(rules)
    )


def _sums(
    found: list[Outlook], rules: Rules, caption: str, heading: str, spans: list[tuple[int, int]]
) -> Table:
    from maps.tables import Column, Row, Table

    def row(key: str, name: str, first: int | None, last: int | None = None) -> Row:
        made = (summed(in_years(found, need, first, last), rules.subsidy(need)) for need in NEEDS)
        return Row(key, name, tuple(cell for part in made for cell in _sum(part)), on_map=False)

    rows = [row("overdue", "すでに時期を過ぎている", None)]
    for first, last in spans:
        name = fiscal_year_label(first) if first == last else f"{first}〜{last}年度"
        rows.append(row(f"{first}" if first == last else f"{first}-{last}", name, first, last))
    rows.append(row("all", "合計（過ぎているものを除く）", rules.base, rules.base + rules.years - 1))
    columns = [
        column
        for need, label in NEEDS.items()
        for column in (
            Column(f"{need.value}_count", f"{label}（館）", numeric=True),
            Column(f"{need.value}_area_m2", f"{label}の面積（m²）", numeric=True),
            Column(f"{need.value}_yen", f"{label}の補助の見込み（円）", numeric=True),
        )
    ]
    return Table(caption, heading, tuple(columns), tuple(rows), layer="none")


def _sum(part: Sum) -> tuple[Cell, ...]:
    from maps.tables import Cell

    area = Cell(f"{part.area_m2:,.0f}", round(part.area_m2))
    if part.area_unknown == part.count and part.count:
        area = Cell("不明")
    elif part.area_unknown:
        area = Cell(f"{area.text}（ほか {part.area_unknown} 館は不明）", area.value)
    yen = Cell("不明") if part.yen is None else Cell(f"{part.yen:,.0f}", round(part.yen))
    if part.yen is not None and part.yen_unknown:
        yen = Cell(f"{yen.text}（ほか {part.yen_unknown} 館は不明）", yen.value)
    return Cell(f"{part.count:,}", part.count), area, yen


def by_hall(rows: list[HallRow], found: list[Outlook]) -> Table:
    """Each hall, with what it needs next."""
    from maps.tables import Cell, Column, Row, Table

    made = []
    for row, item in zip(rows, found, strict=True):
        age = Cell("不明") if item.age is None else Cell(str(item.age), item.age)
        made.append(
            Row(
                row.hall_id,
                row.name,
                (
                    *facts(row),
                    age,
                    cells.words(SEISMIC[item.seismic]),
                    *(_next(item, need) for need in NEEDS),
                ),
                on_map=False,
            )
        )
    return Table(
        "自治公民館の記録と、次に時期を迎える年度",
        "自治公民館",
        (
            *fact_columns(),
            Column("age", "築年数", numeric=True),
            Column("seismic", "耐震"),
            Column("repair", "次の大規模修繕"),
            Column("rebuild", "次の建替え"),
        ),
        tuple(made),
        layer="none",
    )


def _next(item: Outlook, need: Need) -> Cell:
    if item.hall.ownership == "rented":
        return cells.words("借家（対象外）")
    if item.hall.built_year is None:
        return cells.words("不明")
    event = next((event for event in item.events if event.need is need), None)
    return cells.words("この期間にはない" if event is None else _when(event))


def _when(event: Event) -> str:
    words = fiscal_year_label(event.due)
    return words if event.year is not None else f"{words}（過ぎている）"


def by_district(
    held: Held, choice: Choice, near: NearHalls, found: list[Outlook], names: dict[int, str]
) -> Table:
    """Halls, their needs, and people without a hall in reach, by district."""
    import numpy as np

    from kyodo_geo.reach.report import districts_of, limits
    from maps.tables import Column, Row, Table

    prepared = held.prepared
    people = prepared.people_in(choice.year, choice.projection)
    limit, _ = limits(prepared, choice, people)
    numbers, group = districts_of(prepared)
    total, out = people.sum(axis=1), near.cost > limit
    heads, beyond, old = (
        np.bincount(group, values, len(numbers) + 1) for values in (total, total * out, people[:, 2] * out)
    )
    place = {no: at for at, no in enumerate(numbers)}
    rows = []
    for no in [*sorted(names), None]:
        mine = [item for item in found if item.hall.district_no == no]
        at = len(numbers) if no is None else place.get(no)
        if no is None and not mine and heads[len(numbers)] < 0.5:
            continue
        owned = [item for item in mine if item.hall.ownership != "rented"]
        proof = Counter(item.seismic for item in owned)
        events = [event for item in owned for event in item.events]
        counts = [
            len(mine), len(mine) - len(owned), sum(item.hall.built_year is None for item in owned),
            proof[Verdict.FAIL], proof[Verdict.UNKNOWN],
            *(sum(e.need is need and e.year is not None for e in events) for need in NEEDS),
            sum(e.year is None for e in events),
        ]  # fmt: skip
        rows.append(
            Row(
                "none" if no is None else str(no),
                "地区の外・不明" if no is None else f"{no} {names[no]}",
                (
                    *map(cells.people, counts),
                    cells.people(None if at is None else heads[at]),
                    cells.people(None if at is None else beyond[at]),
                    cells.people(old[at] if at is not None and prepared.knows_band(2) else None),
                ),
                on_map=False,
            )
        )  # fmt: skip
    return Table(
        "地区別：自治公民館の見通しと、範囲に自治公民館のない人",
        "地区",
        (
            Column("halls", "自治公民館", numeric=True),
            Column("rented", "うち借家", numeric=True),
            Column("built_unknown", "建築年が不明", numeric=True),
            Column("not_proof", "旧耐震", numeric=True),
            Column("proof_unknown", "耐震が不明", numeric=True),
            Column("repair", "大規模修繕", numeric=True),
            Column("rebuild", "建替え", numeric=True),
            Column("overdue", "時期を過ぎている", numeric=True),
            Column("people", "人口", numeric=True),
            Column("out", "範囲に自治公民館のない人", numeric=True),
            Column("out_65", "うち65歳以上", numeric=True),
        ),
        tuple(rows),
        layer="none",
        notes=("「建築年が不明」から「時期を過ぎている」までは、借家を除く館です。",),
    )


def without_hall(held: Held, choice: Choice, near: NearHalls, names: list[Named]) -> Table:
    """Associations without a hall of their own in the register, most people out of any hall's reach first."""
    import numpy as np

    from kyodo_geo.reach.report import limits
    from maps.tables import Column, Row, Table

    prepared = held.prepared
    people = prepared.people_in(choice.year, choice.projection)
    total = people.sum(axis=1)
    limit, _ = limits(prepared, choice, people)
    at = {item.id: place for place, item in enumerate(names)}
    group_of = {key: at.get(of or "", len(names)) for key, of in near.of_place.items()}
    group = np.array([group_of.get(str(key), len(names)) for key in prepared.key], dtype=int)
    own = {row.association_id for row in near.rows}
    out, way = near.cost > limit, np.isfinite(near.cost)
    heads, beyond, old, able, metres = (
        np.bincount(group, values, len(names) + 1)
        for values in (
            total, total * out, people[:, 2] * out, total * way, total * np.where(way, near.cost, 0.0),
        )
    )  # fmt: skip
    rows: list[tuple[float, Row]] = []
    for place, item in enumerate(names):
        if item.id in own:
            continue
        known = heads[place] >= 0.5
        nearest = _usual(near, group == place, total) if known else None
        mean = metres[place] / able[place] if able[place] > 0 else float("inf")
        district = (
            "—" if item.district_no is None else f"{item.district_no} {item.district_name or ''}".strip()
        )
        line: tuple[Any, ...] = (
            cells.words(district),
            cells.people(heads[place] if known else None),
            cells.words(nearest or ("—" if known else "不明")),
            cells.metres(mean) if known else cells.people(None),
            cells.people(beyond[place] if known else None),
            cells.people(old[place] if known and prepared.knows_band(2) else None),
        )
        rows.append(
            (-beyond[place], Row(item.id, item.name, line, on_map=False, href=f"/associations/{item.id}"))
        )
    rows.sort(key=lambda pair: pair[0])
    unknown = sum(heads[at[row.key]] < 0.5 for _, row in rows)  # type: ignore[index]
    return Table(
        "自分の自治公民館がない町内会・自治会（範囲に自治公民館のない人の多い順）",
        "町内会・自治会",
        (
            Column("district", "地区"),
            Column("people", "人口", numeric=True),
            Column("nearest", "最寄りの自治公民館"),
            Column("mean_m", "最寄りまでの平均（m）", numeric=True),
            Column("out", "範囲に自治公民館のない人", numeric=True),
            Column("out_65", "うち65歳以上", numeric=True),
        ),
        tuple(row for _, row in rows),
        layer="none",
        notes=(
            f"名簿に自分の自治公民館のない団体は {len(rows):,} です。名簿にないことは、使える館がないこととは違います。",
            f"区域がわからないか、代表点をふくまない {unknown:,} 団体の人口と距離は不明です。",
        ),
    )


def _usual(near: NearHalls, mine: Any, total: Any) -> str | None:
    """The hall that is the nearest of most people there."""
    import numpy as np

    first = near.nearest[mine]
    loads = np.bincount(first[first >= 0], total[mine][first >= 0])
    return near.rows[int(loads.argmax())].name if loads.size and loads.max() > 0 else None
