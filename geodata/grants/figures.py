"""The decided incentive as yearly figures by district and of the city, for maps and pages (`area_figure`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from geodata.database import Connection
from geodata.edits import figures
from geodata.edits.figures import Sheet
from kyodo_geo.edits import stamp
from kyodo_geo.figure_sheets import MEASURES, Measure

if TYPE_CHECKING:
    from geodata.grants.runs import Row, Run

DISTRICT = MEASURES["grant_incentive"]
CITY = MEASURES["grant_incentive_total"]


def holding(decided: Iterable[Iterable[Row]]) -> list[Row]:
    """Each association's row that holds, out of the rows of a year's decided runs, newest run first.

    As in `kyodo_geo.grants.changes.newest_known`: what a correction could not calculate, or did not hold, was not asked
    back. Without an amount: it never had one.
    """
    found: dict[str, Row] = {}
    for rows in decided:
        for row in rows:
            held = found.get(row.association_id)
            if held is None or (held.amount_yen is None and row.amount_yen is not None):
                found[row.association_id] = row
    return list(found.values())


def keep(conn: Connection, code: str, run: Run, decided: Iterable[Iterable[Row]], *, actor: str) -> None:
    """Keep what holds once `run` is decided as the figures of its year, in place of what stood there.

    `decided`: its rows, and those of the runs that it corrects, newest first.
    """
    rows = holding(decided)
    sums: dict[str, float] = {}
    for row in rows:
        if row.amount_yen is not None and row.district_no is not None:
            key = str(row.district_no)
            sums[key] = sums.get(key, 0) + row.amount_yen
    source = f"協働推進奨励金の計算 第{run.run_no}号（{run.decided_on:%Y-%m-%d} 決定）"
    unknown = sum(row.amount_yen is None for row in rows)
    if unknown:
        source += f"、計算できない {unknown} 団体を除く"
    total = sum(row.amount_yen or 0 for row in rows)
    _put(conn, code, DISTRICT, run, Sheet(sums, run.quality, source), actor)
    _put(conn, code, CITY, run, Sheet({code: total}, run.quality, source), actor)


def _put(conn: Connection, code: str, measure: Measure, run: Run, new: Sheet, actor: str) -> None:
    held = figures.sheet(conn, code, measure, run.fiscal_year)
    figures.save(
        conn, code, measure, run.fiscal_year, new, version=stamp(figures.seen(held)), actor=actor, keys=set(held.values)
    )  # fmt: skip
