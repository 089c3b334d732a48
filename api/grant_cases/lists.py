"""The list of cases with its filters, the ledger as a file, and the year in sums by scheme and district."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from api.clock import today
from api.credits import place_credit
from api.record_pages import FIRST_YEAR
from api.services import Services
from api.tables import rows_to_csv
from api.workbooks import Page, workbook
from geodata.database import Audience, Connection
from geodata.grants import budgets, cases
from geodata.grants.cases import CaseRow, Wanted
from geodata.queries.association_names import district_names
from geodata.queries.generation import Ref, resolve
from kyodo_geo.dates import fiscal_year_label, fiscal_year_of
from kyodo_geo.grants.case_fields import CASE_KINDS, CASE_SCHEMES
from kyodo_geo.grants.cases import Deed, State
from kyodo_geo.quality import Quality

WORKS = dict(CASE_KINDS["hall-works"].field("work").options)
HEAD = (
    "番号", "年度", "取組", "補助", "地区の番号", "地区", "町内会・自治会", "申請した団体", "事業・工事", "状態", "申請日",
    "申請額（円）", "決定日", "交付決定額（円）", "実績報告日", "確定日", "確定額（円）", "支払日", "支払額（円）", "次の期限",
    "期限超過", "記録の種類", "出典",
)  # fmt: skip
WIDTHS = (7, 18, 6, 28, 8, 12, 20, 28, 28, 12, 12, 12, 12, 14, 12, 12, 12, 12, 12, 12, 9, 16, 24)


def context(services: Services, wanted: Wanted) -> dict[str, Any]:
    """Of the list; without a year asked for, the newest with a case."""
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        years = cases.years(conn, ref.municipality_code)
        return {
            "ref": ref, "dataset": place_credit(conn, ref), "rows": cases.cases(conn, ref, wanted), "years": years,
            "districts": district_names(conn, ref), "wanted": wanted, "schemes": list(CASE_SCHEMES.values()),
            "states": list(State), "works": WORKS, "late_count": _late(conn, ref, wanted),
        }  # fmt: skip


def _late(conn: Connection, ref: Ref, wanted: Wanted) -> int:
    """Overdue cases of all years: nobody shall overlook one because of a filter."""
    return len(cases.cases(conn, ref, Wanted(wanted.today, late=True)))


def ledger(services: Services, wanted: Wanted) -> list[list[str | int | None]]:
    """The rows of the ledger, under HEAD; no person."""
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        return [line(row) for row in cases.cases(conn, ref, wanted)]


def line(row: CaseRow) -> list[str | int | None]:
    """A case as a row of the ledger."""
    scheme = CASE_SCHEMES[row.scheme]
    days = {deed: row.days[deed].isoformat() if deed in row.days else None for deed in Deed}
    return [
        row.no, fiscal_year_label(row.fiscal_year), scheme.initiative, scheme.name, row.district_no, row.district,
        row.association, row.applicant, row.title or WORKS.get(row.work or ""), State(row.state).label,
        days[Deed.APPLY], row.requested_yen, days[Deed.CHANGE] or days[Deed.GRANT] or days[Deed.REFUSE], row.decided_yen,
        days[Deed.REPORT], days[Deed.SETTLE], row.settled_yen, days[Deed.PAY], row.paid_yen,
        row.due_on.isoformat() if row.due_on else None, "超過" if row.late else None, Quality(row.quality).label, row.source,
    ]  # fmt: skip


def ledger_csv(rows: list[list[str | int | None]]) -> bytes:
    """The ledger as CSV."""
    return rows_to_csv(HEAD, [["" if cell is None else cell for cell in row] for row in rows])


def ledger_xlsx(rows: list[list[str | int | None]]) -> bytes:
    """The ledger as a workbook."""
    return workbook([Page("補助金台帳", HEAD, rows, WIDTHS, frozen=1, filtered=True)])


def year_context(services: Services, year: int | None) -> dict[str, Any]:
    """A fiscal year in sums: by scheme beside the budget, by district and scheme."""
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        code = ref.municipality_code
        known = cases.years(conn, code)
        year = year or (known[0] if known else fiscal_year_of(today()))
        sums = budgets.sums(conn, code, year)
        by_district = budgets.by_district(conn, ref, year)
        held = {key: budgets.budget(conn, code, key, year) for key in CASE_SCHEMES}
        credit = place_credit(conn, ref)
    empty = budgets.Sum("", 0, 0, 0, 0, 0)
    schemes = []
    for key, scheme in CASE_SCHEMES.items():
        total, frame = sums.get(key, replace(empty, scheme=key)), held[key].frame_yen
        rest = None if frame is None else frame - total.granted_yen
        schemes.append({"scheme": scheme, "sum": total, "budget": held[key], "left": rest})
    newest = max(fiscal_year_of(today()) + 1, *known, year)
    return {
        "ref": ref, "dataset": credit, "year": year, "schemes": schemes, "districts": _districts(by_district),
        "years": list(range(newest, FIRST_YEAR - 1, -1)),
    }  # fmt: skip


def _districts(rows: list[budgets.DistrictSum]) -> list[dict[str, Any]]:
    """District → its sums by scheme, in the order of the districts."""
    found: dict[int | None, dict[str, Any]] = {}
    for row in rows:
        here = found.setdefault(
            row.district_no, {"no": row.district_no, "name": row.district, "sums": {}, "total": 0}
        )
        here["sums"][row.scheme] = row
        here["total"] += row.granted_yen
    return list(found.values())
