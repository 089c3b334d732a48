"""What the staff's maps share: their page, their files, the choice of the year."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from fastapi import Request, Response

from api.answers import CSV, GEOJSON, Reading, private
from api.auth.principals import Principal
from api.clock import today
from api.params import Params
from api.routes.accounts import page
from api.routes.downloads import disposition
from api.services import Services
from api.support.files import districts_geojson, places_geojson, table_csv
from api.support.staff import StaffView, read_view
from kyodo_geo.dates import fiscal_year_label


class Part(Params):
    """Which table of the page a file holds."""

    part: Literal["districts", "places"] = "districts"


def address(path: str, params: Params, **other: str) -> str:
    """The address of a page or file with what was asked for."""
    asked = params.model_dump(mode="json", exclude={"part"}, exclude_defaults=True)
    query = urlencode({**asked, **other})
    return f"{path}?{query}" if query else path


def _files(name: str, params: Params, found: StaffView) -> list[dict[str, str | None]]:
    path = f"/maps/{name}"
    files: list[dict[str, str | None]] = [
        {"href": address(f"{path}.csv", params), "label": "表（CSV）", "note": "表計算ソフトで開けます"},
        {
            "href": address(f"{path}.geojson", params),
            "label": "区域と数値（GeoJSON）",
            "note": "GIS で開けます",
        },
    ]
    if found.made.second is not None:
        files.append(
            {
                "href": address(f"{path}.csv", params, part="places"),
                "label": f"{found.made.second_heading}（CSV）",
                "note": None,
            }
        )
    if found.made.spec.places:
        files.append(
            {
                "href": address(f"{path}.geojson", params, part="places"),
                "label": "地点（GeoJSON）",
                "note": None,
            }
        )
    return files


def map_page(
    request: Request,
    services: Services,
    principal: Principal,
    found: StaffView,
    params: Params,
    title: str,
    selects: list[dict[str, Any]],
    about: tuple[str, ...],
    themes: list[dict[str, Any]] | None = None,
    kept: dict[str, str] | None = None,
) -> Response:
    """The page of a map. `themes`: links to its other choices; `kept`: what the form of the `selects` carries along."""
    name = found.built.name
    hidden = [{"name": key, "value": value} for key, value in (kept or {}).items()]
    return page(
        request, services, "map_counts.html",
        ref=found.ref, dataset=found.dataset, user=principal, csrf_token=principal.csrf_token, noindex=True,
        title=title, map=found.built, script_url=address(f"/maps/{name}.js", params), themes=themes or [], about=about,
        chooser={"action": f"/maps/{name}", "selects": selects, "kept": hidden} if selects else None,
        second=found.made.second, second_heading=found.made.second_heading, downloads=_files(name, params, found),
    )  # fmt: skip


def year_select(found: StaffView) -> dict[str, Any]:
    """The choice of the year, newest first."""
    options = [
        {"value": year, "label": fiscal_year_label(year), "selected": year == found.year}
        for year in reversed(found.years)
    ]
    return {"name": "fiscal_year", "label": "年度", "options": options}


def map_file(found: StaffView, part: str, ending: str) -> Response:
    """A table of the page as CSV or GeoJSON."""
    name = found.built.name
    pieces = (name, None if part == "districts" else part, found.year, f"{today():%Y%m%d}")
    headers = disposition("_".join(str(piece) for piece in pieces if piece) + ending)
    made, members = found.made, {"municipality": found.ref.municipality_code, "period": found.period}
    if ending == ".csv":
        table = found.built.table if part == "districts" else made.second or found.built.table
        left_out = made.spec.left_out if part == "districts" else None
        return private(table_csv(table, found.dataset, found.period, left_out=left_out), CSV, headers)
    if part == "districts":
        body = districts_geojson(made.spec, found.built, found.dataset, **members)
    else:
        body = places_geojson(made.spec, made.second, found.dataset, **members)
    return private(body, GEOJSON, headers)


async def found_view(services: Services, make: Callable[[Reading], StaffView]) -> StaffView:
    """The view, read off the event loop."""
    return await run_sync(read_view, services, make, limiter=services.limiter)
