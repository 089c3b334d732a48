"""What is loaded, where it comes from, and which generation is active."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api.answers import Reading, answer
from api.clock import JAPAN
from api.geojson import dumps
from api.openapi import problems
from api.params import DataParams
from api.schemas.records import Datasets
from geodata.datasets import list_datasets
from geodata.queries import datasets as dataset_queries
from kyodo_geo.kinds import KIND_NAMES
from kyodo_geo.quality import Quality

router = APIRouter(tags=["datasets"])


class DatasetParams(DataParams):
    """Filters of the list."""

    active: bool | None = Field(
        default=None, description="今の世代で使われているものだけ（true）", examples=[True]
    )


def dataset_rows(reading: Reading) -> list[dict[str, Any]]:
    """Every dataset everybody may know of by the day of the reading, newest first, `active` in the generation read."""
    used = {info.dataset_id for info in dataset_queries.active_datasets(reading.conn, reading.ref).values()}
    return [
        {
            "dataset_id": row["dataset_id"],
            "kind": row["kind"],
            "kind_label": KIND_NAMES.get(row["kind"], row["kind"]),
            "title": row["title"],
            "source": row["source"],
            "source_url": row["source_url"],
            "licence": row["licence"],
            "authority": row["authority"],
            "as_of": row["as_of"],
            "quality": row["quality"],
            "quality_label": Quality(row["quality"]).label,
            "loaded_at": row["loaded_at"],
            "checksum": row["checksum"],
            "row_count": row["row_count"],
            "derived_from": row["derived_from"],
            "active": row["dataset_id"] in used,
        }
        for row in list_datasets(reading.conn, reading.ref.municipality_code)
        if row["dataset_id"] in used or row["loaded_at"].astimezone(JAPAN).date() <= reading.on
    ]


@router.get(
    "/api/v1/datasets",
    summary="データの一覧",
    description="読み込まれたデータの出典・利用条件・時点・品質と、世代（同時に有効だった組み合わせ）を返します。",
    response_model=Datasets,
    responses=problems(400, 404),
)
async def all_datasets(request: Request, params: Annotated[DatasetParams, Query()]) -> Response:
    def build(reading: Reading) -> bytes:
        rows = [
            row for row in dataset_rows(reading) if params.active is None or row["active"] == params.active
        ]
        return dumps(
            {
                "municipality": reading.ref.municipality_code,
                "generation_no": reading.ref.generation_no,
                "revision": reading.ref.revision,
                "count": len(rows),
                "datasets": rows,
                "generations": dataset_queries.generations(reading.conn, reading.ref),
            }
        )

    return await answer(request, build, params=params)
