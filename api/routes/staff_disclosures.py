"""Staff end what may be shown of a listed or consented vacant house: at once, on a day, for one recipient or for all."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response

from api.auth.principals import Principal, signed_in
from api.clock import JAPAN, today
from api.credits import credit
from api.edit_forms import PLAIN, Sent, Shown, act
from api.params import No, Params
from api.routes.accounts import page
from api.services import Served, Services
from geodata import disclosures
from geodata.audit import looked_at, record
from geodata.database import Audience
from geodata.queries import vacant
from geodata.queries.datasets import active_datasets
from geodata.queries.generation import resolve
from kyodo_geo import edit_entries as entries
from kyodo_geo.errors import InputError, NotFoundError

router = APIRouter(include_in_schema=False)

PATH = "/staff/facilities/vacant-houses/disclosures"
ALL = "すべて（公開も同意も）"


class DoneParams(Params):
    """What was just done."""

    done: Literal["yes"] | None = None


@router.get(PATH)
async def disclosures_form(
    request: Request, services: Served, params: Annotated[DoneParams, Query()]
) -> Response:
    """Houses that somebody beside the staff may see, until when, and the form that ends it."""
    user = await signed_in(request)
    return await run_sync(
        lambda: _page(request, services, user, PLAIN, params.done), limiter=services.limiter
    )


@router.post(PATH)
async def end_disclosure(request: Request, services: Served, params: No) -> Response:
    """One end, or one taken back."""

    def work(sent: Sent) -> str:
        house = entries.line(sent.text("house"), "house", "空き家の番号", most=60, required=True) or ""
        recipient = entries.line(sent.text("recipient"), "recipient", "相手", most=200) or None
        note = entries.line(sent.text("note"), "note", "理由", most=disclosures.MAX_NOTE, required=True) or ""
        with services.database.write(Audience.STAFF) as conn:
            try:
                disclosures.enter(
                    conn, services.settings.municipality, house, recipient, ends_on(sent),
                    note=note, by=sent.actor,
                )  # fmt: skip
            except NotFoundError as error:
                raise InputError(error.message, field="house") from None
        return f"{PATH}?done=yes"

    return await act(
        request, services, "disclosure", work,
        lambda sent, shown: _page(request, services, sent.user, shown), lambda sent, error: (),
    )  # fmt: skip


def ends_on(sent: Sent) -> date | None:
    """The day from which it is not shown: today for `now`, the day typed, or None for an end that is taken back."""
    how = sent.text("how")
    if how == "now":
        return today()
    if how == "back":
        return None
    if how != "day":
        raise InputError("どうするかを選んでください。", field="how")
    found = entries.day(sent.text("ends_on"), "ends_on", "見せない最初の日")
    if found is None:
        raise InputError("見せない最初の日を入力してください。", field="ends_on")
    return found


def _page(
    request: Request, services: Services, user: Principal, shown: Shown, done: str | None = None
) -> Response:
    code = services.settings.municipality
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, code)
        houses = [house for house in vacant.houses(conn, ref) if house["state"] != "survey"]
        ends = disclosures.holding(conn, code)
        dataset = credit(active_datasets(conn, ref), ("vacant-houses",))
    with services.database.write(Audience.STAFF) as conn:
        seen = looked_at(house["house_id"] for house in houses) | {"generation": ref.generation_no}
        record(conn, code, user.login or "unknown", "vacant-houses.view", "disclosures", seen, kind="view")
    recipients = sorted({name for house in houses for name in house["consented_to"]})
    return page(
        request, services, "staff_disclosures.html", shown.status, user=user, csrf_token=user.csrf_token, shown=shown,
        ref=ref, dataset=dataset, houses=houses, zone=JAPAN, all=ALL,
        house_options=[(house["house_id"], f"{house['house_id']}　{house['address']}") for house in houses],
        recipients=[(name, name) for name in recipients],
        ends={id: [end for end in ends if end.house_id == id] for id in {end.house_id for end in ends}},
        done="保存しました。すぐに有効です。" if done else None,
    )  # fmt: skip
