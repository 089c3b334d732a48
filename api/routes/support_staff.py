"""Maps for staff: the agreement with the estate agents (取組1) and subsidies for halls (取組11, 12).

Both are staff's. The agreement's figures say how much business which part of the city gives the partners, and small
counts of referrals are people; halls may be rented from somebody who lives there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response

from api.answers import CSV, GEOJSON, Reading, private
from api.auth.principals import Principal, signed_in
from api.cache import send_private
from api.clock import today
from api.params import Params
from api.routes.accounts import page
from api.routes.downloads import disposition
from api.services import Served, Services
from api.support.agreement import MEASURES
from api.support.files import districts_geojson, places_geojson, table_csv
from api.support.staff import AgreementParams, HallParams, StaffView, agreement_view, hall_view, read_view
from kyodo_geo.dates import fiscal_year_label

router = APIRouter(include_in_schema=False)


class _Part(Params):
    part: Literal["districts", "places"] = "districts"


class HallFileParams(HallParams, _Part):
    """The same for files; `part` says which table."""


class AgreementFileParams(AgreementParams, _Part):
    """The same for files; `part` says which table."""


def _address(path: str, params: Params, **other: str) -> str:
    asked = params.model_dump(mode="json", exclude={"part"}, exclude_defaults=True)
    query = urlencode({**asked, **other})
    return f"{path}?{query}" if query else path


def _files(name: str, params: Params, found: StaffView) -> list[dict[str, str | None]]:
    path = f"/maps/{name}"
    files: list[dict[str, str | None]] = [
        {"href": _address(f"{path}.csv", params), "label": "表（CSV）", "note": "表計算ソフトで開けます"},
        {
            "href": _address(f"{path}.geojson", params),
            "label": "区域と数値（GeoJSON）",
            "note": "GIS で開けます",
        },
        {
            "href": _address(f"{path}.csv", params, part="places"),
            "label": f"{found.made.second_heading}（CSV）",
            "note": None,
        },
    ]
    if found.made.spec.places:
        files.append(
            {
                "href": _address(f"{path}.geojson", params, part="places"),
                "label": "地点（GeoJSON）",
                "note": None,
            }
        )
    return files


def _page(
    request: Request,
    services: Services,
    principal: Principal,
    found: StaffView,
    params: Params,
    title: str,
    selects: list[dict[str, Any]],
    about: tuple[str, ...],
) -> Response:
    name = found.built.name
    return page(
        request, services, "map_counts.html",
        ref=found.ref, dataset=found.dataset, user=principal, csrf_token=principal.csrf_token, noindex=True,
        title=title, map=found.built, script_url=_address(f"/maps/{name}.js", params), themes=[], about=about,
        chooser={"action": f"/maps/{name}", "selects": selects, "kept": []} if selects else None,
        second=found.made.second, second_heading=found.made.second_heading, downloads=_files(name, params, found),
    )  # fmt: skip


def _year_select(found: StaffView) -> dict[str, Any]:
    options = [
        {"value": year, "label": fiscal_year_label(year), "selected": year == found.year}
        for year in reversed(found.years)
    ]
    return {"name": "fiscal_year", "label": "年度", "options": options}


def _file(found: StaffView, part: str, ending: str) -> Response:
    name = found.built.name
    pieces = (name, None if part == "districts" else part, found.year, f"{today():%Y%m%d}")
    headers = disposition("_".join(str(piece) for piece in pieces if piece) + ending)
    made, members = found.made, {"municipality": found.ref.municipality_code, "period": found.period}
    if ending == ".csv":
        table = found.built.table if part == "districts" else made.second or found.built.table
        return private(table_csv(table, found.dataset, found.period), CSV, headers)
    if part == "districts":
        body = districts_geojson(made.spec, found.built, found.dataset, **members)
    else:
        body = places_geojson(made.spec, made.second, found.dataset, **members)
    return private(body, GEOJSON, headers)


async def _found(services: Services, make: Callable[[Reading], StaffView]) -> StaffView:
    return await run_sync(read_view, services, make, limiter=services.limiter)


@router.get("/maps/halls")
async def halls_page(request: Request, services: Served, params: Annotated[HallParams, Query()]) -> Response:
    """Subsidies for halls of a year."""
    principal = await signed_in(request)
    found = await _found(services, hall_view(params))
    selects = [_year_select(found)] if found.years else []
    return _page(request, services, principal, found, params, "自治公民館への補助", selects, ())


@router.get("/maps/halls.js")
async def halls_script(
    request: Request, services: Served, params: Annotated[HallParams, Query()]
) -> Response:
    """Its script: the points are in it, so it is as private as the page."""
    await signed_in(request)
    return send_private(request, (await _found(services, hall_view(params))).script)


@router.get("/maps/halls.csv")
async def halls_table(
    request: Request, services: Served, params: Annotated[HallFileParams, Query()]
) -> Response:
    """Its tables."""
    await signed_in(request)
    return _file(await _found(services, hall_view(params)), params.part, ".csv")


@router.get("/maps/halls.geojson")
async def halls_shapes(
    request: Request, services: Served, params: Annotated[HallFileParams, Query()]
) -> Response:
    """Districts or points."""
    await signed_in(request)
    return _file(await _found(services, hall_view(params)), params.part, ".geojson")


ABOUT_AGREEMENT = (
    "不動産協会との協定（取組1）による、住所の検索、渡した加入案内チラシ、市への取次の件数です。",
    "調べた住所、会員店、入居する人についての情報は、この地図にも、もとの件数にもありません。",
)


@router.get("/maps/agreement")
async def agreement_map(
    request: Request, services: Served, params: Annotated[AgreementParams, Query()]
) -> Response:
    """Figures of the agreement on a map."""
    principal = await signed_in(request)
    found = await _found(services, agreement_view(params, principal.roles))
    measures = [
        {"value": key, "label": name, "selected": key == params.measure}
        for key, (name, _) in MEASURES.items()
    ]
    months = [{"value": 0, "label": "年度全体", "selected": params.month == 0}]
    months += [
        {"value": number, "label": f"{number}月", "selected": number == params.month}
        for number in (*range(4, 13), *range(1, 4))
    ]
    selects = [
        {"name": "measure", "label": "数値", "options": measures},
        _year_select(found),
        {"name": "month", "label": "月", "options": months},
    ]
    return _page(
        request, services, principal, found, params, "協定による案内（取組1）", selects, ABOUT_AGREEMENT
    )


@router.get("/maps/agreement.js")
async def agreement_script(
    request: Request, services: Served, params: Annotated[AgreementParams, Query()]
) -> Response:
    """Its script."""
    principal = await signed_in(request)
    return send_private(request, (await _found(services, agreement_view(params, principal.roles))).script)


@router.get("/maps/agreement.csv")
async def agreement_table(
    request: Request, services: Served, params: Annotated[AgreementFileParams, Query()]
) -> Response:
    """Its tables."""
    principal = await signed_in(request)
    return _file(await _found(services, agreement_view(params, principal.roles)), params.part, ".csv")


@router.get("/maps/agreement.geojson")
async def agreement_shapes(
    request: Request, services: Served, params: Annotated[AgreementFileParams, Query()]
) -> Response:
    """Districts with their figures."""
    principal = await signed_in(request)
    return _file(await _found(services, agreement_view(params, principal.roles)), params.part, ".geojson")
