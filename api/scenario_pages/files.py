"""Tables of a scenario as files, from the very tables of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.support.files import table_csv
from kyodo_geo.errors import NotFoundError

if TYPE_CHECKING:
    from api.scenario_pages.view import ScenarioView

NOT_THERE = "この表は、人口・施設・建物の記録がそろっていないため、ありません。"


def scenario_csv(view: ScenarioView, part: str) -> bytes:
    """UTF-8 with BOM; every line carries the scenario, its version and all that is assumed. Raises `NotFoundError`."""
    if part == "districts":
        built = view.built()
        table = None if built is None else built.table
    else:
        table = {"actions": view.actions, "years": view.years, "moves": view.moves}[part]
    if table is None:
        raise NotFoundError(NOT_THERE, part=part)
    return table_csv(table, view.dataset, view.period)
