"""The yearly return as an association answers it: the code, the steps, the last look, the copy.

Which return it is stands in the cookie or the account alone. None of these answers may be stored anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from starlette.responses import HTMLResponse, RedirectResponse

from api.answers import private
from api.auth import cookies, csrf
from api.auth.principals import identify
from api.clock import JAPAN, in_words, today
from api.errors import problem_of
from api.paper.serve import PDF, attachment, rendered
from api.paper.sheets import as_data
from api.params import No, Params
from api.returns import form as own_form
from api.returns.own import Own, check_form, leave, open_visit, own_of
from api.routes.accounts import NO_STORE, form_of, guarded, slowly, text
from api.security import refuse_foreign_form
from api.services import Served, Services
from api.tickets.forms import typed
from api.zones import zone_of
from kyodo_geo.edits import EditConflictError
from kyodo_geo.errors import ConflictError, InputError, KyodoError
from kyodo_geo.returns import SECTIONS
from kyodo_geo.roles import Role

router = APIRouter(include_in_schema=False)

BASE = "/returns"
FORM, CHECK = f"{BASE}/form", f"{BASE}/check"
MOST_FIELDS = 40
FASTER = (
    "この画面を開いている間に、ほかの画面で同じ回答が保存されました。入力した内容は下の欄に残っています。"
    "見比べて、よければもう一度保存してください。"
)
DONE = {
    "saved": "保存しました。あとで続きから入力できます。",
    "sent": "回答を受け付けました。ありがとうございました。",
    "same": "前に送った回答と同じです。市に届いています。",
}


class StepParams(Params):
    """Which step, and what was just done."""

    step: Annotated[str, Field(pattern=r"^[a-z]{0,20}$")] = ""
    done: Literal["saved"] | None = None


class CheckParams(Params):
    """What was just done."""

    done: Literal["sent", "same"] | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """How a step is shown once more."""

    status: int = 200
    typed: dict[str, str] | None = None
    errors: dict[str, str] = field(default_factory=dict)
    conflict: list[tuple[str, str, str]] = field(default_factory=list)


# -- the code -------------------------------------------------------------------------------------------------------


@router.get(BASE)
async def enter_page(request: Request, services: Served, params: No) -> Response:
    """Where the code of the letter is typed; in the public zone, how to answer otherwise."""
    return await _enter_page(request, services)


async def _enter_page(request: Request, services: Services, error: KyodoError | None = None) -> Response:
    principal = await identify(request)
    user = principal if principal.user_id is not None else None
    problem = problem_of(error) if error else None
    response = guarded(
        request, services, "return_enter.html", problem.status if problem else 200,
        open=zone_of(services.settings).staff, error=error.message if error else None,
        officer=Role.ASSOCIATION_OFFICER in principal.roles, user=None, visitor=user,
    )  # fmt: skip
    if problem:
        response.headers.update({k: v for k, v in problem.headers.items() if k == "Retry-After"})
    return response


@router.post(BASE)
async def enter(request: Request, services: Served, params: No) -> Response:
    """Open the return of a code."""
    form = await form_of(request)
    csrf.check_form(request, form, services.settings)
    try:
        token = await slowly(services, open_visit, services, request, text(form, "code"))
    except KyodoError as error:
        return await _enter_page(request, services, error)
    response = RedirectResponse(FORM, 303, NO_STORE)
    cookies.put(response, services.settings, cookies.return_name(services.settings), token)
    return response


@router.post(BASE + "/leave")
async def leave_return(request: Request, services: Served, params: No) -> Response:
    """Close the return in this browser."""
    refuse_foreign_form(request)
    own = await own_of(request, services)
    response = RedirectResponse(BASE, 303, NO_STORE)
    if own is None:
        return response
    check_form(request, await form_of(request), services, own)
    token = request.cookies.get(cookies.return_name(services.settings), "")
    await run_sync(leave, services, token, limiter=services.limiter)
    cookies.drop(response, services.settings, cookies.return_name(services.settings))
    return response


# -- the steps ------------------------------------------------------------------------------------------------------


def _page(
    services: Services,
    own: Own,
    found: own_form.Opened,
    template: str,
    status: int,
    path: str,
    **context: Any,
) -> Response:
    html = services.pages.render(
        template, path=path, ref=found.ref, dataset=found.dataset, user=own.user, csrf_token=own.csrf_token,
        name=found.row.name, district=found.district, round=found.round, sections=SECTIONS, version=found.row.version,
        by_code=own.user is None, zone_of_time=JAPAN, **context,
    )  # fmt: skip
    return HTMLResponse(html, status, NO_STORE)


def _step(
    services: Services, own: Own, key: str, again: Again = Again(), done: str | None = None
) -> Response:
    found = own_form.opened(services, own)
    if not found.may_change:
        return RedirectResponse(CHECK, 303, NO_STORE)
    at, section = own_form.section_of(key)
    drawn, lines = own_form.area_of(services, own.association_id) if section.key == "area" else (None, ())
    return _page(
        services, own, found, "return_form.html", again.status, FORM, section=section, at=at,
        values={**found.typed, **(again.typed or {})}, errors=again.errors, conflict=again.conflict,
        before=own_form.before_words(found.row), saved_at=found.row.draft_at, map_svg=drawn, area_lines=lines, done=done,
    )  # fmt: skip


@router.get(FORM)
async def step_page(request: Request, services: Served, params: Annotated[StepParams, Query()]) -> Response:
    """One step of the form."""
    own = await own_of(request, services)
    if own is None:
        return RedirectResponse(BASE, 303, NO_STORE)
    done = DONE[params.done] if params.done else None
    return await run_sync(lambda: _step(services, own, params.step, done=done), limiter=services.limiter)


@router.post(FORM)
async def save_step(request: Request, services: Served, params: No) -> Response:
    """Keep a step; on to the next where nothing has to be mended first."""
    refuse_foreign_form(request)
    own = await own_of(request, services)
    if own is None:
        return RedirectResponse(BASE, 303, NO_STORE)
    form = await form_of(request, MOST_FIELDS)
    check_form(request, form, services, own)
    at, section = own_form.section_of(text(form, "step"))
    sent = own_form.sent_texts(lambda name: typed(form, name), section)
    version = text(form, "version")
    seen = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0

    def work() -> Response:
        found = own_form.opened(services, own)
        if not found.may_change:
            return RedirectResponse(CHECK, 303, NO_STORE)
        whole = {**found.typed, **sent}
        wrong = own_form.mended(section, whole)
        try:
            if whole != found.typed or found.row.draft is None:
                own_form.save(services, own, whole, seen)
        except EditConflictError:
            conflict = own_form.faster(own_form.opened(services, own), section, sent)
            return _step(services, own, section.key, Again(409, sent, {"": FASTER}, conflict))
        except ConflictError as error:
            return _step(services, own, section.key, Again(409, sent, {"": error.message}))
        if wrong:
            return _step(services, own, section.key, Again(400, sent, wrong))
        if text(form, "act") == "stay":
            return RedirectResponse(f"{FORM}?step={section.key}&done=saved", 303, NO_STORE)
        to = CHECK if at + 1 == len(SECTIONS) else f"{FORM}?step={SECTIONS[at + 1].key}"
        return RedirectResponse(to, 303, NO_STORE)

    return await run_sync(work, limiter=services.limiter)


# -- the last look --------------------------------------------------------------------------------------------------


def _check(
    services: Services, own: Own, status: int = 200, errors: dict[str, str] | None = None, done: str | None = None
) -> Response:  # fmt: skip
    found = own_form.opened(services, own)
    seen = own_form.look(services, found)
    may_send = found.may_change and found.unsent
    return _page(
        services, own, found, "return_check.html", status, CHECK, rows=seen.rows, doubts=seen.doubts,
        errors=errors or {}, state=found.row.state, sent_at=found.row.received_at, may_send=may_send,
        may_change=found.may_change, unsent=found.row.draft is not None, done=done, saved_at=found.row.draft_at,
        note=found.row.sent_back_words if found.row.state.value == "sent-back" else None,
    )  # fmt: skip


@router.get(CHECK)
async def check_page(request: Request, services: Served, params: Annotated[CheckParams, Query()]) -> Response:
    """All answers with what looks odd, and the button that sends them."""
    own = await own_of(request, services)
    if own is None:
        return RedirectResponse(BASE, 303, NO_STORE)
    done = DONE[params.done] if params.done else None
    return await run_sync(lambda: _check(services, own, done=done), limiter=services.limiter)


@router.post(BASE + "/send")
async def send(request: Request, services: Served, params: No) -> Response:
    """Send the answers to the city."""
    refuse_foreign_form(request)
    own = await own_of(request, services)
    if own is None:
        return RedirectResponse(BASE, 303, NO_STORE)
    form = await form_of(request)
    check_form(request, form, services, own)
    version = text(form, "version")
    seen = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0

    def work() -> Response:
        found = own_form.opened(services, own)
        if not found.may_change or not found.unsent:
            return RedirectResponse(
                f"{CHECK}?done=same" if found.row.state.answered else CHECK, 303, NO_STORE
            )
        try:
            own_form.send(services, own, found, seen)
        except EditConflictError:
            message = (
                "この画面を開いている間に、回答が変わりました。もう一度、内容を確かめてから送ってください。"
            )
            return _check(services, own, 409, {"": message})
        except ConflictError as error:
            return _check(services, own, 409, {"": error.message})
        except InputError as error:
            return _check(services, own, 400, error.details.get("errors") or {"": error.message})
        return RedirectResponse(f"{CHECK}?done=sent", 303, NO_STORE)

    return await run_sync(work, limiter=services.limiter)


@router.get(BASE + "/copy.pdf")
async def copy(request: Request, services: Served, params: No) -> Response:
    """What was sent, on paper."""
    own = await own_of(request, services)
    if own is None:
        return RedirectResponse(BASE, 303, NO_STORE)

    def build() -> str | None:
        found = own_form.opened(services, own)
        answers = found.row.answers
        if answers is None:
            return None
        drawn, _ = own_form.area_of(services, own.association_id)
        return services.pages.render(
            "paper/return_copy.html", path=BASE, ref=found.ref, dataset=found.dataset, html_lang="ja", name=found.row.name,
            district=found.district, round=found.round, rows=own_form.lines(found.row.held, answers, {}, {}),
            received_at=in_words(found.row.received_at) if found.row.received_at else "", state=found.row.state,
            map_url=as_data(drawn) if drawn is not None else None, printed_on=today(),
        )  # fmt: skip

    html = await run_sync(build, limiter=services.limiter)
    if html is None:
        return RedirectResponse(CHECK, 303, NO_STORE)
    return private(await rendered(services, html), PDF, attachment("nendo-koshin-hikae.pdf"))
