"""Scenarios in one table: a row per figure, a column per scenario; and all years of all, for the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.reach_pages import cells
from api.scenario_pages.sentences import lost_shelters
from api.scenario_pages.tables import UNKNOWN, count, gini, share, yen
from kyodo_geo.dates import fiscal_year_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.answers import Reading
    from api.scenario_pages.view import Numbers
    from maps.tables import Cell, Table


def differences_table(reading: Reading, columns: Sequence[Numbers], year: int) -> Table:
    """Figures over the horizon and in the year; the row's key names the figure."""
    from maps.tables import Column, Row, Table

    lines: dict[str, tuple[str, list[Cell]]] = {}
    for numbers in columns:
        for key, label, cell in _figures(reading, numbers, year):
            lines.setdefault(key, (label, []))[1].append(cell)
    return Table(
        f"案の違い（期間の計と、{year}年度）",
        "項目",
        tuple(
            Column(f"s{place}", numbers.scenario.title, numeric=True, digits=1)
            for place, numbers in enumerate(columns)
        ),
        tuple(Row(key, label, tuple(row), on_map=False) for key, (label, row) in lines.items()),
        layer="none",
        notes=("「差」と「遠くなる人」は、今のまま続ける場合と比べたものです。",),
    )


def _figures(reading: Reading, numbers: Numbers, year: int) -> list[tuple[str, str, Cell]]:
    from maps.tables import Cell

    found, rows = numbers.found, numbers.rows
    lost = [] if found is None else lost_shelters(reading, found, dict(numbers.inputs.stock.names), year)
    row = next((item for item in rows if item.year == year), None)
    moved = None if found is None else found.moved_in(year)
    with_reach = row is not None and row.share is not None

    def summed(name: str) -> Cell:
        return yen(
            sum(getattr(item, name) for item in rows) if found is not None and numbers.cost_known else None
        )

    def of_year(name: str, make: object) -> Cell:
        if not with_reach:
            return Cell(UNKNOWN)
        return make(getattr(row, name))  # type: ignore[operator]

    def people(name: str, band: int | None = None) -> Cell:
        if (
            found is None
            or found.reach is None
            or moved is None
            or (band is not None and not found.reach.knows_older)
        ):
            return Cell(UNKNOWN)
        part = getattr(moved, name)
        return cells.people(float(part.sum() if band is None else part[:, band].sum()))

    known = found is not None and numbers.cost_known
    peak = max((item.total for item in rows), default=None) if known else None
    unknown = 0 if found is None else sum(bool(item.unknown) for item in found.costs.actions)
    return [
        ("actions", "行動の数", count(len(numbers.scenario.actions))),
        ("total", "期間の費用の計（百万円）", summed("total")),
        ("works", "うち工事（百万円）", summed("works")),
        ("ending", "うち除却・移転など（百万円）", summed("ending")),
        ("upkeep", "うち維持管理（百万円）", summed("upkeep")),
        ("effect", "差：今のまま－この案（百万円）", yen(found.effect if found is not None and known else None)),
        ("peak", "いちばん多い年度の費用（百万円）", yen(peak)),
        ("unknown_actions", "費用の一部がわからない行動", count(unknown) if found is not None else Cell(UNKNOWN)),
        ("open", f"{year}年度に開いている施設", of_year("open", count)),
        ("capacity", "定員の計（わかる施設）", of_year("capacity", count)),
        ("capacity_unknown", "定員が不明の施設", of_year("capacity_unknown", count)),
        ("share", "範囲に施設がある人（%）", of_year("share", share)),
        ("mean_m", "最寄りまでの平均（m）", of_year("mean_m", cells.metres)),
        ("older_out", "届かない65歳以上（人）", of_year("older_out", count)),
        ("worst_m", "いちばん遠い5%の平均（m）", of_year("worst_m", cells.metres)),
        ("gini", "定員の偏り（ジニ係数）", of_year("gini", gini)),
        ("longer", "遠くなる人", people("longer")),
        ("longer_65", "うち65歳以上", people("longer", 2)),
        ("pushed_out", "範囲の外になる人", people("pushed_out")),
        ("stranded", "行ける施設がなくなる人", people("stranded")),
        ("shelters", "見直しが要る避難所の役割", count(len(lost)) if found is not None else Cell(UNKNOWN)),
    ]  # fmt: skip


def years_of_all(columns: Sequence[Numbers]) -> Table:
    """Every year of every scenario, one line each."""
    from maps.tables import Column, Row, Table

    rows = []
    for numbers in columns:
        known = numbers.cost_known
        for item in numbers.rows:
            rows.append(
                Row(
                    numbers.scenario.scenario_id,
                    numbers.scenario.title,
                    (
                        cells.words(fiscal_year_label(item.year)),
                        *(yen(value if known else None) for value in (item.total, item.works, item.ending, item.upkeep)),
                        *(count(value) for value in (item.open, item.capacity, item.capacity_unknown)),
                        share(item.share),
                        cells.metres(item.mean_m),
                        count(item.older_out),
                        cells.metres(item.worst_m),
                        gini(item.gini),
                    ),
                    on_map=False,
                )
            )  # fmt: skip
    return Table(
        "年度別",
        "案",
        (
            Column("year", "年度"),
            Column("total", "費用（百万円）", numeric=True, digits=1),
            Column("works", "うち工事（百万円）", numeric=True, digits=1),
            Column("ending", "うち除却・移転など（百万円）", numeric=True, digits=1),
            Column("upkeep", "うち維持管理（百万円）", numeric=True, digits=1),
            Column("open", "開いている施設", numeric=True),
            Column("capacity", "定員の計（わかる施設）", numeric=True),
            Column("capacity_unknown", "定員が不明の施設", numeric=True),
            Column("share", "範囲に施設がある人（%）", numeric=True, digits=1),
            Column("mean_m", "最寄りまでの平均（m）", numeric=True),
            Column("older_out", "届かない65歳以上（人）", numeric=True),
            Column("worst_m", "いちばん遠い5%の平均（m）", numeric=True),
            Column("gini", "定員の偏り（ジニ係数）", numeric=True, digits=3),
        ),
        tuple(rows),
        layer="none",
    )
