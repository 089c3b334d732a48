"""Memory of buildings (物件台帳): offices and the city confirm once which association a building belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Request, Response
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse

from api import memory
from api.asking import ready
from api.auth.principals import Principal, signed_in
from api.credits import place_credit
from api.params import No
from api.routes.accounts import NO_STORE, page, sent_by_user, text
from api.services import Served, Services
from geodata import buildings
from geodata.buildings import Building
from geodata.database import Audience, Connection
from geodata.queries.association_names import by_district, names, names_of
from geodata.queries.generation import resolve
from kyodo_geo.addresses import clean
from kyodo_geo.building_names import HOME_IN_ADDRESS, is_room, names_a_home, refusal
from kyodo_geo.buildings import (
    MAX_ADDRESS,
    MAX_FEE_WAY,
    MAX_NAME,
    MIN_KEY,
    Fact,
    JoinsAs,
    building_key,
)
from kyodo_geo.errors import ForbiddenError, InputError, KyodoError
from kyodo_geo.lookup import Answer, LookupIndex, Outcome, contradicts
from kyodo_geo.roles import is_staff

router = APIRouter(include_in_schema=False)

BuildingId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,60}$")]
MOST_COMPARED = 5000
"""Buildings compared with rules and areas each time the staff look; the latest first."""
JOINS = [(item.value, item.label) for item in JoinsAs]


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form of a confirmation."""

    name: str = ""
    address: str = ""
    association: str = ""
    joins_as: str = ""
    fee_way: str = ""
    sure: str = ""
    own_name: str = ""


def typed(form: FormData) -> Typed:
    """The form's fields, cleaned as every address is."""
    return Typed(
        *(
            clean(text(form, name))[:MAX_ADDRESS]
            for name in ("name", "address", "association", "joins_as", "fee_way", "sure", "own_name")
        )
    )


def fact_of(form: Typed) -> Fact:
    """The fact a form states; raises InputError naming the field."""
    if form.joins_as not in set(JoinsAs):
        raise InputError("入会のしかたを選んでください。", field="joins_as")
    joins = JoinsAs(form.joins_as)
    if joins is not JoinsAs.NONE and not form.association:
        raise InputError("町内会・自治会を選んでください。", field="association")
    if len(form.fee_way) > MAX_FEE_WAY:
        raise InputError(f"会費の払い方は {MAX_FEE_WAY} 文字以内にしてください。", field="fee_way")
    return Fact(None if joins is JoinsAs.NONE else form.association, joins, form.fee_way or None)


def check_place(form: Typed, index: LookupIndex, *, vouched: bool = False) -> Answer:
    """What the lookup says of the address (nothing of it is kept or counted).

    Raises InputError unless name and address can be kept: no home and no room (`vouched`: the city says that the name
    is the building's own), and an address of the city that can be read. A
    building known only by its lot, or by its town, can be kept.
    """
    if len(building_key(form.name)) < MIN_KEY or len(form.name) > MAX_NAME:
        raise InputError(f"建物の名前を 2〜{MAX_NAME} 文字で入力してください。", field="name")
    if not form.address:
        raise InputError("住所を入力してください。新しい建物は地番でかまいません。", field="address")
    if not vouched and (refused := refusal(form.name)) is not None:
        raise InputError(refused, field="name", refused=True)
    answer = index.by_address(form.address)
    if answer.outcome in (Outcome.NOT_UNDERSTOOD, Outcome.OUTSIDE_CITY):
        raise InputError(answer.message, field="address")
    behind = clean(index.behind_numbers(form.address))
    if names_a_home(form.address) or names_a_home(behind):
        raise InputError(HOME_IN_ADDRESS, field="address")
    if is_room(behind):
        raise InputError("住所に部屋番号を書かないでください。", field="address")
    return answer


def differs(answer: Answer, fact: Fact, index: LookupIndex) -> bool:
    """Whether the address speaks against the association that is stated; raises InputError when there is none such."""
    if fact.association_id is not None and not index.knows(fact.association_id):
        raise InputError("この町内会・自治会は登録されていません。", field="association")
    return fact.association_id is not None and fact.association_id not in {
        item.id for item in answer.associations
    }


def doubt_of(answer: Answer) -> str:
    """Why a form is shown again before it is kept."""
    if not answer.associations:
        return "この住所には、町内会・自治会の区域が登録されていません。"
    names = "、".join(item.name for item in answer.associations[:3])
    return f"この住所は、登録では「{names}」の区域です。"


def may_confirm(principal: Principal) -> bool:
    """Whether a person may enter buildings: offices and the city. A counter reads the register in answers alone."""
    return is_staff(principal.roles) or principal.office_id is not None


@contextmanager
def open_register(services: Services, principal: Principal, *, write: bool = False) -> Iterator[Connection]:
    """A transaction on the register; raises ForbiddenError for a partner without an office."""
    who = memory.reader(principal)
    if who is None or not may_confirm(principal):
        raise ForbiddenError("事業所のアカウントでサインインしてください。")
    opened = services.database.write if write else services.database.read
    with opened(who.audience, office=who.office) as conn:
        yield conn


def with_names(
    services: Services, conn: Connection, found: list[Building]
) -> list[tuple[Building, str | None]]:
    """Each building with its association's name."""
    ref = resolve(conn, services.settings.municipality)
    names = names_of(conn, ref, [item.association_id for item in found if item.association_id])
    return [(item, names.get(item.association_id or "")) for item in found]


def known_here(services: Services, principal: Principal, address: str) -> list[tuple[Building, str | None]]:
    """Buildings a lookup's text may mean, for those who may read the register; empty for everybody else."""
    who = memory.reader(principal)
    if who is None:
        return []
    with services.database.read(who.audience, office=who.office) as conn:
        return with_names(services, conn, buildings.search(conn, services.settings.municipality, address))


# -- pages of offices and the city ----------------------------------------------------------------------------


def _page(
    request: Request, services: Services, principal: Principal, form: Typed, status: int = 200,
    *, error: KyodoError | None = None, done: str | None = None, asked: str | None = None, doubt: str | None = None,
) -> Response:  # fmt: skip
    code = services.settings.municipality
    with open_register(services, principal) as conn:
        ref = resolve(conn, code)
        found = [] if asked is None else with_names(services, conn, buildings.search(conn, code, asked))
        choices, dataset = names(conn, ref), place_credit(conn, ref)
    return page(
        request, services, "buildings.html", status,
        ref=ref, dataset=dataset, user=principal, csrf_token=principal.csrf_token, form=form, joins=JOINS,
        may_vouch=is_staff(principal.roles) and (bool(form.own_name) or refused(error)),
        asked=asked, found=found, groups=by_district(choices), done=done, doubt=doubt,
        error=None if error is None else {"message": error.message, "field": error.details.get("field", "name")},
    )  # fmt: skip


def refused(error: KyodoError | None) -> bool:
    """Whether an error is that of a name that reads like a home or a room."""
    return error is not None and bool(error.details.get("refused"))


@router.get("/buildings")
async def register(request: Request, services: Served, params: No) -> Response:
    """Search the register, and confirm a building."""
    principal = await signed_in(request)
    return await run_sync(_page, request, services, principal, Typed(), limiter=services.limiter)


@router.post("/buildings/search")
async def search(request: Request, services: Served, params: No) -> Response:
    """Buildings by name; what is typed may be an address, so it stays in the body."""
    principal, form = await sent_by_user(request, services)
    asked = clean(text(form, "q"))

    def work() -> Response:
        return _page(request, services, principal, Typed(), asked=asked)

    return await run_sync(work, limiter=services.limiter)


@router.post("/buildings/new")
async def prefilled(request: Request, services: Served, params: No) -> Response:
    """The form with what a lookup found: address and association come in the body."""
    principal, form = await sent_by_user(request, services)
    return await run_sync(_page, request, services, principal, typed(form), limiter=services.limiter)


@router.post("/buildings")
async def confirm(request: Request, services: Served, params: No) -> Response:
    """Confirm a building."""
    principal, sent = await sent_by_user(request, services)
    form = typed(sent)
    held = await ready(services, None)
    # Only the city can say that a name that reads like a home or a room is a building's own.
    vouched = bool(form.own_name) and is_staff(principal.roles)

    def work() -> Response:
        try:
            answer = check_place(form, held.index, vouched=vouched)
            fact = fact_of(form)
            doubted = differs(answer, fact, held.index)
            if doubted and not form.sure:
                return _page(request, services, principal, form, 400, doubt=doubt_of(answer))
            with open_register(services, principal, write=True) as conn:
                conflict = buildings.enter(
                    conn,
                    services.settings.municipality,
                    form.name,
                    form.address,
                    fact,
                    by=principal.login or "",
                    doubted=doubted,
                    vouched=vouched,
                    audited=principal.is_staff,
                )
        except InputError as error:
            return _page(request, services, principal, form, 400, error=error)
        told = (
            f"「{form.name}」には、住所の範囲やほかの登録と違うところがあります。市の担当が確かめます。"
            if conflict
            else f"「{form.name}」を登録しました。次からは建物の名前で見つかります。"
        )
        return _page(request, services, principal, Typed(), done=told)

    return await run_sync(work, limiter=services.limiter)


# -- conflicts, for the staff ---------------------------------------------------------------------------------


@router.get("/staff/buildings")
async def conflict_list(request: Request, services: Served, params: No) -> Response:
    """Buildings whose confirmations contradict each other, or the rules and areas, and names that may not be kept."""
    principal = await signed_in(request)
    held = await ready(services, None)
    return await run_sync(_conflicts, request, services, principal, held.index, limiter=services.limiter)


def _conflicts(request: Request, services: Services, principal: Principal, index: LookupIndex) -> Response:
    code = services.settings.municipality
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, code)
        found, unfit = buildings.conflicts(conn, code), buildings.unfit(conn, code)
        held = buildings.settled(conn, code, MOST_COMPARED)
        against = [
            (item, index.by_address(item.address)) for item in held if contradicts(index, item.remembered)
        ]
        ids = {word.association_id for _, said in found for word in said if word.association_id}
        ids |= {item.association_id for item, _ in against if item.association_id}
        names, dataset = names_of(conn, ref, sorted(ids)), place_credit(conn, ref)
    return page(
        request, services, "staff_buildings.html",
        ref=ref, dataset=dataset, user=principal, csrf_token=principal.csrf_token, found=found, names=names,
        unfit=unfit, against=against, compared=len(held), most=MOST_COMPARED,
    )  # fmt: skip


@router.post("/staff/buildings/{building_id}")
async def settle(request: Request, services: Served, building_id: BuildingId, params: No) -> Response:
    """Settle a conflict with one of the facts stated, vouch for a name, or take the building out."""
    principal, sent = await sent_by_user(request, services)
    form, by = typed(sent), principal.login or ""

    def work() -> Response:
        code = services.settings.municipality
        with services.database.write(Audience.STAFF) as conn:
            if text(sent, "forget"):
                buildings.forget(conn, code, building_id, by=by)
            elif text(sent, "own_name"):
                buildings.vouch(conn, code, building_id, by=by)
            else:
                buildings.settle(conn, code, building_id, fact_of(form), by=by)
        return RedirectResponse("/staff/buildings", 303, NO_STORE)

    return await run_sync(work, limiter=services.limiter)
