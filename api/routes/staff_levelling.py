"""Works of the city's buildings spread over the years under a ceiling: asked for by staff, worked out by the worker, kept."""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BeforeValidator, Field
from starlette.responses import JSONResponse, RedirectResponse

from api import levelling, levelling_words, levelling_works, logs
from api.answers import CSV
from api.auth import csrf
from api.auth.principals import Principal, signed_in
from api.clock import JAPAN, today
from api.credits import place_credit
from api.edit_forms import PLAIN, Sent, Shown, act
from api.facility_costs import MILLION, money
from api.jobs import siting as jobs
from api.levelling_works import Wish
from api.params import No, Params, left_empty
from api.routes.accounts import NO_STORE, form_of, page
from api.routes.downloads import disposition
from api.routes.staff_costs import decimal
from api.services import Served, Services
from api.tables import rows_to_csv
from geodata import levelling_runs, siting_runs
from geodata.database import Audience
from geodata.queries import districts as district_queries
from geodata.queries.generation import resolve
from geodata.siting_runs import Run
from kyodo_geo import edit_entries as entries
from kyodo_geo.assets.levelling_plan import MAX_WORKS, MODEL, MOST_SECONDS
from kyodo_geo.errors import ConflictError, InputError
from kyodo_geo.facility_terms import RULE_SETS
from kyodo_geo.roles import FACILITY_KEEPERS

router = APIRouter(include_in_schema=False)

BASE = "/staff/facilities/levelling"
ONE = BASE + "/{run_id}"
FORM = "levelling"
RunId = Annotated[str, Path(pattern=r"^[0-9a-f]{24}$")]


class LevelParams(Params):
    """A run whose choices stand in the form, and another ceiling (million yen)."""

    like: Annotated[str | None, Field(pattern=r"^[0-9a-f]{24}$"), BeforeValidator(left_empty)] = None
    ceiling: Annotated[str | None, Field(pattern=r"^[0-9.]{1,12}$"), BeforeValidator(left_empty)] = None


class FileParams(Params):
    """Which table."""

    part: Literal["works", "years"] = "works"


@router.get(BASE)
async def levelling_page(
    request: Request, services: Served, params: Annotated[LevelParams, Query()]
) -> Response:
    """The form, and the runs that are kept."""
    user = await signed_in(request)
    return await run_sync(
        lambda: _form_page(request, services, user, PLAIN, params), limiter=services.limiter
    )


@router.post(BASE)
async def ask_levelling(request: Request, services: Served, params: No) -> Response:
    """Ask for a run."""
    run_id = secrets.token_hex(12)

    def work(sent: Sent) -> str | Shown:
        wish = _wish(services, sent)
        ceiling = decimal(sent, "ceiling", "1年の上限", "0", "100000") * MILLION
        seconds = _whole(sent, "seconds", "計算時間", 1, MOST_SECONDS)
        try:
            with services.database.write(Audience.STAFF) as conn:
                found = levelling_works.gather(
                    conn, resolve(conn, services.settings.municipality), today(), wish
                )
                planned = len(found.parameters["works"])
                if not planned:
                    raise InputError(
                        "選んだ建物には、期間の中に始まる工事がありません（計算できない建物だけの場合もあります）。"
                    )
                if planned > MAX_WORKS:
                    raise InputError(
                        f"工事が {planned:,} 件あります（{MAX_WORKS:,} 件まで）。地区か種類を絞ってください。"
                    )
                siting_runs.ask(
                    conn, services.settings.municipality, run_id, model=MODEL,
                    parameters={**found.parameters, "ceiling_yen": ceiling, "seconds": seconds},
                    basis=found.basis, by=sent.actor,
                )  # fmt: skip
        except ConflictError as error:
            return Shown(409, FORM, sent.values(), error.message)
        return f"{BASE}/{run_id}"

    answer = await act(
        request, services, FORM, work,
        lambda sent, shown: _form_page(request, services, sent.user, shown, LevelParams()), lambda sent, error: (),
        most_fields=200,
    )  # fmt: skip
    if isinstance(answer, RedirectResponse):
        await _wake(services)
    return answer


async def _wake(services: Services) -> None:
    try:
        await run_sync(jobs.wake, services.settings, limiter=services.limiter)
    except Exception as error:
        # The run waits in its table all the same: the worker looks there every minute.
        logs.SERVICE.warning("worker not told of a run: %s", logs.failure(error))


def _wish(services: Services, sent: Sent) -> Wish:
    with services.database.read(Audience.STAFF) as conn:
        districts, kinds = levelling_works.choices(
            conn, resolve(conn, services.settings.municipality), today()
        )
    return Wish(
        rule_set=entries.choice(sent.text("rule_set"), "rule_set", "きまり", tuple(RULE_SETS)),
        index=decimal(sent, "index", "物価の倍率", "0.1", "10"),
        horizon=_whole(sent, "horizon", "期間", 10, 80),
        window=_whole(sent, "window", "動かせる年数", 0, 20),
        districts=tuple(no for no, _ in districts if sent.ticked(f"district-{no}")),
        kinds=tuple(kind for number, kind in enumerate(kinds) if sent.ticked(f"kind-{number}")),
    )


def _whole(sent: Sent, name: str, label: str, least: int, most: int) -> int:
    found = entries.whole(sent.text(name), name, label, most=most)
    if found is None or found < least:
        raise InputError(f"{label}は、{least}〜{most} の整数で入力してください。", field=name)
    return found


def _form_page(
    request: Request, services: Services, user: Principal, shown: Shown, params: LevelParams
) -> Response:
    code = services.settings.municipality
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, code)
        districts, kinds = levelling_works.choices(conn, ref, today())
        now = levelling_works.gather(conn, ref, today(), Wish())
        like = levelling_runs.run(conn, code, params.like).parameters if params.like else now.parameters
        runs = levelling_runs.recent(conn, code)
        dataset = now.basis["credit"] or place_credit(conn, ref)
    usual = now.ceiling_yen or now.mean_yen * 1.2
    stored = {
        "ceiling": params.ceiling or _plain(like.get("ceiling_yen", usual) / MILLION),
        "window": str(like["window"]), "rule_set": like["rule_set"], "index": f"{like['index']:g}",
        "horizon": str(like["horizon"]), "seconds": str(like.get("seconds", 20)),
        **{f"district-{no}": no in like["districts"] for no, _ in districts},
        **{f"kind-{number}": kind in like["kinds"] for number, kind in enumerate(kinds)},
    }  # fmt: skip
    return page(
        request, services, "staff_levelling.html", shown.status, ref=ref, dataset=dataset, user=user,
        csrf_token=user.csrf_token, shown=shown, stored=stored, districts=districts, kinds=list(enumerate(kinds)),
        rule_sets=list(RULE_SETS.items()), runs=runs, states=levelling.STATES, statuses=levelling.STATUSES, zone=JAPAN,
        peak=money(now.peak_yen, 1), mean=money(now.mean_yen, 1), may_ask=bool(FACILITY_KEEPERS & user.roles),
        unknown=now.basis["unknown"], money=money, most_seconds=MOST_SECONDS,
    )  # fmt: skip


def _plain(million: float) -> str:
    return f"{million:.2f}".rstrip("0").rstrip(".")


def _run(services: Services, run_id: str) -> Run:
    with services.database.read(Audience.STAFF) as conn:
        return levelling_runs.run(conn, services.settings.municipality, run_id)


@router.get(ONE)
async def run_page(request: Request, services: Served, run_id: RunId, params: No) -> Response:
    """How far it is, and what came out."""
    user = await signed_in(request)

    def work() -> dict[str, Any]:
        with services.database.read(Audience.STAFF) as conn:
            ref = resolve(conn, services.settings.municipality)
            run = levelling_runs.run(conn, services.settings.municipality, run_id)
            names = {d.no: d.name for d in district_queries.districts(conn, ref, None, with_geometry=False)}
        done = run.state == "done"
        works = levelling.moves(run) if done else []
        least = ((run.result or {}).get("least") or {}).get("yen") if done else None
        return {
            "ref": ref, "dataset": run.basis["credit"], "run": run, "done": done,
            "sentences": levelling_words.sentences(run) if done else [], "figures": levelling.figures(run) if done else [],
            "chart": levelling.chart(run) if done else None, "assumed": levelling_words.assumed(run, names),
            "moved": [work for work in works if work.moved], "stay": [work for work in works if not work.moved],
            "retry": None if least is None else _plain(_up(least)),
        }  # fmt: skip

    found = await run_sync(work, limiter=services.limiter)
    return page(
        request, services, "staff_levelling_run.html", user=user, csrf_token=user.csrf_token, **found,
        base=f"{BASE}/{run_id}", states=levelling.STATES, zone=JAPAN, may_ask=bool(FACILITY_KEEPERS & user.roles),
        ceiling=f"{found['run'].parameters['ceiling_yen'] / MILLION:,.10g}",
    )  # fmt: skip


def _up(yen: float) -> float:
    """A ceiling in million yen that is not below `yen`, at two digits."""
    return -(-yen // 10_000) / 100


@router.get(ONE + "/state")
async def run_state(request: Request, services: Served, run_id: RunId, params: No) -> Response:
    """How far it is, for the page's script."""
    await signed_in(request)
    run = await run_sync(_run, services, run_id, limiter=services.limiter)
    facts = {
        "running": not run.ended, "done": round(run.progress * 100), "words": levelling.STATES[run.state],
    }  # fmt: skip
    return JSONResponse(facts, headers=NO_STORE)


@router.get(ONE + "/table.csv")
async def run_file(
    request: Request, services: Served, run_id: RunId, params: Annotated[FileParams, Query()]
) -> Response:
    """The works with their years, or the years with their cost."""
    await signed_in(request)

    def work() -> bytes:
        run = _run(services, run_id)
        header, rows = (
            (levelling.WORK_HEADINGS, levelling.work_rows(run))
            if params.part == "works"
            else (levelling.YEAR_HEADINGS, levelling.year_rows(run))
        )
        credit = [
            str(run.basis["credit"][key] or "不明") for key in ("quality_label", "as_of", "source", "licence")
        ]
        status = levelling.STATUSES.get((run.result or {}).get("status") or "", levelling.STATES[run.state])
        return rows_to_csv(
            [*header, "結果", "物価の倍率", "データの品質", "時点", "出典", "利用条件"],
            ([*row, status, run.parameters["index"], *credit] for row in rows),
        )

    body = await run_sync(work, limiter=services.limiter)
    name = disposition(f"levelling_{params.part}_{today():%Y%m%d}.csv")
    return Response(body, 200, {**NO_STORE, **name}, media_type=CSV)


@router.post(ONE + "/cancel")
async def cancel_run(request: Request, services: Served, run_id: RunId, params: No) -> Response:
    """Ask a run to end."""
    principal = await signed_in(request)
    form = await form_of(request)
    csrf.check_form(request, form, services.settings, principal)

    def work() -> None:
        _run(services, run_id)  # a run of levelling, not of something else
        with services.database.write(Audience.STAFF) as conn:
            siting_runs.cancel(conn, services.settings.municipality, run_id, by=principal.login or "")

    with suppress(ConflictError):  # it has ended meanwhile: its page says how
        await run_sync(work, limiter=services.limiter)
    return RedirectResponse(f"{BASE}/{run_id}", 303, NO_STORE)
