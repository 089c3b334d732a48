"""How much the meetings ask of whom, and dates for another one (取組4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from pydantic import BeforeValidator, Field

from api.answers import CSV
from api.auth.principals import Principal, signed_in
from api.clock import today
from api.edit_forms import PLAIN, Shown
from api.meetings.reading import calendar_of
from api.params import DistrictNo, FiscalYear, Params, Text, left_empty
from api.record_pages import options_of, year_options
from api.routes.accounts import NO_STORE, page
from api.routes.downloads import disposition
from api.services import Served, Services
from api.tables import rows_to_csv
from geodata.database import Audience
from geodata.edits import records
from geodata.queries.association_names import names
from geodata.queries.generation import resolve
from geodata.queries.meetings import facility_points
from kyodo_geo import edit_entries as entries
from kyodo_geo.dates import fiscal_year_label, fiscal_year_of, fiscal_year_range
from kyodo_geo.errors import InputError
from kyodo_geo.meetings.joint import MOST_DAYS, SLOTS, Wish, propose
from kyodo_geo.meetings.kinds import MEETINGS
from kyodo_geo.meetings.load import DistrictLoad, by_association, by_district
from kyodo_geo.meetings.meeting import said_day
from kyodo_geo.meetings.people import AUDIENCES, check_audience, people
from kyodo_geo.records import value

router = APIRouter(include_in_schema=False)

EMPTY = BeforeValidator(left_empty)
MOST_ASSOCIATIONS = 30
"""Associations shown where no district is chosen: those that are asked most."""
MONTHS = (4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3)
Tick = Literal["yes"] | None
Typed = Annotated[Annotated[Text, Field(max_length=200)] | None, EMPTY]


class LoadParams(Params):
    """Which year, and whose associations."""

    fiscal_year: Annotated[FiscalYear | None, EMPTY] = None
    district: Annotated[DistrictNo | None, EMPTY] = None


class LoadFileParams(LoadParams):
    """Which table the file holds."""

    table: Literal["districts", "associations"] = "districts"


class WishParams(Params):
    """A meeting that is wished for, as typed; nothing: the empty form."""

    audience: Annotated[Annotated[str, Field(pattern=r"^[a-z-]{1,30}$")] | None, EMPTY] = None
    districts: Typed = None
    first: Typed = None
    last: Typed = None
    minutes: Typed = None
    place: Typed = None
    facility: Annotated[Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,40}$")] | None, EMPTY] = None
    day: Tick = None
    evening: Tick = None
    weekend: Tick = None
    holidays: Tick = None

    @property
    def asks(self) -> bool:
        return any(one is not None for one in self.model_dump().values())


# -- load -----------------------------------------------------------------------------------------------------


def _loads(services: Services, year: int) -> dict[str, Any]:
    first, last = fiscal_year_range(year)
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        found = calendar_of(conn, ref, first, last)
        known = {item.id: item for item in names(conn, ref)}
        years = records.years(conn, ref.municipality_code, MEETINGS)
    loads = by_association(found.meetings, found.town)
    return {
        "found": found,
        "known": known,
        "years": years,
        "loads": loads,
        "districts": by_district(loads, found.meetings, found.town),
    }


@router.get("/staff/meetings/load")
async def load_page(request: Request, services: Served, params: Annotated[LoadParams, Query()]) -> Response:
    """What the year's meetings ask of presidents, by district and by association."""
    user = await signed_in(request)

    def work() -> Response:
        year = params.fiscal_year or fiscal_year_of(today())
        read = _loads(services, year)
        found = read["found"]
        rows = sorted(
            (
                (read["known"][one], load) for one, load in read["loads"].items()
                if one in read["known"] and params.district in (None, found.town[one])
            ),
            key=lambda row: (-row[1].meetings, -row[1].days, row[0].district_no or 0, row[0].id),
        )  # fmt: skip
        held = [one for one in found.meetings if one.held]
        return page(
            request, services, "staff_meeting_load.html", ref=found.ref, dataset=found.credit, user=user,
            csrf_token=user.csrf_token, year=year, years=year_options({*read["years"], year}), districts=read["districts"],
            rows=rows if params.district else rows[:MOST_ASSOCIATIONS], total=len(rows), names=found.names, params=params,
            most=max((one.mean for one in read["districts"]), default=0.0), months=MONTHS,
            most_rows=max((load.meetings for _, load in rows), default=0),
            held=len(held), weekend=sum(one.weekend for one in held), cancelled=len(found.meetings) - len(held),
        )  # fmt: skip

    return await run_sync(work, limiter=services.limiter)


@router.get("/staff/meetings/load.csv")
async def load_file(
    request: Request, services: Served, params: Annotated[LoadFileParams, Query()]
) -> Response:
    """One of the two tables as a file."""
    await signed_in(request)
    year = params.fiscal_year or fiscal_year_of(today())

    def work() -> bytes:
        read = _loads(services, year)
        label = fiscal_year_label(year)
        months = [f"{month}月" for month in MONTHS]
        if params.table == "districts":
            head = ["年度", "番号", "地区", "会長（人）", "会議（件）", "1 人あたりの会議（件）", "最も多い会長（件）",
                    "1 人あたりの外出（日）", "まとめれば減る外出（日）", "土日の割合", *months]  # fmt: skip
            return rows_to_csv(
                head, [_district_row(label, one, read["found"].names) for one in read["districts"]]
            )
        head = ["年度", "番号", "町内会・自治会", "地区", "会議（件）", "出席が必要（件）", "土日（件）", "夜（件）",
                "外出（日）", "まとめれば減る外出（日）", *months]  # fmt: skip
        return rows_to_csv(
            head,
            (
                [
                    label, one, read["known"][one].name if one in read["known"] else "", read["found"].town[one] or "",
                    load.meetings, load.required, load.weekend, load.evening, load.days, load.savable,
                    *(load.months[month - 1] for month in MONTHS),
                ]
                for one, load in read["loads"].items()
                if params.district in (None, read["found"].town[one])
            ),
        )  # fmt: skip

    body = await run_sync(work, limiter=services.limiter)
    name = f"meeting_load_{params.table}_{year}.csv"
    return Response(body, 200, {**NO_STORE, **disposition(name)}, media_type=CSV)


def _district_row(label: str, one: DistrictLoad, names: dict[int, str]) -> list[str | int | float]:
    share = "" if one.weekend_share is None else round(one.weekend_share, 3)
    return [
        label, one.district_no or "", names.get(one.district_no or 0, "地区が未登録"), one.presidents, one.meetings,
        round(one.mean, 2), one.most, round(one.mean_days, 2), round(one.savable, 2), share,
        *(round(one.months[month - 1], 2) for month in MONTHS),
    ]  # fmt: skip


# -- dates ----------------------------------------------------------------------------------------------------


@router.get("/staff/meetings/dates")
async def dates_page(request: Request, services: Served, params: Annotated[WishParams, Query()]) -> Response:
    """The form for a wish, and the dates that suit it best."""
    user = await signed_in(request)
    return await run_sync(lambda: _dates(request, services, user, params), limiter=services.limiter)


def _dates(request: Request, services: Services, user: Principal, params: WishParams) -> Response:
    shown, proposals, asked = PLAIN, None, ""
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        refs = records.references(conn, ref, MEETINGS)
        first, last = today() + timedelta(days=14), today() + timedelta(days=74)
        typed = _typed(params, first, last)
        found = None
        if params.asks:
            shown = Shown(200, "wish", typed)
            try:
                span = _span(params)
                found = calendar_of(conn, ref, *span)
                wish = _wish(params, span, found.town, refs, facility_points(conn, ref))
                proposals = propose(wish, found.meetings, found.periods, services.desk.holidays)
                asked = f"{len(wish.people):,} 人"
            except InputError as error:
                shown = Shown(400, "wish", typed, error.message, error.details.get("field"))
        found = found or calendar_of(conn, ref, first, last)
    facility = replace(MEETINGS.field("facility_id"), name="facility")
    return page(
        request, services, "staff_meeting_dates.html", shown.status, ref=ref, dataset=found.credit, user=user,
        csrf_token=user.csrf_token, shown=shown, stored=typed, audiences=[one for one in AUDIENCES if one[0] != "associations"],
        slots={key: (label, f"{start:%H:%M}〜{end:%H:%M}") for key, (label, start, end) in SLOTS.items()},
        facilities=options_of(facility, refs, None, ()), proposals=proposals, asked=asked, said_day=said_day, params=params,
        knows_holidays=bool(services.desk.holidays), most_days=MOST_DAYS, base=MEETINGS.base,
    )  # fmt: skip


def _typed(params: WishParams, first: date, last: date) -> dict[str, str]:
    """The form's fields: as typed, or what it begins with."""
    if params.asks:
        return {name: one or "" for name, one in params.model_dump().items()}
    return {
        "audience": "presidents", "districts": "", "first": str(first), "last": str(last), "minutes": "90", "place": "",
        "facility": "", "day": "yes", "evening": "yes", "weekend": "yes", "holidays": "",
    }  # fmt: skip


def _span(params: WishParams) -> tuple[date, date]:
    """Days to look at; raises InputError with `field`."""
    first = entries.day(params.first or "", "first", "探す期間の始まり")
    last = entries.day(params.last or "", "last", "探す期間の終わり")
    if first is None or last is None:
        field = "first" if first is None else "last"
        raise InputError("探す期間を、始まりと終わりの日で入力してください。", field=field)
    if first < today():
        raise InputError(
            "過ぎた日は候補になりません。始まりは今日からあとの日にしてください。", field="first"
        )
    if not 0 <= (last - first).days < MOST_DAYS:
        raise InputError(f"終わりの日は、始まりの日から {MOST_DAYS} 日までの間にしてください。", field="last")
    return first, last


def _wish(
    params: WishParams, span: tuple[date, date], town: dict[str, int | None], refs: dict[str, dict[str, str]],
    points: dict[str, tuple[float, float]],
) -> Wish:  # fmt: skip
    """The wish; raises InputError with `field`."""
    keys = [key for key, _ in AUDIENCES if key != "associations"]
    audience = entries.choice(params.audience or "", "audience", "呼ぶ人", keys)
    area = replace(MEETINGS.field("district_nos"), name="districts")
    districts = value(area, params.districts or "", refs)
    check_audience({"audience": audience, "association_ids": None, "district_nos": districts})
    minutes = entries.whole(params.minutes or "", "minutes", "会議の長さ（分）", most=480, unit="分")
    if minutes is None:
        raise InputError("会議の長さを分で入力してください。", field="minutes")
    place = entries.line(params.place or "", "place", "会場", most=120) or ""
    facility = params.facility
    if facility is not None and facility not in refs["facility"]:
        raise InputError("施設を選び直してください。", field="facility")
    if facility is not None and not place:
        place = refs["facility"][facility]
    return Wish(
        people(audience, districts, None, town), *span, minutes,
        frozenset(key for key in SLOTS if getattr(params, key) == "yes"), params.holidays == "yes", place,
        points.get(facility or ""),
    )  # fmt: skip
