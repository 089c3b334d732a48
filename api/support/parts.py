"""What the themes share: rows of a count and its rate, classes, circles, the credit of dated records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from api.figures import PEOPLE_KINDS, DistrictFigures
from api.planner_maps import overlays
from geodata.queries.outline import outline
from geodata.queries.support import FigureRow
from kyodo_geo.dates import fiscal_year_range
from kyodo_geo.per_people import class_labels, class_of, format_number, per_thousand

if TYPE_CHECKING:
    from api.answers import Reading
    from maps.district_counts import Circles, Counted, DistrictCountsSpec, Shades
    from maps.specs import District
    from maps.tables import Table


@dataclass(frozen=True, slots=True)
class Made:
    """What a theme's maker gives beside the specification."""

    spec: DistrictCountsSpec
    qualities: list[str]
    sources: list[str | None]
    second: Table | None = None
    second_heading: str = ""


def with_records(
    dataset: dict[str, Any], qualities: Iterable[str], sources: Iterable[str | None]
) -> dict[str, Any]:
    """The credit with that of dated records: their sources, and their quality where it is worse."""
    from kyodo_geo.quality import Quality, worst

    quality = worst([Quality(dataset["quality"]), *(Quality(value) for value in set(qualities))])
    named = [source for source in dict.fromkeys(sources) if source]
    return {
        **dataset,
        "quality": quality.value,
        "quality_label": quality.label,
        "source": "、".join(dict.fromkeys([*named, dataset["source"]]))
        if dataset["source"]
        else "、".join(named),
    }


def districts_of(found: DistrictFigures) -> tuple[District, ...]:
    """The districts as maps take them."""
    from maps.specs import District

    return tuple(District.of(row) for row in found.rows)


def common(reading: Reading) -> dict[str, Any]:
    """What every map is drawn on."""
    return {
        "basemap": reading.services.ground.basemap,
        "outline": outline(reading.conn, reading.ref),
        "overlays": overlays(reading, projects=False),
    }


def rate_shades(title: str, unit: str, breaks: tuple[float, ...]) -> Shades:
    """Classes of a rate per 1,000 people."""
    from maps.district_counts import Shades
    from maps.palettes import ramp

    return Shades(
        title, f"単位 {unit}、人口千人あたり", class_labels(breaks), ramp("YlGnBu", len(breaks) + 1)
    )


def circles(title: str, unit: str, one_px: float, steps: tuple[int, ...]) -> Circles:
    """Circles of a count."""
    from maps.circles import Scale
    from maps.district_counts import Circles

    return Circles(title, unit, Scale(one_px, steps))


def rated(
    count: int | None,
    people: int | None,
    breaks: tuple[float, ...],
    more: tuple[Any, ...] = (),
    *,
    hidden: bool = False,
) -> Counted:
    """A row of count, rate per 1,000 people and people, with further cells behind."""
    from maps.district_counts import WITHHELD_SHORT, Counted
    from maps.tables import Cell
    from maps.text import number

    if hidden:
        shown = (Cell(WITHHELD_SHORT), Cell(WITHHELD_SHORT), Cell(number(people), people))
        return Counted(None, (*shown, *more), withheld=True)
    rate = per_thousand(count, people)
    cells = (
        Cell(number(count), count),
        Cell("不明" if rate is None else format_number(rate), rate),
        Cell(number(people), people),
    )
    return Counted(class_of(rate, breaks), (*cells, *more), count)


def by_district(rows: Iterable[FigureRow], measure: str) -> dict[int, int]:
    """District number → figure."""
    return {
        int(row.area_key): round(row.value)
        for row in rows
        if row.measure == measure and row.area_kind == "district"
    }


def credits_of(rows: Iterable[Any]) -> tuple[list[str], list[str | None]]:
    held = list(rows)
    return [row.quality for row in held], [row.source for row in held]


def day_of(year: int | None, today: date) -> date:
    """The last day of the fiscal year, or today where that has not come yet."""
    return today if year is None else min(today, fiscal_year_range(year)[1])


def sample_mark(found: DistrictFigures) -> str:
    """Marks a figure that stands on invented people."""
    return "（見本）" if found.is_sample(*PEOPLE_KINDS) else ""
