"""The map pages, the list of them, and the scripts that draw them."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request, Response

from api.answers import HTML, SCRIPT, Reading, answer, made_answer
from api.cache import PUBLIC_FOREVER, PUBLIC_FRESH, send
from api.embedding import snippet
from api.map_choosers import chooser, shorter_address
from api.map_list import FACILITIES, FOR_STAFF, MAPS, SUPPORT
from api.map_views import MapParams, ScriptParams, script_address, view
from api.params import Data
from geodata.queries import districts as district_queries

router = APIRouter(include_in_schema=False)

_TITLES = {address: title for address, title, _ in MAPS}


def asked_for(params: MapParams) -> dict[str, object]:
    """What a map was asked for beside what it shows anyway."""
    default = MapParams().model_dump()
    return {k: v for k, v in params.model_dump(mode="json").items() if v is not None and v != default[k]}


def downloads(name: str, params: MapParams) -> list[dict[str, str | None]]:
    """Links to the files with the rows of the page."""
    asked = asked_for(params)
    query = f"?{urlencode(asked)}" if asked else ""
    files: list[dict[str, str | None]] = [
        {"href": f"/downloads/{name}.csv{query}", "label": "表（CSV）", "note": "表計算ソフトで開けます"},
        {
            "href": f"/downloads/{name}.geojson{query}",
            "label": "区域と数値（GeoJSON）",
            "note": "GIS で開けます",
        },
    ]
    if name == "facility-coverage":
        files += [
            {"href": f"/downloads/facilities.csv{query}", "label": "施設の表（CSV）", "note": None},
            {"href": f"/downloads/facilities.geojson{query}", "label": "施設（GeoJSON）", "note": None},
        ]
    return files


def map_page(name: str) -> Any:
    """Handler of one map page."""

    async def handler(request: Request, params: Annotated[MapParams, Query()]) -> Response:
        if shorter := shorter_address(request, params):
            return shorter

        def build(reading: Reading) -> bytes:
            found = view(reading, name, params)
            html = reading.services.pages.render(
                f"map_{name.replace('-', '_')}.html",
                path=f"/maps/{name}",
                ref=reading.ref,
                dataset=found.dataset,
                map=found.built,
                script_url=script_address(reading, name, params),
                chooser=chooser(name, found, params),
                downloads=downloads(name, params),
                snippet=snippet(
                    reading.services.settings,
                    f"/embed/maps/{name}",
                    f"{reading.ref.name} {_TITLES[f'/maps/{name}']}",
                    asked_for(params),
                ),
                **found.context,
            )
            return html.encode()

        return await answer(request, build, params=params, media_type=HTML)

    handler.__doc__ = f"The map page {name}."
    handler.__name__ = f"{name.replace('-', '_')}_page"
    return handler


@router.get("/maps")
async def map_list(request: Request, params: Data) -> Response:
    """Every map with a line on what it shows, and the page of every district."""

    def build(reading: Reading) -> bytes:
        html = reading.services.pages.render(
            "maps.html",
            path="/maps",
            ref=reading.ref,
            maps=MAPS,
            support=SUPPORT,
            facilities=FACILITIES,
            for_staff=FOR_STAFF,
            districts=district_queries.districts(reading.conn, reading.ref, None, with_geometry=False),
        )
        return html.encode()

    return await answer(request, build, params=params, media_type=HTML)


for _name in ("plan-adoption", "membership", "projects", "facility-coverage"):
    router.add_api_route(f"/maps/{_name}", map_page(_name), methods=["GET"])


@router.get("/maps/{name}.js")
async def map_script(
    request: Request,
    name: Annotated[str, Path(pattern=r"^[a-z-]{1,40}$")],
    params: Annotated[ScriptParams, Query()],
) -> Response:
    """The script of a map, to be kept for ever under the version the page names."""

    def build(reading: Reading) -> bytes:
        return view(reading, name, params).built.script.encode()

    made = await made_answer(request, build, params=params, media_type=SCRIPT)
    return send(request, made, PUBLIC_FOREVER if params.v == made.etag else PUBLIC_FRESH)
