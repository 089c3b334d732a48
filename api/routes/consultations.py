"""Counts of consultations at the civic collaboration centres (取組18) for everybody: page, file, JSON. Never one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BeforeValidator, Field

from api.answers import CSV, HTML, Built, Reading, answer
from api.geojson import dumps
from api.map_choosers import years_field
from api.openapi import problems
from api.params import FiscalYear, PlaceParams, left_empty
from api.routes.downloads import disposition
from api.schemas.centres import ConsultationCounts
from api.tables import rows_to_csv
from geodata.queries import centres
from geodata.queries.centres import CentreLine, TopicLine
from geodata.queries.datasets import active_datasets
from kyodo_geo.centres.consultations import CITY, Table
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.errors import NotFoundError
from kyodo_geo.quality import Quality, credit
from kyodo_geo.small_counts import MARK

router = APIRouter(tags=["plan"])


class CountParams(PlaceParams):
    """Which fiscal year."""

    fiscal_year: Annotated[
        FiscalYear | None,
        BeforeValidator(left_empty),
        Field(description="年度（始まりの西暦）。指定しなければ、記録のあるすべて", examples=[2025]),
    ] = None


Asked = Annotated[CountParams, Query()]


class Counted:
    """Everything the three answers are made of: lines, topics with a mention or in use, and the tables by year."""

    def __init__(self, reading: Reading, wanted: int | None) -> None:
        self.centres: Sequence[CentreLine] = centres.centres(reading.conn, reading.ref, reading.on)
        self.tables = centres.counts(reading.conn, reading.ref)
        self.topics: Sequence[TopicLine] = centres.topics(reading.conn, reading.ref, reading.on)
        years = [table.fiscal_year for table in self.tables]
        if wanted is not None and wanted not in years:
            known = "、".join(map(str, years)) or "なし"
            raise NotFoundError(f"{wanted} 年度の相談の記録はありません。ある年度: {known}")
        self.years = years
        self.table: Table | None = next(
            (table for table in self.tables if wanted in (None, table.fiscal_year)), None
        )
        self.dataset = credit(
            active_datasets(reading.conn, reading.ref),
            ("districts",),
            values=[table.quality for table in ([self.table] if wanted and self.table else self.tables)],
        )

    def topics_of(self, table: Table) -> list[TopicLine]:
        """Topics of a year: those in use and those that were mentioned."""
        said = {topic for _, topic in table.counts}
        return [topic for topic in self.topics if topic.current or topic.id in said]


def words(count: int | None) -> str:
    """A count as pages and files show it."""
    return MARK if count is None else f"{count:,}"


@router.get("/centres/consultations", include_in_schema=False)
async def consultation_page(request: Request, params: Asked) -> Response:
    """Centres by topic in one year, and the city's topics over the years."""

    def build(reading: Reading) -> bytes:
        found = Counted(reading, params.fiscal_year)
        table = found.table
        topics = found.topics_of(table) if table else []
        rows: list[dict[str, Any]] = []
        if table:
            ids = [topic.id for topic in topics]
            rows = [
                {
                    "centre": centre,
                    "cells": [words(table.of(centre.id, topic)) for topic in ids],
                    "sum": "—" if (total := table.of_centre(centre.id, ids)) is None else f"{total:,}",
                }
                for centre in found.centres
            ]
        kept = [{"name": "municipality", "value": params.municipality}] if params.municipality else []
        year = table.fiscal_year if table else None
        query = f"?fiscal_year={year}" + (
            f"&municipality={params.municipality}" if params.municipality else ""
        )
        return reading.services.pages.render(
            "consultations.html", path="/centres/consultations", ref=reading.ref,
            dataset=found.dataset if table else None, table=table, topics=topics, rows=rows, centres=found.centres,
            city=[words(table.of(CITY, topic.id)) for topic in topics] if table else [],
            total=words(table.total) if table else "", mark=MARK, words=words, city_key=CITY,
            years=[(one, found.topics_of(one)) for one in found.tables],
            downloads=[{"href": f"/centres/consultations.csv{query}", "label": "表（CSV）", "note": ""}] if table else [],
            chooser={
                "action": "/centres/consultations", "kept": kept,
                "fields": [years_field("fiscal_year", "年度", sorted(found.years), year, id="chooser")],
            } if table else None,
        ).encode()  # fmt: skip

    return await answer(request, build, params=params, media_type=HTML)


@router.get("/centres/consultations.csv", include_in_schema=False)
async def consultation_file(request: Request, params: Asked) -> Response:
    """One line for each centre and topic of a year (all years when none is asked for); the city's lines last."""

    def build(reading: Reading) -> Built:
        found = Counted(reading, params.fiscal_year)
        lines = [
            [fiscal_year_label(table.fiscal_year), centre, topic, count, Quality(table.quality).label]
            for table in found.tables
            if params.fiscal_year in (None, table.fiscal_year)
            for centre, topic, count in _lines(found, table)
        ]
        header = ["年度", "センター", "内容", "件数", "データの種類"]
        ending = "" if params.fiscal_year is None else f"_{params.fiscal_year}"
        return Built(rows_to_csv(header, lines), disposition(f"consultations{ending}.csv"))

    return await answer(request, build, params=params, media_type=CSV)


def _lines(found: Counted, table: Table) -> list[tuple[str, str, int | str]]:
    topics = found.topics_of(table)
    lines = [
        (centre.name, topic.label, _cell(table.of(centre.id, topic.id)))
        for centre in found.centres
        for topic in topics
    ]
    lines += [("市全体", topic.label, _cell(table.of(CITY, topic.id))) for topic in topics]
    return [*lines, ("市全体", "相談の件数（実数）", _cell(table.total))]


def _cell(count: int | None) -> int | str:
    return MARK if count is None else count


@router.get(
    "/api/v1/consultations",
    summary="市民協働推進センターの相談の件数",
    description=(
        "センター・内容・年度ごとの件数。1 件に内容がいくつもあるときは、それぞれに数えます。少ない件数と、"
        "引き算でわかる件数は伏せます（null）。相談の内容は返しません。"
    ),
    response_model=ConsultationCounts,
    responses=problems(400, 404),
)
async def consultation_data(request: Request, params: Asked) -> Response:
    def build(reading: Reading) -> bytes:
        found = Counted(reading, params.fiscal_year)
        return dumps(
            {
                "municipality": reading.ref.municipality_code,
                "dataset": found.dataset,
                "quality": found.dataset["quality"],
                "quality_label": found.dataset["quality_label"],
                "centres": [{"id": item.id, "name": item.name} for item in found.centres],
                "topics": [
                    {"id": item.id, "label": item.label, "current": bool(item.current)}
                    for item in found.topics
                ],
                "years": [
                    {
                        "fiscal_year": table.fiscal_year, "total": table.total, "quality": table.quality,
                        "counts": [
                            {"centre_id": body or None, "topic_id": topic, "count": count, "withheld": count is None}
                            for (body, topic), count in table.counts.items() if topic != CITY
                        ],
                    }
                    for table in found.tables if params.fiscal_year in (None, table.fiscal_year)
                ],
            }
        )  # fmt: skip

    return await answer(request, build, params=params)
