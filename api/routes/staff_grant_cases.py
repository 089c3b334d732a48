"""Staff keep the cases of grants (取組9–12): the list, new ones, old ones from a table, the ledger, the year and its budgets."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BeforeValidator, Field

from api.answers import CSV, private
from api.auth.principals import Principal, signed_in
from api.clock import today
from api.credits import place_credit
from api.edit_forms import PLAIN, Sent, Shown, act
from api.grant_cases import forms, lists
from api.params import DistrictNo, FiscalYear, No, Params, left_empty
from api.record_pages import FIRST_YEAR, options_of
from api.record_words import MAX_ROWS, MAX_TEXT, row_of
from api.routes.accounts import page
from api.routes.downloads import disposition
from api.services import Served, Services
from api.workbooks import XLSX
from geodata.database import Audience
from geodata.edits import records
from geodata.grants import budgets
from geodata.grants.budgets import Budget
from geodata.grants.cases import Wanted
from geodata.queries.generation import resolve
from kyodo_geo import edit_entries as entries
from kyodo_geo.dates import fiscal_year_of
from kyodo_geo.edits import EditConflictError
from kyodo_geo.errors import InputError
from kyodo_geo.grants.case_fields import BASE, CASE_KINDS, CASE_SCHEMES
from kyodo_geo.grants.cases import Deed, State
from kyodo_geo.grants.step_fields import fields_of, past_kind
from kyodo_geo.records import MAX_YEN

router = APIRouter(include_in_schema=False)

EMPTY = BeforeValidator(left_empty)
Scheme = Literal["projects", "community", "hall-rent", "hall-works"]
SchemeName = Annotated[Scheme, Path()]


class CaseParams(Params):
    """Which cases, and what was just done."""

    scheme: Annotated[Scheme | None, EMPTY] = None
    fiscal_year: Annotated[FiscalYear | None, EMPTY] = None
    state: Annotated[State | None, EMPTY] = None
    district: Annotated[DistrictNo | None, EMPTY] = None
    late: Annotated[Literal["yes"] | None, EMPTY] = None

    @property
    def wanted(self) -> Wanted:
        return Wanted(
            today(), self.scheme, self.fiscal_year, self.state.value if self.state else None, self.district,
            self.late is not None,
        )  # fmt: skip

    def kept(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_none=True)


class PastParams(Params):
    """How many were just entered."""

    entered: Annotated[int | None, Field(ge=1, le=MAX_ROWS)] = None


class YearParams(Params):
    """Which fiscal year, and what was just done."""

    fiscal_year: Annotated[FiscalYear | None, EMPTY] = None
    done: Literal["budget"] | None = None


Asked = Annotated[CaseParams, Query()]


@router.get(BASE)
async def case_list(request: Request, services: Served, params: Asked) -> Response:
    """The cases, filtered."""
    user = await signed_in(request)
    found = await run_sync(lists.context, services, params.wanted, limiter=services.limiter)
    return page(
        request, services, "staff_grant_cases.html", user=user, csrf_token=user.csrf_token, kept=params.kept(), base=BASE,
        asked=params, **found,
    )  # fmt: skip


@router.get(BASE + "/ledger.csv")
async def case_ledger_csv(request: Request, services: Served, params: Asked) -> Response:
    """The filtered cases as CSV; no person in charge."""
    await signed_in(request)
    rows = await run_sync(lists.ledger, services, params.wanted, limiter=services.limiter)
    return private(lists.ledger_csv(rows), CSV, disposition(f"grant-cases_{today():%Y%m%d}.csv"))


@router.get(BASE + "/ledger.xlsx")
async def case_ledger_xlsx(request: Request, services: Served, params: Asked) -> Response:
    """The same as a workbook."""
    await signed_in(request)
    body = await run_sync(
        lambda: lists.ledger_xlsx(lists.ledger(services, params.wanted)), limiter=services.limiter
    )
    return private(body, XLSX, disposition(f"grant-cases_{today():%Y%m%d}.xlsx"))


@router.get(BASE + "/new/{scheme}")
async def new_case(request: Request, services: Served, scheme: SchemeName, params: No) -> Response:
    """The form of a new case."""
    user = await signed_in(request)
    return await run_sync(lambda: _new_page(request, services, user, scheme, PLAIN), limiter=services.limiter)


@router.post(BASE + "/new/{scheme}")
async def enter_case(request: Request, services: Served, scheme: SchemeName, params: No) -> Response:
    """Enter a case with its first step."""
    return await act(
        request, services, "add", lambda sent: forms.enter(services, scheme, sent),
        lambda sent, shown: _new_page(request, services, sent.user, scheme, shown), lambda sent, error: (),
    )  # fmt: skip


def _new_page(request: Request, services: Services, user: Principal, scheme: str, shown: Shown) -> Response:
    kind, this_year = CASE_KINDS[scheme], fiscal_year_of(today())
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        credit = place_credit(conn, ref)
        refs = records.references(conn, ref, kind)
    step = [field for field in fields_of(CASE_SCHEMES[scheme], Deed.APPLY) if field.name != "day"]
    return page(
        request, services, "staff_grant_case_new.html", shown.status, user=user, csrf_token=user.csrf_token, ref=ref,
        dataset=credit, kind=kind, scheme=CASE_SCHEMES[scheme], schemes=list(CASE_SCHEMES.values()), shown=shown, base=BASE,
        options={field.name: options_of(field, refs, None, [this_year]) for field in kind.fields},
        stored={
            **{field.name: str(this_year) if field.form == "year" else field.default for field in kind.fields},
            **{field.name: "" for field in step}, "day": today().isoformat(), "deed": "apply",
        },
        step_fields=step,
    )  # fmt: skip


@router.get(BASE + "/past/{scheme}")
async def past_cases(
    request: Request, services: Served, scheme: SchemeName, params: Annotated[PastParams, Query()]
) -> Response:
    """The form for a table of old cases."""
    user = await signed_in(request)
    return await run_sync(
        lambda: _past_page(request, services, user, scheme, PLAIN, params.entered), limiter=services.limiter
    )


@router.post(BASE + "/past/{scheme}")
async def enter_past_cases(request: Request, services: Served, scheme: SchemeName, params: No) -> Response:
    """Look at the rows of a pasted table, or enter them."""

    def work(sent: Sent) -> str | Shown:
        count, rows = forms.enter_past(services, scheme, sent)
        return (
            f"{BASE}/past/{scheme}?entered={count}"
            if count
            else Shown(200, "table", sent.values(), extra=rows)
        )

    return await act(
        request, services, "table", work,
        lambda sent, shown: _past_page(request, services, sent.user, scheme, shown), lambda sent, error: (),
    )  # fmt: skip


def _past_page(
    request: Request,
    services: Services,
    user: Principal,
    scheme: str,
    shown: Shown,
    entered: int | None = None,
) -> Response:
    kind = past_kind(scheme)
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        credit = place_credit(conn, ref)
        refs = records.references(conn, ref, kind) if shown.extra else {}
    read = [row_of(kind, row, refs) for row in shown.extra] if shown.extra and not shown.error else []
    return page(
        request, services, "staff_grant_case_past.html", shown.status, user=user, csrf_token=user.csrf_token, ref=ref,
        dataset=credit, kind=kind, scheme=CASE_SCHEMES[scheme], schemes=list(CASE_SCHEMES.values()), shown=shown, read=read,
        base=BASE, max_rows=MAX_ROWS, max_text=MAX_TEXT, done=f"{entered} 件を登録しました。" if entered else None,
    )  # fmt: skip


@router.get(BASE + "/year")
async def case_year(request: Request, services: Served, params: Annotated[YearParams, Query()]) -> Response:
    """A fiscal year in sums, with the budgets."""
    user = await signed_in(request)
    return await run_sync(
        lambda: _year_page(request, services, user, params.fiscal_year, PLAIN, params.done),
        limiter=services.limiter,
    )


@router.post(BASE + "/budgets/{year}/{scheme}")
async def save_budget(
    request: Request, services: Served, year: Annotated[int, Path(ge=FIRST_YEAR, le=2200)], scheme: SchemeName, params: No
) -> Response:  # fmt: skip
    """Enter the budget of a scheme and year."""
    code = services.settings.municipality

    def work(sent: Sent) -> str:
        frame = entries.whole(sent.text("frame_yen"), "frame_yen", "予算の枠", most=MAX_YEN * 10, unit="円")
        if frame is None:
            raise InputError("予算の枠を入力してください。", field="frame_yen")
        note = entries.line(sent.text("note"), "note", "メモ")
        with services.database.write(Audience.STAFF) as conn:
            new = Budget(frame, note)
            budgets.save(conn, code, scheme, year, new, version=sent.version, actor=sent.actor)
        return f"{BASE}/year?fiscal_year={year}&done=budget"

    def compare(sent: Sent, error: EditConflictError) -> list[tuple[str, object, object]]:
        stored = error.stored or asdict(Budget())
        labels = {"frame_yen": "予算の枠（円）", "note": "メモ"}
        return [(label, stored[name], sent.text(name)) for name, label in labels.items()]

    return await act(
        request, services, f"budget-{scheme}", work,
        lambda sent, shown: _year_page(request, services, sent.user, year, shown), compare,
    )  # fmt: skip


def _year_page(
    request: Request,
    services: Services,
    user: Principal,
    year: int | None,
    shown: Shown,
    done: str | None = None,
) -> Response:
    found = lists.year_context(services, year)
    return page(
        request, services, "staff_grant_year.html", shown.status, user=user, csrf_token=user.csrf_token, shown=shown,
        base=BASE, done="予算を保存しました。" if done else None, **found,
    )  # fmt: skip
