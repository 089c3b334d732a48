"""What is written down on a case sheet: visits and advice, and advisers sent because of it."""

from __future__ import annotations

from dataclasses import replace

from fastapi import Request, Response

from api.auth.principals import Principal
from api.centres.case_pages import BASE, NOT_HERE, SENT_HERE, again_of, case_page, kept_of, options_for
from api.centres.case_views import viewed
from api.clock import JAPAN, today
from api.credits import place_credit
from api.edit_forms import Sent, Shown, act, history_lines
from api.record_pages import ACTIONS, compare_of
from api.record_words import note_of, row_of, sayer
from api.routes.accounts import page
from api.services import Services
from geodata.database import Audience, Connection
from geodata.edits import history, records
from geodata.queries import risk_cases
from geodata.queries.generation import resolve
from kyodo_geo.centres.kinds import CASES, DISPATCHES, VISITS
from kyodo_geo.dates import fiscal_year_of
from kyodo_geo.edits import stamp
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.records import Facts, entry, typed_of, value


async def add_visit(request: Request, services: Services, case_id: str) -> Response:
    """Enter a visit."""
    code = services.settings.municipality

    def work(sent: Sent) -> str:
        with services.database.write(Audience.STAFF) as conn:
            if risk_cases.case(conn, resolve(conn, code), case_id, fiscal_year_of(today())) is None:
                raise NotFoundError(NOT_HERE)
            new = entry(VISITS, sent.text, {})
            if new["visited_on"] > today():
                raise InputError(
                    "これからの日は入力できません。予定は「次の予定の日」に入れてください。",
                    field="visited_on",
                )
            records.add(conn, code, VISITS, {**new, "case_id": case_id}, actor=sent.actor)
        return f"{BASE}/{case_id}?done=visit"

    return await act(
        request, services, "visit", work, again_of(request, services, case_id), lambda sent, error: ()
    )


async def add_dispatch(request: Request, services: Services, case_id: str) -> Response:
    """Enter an adviser sent to the association of the sheet."""
    code = services.settings.municipality

    def work(sent: Sent) -> str:
        with services.database.write(Audience.STAFF) as conn:
            row = risk_cases.case(conn, resolve(conn, code), case_id, fiscal_year_of(today()))
            if row is None:
                raise NotFoundError(NOT_HERE)
            facts = {field.name: value(field, sent.text(field.name), {}) for field in SENT_HERE.fields}
            own = {"association_id": row.association_id, "district_no": row.district_no, "case_id": case_id}
            new = {field.name: (own | facts)[field.name] for field in DISPATCHES.fields}
            records.add(conn, code, DISPATCHES, new, actor=sent.actor)
        return f"{BASE}/{case_id}?done=dispatch"

    return await act(
        request, services, "dispatch", work, again_of(request, services, case_id), lambda sent, error: ()
    )


def visit_page(
    request: Request, services: Services, user: Principal, case_id: str, visit_id: str, shown: Shown
) -> Response:  # fmt: skip
    """One visit: its form and its history; that it was read is written down. Raises NotFoundError."""
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        credit = place_credit(conn, ref)
        case = risk_cases.case(conn, ref, case_id, fiscal_year_of(today()))
        facts = _of_case(conn, ref.municipality_code, case_id, visit_id)
        if case is None or facts is None:
            raise NotFoundError("この訪問・助言の記録はありません。取り消されたかもしれません。")
        told = history.history(conn, ref.municipality_code, records.target(VISITS, visit_id))
    viewed(services, user, records.target(CASES, case_id), {"part": "visit", "visit": visit_id})
    return page(
        request, services, "staff_at_risk_visit.html", shown.status, ref=ref, dataset=credit, user=user,
        csrf_token=user.csrf_token, case=case, case_id=case_id, visit_id=visit_id, visits=VISITS,
        words=row_of(VISITS, facts, {}), options=options_for(VISITS, {}, {}), version=stamp(facts), shown=shown, zone=JAPAN,
        stored={field.name: typed_of(field, facts[field.name]) for field in VISITS.fields},
        history=history_lines(
            told, {f"edit.{VISITS.noun}.{action}": word for action, word in ACTIONS.items()},
            {field.name: field.label for field in VISITS.fields}, None, note_of(VISITS), sayer(VISITS, {}),
        ),
    )  # fmt: skip


def _of_case(conn: Connection, code: str, case_id: str, visit_id: str) -> Facts | None:
    return dict(records.records(conn, code, VISITS, case_id=case_id)).get(visit_id)


async def change_visit(
    request: Request, services: Services, case_id: str, visit_id: str, form: str
) -> Response:
    """Put a visit right (`form` edit), or take it back (withdraw)."""
    code = services.settings.municipality

    def work(sent: Sent) -> str:
        with services.database.write(Audience.STAFF) as conn:
            if kept_of(conn, code, VISITS, visit_id) and _of_case(conn, code, case_id, visit_id) is None:
                raise NotFoundError(NOT_HERE)
            if form == "withdraw":
                records.withdraw(conn, code, VISITS, visit_id, version=sent.version, actor=sent.actor)
                return f"{BASE}/{case_id}?done=visit-withdraw"
            new = entry(VISITS, sent.text, {})
            records.correct(conn, code, VISITS, visit_id, new, version=sent.version, actor=sent.actor)
        return f"{BASE}/{case_id}?done=visit-correct"

    def again(sent: Sent, shown: Shown) -> Response:
        try:
            return visit_page(request, services, sent.user, case_id, visit_id, shown)
        except NotFoundError:
            # Somebody has withdrawn it meanwhile: what was typed stands in the form for a new one.
            return case_page(request, services, sent.user, case_id, replace(shown, form="visit"))

    return await act(request, services, form, work, again, compare_of(services, VISITS, form))
