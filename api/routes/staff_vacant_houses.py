"""Vacant houses as halls: page, map, file and sheet for the staff whose work needs them. Every view is written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response

from api.answers import CSV, SCRIPT, private
from api.auth.principals import Principal, signed_in
from api.clock import JAPAN, today
from api.credits import credit
from api.paper.serve import PDF, attachment, rendered
from api.reach_pages.shelf import Held, held_for
from api.routes.accounts import page
from api.routes.downloads import disposition
from api.services import Served, Services
from api.support.files import table_csv
from api.vacant_houses.params import HouseListParams, HouseParams, asked
from geodata import hall_terms, siting_runs
from geodata.audit import looked_at, record
from geodata.database import Audience, Connection
from geodata.queries import datasets as dataset_queries
from geodata.queries.generation import Ref, resolve
from kyodo_geo.errors import NotFoundError

if TYPE_CHECKING:
    from api.vacant_houses.assess import Assessed
    from geodata.hall_terms import HeldTerms
    from geodata.siting_runs import Run

router = APIRouter(include_in_schema=False)

BASE = "/staff/facilities/vacant-houses"
Listed = Annotated[HouseListParams, Query()]
HouseId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,40}$")]
GONE = "この空き家の記録はありません。"


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What one request has read."""

    conn: Connection
    ref: Ref
    found: Assessed
    ready: bool
    dataset: dict[str, Any]
    terms: HeldTerms


def look(
    services: Services,
    held: Held,
    params: HouseParams,
    user: Principal,
    part: str,
    use: Callable[[Looked], tuple[Any, list[str]]],
    target: str | None = None,
) -> Any:
    """What `use` makes of the houses (blocking); it also says which were seen, by their numbers: that is
    written down beside who looked."""
    from api.vacant_houses.assess import arrays_for, assess
    from api.vacant_houses.view import KINDS

    code = params.municipality or services.settings.municipality
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, code)
        prepared, reach, ready = arrays_for(services, held, conn, ref)
        found = assess(conn, ref, prepared, reach, params)
        terms = hall_terms.terms(conn, code)
        dataset = credit(dataset_queries.active_datasets(conn, ref), KINDS, values=[terms.quality])
        made, seen = use(Looked(conn, ref, found, ready, dataset, terms))
    with services.database.write(Audience.STAFF) as conn:
        details = looked_at(seen) | {"generation": ref.generation_no, "part": part}
        record(conn, code, user.login or "unknown", "vacant-houses.view", target, details, kind="view")
    return made


@router.get(BASE)
async def vacant_houses_page(request: Request, services: Served, params: Listed) -> Response:
    """Candidates with their filters, ranked."""
    user = await signed_in(request)
    held = await held_for(services, params.municipality)

    def use(looked: Looked) -> tuple[dict[str, Any], list[str]]:
        from api.vacant_houses import view
        from api.vacant_houses.form import form_of
        from api.vacant_houses.words import assumptions

        built = _map(looked, services, params)
        query = f"?{urlencode(given)}" if (given := asked(params)) else ""
        return {
            "ref": looked.ref,
            "dataset": looked.dataset,
            "map": built,
            "found": looked.found,
            "details": view.details_of(looked.found, params),
            "listed": len(built.table.rows),
            "ready": looked.ready,
            "form": form_of(looked.conn, looked.ref, looked.found, params),
            "terms": looked.terms,
            "runs": _runs(looked),
            "zone": JAPAN,
            "assumptions": assumptions(looked.found, looked.ready),
            "script_url": f"{BASE}/map.js{query}",
            "downloads": [
                {"href": f"{BASE}.csv{query}", "label": "表（CSV）", "note": "庁内限り。条件の理由も入ります"}
            ],
        }, _numbers(built.table)

    context = await run_sync(look, services, held, params, user, "page", use, limiter=services.limiter)
    return page(
        request, services, "staff_vacant_houses.html", user=user, csrf_token=user.csrf_token, **context
    )


@router.get(BASE + "/map.js")
async def vacant_houses_script(request: Request, services: Served, params: Listed) -> Response:
    """The script that draws them."""
    user = await signed_in(request)
    held = await held_for(services, params.municipality)

    def use(looked: Looked) -> tuple[bytes, list[str]]:
        built = _map(looked, services, params)
        return built.script.encode(), _numbers(built.table)

    body = await run_sync(look, services, held, params, user, "map", use, limiter=services.limiter)
    return private(body, SCRIPT, {"X-Robots-Tag": "noindex"})


@router.get(BASE + ".csv")
async def vacant_houses_csv(request: Request, services: Served, params: Listed) -> Response:
    """The same rows as a file, with every filter's reason."""
    user = await signed_in(request)
    held = await held_for(services, params.municipality)

    def use(looked: Looked) -> tuple[bytes, list[str]]:
        from api.vacant_houses.view import file_of, period_of

        table = file_of(looked.found, params)
        return table_csv(table, looked.dataset, period_of(looked.found)), _numbers(table)

    body = await run_sync(look, services, held, params, user, "file", use, limiter=services.limiter)
    return private(
        body, CSV, {**disposition(f"vacant-houses_{today():%Y%m%d}.csv"), "X-Robots-Tag": "noindex"}
    )


@router.get(BASE + "/{house_id}/sheet.pdf")
async def vacant_house_paper(
    request: Request, services: Served, house_id: HouseId, params: Annotated[HouseParams, Query()]
) -> Response:
    """One house on one sheet."""
    user = await signed_in(request)
    held = await held_for(services, params.municipality)

    def use(looked: Looked) -> tuple[str, list[str]]:
        html = sheet_html(looked, services, house_id)
        # The sheet also names the house that comes next in rank, cut where its number is long.
        named = [item.house_id for item in looked.found.houses if item.house_id[:20] in html]
        return html, [house_id, *named]

    html = await run_sync(
        look, services, held, params, user, "sheet", use, house_id, limiter=services.limiter
    )
    body = await rendered(services, html)
    return private(body, PDF, attachment(f"vacant-house_{today():%Y%m%d}.pdf"))


def sheet_html(looked: Looked, services: Services, house_id: str) -> str:
    """The sheet before it becomes a PDF; raises NotFoundError."""
    from api.paper.sheets import as_data
    from api.vacant_houses.sheet import map_of, sheet_of
    from api.vacant_houses.view import period_of

    found = looked.found
    at = next((at for at, house in enumerate(found.houses) if house.house_id == house_id), None)
    if at is None:
        raise NotFoundError(GONE)
    house, day = found.houses[at], today()
    return services.pages.render(
        "paper/vacant_house.html",
        path=f"{BASE}/{house_id}",
        ref=looked.ref,
        dataset=looked.dataset,
        html_lang="ja",
        sheet=sheet_of(found, at, looked.terms),
        map_url=as_data(map_of(looked.conn, looked.ref, found, house, day)),
        map_alt=f"空き家 {house_id} のまわりの地図",
        distance_words=distance_words(found, looked.ready),
        basis=f"前提：{period_of(found)}。",
        printed_on=day,
    )


def distance_words(found: Assessed, ready: bool) -> str:
    """The kind of distance in a heading."""
    from api.vacant_houses.params import BY

    words = f"{BY[found.by]}で {found.params.distance:,} m まで"
    return words if ready else f"{words}、道のりは計算中"


def _numbers(table: Any) -> list[str]:
    """Houses of a table."""
    return [str(row.key) for row in table.rows]


def _runs(looked: Looked) -> list[Run]:
    """The latest choices of several houses."""
    return siting_runs.runs(looked.conn, looked.ref.municipality_code, limit=5, models=["vacant-houses"])


def _map(looked: Looked, services: Services, params: HouseListParams) -> Any:
    from api.vacant_houses.drawn import map_of
    from geodata.queries import facility_sheet
    from geodata.queries.outline import outline

    sites = facility_sheet.sites(looked.conn, looked.ref, all_times=True)
    return map_of(looked.found, params, sites, outline(looked.conn, looked.ref), services.ground.basemap)
