"""Vacant houses: only for the staff whose work needs them, read with staff rights, written down, never stored."""

from __future__ import annotations

from datetime import date
from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from api.answers import GEOJSON, private
from api.auth.principals import Principal, identify
from api.credits import credit
from api.geojson import collection, feature, point
from api.openapi import GeoJSON, problems
from api.params import Data
from api.schemas.records import VacantHouses
from api.services import Served, Services
from geodata.audit import looked_at, record
from geodata.database import Audience
from geodata.queries import datasets as dataset_queries
from geodata.queries import vacant
from geodata.queries.generation import resolve

router = APIRouter(tags=["staff"])


@router.get(
    "/api/v1/vacant-houses",
    summary="空き家（担当職員だけ）",
    description="空き家の記録を GeoJSON で返します。見たことは監査の記録に残ります。外部へ渡さないでください。",
    response_model=VacantHouses,
    response_class=GeoJSON,
    responses=problems(400, 401, 403, 404),
    openapi_extra={"security": [{"session": []}]},
)
async def list_vacant_houses(request: Request, services: Served, params: Data) -> Response:
    principal = await identify(request)
    municipality = params.municipality or services.settings.municipality
    body = await run_sync(_body, services, principal, municipality, params.as_of, limiter=services.limiter)
    return private(body, GEOJSON, {"X-Robots-Tag": "noindex"})


def _body(services: Services, principal: Principal, municipality: str, as_of: date | None) -> bytes:
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, municipality, as_of)
        rows = vacant.houses(conn, ref)
        datasets = dataset_queries.active_datasets(conn, ref)
    with services.database.write(Audience.STAFF) as conn:
        details = looked_at(row["house_id"] for row in rows) | {"generation": ref.generation_no}
        record(
            conn, municipality, principal.login or "unknown", "vacant-houses.view", None, details, kind="view"
        )
    return collection(
        (feature(row["house_id"], point(row["lon"], row["lat"]), _properties(row)) for row in rows),
        credit(datasets, ("vacant-houses",)),
        municipality=municipality,
    )


def _properties(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in ("lon", "lat")}
