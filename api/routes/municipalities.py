"""Which municipalities this service answers for, page by page, and which one a point lies in."""

from __future__ import annotations

from typing import Annotated, Any, Self
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator, Field, model_validator

from api.answers import JSON, private
from api.cache import PUBLIC_FRESH, etag_of, finish, send
from api.geojson import dumps
from api.openapi import problems
from api.params import Integer, Params, refuse
from api.schemas.municipalities import Municipalities
from api.services import Served, Services
from geodata.database import Audience
from geodata.queries import municipalities as queries

router = APIRouter(tags=["datasets"])
PATH = "/api/v1/municipalities"


def _place(value: str) -> tuple[float, float]:
    lon, lat = (float(part) for part in value.split(","))
    return lon, lat


def _point(value: str) -> str:
    try:
        lon, lat = _place(value)
    except ValueError:
        raise refuse("「経度,緯度」の順に、2 つの数を度で指定してください（例 141.1527,39.7036）") from None
    if not (abs(lon) <= 180 and abs(lat) <= 90):  # NaN is not either
        raise refuse("経度は ±180、緯度は ±90 の中で指定してください")
    return value


class MunicipalityParams(Params):
    """A page of the list, or a point."""

    point: Annotated[str, AfterValidator(_point), Field(max_length=60)] | None = Field(
        default=None, description="地点（経度,緯度、度）", examples=["141.1527,39.7036"]
    )
    limit: Annotated[Integer, Field(ge=1, le=1000)] = Field(
        default=100, description="1 回に返す件数（1〜1000）", examples=[50]
    )
    cursor: str | None = Field(
        default=None,
        pattern=r"^[0-9]{5}$",
        description="続きの位置。前の答えの `next` の値をそのまま渡す",
        examples=["00000"],
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.point is not None and self.cursor is not None:
            raise refuse("地点（point）と続きの位置（cursor）は、一緒には指定できません")
        return self


@router.get(
    PATH,
    summary="市区町村の一覧、地点のある市区町村",
    description=(
        "このサービスが答える市区町村を、コードの順に、ページに分けて返します。`point` を指定すると、読み込まれている"
        "市域の図形がその地点を含む市区町村だけを返します。境の線の上では複数、どの市域にも入らなければ 0 件です"
        "（市域を読み込んでいない市区町村は、地点では見つかりません）。ほかの API には `municipality` でコードを渡します。"
    ),
    response_model=Municipalities,
    responses=problems(400),
)
async def list_municipalities(
    request: Request, services: Served, params: Annotated[MunicipalityParams, Query()]
) -> Response:
    body = await run_sync(_body, services, params, limiter=services.limiter)
    if params.point is not None:
        return private(body, JSON)  # where somebody is, is nobody else's to keep
    return send(request, finish(body, JSON, etag_of(services.fingerprint, body)), PUBLIC_FRESH)


def _body(services: Services, params: MunicipalityParams) -> bytes:
    with services.database.read(Audience.PUBLIC) as conn:
        total = queries.count(conn)
        if params.point is not None:
            rows, following = queries.at_point(conn, *_place(params.point)), None
        else:
            rows, following = queries.page(conn, after=params.cursor, limit=params.limit)
    links = []
    if following is not None:
        asked = urlencode({"limit": params.limit, "cursor": following})
        links = [{"rel": "next", "type": JSON, "href": f"{PATH}?{asked}"}]
    return dumps(
        {
            "total": total,
            "count": len(rows),
            "municipalities": [_shown(services, row) for row in rows],
            "next": following,
            "links": links,
        }
    )


def _shown(services: Services, row: queries.Served) -> dict[str, Any]:
    return {
        "municipality": row.municipality_code,
        "name": row.name,
        "pref_name": row.pref_name,
        "home": row.municipality_code == services.settings.municipality,
        "generation_no": row.generation_no,
        "activated_at": row.activated_at,
        "revision": row.revision,
    }
