"""Map pages and the lookup for a frame on another site. They read no cookie and set none."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from starlette.responses import HTMLResponse

from api.answers import HTML, Reading, answer, reading_of
from api.asking import answer_to
from api.auth.principals import ANYBODY
from api.credits import credit
from api.embedding import LOOKUP, MAPS
from api.lookup_form import Asked, read_form
from api.map_views import MapParams, script_address, view
from api.params import No
from api.routes.accounts import NO_STORE, form_of
from api.routes.maps import asked_for
from api.routes.pages import named_in
from api.security import refuse_foreign_form
from api.services import Served, Services
from geodata.queries import datasets as dataset_queries
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.kinds import LOOKUP_KINDS
from kyodo_geo.lookup.answers import Outcome

router = APIRouter(include_in_schema=False)


def _open(services: Services) -> None:
    """Raise NotFoundError unless the setting lets some site frame pages: without it they do not exist."""
    if not services.settings.embed_origins:
        raise NotFoundError("このサービスのページは、ほかのサイトに埋め込めません。")


@router.get("/embed/maps/{name}")
async def map_frame(
    request: Request,
    services: Served,
    name: Annotated[str, Path(pattern=r"^[a-z-]{1,40}$")],
    params: Annotated[MapParams, Query()],
) -> Response:
    """A map with its legend, table and credit; the controls stand on the full page."""
    _open(services)
    if name not in MAPS:
        raise NotFoundError(f"この地図は埋め込めません。使える名前: {'、'.join(MAPS)}")

    def build(reading: Reading) -> bytes:
        found = view(reading, name, params)
        asked = asked_for(params)
        html = reading.services.pages.framed(
            "embed_map.html",
            path=f"/embed/maps/{name}",
            ref=reading.ref,
            dataset=found.dataset,
            name=name,
            map=found.built,
            script_url=script_address(reading, name, params),
            full=f"/maps/{name}{'?' + urlencode(asked) if asked else ''}",
            **found.context,
        )
        return html.encode()

    return await answer(request, build, params=params, media_type=HTML)


@router.get("/embed/lookup")
async def lookup_frame(request: Request, services: Served, params: No) -> Response:
    """The field for an address."""
    _open(services)
    return await answer(request, lambda reading: _form(reading, Asked()), params=params, media_type=HTML)


def _form(reading: Reading, asked: Asked) -> bytes:
    return reading.services.pages.framed(
        "embed_lookup.html",
        path=LOOKUP,
        ref=reading.ref,
        dataset=credit(dataset_queries.active_datasets(reading.conn, reading.ref), LOOKUP_KINDS),
        address=asked.address or "",
        error=asked.error,
        noindex=True,
    ).encode()


@router.post("/embed/lookup")
async def lookup_frame_result(request: Request, services: Served, params: No) -> Response:
    """The answer for anybody, whoever is signed in elsewhere. The question stands in the body alone."""
    _open(services)
    refuse_foreign_form(request)
    asked = read_form(await form_of(request))
    if asked.error is not None or asked.address is None:
        return await _again(services, asked if asked.error else asked.failed("住所を入力してください。"))
    try:
        found = await answer_to(services, "page", address=asked.address, principal=ANYBODY)
    except InputError as error:
        return await _again(services, asked.failed(error.message))
    named = await named_in(services, asked.address, understood=found.outcome is not Outcome.NOT_UNDERSTOOD)

    def build() -> str:
        told = found.as_dict()
        with reading_of(services) as reading:
            return services.pages.framed(
                "embed_result.html",
                path=LOOKUP,
                ref=reading.ref,
                dataset=told["dataset"] or None,
                answer=told,
                address=asked.address,
                named=named,
                data_fault=found.data_fault,
                noindex=True,
            )

    return HTMLResponse(await run_sync(build, limiter=services.limiter), 200, dict(NO_STORE))


async def _again(services: Services, asked: Asked) -> Response:
    def build() -> bytes:
        with reading_of(services) as reading:
            return _form(reading, asked)

    return HTMLResponse(await run_sync(build, limiter=services.limiter), 400, dict(NO_STORE))
