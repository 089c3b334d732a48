"""The rows of each map as files: CSV for spreadsheets, GeoJSON for maps. The same figures, drawn from the same map."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from api import figures
from api.answers import CSV, GEOJSON, Built, Reading, answer
from api.clock import today
from api.geojson import collection, feature
from api.map_views import MapParams, MapView, view
from api.openapi import problems
from api.routes.facilities import facilities_body, facility_credit
from api.tables import properties as properties_of
from api.tables import to_csv
from geodata.queries import coverage as coverage_queries
from kyodo_geo.errors import NotFoundError

router = APIRouter(tags=["districts"])

NAMES = ("plan-adoption", "membership", "projects", "facility-coverage", "facilities")
Name = Annotated[
    str,
    Path(
        pattern=r"^[a-z-]{1,40}$",
        description="plan-adoption / membership / projects / facility-coverage / facilities",
        openapi_examples={"加入率": {"value": "membership"}},
    ),
]


def file_name(name: str, found: MapView, params: MapParams, ending: str) -> str:
    """Name of a download: what it is, of which year or radius, and the day it was made."""
    year: object = found.figures.fiscal_year if found.figures and name == "membership" else None
    if name == "membership" and found.context["compared"]:
        year = f"{params.compare_year}-{year}"
    if name == "membership" and params.denominator != "stored":
        year = f"{year}_{params.denominator}"
    detail = {
        "membership": year,
        "facility-coverage": f"{params.radius}m",
        "projects": found.context.get("year"),
        "plan-adoption": found.context.get("day"),
    }.get(name)
    return "_".join(str(part) for part in (name, detail, today().strftime("%Y%m%d")) if part) + ending


def disposition(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "X-Robots-Tag": "noindex"}


def known(name: str) -> str:
    """The map a download belongs to; raises NotFoundError."""
    if name not in NAMES:
        raise NotFoundError(f"このダウンロードはありません。使える名前: {'、'.join(NAMES)}")
    return "facility-coverage" if name == "facilities" else name


@router.get(
    "/downloads/{name}.csv",
    summary="地図の表（CSV）",
    description=(
        "名前は plan-adoption、membership、projects、facility-coverage、facilities。"
        "UTF-8（BOM 付き）で、各行に品質・時点・出典・利用条件が付きます。"
    ),
    responses={**problems(400, 404), 200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
    response_class=Response,
)
async def table_file(request: Request, name: Name, params: Annotated[MapParams, Query()]) -> Response:
    def build(reading: Reading) -> Built:
        found = view(reading, known(name), params)
        table, dataset = found.built.table, found.dataset
        if name == "facilities":
            # The table shows name, kind, place and capacity of the sites: nothing of the dated records.
            table, dataset = found.built.facilities or table, facility_credit(reading, [])
        return Built(to_csv(table, dataset), disposition(file_name(name, found, params, ".csv")))

    return await answer(request, build, params=params, media_type=CSV)


@router.get(
    "/downloads/{name}.geojson",
    summary="地図の図形（GeoJSON）",
    description="名前は CSV と同じです。表の行と同じ地区・施設が、同じ数値で入ります。",
    responses={**problems(400, 404), 200: {"content": {GEOJSON: {"schema": {"type": "object"}}}}},
    response_class=Response,
)
async def geojson_file(request: Request, name: Name, params: Annotated[MapParams, Query()]) -> Response:
    def build(reading: Reading) -> Built:
        found = view(reading, known(name), params)
        if name == "facilities":
            body = facilities_body(
                reading, coverage_queries.inputs(reading.conn, reading.ref, reading.on).facilities
            )
        else:
            body = _districts(reading, found)
        return Built(body, disposition(file_name(name, found, params, ".geojson")))

    return await answer(request, build, params=params, media_type=GEOJSON)


def _districts(reading: Reading, found: MapView) -> bytes:
    assert found.figures is not None
    features = []
    shown = {row.key: row for row in found.built.table.rows}
    for row in found.figures.rows:
        # What the page's table says comes first: the same figures under the names of its columns.
        properties: dict[str, Any] = {
            **properties_of(found.built.table, shown[row.no]),
            **found.figures.properties(row),
        }
        if found.reach is not None:
            reach = found.reach.get(row.no)
            properties["people_inside"] = round(reach.inside) if reach and reach.inside is not None else None
            properties["share_inside"] = figures.shown_rate(reach.share) if reach else None
        features.append(feature(row.no, row.geometry, properties))
    return collection(features, found.dataset, municipality=reading.ref.municipality_code)
