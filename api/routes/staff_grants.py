"""Planners keep the rules of the city's grants (取組7, 9–12) by fiscal year, try them and compare them."""

from __future__ import annotations

from typing import Annotated, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AfterValidator, BeforeValidator, Field
from starlette.responses import RedirectResponse

from api.auth.principals import signed_in
from api.edit_forms import Sent, Shown, act
from api.grant_pages import comparison, draft, trial
from api.grant_pages import rules as pages
from api.params import No, Params, left_empty, readable
from api.params import plain_integer as digits
from api.routes.accounts import NO_STORE
from api.services import Served
from geodata.database import Audience
from geodata.grants import rules
from kyodo_geo import edit_entries as entries
from kyodo_geo.edits import EditConflictError
from kyodo_geo.grants.entry import MOST_FIELDS
from kyodo_geo.grants.schemes import SCHEMES

router = APIRouter(include_in_schema=False)

SchemeKey = Annotated[Literal["incentive", "projects", "community", "hall-rent", "hall-works"], Path()]
Year = Annotated[int, BeforeValidator(digits), Path(ge=1950, le=2200)]
ONE = pages.BASE + "/rules/{scheme}/{year}"


Version = Annotated[
    str | None, Field(pattern=r"^(19[5-9]\d|20\d\d|21\d\d|2200)-[1-9]\d{0,4}$"), BeforeValidator(left_empty)
]
Area = Annotated[str | None, Field(pattern=r"^[0-9A-Za-z_-]{1,40}$"), BeforeValidator(left_empty)]
Typed = Annotated[str, Field(max_length=30), AfterValidator(readable)]


class GoParams(Params):
    """Which scheme and year to open."""

    scheme: Literal["incentive", "projects", "community", "hall-rent", "hall-works"]
    year: Annotated[int, BeforeValidator(digits), Query(ge=1950, le=2200)]


class TrialParams(Params):
    """Which rule, for whom, and figures typed instead of theirs."""

    rule: Version = None
    area: Area = None
    households: Typed = ""
    member_households: Typed = ""
    circulation_copies: Typed = ""
    district_population: Typed = ""
    district_households: Typed = ""
    district_associations: Typed = ""
    eligible_cost: Typed = ""
    monthly_rent: Typed = ""
    months: Typed = ""
    floor_area: Typed = ""


class CompareParams(Params):
    """Which two rules."""

    old: Version = None
    new: Version = None


class DoneParams(Params):
    """What was just done."""

    done: Literal["saved", "discarded", "forced"] | None = None


@router.get(pages.BASE)
async def grants(request: Request, services: Served, params: No) -> Response:
    """All schemes and years."""
    user = await signed_in(request)
    return await run_sync(lambda: pages.overview(request, services, user), limiter=services.limiter)


@router.get(pages.BASE + "/rules")
async def open_rule(request: Request, params: Annotated[GoParams, Query()]) -> Response:
    """From the form of the overview to the scheme and year."""
    return RedirectResponse(pages.address(SCHEMES[params.scheme], params.year), 303, NO_STORE)


@router.get(ONE)
async def rule_page(
    request: Request, services: Served, scheme: SchemeKey, year: Year, params: Annotated[DoneParams, Query()]
) -> Response:
    """What holds for the year, the draft, and how it came about."""
    user = await signed_in(request)
    return await run_sync(
        lambda: pages.year_page(request, services, user, SCHEMES[scheme], year, done=params.done),
        limiter=services.limiter,
    )


@router.get(ONE + "/draft")
async def draft_form(
    request: Request, services: Served, scheme: SchemeKey, year: Year, params: No
) -> Response:
    """The form of the draft; without a draft it begins with what holds, or with last year's."""
    user = await signed_in(request)
    return await run_sync(
        lambda: draft.draft_page(request, services, user, SCHEMES[scheme], year), limiter=services.limiter
    )


@router.post(ONE + "/draft")
async def save_draft(
    request: Request, services: Served, scheme: SchemeKey, year: Year, params: No
) -> Response:
    """Keep the draft, or show the form with more rows."""
    of = SCHEMES[scheme]

    def work(sent: Sent) -> str | Shown:
        with services.database.write(Audience.STAFF) as conn:
            return draft.save(conn, services.settings.municipality, of, year, sent)

    return await act(
        request, services, draft.FORM, work,
        lambda sent, shown: draft.draft_page(request, services, sent.user, of, year, shown), draft.compare,
        most_fields=MOST_FIELDS,
    )  # fmt: skip


@router.post(ONE + "/discard")
async def discard_draft(
    request: Request, services: Served, scheme: SchemeKey, year: Year, params: No
) -> Response:
    """Throw the draft away."""
    of = SCHEMES[scheme]

    def work(sent: Sent) -> str:
        with services.database.write(Audience.STAFF) as conn:
            rules.discard_draft(
                conn, services.settings.municipality, of, year, seen=sent.version, actor=sent.actor
            )
        return f"{pages.address(of, year)}?done=discarded"

    return await act(
        request, services, "discard", work,
        lambda sent, shown: pages.year_page(request, services, sent.user, of, year, shown), _nothing_typed,
    )  # fmt: skip


@router.post(ONE + "/force")
async def put_into_force(
    request: Request, services: Served, scheme: SchemeKey, year: Year, params: No
) -> Response:
    """Make the draft what holds."""
    of = SCHEMES[scheme]

    def work(sent: Sent) -> str:
        reason = entries.line(sent.text("reason"), "reason", "置き換える理由", most=rules.MAX_REASON)
        with services.database.write(Audience.STAFF) as conn:
            rules.put_into_force(
                conn,
                services.settings.municipality,
                of,
                year,
                seen=sent.version,
                reason=reason,
                actor=sent.actor,
            )
        return f"{pages.address(of, year)}?done=forced"

    return await act(
        request, services, "force", work,
        lambda sent, shown: pages.year_page(request, services, sent.user, of, year, shown), _nothing_typed,
    )  # fmt: skip


@router.get(ONE + "/trial")
async def try_rule(
    request: Request, services: Served, scheme: SchemeKey, year: Year, params: Annotated[TrialParams, Query()]
) -> Response:
    """A rule worked out for an association, a district or typed figures."""
    user = await signed_in(request)
    typed = params.model_dump(exclude={"rule", "area"})
    return await run_sync(
        lambda: trial.trial_page(
            request, services, user, SCHEMES[scheme], year, params.rule, params.area, typed
        ),
        limiter=services.limiter,
    )


@router.get(ONE + "/compare")
async def compare_rules(
    request: Request,
    services: Served,
    scheme: SchemeKey,
    year: Year,
    params: Annotated[CompareParams, Query()],
) -> Response:
    """Two rules with the same figures: sums, and who gains or loses."""
    user = await signed_in(request)
    return await run_sync(
        lambda: comparison.compare_page(
            request, services, user, SCHEMES[scheme], year, params.old, params.new
        ),
        limiter=services.limiter,
    )


@router.get(ONE + "/compare.csv")
async def comparison_table(
    request: Request,
    services: Served,
    scheme: SchemeKey,
    year: Year,
    params: Annotated[CompareParams, Query()],
) -> Response:
    """The same by recipient."""
    await signed_in(request)
    return await run_sync(
        lambda: comparison.compare_file(services, SCHEMES[scheme], year, params.old, params.new),
        limiter=services.limiter,
    )


def _nothing_typed(sent: Sent, error: EditConflictError) -> list[tuple[str, object, object]]:
    return []
