"""Public facilities as GeoJSON points."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator, Field

from api.answers import GEOJSON, Reading, answer
from api.credits import credit
from api.geojson import collection, feature, point
from api.openapi import GeoJSON, problems
from api.params import DataParams, readable
from api.schemas.facilities import Facilities
from geodata.queries import datasets as dataset_queries
from geodata.queries import facilities as facility_queries
from geodata.queries.facilities import FacilityRow

router = APIRouter(tags=["facilities"])


class FacilityParams(DataParams):
    """Filters of the list."""

    kind: Annotated[str, Field(max_length=40), AfterValidator(readable)] | None = Field(
        default=None, description="施設の種類", examples=["地区活動センター"]
    )
    activity: bool | None = Field(
        default=None, description="地域活動に使える施設だけ（true）", examples=[True]
    )


def properties(row: FacilityRow) -> dict[str, Any]:
    """All that is known of a facility; each building, room and year says how far it may be believed."""
    return {
        "id": row.id,
        "name": row.name,
        "kana": row.kana,
        "kind": row.kind,
        "activity": row.activity,
        "address": row.address,
        "operator": row.operator,
        "capacity": row.capacity,
        "opened_on": row.opened_on,
        "closed_on": row.closed_on,
        "buildings": row.buildings,
        "rooms": row.rooms,
        "years": row.years,
    }


def facilities_body(reading: Reading, rows: list[FacilityRow]) -> bytes:
    """The collection; also what the pages' download of the facilities sends."""
    return collection(
        (feature(row.id, point(row.lon, row.lat), properties(row)) for row in rows),
        facility_credit(reading, rows),
        municipality=reading.ref.municipality_code,
    )


def facility_credit(reading: Reading, rows: list[FacilityRow]) -> dict[str, Any]:
    """Credit of the facilities; each building, room and yearly figure brings a quality of its own."""
    values = {
        item["quality"] for row in rows for items in (row.buildings, row.rooms, row.years) for item in items
    }
    datasets = dataset_queries.active_datasets(reading.conn, reading.ref)
    return credit(datasets, ("facilities",), values=values)


@router.get(
    "/api/v1/facilities",
    summary="公共施設の一覧",
    description="指定した日（なければ今日）に使われている施設を、建物・部屋・利用の数値とともに GeoJSON で返します。",
    response_model=Facilities,
    response_class=GeoJSON,
    responses=problems(400, 404),
)
async def list_facilities(request: Request, params: Annotated[FacilityParams, Query()]) -> Response:
    def build(reading: Reading) -> bytes:
        rows = facility_queries.facilities(
            reading.conn, reading.ref, kind=params.kind, activity=params.activity, on=reading.on
        )
        return facilities_body(reading, rows)

    return await answer(request, build, params=params, media_type=GEOJSON)
