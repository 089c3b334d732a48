"""Events of the plan's initiatives for everybody: list, page, feed, file, JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BeforeValidator, Field

from api.answers import CSV, HTML, Built, Reading, answer
from api.centres import event_words as words
from api.clock import today
from api.feeds import MEDIA, Entry, feed
from api.geojson import dumps
from api.map_choosers import select
from api.ogc.links import links_of
from api.openapi import problems
from api.params import DistrictNo, FiscalYear, Integer, PlaceParams, left_empty
from api.routes.downloads import disposition
from api.schemas.centres import Events
from api.services import services_of
from api.tables import rows_to_csv
from geodata.queries import events as queries
from geodata.queries.events import EventRow
from kyodo_geo.centres.terms import INITIATIVES
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.errors import NotFoundError
from maps.text import day

router = APIRouter(tags=["plan"])

EventId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,80}$", description="催しの ID")]
EMPTY = BeforeValidator(left_empty)


class EventParams(PlaceParams):
    """Which events: of an initiative, for a district (with those for the whole city), of a year."""

    initiative: Annotated[
        Annotated[Integer, Field(ge=1, le=99)] | None,
        EMPTY,
        Field(description="取組の番号。指定しなければすべて", examples=[26]),
    ] = None
    district: Annotated[
        DistrictNo | None, EMPTY, Field(description="この地区と市全体を対象にしたもの", examples=[5])
    ] = None
    fiscal_year: Annotated[
        FiscalYear | None,
        EMPTY,
        Field(description="年度（始まりの西暦）。指定しなければすべて", examples=[2025]),
    ] = None

    def takes(self, row: EventRow) -> bool:
        return (
            self.initiative in (None, row.initiative_no)
            and (self.district is None or row.district_no in (None, self.district))
            and self.fiscal_year in (None, row.fiscal_year)
        )


class BasedParams(PlaceParams):
    """What the feed depends on: the place, and the address it is asked under."""

    base: str


Asked = Annotated[EventParams, Query()]
PlaceQuery = Annotated[PlaceParams, Query()]


def _rows(reading: Reading, params: EventParams) -> list[EventRow]:
    return [row for row in queries.events(reading.conn, reading.ref) if params.takes(row)]


@router.get("/events", include_in_schema=False)
async def event_list(request: Request, params: Asked) -> Response:
    """Coming events first, then past ones by year."""

    def build(reading: Reading) -> bytes:
        known = queries.events(reading.conn, reading.ref)
        rows = [row for row in known if params.takes(row)]
        years = sorted({row.fiscal_year for row in known}, reverse=True)
        districts = {row.district_no: words.district_of(row) for row in known if row.district_no}
        fields = [
            select(
                "initiative",
                "取組",
                [("", "すべて", params.initiative is None)]
                + [(key, label, int(key) == params.initiative) for key, label in INITIATIVES],
            ),
            select(
                "district",
                "地区",
                [("", "すべて", params.district is None)]
                + [(str(no), label, no == params.district) for no, label in sorted(districts.items())],
            ),
            select(
                "fiscal_year",
                "年度",
                [("", "すべて", params.fiscal_year is None)]
                + [
                    (str(year), fiscal_year_label(year), year == params.fiscal_year)
                    for year in sorted({*years, *filter(None, [params.fiscal_year])}, reverse=True)
                ],
            ),
        ]
        kept = [{"name": "municipality", "value": params.municipality}] if params.municipality else []
        return reading.services.pages.render(
            "events.html", path="/events", ref=reading.ref,
            dataset=words.credit_of(reading, rows) if rows else None, words=words,
            coming=queries.coming(rows, reading.on), past=queries.past(rows, reading.on), known=len(known),
            chooser={"action": "/events", "fields": fields, "kept": kept},
        ).encode()  # fmt: skip

    return await answer(request, build, params=params, media_type=HTML)


@router.get("/events.csv", include_in_schema=False)
async def event_file(request: Request, params: Asked) -> Response:
    """The rows of the page as CSV, by day."""

    def build(reading: Reading) -> Built:
        rows = _rows(reading, params)
        body = rows_to_csv([label for _, label in words.COLUMNS], map(words.as_row, rows))
        return Built(body, disposition(f"events_{today():%Y%m%d}.csv"))

    return await answer(request, build, params=params, media_type=CSV)


@router.get("/events.atom", include_in_schema=False)
async def event_feed(request: Request, params: PlaceQuery) -> Response:
    """Atom feed of the events changed last."""
    services = services_of(request)
    away = params.municipality if params.municipality != services.settings.municipality else None
    base = links_of(request, {}).base
    query = f"?municipality={away}" if away else ""

    def build(reading: Reading) -> bytes:
        entries = [
            Entry(
                f"event/{row.id}", row.title, words.summary(row), f"{base}/events/{row.id}{query}", row.changed_at,
                (str(row.initiative_no), words.INITIATIVE[row.initiative_no]),
            )
            for row in queries.events(reading.conn, reading.ref)
        ]  # fmt: skip
        site = reading.services.pages.site(reading.ref)
        return feed(
            entries, code=reading.ref.municipality_code, name="events", title=f"{site.municipality}の催し（協働のまちづくり）",
            author=f"{site.municipality} {site.department}", self_link=f"{base}/events.atom{query}",
            page=f"{base}/events{query}", since=reading.ref.activated_at,
        )  # fmt: skip

    based = BasedParams(municipality=params.municipality, base=base)
    return await answer(request, build, params=based, media_type=MEDIA)


@router.get("/events/{event_id}", include_in_schema=False)
async def event_page(request: Request, event_id: EventId, params: PlaceQuery) -> Response:
    """One event."""

    def build(reading: Reading) -> bytes:
        row = queries.event(reading.conn, reading.ref, event_id)
        if row is None:
            raise NotFoundError("この催しは公開されていません。催しの一覧から探してください。")
        return reading.services.pages.render(
            "event.html", path=f"/events/{event_id}", ref=reading.ref, dataset=words.credit_of(reading, [row]), row=row,
            facts=_facts(row), state=words.STATES[row.state], initiative=words.INITIATIVE[row.initiative_no],
        ).encode()  # fmt: skip

    return await answer(request, build, params=params, media_type=HTML)


def _facts(row: EventRow) -> list[tuple[str, str]]:
    number: Callable[[int | None], str] = lambda value: "" if value is None else f"{value:,} 人"  # noqa: E731
    found = [
        ("日時", words.when(row)),
        ("会場", words.where(row)),
        ("所在地", row.address or ""),
        ("対象の地区", words.district_of(row)),
        ("対象の人", row.audience or ""),
        ("定員", number(row.capacity)),
        ("講演のテーマ", row.theme or ""),
        ("申込みの締切", day(row.apply_until) if row.apply_until else ""),
        ("申込みの方法", row.apply_how or ""),
        ("参加者", words.people(row) or ("不明" if row.state == "held" else "")),
    ]
    return [(label, text) for label, text in found if text]


@router.get(
    "/api/v1/events",
    summary="催し（講座、交換会、発表会など）",
    description="公開している催しを、日の順に返します。地区で絞ると、市全体を対象にしたものも含みます。",
    response_model=Events,
    responses=problems(400, 404),
)
async def event_data(request: Request, params: Asked) -> Response:
    def build(reading: Reading) -> bytes:
        rows = _rows(reading, params)
        dataset = words.credit_of(reading, rows)
        return dumps(
            {
                "municipality": reading.ref.municipality_code, "dataset": dataset, "quality": dataset["quality"],
                "quality_label": dataset["quality_label"], "count": len(rows), "events": list(map(words.as_json, rows)),
            }
        )  # fmt: skip

    return await answer(request, build, params=params)
