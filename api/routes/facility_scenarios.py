"""Published scenarios of the public facilities: list, one, its map, file and report; the same as an interface."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from api.answers import CSV, HTML, SCRIPT, Built, Reading, answer, key_of, made_answer, tag_of
from api.cache import PUBLIC_FOREVER, PUBLIC_FRESH, send
from api.clock import today
from api.geojson import dumps
from api.openapi import problems
from api.paper.serve import attachment, kept
from api.params import PlaceParams
from api.reach_pages.doors import doors
from api.reach_pages.shelf import Held, held_for
from api.routes.downloads import disposition
from api.scenario_pages.answers import list_body, one_body
from api.scenario_pages.files import scenario_csv
from api.scenario_pages.listing import listing
from api.scenario_pages.pages import BASE, one_page
from api.scenario_pages.params import ScenarioFileParams, ScenarioParams, asked
from api.scenario_pages.report import report_html
from api.scenario_pages.view import scenario_view
from api.schemas.scenarios import ScenarioAnswer, ScenarioList
from api.services import Served, services_of
from geodata import scenarios as stored
from geodata.scenarios import Scenario
from kyodo_geo.errors import InputError

router = APIRouter(tags=["facilities"])

Id = Annotated[
    str, Path(pattern=r"^[0-9A-Za-z_-]{1,40}$", description="案の番号", examples=["sample-gather"])
]
VERSION = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,40}$")]


class ScriptParams(ScenarioParams):
    """`v` is the version the page expects."""

    v: VERSION | None = None


def kept_while(reading: Reading, held: Held, body: bytes, headers: dict[str, str] | None = None) -> Built:
    """Straight lines that stand in for ways being computed are no answer to keep."""
    return Built(body, headers or {}, keep=held.ready and held.revision == reading.ref.revision)


def published(reading: Reading, scenario_id: str) -> Scenario:
    """The version that everybody may see; raises `NotFoundError`."""
    return stored.scenario(reading.conn, reading.ref.municipality_code, scenario_id)


@router.get(BASE, include_in_schema=False)
async def scenarios_page(request: Request, params: Annotated[PlaceParams, Query()]) -> Response:
    """All that are published."""
    held = await held_for(services_of(request), params.municipality)

    def build(reading: Reading) -> Built:
        found = listing(reading, held, BASE)
        html = reading.services.pages.render(
            "facility_scenarios.html",
            path=BASE,
            ref=reading.ref,
            dataset=found.dataset,
            found=found,
            links=doors(params.municipality),
            path_compare=f"{BASE}/compare",
            municipality=params.municipality,
        )
        return kept_while(reading, held, html.encode())

    return await answer(request, build, params=params, media_type=HTML)


@router.get(BASE + "/{scenario_id}", include_in_schema=False)
async def scenario_page(
    request: Request, scenario_id: Id, params: Annotated[ScenarioParams, Query()]
) -> Response:
    """One scenario in one year."""
    held = await held_for(services_of(request), params.municipality)
    path = f"{BASE}/{scenario_id}"

    def build(reading: Reading) -> Built:
        view = scenario_view(reading, held, published(reading, scenario_id), params)
        wanted = ScriptParams(**params.model_dump())
        key = key_of(
            f"{BASE}/{{scenario_id}}/map.js", wanted, {"scenario_id": scenario_id},
            reading.ref.municipality_code, today(),
        )  # fmt: skip
        tag = tag_of(reading.services, reading.ref.revision, key)
        home = reading.ref.municipality_code == reading.services.settings.municipality
        html = one_page(
            reading, held, view, params, path,
            script_url=f"{path}/map.js?{urlencode({**asked(params), 'v': tag})}", paper=home,
        )  # fmt: skip
        return kept_while(reading, held, html.encode())

    return await answer(request, build, params=params, media_type=HTML)


@router.get(BASE + "/{scenario_id}/map.js", include_in_schema=False)
async def scenario_script(
    request: Request, scenario_id: Id, params: Annotated[ScriptParams, Query()]
) -> Response:
    """The script of its map."""
    held = await held_for(services_of(request), params.municipality)

    def build(reading: Reading) -> Built:
        built = scenario_view(reading, held, published(reading, scenario_id), params).built()
        return kept_while(reading, held, b"" if built is None else built.script.encode())

    made = await made_answer(request, build, params=params, media_type=SCRIPT)
    return send(request, made, PUBLIC_FOREVER if params.v == made.etag else PUBLIC_FRESH)


@router.get(BASE + "/{scenario_id}/figures.csv", include_in_schema=False)
async def scenario_file(
    request: Request, scenario_id: Id, params: Annotated[ScenarioFileParams, Query()]
) -> Response:
    """A table of the page as a file."""
    held = await held_for(services_of(request), params.municipality)

    def build(reading: Reading) -> Built:
        view = scenario_view(reading, held, published(reading, scenario_id), params)
        name = f"scenario_{scenario_id}_{params.part}_{view.year}_{today():%Y%m%d}.csv"
        return kept_while(reading, held, scenario_csv(view, params.part), disposition(name))

    return await answer(request, build, params=params, media_type=CSV)


@router.get(BASE + "/{scenario_id}/report.pdf", include_in_schema=False)
async def scenario_report(
    request: Request, services: Served, scenario_id: Id, params: Annotated[ScenarioParams, Query()]
) -> Response:
    """The report for a residents' meeting, with the figures of the page that was asked the same."""
    if params.municipality not in (None, services.settings.municipality):
        raise InputError("資料（PDF）があるのは、この市の案だけです。", field="municipality")
    held = await held_for(services, None)

    def build(reading: Reading) -> str:
        return report_html(reading, held, published(reading, scenario_id), params)

    shown = tuple(params.model_dump(exclude={"municipality"}).values())
    made = await kept(services, ("scenario", scenario_id, held.ready, held.input_hash, *shown), build)
    response = send(request, made)
    response.headers.update(attachment(f"scenario_{scenario_id}_{today():%Y%m%d}.pdf"))
    return response


@router.get(
    "/api/v1/facilities/scenarios",
    summary="公共施設の案",
    description="公開されている案の一覧と、期間の費用の合計。案は話し合いのためのもので、決まった計画ではありません。",
    response_model=ScenarioList,
    responses=problems(400, 404),
)
async def scenarios(request: Request, params: Annotated[PlaceParams, Query()]) -> Response:
    held = await held_for(services_of(request), params.municipality)

    def build(reading: Reading) -> Built:
        return kept_while(reading, held, dumps(list_body(listing(reading, held, BASE), reading, held)))

    return await answer(request, build, params=params)


@router.get(
    "/api/v1/facilities/scenarios/{scenario_id}",
    summary="公共施設の案 1 件",
    description=(
        "公開されている版の行動、年度別の費用と届く人・定員（この案と、今のまま続ける場合）、"
        "`year` の年度にだれが遠くなるか。費用は円で、計算できない建物は入っていません（0 円ではありません）。"
    ),
    response_model=ScenarioAnswer,
    responses=problems(400, 404),
)
async def scenario(request: Request, scenario_id: Id, params: Annotated[ScenarioParams, Query()]) -> Response:
    held = await held_for(services_of(request), params.municipality)

    def build(reading: Reading) -> Built:
        view = scenario_view(reading, held, published(reading, scenario_id), params)
        return kept_while(reading, held, dumps(one_body(view, reading.ref.municipality_code, held)))

    return await answer(request, build, params=params)
