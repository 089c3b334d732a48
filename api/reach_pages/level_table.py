"""Every figure of reach in one row: for the city, its districts, its cells, and (staff) associations; page, file, interface."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from api.reach_pages import cells
from api.reach_pages.gap_tables import REASONS
from api.reach_pages.params import BY, supply_label
from api.reach_pages.people import unit_of, year_label

if TYPE_CHECKING:
    from api.reach_pages.shelf import Held
    from kyodo_geo.reach.levels import Level
    from kyodo_geo.reach.report import Report
    from maps.tables import Cell, Column, Row, Table

AGES = (
    ("out_0_14", "うち0〜14歳"),
    ("out_15_64", "うち15〜64歳"),
    ("out_65", "うち65歳以上"),
    ("out_unknown", "うち年齢不明"),
)
CITY = "city"
NOTES = (
    "「最寄りの施設」は、いちばん多くの人の最寄りになる施設です。",
    "「いちばん遠い5%」は、その地域の中で最寄りの施設が遠い順に人を並べたときの、はじめの5%です。",
    "ジニ係数は、千人あたりの定員（2SFCA）の、その地域の中での偏りです（0 は全員が同じ）。",
)


def columns(found: Report) -> tuple[Column, ...]:
    """The figures, whatever the row is of."""
    from maps.tables import Column

    return (
        Column("people", "人口", numeric=True),
        Column("nearest", "最寄りの施設"),
        Column("mean_m", "最寄りまでの平均（m）", numeric=True),
        *(
            Column(f"within_{d:.0f}", f"{d:,.0f} m以内（%）", numeric=True, digits=1)
            for d in found.city.distances
        ),
        Column("share_within", "範囲内の割合（%）", numeric=True, digits=1),
        Column("out_of_reach", "届かない人", numeric=True),
        *(Column(key, label, numeric=True) for key, label in AGES),
        Column("unreachable", "行ける施設がない人", numeric=True),
        Column("seats", "千人あたりの定員（2SFCA）", numeric=True, digits=1),
        Column("seats_decayed", "同（E2SFCA）", numeric=True, digits=1),
        Column("gini", "ジニ係数", numeric=True, digits=3),
        Column("worst_from_m", "いちばん遠い5%の始まり（m）", numeric=True),
        Column("worst_mean_m", "いちばん遠い5%の平均（m）", numeric=True),
        Column("reason", "届かない主な理由"),
    )


def row_cells(held: Held, found: Report, level: Level) -> tuple[Cell, ...]:
    """The figures of a group as cells of `columns`."""
    from maps.tables import Cell

    prepared, heads = held.prepared, level.total
    name = "—" if level.nearest < 0 else str(prepared.site_name[level.nearest])
    gini = Cell("—") if level.gini is None else Cell(f"{level.gini:.3f}", round(level.gini, 3))
    begins, mean = (math.nan, math.nan) if level.worst is None else level.worst[:2]
    if math.isinf(begins) and math.isnan(mean):
        mean = math.inf
    people = level.gap_out[1:]
    reason = REASONS[int(people.argmax()) + 1] if people.sum() >= 0.5 else "—"
    return (
        cells.people(heads),
        cells.words(name),
        cells.metres(level.mean),
        *(cells.share(float(part), heads) for part in level.within),
        cells.share(heads - float(level.out.sum()), heads),
        cells.people(float(level.out.sum())),
        *by_age(held, level.out),
        cells.people(level.unreachable),
        cells.seats(level.access),
        cells.seats(level.decayed),
        gini,
        cells.metres(begins),
        cells.metres(mean),
        cells.words(reason),
    )


def by_age(held: Held, people: Any) -> tuple[Cell, ...]:
    """People by band; a band that is never told is unknown, not 0."""
    return tuple(
        cells.people(float(people[band]) if band == 3 or held.prepared.knows_band(band) else None)
        for band in range(4)
    )


def city_and_districts(held: Held, found: Report, names: dict[int, str]) -> Table:
    """The city first, then its districts, then who lives in none of them."""
    from kyodo_geo.reach.levels import levels, whole

    places = [*found.numbers]
    made = levels(found, found.group, len(places) + 1)
    rows = [_row(CITY, "市全体", row_cells(held, found, whole(found)))]
    rows += [
        _row(str(no), f"{no} {names.get(no, '')}".strip(), row_cells(held, found, level))
        for no, level in zip(places, made, strict=False)
    ]
    if made[-1].total >= 0.5:
        rows.append(_row("none", "地区の外", row_cells(held, found, made[-1])))
    return _table(held, found, "市全体と地区のすべての項目", "地区", tuple(rows))


def of_cells(held: Held, found: Report, names: dict[int, str]) -> Table:
    """Each small area or grid square with people, in the order of their codes."""
    import numpy as np

    from kyodo_geo.reach.levels import levels
    from maps.tables import Column

    prepared = held.prepared
    keys, first, of = np.unique(prepared.key, return_index=True, return_inverse=True)
    rows = []
    for place, level in enumerate(levels(found, of, len(keys))):
        if level.total < 0.5:
            continue
        district = names.get(int(prepared.district[first[place]]), "地区なし")
        rows.append(
            _row(
                str(keys[place]),
                str(prepared.area_name[first[place]]),
                (cells.words(district), *row_cells(held, found, level)),
            )
        )
    unit = unit_of(held)
    return _table(held, found, f"{unit}ごとのすべての項目", unit, tuple(rows), (Column("district", "地区"),))


def _row(key: str, name: str, made: tuple[Cell, ...]) -> Row:
    from maps.tables import Row

    return Row(key, name, made, on_map=False)


def _table(
    held: Held,
    found: Report,
    title: str,
    heading: str,
    rows: tuple[Row, ...],
    before: tuple[Column, ...] = (),
) -> Table:
    from maps.tables import Table

    choice = found.choice
    caption = (
        f"{title}（{year_label(held.prepared, choice.year, choice.projection)}、"
        f"{supply_label(choice.supply)}、{BY[choice.by]}）"
    )
    return Table(caption, heading, (*before, *columns(found)), rows, layer="none", notes=NOTES)


def figures_of(table: Table) -> list[dict[str, Any]]:
    """The rows for the interface: numbers as they are shown, null where there is none."""
    return [
        {
            "key": str(row.key),
            "name": row.name,
            "figures": {
                column.key: cell.value if column.numeric else cell.text
                for column, cell in zip(table.columns, row.cells, strict=True)
            },
        }
        for row in table.rows
    ]
