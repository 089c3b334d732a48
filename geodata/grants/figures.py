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


def keep(conn: Connection, code: str, run: Run, rows: Iterable[Row], *, actor: str) -> None:
    """Keep the sums of a decided run as the figures of its year, in place of what stood there."""
    sums: dict[str, float] = {}
    for row in rows:
        if row.amount_yen is not None and row.district_no is not None:
            key = str(row.district_no)
            sums[key] = sums.get(key, 0) + row.amount_yen
    source = f"協働推進奨励金の計算 第{run.run_no}号（{run.decided_on:%Y-%m-%d} 決定）"
    if run.unknown:
        source += f"、計算できない {run.unknown} 団体を除く"
    _put(conn, code, DISTRICT, run, Sheet(sums, run.quality, source), actor)
    _put(conn, code, CITY, run, Sheet({code: run.total_yen}, run.quality, source), actor)


def _put(conn: Connection, code: str, measure: Measure, run: Run, new: Sheet, actor: str) -> None:
    held = figures.sheet(conn, code, measure, run.fiscal_year)
    figures.save(
        conn, code, measure, run.fiscal_year, new, version=stamp(figures.seen(held)), actor=actor, keys=set(held.values)
    )  # fmt: skip
