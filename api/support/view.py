"""A theme of the support map, drawn: for the page, its script and its downloads alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.answers import Reading, key_of
from api.figures import DistrictFigures, district_figures
from api.params import Params
from api.support.centres import centres
from api.support.community import community
from api.support.counts import advisers, meetings
from api.support.events import events
from api.support.officers import officers
from api.support.parts import Made, with_records
from api.support.themes import BY_KEY, Theme
from geodata.queries import support as queries
from kyodo_geo.errors import NotFoundError

if TYPE_CHECKING:
    from maps.district_counts import DistrictCountsSpec
    from maps.specs import BuiltMap
    from maps.tables import Table

KINDS = ("districts", "district-assignment", "small-areas", "outline")
"""Datasets that every theme is drawn from."""


@dataclass(frozen=True, slots=True)
class SupportView:
    """A drawn theme: `years` may be chosen; `second` is a further table with its heading."""

    theme: Theme
    year: int | None
    years: list[int]
    built: BuiltMap
    spec: DistrictCountsSpec
    dataset: dict[str, Any]
    second: Table | None = None
    second_heading: str = ""


def support_view(reading: Reading, params: Params, theme_key: str, year: int | None) -> SupportView:
    """The theme, drawn once per revision. Raises NotFoundError for an unknown theme or a year without figures."""
    theme = BY_KEY.get(theme_key)
    if theme is None:
        raise NotFoundError(f"このテーマはありません。使えるテーマ: {'、'.join(BY_KEY)}", themes=list(BY_KEY))
    key = key_of(
        "support", params, {"theme": theme_key, "year": year}, reading.ref.municipality_code, reading.on
    )
    return reading.services.drawn.get_or_make(key, reading.ref.revision, lambda: _view(reading, theme, year))


def _years(reading: Reading, theme: Theme) -> list[int]:
    if theme.key == "centres":
        return []
    if theme.key == "officers":
        return queries.officer_years(reading.conn, reading.ref, reading.on)
    return queries.years(reading.conn, reading.ref, theme.measures)


def _view(reading: Reading, theme: Theme, year: int | None) -> SupportView:
    from maps.build import build_map

    years = _years(reading, theme)
    if year is not None and years and year not in years:
        words = "、".join(map(str, years))
        raise NotFoundError(f"{year} 年度のデータはありません。ある年度: {words}", fiscal_years=years)
    chosen = (year if year is not None else years[-1]) if years else None
    found = district_figures(reading)
    made = _MAKERS[theme.key](reading, theme, found, chosen)
    dataset = found.credit(*KINDS, plans=False)
    dataset = with_records(dataset, made.qualities, made.sources)
    return SupportView(
        theme,
        chosen,
        years,
        build_map(made.spec),
        made.spec,
        dataset,
        made.second,
        made.second_heading,
    )


Maker = Callable[[Reading, Theme, DistrictFigures, int | None], Made]
_MAKERS: dict[str, Maker] = {
    "officers": officers,
    "meetings": meetings,
    "centres": centres,
    "advisers": advisers,
    "community": community,
    "events": events,
}
