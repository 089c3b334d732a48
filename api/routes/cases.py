"""Activity cases for everybody: list with map, one case, its photos, the feed."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BeforeValidator, Field

from api import feeds
from api.answers import HTML, SCRIPT, Built, Reading, answer, made_answer, reading_of
from api.cache import PUBLIC_FRESH, Answer, etag_of, send
from api.ogc.links import links_of
from api.params import Data, DataParams, Params, Place, PlaceParams, plain_integer
from api.services import services_of
from api.sharing import view as views
from api.sharing.view import CaseParams, CaseScriptParams, case_view
from geodata.queries import sharing as queries
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.sharing.themes import label_of, on_offer

router = APIRouter(include_in_schema=False)

CaseId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,40}$")]
PhotoNo = Annotated[int, BeforeValidator(plain_integer), Path(ge=1, le=100_000)]
Size = Annotated[int, BeforeValidator(plain_integer), Path(ge=480, le=1600)]
JPEG = "image/jpeg"
PER_PAGE = 48
"""Cards on the page; the table below has all of them."""


class PhotoParams(PlaceParams):
    """`v` changes with the bytes, so that a reader's own store is right too."""

    v: Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")] | None = None


class FeedParams(PlaceParams):
    """What a feed depends on: the municipality, and the address it is asked under."""

    base: str


def away(request: Request, params: Params) -> str | None:
    """The municipality asked for, where it is not the service's own."""
    code: str | None = getattr(params, "municipality", None)
    return code if code != services_of(request).settings.municipality else None


@router.get(views.PAGE)
async def case_list(request: Request, params: Annotated[CaseParams, Query()]) -> Response:
    """Search, cards, map and table."""
    code = away(request, params)

    def build(reading: Reading) -> Built:
        found = case_view(reading, params)
        html = reading.services.pages.render(
            "cases.html",
            path=views.PAGE,
            ref=reading.ref,
            dataset=found.dataset,
            map=found.built,
            script_url=views.script_address(reading, params),
            params=params,
            cards=[_card(case, code) for case in found.found[:PER_PAGE]],
            count=len(found.found),
            whole=len(found.everything),
            themes=[(theme.key, theme.label) for theme in on_offer()],
            districts=sorted({(case.district_no, views.district_words(case)) for case in found.everything}),
            years=sorted({case.done_year for case in found.everything}, reverse=True),
            downloads=_downloads(params),
            feed=f"{views.FEED}?municipality={code}" if code else views.FEED,
        )  # fmt: skip
        return Built(html.encode(), keep=not params.q)

    return await answer(request, build, params=params, media_type=HTML)


def _downloads(params: CaseParams) -> list[dict[str, str]]:
    return [
        {
            "href": views.with_query(f"/downloads/cases.{ending}", params),
            "label": label,
            "note": note,
        }
        for ending, label, note in (
            ("csv", "表（CSV）", "表計算ソフトで開けます"),
            ("geojson", "事例（GeoJSON）", "GIS で開けます"),
        )
    ]


def _card(case: queries.CaseRow, code: str | None) -> dict[str, Any]:
    query = {"municipality": code} if code else {}
    shown = views.pictures(case, **query)[:1]
    return {
        "case": case,
        "picture": shown[0] if shown else None,
        "theme": label_of(case.theme),
        "district": views.district_words(case),
        "year": fiscal_year_label(case.done_year),
    }


@router.get(views.SCRIPT)
async def case_script(request: Request, params: Annotated[CaseScriptParams, Query()]) -> Response:
    """The script of the map. Asked about before each use: a case that is withdrawn must leave shared caches too."""

    def build(reading: Reading) -> Built:
        return Built(case_view(reading, params).built.script.encode(), keep=not params.q)

    made = await made_answer(request, build, params=params, media_type=SCRIPT)
    return send(request, made, PUBLIC_FRESH)


@router.get(views.FEED)
async def case_feed(request: Request, params: Place) -> Response:
    """The newest published cases."""
    links = links_of(request, {"municipality": away(request, params)})

    def build(reading: Reading) -> bytes:
        code = reading.ref.municipality_code
        rows = queries.cases(reading.conn, code, reading.ref.generation_no)
        return feeds.feed(
            (
                feeds.Entry(
                    f"case/{case.id}", case.title, case.summary, links.beside(f"{views.PAGE}/{case.id}"), case.changed_at,
                    (case.theme, label_of(case.theme)),
                )
                for case in rows
            ),
            code=code, name="cases", title=f"{reading.ref.name} 活動事例", author=reading.ref.name,
            self_link=links.beside(views.FEED), page=links.beside(views.PAGE), since=reading.ref.activated_at,
        )  # fmt: skip

    based = FeedParams(municipality=params.municipality, base=links.base)
    return await answer(request, build, params=based, media_type=feeds.MEDIA)


@router.get(views.PAGE + "/{case_id}")
async def case_page(request: Request, case_id: CaseId, params: Data) -> Response:
    """One case, to be read and printed."""
    code = away(request, params)

    def build(reading: Reading) -> bytes:
        return render_case(reading, case_id, params, code)

    return await answer(request, build, params=params, media_type=HTML)


def render_case(reading: Reading, case_id: str, params: DataParams, code: str | None) -> bytes:
    """The page of a published case; raises NotFoundError."""
    ref = reading.ref
    case = queries.case(reading.conn, ref.municipality_code, ref.generation_no, case_id)
    others = [
        other
        for other in queries.cases(reading.conn, ref.municipality_code, ref.generation_no)
        if other.id != case.id and (other.district_no == case.district_no or other.theme == case.theme)
    ]
    query = {"municipality": code} if code else {}
    return reading.services.pages.render(
        "case.html", path=f"{views.PAGE}/{case.id}", ref=ref, dataset=views.credit_of(reading, [case]),
        **case_context(case, views.pictures(case, **query)),
        others=[_card(other, code) for other in others[:4]], preview=False,
    ).encode()  # fmt: skip


def case_context(case: queries.CaseRow, shown: list[views.Picture]) -> dict[str, Any]:
    """What the template of a case needs of it, for the public page and the staff's preview."""
    return {
        "case": case,
        "pictures": shown,
        "theme": label_of(case.theme),
        "district": views.district_words(case),
        "year": fiscal_year_label(case.done_year),
        "story": views.paragraphs(case.story),
        "worked": views.paragraphs(case.worked),
        "hard": views.paragraphs(case.hard),
        "origin": views.ORIGINS.get(case.origin or ""),
    }


@router.get(views.PAGE + "/{case_id}/photos/{no}-{size}.jpg")
async def case_photo(
    request: Request, case_id: CaseId, no: PhotoNo, size: Size, params: Annotated[PhotoParams, Query()]
) -> Response:
    """A photo of a published case. Asked about before each use, so that one that is withdrawn is gone at once."""
    services = services_of(request)

    def work() -> Answer:
        with reading_of(services, params.municipality) as reading:
            body = queries.photo(reading.conn, reading.ref.municipality_code, case_id, no, size)
        # A JPEG gets no smaller: it is neither compressed nor kept in the process.
        return Answer(body, JPEG, etag_of("case-photo", hashlib.sha256(body).hexdigest()))

    return send(request, await run_sync(work, limiter=services.limiter))
