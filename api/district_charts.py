"""Charts of a district's page, made of its profile; each carries the table of its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.district_profile import Profile
from api.figures import shown_rate
from geodata.queries.districts import DistrictRow
from kyodo_geo.comparison import NOT_KNOWN, WITHHELD
from kyodo_geo.dates import fiscal_year_label

if TYPE_CHECKING:
    from maps.charts import BuiltChart

CITY_NAME = "市全体"
NO_RECORD = "記録なし"


def short_year(year: int) -> str:
    """Mark of a fiscal year on an axis: R6, H30."""
    label = fiscal_year_label(year)
    era = label.partition("年度")[0]
    letter = {"令和": "R", "平成": "H", "昭和": "S"}.get(era[:2])
    return f"{letter}{era[2:].replace('元', '1')}" if letter else str(year)


def membership(profile: Profile) -> BuiltChart:
    """The district's rate by year beside that of the district it is compared with, else of the city."""
    from maps.charts import Chart, Series, line_chart

    years = profile.years
    if isinstance(profile.other, DistrictRow):
        held = {year.fiscal_year: year for year in profile.other_years}
        beside = Series(
            profile.other.name,
            tuple(
                _percent(held[year.fiscal_year].rate) if year.fiscal_year in held else None for year in years
            ),
            "compare",
            absent=tuple(
                _word(year.fiscal_year in held and held[year.fiscal_year].suppressed) for year in years
            ),
        )
    else:
        rates = {year.fiscal_year: year.rate for year in profile.city.years}
        beside = Series(CITY_NAME, tuple(_percent(rates.get(year.fiscal_year)) for year in years), "compare")
    own = Series(
        profile.row.name,
        tuple(_percent(year.rate) for year in years),
        absent=tuple(_word(year.suppressed) for year in years),
    )
    return line_chart(
        Chart(
            id="rates",
            title=f"{profile.row.name}の年度別の加入率",
            x=tuple(short_year(year.fiscal_year) for year in years),
            rows=tuple(fiscal_year_label(year.fiscal_year) for year in years),
            series=(own, beside),
            unit="%",
            digits=1,
        )
    )


def projects(profile: Profile) -> BuiltChart:
    """Grants by year, in thousands of yen; the page's own table has the other figures of the years."""
    from maps.charts import Chart, Series, bar_chart

    years = profile.project_years
    return bar_chart(
        Chart(
            id="grants",
            title=f"{profile.row.name}の地域づくり事業の年度別の補助金",
            x=tuple(short_year(year.fiscal_year) for year in years),
            rows=tuple(fiscal_year_label(year.fiscal_year) for year in years),
            series=(
                Series(
                    "補助金",
                    tuple(
                        year.grant_yen / 1000 if year.recorded and year.grant_yen is not None else None
                        for year in years
                    ),
                    absent=tuple("不明" if year.recorded else NO_RECORD for year in years),
                ),
            ),
            unit="千円",
        )
    )


def reach(profile: Profile) -> BuiltChart:
    """Share of residents within each distance of an activity facility."""
    from maps.charts import Chart, Series, bar_chart

    found = sorted(profile.reach.items())
    return bar_chart(
        Chart(
            id="reach",
            title=f"地域活動に使える施設の近くに住む人の割合（{profile.row.name}）",
            x=tuple(f"{radius:,} m" for radius, _ in found),
            series=(Series("住民の割合", tuple(_percent(held.share) for _, held in found), absent="不明"),),
            unit="%",
            digits=1,
            heading="施設までの直線距離",
            bounds=(0, 100),
            height=220,
        )
    )


def _percent(rate: float | None) -> float | None:
    shown = shown_rate(rate)
    return None if shown is None else shown * 100


def _word(suppressed: bool) -> str:
    return WITHHELD if suppressed else NOT_KNOWN
