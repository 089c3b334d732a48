"""The yearly report for the two bodies on paper: the tables of the page, and two maps as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from api import figures
from api.paper.sheets import as_data
from api.progress import tables
from api.progress.charts import values_chart
from api.progress.files import HELP
from api.progress.report import Progress, progress
from api.progress.states import counts, points
from kyodo_geo.dates import date_label, fiscal_year_label, fiscal_year_range
from kyodo_geo.errors import NotFoundError

if TYPE_CHECKING:
    from api.answers import Reading
    from api.figures import DistrictFigures
    from maps.paper_districts import PaperChoropleth

BODIES = ("市民協働推進連絡会議", "市民協働推進アドバイザー会議")


@dataclass(frozen=True, slots=True)
class Picture:
    """A map on paper with its legend's lines as (swatch, label, number of districts), and the districts in words."""

    heading: str
    lead: str
    alt: str
    url: str
    legend: tuple[tuple[str, str, int | None], ...]
    places: tuple[tuple[int, str, str], ...]
    credit: dict[str, Any]


def report(reading: Reading, plan_id: str | None, fiscal_year: int | None) -> str:
    """HTML of the report; raises NotFoundError."""
    found = progress(reading, plan_id, fiscal_year)
    return reading.services.pages.render(
        "paper/progress.html",
        path="/progress/report.pdf",
        ref=reading.ref,
        dataset=found.credit(reading.ref.name),
        html_lang="ja",
        found=found,
        bodies=BODIES,
        counts=counts(found),
        points=points(found),
        day=last_day(found.fiscal_year, reading.on),
        help=HELP,
        indicators=tables.indicators(found),
        values=tables.values(found),
        charts=charts(found),
        initiatives=tables.initiatives(found),
        pictures=pictures(reading, found.fiscal_year),
        printed_on=reading.on,
    )


def charts(found: Progress) -> list[tuple[str, str]]:
    """(title, picture) of the outcome indicators that have several values by the year of the report."""
    made = [
        values_chart(item, found.fiscal_year) for item in found.indicators if item.goal.target is not None
    ]
    return [(chart.title, as_data(chart.svg)) for chart in made if chart is not None and not chart.empty]


def pictures(reading: Reading, fiscal_year: int) -> list[Picture]:
    """The districts' plans on the year's last day, and the membership rates of the year (else of the newest with some)."""
    from maps import paper_districts
    from maps.specs import District

    day = last_day(fiscal_year, reading.on)
    districts = _districts(reading, fiscal_year, day)
    if not districts.rows:
        return []
    areas = [District.of(row) for row in districts.rows]
    plans = _picture(
        f"地域づくり計画の策定状況（{date_label(day)}時点）",
        _adopted(districts),
        paper_districts.adoption(areas),
        districts.credit(*figures.PLACE_KINDS),
    )
    if districts.fiscal_year is None:
        return [plans]
    year = fiscal_year_label(districts.fiscal_year)
    other = "" if districts.fiscal_year == fiscal_year else "報告の年度の値がないため、別の年度を示します。"
    rates = _picture(
        f"町内会・自治会加入率（{year}）",
        f"加入世帯数を世帯数で割った割合です。{other}",
        paper_districts.rates(areas),
        districts.credit(*figures.RATE_KINDS, *figures.PLACE_KINDS, plans=False),
    )
    return [plans, rates]


def last_day(fiscal_year: int, today: date) -> date:
    """The day a report describes: the year's last, or today while the year still runs."""
    return min(fiscal_year_range(fiscal_year)[1], today)


def _adopted(districts: DistrictFigures) -> str:
    """How many districts have a plan in force, and for how many of them only the city's own plan says so."""
    held = [row for row in districts.rows if row.plan_adopted]
    printed = sum(row.plan_stated_on is not None for row in held)
    words = (
        f"{len(districts.rows)} 地区のうち {len(held)} 地区に、地域づくり計画があります（策定と改定の合計）。"
    )
    if printed:
        words += f"うち {printed} 地区は計画書掲載時点の区分で、策定日は不明です。"
    return words


def _districts(reading: Reading, fiscal_year: int, day: date) -> DistrictFigures:
    try:
        return figures.district_figures(reading, fiscal_year, plans_on=day)
    except NotFoundError:
        return figures.district_figures(reading, plans_on=day)


def _picture(heading: str, lead: str, drawn: PaperChoropleth, credit: dict[str, Any]) -> Picture:
    from maps.paper_districts import swatch

    lines = tuple((as_data(swatch(entry)), entry.label, entry.count) for entry in drawn.entries)
    return Picture(
        heading, lead, f"{heading}の地図。{_spoken(lines)}", as_data(drawn.svg), lines, drawn.places, credit
    )


def _spoken(lines: Sequence[tuple[str, str, int | None]]) -> str:
    return (
        "、".join(f"{label} {count} 地区" for _, label, count in lines)
        + "。地区ごとの内容は、地図の下の一覧にあります。"
    )
