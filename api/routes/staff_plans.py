"""Staff keep the state of each district's community development plan: enter, put right, take back, see who did what."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BeforeValidator

from api.auth.principals import Principal, signed_in
from api.clock import JAPAN, today
from api.credits import place_credit
from api.edit_forms import PLAIN, QUALITY_CHOICES, Sent, Shown, act, history_lines
from api.params import DistrictNoPath, No, Params, plain_integer
from api.plan_entry import STATES, plan_entry
from api.routes.accounts import page
from api.services import Served, Services
from geodata.database import Audience
from geodata.edits import history, plans
from geodata.queries.association_names import district_names
from geodata.queries.generation import resolve
from kyodo_geo import edit_entries as entries
from kyodo_geo.edits import EditConflictError
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.plan_changes import may_follow
from kyodo_geo.plan_states import PlanRecord, PlanState, standing_on

router = APIRouter(include_in_schema=False)

RecordNo = Annotated[int, BeforeValidator(plain_integer), Path(ge=1, le=9999)]
LABELS = {
    "state": "状態",
    "valid_from": "始まりの日",
    "valid_to": "終わりの日",
    "title": "計画の名前",
    "document_url": "計画書のリンク",
    "stated_on": "資料の基準日",
    "note": "備考",
    "source": "出典",
    "quality": "記録の種類",
}
ACTIONS = {"edit.plan.add": "追加", "edit.plan.correct": "訂正", "edit.plan.withdraw": "取り消し"}
WORDS = {"state": dict(STATES), "quality": dict(QUALITY_CHOICES)}
DONE = {"add": "状態を追加しました。", "correct": "記録を直しました。", "withdraw": "記録を取り消しました。"}


class DoneParams(Params):
    """What was just done, for the message."""

    done: Literal["add", "correct", "withdraw"] | None = None


Done = Annotated[DoneParams, Query()]


@router.get("/staff/plans")
async def plan_list(request: Request, services: Served, params: No) -> Response:
    """All districts with the state of today."""
    user = await signed_in(request)

    def work() -> Response:
        with services.database.read(Audience.STAFF) as conn:
            ref = resolve(conn, services.settings.municipality)
            credit = place_credit(conn, ref)
            names = district_names(conn, ref)
            held = plans.all_records(conn, ref.municipality_code)
            changed = history.recent(conn, ref.municipality_code, "edit.plan.", limit=20)
        rows = [
            (no, name, standing_on(held.get(no, []), today()), _coming(held.get(no, [])))
            for no, name in names
        ]
        lines = history_lines(
            changed,
            ACTIONS,
            LABELS,
            WORDS,
            lambda entry: f"（地区 {(entry.target or '').rpartition('/')[2]}）",
        )
        return page(
            request, services, "staff_plans.html", ref=ref, dataset=credit, user=user, csrf_token=user.csrf_token, rows=rows,
            counts=[(state.label, sum(s is not None and s.record.state is state for _, _, s, _ in rows)) for state in PlanState],
            history=lines, zone=JAPAN, on=today(),
        )  # fmt: skip

    return await run_sync(work, limiter=services.limiter)


def _coming(records: list[PlanRecord]) -> PlanRecord | None:
    """The next state that is entered already but has not begun."""
    later = [record for record in records if record.valid_from is not None and record.valid_from > today()]
    return later[0] if later else None


@router.get("/staff/plans/{no}")
async def plan_page(request: Request, services: Served, no: DistrictNoPath, params: Done) -> Response:
    """One district: its states over time, the forms, the history."""
    user = await signed_in(request)
    done = DONE[params.done] if params.done else None
    return await run_sync(lambda: _page(request, services, user, no, PLAIN, done), limiter=services.limiter)


def _page(
    request: Request, services: Services, user: Principal, no: int, shown: Shown, done: str | None = None
) -> Response:
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        credit = place_credit(conn, ref)
        names = dict(district_names(conn, ref))
        if no not in names:
            raise NotFoundError(f"番号 {no} のコミュニティ推進地区はありません。", district_no=no)
        records = plans.records_of(conn, ref.municipality_code, no)
        told = history.history(conn, ref.municipality_code, plans.target(no))
    last = records[-1].state if records else None
    return page(
        request, services, "staff_plan.html", shown.status, ref=ref, dataset=credit, user=user, csrf_token=user.csrf_token,
        no=no, district_name=names[no], records=records, standing=standing_on(records, today()), version=plans.seen(records),
        shown=shown, done=done, states=STATES, qualities=QUALITY_CHOICES, next_states=may_follow(last),
        history=history_lines(told, ACTIONS, LABELS, WORDS, lambda entry: f"（記録 {entry.details.get('record_no')}）"),
        zone=JAPAN, numbers=sorted(names),
    )  # fmt: skip


async def _do(
    request: Request,
    services: Services,
    no: int,
    form: str,
    action: str,
    work: Any,
    record_no: int | None = None,
) -> Response:
    def run(sent: Sent) -> str:
        with services.database.write(Audience.STAFF) as conn:
            work(conn, services.settings.municipality, sent)
        return f"/staff/plans/{no}?done={action}"

    def compare(sent: Sent, error: EditConflictError) -> list[tuple[str, object, object]]:
        stored = error.stored or []
        last = stored[-1] if stored else {}
        now = (
            last if record_no is None else next((row for row in stored if row["record_no"] == record_no), {})
        )
        if action == "withdraw":
            return [
                (LABELS[name], _said(name, now.get(name)), "（取り消す）")
                for name in ("state", "valid_from", "title")
            ]
        return [
            (LABELS[name], _said(name, now.get(name)), _said(name, sent.text(name)))
            for name in LABELS if name != "valid_to"
        ]  # fmt: skip

    return await act(
        request,
        services,
        form,
        run,
        lambda sent, shown: _page(request, services, sent.user, no, shown),
        compare,
    )


def _said(name: str, value: object) -> object:
    """A stored or typed value in the same words, so that equal ones look equal."""
    if name == "valid_from" and not value:
        return "不明"
    if isinstance(value, str) and name in ("valid_from", "stated_on"):
        try:
            return entries.day(value, name, LABELS[name])
        except InputError:
            return value
    return WORDS[name].get(value, value) if name in WORDS and isinstance(value, str) else value


@router.post("/staff/plans/{no}")
async def add_state(request: Request, services: Served, no: DistrictNoPath, params: No) -> Response:
    """Add a state."""

    def work(conn: Any, code: str, sent: Sent) -> None:
        plans.add(conn, code, no, plan_entry(sent.text), version=sent.version, actor=sent.actor)

    return await _do(request, services, no, "add", "add", work)


@router.post("/staff/plans/{no}/{record_no}")
async def correct_state(
    request: Request, services: Served, no: DistrictNoPath, record_no: RecordNo, params: No
) -> Response:
    """Put a state right."""

    def work(conn: Any, code: str, sent: Sent) -> None:
        plans.correct(
            conn, code, no, record_no, plan_entry(sent.text), version=sent.version, actor=sent.actor
        )

    return await _do(request, services, no, f"r{record_no}", "correct", work, record_no)


@router.post("/staff/plans/{no}/{record_no}/withdraw")
async def withdraw_state(
    request: Request, services: Served, no: DistrictNoPath, record_no: RecordNo, params: No
) -> Response:
    """Take a state back."""

    def work(conn: Any, code: str, sent: Sent) -> None:
        plans.withdraw(conn, code, no, record_no, version=sent.version, actor=sent.actor)

    return await _do(request, services, no, f"w{record_no}", "withdraw", work, record_no)
