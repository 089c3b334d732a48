"""Open data: the page for people, the catalogue for programs, and the dump of each generation."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import BeforeValidator

from api import standard_sets
from api.answers import HTML, JSON, Built, Reading, answer
from api.credits import credit
from api.dcat import MEDIA, catalogue
from api.exports.dumps import dump_of, file_of_dump
from api.geojson import dumps as as_json
from api.ogc.links import links_of
from api.openapi import problems
from api.opendata_list import collections, credit_of, entries, files
from api.params import Data, DataParams, Place, plain_integer
from api.services import Served, services_of
from geodata.exports.formats import formats_for
from geodata.queries import datasets as dataset_queries
from geodata.queries.generation import at_generation

router = APIRouter(tags=["datasets"])

GenerationNo = Annotated[
    int,
    BeforeValidator(plain_integer),
    Path(ge=1, le=1_000_000, description="世代の番号", openapi_examples={"最初の世代": {"value": 1}}),
]
FileName = Annotated[
    str,
    Path(
        pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,79}$",
        description="manifest.json、all.gpkg、コレクションの id.形式 のどれか",
        openapi_examples={"一覧": {"value": "manifest.json"}},
    ),
]


class Based(DataParams):
    """What the catalogue depends on: the parameters, and the address it is asked under."""

    base: str


@router.get("/opendata", include_in_schema=False)
async def opendata_page(request: Request, params: Data) -> Response:
    """Everything that can be had, for people."""

    def build(reading: Reading) -> Built:
        loaded = dataset_queries.active_datasets(reading.conn, reading.ref)
        html = reading.services.pages.render(
            "opendata.html",
            path="/opendata",
            ref=reading.ref,
            dataset=credit(loaded, loaded),
            entries=[
                {
                    "id": item.id,
                    "title": item.title,
                    "description": item.description,
                    "credit": credit_of(reading, item, loaded),
                    "dated": not item.kinds,
                    "formats": list(formats_for(item.id)),
                }
                for item in collections(loaded)
            ],
            generations=_generations(reading),
            standard_sets=standard_sets.offered(reading.conn, reading.ref, reading.on),
            as_of=params.as_of,
        )
        return Built(html.encode())

    return await answer(request, build, params=params, media_type=HTML)


@router.get("/opendata/generations/{no}", include_in_schema=False)
async def opendata_generation_page(request: Request, no: GenerationNo, params: Place) -> Response:
    """Files of one generation, for people."""

    def build(reading: Reading) -> Built:
        ref = at_generation(reading.conn, reading.ref.municipality_code, no)
        then = Reading(reading.conn, ref, reading.on, reading.services)
        loaded = dataset_queries.active_datasets(reading.conn, ref)
        held = files(then)
        titles = {item.id: item.title for item in collections(loaded)}
        html = reading.services.pages.render(
            "opendata_generation.html",
            path="/opendata",
            ref=reading.ref,
            dataset=credit(loaded, loaded),
            generation_no=no,
            activated_at=ref.activated_at.isoformat(),
            titles=titles,
            together=[file for file in held if "collection" not in file],
            files=[(key, [f for f in held if f.get("collection") == key]) for key in titles],
        )
        return Built(html.encode(), keep=_made(held))

    return await answer(request, build, params=params, media_type=HTML)


@router.get(
    "/opendata/catalog.jsonld",
    summary="オープンデータの目録（DCAT）",
    description="公開しているデータの目録を DCAT 3 の JSON-LD で返します。文書だけで読め、ほかを取りに行く必要はありません。",
    responses={**problems(400, 404), 200: {"content": {MEDIA: {"schema": {"type": "object"}}}}},
    response_class=Response,
)
async def opendata_catalogue(request: Request, params: Data) -> Response:
    links = links_of(request, {"municipality": _away(request, params), "as_of": params.as_of})
    based = Based(**params.model_dump(), base=links.base)

    def build(reading: Reading) -> Built:
        found = entries(reading)
        sample = any(item.credit["quality"] == "sample" for item in found)
        below = f"/opendata/generations/{reading.ref.generation_no}"
        body = as_json(catalogue(links, reading.ref, found, below, sample=sample))
        return Built(body, keep=all(_made(item.files) for item in found))

    return await answer(request, build, params=based, media_type=MEDIA)


@router.get(
    "/opendata/generations",
    summary="世代ごとの一括ダウンロードの一覧",
    description="世代の番号と、そのファイルの一覧（manifest.json）のアドレスを、新しい順に返します。",
    responses={**problems(400, 404), 200: {"content": {JSON: {"schema": {"type": "object"}}}}},
    response_class=Response,
)
async def opendata_generations(request: Request, params: Data) -> Response:
    code = _away(request, params)
    away = f"?municipality={code}" if code else ""

    def build(reading: Reading) -> bytes:
        found = _generations(reading, away)
        return as_json({"municipality": reading.ref.municipality_code, "generations": found})

    return await answer(request, build, params=params)


@router.get(
    "/opendata/generations/{no}/{name}",
    summary="世代ごとの一括ダウンロード",
    description=(
        "その世代の公開データ。`manifest.json` はファイルの一覧（大きさ、SHA-256、出典、利用条件、時点）、`all.gpkg` は"
        "すべてのコレクションを入れた GeoPackage、ほかはコレクションごと・形式ごとのファイル。"
        "はじめて求められたときに作るので、時間がかかることがあります。"
    ),
    responses={
        **problems(400, 404, 503),
        200: {
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
                JSON: {"schema": {"type": "object"}},
            }
        },
    },
    response_class=Response,
)
async def opendata_file(
    request: Request, services: Served, no: GenerationNo, name: FileName, params: Place
) -> Response:
    municipality = params.municipality or services.settings.municipality
    return await file_of_dump(request, await dump_of(services, municipality, no), name)


def _away(request: Request, params: DataParams) -> str | None:
    """The municipality that links have to name; our own needs no name, so that its answer is one however it is asked for."""
    asked = params.municipality
    return None if asked == services_of(request).settings.municipality else asked


def _generations(reading: Reading, away: str = "") -> list[dict[str, Any]]:
    return [
        {
            "generation_no": row["generation_no"],
            "activated_at": row["activated_at"].isoformat(),  # type: ignore[attr-defined]
            "manifest": f"/opendata/generations/{row['generation_no']}/manifest.json{away}",
            "geopackage": f"/opendata/generations/{row['generation_no']}/all.gpkg{away}",
        }
        for row in dataset_queries.generations(reading.conn, reading.ref)
    ]


def _made(held: Any) -> bool:
    """Whether the dump has been made: what is said of its files is the same from then on."""
    return all("bytes" in file for file in held)
