"""Staff keep activity cases: the text (the generic editor), consent, photos, preview, and the way to the public and back."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BeforeValidator
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse

from api import record_pages
from api.answers import private
from api.auth import csrf
from api.auth.principals import signed_in
from api.clock import today
from api.edit_forms import Sent, Shown, act
from api.params import No, Params, plain_integer
from api.record_pages import Wanted
from api.routes.accounts import NO_STORE, page
from api.routes.cases import JPEG, CaseId, PhotoNo, PhotoParams, Size, case_context
from api.security import refuse_foreign_form
from api.services import Served, Services
from api.sharing import photos
from api.sharing.staff import case_page, photo_words
from api.sharing.view import pictures
from api.tickets.forms import typed
from geodata.database import Audience, Connection
from geodata.edits import cases
from geodata.queries import sharing as queries
from geodata.queries.generation import resolve
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.quality import credit
from kyodo_geo.records import entry
from kyodo_geo.sharing.cases import State
from kyodo_geo.sharing.kinds import CASES, CONSENT

router = APIRouter(include_in_schema=False)

ONE = CASES.base + "/{case_id}"
ConsentNo = Annotated[int, BeforeValidator(plain_integer), Path(ge=1, le=100_000)]


class CaseListParams(Params):
    """What was just done."""

    done: Literal["add", "withdraw"] | None = None


class CasePageParams(Params):
    """What was just done, with the case."""

    done: (
        Literal[
            "add", "correct", "consent", "consent-end", "photo", "photo-words", "photo-gone", "draft", "asked", "published",
            "withdrawn", "unpublished",
        ]
        | None
    ) = None  # fmt: skip


def _more(conn: Connection, code: str, year: int) -> dict[str, Any]:
    return {"states": cases.states(conn, code)}


_AS_LIST: dict[str, Any] = {"template": "staff_cases.html", "more": _more}


@router.get(CASES.base)
async def staff_case_list(
    request: Request, services: Served, params: Annotated[CaseListParams, Query()]
) -> Response:
    """All cases with their states, and the form for a new one."""
    user = await signed_in(request)
    wanted = Wanted(done=params.done)
    return await run_sync(
        lambda: record_pages.list_page(request, services, user, CASES, wanted, **_AS_LIST),
        limiter=services.limiter,
    )


@router.post(CASES.base)
async def add_case(request: Request, services: Served, params: No) -> Response:
    """Enter a case as a draft."""
    return await record_pages.add(request, services, CASES, Wanted(), to_record=True, **_AS_LIST)


@router.post(CASES.base + "/photos")
async def add_photo(request: Request, services: Served, params: No) -> Response:
    """Take a photo in: our own JPEGs of it are kept, the bytes that were sent are not."""
    user = await signed_in(request)
    refuse_foreign_form(request)  # before the body is read
    async with request.form(max_files=1, max_fields=10) as form:
        csrf.check_form(request, form, services.settings, user)
        sent = Sent(user, form)
        case_id = typed(form, "case_id")[:40]
        given = form.get("photo")

        def work() -> Response:
            try:
                words = photo_words(sent)
                if not isinstance(given, UploadFile) or not given.filename:
                    raise InputError("写真のファイルを選んでください。", field="photo")
                with services.database.read(Audience.STAFF) as conn:
                    cases.whole(conn, services.settings.municipality, case_id)  # before the costly part
                made = photos.make(given.file)
                with services.database.write(Audience.STAFF) as conn:
                    cases.add_photo(
                        conn, services.settings.municipality, case_id, made.sizes, made.sha256, words, actor=sent.actor
                    )  # fmt: skip
            except InputError as error:
                values = {name: text for name, text in sent.values().items() if name != "photo"}
                shown = Shown(400, "photo", values, error.message, error.details.get("field", "photo"))
                return case_page(request, services, user, case_id, shown)
            return RedirectResponse(f"{CASES.base}/{case_id}?done=photo#photos-heading", 303, NO_STORE)

        # One photo at a time is made anew in a process, like one slice of a batch.
        return await run_sync(work, limiter=services.batch_limiter)


@router.get(ONE)
async def staff_case_page(
    request: Request, services: Served, case_id: CaseId, params: Annotated[CasePageParams, Query()]
) -> Response:
    """One case: state, text, photos, consents, history."""
    user = await signed_in(request)
    return await run_sync(
        lambda: case_page(request, services, user, case_id, done=params.done), limiter=services.limiter
    )


@router.post(ONE)
async def correct_case(request: Request, services: Served, case_id: CaseId, params: No) -> Response:
    """Put the text right; of a published case everybody sees it at once, so somebody has to answer for it."""

    def before(conn: Connection, code: str, sent: Sent) -> None:
        with suppress(NotFoundError):  # the editor says so in its own way
            cases.refuse_unanswered(conn, code, case_id, within=sent.ticked("within"))

    return await record_pages.correct(
        request,
        services,
        CASES,
        case_id,
        single=record_pages.Single(page=case_page),
        before=before,
        **_AS_LIST,
    )


@router.post(ONE + "/withdraw")
async def remove_case(request: Request, services: Served, case_id: CaseId, params: No) -> Response:
    """Delete a case that nobody but staff can see."""

    def before(conn: Connection, code: str) -> None:
        with suppress(NotFoundError):  # the editor says so in its own way
            cases.refuse_published(conn, code, case_id)

    return await record_pages.withdraw(
        request,
        services,
        CASES,
        case_id,
        single=record_pages.Single(page=case_page),
        before=before,
        **_AS_LIST,
    )


@router.get(ONE + "/preview")
async def preview_case(request: Request, services: Served, case_id: CaseId, params: No) -> Response:
    """The page as everybody would see it now."""
    user = await signed_in(request)

    def work() -> Response:
        with services.database.read(Audience.STAFF) as conn:
            ref = resolve(conn, services.settings.municipality)
            case = queries.case(conn, ref.municipality_code, ref.generation_no, case_id, preview=True)
        return page(
            request, services, "case.html", user=user, csrf_token=user.csrf_token, ref=ref,
            dataset={**credit({}, (), values=[case.quality]), "source": case.source or ""},
            **case_context(case, pictures(case, CASES.base)), others=[], preview=True,
        )  # fmt: skip

    return await run_sync(work, limiter=services.limiter)


@router.get(ONE + "/photos/{no}-{size}.jpg")
async def staff_photo(
    request: Request, services: Served, case_id: CaseId, no: PhotoNo, size: Size, params: Annotated[PhotoParams, Query()]
) -> Response:  # fmt: skip
    """A photo before it is shown to anybody."""
    await signed_in(request)

    def work() -> bytes:
        with services.database.read(Audience.STAFF) as conn:
            return queries.photo(conn, services.settings.municipality, case_id, no, size, preview=True)

    return private(await run_sync(work, limiter=services.limiter), JPEG, {"X-Robots-Tag": "noindex"})


@router.post(ONE + "/photos/{no}")
async def change_photo(
    request: Request, services: Served, case_id: CaseId, no: PhotoNo, params: No
) -> Response:
    """Other words for a photo, and its place among the others."""

    def work(sent: Sent, conn: Connection, code: str) -> str:
        order = sent.text("order")
        cases.change_photo(
            conn, code, case_id, no, photo_words(sent), order=int(order) if order in _ORDERS else no, actor=sent.actor
        )  # fmt: skip
        return "photo-words#photos-heading"

    return await _act(request, services, case_id, f"photo-{no}", work)


_ORDERS = frozenset(str(number) for number in range(1, 100))


@router.post(ONE + "/photos/{no}/remove")
async def remove_photo(
    request: Request, services: Served, case_id: CaseId, no: PhotoNo, params: No
) -> Response:
    """Delete a photo."""

    def work(sent: Sent, conn: Connection, code: str) -> str:
        cases.remove_photo(conn, code, case_id, no, actor=sent.actor)
        return "photo-gone#photos-heading"

    return await _act(request, services, case_id, f"photo-{no}", work)


@router.post(ONE + "/consents")
async def add_consent(request: Request, services: Served, case_id: CaseId, params: No) -> Response:
    """Write down who consented to what, for the text as it is now."""

    def work(sent: Sent, conn: Connection, code: str) -> str:
        cases.consent(
            conn, code, case_id, entry(CONSENT, sent.text, {}), actor=sent.actor, version=sent.version
        )
        return "consent#consents-heading"

    return await _act(request, services, case_id, "consent", work)


@router.post(ONE + "/consents/{no}/end")
async def end_consent(
    request: Request, services: Served, case_id: CaseId, no: ConsentNo, params: No
) -> Response:
    """Take a consent back; a case that lacks one then is gone from every public page at once."""

    def work(sent: Sent, conn: Connection, code: str) -> str:
        gone = cases.end_consent(conn, code, case_id, no, on=today(), actor=sent.actor)
        return "unpublished" if gone else "consent-end#consents-heading"

    return await _act(request, services, case_id, f"end-{no}", work)


@router.post(ONE + "/state")
async def change_state(request: Request, services: Served, case_id: CaseId, params: No) -> Response:
    """Publish, withdraw, ask for consent, or back to a draft."""

    def work(sent: Sent, conn: Connection, code: str) -> str:
        try:
            wanted = State(sent.text("state"))
        except ValueError:
            raise InputError("どの状態にするかを選んでください。", field="state") from None
        cases.step(
            conn, code, case_id, wanted, seen=sent.version, on=today(), actor=sent.actor, within=sent.ticked("within")
        )  # fmt: skip
        return wanted.value

    return await _act(request, services, case_id, "state", work)


async def _act(request: Request, services: Services, case_id: str, form: str, work: Any) -> Response:
    """A form of a case's page: back to it, or the page again with what was typed and why not."""

    def run(sent: Sent) -> str:
        with services.database.write(Audience.STAFF) as conn:
            done = work(sent, conn, services.settings.municipality)
        what, mark, where = done.partition("#")
        return f"{CASES.base}/{case_id}?done={what}{mark}{where}"

    return await act(
        request, services, form, run,
        lambda sent, shown: case_page(request, services, sent.user, case_id, shown),
        lambda sent, error: (),
    )  # fmt: skip
