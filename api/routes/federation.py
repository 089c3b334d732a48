"""How many wished to join and joined in March and April: for the federations, without any person (取組2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from starlette.responses import HTMLResponse

from api.answers import reading_of
from api.auth.principals import Principal, signed_in
from api.clock import today
from api.credits import credit
from api.params import Integer, Params
from api.routes.accounts import NO_STORE
from api.services import Served, Services
from geodata import federation_areas, tickets
from geodata.database import Audience
from geodata.queries.association_names import names
from geodata.queries.datasets import active_datasets
from geodata.tickets import JoinCount
from kyodo_geo.roles import is_staff
from kyodo_geo.small_counts import MARK, sees_all, shown_lines, shown_parts, shown_total
from kyodo_geo.tickets import FIRST_YEAR

router = APIRouter(include_in_schema=False)


class JoinParams(Params):
    """Which year's March and April."""

    year: Annotated[Integer, Field(ge=FIRST_YEAR, le=2200)] | None = None


def season(day: date) -> int:
    """Year of the March and April to show on a day: this year's from March on, else the last one."""
    return day.year if day.month >= 3 else day.year - 1


def summed(counts: Iterable[JoinCount], key: Callable[[JoinCount], Any]) -> dict[Any, dict[str, int]]:
    """Sums of the figures by a key, in the order in which the keys come."""
    sums: dict[Any, dict[str, int]] = {}
    for count in counts:
        line = sums.setdefault(
            key(count), dict.fromkeys(("wishes", "joined", "declined", "withdrawn", "waiting"), 0)
        )
        for name in line:
            line[name] += getattr(count, name)
    return sums


def _page(services: Services, user: Principal, year: int) -> str:
    first, last = date(year, 3, 1), date(year, 4, 30)
    assert user.user_id is not None
    with reading_of(services) as reading:
        ref, known = reading.ref, {item.id: item for item in names(reading.conn, reading.ref)}
        infos = active_datasets(reading.conn, reading.ref)
    with services.database.read(Audience.AUTH) as conn:
        whole = is_staff(user.roles)
        area = None if whole else federation_areas.area_of(conn, ref.municipality_code, user.user_id)
        counts = tickets.join_counts(conn, ref, first=first, last=last, districts=area)
    districts = {item.district_no: item.district_name for item in known.values() if item.district_no}
    by_week = summed(counts, lambda count: count.week)
    total = summed(counts, lambda count: 0).get(0)
    by_district = summed(counts, lambda count: count.district_no)
    by_association = {
        no: summed((count for count in counts if count.district_no == no), lambda count: count.association_id)
        for no in sorted(by_district, key=lambda no: no or 9999)
    }
    full = sees_all(user.roles)
    shown_weeks = by_week if full else shown_lines(by_week)
    shown_districts = by_district if full else shown_lines(by_district)
    shown_associations = by_association if full else shown_parts(by_district, by_association)
    weeks, at = [], first - timedelta(days=first.weekday())
    while at <= min(last, today()):
        weeks.append((max(at, first), min(at + timedelta(days=6), last), shown_weeks.get(at)))
        at += timedelta(days=7)
    return services.pages.render(
        "federation_joins.html", path="/federation/joins", ref=ref, user=user, csrf_token=user.csrf_token,
        dataset=credit(infos, ("associations",)), year=year, newest=season(today()),
        area=None if area is None else [(no, districts.get(no)) for no in sorted(area)],
        weeks=weeks, total=shown_total(total, "wishes") if total and not full else total, oldest=FIRST_YEAR,
        withheld=not full, mark=MARK,
        by_district=[
            (f"{no} {districts.get(no) or ''}".strip() if no else "地区が未登録", line)
            for no, line in sorted(shown_districts.items(), key=lambda item: item[0] or 9999)
        ],
        by_association=[
            (known[key].name if key in known else key, line)
            for lines in shown_associations.values()
            for key, line in sorted(lines.items())
        ],
    )  # fmt: skip


@router.get("/federation/joins")
async def federation_joins(
    request: Request, services: Served, params: Annotated[JoinParams, Query()]
) -> Response:
    """Wishes to join in March and April by week, district and association."""
    user = await signed_in(request)
    html = await run_sync(_page, services, user, params.year or season(today()), limiter=services.limiter)
    return HTMLResponse(html, 200, NO_STORE)
