"""Drafts of changes to datasets: look through them, compare with the active data, make them a generation, or drop them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response

from api.auth import csrf
from api.auth.principals import Principal, signed_in
from api.clock import JAPAN
from api.credits import place_credit
from api.draft_words import FIELD_LABELS, change_rows, sayer
from api.edit_forms import PLAIN, STALE_FORM, Sent, Shown, act, history_lines
from api.params import Params
from api.routes.accounts import page
from api.services import Served, Services
from geodata.database import Audience
from geodata.edits import drafts, history, publish
from geodata.queries.association_names import district_names, names_of
from geodata.queries.districts import DistrictRow, districts
from geodata.queries.generation import Ref, resolve
from geodata.queries.small_areas import names_of as area_names
from kyodo_geo import edit_entries as entries
from kyodo_geo.edits import EditConflictError
from kyodo_geo.errors import ConflictError, InputError, NotFoundError
from kyodo_geo.kinds import KIND_NAMES
from kyodo_geo.roles import DATASET_KEEPERS

router = APIRouter(include_in_schema=False)

Scope = Annotated[Literal["associations", "assignment", "facilities", "districts"], Path()]
BACK = {
    "associations": ("/staff/associations", "町内会・自治会の登録"),
    "assignment": ("/staff/assignment", "小地域の地区割り当て"),
    "facilities": ("/facilities", "公共施設"),
    "districts": ("/districts", "地区の名前"),
}
DONE = {
    "activated": "下書きの内容を有効にしました。公開のページに出ています。",
    "discarded": "下書きを捨てました。内容は履歴に残っています。",
    "taken": "変更を下書きから外しました。",
}
ACTIONS = {
    "edit.draft.activate": "下書きを有効にした",
    "edit.draft.discard": "下書きを捨てた",
    "edit.draft.take-out": "下書きから外した",
    "edit.draft.enter": "下書きに入れた",
}


class DraftParams(Params):
    """What was just done."""

    done: Literal["activated", "discarded", "taken"] | None = None


Asked = Annotated[DraftParams, Query()]


@dataclass(frozen=True, slots=True)
class Flow:
    """People and households of a district before and after."""

    no: int
    name: str
    people: tuple[int | None, int | None]
    households: tuple[int | None, int | None]
    area_km2: tuple[float, float]


@router.get("/staff/drafts/{scope}")
async def draft_page(request: Request, services: Served, scope: Scope, params: Asked) -> Response:
    """The open draft of a scope."""
    user = await signed_in(request)
    done = DONE[params.done] if params.done else None
    return await run_sync(
        lambda: _page(request, services, user, scope, PLAIN, done), limiter=services.limiter
    )


def _page(
    request: Request, services: Services, user: Principal, scope: str, shown: Shown, done: str | None = None,
    comparison: publish.Comparison | None = None,
) -> Response:  # fmt: skip
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        credit = place_credit(conn, ref)
        draft = drafts.open_draft(conn, ref.municipality_code, scope)
        late = (
            {(change.kind, change.key) for change in publish.outdated(conn, ref, draft)} if draft else set()
        )
        names = _names(conn, ref, draft)
        known = dict(district_names(conn, ref))
        told = [
            entry
            for entry in history.recent(conn, ref.municipality_code, "edit.draft.", limit=60)
            if _belongs(entry.target or "", scope)
        ][:20]
        flows = _flows(conn, ref, comparison) if comparison and scope == "assignment" else []
        rules = comparison.rules if comparison else publish.NO_CHANGES
        met = {
            key for item in (*rules.new_overlaps, *rules.gone_overlaps) for key in (item.first, item.second)
        }
        overlap_names = names_of(conn, ref, sorted(met)) if met else {}
    back, title = BACK[scope]
    return page(
        request, services, "staff_draft.html", shown.status, ref=ref, dataset=credit, user=user,
        csrf_token=user.csrf_token, scope=scope,
        draft=draft, rows=[(change, names.get(change.key, change.key), KIND_NAMES[change.kind],
                            change_rows(change, known), (change.kind, change.key) in late)
                           for change in (draft.changes if draft else ())],
        comparison=comparison, flows=flows, kind_names=KIND_NAMES, names=known, shown=shown, done=done,
        overlap_names=overlap_names,
        back=back, back_title=title,
        generation_no=ref.generation_no,
        can_roll_back=ref.generation_no > 1 and bool(user.roles & DATASET_KEEPERS),
        history=history_lines(told, ACTIONS, FIELD_LABELS, None, _note, sayer(known)), zone=JAPAN,
    )  # fmt: skip


def _belongs(target: str, scope: str) -> bool:
    kind = target.partition("/")[0]
    kinds = {"assignment": "district-assignment", "facilities": "facilities", "districts": "districts"}
    return target == drafts.target(scope) or (
        kind == kinds[scope] if scope in kinds else kind.startswith("association")
    )


def _note(entry: history.Entry) -> str:
    kind, _, key = (entry.target or "").partition("/")
    if kind == "draft":
        generation = entry.details.get("generation")
        return f"（{entry.details.get('changes_count')} 件{f'、世代 {generation}' if generation else ''}）"
    return f"：{KIND_NAMES.get(kind, kind)} {key}"


def _names(conn: Any, ref: Ref, draft: drafts.Draft | None) -> dict[str, str]:
    if draft is None:
        return {}
    keys = [change.key for change in draft.changes]
    if draft.scope == "assignment":
        return area_names(conn, ref, keys)
    # New ones have their name from the draft alone.
    said = {
        change.key: side["name"]
        for change in draft.changes
        for side in (change.before, change.after)
        if side and side.get("name")
    }
    return said | (names_of(conn, ref, keys) if draft.scope == "associations" else {})


def _flows(conn: Any, ref: Ref, comparison: publish.Comparison) -> list[Flow]:
    """Districts that gain or lose something; the moves come from the comparison, the totals from the active data."""
    moved = next((item.moved for item in comparison.diffs if item.kind == "districts"), ())
    rows = {row.no: row for row in districts(conn, ref, None, with_geometry=False)}
    touched = sorted({no for move in moved for no in (move.from_no, move.to_no) if no is not None})

    def after(row: DistrictRow, name: str, now: float | None) -> float | None:
        if now is None:
            return None
        gains = sum(getattr(move, name) or 0 for move in moved if move.to_no == row.no)
        losses = sum(getattr(move, name) or 0 for move in moved if move.from_no == row.no)
        return now + gains - losses

    return [
        Flow(
            no,
            rows[no].name,
            (rows[no].people, _whole(after(rows[no], "people", rows[no].people))),
            (rows[no].households, _whole(after(rows[no], "households", rows[no].households))),
            (rows[no].area_m2 / 1e6, (after(rows[no], "area_m2", rows[no].area_m2) or 0) / 1e6),
        )
        for no in touched
        if no in rows
    ]


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


@router.post("/staff/drafts/{scope}/compare")
async def compare_draft(request: Request, services: Served, scope: Scope, params: Asked) -> Response:
    """What would change; nothing is stored. The answer has the form that activates exactly this."""
    user = await signed_in(request)
    form = await request.form(max_files=0, max_fields=10)
    csrf.check_form(request, form, services.settings, user)
    sent = Sent(user, form)

    def work() -> Response:
        try:
            found = publish.compare(
                services.database,
                services.settings.municipality,
                scope,
                version=_number(sent, "draft_version"),
                actor=sent.actor,
            )
        except (ConflictError, InputError, NotFoundError) as error:
            status = 400 if isinstance(error, InputError) else 409
            return _page(request, services, user, scope, Shown(status, "compare", {}, error.message))
        # A reason that was typed before the comparison had to be made anew is still there.
        kept = Shown(200, "activate", {"note": sent.text("note")})
        return _page(request, services, user, scope, kept, comparison=found)

    return await run_sync(work, limiter=services.limiter)


async def _do(request: Request, services: Services, scope: str, form: str, work: Any, done: str) -> Response:
    def run(sent: Sent) -> str:
        try:
            work(sent)
        except NotFoundError as error:
            raise EditConflictError(None, error.message) from error
        except ConflictError as error:
            raise EditConflictError(getattr(error, "stored", None), error.message) from error
        return f"/staff/drafts/{scope}?done={done}"

    return await act(
        request, services, form, run,
        lambda sent, shown: _page(request, services, sent.user, scope, shown), lambda sent, error: (),
    )  # fmt: skip


def _number(sent: Sent, name: str) -> int:
    text = sent.text(name)
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InputError(STALE_FORM)
    return int(text)


@router.post("/staff/drafts/{scope}/activate")
async def activate_draft(request: Request, services: Served, scope: Scope, params: Asked) -> Response:
    """Make the draft that was compared a generation."""

    def work(sent: Sent) -> None:
        publish.activate(
            services.database, services.settings.municipality, scope,
            version=_number(sent, "draft_version"), generation_no=_number(sent, "generation_no"), actor=sent.actor,
            note=entries.line(sent.text("note"), "note", "理由"),
        )  # fmt: skip

    return await _do(request, services, scope, "activate", work, "activated")


@router.post("/staff/drafts/{scope}/discard")
async def discard_draft(request: Request, services: Served, scope: Scope, params: Asked) -> Response:
    """Throw the draft away."""

    def work(sent: Sent) -> None:
        with services.database.write(Audience.STAFF) as conn:
            drafts.discard(
                conn,
                services.settings.municipality,
                scope,
                version=_number(sent, "draft_version"),
                actor=sent.actor,
            )

    return await _do(request, services, scope, "discard", work, "discarded")


@router.post("/staff/drafts/{scope}/take-out")
async def take_out_change(request: Request, services: Served, scope: Scope, params: Asked) -> Response:
    """Take one change out of the draft."""

    def work(sent: Sent) -> None:
        kind, _, key = sent.text("change").partition("/")
        with services.database.write(Audience.STAFF) as conn:
            drafts.take_out(
                conn, services.settings.municipality, scope, kind[:60], key[:60],
                version=_number(sent, "draft_version"), actor=sent.actor,
            )  # fmt: skip

    return await _do(request, services, scope, "take-out", work, "taken")
