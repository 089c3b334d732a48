"""Charts of a scenario: cost by year, and who has a facility within reach; each beside keeping everything as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.facility_costs import MILLION
from kyodo_geo.dates import fiscal_year_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.scenario_pages.figures import YearFigures
    from maps.charts import BuiltChart, Chart, Series

THIS, KEPT = "この案", "今のまま続ける場合"


def cost_chart(
    rows: Sequence[YearFigures],
    base: Sequence[YearFigures],
    *,
    width: int = 640,
    key: str = "scenario-cost",
    of: str = "",
) -> BuiltChart:
    """Yen of every year in millions; `of` what it is told where several stand on a page."""
    from maps.charts import Series, line_chart

    return line_chart(
        _chart(
            key, f"{of}年度別の費用（工事、除却・移転など、維持管理の計）", rows, "百万円", 1, width,
            (
                Series(THIS, tuple(round(row.total / MILLION, 6) for row in rows)),
                Series(KEPT, tuple(round(row.total / MILLION, 6) for row in base), "compare"),
            ),
        )
    )  # fmt: skip


def reach_chart(
    rows: Sequence[YearFigures], base: Sequence[YearFigures], *, width: int = 640
) -> BuiltChart | None:
    """Share of the people within reach of a facility; None where that is not known."""
    from maps.charts import Series, line_chart

    if not any(row.share is not None for row in rows):
        return None

    def percent(side: Sequence[YearFigures]) -> tuple[float | None, ...]:
        return tuple(None if row.share is None else round(100 * row.share, 6) for row in side)

    return line_chart(
        _chart(
            "scenario-reach", "範囲に施設がある人の割合", rows, "%", 1, width,
            (Series(THIS, percent(rows)), Series(KEPT, percent(base), "compare")),
        )
    )  # fmt: skip


def _chart(
    key: str, title: str, rows: Sequence[YearFigures], unit: str, digits: int, width: int, series: tuple[Series, ...]
) -> Chart:  # fmt: skip
    from api.district_charts import short_year
    from maps.charts import Chart

    return Chart(
        id=key,
        title=title,
        x=tuple(short_year(row.year) for row in rows),
        rows=tuple(fiscal_year_label(row.year) for row in rows),
        series=series,
        unit=unit,
        digits=digits,
        width=width,
        height=300,
    )
