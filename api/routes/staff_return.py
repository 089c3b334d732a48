"""One return: what it says otherwise than before, what looks wrong, and the decision."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response

from api.auth.principals import Principal, signed_in
from api.clock import JAPAN
from api.edit_forms import PLAIN, Sent, Shown, act
from api.paper.serve import origin
from api.params import No, Params
from api.returns import one as one_return
from api.returns.codes import code_until
from api.routes.accounts import page
from api.routes.staff_returns import ONE, Year, own, whole
from api.services import Served, Services
from geodata import returns
from geodata.database import Audience
from geodata.queries.generation import resolve
from kyodo_geo import edit_entries as entries
from kyodo_geo.edits import EditConflictError
from kyodo_geo.errors import ConflictError
from kyodo_geo.returns import SECTIONS
from kyodo_geo.returns.differences import ONLY_SAID

router = APIRouter(include_in_schema=False)

OF = ONE + "/of/{association_id}"
AssociationId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,40}$")]
DONE = {
    "paper": "紙の回答を保存しました。",
    "same": "同じ回答がもう入っています。何も変えていません。",
    "approve": "承認しました。「データに反映する」で、加入率などのデータになります。",
    "check": "確認済みにしました。",
    "send-back": "差し戻しました。町内会・自治会は、直してもう一度送れます。",
}


class DoneParams(Params):
    """What was just done."""

    done: Literal["paper", "same", "approve", "check", "send-back"] | None = None


def return_page(
    request: Request, services: Services, user: Principal, fiscal_year: int, association_id: str, shown: Shown = PLAIN,
    done: str | None = None, code: str | None = None,
) -> Response:  # fmt: skip
    """The page. `code`: one that was just made, shown this once."""
    found = one_return.one(services, fiscal_year, association_id)
    wrong = shown.extra if shown.form == "paper" and isinstance(shown.extra, dict) else {}
    return page(
        request, services, "staff_return.html", shown.status, ref=found.ref, dataset=found.dataset, user=user,
        csrf_token=user.csrf_token, found=found, row=found.row, round=found.round, own=own(fiscal_year), sections=SECTIONS,
        shown=shown, done=DONE[done] if done else None, version=found.row.version, zone_of_time=JAPAN, zone=JAPAN,
        values=dict(shown.values) if shown.form == "paper" else found.typed, errors=wrong,
        before={}, only_said=ONLY_SAID, code=code,
        page_address=f"{origin(request, services)}/returns", until=code_until(found.round.due_on),
    )  # fmt: skip


@router.get(OF)
async def one(
    request: Request, services: Served, fiscal_year: Year, association_id: AssociationId,
    params: Annotated[DoneParams, Query()],
) -> Response:  # fmt: skip
    """A return with its differences, doubts and forms."""
    user = await signed_in(request)
    return await run_sync(
        lambda: return_page(request, services, user, fiscal_year, association_id, done=params.done),
        limiter=services.limiter,
    )


async def _deed(
    request: Request, services: Services, fiscal_year: int, association_id: str, form: str, work: Any
) -> Response:
    """A form of the page. What cannot be done as things stand is said on the page like a wrong field."""

    def run(sent: Sent) -> str | Shown:
        try:
            to = work(sent)
        except EditConflictError:
            raise
        except ConflictError as error:
            return Shown(409, form, sent.values(), error.message)
        return f"{own(fiscal_year)}/of/{association_id}?done={to}" if isinstance(to, str) else to

    def compare(sent: Sent, error: EditConflictError) -> list[tuple[str, Any, Any]]:
        stored: returns.Return | None = error.stored
        return [] if stored is None else [("状態", stored.state.label, "（この画面で見た状態と違います）")]

    return await act(
        request, services, form, run,
        lambda sent, shown: return_page(request, services, sent.user, fiscal_year, association_id, shown), compare,
    )  # fmt: skip


@router.post(OF)
async def enter_paper(
    request: Request, services: Served, fiscal_year: Year, association_id: AssociationId, params: No
) -> Response:  # fmt: skip
    """Type a paper form in, or put answers right."""

    def work(sent: Sent) -> str:
        kept = one_return.enter_paper(services, fiscal_year, association_id, sent, whole(sent.version))
        return "paper" if kept else "same"

    return await _deed(request, services, fiscal_year, association_id, "paper", work)


@router.post(OF + "/approve")
async def approve(
    request: Request, services: Served, fiscal_year: Year, association_id: AssociationId, params: No
) -> Response:  # fmt: skip
    """Approve it, doubts or not; what cannot be true is refused."""

    def work(sent: Sent) -> str:
        with services.database.write(Audience.STAFF) as conn:
            ref = resolve(conn, services.settings.municipality)
            returns.approve(
                conn, ref, fiscal_year, association_id, version=whole(sent.version), actor=sent.actor
            )
        return "approve"

    return await _deed(request, services, fiscal_year, association_id, "approve", work)


@router.post(OF + "/check")
async def look_at(
    request: Request, services: Served, fiscal_year: Year, association_id: AssociationId, params: No
) -> Response:  # fmt: skip
    """Somebody has seen it and will decide: the association cannot change it meanwhile."""

    def work(sent: Sent) -> str:
        with services.database.write(Audience.STAFF) as conn:
            returns.looked_at(
                conn,
                services.settings.municipality,
                fiscal_year,
                association_id,
                version=whole(sent.version),
                actor=sent.actor,
            )
        return "check"

    return await _deed(request, services, fiscal_year, association_id, "check", work)


@router.post(OF + "/send-back")
async def send_back(
    request: Request, services: Served, fiscal_year: Year, association_id: AssociationId, params: No
) -> Response:  # fmt: skip
    """Ask the association to look again, in words."""

    def work(sent: Sent) -> str:
        words = entries.words(sent.text("words"), "words", "確かめてほしいこと", most=1000) or ""
        with services.database.write(Audience.STAFF) as conn:
            returns.send_back(
                conn, services.settings.municipality, fiscal_year, association_id, words, version=whole(sent.version),
                actor=sent.actor,
            )  # fmt: skip
        return "send-back"

    return await _deed(request, services, fiscal_year, association_id, "send-back", work)


@router.post(OF + "/code")
async def new_code(
    request: Request, services: Served, fiscal_year: Year, association_id: AssociationId, params: No
) -> Response:  # fmt: skip
    """A new code, told over the telephone: shown on this one answer, which nobody may keep."""

    def work(sent: Sent) -> Shown:
        with services.database.write(Audience.STAFF) as conn:
            due = returns.one_round(conn, services.settings.municipality, fiscal_year).due_on
            code = returns.issue(
                conn,
                services.settings.municipality,
                fiscal_year,
                association_id,
                until=code_until(due),
                actor=sent.actor,
            )
        return Shown(200, "code", extra=code)

    return await act(
        request, services, "code", work,
        lambda sent, shown: return_page(
            request, services, sent.user, fiscal_year, association_id, shown,
            code=shown.extra if isinstance(shown.extra, str) else None,
        ),
        lambda sent, error: (),
    )  # fmt: skip
