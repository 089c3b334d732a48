"""Pages that are the same for everybody, and the lookup's page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from starlette.responses import HTMLResponse

from api import district_page, lookup_sheet, reference, standard_sets
from api.answers import HTML, Reading, answer, reading_of
from api.asking import answer_to, ready
from api.auth import cookies
from api.auth.principals import ANYBODY, Principal, identify
from api.credits import credit
from api.district_profile import ProfileParams
from api.embedding import LOOKUP, snippet
from api.figures import PEOPLE_KINDS, RATE_KINDS, district_figures
from api.lookup_form import Asked, read_form
from api.map_views import ScriptParams, script_address, view
from api.params import Data, DistrictNoPath, No
from api.routes.accounts import NO_STORE, form_of
from api.routes.buildings import known_here, may_confirm
from api.routes.datasets import dataset_rows
from api.security import refuse_foreign_form
from api.services import Served, Services
from geodata.queries import associations as association_queries
from geodata.queries import datasets as dataset_queries
from geodata.scenarios import scenarios
from kyodo_geo.addresses import fold_name
from kyodo_geo.errors import InputError
from kyodo_geo.kinds import LOOKUP_KINDS
from kyodo_geo.lookup.answers import Answer, Outcome
from maps import text

if TYPE_CHECKING:
    from kyodo_geo.lookup.names import NamedAssociation

router = APIRouter(include_in_schema=False)

MOST_NAMED = 20


@router.get("/")
async def home(request: Request, params: Data) -> Response:
    """Doors for planners, partners, facility staff and residents, with the city's key figures."""

    def build(reading: Reading) -> bytes:
        found = district_figures(reading, geometry=False)
        people = [row.people for row in found.rows if row.people is not None]
        rate = found.city.rate if found.city else None
        year = text.FILTERS["fiscal_year"](found.fiscal_year) if found.fiscal_year else ""
        figures = [
            {"label": "コミュニティ推進地区", "value": f"{len(found.rows)} 地区", "note": ""},
            {
                "label": "町内会・自治会",
                "value": f"{text.number(sum(r.associations for r in found.rows))} 団体",
                "note": "見本" if found.is_sample("associations") else "",
            },
            {
                "label": "人口",
                "value": f"{text.number(sum(people) if people else None)} 人",
                "note": found.stated("国勢調査", *PEOPLE_KINDS),
            },
            {
                "label": "町内会・自治会加入率",
                "value": text.percent(rate),
                "note": found.stated(year, *RATE_KINDS) if year else "",
            },
        ]
        html = reading.services.pages.render(
            "index.html", path="/", ref=reading.ref, dataset=found.credit(plans=False), figures=figures
        )
        return html.encode()

    return await answer(request, build, params=params, media_type=HTML)


@router.get("/districts/{no}")
async def district(
    request: Request, no: DistrictNoPath, params: Annotated[ProfileParams, Query()]
) -> Response:
    """Everything about one district."""
    return await answer(
        request,
        lambda reading: district_page.html(reading, no, params).encode(),
        params=params,
        media_type=HTML,
    )


@router.get("/datasets")
async def datasets(request: Request, params: Data) -> Response:
    """Sources, dates and terms of everything shown."""

    def build(reading: Reading) -> bytes:
        rows = [row for row in dataset_rows(reading) if row["active"]]
        infos = dataset_queries.active_datasets(reading.conn, reading.ref)
        html = reading.services.pages.render(
            "datasets.html",
            path="/datasets",
            ref=reading.ref,
            dataset=credit(infos, infos),
            datasets=[{**row, "as_of": row["as_of"].isoformat() if row["as_of"] else None} for row in rows],
            generation_no=reading.ref.generation_no,
            activated_at=reading.ref.activated_at.isoformat(),
            standard_sets=standard_sets.offered(reading.conn, reading.ref, reading.on),
            as_of=params.as_of,
        )
        return html.encode()

    return await answer(request, build, params=params, media_type=HTML)


@router.get("/about")
async def about(request: Request, params: No) -> Response:
    """What the service is, and its promises."""

    def build(reading: Reading) -> bytes:
        pages = reading.services.pages
        return pages.render(
            "about.html",
            path="/about",
            ref=reading.ref,
            version=request.app.version,
            basemap_credit=pages.basemap.credit,
        ).encode()

    return await answer(request, build, params=params, media_type=HTML)


@router.get("/api")
async def api_reference(request: Request, params: No) -> Response:
    """The API in words, without scripts from elsewhere."""

    def build(reading: Reading) -> bytes:
        rows, _ = association_queries.page(reading.conn, reading.ref, limit=1)
        public = [
            item
            for item in scenarios(reading.conn, reading.ref.municipality_code)
            if item.state == "published"
        ]
        known = {
            "association_id": rows[0].id if rows else None,
            "scenario_id": public[0].scenario_id if public else None,
        }
        html = reading.services.pages.render(
            "api.html",
            path="/api",
            ref=reading.ref,
            routes=reference.routes(request.app, known),
            problems=reference.problems(),
        )
        return html.encode()

    return await answer(request, build, params=params, media_type=HTML)


@router.get("/lookup")
async def lookup_form(request: Request, params: No) -> Response:
    """The form; with scripts a place can be picked on a map."""

    def build(reading: Reading) -> bytes:
        return _form_page(reading, Asked(), None).encode()

    return await answer(request, build, params=params, media_type=HTML)


def _form_page(reading: Reading, asked: Asked, error: str | None) -> str:
    blank = ScriptParams()
    return reading.services.pages.render(
        "lookup.html",
        path="/lookup",
        ref=reading.ref,
        # What answers will rest on: somebody should know before asking that it is a sample.
        dataset=credit(
            dataset_queries.active_datasets(reading.conn, reading.ref),
            LOOKUP_KINDS,
        ),
        address=asked.address or "",
        lon=asked.lon_text,
        lat=asked.lat_text,
        error=error,
        error_fields=asked.fields,
        map=view(reading, "place", blank).built,
        script_url=script_address(reading, "place", blank),
        snippet=snippet(reading.services.settings, LOOKUP, f"{reading.ref.name} 町内会・自治会を調べる"),
    )


@router.post("/lookup")
async def lookup_result(request: Request, services: Served, params: No) -> Response:
    """The answer. The question stands in the body alone: not in the address, the title or any log."""
    refuse_foreign_form(request)
    asked = read_form(await form_of(request))
    headers = {**NO_STORE}
    if asked.error is not None:
        html = await run_sync(_again, services, asked, limiter=services.limiter)
        return HTMLResponse(html, 400, headers)
    try:
        # An office that is signed in is counted as itself; everybody else needs no look at the database.
        signed = cookies.session_name(services.settings) in request.cookies
        principal = await identify(request) if signed else ANYBODY
        found = await answer_to(
            services,
            channel_of(principal),
            address=asked.address,
            lon=asked.lon,
            lat=asked.lat,
            accuracy_m=asked.accuracy_m,
            principal=principal,
        )
    except InputError as error:
        html = await run_sync(_again, services, asked.failed(error.message), limiter=services.limiter)
        return HTMLResponse(html, 400, headers)
    named = await named_in(services, asked.address, understood=found.outcome is not Outcome.NOT_UNDERSTOOD)
    html = await run_sync(_result, services, asked, found, principal, named, limiter=services.limiter)
    return HTMLResponse(html, 200, headers)


def channel_of(principal: Principal) -> str:
    """Under which name lookups on the page are counted."""
    if principal.office_id:
        return "partner"
    return "page" if principal.user_id is None else "counter"


async def named_in(services: Services, text: str | None, *, understood: bool) -> Sequence[NamedAssociation]:
    """Associations the text names. One that begins like a town is meant only when it is written in full."""
    if not text:
        return ()
    found = (await ready(services, None)).index.search_names(text, MOST_NAMED)
    if not understood:
        return found
    return [item for item in found if fold_name(item.name) == fold_name(text)]


def _again(services: Services, asked: Asked) -> str:
    with reading_of(services) as reading:
        return _form_page(reading, asked, asked.error)


def _result(
    services: Services,
    asked: Asked,
    answered: Answer,
    principal: Principal,
    named: Sequence[NamedAssociation],
) -> str:
    found = answered.as_dict()
    ids = [item["id"] for item in found["associations"]]
    chosen = asked.association if asked.association in ids else None
    # Where there is none, the associations near by say more than the whole city.
    near = [item["id"] for item in found["neighbours"]] if found["outcome"] == "none_here" else []
    shown = [chosen] if chosen else (ids or near)[:20]
    place = found["address"] or {}
    lon, lat = place.get("lon"), place.get("lat")
    known = known_here(services, principal, asked.address) if asked.address else []
    with reading_of(services) as reading:
        wanted = ScriptParams(areas=",".join(shown) if shown else None)
        drawn = found["outcome"] in ("one", "several", "none_here") and not named
        source = found["dataset"] or None
        return services.pages.render(
            "lookup_result.html",
            path="/lookup",
            ref=reading.ref,
            dataset=source,
            answer={**found, "dataset": source},
            address=asked.address or "",
            chosen=chosen,
            point={"lon": lon, "lat": lat} if lon is not None and lat is not None else None,
            map=view(reading, "place", wanted).built if drawn else None,
            script_url=script_address(reading, "place", wanted) if drawn else None,
            sheet=lookup_sheet.extras(reading, answered, chosen),
            data_fault=answered.data_fault,
            noindex=True,
            user=None if principal.anonymous else principal,
            csrf_token=principal.csrf_token,
            buildings=known,
            named=named,
            may_confirm=may_confirm(principal),
        )
