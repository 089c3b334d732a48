"""Maps for staff: grants (取組7, 10), subsidies for halls (取組11, 12), the agreement with the estate agents (取組1).

All are staff's. The amounts of a grant tell the members of an association that is alone in its district; the agreement's
figures say how much business which part of the city gives the partners, and small counts of referrals are people; halls
may be rented from somebody who lives there.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.auth.principals import signed_in
from api.cache import send_private
from api.services import Served
from api.support.agreement import MEASURES
from api.support.grants import GRANTS
from api.support.staff import AgreementParams, GrantParams, HallParams, agreement_view, grant_view, hall_view
from api.support.staff_pages import Part, found_view, map_file, map_page, year_select

router = APIRouter(include_in_schema=False)


class HallFileParams(HallParams, Part):
    """The same for files; `part` says which table."""


class GrantFileParams(GrantParams, Part):
    """The same for files; `part` says which table."""


class AgreementFileParams(AgreementParams, Part):
    """The same for files; `part` says which table."""


@router.get("/maps/halls")
async def halls_page(request: Request, services: Served, params: Annotated[HallParams, Query()]) -> Response:
    """Subsidies for halls of a year."""
    principal = await signed_in(request)
    found = await found_view(services, hall_view(params))
    selects = [year_select(found)] if found.years else []
    return map_page(request, services, principal, found, params, "自治公民館への補助", selects, ())


@router.get("/maps/halls.js")
async def halls_script(
    request: Request, services: Served, params: Annotated[HallParams, Query()]
) -> Response:
    """Its script: the points are in it, so it is as private as the page."""
    await signed_in(request)
    return send_private(request, (await found_view(services, hall_view(params))).script)


@router.get("/maps/halls.csv")
async def halls_table(
    request: Request, services: Served, params: Annotated[HallFileParams, Query()]
) -> Response:
    """Its tables."""
    await signed_in(request)
    return map_file(await found_view(services, hall_view(params)), params.part, ".csv")


@router.get("/maps/halls.geojson")
async def halls_shapes(
    request: Request, services: Served, params: Annotated[HallFileParams, Query()]
) -> Response:
    """Districts or points."""
    await signed_in(request)
    return map_file(await found_view(services, hall_view(params)), params.part, ".geojson")


ABOUT_OTHERS = (
    "地域づくり事業（取組9）は「地域づくり事業」の地図、自治公民館への補助（取組11・12）は「自治公民館への補助」の"
    "地図で見られます。"
)


@router.get("/maps/grants")
async def grants_page(
    request: Request, services: Served, params: Annotated[GrantParams, Query()]
) -> Response:
    """What a grant comes to in the districts in a year."""
    principal = await signed_in(request)
    found = await found_view(services, grant_view(params))
    grant = GRANTS[params.scheme]
    themes = [
        {
            "label": one.title,
            "note": f"取組{one.initiative}",
            "href": f"/maps/grants?scheme={one.key}",
            "current": one is grant,
        }
        for one in GRANTS.values()
    ]
    selects = [year_select(found)] if found.years else []
    about = (*grant.about, ABOUT_OTHERS)
    return map_page(
        request, services, principal, found, params, f"補助と奨励金：{grant.title}", selects, about, themes,
        {"scheme": grant.key},
    )  # fmt: skip


@router.get("/maps/grants.js")
async def grants_script(
    request: Request, services: Served, params: Annotated[GrantParams, Query()]
) -> Response:
    """Its script."""
    await signed_in(request)
    return send_private(request, (await found_view(services, grant_view(params))).script)


@router.get("/maps/grants.csv")
async def grants_table(
    request: Request, services: Served, params: Annotated[GrantFileParams, Query()]
) -> Response:
    """Its tables."""
    await signed_in(request)
    return map_file(await found_view(services, grant_view(params)), params.part, ".csv")


@router.get("/maps/grants.geojson")
async def grants_shapes(
    request: Request, services: Served, params: Annotated[GrantFileParams, Query()]
) -> Response:
    """Districts with their amounts."""
    await signed_in(request)
    return map_file(await found_view(services, grant_view(params)), params.part, ".geojson")


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
    found = await found_view(services, agreement_view(params, principal.roles))
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
        year_select(found),
        {"name": "month", "label": "月", "options": months},
    ]
    return map_page(
        request, services, principal, found, params, "協定による案内（取組1）", selects, ABOUT_AGREEMENT
    )


@router.get("/maps/agreement.js")
async def agreement_script(
    request: Request, services: Served, params: Annotated[AgreementParams, Query()]
) -> Response:
    """Its script."""
    principal = await signed_in(request)
    return send_private(request, (await found_view(services, agreement_view(params, principal.roles))).script)


@router.get("/maps/agreement.csv")
async def agreement_table(
    request: Request, services: Served, params: Annotated[AgreementFileParams, Query()]
) -> Response:
    """Its tables."""
    principal = await signed_in(request)
    return map_file(await found_view(services, agreement_view(params, principal.roles)), params.part, ".csv")


@router.get("/maps/agreement.geojson")
async def agreement_shapes(
    request: Request, services: Served, params: Annotated[AgreementFileParams, Query()]
) -> Response:
    """Districts with their figures."""
    principal = await signed_in(request)
    return map_file(
        await found_view(services, agreement_view(params, principal.roles)), params.part, ".geojson"
    )
