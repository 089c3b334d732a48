"""One press: approved returns become data. First what would change, then the press, then what came of it; and the notes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response

from api.auth.principals import Principal, signed_in
from api.clock import JAPAN
from api.credits import place_credit
from api.edit_forms import PLAIN, Sent, Shown, act
from api.params import No, Params
from api.returns.followers import followers
from api.routes.accounts import page
from api.routes.staff_return import AssociationId
from api.routes.staff_returns import ONE, Year, own, whole
from api.services import Served, Services
from geodata import return_feeds, returns
from geodata.database import Audience
from geodata.queries.generation import resolve
from geodata.returns import FeedPlan
from geodata.trial_findings import membership_facts
from kyodo_geo import edit_entries as entries
from kyodo_geo.edits import EditConflictError
from kyodo_geo.errors import ConflictError
from kyodo_geo.returns import ReturnState
from kyodo_geo.returns.feeding import ABOUT

router = APIRouter(include_in_schema=False)

FEED = ONE + "/feed"
DONE = {
    "feed": "データに反映しました。加入率などの公開ページに、もう出ています。",
    "nothing": "反映するものはありませんでした。承認した回答は、すべて反映済みです。",
    "note": "済みにしました。",
    "draft": "区域の言葉を、町内会・自治会の下書きに入れました。まだ公開されていません。",
}
About = Annotated[Literal["hall", "area", "wish"], Path()]


class FeedParams(Params):
    """What was just done."""

    done: Literal["feed", "nothing", "note", "draft"] | None = None


def feed_page(
    request: Request, services: Services, user: Principal, fiscal_year: int, shown: Shown = PLAIN, done: str | None = None,
    plan: FeedPlan | None = None, *, carry: bool = False,
) -> Response:  # fmt: skip
    """The page; with a plan, what would change and the button that does it."""
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        code = ref.municipality_code
        found = returns.one_round(conn, code, fiscal_year)
        numbers = returns.counts(conn, code, fiscal_year)
        feeds = return_feeds.feeds(conn, code, fiscal_year)
        notes = returns.notes(conn, code, fiscal_year)
        credit = place_credit(conn, ref)
    names = {item.association_id: item.name for item in plan.returns} if plan else {}
    return page(
        request, services, "staff_return_feed.html", shown.status, ref=ref, dataset=credit, user=user,
        csrf_token=user.csrf_token, own=own(fiscal_year), round=found, shown=shown, done=DONE[done] if done else None,
        waiting=numbers[ReturnState.APPROVED], fed=numbers[ReturnState.FED],
        undecided=numbers[ReturnState.RECEIVED] + numbers[ReturnState.CHECKED],
        unanswered=sum(number for state, number in numbers.items() if not state.answered), feeds=feeds, plan=plan, carry=carry,
        membership=membership_facts(plan.comparison) if plan and plan.comparison else None, names=names,
        carried=sum(row.carried for row in plan.figures) if plan else 0,
        notes=[note for note in notes if note.done_at is None], seen_to=sum(note.done_at is not None for note in notes),
        about=ABOUT, followers=followers(fiscal_year), zone=JAPAN,
    )  # fmt: skip


@router.get(FEED)
async def feed_view(
    request: Request, services: Served, fiscal_year: Year, params: Annotated[FeedParams, Query()]
) -> Response:  # fmt: skip
    """What waits, what came of earlier presses, and the notes."""
    user = await signed_in(request)
    return await run_sync(
        lambda: feed_page(request, services, user, fiscal_year, done=params.done), limiter=services.limiter
    )


async def _deed(request: Request, services: Services, fiscal_year: int, form: str, work: Any) -> Response:
    def run(sent: Sent) -> str | Shown:
        try:
            found: str | Shown = work(sent)
            return found
        except EditConflictError as error:
            return Shown(409, form, sent.values(), error.message)
        except ConflictError as error:
            return Shown(409, form, sent.values(), error.message)

    def again(sent: Sent, shown: Shown) -> Response:
        plan = shown.extra if isinstance(shown.extra, FeedPlan) else None
        return feed_page(
            request, services, sent.user, fiscal_year, shown, plan=plan, carry=sent.ticked("carry")
        )

    return await act(request, services, form, run, again, lambda sent, error: ())


@router.post(FEED + "/compare")
async def compare(request: Request, services: Served, fiscal_year: Year, params: No) -> Response:
    """Try it and undo it: what would change."""

    def work(sent: Sent) -> Shown:
        plan = returns.compare_feed(
            services.database,
            services.settings.municipality,
            fiscal_year,
            carry=sent.ticked("carry"),
            actor=sent.actor,
        )
        return Shown(200, "compare", sent.values(), extra=plan)

    return await _deed(request, services, fiscal_year, "compare", work)


@router.post(FEED)
async def press(request: Request, services: Served, fiscal_year: Year, params: No) -> Response:
    """Do what was looked at; a second press finds nothing more."""

    def work(sent: Sent) -> str:
        note = entries.line(sent.text("note"), "note", "理由・備考", most=300)
        fed = returns.feed_seen(
            services.database, services.settings.municipality, fiscal_year, carry=sent.ticked("carry"),
            seen=sent.text("seen")[:64], generation_no=whole(sent.text("generation")), actor=sent.actor, note=note,
        )  # fmt: skip
        return f"{own(fiscal_year)}/feed?done={'nothing' if fed.feed_no is None else 'feed'}"

    return await _deed(request, services, fiscal_year, "feed", work)


@router.post(FEED + "/notes/{association_id}/{about}")
async def see_to(
    request: Request, services: Served, fiscal_year: Year, association_id: AssociationId, about: About, params: No
) -> Response:  # fmt: skip
    """Tick a note off, or enter its area into the draft of the associations."""

    def work(sent: Sent) -> str:
        with services.database.write(Audience.STAFF) as conn:
            code = services.settings.municipality
            if sent.text("act") == "draft" and about == "area":
                returns.area_to_draft(
                    conn, resolve(conn, code), fiscal_year, association_id, actor=sent.actor
                )
                return f"{own(fiscal_year)}/feed?done=draft"
            words = sent.text("words").replace("\r\n", "\n")
            returns.see_to(conn, code, fiscal_year, association_id, about, words=words, actor=sent.actor)
        return f"{own(fiscal_year)}/feed?done=note"

    return await _deed(request, services, fiscal_year, "note", work)
