"""Reach of the facilities: list, gaps, closing; pages, scripts of the maps, files and the interface of closing."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api import access
from api.answers import CSV, GEOJSON, HTML, SCRIPT, Built, Reading, answer, key_of, made_answer, tag_of
from api.cache import PUBLIC_FOREVER, PUBLIC_FRESH, send
from api.clock import today
from api.close_sheet.params import years_of
from api.geojson import dumps
from api.openapi import problems
from api.params import Params
from api.reach_pages.closing import body_of, rows_of, table_of
from api.reach_pages.doors import CLOSING, GAPS, LIST, doors
from api.reach_pages.gaps import SHOWN_AREAS, cells_table, gaps_body, gaps_view
from api.reach_pages.params import (
    FiguresParams,
    FileParams,
    GapsParams,
    ReachParams,
    asked,
    assumptions,
    choice_of,
    form_of,
)
from api.reach_pages.people import unit_of
from api.reach_pages.shelf import Held, held_for
from api.reach_pages.sites import sites_view
from api.routes.downloads import disposition
from api.schemas.closing import ClosingAnswer
from api.schemas.gaps import GapsAnswer
from api.services import services_of
from api.support.files import districts_geojson, places_geojson, table_csv
from geodata.unit_costs import assumptions as assumptions_of

router = APIRouter(tags=["facilities"])

LIST_SCRIPT, GAPS_SCRIPT = "/maps/facility-list.js", "/maps/facility-gaps.js"
VERSION = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,40}$")]
CSV_ANSWER: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
GEO_ANSWER: dict[int | str, dict[str, Any]] = {200: {"content": {GEOJSON: {"schema": {"type": "object"}}}}}


class ListScriptParams(ReachParams):
    """`v` is the version the page expects."""

    v: VERSION | None = None


class GapsScriptParams(GapsParams):
    """`v` is the version the page expects."""

    v: VERSION | None = None


def sheet_address() -> str | None:
    """Where a facility's own page is, with {id} in it; None where this service has none."""
    there = any(path == "/facilities/{facility_id}" for _, path in access.ACCESS)
    return "/facilities/{id}" if there else None


def _kept(reading: Reading, held: Held, body: bytes, headers: dict[str, str] | None = None) -> Built:
    """Straight lines that stand in for ways being computed are no answer to keep."""
    return Built(body, headers or {}, keep=held.ready and held.revision == reading.ref.revision)


def _script_address(reading: Reading, path: str, wanted: Params, given: dict[str, Any]) -> str:
    key = key_of(path, wanted, {}, reading.ref.municipality_code, today())
    return f"{path}?{urlencode({**given, 'v': tag_of(reading.services, reading.ref.revision, key)})}"


def _links(params: ReachParams) -> list[dict[str, Any]]:
    """The pages of the facilities; those of reach with the same assumptions."""
    return doors(params.municipality, {k: v for k, v in asked(params).items() if k != "compare_year"})


def _files(
    params: ReachParams, files: list[tuple[str, str, str | None, dict[str, str]]]
) -> list[dict[str, Any]]:
    return [
        {
            "href": f"/downloads/{name}?{urlencode(asked(params, **more))}".rstrip("?"),
            "label": label,
            "note": note,
        }
        for name, label, note, more in files
    ]


@router.get(LIST, include_in_schema=False)
async def facilities_page(request: Request, params: Annotated[ReachParams, Query()]) -> Response:
    """Map and table of the facilities."""
    held = await held_for(services_of(request), params.municipality, params.demand)

    def build(reading: Reading) -> Built:
        found = sites_view(reading, held, params, sheet_address())
        html = reading.services.pages.render(
            "facilities.html",
            path=LIST,
            ref=reading.ref,
            dataset=found.dataset,
            map=found.built,
            table=found.table,
            unknown=found.unknown,
            assumptions=found.assumptions,
            ready=held.ready,
            form=form_of(held, params, found.choice, LIST),
            links=_links(params),
            script_url=_script_address(
                reading, LIST_SCRIPT, ListScriptParams(**params.model_dump()), asked(params)
            ),
            downloads=_files(params, [
                ("facility-list.csv", "施設の表（CSV）", "表計算ソフトで開けます", {}),
                ("facility-list.geojson", "施設（GeoJSON）", "GIS で開けます", {}),
            ]),
        )  # fmt: skip
        return _kept(reading, held, html.encode())

    return await answer(request, build, params=params, media_type=HTML)


@router.get(GAPS, include_in_schema=False)
async def gaps_page(request: Request, params: Annotated[GapsParams, Query()]) -> Response:
    """Who is out of reach, and why."""
    held = await held_for(services_of(request), params.municipality, params.demand)

    def build(reading: Reading) -> Built:
        found, unit = gaps_view(reading, held, params), unit_of(held)
        html = reading.services.pages.render(
            "facility_gaps.html",
            path=GAPS,
            ref=reading.ref,
            dataset=found.dataset,
            found=found,
            map=found.built,
            unit=unit,
            shown_areas=SHOWN_AREAS,
            ready=held.ready,
            form=form_of(held, params, found.choice, GAPS),
            links=_links(params),
            script_url=_script_address(
                reading, GAPS_SCRIPT, GapsScriptParams(**params.model_dump()), asked(params)
            ),
            downloads=_files(params, [
                ("facility-gaps.csv", "地区別の表（CSV）", "表計算ソフトで開けます", {}),
                ("facility-gaps.csv", f"{unit}別の表（CSV）", f"届かない人のいる{unit}のすべて", {"part": "areas"}),
                ("facility-gaps.csv", "車・バス・徒歩の別の表（CSV）", "移動の手段ごとに届く人", {"part": "modes"}),
                ("facility-gaps.csv", "市と地区のすべての項目（CSV）", "ジニ係数やいちばん遠い5%も", {"part": "figures"}),
                ("facility-gaps.csv", f"{unit}ごとのすべての項目（CSV）", "人のいる所のすべて", {"part": "cells"}),
                ("facility-gaps.geojson", "地区の区域と数値（GeoJSON）", "GIS で開けます", {}),
            ]),
        )  # fmt: skip
        return _kept(reading, held, html.encode())

    return await answer(request, build, params=params, media_type=HTML)


@router.get(CLOSING, include_in_schema=False)
async def closing_page(request: Request, params: Annotated[ReachParams, Query()]) -> Response:
    """What closing each facility does, with a slider of years."""
    held = await held_for(services_of(request), params.municipality, params.demand)

    def build(reading: Reading) -> Built:
        from api.reach_pages.closing import effects_of

        choice = choice_of(held, params)
        whole = sites_view(reading, held, params, sheet_address())
        driving = effects_of(reading, held, choice)[2]
        names = {district.no: district.name for district in whole.spec.districts}
        html = reading.services.pages.render(
            "facility_closing.html",
            path=CLOSING,
            ref=reading.ref,
            dataset=whole.dataset,
            table=table_of(rows_of(reading, held, choice), held, choice, sheet_address()),
            assumptions=assumptions(held, choice, [names.get(no, str(no)) for no in driving]),
            unknown=whole.unknown,
            ready=held.ready,
            form=form_of(held, params, choice, CLOSING),
            links=_links(params),
            sheet_years=years_of(
                assumptions_of(reading.conn, reading.ref.municipality_code).assumptions.horizon_years
            ),
            year=choice.year,
            downloads=_files(params, [("facility-closing.csv", "表（CSV）", "表計算ソフトで開けます", {})]),
        )
        return _kept(reading, held, html.encode())

    return await answer(request, build, params=params, media_type=HTML)


@router.get(LIST_SCRIPT, include_in_schema=False)
async def list_script(request: Request, params: Annotated[ListScriptParams, Query()]) -> Response:
    held = await held_for(services_of(request), params.municipality, params.demand)

    def build(reading: Reading) -> Built:
        return _kept(reading, held, sites_view(reading, held, params, sheet_address()).built.script.encode())

    made = await made_answer(request, build, params=params, media_type=SCRIPT)
    return send(request, made, PUBLIC_FOREVER if params.v == made.etag else PUBLIC_FRESH)


@router.get(GAPS_SCRIPT, include_in_schema=False)
async def gaps_script(request: Request, params: Annotated[GapsScriptParams, Query()]) -> Response:
    held = await held_for(services_of(request), params.municipality, params.demand)

    def build(reading: Reading) -> Built:
        return _kept(reading, held, gaps_view(reading, held, params).built.script.encode())

    made = await made_answer(request, build, params=params, media_type=SCRIPT)
    return send(request, made, PUBLIC_FOREVER if params.v == made.etag else PUBLIC_FRESH)


def _name(stem: str, year: int, ending: str) -> dict[str, str]:
    return disposition(f"{stem}_{year}_{today():%Y%m%d}{ending}")


@router.get(
    "/downloads/facility-list.csv",
    summary="施設と最寄りの人（CSV）",
    description="施設ごとの種別、定員、開設と休館、そこが最寄りの人。UTF-8（BOM 付き）で、各行に年と前提が付きます。",
    responses={**problems(400, 404), **CSV_ANSWER},
    response_class=Response,
)
async def list_table(request: Request, params: Annotated[ReachParams, Query()]) -> Response:
    held = await held_for(services_of(request), params.municipality, params.demand)

    def build(reading: Reading) -> Built:
        found = sites_view(reading, held, params, sheet_address())
        body = table_csv(found.table, found.dataset, found.period)
        return _kept(reading, held, body, _name("facility-list", found.choice.year, ".csv"))

    return await answer(request, build, params=params, media_type=CSV)


@router.get(
    "/downloads/facility-list.geojson",
    summary="施設と最寄りの人（GeoJSON）",
    description="CSV と同じ行が、点として入ります。不明の数値は null です。",
    responses={**problems(400, 404), **GEO_ANSWER},
    response_class=Response,
)
async def list_points(request: Request, params: Annotated[ReachParams, Query()]) -> Response:
    held = await held_for(services_of(request), params.municipality, params.demand)

    def build(reading: Reading) -> Built:
        found = sites_view(reading, held, params, sheet_address())
        body = places_geojson(
            found.spec, found.table, found.dataset,
            municipality=reading.ref.municipality_code, year=found.choice.year, by=found.choice.by,
        )  # fmt: skip
        return _kept(reading, held, body, _name("facility-list", found.choice.year, ".geojson"))

    return await answer(request, build, params=params, media_type=GEOJSON)


@router.get(
    "/downloads/facility-gaps.csv",
    summary="施設が届かない人（CSV）",
    description=(
        "地区別（part=districts）、届かない人のいる小地域・メッシュ別（part=areas）、車・バス・徒歩の別（part=modes）、"
        "市全体と地区のすべての項目（part=figures）、小地域・メッシュごとのすべての項目（part=cells）の表。UTF-8（BOM 付き）。"
    ),
    responses={**problems(400, 404), **CSV_ANSWER},
    response_class=Response,
)
async def gaps_table(request: Request, params: Annotated[FileParams, Query()]) -> Response:
    held = await held_for(services_of(request), params.municipality, params.demand)

    def build(reading: Reading) -> Built:
        found = gaps_view(reading, held, params)
        if params.part == "cells":
            table = cells_table(reading, held, params)
        else:
            named = {"areas": found.areas, "figures": found.levels, "modes": found.modes}
            table = named.get(params.part, found.built.table)
        body = table_csv(table, found.dataset, found.period)
        return _kept(reading, held, body, _name(f"facility-gaps_{params.part}", found.choice.year, ".csv"))

    return await answer(request, build, params=params, media_type=CSV)


@router.get(
    "/downloads/facility-gaps.geojson",
    summary="施設が届かない人（地区、GeoJSON）",
    description="地区別の表と同じ数値が、地区の区域に付きます。",
    responses={**problems(400, 404), **GEO_ANSWER},
    response_class=Response,
)
async def gaps_shapes(request: Request, params: Annotated[GapsParams, Query()]) -> Response:
    held = await held_for(services_of(request), params.municipality, params.demand)

    def build(reading: Reading) -> Built:
        found = gaps_view(reading, held, params)
        body = districts_geojson(
            found.spec, found.built, found.dataset,
            municipality=reading.ref.municipality_code, year=found.choice.year, by=found.choice.by,
        )  # fmt: skip
        return _kept(reading, held, body, _name("facility-gaps", found.choice.year, ".geojson"))

    return await answer(request, build, params=params, media_type=GEOJSON)


@router.get(
    "/downloads/facility-closing.csv",
    summary="施設を閉じたときの影響（CSV）",
    description="施設ごとに、その 1 か所だけを閉じたときの影響。UTF-8（BOM 付き）で、各行に年と前提が付きます。",
    responses={**problems(400, 404), **CSV_ANSWER},
    response_class=Response,
)
async def closing_table(request: Request, params: Annotated[ReachParams, Query()]) -> Response:
    held = await held_for(services_of(request), params.municipality, params.demand)

    def build(reading: Reading) -> Built:
        whole = sites_view(reading, held, params, sheet_address())
        choice = whole.choice
        table = table_of(rows_of(reading, held, choice), held, choice, None)
        body = table_csv(table, whole.dataset, whole.period)
        return _kept(reading, held, body, _name("facility-closing", choice.year, ".csv"))

    return await answer(request, build, params=params, media_type=CSV)


@router.get(
    "/api/v1/facilities/gaps",
    summary="施設が届かない人",
    description=(
        "市全体と地区（part=figures）か、小地域・メッシュ（part=cells）ごとの、最寄りの施設、距離別の割合、2SFCA、E2SFCA、"
        "ジニ係数、いちばん遠い5%、年齢別の届かない人、理由。CSV の同じ part と同じ数値です。不明は null です。"
    ),
    response_model=GapsAnswer,
    responses=problems(400, 404),
)
async def gaps(request: Request, params: Annotated[FiguresParams, Query()]) -> Response:
    held = await held_for(services_of(request), params.municipality, params.demand)

    def build(reading: Reading) -> Built:
        asked_for = GapsParams(**params.model_dump(exclude={"part"}))
        return _kept(reading, held, dumps(gaps_body(reading, held, asked_for, params.part)))

    return await answer(request, build, params=params)


@router.get(
    "/api/v1/facilities/closing",
    summary="施設を閉じたときの影響",
    description=(
        "施設ごとに、その年にその 1 か所だけを閉じたとき、遠くなる人、届かなくなる人、行き先と、行き先に入れるか。"
        "`ready` が false の間は、道のりの計算が終わっておらず、直線距離×1.3 の値です。"
    ),
    response_model=ClosingAnswer,
    responses=problems(400, 404),
)
async def closing(request: Request, params: Annotated[ReachParams, Query()]) -> Response:
    held = await held_for(services_of(request), params.municipality, params.demand)

    def build(reading: Reading) -> Built:
        from api.reach_pages.gaps import kinds_of_data
        from geodata.queries.datasets import active_datasets
        from kyodo_geo.quality import credit

        dataset = credit(active_datasets(reading.conn, reading.ref), kinds_of_data(held))
        return _kept(reading, held, dumps(body_of(reading, held, params, dataset)))

    return await answer(request, build, params=params)
