"""Planners calculate the incentive (取組7) for all associations of a year, decide it, pay it, and put it right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BeforeValidator, Field

from api.auth.principals import signed_in
from api.clock import today
from api.edit_forms import Sent, Shown, act
from api.grant_pages import files, sheets
from api.grant_pages import runs as pages
from api.params import FiscalYear, Integer, No, Params, left_empty
from api.params import plain_integer as digits
from api.services import Served, Services
from geodata.database import Audience
from geodata.grants import runs
from geodata.queries.generation import resolve
from kyodo_geo import edit_entries as entries
from kyodo_geo.edits import EditConflictError
from kyodo_geo.errors import InputError, NotFoundError

router = APIRouter(include_in_schema=False)

ONE = pages.BASE + "/{run_no}"
RunNo = Annotated[int, BeforeValidator(digits), Path(ge=1, le=99_999_999)]
AssociationId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,40}$")]


class ListParams(Params):
    """Which year stands in the form, and what was just done."""

    fiscal_year: Annotated[FiscalYear | None, BeforeValidator(left_empty)] = None
    done: Literal["discarded"] | None = None


class RunParams(Params):
    """What was just done."""

    done: Literal["calculated", "decided", "paid"] | None = None


class SheetParams(Params):
    """The district whose sheets are printed (0: associations without one); all without it."""

    district: Annotated[Annotated[Integer, Field(ge=0, le=999)] | None, BeforeValidator(left_empty)] = None


@router.get(pages.BASE)
async def run_list(request: Request, services: Served, params: Annotated[ListParams, Query()]) -> Response:
    """All runs, and the form for another."""
    user = await signed_in(request)
    return await run_sync(
        lambda: pages.list_page(request, services, user, params.fiscal_year, done=params.done),
        limiter=services.limiter,
    )


@router.post(pages.BASE)
async def calculate(request: Request, services: Served, params: No) -> Response:
    """Calculate a year."""

    def work(sent: Sent) -> str:
        year = _year(sent)
        with services.database.write(Audience.STAFF) as conn:
            try:
                made = runs.calculate(
                    conn, resolve(conn, services.settings.municipality), year, actor=sent.actor
                )
            except NotFoundError as error:
                raise InputError(error.message, field="fiscal_year") from None
        return f"{pages.BASE}/{made}?done=calculated"

    def again(sent: Sent, shown: Shown) -> Response:
        return pages.list_page(request, services, sent.user, None, shown)

    return await act(request, services, "calculate", work, again, _nothing_typed)


def _year(sent: Sent) -> int:
    year = entries.whole(sent.text("fiscal_year"), "fiscal_year", "年度", most=2200)
    if year is None or year < pages.FIRST_YEAR:
        raise InputError("年度を選んでください。", field="fiscal_year")
    return year


@router.get(ONE)
async def run_page(
    request: Request, services: Served, run_no: RunNo, params: Annotated[RunParams, Query()]
) -> Response:
    """One run."""
    user = await signed_in(request)
    return await run_sync(
        lambda: pages.run_page(request, services, user, run_no, done=params.done), limiter=services.limiter
    )


@router.post(ONE + "/decide")
async def decide(request: Request, services: Served, run_no: RunNo, params: No) -> Response:
    """The amounts are decided."""

    def work(sent: Sent, services: Services) -> str:
        on = _day(sent, "decided_on", "決定の日")
        with services.database.write(Audience.STAFF) as conn:
            runs.decide(conn, services.settings.municipality, run_no, on, actor=sent.actor)
        return f"{pages.BASE}/{run_no}?done=decided"

    return await _on_run(request, services, run_no, "decide", work)


@router.post(ONE + "/pay")
async def pay(request: Request, services: Served, run_no: RunNo, params: No) -> Response:
    """The amounts are paid."""

    def work(sent: Sent, services: Services) -> str:
        on = _day(sent, "paid_on", "支払の日")
        with services.database.write(Audience.STAFF) as conn:
            runs.pay(conn, services.settings.municipality, run_no, on, actor=sent.actor)
        return f"{pages.BASE}/{run_no}?done=paid"

    return await _on_run(request, services, run_no, "pay", work)


@router.post(ONE + "/correct")
async def correct(request: Request, services: Served, run_no: RunNo, params: No) -> Response:
    """Calculate the year anew; the difference is what is paid then."""

    def work(sent: Sent, services: Services) -> str:
        reason = entries.line(
            sent.text("reason"), "reason", "訂正の理由", most=runs.MAX_REASON, required=True
        )
        with services.database.write(Audience.STAFF) as conn:
            code = services.settings.municipality
            held = runs.one(conn, code, run_no)
            made = runs.calculate(
                conn, resolve(conn, code), held.fiscal_year, actor=sent.actor, corrects=run_no, reason=reason
            )
        return f"{pages.BASE}/{made}?done=calculated"

    return await _on_run(request, services, run_no, "correct", work)


@router.post(ONE + "/discard")
async def discard(request: Request, services: Served, run_no: RunNo, params: No) -> Response:
    """Throw away a run that nobody has decided."""

    def work(sent: Sent, services: Services) -> str:
        with services.database.write(Audience.STAFF) as conn:
            runs.discard(conn, services.settings.municipality, run_no, actor=sent.actor)
        return f"{pages.BASE}?done=discarded"

    return await _on_run(request, services, run_no, "discard", work)


async def _on_run(
    request: Request, services: Services, run_no: int, form: str, work: Callable[[Sent, Services], str]
) -> Response:
    def again(sent: Sent, shown: Shown) -> Response:
        return pages.run_page(request, services, sent.user, run_no, shown)

    return await act(request, services, form, lambda sent: work(sent, services), again, _nothing_typed)


def _day(sent: Sent, name: str, label: str) -> date:
    found = entries.day(sent.text(name), name, label)
    if found is None:
        raise InputError(f"{label}を入力してください。", field=name)
    if found > today():
        raise InputError(f"{label}に、今日より後の日は入れられません。", field=name)
    return found


def _nothing_typed(sent: Sent, error: EditConflictError) -> list[tuple[str, object, object]]:
    return []


@router.get(ONE + "/list.csv")
async def run_csv(request: Request, services: Served, run_no: RunNo, params: No) -> Response:
    """A row per association."""
    await signed_in(request)
    return await run_sync(lambda: files.list_csv(services, run_no), limiter=services.limiter)


@router.get(ONE + "/list.xlsx")
async def run_xlsx(request: Request, services: Served, run_no: RunNo, params: No) -> Response:
    """Sums, associations, steps, who cannot be calculated."""
    await signed_in(request)
    return await run_sync(lambda: files.list_xlsx(services, run_no), limiter=services.limiter)


@router.get(ONE + "/payment.xlsx")
async def payment_xlsx(request: Request, services: Served, run_no: RunNo, params: No) -> Response:
    """Whom to pay how much."""
    await signed_in(request)
    return await run_sync(lambda: files.payment_xlsx(services, run_no), limiter=services.limiter)


@router.get(ONE + "/sheets.pdf")
async def all_papers(
    request: Request, services: Served, run_no: RunNo, params: Annotated[SheetParams, Query()]
) -> Response:
    """The calculation sheets of a district, or of all, in one file."""
    await signed_in(request)
    html = await run_sync(
        lambda: sheets.papers_html(services, run_no, district=params.district), limiter=services.limiter
    )
    place = "" if params.district is None else f"_{params.district}"
    return await sheets.paper(services, html, f"incentive_run{run_no}{place}_sheets.pdf")


@router.get(ONE + "/sheets")
async def print_sheets(
    request: Request, services: Served, run_no: RunNo, params: Annotated[SheetParams, Query()]
) -> Response:
    """All calculation sheets on one page, for the browser to print."""
    user = await signed_in(request)
    return await run_sync(
        lambda: sheets.print_page(request, services, user, run_no, params.district), limiter=services.limiter
    )


@router.get(ONE + "/sheets/{association_id}")
async def sheet_page(
    request: Request, services: Served, run_no: RunNo, association_id: AssociationId, params: No
) -> Response:
    """The calculation sheet of an association."""
    user = await signed_in(request)
    return await run_sync(
        lambda: sheets.sheet_page(request, services, user, run_no, association_id), limiter=services.limiter
    )


@router.get(ONE + "/sheets/{association_id}/paper.pdf")
async def sheet_paper(
    request: Request, services: Served, run_no: RunNo, association_id: AssociationId, params: No
) -> Response:
    """The same on paper."""
    await signed_in(request)
    html = await run_sync(
        lambda: sheets.papers_html(services, run_no, association_id=association_id), limiter=services.limiter
    )
    return await sheets.paper(services, html, f"incentive_run{run_no}_{association_id}.pdf")
