"""What the sheet can be asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from api.clock import today
from api.params import Integer, Params
from api.reach_pages.params import By, OnFoot
from kyodo_geo.dates import fiscal_year_of
from kyodo_geo.errors import InputError

if TYPE_CHECKING:
    from api.reach_pages.shelf import Held
    from kyodo_geo.reach.report import Choice

Year = Annotated[Integer, Field(ge=1950, le=2300)]


class CloseParams(Params):
    """The fiscal year, and what reach is measured by."""

    year: Year | None = Field(default=None, description="閉じる年度（始まりの西暦）", examples=[2031])
    by: By = "network"
    distance: OnFoot = 800


def years_of(horizon: int) -> range:
    """Fiscal years that can be asked for: this one and as many as the city plans ahead."""
    base = fiscal_year_of(today())
    return range(base, base + horizon)


def year_of(params: CloseParams, horizon: int) -> int:
    """The year asked for (default: the next); raises InputError outside of the plan's horizon."""
    years = years_of(horizon)
    year = min(years[0] + 1, years[-1]) if params.year is None else params.year
    if year not in years:
        raise InputError(f"年度は {years[0]} から {years[-1]} の間で指定してください。", field="year")
    return year


def choice_for(held: Held, params: CloseParams, facility_id: str, year: int) -> Choice:
    """Reach of the facilities that count together with this one: those for activities, else those of its kind."""
    from api.reach_pages.params import ReachParams, choice_of

    prepared = held.prepared
    at = next((place for place, key in enumerate(prepared.site) if str(key) == facility_id), None)
    supply = "activity" if at is None or prepared.activity[at] else str(prepared.site_kind[at])
    asked = ReachParams.model_construct(
        **{**ReachParams().model_dump(), "by": params.by, "distance": params.distance, "supply": supply}
    )
    return replace(choice_of(held, asked), year=year)
