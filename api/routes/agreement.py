"""Staff pages of the agreement (取組1): figures by month and district, and lookups that found no single answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api.agreement_years import FIGURES, shown, year_rows
from api.answers import CSV
from api.asking import ready
from api.auth.principals import signed_in
from api.clock import today
from api.credits import place_credit
from api.params import FiscalYear, Integer, Params
from api.routes.accounts import NO_STORE, page
from api.routes.downloads import disposition
from api.services import Served, Services
from api.tables import rows_to_csv
from geodata.database import Audience
from geodata.queries import agreement
from geodata.queries.association_names import district_names
from geodata.queries.generation import Ref, resolve
from kyodo_geo.dates import fiscal_year_label, fiscal_year_of, fiscal_year_range
from kyodo_geo.rules import wholly_covered
from kyodo_geo.small_counts import MARK, sees_all, shown_lines, shown_total
from kyodo_geo.tickets import FIRST_YEAR

router = APIRouter(include_in_schema=False)

OFFICE_FIGURES = (
    ("lookups", "検索（1 件ずつ）"),
    ("batch", "検索（まとめて）"),
    ("leaflets", "チラシ"),
    ("referrals", "取次"),
    ("wishes", "加入の申込み"),
    ("joined", "うち加入"),
)
CHANNELS = (
    ("page", "ページ（市民）"),
    ("counter", "ページ（市の窓口）"),
    ("partner_page", "ページ（会員店）"),
    ("partner_api", "会員店のプログラム（1 件ずつ）"),
    ("widget", "会員店のサイト"),
    ("api", "鍵のないプログラム"),
    ("batch", "まとめて（表・プログラム）"),
    ("command_line", "市のコマンド"),
)
PEOPLE = ("referrals", "wishes", "joined")
"""Figures that count people: small ones are for those who handle the tickets."""
NO_DISTRICT = "地区不明"
GONE = "（いまはない地区）"
"""Name of a district that was counted and is not in the generation any more."""
NO_OFFICE = "会員店以外"


class YearParams(Params):
    """The fiscal year; the newest with figures when left out."""

    fiscal_year: FiscalYear | None = None


class FileParams(YearParams):
    """Which table the file holds: by month and district, or by office."""

    table: Literal["months", "offices"] = "months"


class DaysParams(Params):
    """How many days back."""

    days: Annotated[Integer, Field(ge=1, le=730)] = 90


def month_label(month: date) -> str:
    return f"{month.year}年{month.month}月"


def sums(rows: Iterable[agreement.MonthRow]) -> dict[str, int]:
    """Every figure added up."""
    held = list(rows)
    return {key: sum(getattr(row, key) for row in held) for key, _ in (*FIGURES, *CHANNELS)}


def by_month(rows: Sequence[agreement.MonthRow]) -> list[dict[str, Any]]:
    """One line per month, in order."""
    rows = shown(rows)
    months = sorted({row.month for row in rows})
    return [
        {"name": month_label(month), **sums(row for row in rows if row.month == month)} for month in months
    ]


def by_district(rows: Sequence[agreement.MonthRow], names: dict[int, str]) -> list[dict[str, Any]]:
    """One line per district that has anything, by number; without a district last."""
    rows = shown(rows)
    numbers = sorted({row.district_no for row in rows}, key=lambda no: (no is None, no or 0))
    return [
        {
            "name": NO_DISTRICT if no is None else f"{no} {names.get(no, GONE)}".strip(),
            **sums(row for row in rows if row.district_no == no),
        }
        for no in numbers
    ]


def by_office(offices: Sequence[agreement.OfficeRow], total: dict[str, int]) -> list[dict[str, Any]]:
    """One line per office, and the rest of `total` that no office did: the lines add up to it."""
    lines: list[dict[str, Any]] = [
        {
            "office_id": row.office_id,
            "name": row.name + ("（終了）" if row.closed else ""),
            **{key: getattr(row, key) for key, _ in OFFICE_FIGURES},
        }
        for row in offices
    ]
    rest = {key: total[key] - sum(line[key] for line in lines) for key, _ in OFFICE_FIGURES}
    return [*lines, {"office_id": "", "name": NO_OFFICE, **rest}] if lines else []


def without_small(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines of a table with their figures of people as everybody of the staff may see them."""
    shown = shown_lines({at: {key: row[key] for key in PEOPLE} for at, row in enumerate(rows)})
    return [{**row, **shown[at]} for at, row in enumerate(rows)]


def total_without_small(total: dict[str, int]) -> dict[str, Any]:
    """The sums in the same way: one small figure withholds all of people."""
    people = {key: total[key] for key in PEOPLE}
    small = any(MARK in shown_total({key: number}, key).values() for key, number in people.items())
    return {**total, **(dict.fromkeys(PEOPLE, MARK) if small else {})}


@dataclass(frozen=True, slots=True)
class Year:
    """Figures of a fiscal year with the districts' names, and what the districts rest on."""

    year: int
    ref: Ref
    rows: list[agreement.MonthRow]
    names: dict[int, str]
    offices: list[agreement.OfficeRow]
    dataset: dict[str, Any]


def _read(services: Services, wanted: int | None) -> Year:
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        held = year_rows(services, conn, ref, wanted, fiscal_year_of(today()))
        offices = agreement.by_office(conn, ref.municipality_code, *fiscal_year_range(held.year))
        return Year(
            held.year, ref, held.rows, dict(district_names(conn, ref)), offices, place_credit(conn, ref)
        )


@router.get("/staff/agreement")
async def agreement_page(
    request: Request, services: Served, params: Annotated[YearParams, Query()]
) -> Response:
    """Figures of one fiscal year."""
    principal = await signed_in(request)
    this_year = fiscal_year_of(today())
    found = await run_sync(_read, services, params.fiscal_year, limiter=services.limiter)
    total: dict[str, Any] = sums(found.rows)
    months, districts = by_month(found.rows), by_district(found.rows, found.names)
    offices = by_office(found.offices, total)
    full = sees_all(principal.roles)
    if not full:
        offices = without_small(offices)
        total, months, districts = total_without_small(total), without_small(months), without_small(districts)
    return page(
        request, services, "staff_agreement.html",
        ref=found.ref, dataset=found.dataset, user=principal, csrf_token=principal.csrf_token, figures=FIGURES,
        year=found.year, years=list(range(this_year, FIRST_YEAR - 1, -1)), total=total,
        months=months, districts=districts, withheld=not full, mark=MARK,
        offices=offices, office_figures=OFFICE_FIGURES,
        channels=[(label, total[key], key in agreement.COUNTED) for key, label in CHANNELS],
    )  # fmt: skip


@router.get("/staff/agreement.csv")
async def agreement_file(
    request: Request, services: Served, params: Annotated[FileParams, Query()]
) -> Response:
    """The same by month and district, or by office. Small figures of people are in no cell for those who do not handle
    tickets."""
    principal = await signed_in(request)
    full = sees_all(principal.roles)
    found = await run_sync(_read, services, params.fiscal_year, limiter=services.limiter)
    year = found.year
    if params.table == "offices":
        return _office_file(year, found, full)
    names = found.names
    header = ["年度", "月", "地区番号", "地区", *(label for _, label in FIGURES)]
    header += [*(f"検索：{label}" for _, label in CHANNELS), "地区のデータ"]
    lines = [
        [
            fiscal_year_label(year),
            row.month.strftime("%Y-%m"),
            row.district_no or "",
            names.get(row.district_no, GONE) if row.district_no else NO_DISTRICT,
            # A month of one district is nearly always small, and what is not could be had from the page's two tables.
            *(MARK if key in PEOPLE and not full else getattr(row, key) for key, _ in (*FIGURES, *CHANNELS)),
            found.dataset["quality_label"],
        ]
        for row in found.rows
    ]
    name = f"agreement_{year}_{today():%Y%m%d}.csv"
    return Response(rows_to_csv(header, lines), 200, {**NO_STORE, **disposition(name)}, media_type=CSV)


def _office_file(year: int, found: Year, full: bool) -> Response:
    """One line per office of the year: the figures of the page's table, withheld where that withholds them."""
    rows = by_office(found.offices, sums(found.rows))
    header = ["年度", "事業所番号", "会員店", *(label for _, label in OFFICE_FIGURES)]
    lines = [
        [fiscal_year_label(year), row["office_id"], row["name"], *(row[key] for key, _ in OFFICE_FIGURES)]
        for row in (rows if full else without_small(rows))
    ]
    name = f"agreement_offices_{year}_{today():%Y%m%d}.csv"
    return Response(rows_to_csv(header, lines), 200, {**NO_STORE, **disposition(name)}, media_type=CSV)


@router.get("/staff/unresolved")
async def unresolved_page(
    request: Request, services: Served, params: Annotated[DaysParams, Query()]
) -> Response:
    """Towns whose lookups found no single answer: where rules or names are missing."""
    principal = await signed_in(request)

    def read() -> tuple[Ref, dict[str, Any], list[agreement.TownRow]]:
        with services.database.read(Audience.STAFF) as conn:
            ref = resolve(conn, services.settings.municipality)
            first = today() - timedelta(days=params.days - 1)
            rows = agreement.unresolved(conn, ref.municipality_code, first, today())
            return ref, place_credit(conn, ref), rows

    ref, dataset, rows = await run_sync(read, limiter=services.limiter)
    held = await ready(services, None)
    whole = await run_sync(
        wholly_covered, held.index.snapshot.rules, [row.town for row in rows], limiter=services.limiter
    )
    return page(
        request, services, "staff_unresolved.html",
        ref=ref, dataset=dataset, user=principal, csrf_token=principal.csrf_token, days=params.days, periods=(30, 90, 365),
        rows=[{"row": row, "next": next_step(row, row.town in whole)} for row in rows if row.town],
        unread=next((row for row in rows if not row.town), None),
    )  # fmt: skip


def next_step(row: agreement.TownRow, whole: bool = False) -> str:
    """What would help most in this town; `whole`: one association's rules cover all of it."""
    if row.data_faults:
        return "住所の範囲の登録と区域の図が食い違っています。どちらが正しいか確かめてください。"
    if whole:
        return (
            "町の全域が 1 つの町内会・自治会の区域です。番・号が登録にない問い合わせか、郵便番号と町名の合わない問い合わせです。"
            "番・号の範囲を足しても減りません。街区の一覧が古くないか確かめてください。"
        )
    if row.not_understood > max(row.several, row.none_here):
        return "番・号が登録にない問い合わせです。街区の一覧が古くないか確かめてください。"
    if row.none_here >= row.several:
        return "町内会・自治会の区域が登録されていない場所があります。"
    return "番・号の範囲を登録すると、一つに決まる住所が増えます。"
