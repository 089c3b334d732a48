"""The support map: page, script and downloads of each theme and year."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api.answers import CSV, GEOJSON, HTML, SCRIPT, Built, Reading, answer, key_of, made_answer, tag_of
from api.cache import PUBLIC_FOREVER, PUBLIC_FRESH, send
from api.clock import today
from api.openapi import problems
from api.params import DataParams, FiscalYear
from api.routes.downloads import disposition
from api.support.files import districts_geojson, places_geojson, table_csv
from api.support.themes import THEMES
from api.support.view import SupportView, support_view
from kyodo_geo.dates import fiscal_year_label

router = APIRouter(tags=["districts"])

SCRIPT_PATH = "/maps/support.js"
PAGE_PATH = "/maps/support"


class SupportParams(DataParams):
    """Theme and year; the newest year of the theme when left out."""

    theme: Annotated[str, Field(pattern=r"^[a-z]{1,20}$")] = Field(
        default="officers",
        description="テーマ: " + "、".join(theme.key for theme in THEMES),
        examples=["meetings"],
    )
    fiscal_year: FiscalYear | None = Field(
        default=None,
        description="年度（始まりの西暦）。指定しなければ、そのテーマのいちばん新しい年度",
        examples=[2025],
    )


class SupportScriptParams(SupportParams):
    """The same for the script; `v` is the version the page expects."""

    v: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,40}$")] | None = None


class SupportFileParams(SupportParams):
    """The same for the files; `part` says which table of the page."""

    part: Literal["districts", "places"] = Field(
        default="districts",
        description="districts（地区別の表）か places（2 つめの表。センターや催し）",
        examples=["places"],
    )


def asked(params: SupportParams, **other: Any) -> dict[str, Any]:
    """What stands in an address to come to the same theme and year."""
    given = params.model_dump(mode="json", exclude={"v", "part"}, exclude_none=True)
    return {**given, **other}


@router.get(PAGE_PATH, include_in_schema=False)
async def support_page(request: Request, params: Annotated[SupportParams, Query()]) -> Response:
    """The map page of a theme."""

    def build(reading: Reading) -> bytes:
        found = support_view(reading, _plain(params), params.theme, params.fiscal_year)
        kept = params.model_dump(mode="json", include={"municipality", "as_of"}, exclude_none=True)
        years = [
            {"value": year, "label": fiscal_year_label(year), "selected": year == found.year}
            for year in reversed(found.years)
        ]
        hidden = [
            {"name": name, "value": value} for name, value in {**kept, "theme": found.theme.key}.items()
        ]
        return reading.services.pages.render(
            "map_counts.html",
            path=PAGE_PATH,
            ref=reading.ref,
            dataset=found.dataset,
            title=f"地域への支援：{found.theme.label}",
            map=found.built,
            script_url=_script_address(reading, params),
            themes=[
                {
                    "label": theme.label,
                    "note": theme.initiatives,
                    "href": f"{PAGE_PATH}?{urlencode({**kept, 'theme': theme.key})}",
                    "current": theme.key == found.theme.key,
                }
                for theme in THEMES
            ],
            chooser={
                "action": PAGE_PATH,
                "selects": [{"name": "fiscal_year", "label": "年度", "options": years}],
                "kept": hidden,
            }
            if years
            else None,
            second=found.second,
            second_heading=found.second_heading,
            about=(),
            downloads=_downloads(params, found),
        ).encode()

    return await answer(request, build, params=params, media_type=HTML)


def _plain(params: SupportParams) -> DataParams:
    return DataParams(municipality=params.municipality, as_of=params.as_of)


def _script_address(reading: Reading, params: SupportParams) -> str:
    wanted = SupportScriptParams(**params.model_dump())
    key = key_of(SCRIPT_PATH, wanted, {}, reading.ref.municipality_code, today())
    version = tag_of(reading.services, reading.ref.revision, key)
    return f"{SCRIPT_PATH}?{urlencode({**asked(params), 'v': version})}"


def _downloads(params: SupportParams, found: SupportView) -> list[dict[str, str | None]]:
    def link(ending: str, **other: str) -> str:
        return f"/downloads/support.{ending}?{urlencode(asked(params, **other))}"

    files: list[dict[str, str | None]] = [
        {"href": link("csv"), "label": "表（CSV）", "note": "表計算ソフトで開けます"},
        {"href": link("geojson"), "label": "区域と数値（GeoJSON）", "note": "GIS で開けます"},
    ]
    if found.second is not None:
        files.append(
            {"href": link("csv", part="places"), "label": f"{found.second_heading}（CSV）", "note": None}
        )
    if found.spec.places:
        files.append({"href": link("geojson", part="places"), "label": "地点（GeoJSON）", "note": None})
    return files


@router.get(SCRIPT_PATH, include_in_schema=False)
async def support_script(request: Request, params: Annotated[SupportScriptParams, Query()]) -> Response:
    """The script of the map, to be kept for ever under the version the page names."""

    def build(reading: Reading) -> bytes:
        return support_view(reading, _plain(params), params.theme, params.fiscal_year).built.script.encode()

    made = await made_answer(request, build, params=params, media_type=SCRIPT)
    return send(request, made, PUBLIC_FOREVER if params.v == made.etag else PUBLIC_FRESH)


def _name(found: SupportView, part: str, ending: str) -> str:
    pieces = (
        "support",
        found.theme.key,
        None if part == "districts" else part,
        found.year,
        f"{today():%Y%m%d}",
    )
    return "_".join(str(piece) for piece in pieces if piece) + ending


def _period(reading: Reading, found: SupportView) -> str:
    return fiscal_year_label(found.year) if found.year is not None else f"{reading.on:%Y-%m-%d}現在"


@router.get(
    "/downloads/support.csv",
    summary="支援の地図の表（CSV）",
    description="テーマと年度ごとの、地区別の表。UTF-8（BOM 付き）で、各行に期間・品質・時点・出典・利用条件が付きます。",
    responses={**problems(400, 404), 200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
    response_class=Response,
)
async def support_table(request: Request, params: Annotated[SupportFileParams, Query()]) -> Response:
    def build(reading: Reading) -> Built:
        found = support_view(reading, _plain(params), params.theme, params.fiscal_year)
        table = found.built.table if params.part == "districts" else found.second or found.built.table
        left_out = found.spec.left_out if params.part == "districts" else None
        body = table_csv(table, found.dataset, _period(reading, found), left_out=left_out)
        return Built(body, disposition(_name(found, params.part, ".csv")))

    return await answer(request, build, params=params, media_type=CSV)


@router.get(
    "/downloads/support.geojson",
    summary="支援の地図の図形（GeoJSON）",
    description="CSV と同じ行が、同じ数値で入ります。非公表と不明の数値は null です。",
    responses={**problems(400, 404), 200: {"content": {GEOJSON: {"schema": {"type": "object"}}}}},
    response_class=Response,
)
async def support_shapes(request: Request, params: Annotated[SupportFileParams, Query()]) -> Response:
    def build(reading: Reading) -> Built:
        found = support_view(reading, _plain(params), params.theme, params.fiscal_year)
        members = {
            "municipality": reading.ref.municipality_code,
            "theme": found.theme.key,
            "fiscal_year": found.year,
        }
        if params.part == "districts":
            body = districts_geojson(found.spec, found.built, found.dataset, **members)
        else:
            body = places_geojson(found.spec, found.second, found.dataset, **members)
        return Built(body, disposition(_name(found, params.part, ".geojson")))

    return await answer(request, build, params=params, media_type=GEOJSON)
