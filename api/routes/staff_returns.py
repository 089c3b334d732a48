"""Rounds of the yearly return, and the list of one: who has answered, what has to be looked at, approving many at once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BeforeValidator

from api.answers import CSV, private
from api.auth.principals import Principal, signed_in
from api.clock import JAPAN, today
from api.credits import place_credit
from api.edit_forms import PLAIN, Sent, Shown, act
from api.params import DistrictNo, No, Params, plain_integer
from api.returns import listing
from api.returns.listing import FILTERS, Only
from api.routes.accounts import page
from api.routes.downloads import disposition
from api.services import Served, Services
from api.tables import rows_to_csv
from geodata import returns
from geodata.database import Audience
from geodata.queries.association_names import district_names
from geodata.queries.generation import resolve
from kyodo_geo import edit_entries as entries
from kyodo_geo.dates import fiscal_year_label, fiscal_year_of
from kyodo_geo.edits import EditConflictError
from kyodo_geo.errors import ConflictError, InputError
from kyodo_geo.returns import ReturnState, Thresholds

router = APIRouter(include_in_schema=False)

BASE = "/staff/returns"
ONE = BASE + "/{fiscal_year}"
Year = Annotated[int, BeforeValidator(plain_integer), Path(ge=1950, le=2200)]
EMPTY = BeforeValidator(lambda value: value or None)
MOST_FIELDS = 2_100
"""A line of the list for each association of a large city."""
ANSWERING_DAYS = 60
DONE = {
    "start": "年度更新を始めました。次に、お手紙か Excel のファイルを送ってください。",
    "change": "年度更新の設定を保存しました。",
    "close": "受け付けを終わりました。届いている回答は、これからも承認して反映できます。",
    "reopen": "受け付けを再開しました。",
    "approve": "選んだ回答を承認しました。",
    "none": "承認できる回答はありませんでした。確かめるところがあるか、選んだ後に変わっています。",
    "sent": "送付済みにしました。",
    "add": "新しい町内会・自治会を加えました。",
    "same": "加える町内会・自治会はありませんでした。",
}
DAYS = (
    ("reference_day", "基準日（世帯数を数える日）"),
    ("opens_on", "受け付けを始める日"),
    ("due_on", "回答の期限"),
)
LIMITS = (
    (
        "jump_share",
        "世帯数の変わり方（%）",
        "前の数のこの割合を超えて変わり、かつ下の数以上のとき、確かめるところに出します",
    ),
    ("jump_least", "世帯数の変わり方（世帯）", None),
    ("copies_share", "回覧部数と加入世帯数の差（%）", "部数が加入世帯数よりこれ以上多いとき"),
    ("copies_least", "回覧部数と加入世帯数の差（部）", None),
    ("rate_points", "加入率の変わり方（ポイント）", None),
)
SHARES = ("jump_share", "copies_share", "rate_points")


class RoundParams(Params):
    """Which lines, and what was just done."""

    district: Annotated[DistrictNo | None, EMPTY] = None
    only: Annotated[Only | None, EMPTY] = None
    done: Literal["start", "change", "close", "reopen", "approve", "none", "sent", "add", "same"] | None = (
        None
    )


Asked = Annotated[RoundParams, Query()]


def own(fiscal_year: int) -> str:
    """Address of a round."""
    return f"{BASE}/{fiscal_year}"


def whole(text: str) -> int:
    """A version from a form; what is none never matches."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


# -- rounds ---------------------------------------------------------------------------------------------------------


@router.get(BASE)
async def rounds_page(request: Request, services: Served, params: No) -> Response:
    """The rounds, and the form that starts one."""
    user = await signed_in(request)
    return await run_sync(lambda: _rounds(request, services, user), limiter=services.limiter)


def _rounds(request: Request, services: Services, user: Principal, shown: Shown = PLAIN) -> Response:
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        known = returns.rounds(conn, ref.municipality_code)
        numbers = {
            item.fiscal_year: returns.counts(conn, ref.municipality_code, item.fiscal_year) for item in known
        }
        credit = place_credit(conn, ref)
    here = fiscal_year_of(today())
    taken = {item.fiscal_year for item in known}
    free = [year for year in (here, here + 1, here - 1) if year not in taken]
    return page(
        request, services, "staff_returns.html", shown.status, ref=ref, dataset=credit, user=user, csrf_token=user.csrf_token,
        base=BASE, rounds=[(item, numbers[item.fiscal_year]) for item in known], shown=shown, days=DAYS,
        years=[(str(year), fiscal_year_label(year)) for year in free],
        stored={"reference_day": date(free[0], 4, 1) if free else "", "opens_on": today(),
                "due_on": today() + timedelta(days=ANSWERING_DAYS)},
        answered=lambda numbers: sum(number for state, number in numbers.items() if state.answered),
        approved=lambda numbers: numbers[ReturnState.APPROVED] + numbers[ReturnState.FED],
    )  # fmt: skip


def _days(sent: Sent) -> dict[str, date]:
    found = {}
    for name, label in DAYS:
        day = entries.day(sent.text(name), name, label)
        if day is None:
            raise InputError(f"{label}を入力してください。", field=name)
        found[name] = day
    return found


@router.post(BASE)
async def start_round(request: Request, services: Served, params: No) -> Response:
    """Start a round with every association there is."""

    def work(sent: Sent) -> str:
        year = whole(sent.text("fiscal_year"))
        if not 1950 <= year <= 2200:
            raise InputError("年度を選んでください。", field="fiscal_year")
        days = _days(sent)
        with services.database.write(Audience.STAFF) as conn:
            ref = resolve(conn, services.settings.municipality)
            try:
                returns.start(
                    conn, ref, year, reference_day=days["reference_day"], opens_on=days["opens_on"], due_on=days["due_on"],
                    actor=sent.actor,
                )  # fmt: skip
            except ConflictError as error:
                raise InputError(error.message, field="fiscal_year") from None
        return f"{own(year)}?done=start"

    return await act(
        request, services, "start", work, lambda sent, shown: _rounds(request, services, sent.user, shown),
        lambda sent, error: (),
    )  # fmt: skip


# -- one round ------------------------------------------------------------------------------------------------------


def round_page(
    request: Request, services: Services, user: Principal, fiscal_year: int, params: RoundParams, shown: Shown = PLAIN
) -> Response:  # fmt: skip
    """The list of a round with its filter and its forms."""
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        found = listing.listing(conn, ref, fiscal_year, today(), district=params.district, only=params.only)
        credit = place_credit(conn, ref)
        known = district_names(conn, ref)
    limits = found.round.thresholds.as_dict()
    return page(
        request, services, "staff_return_round.html", shown.status, ref=ref, dataset=credit, user=user,
        csrf_token=user.csrf_token, own=own(fiscal_year), base=BASE, found=found, round=found.round, asked=params,
        filters=FILTERS,
        districts=[(no, f"{no} {name}") for no, name in known], shown=shown, done=DONE[params.done] if params.done else None,
        days=DAYS, limits=LIMITS, today=today(), zone_of_time=JAPAN,
        stored={
            **{name: getattr(found.round, name) for name, _ in DAYS},
            **{name: f"{limits[name] * 100:g}" if name in SHARES else str(limits[name]) for name, _, _ in LIMITS},
        },
        downloads=[{"href": f"{own(fiscal_year)}/table.csv", "label": "一覧（CSV）", "note": "名前や連絡先は入りません"}],
        values={}, errors={}, before={},
    )  # fmt: skip


@router.get(ONE)
async def one_round(request: Request, services: Served, fiscal_year: Year, params: Asked) -> Response:
    """Who has answered and who has not."""
    user = await signed_in(request)
    return await run_sync(
        lambda: round_page(request, services, user, fiscal_year, params), limiter=services.limiter
    )


@router.get(ONE + "/table.csv")
async def round_table(request: Request, services: Served, fiscal_year: Year, params: No) -> Response:
    """The whole list as a file; nothing personal."""
    await signed_in(request)

    def work() -> bytes:
        with services.database.read(Audience.STAFF) as conn:
            found = listing.listing(conn, resolve(conn, services.settings.municipality), fiscal_year, today())
        return rows_to_csv(listing.HEADINGS, listing.table(found.rows))

    body = await run_sync(work, limiter=services.limiter)
    return private(body, CSV, disposition(f"returns_{fiscal_year}_{today():%Y%m%d}.csv"))


@router.post(ONE)
async def change_round(request: Request, services: Served, fiscal_year: Year, params: No) -> Response:
    """Other days and thresholds, or the end of answering."""

    def work(sent: Sent) -> str:
        code, seen, deed = services.settings.municipality, whole(sent.version), sent.text("act")
        with services.database.write(Audience.STAFF) as conn:
            if deed == "add":
                number = returns.add_missing(conn, resolve(conn, code), fiscal_year, actor=sent.actor)
                return f"{own(fiscal_year)}?done={'add' if number else 'same'}"
            if deed == "close":
                returns.close(conn, code, fiscal_year, version=seen, actor=sent.actor)
            elif deed == "reopen":
                returns.reopen(conn, code, fiscal_year, version=seen, actor=sent.actor)
            else:
                returns.change_round(
                    conn,
                    code,
                    fiscal_year,
                    **_days(sent),
                    thresholds=_limits(sent),
                    version=seen,
                    actor=sent.actor,
                )
        return f"{own(fiscal_year)}?done={deed if deed in ('close', 'reopen') else 'change'}"

    def compare(sent: Sent, error: EditConflictError) -> list[tuple[str, Any, Any]]:
        stored = error.stored or {}
        return [
            (label, date.fromisoformat(stored[name]), sent.text(name))
            for name, label in DAYS
            if name in stored
        ]

    return await act(
        request, services, "change", work,
        lambda sent, shown: round_page(request, services, sent.user, fiscal_year, RoundParams(), shown), compare,
    )  # fmt: skip


def _limits(sent: Sent) -> Thresholds:
    found: dict[str, Any] = {}
    for name, label, _ in LIMITS:
        number = entries.whole(sent.text(name), name, label, most=100 if name in SHARES else 10_000)
        if number is None:
            raise InputError(f"{label}を入力してください。", field=name)
        found[name] = number / 100 if name in SHARES else number
    return Thresholds(**found)


@router.post(ONE + "/approve")
async def approve_many(request: Request, services: Served, fiscal_year: Year, params: No) -> Response:
    """Approve the chosen returns that nothing has to be looked at in."""

    def work(sent: Sent) -> str:
        seen = {}
        for item in sent.form.getlist("seen"):
            name, _, version = str(item).rpartition(":")
            seen[name] = whole(version)
        if not seen:
            raise InputError("承認する回答を選んでください。")
        with services.database.write(Audience.STAFF) as conn:
            ref = resolve(conn, services.settings.municipality)
            done = returns.approve_without_doubts(conn, ref, fiscal_year, seen=seen, actor=sent.actor)
        return f"{own(fiscal_year)}?done={'approve' if done else 'none'}"

    return await act(
        request, services, "approve", work,
        lambda sent, shown: round_page(request, services, sent.user, fiscal_year, RoundParams(), shown),
        lambda sent, error: (), most_fields=MOST_FIELDS,
    )  # fmt: skip
