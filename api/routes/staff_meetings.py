"""The shared calendar of the city's meetings with presidents (取組4): month, list and the records themselves."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BeforeValidator, Field

from api import record_pages
from api.answers import CSV
from api.auth.principals import Principal, signed_in
from api.clock import now, today
from api.meetings.reading import around, lock_of, narrowed, read_calendar, start_of
from api.params import DistrictNo, No, Params, Text, left_empty
from api.record_pages import Single, Wanted
from api.routes.accounts import NO_STORE, page
from api.routes.downloads import disposition
from api.routes.staff_records import RecordParams, table_csv
from api.services import Served, Services
from geodata.database import Connection
from geodata.queries.generation import Ref
from kyodo_geo.dates import fiscal_year_of
from kyodo_geo.meetings.clashes import NEAR_DAYS, Clash, near, near_words
from kyodo_geo.meetings.ical import CALENDAR, calendar
from kyodo_geo.meetings.kinds import MEETINGS
from kyodo_geo.meetings.meeting import STATES, busy_on, month_days, said_day
from kyodo_geo.records import Facts

router = APIRouter(include_in_schema=False)

EMPTY = BeforeValidator(left_empty)
BASE = MEETINGS.base
MeetingId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
BACK, AHEAD = 366, 732
"""Days that a calendar file reaches."""


class FilterParams(Params):
    """Whose meetings, and which department's."""

    district: Annotated[DistrictNo | None, EMPTY] = None
    department: Annotated[Annotated[Text, Field(max_length=80)] | None, EMPTY] = None


class MonthParams(FilterParams):
    """Which month, and how it is shown."""

    month: Annotated[
        Annotated[str, Field(pattern=r"^(19[5-9]\d|20\d\d|21\d\d)-(0[1-9]|1[0-2])$")] | None, EMPTY
    ] = None
    view: Literal["month", "list"] = "month"

    @property
    def first(self) -> date:
        return today().replace(day=1) if self.month is None else date.fromisoformat(f"{self.month}-01")


class EntryParams(RecordParams):
    """What stands in the form for a new meeting: a date that was proposed."""

    held_on: Annotated[Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None, EMPTY] = None
    starts: Annotated[Annotated[str, Field(pattern=r"^\d\d:\d\d$")] | None, EMPTY] = None
    ends: Annotated[Annotated[str, Field(pattern=r"^\d\d:\d\d$")] | None, EMPTY] = None
    place: Annotated[Annotated[Text, Field(max_length=120)] | None, EMPTY] = None
    audience: Annotated[Annotated[str, Field(pattern=r"^[a-z-]{1,30}$")] | None, EMPTY] = None
    district_nos: Annotated[Annotated[Text, Field(max_length=200)] | None, EMPTY] = None

    @property
    def proposed(self) -> dict[str, str]:
        names = ("held_on", "starts", "ends", "place", "audience", "district_nos")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


Asked = Annotated[EntryParams, Query()]


def step(first: date, months: int) -> date:
    """The first of another month."""
    at = first.year * 12 + first.month - 1 + months
    return date(at // 12, at % 12 + 1, 1)


@router.get("/staff/meetings")
async def calendar_page(
    request: Request, services: Served, params: Annotated[MonthParams, Query()]
) -> Response:
    """A month of the calendar, what clashes in it, and what one day could have held."""
    user = await signed_in(request)
    return await run_sync(lambda: _month(request, services, user, params), limiter=services.limiter)


def _month(request: Request, services: Services, user: Principal, params: MonthParams) -> Response:
    first = params.first
    last = step(first, 1) - timedelta(days=1)
    weeks = month_days(first)
    margin = timedelta(days=NEAR_DAYS)
    found = read_calendar(services, min(first - margin, weeks[0][0]), max(last + margin, weeks[-1][-1]))
    shown = narrowed(found.meetings, params.district, params.department)
    ids = {one.id for one in shown}
    marks: dict[str, list[Clash]] = {}
    clashes = [
        clash for clash in found.clashes
        if clash.first.id in ids or (clash.second is not None and clash.second.id in ids)
    ]  # fmt: skip
    for clash in clashes:
        for one in (clash.first, clash.second):
            if one is not None:
                marks.setdefault(one.id, []).append(clash)
    joinable = [
        pair for pair in near(found.meetings)
        if {pair.first.id, pair.second.id} & ids and (in_month(pair.first.day, first) or in_month(pair.second.day, first))
    ]  # fmt: skip
    holidays = services.desk.holidays
    return page(
        request, services, "staff_meetings.html", ref=found.ref, dataset=found.credit, user=user, csrf_token=user.csrf_token,
        first=first, weeks=weeks, today=today(), before=f"{step(first, -1):%Y-%m}", after=f"{step(first, 1):%Y-%m}",
        days={day: [one for one in shown if one.day == day] for week in weeks for day in week},
        listed=[one for one in shown if in_month(one.day, first)], marks=marks,
        clashes=[clash for clash in clashes if in_month(clash.first.day, first)],
        joinable=[(pair, near_words(pair)) for pair in joinable], asked_of=found.asked, states=dict(STATES),
        holidays={day for week in weeks for day in week if day in holidays}, knows_holidays=bool(holidays),
        busy={day: busy_on(day, found.periods) for week in weeks for day in week}, said_day=said_day,
        names=found.names, departments=found.departments, params=params, base=BASE,
        near_days=NEAR_DAYS,
    )  # fmt: skip


def in_month(day: date, first: date) -> bool:
    return (day.year, day.month) == (first.year, first.month)


@router.get("/staff/meetings/calendar.ics")
async def calendar_file(
    request: Request, services: Served, params: Annotated[FilterParams, Query()]
) -> Response:
    """The meetings of a filter, from a year ago to two years ahead, as one file to open in a calendar program."""
    await signed_in(request)

    def work() -> bytes:
        day = today()
        found = read_calendar(services, day - timedelta(days=BACK), day + timedelta(days=AHEAD))
        shown = narrowed(found.meetings, params.district, params.department)
        return calendar("市の会議", found.ref.municipality_code, shown, now())

    body = await run_sync(work, limiter=services.limiter)
    return Response(body, 200, {**NO_STORE, **disposition("meetings.ics"), "Content-Type": CALENDAR})


# -- the records ----------------------------------------------------------------------------------------------


def _about(conn: Connection, ref: Ref, record_id: str, facts: Facts) -> dict[str, Any]:
    """What a meeting meets: clashes with others, and those it could be joined to."""
    found = around(conn, ref, facts["held_on"])
    own = next((one for one in found.meetings if one.id == record_id), None)
    return {
        "meeting": own,
        "asked": found.asked(own) if own else "",
        "clashes": [
            clash for clash in found.clashes
            if record_id == clash.first.id or (clash.second is not None and record_id == clash.second.id)
        ],
        "joinable": [
            near_words(pair) for pair in near(found.meetings) if record_id in (pair.first.id, pair.second.id)
        ],
    }  # fmt: skip


SINGLE = Single("staff_meeting.html", _about, lock_of(MEETINGS))


def _as_list(params: EntryParams) -> dict[str, Any]:
    def start(conn: Connection, code: str, user: Principal) -> dict[str, str]:
        return {**start_of(conn, code, user), **params.proposed}

    return {"template": "staff_meeting_entries.html", "start": start}


@router.get(BASE)
async def meeting_list(request: Request, services: Served, params: Asked) -> Response:
    """The meetings of a year, with the forms for more."""
    user = await signed_in(request)
    wanted = Wanted(params.fiscal_year or fiscal_year_of(today()), None, params.done)
    return await run_sync(
        lambda: record_pages.list_page(request, services, user, MEETINGS, wanted, **_as_list(params)),
        limiter=services.limiter,
    )


@router.get(f"{BASE}/table.csv")
async def meeting_table(request: Request, services: Served, params: No) -> Response:
    """All meetings under the headings that the pasted table takes."""
    await signed_in(request)
    body = await run_sync(table_csv, services, MEETINGS, limiter=services.limiter)
    return Response(body, 200, {**NO_STORE, **disposition("meetings.csv")}, media_type=CSV)


@router.post(BASE)
async def add_meeting(request: Request, services: Served, params: Asked) -> Response:
    """Enter a meeting; its page says at once what it clashes with."""
    return await record_pages.add(
        request, services, MEETINGS, params.wanted, to_record=True, **_as_list(params)
    )


@router.post(f"{BASE}/table")
async def add_meetings(request: Request, services: Served, params: Asked) -> Response:
    """Look at the rows of a pasted table, or enter them."""
    return await record_pages.add_table(request, services, MEETINGS, params.wanted, **_as_list(params))


@router.get(f"{BASE}/{{meeting_id}}")
async def meeting_page(request: Request, services: Served, meeting_id: MeetingId, params: Asked) -> Response:
    """One meeting: what it clashes with, its form and its history."""
    user = await signed_in(request)
    return await run_sync(
        lambda: record_pages.one_page(
            request, services, user, MEETINGS, meeting_id, done=params.done, single=SINGLE
        ),
        limiter=services.limiter,
    )


@router.post(f"{BASE}/{{meeting_id}}")
async def correct_meeting(
    request: Request, services: Served, meeting_id: MeetingId, params: Asked
) -> Response:
    """Put a meeting right, or say that it is cancelled."""
    return await record_pages.correct(request, services, MEETINGS, meeting_id, SINGLE, **_as_list(params))


@router.post(f"{BASE}/{{meeting_id}}/withdraw")
async def withdraw_meeting(
    request: Request, services: Served, meeting_id: MeetingId, params: Asked
) -> Response:
    """Take a meeting back that was entered by mistake."""
    return await record_pages.withdraw(request, services, MEETINGS, meeting_id, SINGLE, **_as_list(params))
