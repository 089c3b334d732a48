"""Staff keep the events (取組3・20・22・23・26・27): the generic editor, and who came from which district."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from api import record_pages
from api.auth.principals import Principal, signed_in
from api.clock import JAPAN
from api.credits import place_credit
from api.edit_forms import PLAIN, Sent, Shown, act, history_lines
from api.params import No, Params
from api.record_pages import Wanted
from api.routes.accounts import page
from api.routes.staff_records import EMPTY, RecordParams, csv_of
from api.services import Served, Services
from geodata.database import Audience, Connection
from geodata.edits import attendance, history
from geodata.queries.association_names import district_names
from geodata.queries.generation import Ref, resolve
from kyodo_geo import edit_entries as entries
from kyodo_geo.centres.kinds import EVENTS
from kyodo_geo.edits import EditConflictError, stamp
from kyodo_geo.errors import NotFoundError
from kyodo_geo.figure_sheets import field_of
from kyodo_geo.records import MAX_PEOPLE, Facts

router = APIRouter(include_in_schema=False)

EventId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,80}$")]
Name = Annotated[str | None, Field(pattern=r"^[0-9A-Za-z_-]{1,80}$"), EMPTY]


class EventParams(RecordParams):
    """Which year and district, which initiative and state."""

    initiative_no: Name = None
    state: Name = None

    @property
    def wanted(self) -> Wanted:
        asked = {"initiative_no": self.initiative_no, "state": self.state}
        chosen = {name: value for name, value in asked.items() if value}
        return Wanted(self.fiscal_year, self.district, self.done, chosen)


class SheetParams(Params):
    """What was just done."""

    done: Literal["saved", "same"] | None = None


Asked = Annotated[EventParams, Query()]
DONE = {"saved": "参加者を保存しました。", "same": "今の内容と同じなので、何も変えていません。"}


def _more(conn: Connection, ref: Ref, event_id: str, facts: Facts) -> dict[str, Any]:
    """Who came, in two numbers."""
    held = attendance.attendance(conn, ref.municipality_code, event_id)
    return {"districts": len(held), "from_districts": sum(held.values())}


_AS_LIST: dict[str, Any] = {"template": "staff_events.html"}
_AS_ONE = record_pages.Single("staff_event.html", _more)


@router.get("/staff/events")
async def event_records(request: Request, services: Served, params: Asked) -> Response:
    """The events of a year (default: the newest), with the forms for more."""
    user = await signed_in(request)
    return await run_sync(
        lambda: record_pages.list_page(request, services, user, EVENTS, params.wanted, **_AS_LIST),
        limiter=services.limiter,
    )


@router.get("/staff/events/table.csv")
async def event_table(request: Request, services: Served, params: No) -> Response:
    """All of them, drafts too, under the headings that the pasted table takes."""
    await signed_in(request)
    return await run_sync(csv_of, services, EVENTS, limiter=services.limiter)


@router.post("/staff/events")
async def add_event(request: Request, services: Served, params: Asked) -> Response:
    """Enter an event."""
    return await record_pages.add(request, services, EVENTS, params.wanted, **_AS_LIST)


@router.post("/staff/events/table")
async def add_events(request: Request, services: Served, params: Asked) -> Response:
    """Look at the rows of a pasted table, or enter them."""
    return await record_pages.add_table(request, services, EVENTS, params.wanted, **_AS_LIST)


@router.get("/staff/events/{event_id}")
async def event_record(request: Request, services: Served, event_id: EventId, params: Asked) -> Response:
    """One event: its form and its history."""
    user = await signed_in(request)
    return await run_sync(
        lambda: record_pages.one_page(
            request, services, user, EVENTS, event_id, done=params.done, single=_AS_ONE
        ),
        limiter=services.limiter,
    )


@router.post("/staff/events/{event_id}")
async def correct_event(request: Request, services: Served, event_id: EventId, params: Asked) -> Response:
    """Put an event right."""
    return await record_pages.correct(request, services, EVENTS, event_id, single=_AS_ONE, **_AS_LIST)


@router.post("/staff/events/{event_id}/withdraw")
async def withdraw_event(request: Request, services: Served, event_id: EventId, params: Asked) -> Response:
    """Take an event back."""
    return await record_pages.withdraw(request, services, EVENTS, event_id, single=_AS_ONE, **_AS_LIST)


@router.get("/staff/events/{event_id}/participants")
async def participants_page(
    request: Request, services: Served, event_id: EventId, params: Annotated[SheetParams, Query()]
) -> Response:
    """A field for everybody together, and one per district."""
    user = await signed_in(request)
    return await run_sync(
        lambda: _sheet(request, services, user, event_id, PLAIN, params.done), limiter=services.limiter
    )


def _sheet(
    request: Request, services: Services, user: Principal, event_id: str, shown: Shown, done: str | None = None
) -> Response:  # fmt: skip
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        credit = place_credit(conn, ref)
        of = attendance.event(conn, ref.municipality_code, event_id)
        held = attendance.attendance(conn, ref.municipality_code, event_id)
        areas = _areas(conn, ref, held)
        told = history.history(conn, ref.municipality_code, attendance.target(event_id))
    labels = {**{f"district_{key}": label for key, label in areas}, "participants": "参加者の合計"}
    return page(
        request, services, "staff_event_participants.html", shown.status, ref=ref, dataset=credit, user=user,
        csrf_token=user.csrf_token, event=of, event_id=event_id, shown=shown, done=DONE[done] if done else None, zone=JAPAN,
        areas=[(key, label, field_of(key), str(held.get(key, ""))) for key, label in areas],
        total="" if of.participants is None else str(of.participants), sum=sum(held.values()) if held else None,
        version=stamp(attendance.seen(held, of.participants)),
        history=history_lines(
            [line for line in told if line.action == "edit.event.attend"], {"edit.event.attend": "参加者の保存"}, labels
        ),
    )  # fmt: skip


def _areas(conn: Connection, ref: Ref, held: dict[str, int]) -> list[tuple[str, str]]:
    known = [(str(no), f"{no} {name}") for no, name in district_names(conn, ref)]
    return [*known, *((no, f"{no}（今のデータにありません）") for no in held if no not in dict(known))]


@router.post("/staff/events/{event_id}/participants")
async def save_participants(request: Request, services: Served, event_id: EventId, params: No) -> Response:
    """Keep who came."""
    code = services.settings.municipality

    def work(sent: Sent) -> str:
        with services.database.write(Audience.STAFF) as conn:
            ref = resolve(conn, code)
            areas = _areas(conn, ref, attendance.attendance(conn, code, event_id))
            new, total = _typed(sent, areas)
            try:
                changed = attendance.save(
                    conn, code, event_id, new, total, version=sent.version, actor=sent.actor
                )
            except NotFoundError:
                raise EditConflictError(
                    None, "画面を開いている間に、ほかの人がこの催しを取り消しました。何も保存していません。"
                ) from None
        return f"/staff/events/{event_id}/participants?done={'saved' if changed else 'same'}"

    def compare(sent: Sent, error: EditConflictError) -> list[tuple[str, object, object]]:
        stored = error.stored or {"by_district": {}, "participants": None}
        with services.database.read(Audience.STAFF) as conn:
            areas = _areas(conn, resolve(conn, code), stored["by_district"])
        new, total = _typed(sent, areas)
        rows = [(label, stored["by_district"].get(key), new.get(key)) for key, label in areas]
        return [
            ("参加者の合計", _said(stored["participants"]), _said(total)),
            *((label, _said(before), _said(after)) for label, before, after in rows if before != after),
        ]

    return await act(
        request, services, "sheet", work,
        lambda sent, shown: _sheet(request, services, sent.user, event_id, shown), compare, most_fields=200,
    )  # fmt: skip


def _said(people: int | None) -> str:
    return "不明" if people is None else f"{people:,} 人"


def _typed(sent: Sent, areas: list[tuple[str, str]]) -> tuple[dict[str, int], int | None]:
    """Districts with a number, and the total; an empty field is unknown, or nobody where the tick says so."""
    new: dict[str, int] = {}
    for key, label in areas:
        found = entries.whole(sent.text(field_of(key)), field_of(key), label, most=MAX_PEOPLE, unit="人")
        if found is None and sent.ticked("empty_is_none"):
            found = 0
        if found is not None:
            new[key] = found
    total = entries.whole(
        sent.text("participants"), "participants", "参加者の合計", most=MAX_PEOPLE, unit="人"
    )
    return new, total
