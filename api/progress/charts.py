"""An indicator's years as a chart: what was measured, with the survey's interval, and the path to the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.district_charts import short_year
from api.progress.report import Indicator
from kyodo_geo.dates import fiscal_year_label

if TYPE_CHECKING:
    from maps.charts import BuiltChart

_LEAST_YEARS = 2


def values_chart(item: Indicator, until: int | None = None) -> BuiltChart | None:
    """The chart of an indicator from its baseline to the plan's last year; None with fewer than two values.

    `until`: a report of an earlier year does not show what came after it.
    """
    from maps.charts import Chart, Series, line_chart

    known = [year for year in item.years if until is None or year.fiscal_year <= until]
    if sum(year.value is not None for year in known) < _LEAST_YEARS:
        return None
    goal = item.goal
    last = max(year.fiscal_year for year in known)
    years = range(goal.baseline_year, max(last, goal.target_year or last) + 1)
    at = [item.at(year) if year <= last else item.nothing(year) for year in years]
    spans = tuple(
        (year.judged.interval.low, year.judged.interval.high) if year.judged.interval is not None else None
        for year in at
    )
    series = [Series("実績", tuple(year.value for year in at), spans=spans)]
    if goal.target is not None:
        series.append(Series("目標への道筋", tuple(year.expected for year in at), "target"))
    return line_chart(
        Chart(
            id=f"indicator-{item.id}",
            title=str(item.row["title"]),
            x=tuple(map(short_year, years)),
            rows=tuple(map(fiscal_year_label, years)),
            series=tuple(series),
            unit=goal.unit,
            digits=1 if goal.unit == "%" else 0,
        )
    )
