"""What a year of sent documents comes to (取組5): the figure, the rule that counts, the indicator, and what could be fewer."""

from __future__ import annotations

from typing import Annotated, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from pydantic import BeforeValidator

from api.answers import CSV
from api.auth.principals import Principal, signed_in
from api.clock import JAPAN, today
from api.documents import files
from api.documents.year import LABELS, Year, read_year, year_of
from api.edit_forms import PLAIN, Sent, Shown, act
from api.meetings.reading import KEEPERS
from api.params import FiscalYear, Params, left_empty
from api.record_pages import year_options
from api.routes.accounts import NO_STORE, page
from api.routes.downloads import disposition
from api.services import Served, Services
from api.workbooks import XLSX
from geodata import progress, sent_documents
from geodata.database import Audience, Connection
from geodata.queries.generation import resolve
from kyodo_geo import edit_entries as entries
from kyodo_geo.dates import fiscal_year_label, fiscal_year_of
from kyodo_geo.documents.counting import MOST_DAYS, CountRule
from kyodo_geo.documents.document import ADDRESSEES, KINDS, WAYS
from kyodo_geo.documents.kinds import DOCUMENTS
from kyodo_geo.documents.tables import YEAR
from kyodo_geo.edits import EditConflictError
from kyodo_geo.errors import ConflictError, InputError
from kyodo_geo.meetings.meeting import said_day
from kyodo_geo.progress_entries import ValueEntry
from kyodo_geo.quality import Quality, worst

router = APIRouter(include_in_schema=False)

BASE = DOCUMENTS.base
FIGURES = f"{BASE}/figures"
EMPTY = BeforeValidator(left_empty)
SHOWN = 50
"""Proposals on the page; the workbook has all of them."""
DONE = {
    "rule": "数え方の新しい版を保存しました。どの年度も、この数え方で数え直しています。",
    "indicator": "この値を、指標「会長あて送付文書の数」に入れました。「計画の進捗」に出ています。",
}


class FigureParams(Params):
    """Which year, and what was just done."""

    fiscal_year: Annotated[FiscalYear | None, EMPTY] = None
    done: Literal["rule", "indicator"] | None = None


Figured = Annotated[FigureParams, Query()]


# -- what the year comes to -----------------------------------------------------------------------------------


@router.get(FIGURES)
async def figures_page(request: Request, services: Served, params: Figured) -> Response:
    """The yearly figure beside the indicator, by department, month and way, and proposals for less."""
    user = await signed_in(request)
    return await run_sync(lambda: _figures(request, services, user, params, PLAIN), limiter=services.limiter)


def _figures(
    request: Request, services: Services, user: Principal, params: FigureParams, shown: Shown
) -> Response:
    found = read_year(services, params.fiscal_year or fiscal_year_of(today()))
    rule = found.rule.rule
    return page(
        request, services, "staff_document_figures.html", shown.status, ref=found.ref, dataset=found.credit, user=user,
        csrf_token=user.csrf_token, found=found, year=found.fiscal_year, years=year_options({*found.years, found.fiscal_year}),
        months=YEAR, labels=LABELS, said_day=said_day, shown_most=SHOWN, shown=shown, keeper=not KEEPERS.isdisjoint(user.roles),
        choices={
            "addressees": ("宛先", ADDRESSEES, rule.addressees), "ways": ("送り方", WAYS, rule.ways),
            "kinds": ("種類", KINDS, rule.kinds),
        },
        most_days=MOST_DAYS, zone=JAPAN, done=DONE[params.done] if params.done and shown is PLAIN else None,
        most=max((line.counted for line in found.departments), default=0),
    )  # fmt: skip


@router.get(f"{BASE}/year.csv")
async def year_csv(request: Request, services: Served, params: Figured) -> Response:
    """The year's documents, with whether each counts."""
    return await _file(request, services, params, "csv")


@router.get(f"{BASE}/year.xlsx")
async def year_xlsx(request: Request, services: Served, params: Figured) -> Response:
    """All tables of the year, with the rule by which it was counted."""
    return await _file(request, services, params, "xlsx")


async def _file(request: Request, services: Services, params: FigureParams, ending: str) -> Response:
    await signed_in(request)
    year = params.fiscal_year or fiscal_year_of(today())

    def work() -> bytes:
        found = read_year(services, year)
        return files.to_csv(found) if ending == "csv" else files.to_xlsx(found)

    body = await run_sync(work, limiter=services.limiter)
    headers = {**NO_STORE, **disposition(f"documents_{year}_{today():%Y%m%d}.{ending}")}
    return Response(body, 200, headers, media_type=CSV if ending == "csv" else XLSX)


@router.post(f"{BASE}/rule")
async def change_rule(request: Request, services: Served, params: Figured) -> Response:
    """Another version of what counts."""

    def work(sent: Sent) -> str:
        rule = _rule(sent)
        note = entries.line(
            sent.text("note"), "note", "変えた理由", most=sent_documents.MAX_NOTE, required=True
        )
        with services.database.write(Audience.STAFF) as conn:
            try:
                sent_documents.enter_rule(
                    conn, services.settings.municipality, rule, made_from=_number(sent.version), note=note,
                    by=sent.actor,
                )  # fmt: skip
            except ConflictError as error:
                raise EditConflictError(None, error.message) from None
        return f"{FIGURES}?fiscal_year={params.fiscal_year or fiscal_year_of(today())}&done=rule"

    return await act(
        request, services, "rule", work,
        lambda sent, shown: _figures(request, services, sent.user, params, shown), lambda sent, error: (),
    )  # fmt: skip


def _rule(sent: Sent) -> CountRule:
    def ticked(name: str, known: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
        return tuple(key for key, _ in known if sent.ticked(f"{name}-{key}"))

    days = entries.whole(sent.text("same_within"), "same_within", "日数", most=MOST_DAYS, unit="日")
    if days is None:
        raise InputError("日数を入力してください。送るたびに数えるなら 0 です。", field="same_within")
    return CountRule(ticked("addressees", ADDRESSEES), ticked("ways", WAYS), ticked("kinds", KINDS), days)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


@router.post(f"{BASE}/indicator")
async def keep_indicator(request: Request, services: Served, params: Figured) -> Response:
    """Keep the counted number as the indicator's value of the year, as its form would."""
    year = params.fiscal_year or fiscal_year_of(today())

    def work(sent: Sent) -> str:
        with services.database.write(Audience.STAFF) as conn:
            ref = resolve(conn, services.settings.municipality)
            found = year_of(conn, ref, year)
            _keep(conn, found, sent)
        return f"{FIGURES}?fiscal_year={year}&done=indicator"

    return await act(
        request, services, "indicator", work,
        lambda sent, shown: _figures(request, services, sent.user, params, shown), lambda sent, error: (),
    )  # fmt: skip


def _keep(conn: Connection, found: Year, sent: Sent) -> None:
    """Raises InputError, and EditConflictError when the number or the kept value is not what was seen."""
    aim = found.aim
    if aim is None:
        raise InputError("いまの計画に、この指標がありません。")
    if not aim.baseline_year <= found.fiscal_year <= fiscal_year_of(today()):
        raise InputError("基準年度から今年度までの値だけを入れられます。")
    if not found.items:
        raise InputError("この年度の文書が 1 件も登録されていません。登録してから入れてください。")
    if _number(sent.text("value")) != found.total.counted:
        raise EditConflictError(
            None, "画面を開いている間に、件数が変わりました。今の件数を見て、もう一度押してください。"
        )
    reason = entries.line(sent.text("reason"), "reason", "入れ直す理由", most=200) or ""
    if aim.value is not None and not reason:
        raise InputError("入っている値を入れ直すときは、理由を入力してください。", field="reason")
    quality = worst(Quality(item.document.quality) for item in found.items)
    entry = ValueEntry(
        found.fiscal_year, float(found.total.counted), None, None, None,
        f"送付文書の登録（{fiscal_year_label(found.fiscal_year)}、{_rule_name(found)}）", quality.value,
    )  # fmt: skip
    try:
        progress.save(
            conn, found.ref.municipality_code, aim.key, entry, version=_number(sent.version), actor=sent.actor,
            reason=reason or "送付文書の登録から",
        )  # fmt: skip
    except ConflictError as error:
        raise EditConflictError(None, error.message) from None


def _rule_name(found: Year) -> str:
    return f"数え方 第{found.rule.version}版" if found.rule.version else "はじめの数え方"
