"""The page and forms of a case sheet; its visits and the advisers sent because of it: `case_visits`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from fastapi import Request, Response

from api.answers import Reading
from api.auth.principals import Principal
from api.centres.case_views import viewed
from api.clock import JAPAN, today
from api.credits import place_credit
from api.edit_forms import Sent, Shown, act, history_lines
from api.record_pages import ACTIONS, compare_of, entry_of, options_of
from api.record_words import References, note_of, row_of, sayer
from api.routes.accounts import page
from api.services import Services
from api.staff_map_views import judged
from geodata.database import Audience, Connection
from geodata.edits import history, records
from geodata.edits.history import hold
from geodata.queries import risk_cases
from geodata.queries.generation import Ref, resolve
from geodata.queries.risk_cases import CaseRow
from kyodo_geo.centres.cases import RUNNING, Due, due_of, figures_words
from kyodo_geo.centres.kinds import CASES, DISPATCHES, VISITS
from kyodo_geo.dates import fiscal_year_of
from kyodo_geo.edits import stamp
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.quality import Quality
from kyodo_geo.records import Facts, Kind, typed_of

BASE = "/staff/at-risk"
NOT_HERE = "この見守りの記録はありません。取り消されたかもしれません。"
_ASKED_HERE = ("association_id", "case_id")
"""Of a dispatch: what the sheet says already."""
SENT_HERE = replace(
    DISPATCHES, fields=tuple(field for field in DISPATCHES.fields if field.name not in (*_ASKED_HERE, "district_no"))
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything one sheet shows. `visits` and `dispatches`: (id, words by field)."""

    row: CaseRow
    facts: Facts
    words: dict[str, str]
    visits: list[tuple[str, dict[str, str]]]
    dispatches: list[tuple[str, dict[str, str]]]
    refs: References
    due: Due


def sheet_of(conn: Connection, ref: Ref, case_id: str) -> Sheet:
    """Raises NotFoundError."""
    code = ref.municipality_code
    row = risk_cases.case(conn, ref, case_id, fiscal_year_of(today()))
    if row is None:
        raise NotFoundError(NOT_HERE)
    refs = records.references(conn, ref, CASES) | records.references(conn, ref, DISPATCHES)
    facts = records.one(conn, code, CASES, case_id)
    visits = records.records(conn, code, VISITS, case_id=case_id)
    sent = records.records(conn, code, DISPATCHES, case_id=case_id)
    return Sheet(
        row, facts, row_of(CASES, facts, refs),
        [(key, row_of(VISITS, found, {})) for key, found in visits],
        [(key, row_of(DISPATCHES, found, refs)) for key, found in sent],
        refs, due_of(row.state, row.next_on, today()),
    )  # fmt: skip


def options_for(kind: Kind, refs: References, kept: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """What each select of a kind offers."""
    known = {name: dict(options) for name, options in refs.items()}
    return {field.name: options_of(field, known, kept.get(field.name), ()) for field in kind.fields}


def empty_form(kind: Kind) -> dict[str, str]:
    """What stands in the fields of a new record: today is the day that most visits are written down on."""
    return {
        field.name: today().isoformat() if field.form == "day" and field.required else field.default
        for field in kind.fields
    }


def case_page(
    request: Request, services: Services, user: Principal, case_id: str, shown: Shown, done: str | None = None
) -> Response:  # fmt: skip
    """One sheet; that it was read is written down. Raises NotFoundError."""
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        credit = place_credit(conn, ref)
        found = sheet_of(conn, ref, case_id)
        told = [
            line
            for key in (records.target(CASES, case_id), *(records.target(VISITS, key) for key, _ in found.visits))
            for line in history.history(conn, ref.municipality_code, key)
        ]  # fmt: skip
    viewed(services, user, records.target(CASES, case_id), {"part": "page"})
    told.sort(key=lambda line: line.at, reverse=True)
    return page(
        request, services, "staff_at_risk_case.html", shown.status, ref=ref, dataset=credit, user=user,
        csrf_token=user.csrf_token, sheet=found, case_id=case_id, cases=CASES, visits=VISITS, sending=SENT_HERE,
        case_options=options_for(CASES, found.refs, found.facts), visit_options=options_for(VISITS, {}, {}),
        sending_options=options_for(SENT_HERE, {}, {}), version=stamp(found.facts), shown=shown, done=done, zone=JAPAN,
        stored={field.name: typed_of(field, found.facts[field.name]) for field in CASES.fields},
        new_visit=empty_form(VISITS), new_sending=empty_form(SENT_HERE), running=found.row.state in RUNNING,
        late=found.due is Due.LATE,
        history=[
            *history_lines(
                told, {f"edit.{kind.noun}.{action}": f"{kind.title}の{word}" for kind in (CASES, VISITS)
                       for action, word in ACTIONS.items()},
                {field.name: field.label for field in (*CASES.fields, *VISITS.fields)}, None, _noted,
                sayer(_BOTH, found.refs),
            )
        ],
    )  # fmt: skip


_BOTH = replace(
    CASES, fields=(*CASES.fields, *(field for field in VISITS.fields if not CASES.has(field.name)))
)


def _noted(line: history.Entry) -> str:
    return note_of(_BOTH)(line)


def new_page(
    request: Request, services: Services, user: Principal, shown: Shown, association: str | None = None
) -> Response:  # fmt: skip
    """The form of a new sheet; an association that has one already leads there."""
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        credit = place_credit(conn, ref)
        refs = records.references(conn, ref, CASES)
        going_on = risk_cases.running(conn, ref.municipality_code, association) if association else None
        figures = _figures(Reading(conn, ref, today(), services), association)
    stored = {**empty_form(CASES), "association_id": association or "", "figures": figures}
    return page(
        request, services, "staff_at_risk_new.html", shown.status, ref=ref, dataset=credit, user=user,
        csrf_token=user.csrf_token, cases=CASES, options=options_for(CASES, refs, {}), stored=stored, shown=shown,
        association_name=refs["association"].get(association or ""), going_on=going_on,
    )  # fmt: skip


def _figures(reading: Reading, association: str | None) -> str:
    try:
        found = judged(reading, None)
    except NotFoundError:
        return ""
    if association not in found.judgements:
        return ""
    return figures_words(found.facts[association], found.judgements[association], found.fiscal_year)


def again_of(request: Request, services: Services, case_id: str) -> Any:
    """The sheet with a form that was refused."""
    return lambda sent, shown: case_page(request, services, sent.user, case_id, shown)


def kept_of(conn: Connection, code: str, kind: Kind, record_id: str) -> Facts | None:
    """A record as it is kept, None when it is gone."""
    try:
        return records.one(conn, code, kind, record_id)
    except NotFoundError:
        return None


async def open_case(request: Request, services: Services) -> Response:
    """Begin a sheet; an association has one running sheet at most."""
    code = services.settings.municipality

    def work(sent: Sent) -> str:
        with services.database.write(Audience.STAFF) as conn:
            new = entry_of(conn, resolve(conn, code), CASES, sent)
            _one_at_a_time(conn, code, new, None)
            case_id = records.add(conn, code, CASES, new, actor=sent.actor)
        return f"{BASE}/{case_id}?done=open"

    def again(sent: Sent, shown: Shown) -> Response:
        return new_page(request, services, sent.user, shown, sent.text("association_id") or None)

    return await act(request, services, "add", work, again, lambda sent, error: ())


def _one_at_a_time(conn: Connection, code: str, new: Facts, own: str | None) -> None:
    hold(conn, code, CASES.key)
    running = risk_cases.running(conn, code, new["association_id"]) if new["state"] in RUNNING else None
    if running not in (None, own):
        raise InputError(
            "この町内会・自治会には、続いている見守りの記録がもうあります。一覧から開いて、書き足してください。",
            field="association_id",
        )


async def correct_case(request: Request, services: Services, case_id: str) -> Response:
    """Put a sheet right."""
    code = services.settings.municipality

    def work(sent: Sent) -> str:
        with services.database.write(Audience.STAFF) as conn:
            ref = resolve(conn, code)
            before = kept_of(conn, code, CASES, case_id)
            new = entry_of(conn, ref, CASES, sent, before)
            _one_at_a_time(conn, code, new, case_id)
            records.correct(conn, code, CASES, case_id, new, version=sent.version, actor=sent.actor)
        return f"{BASE}/{case_id}?done=correct"

    again = again_of(request, services, case_id)
    return await act(request, services, "edit", work, again, compare_of(services, CASES, "edit"))


async def withdraw_case(request: Request, services: Services, case_id: str) -> Response:
    """Take a sheet back; one with visits stays."""
    code = services.settings.municipality

    def work(sent: Sent) -> str:
        with services.database.write(Audience.STAFF) as conn:
            try:
                records.withdraw(conn, code, CASES, case_id, version=sent.version, actor=sent.actor)
            except InputError:
                raise InputError(
                    "訪問や派遣の記録があるため、取り消せません。終わったときは、状態を「終了」にしてください。"
                ) from None
        return f"{BASE}?done=withdraw"

    again = again_of(request, services, case_id)
    return await act(request, services, "withdraw", work, again, compare_of(services, CASES, "withdraw"))


def paper(services: Services, case_id: str) -> str:
    """The sheet before it becomes a PDF (blocking). Raises NotFoundError."""
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        found = sheet_of(conn, ref, case_id)
        credit = place_credit(conn, ref)
    return services.pages.render(
        "paper/risk_case.html", path="", ref=ref, dataset=credit, html_lang="ja", sheet=found, printed_on=today(),
        mark=None if found.row.quality == "real" else Quality(found.row.quality).label,
        case_fields=CASES.fields, visit_fields=VISITS.fields,
    )  # fmt: skip
