"""The yearly report for the two bodies on paper: the tables of the page, and two maps as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api import figures
from api.paper.sheets import as_data
from api.progress import tables
from api.progress.files import HELP
from api.progress.report import progress
from api.progress.states import counts
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.errors import NotFoundError

if TYPE_CHECKING:
    from api.answers import Reading
    from api.figures import DistrictFigures
    from maps.paper_districts import PaperChoropleth

BODIES = ("市民協働推進連絡会議", "市民協働推進アドバイザー会議")


@dataclass(frozen=True, slots=True)
class Picture:
    """A map on paper with its legend's lines as (swatch, label, number of districts)."""

    heading: str
    lead: str
    alt: str
    url: str
    legend: tuple[tuple[str, str, int | None], ...]
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
        help=HELP,
        indicators=tables.indicators(found),
        values=tables.values(found),
        initiatives=tables.initiatives(found),
        pictures=pictures(reading, found.fiscal_year),
        printed_on=reading.on,
    )


def pictures(reading: Reading, fiscal_year: int) -> list[Picture]:
    """The districts' plans, and the membership rates of the year (else of the newest year that has some)."""
    from maps import paper_districts
    from maps.specs import District

    districts = _districts(reading, fiscal_year)
    if not districts.rows:
        return []
    areas = [District.of(row) for row in districts.rows]
    adopted = sum(row.plan_adopted is True for row in districts.rows)
    plans = _picture(
        "地域づくり計画の策定地区",
        f"{len(areas)} 地区のうち {adopted} 地区が策定しています（計画書掲載時点）。",
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


def _districts(reading: Reading, fiscal_year: int) -> DistrictFigures:
    try:
        return figures.district_figures(reading, fiscal_year)
    except NotFoundError:
        return figures.district_figures(reading)


def _picture(heading: str, lead: str, drawn: PaperChoropleth, credit: dict[str, Any]) -> Picture:
    from maps.paper_districts import swatch

    lines = tuple((as_data(swatch(entry)), entry.label, entry.count) for entry in drawn.entries)
    return Picture(heading, lead, f"{heading}の地図。{_spoken(lines)}", as_data(drawn.svg), lines, credit)


def _spoken(lines: Sequence[tuple[str, str, int | None]]) -> str:
    return "、".join(f"{label} {count} 地区" for _, label, count in lines) + "。数字は地区の番号です。"
