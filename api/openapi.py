"""Pieces every documented route shares, and the schema itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import JSONResponse

from api.cache import Answer, etag_of, finish
from api.errors import PROBLEM_JSON, TITLES
from api.geojson import dumps
from api.schemas.common import Problem

if TYPE_CHECKING:
    from fastapi import FastAPI

TAGS = [
    {"name": "districts", "description": "コミュニティ推進地区と小地域"},
    {"name": "associations", "description": "町内会・自治会"},
    {"name": "lookup", "description": "住所や地点から町内会・自治会を調べる"},
    {"name": "facilities", "description": "公共施設"},
    {"name": "sharing", "description": "活動事例、手引き、補助金の情報"},
    {"name": "plan", "description": "計画の取組と指標"},
    {"name": "datasets", "description": "データの出典・時点・世代"},
    {"name": "partners", "description": "会員店のプログラム（鍵が必要）"},
    {"name": "staff", "description": "職員だけが使えるもの"},
    {"name": "ogc", "description": "OGC API（GIS から直接読めるデータ）"},
    {"name": "service", "description": "稼働の確認"},
]

ABOUT = """盛岡市の協働のまちづくりを支える地図サービスの API です。

- 座標は経度・緯度（WGS 84）の順で、GeoJSON は RFC 7946 に従います。
- すべての答えに、出典・利用条件・時点・品質（`dataset`）が付きます。品質が `sample` のものは「見本データ（架空）」です。
- 失敗は RFC 9457（`application/problem+json`）で返します。
- 知らない名前のパラメーターは 400 で断ります。
- `ETag` を返します。`If-None-Match` を付けると、変わっていないときは 304 になります。
"""


class GeoJSON(JSONResponse):
    """Names the media type in the schema."""

    media_type = "application/geo+json"


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Documentation of the ways a route can fail."""
    return {
        status: {
            "description": TITLES[status],
            "content": {PROBLEM_JSON: {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}},
        }
        for status in sorted({*statuses, 503})
    }


def document(app: FastAPI) -> Answer:
    """The OpenAPI document as it is sent. It depends on nothing but the program: made and compressed once, and kept as bytes,
    which are a tenth of its thousands of small objects.
    """
    made: Answer | None = getattr(app.state, "openapi", None)
    if made is None:
        made = app.state.openapi = finish(dumps(_made(app)), "application/json", etag_of("openapi"))
    return made


def schema(app: FastAPI) -> dict[str, Any]:
    """The same, to be read."""
    found: dict[str, Any] = orjson.loads(document(app).body)
    return found


_LINKS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "list_districts": (
        ("one_district", "no", "/districts/0/no"),
        ("one_profile", "no", "/districts/0/no"),
        ("district_file", "no", "/districts/0/no"),
    ),
    "list_associations": (("one_association", "association_id", "/features/0/id"),),
    "scenarios": (("scenario", "scenario_id", "/scenarios/0/id"),),
    "ogc_collections": (
        ("ogc_collection", "collection_id", "/collections/0/id"),
        ("ogc_items", "collection_id", "/collections/0/id"),
        ("ogc_schema", "collection_id", "/collections/0/id"),
    ),
    "ogc_records": (("ogc_record", "record_id", "/features/0/id"),),
    "kyodo.getTileMatrixSetsList": (("kyodo.getTileMatrixSet", "tileMatrixSetId", "/tileMatrixSets/0/id"),),
}
"""Operation → where its answer leads: (operation, its parameter, place of the value in the body)."""


def _link(paths: dict[str, Any]) -> None:
    """Say in the document which value of an answer is another operation's parameter (OpenAPI's links)."""
    for methods in paths.values():
        for operation in methods.values():
            for target, name, place in _LINKS.get(operation["operationId"], ()):
                links = operation["responses"]["200"].setdefault("links", {})
                links[target] = {"operationId": target, "parameters": {name: f"$response.body#{place}"}}


def _made(app: FastAPI) -> dict[str, Any]:
    """FastAPI's own, with the problem schema, and without its default 422 (ours are problems)."""
    from fastapi.openapi.utils import get_openapi

    found = get_openapi(
        title="kyodo-geo API", version=app.version, description=ABOUT, routes=app.routes, tags=TAGS
    )
    components = found.setdefault("components", {}).setdefault("schemas", {})
    components[Problem.__name__] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    components.update(components[Problem.__name__].pop("$defs", {}))
    for name in ("HTTPValidationError", "ValidationError"):
        components.pop(name, None)
    for path in found["paths"].values():
        for operation in path.values():
            default = operation["responses"].get("422", {})
            if "application/json" in default.get("content", {}):
                del operation["responses"]["422"]
    _link(found["paths"])
    components_security = found["components"].setdefault("securitySchemes", {})
    components_security["partnerKey"] = {
        "type": "http",
        "scheme": "bearer",
        "description": "会員店などのプログラムに渡す鍵（`kg_…`）。なくても公開データは使えます。",
    }
    components_security["session"] = {
        "type": "apiKey",
        "in": "cookie",
        "name": "kyodo_session",
        "description": "画面でサインインした職員",
    }
    return found
