"""The form above a map that chooses year, day, denominator or radius. What the page was asked for otherwise is kept."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.responses import RedirectResponse

from api.cache import PRIVATE
from api.planner_maps import SOURCES
from kyodo_geo.dates import fiscal_year_label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel
    from starlette.requests import Request
    from starlette.responses import Response

    from api.map_views import MapParams, MapView

Field = dict[str, Any]


def chooser(name: str, found: MapView, params: MapParams) -> dict[str, Any] | None:
    """Fields of the form of one map; None for a map with nothing to choose."""
    from api.map_views import RADII_M

    fields: list[Field] = []
    context = found.context
    if name == "plan-adoption":
        fields = _day(context["day"], context["days"])
    elif name == "membership" and found.figures is not None and found.figures.fiscal_years:
        years = found.figures.fiscal_years
        shown = found.figures.fiscal_year
        fields = [
            _years(years, shown),
            years_field(
                "compare_year",
                "比べる年度",
                years,
                params.compare_year,
                nothing="比べない",
                id="compare-year",
            ),
            select("denominator", "分母", [(k, v, k == params.denominator) for k, v in SOURCES.items()]),
        ]
    elif name == "projects" and context["years"]:
        fields = [_years(context["years"], context["year"])]
    elif name == "facility-coverage":
        radii = [(radius, f"直線 {radius:,} m", radius == params.radius) for radius in RADII_M]
        fields = [select("radius", "到達圏の半径", radii, id="chooser")]
    if not fields:
        return None
    asked = params.model_dump(mode="json", include={"municipality", "as_of"}, exclude_none=True)
    kept = [{"name": key, "value": value} for key, value in asked.items()]
    return {"action": f"/maps/{name}", "fields": fields, "kept": kept}


def shorter_address(request: Request, params: BaseModel) -> Response | None:
    """A redirect that leaves out what asks for nothing: fields a form sent empty or as they are anyway.

    The address is what people pass on. None where it is already as short as can be.
    """
    usual = {
        key: str(value) for key, value in type(params)().model_dump(mode="json").items() if value is not None
    }
    asked = request.query_params.multi_items()
    kept = [(key, value) for key, value in asked if value not in ("", usual.get(key))]
    if len(kept) == len(asked):
        return None
    query = f"?{urlencode(kept)}" if kept else ""
    return RedirectResponse(f"{request.url.path}{query}", 303, {"Cache-Control": PRIVATE})


def select(name: str, label: str, options: Iterable[tuple[Any, str, bool]], id: str | None = None) -> Field:
    """A choice of (value, label, selected)."""
    listed = [{"value": value, "label": text, "selected": chosen} for value, text, chosen in options]
    return {"kind": "select", "id": id or name, "name": name, "label": label, "options": listed}


def years_field(
    name: str, label: str, years: Iterable[int], shown: int | None, *, nothing: str | None = None, id: str
) -> Field:
    """A choice of fiscal years, newest first; `nothing` names the choice of none."""
    options: list[tuple[Any, str, bool]] = [("", nothing, shown is None)] if nothing else []
    options += [(year, fiscal_year_label(year), year == shown) for year in sorted(years, reverse=True)]
    return select(name, label, options, id=id)


def _years(years: Iterable[int], shown: int | None) -> Field:
    return years_field("fiscal_year", "年度", years, shown, id="chooser")


def _day(shown: date, days: list[date]) -> list[Field]:
    """A day of one's own; the days on which a state changed are offered."""
    return [
        {
            "kind": "date",
            "id": "chooser",
            "name": "on",
            "label": "いつの状況か（例 2024-04-01、令和6年4月1日）",
            "value": shown.isoformat(),
            "offers": [day.isoformat() for day in days],
        }
    ]
