"""A run as files: the list with its sums (XLSX, CSV), and the list for payment. No bank account stands in any of them."""

from __future__ import annotations

from fastapi import Response

from api.answers import CSV
from api.grant_pages.runs import Read, read
from api.routes.accounts import NO_STORE
from api.routes.downloads import disposition
from api.services import Services
from api.tables import rows_to_csv
from api.workbooks import XLSX, Page, Plain, workbook
from geodata.database import Audience
from geodata.grants import runs
from geodata.grants.runs import Row
from geodata.queries.generation import resolve
from kyodo_geo.errors import ConflictError
from kyodo_geo.grants.changes import Change
from kyodo_geo.quality import LABELS, Quality

UNKNOWN = "計算できません"
NO_ACCOUNTS = "この表に口座はありません。債権者の登録と合わせてください。"
Cells = list[Plain | None]


def reading(services: Services, run_no: int) -> Read:
    """Raises NotFoundError."""
    with services.database.read(Audience.STAFF) as conn:
        return read(conn, resolve(conn, services.settings.municipality), run_no)


def list_csv(services: Services, run_no: int) -> Response:
    """A row per association."""
    found = reading(services, run_no)
    rows = [
        ["" if cell is None else cell for cell in _line(found, row, change)] for row, change in found.rows
    ]
    return _file(rows_to_csv(_head(found), rows), CSV, _name(found, "list", "csv"))


def list_xlsx(services: Services, run_no: int) -> Response:
    """Sheets: the sums by district, every association with its figures and steps, who cannot be calculated, the basis."""
    found = reading(services, run_no)
    pages = [
        Page("地区ごとの合計", _sum_head(found), _sums(found), (22, 10, 12, 16, 16, 16, 10, 10)),
        Page(
            "町内会・自治会", _head(found), [_line(found, row, change) for row, change in found.rows],
            (12, 26, 8, 18), frozen=2, filtered=True,
        ),
        Page(
            "計算", ["番号", "名前", "行", "計算", "額（円）"],
            [
                [row.association_id, row.name, step["name"], step["words"], step["amount"]]
                for row, _ in found.rows for step in row.steps
            ],
            (12, 26, 18, 70, 14), filtered=True,
        ),
        Page(
            "計算できない団体", ["番号", "名前", "地区", "理由"],
            [[row.association_id, row.name, found.place(row), "、".join(row.reasons)] for row in found.unknown],
            (12, 26, 18, 60),
        ),
        Page("この表について", [], _about(found), (24, 80)),
    ]  # fmt: skip
    return _file(workbook(pages), XLSX, _name(found, "list", "xlsx"))


def payment_xlsx(services: Services, run_no: int) -> Response:
    """Whom to pay how much; of a correction the difference, below 0 what is asked back.

    Raises ConflictError while nothing is decided: nobody is to pay by such a list.
    """
    found = reading(services, run_no)
    if found.run.state == "calculated":
        raise ConflictError("まだ決定していません。決定すると、支払一覧を作れます。")
    corrected = bool(found.run.corrects)
    head = [
        "通し番号",
        "番号",
        "名前",
        "地区",
        "決定額（円）",
        *(["前の決定額（円）"] if corrected else []),
        "支払額（円）",
        "備考",
    ]
    rows: list[Cells] = []
    for number, (row, change) in enumerate(found.to_pay, start=1):
        note = "返還" if change.to_pay < 0 else "追加" if corrected and change.before is not None else ""
        rows.append([
            number, row.association_id, row.name, found.place(row), row.amount_yen,
            *([change.before] if corrected else []), change.to_pay, note,
        ])  # fmt: skip
    total = sum(change.to_pay for _, change in found.to_pay)
    rows.append([None, None, "合計", None, None, *([None] if corrected else []), total, None])
    pages = [
        Page("支払一覧", head, rows, (10, 12, 28, 20, 14, 14, 14, 10)),
        Page(
            "この表について",
            [],
            [*_about(found), ["口座", NO_ACCOUNTS]],
            (24, 80),
        ),
    ]
    return _file(workbook(pages), XLSX, _name(found, "payment", "xlsx"))


def _file(body: bytes, kind: str, name: str) -> Response:
    return Response(body, 200, {**NO_STORE, **disposition(name)}, media_type=kind)


def _name(found: Read, what: str, ending: str) -> str:
    return f"incentive_{found.run.fiscal_year}_run{found.run.run_no}_{what}.{ending}"


def _before(found: Read) -> str:
    if found.before is None:
        return "前の額（円）"
    return "訂正前の額（円）" if found.run.corrects else f"{found.before.fiscal_year}年度の額（円）"


def _head(found: Read) -> list[str]:
    figures = [label for name in found.figures for label in (name, f"{name}の出典")]
    return [
        "番号",
        "名前",
        "地区の番号",
        "地区",
        *figures,
        "額（円）",
        _before(found),
        "差（円）",
        "計算できない理由",
    ]


def _line(found: Read, row: Row, change: Change) -> Cells:
    figures: Cells = []
    for name in found.figures:
        said = row.figures.get(name)
        figures += [said["value"], f"{said['source']}（{said['as_of']}）"] if said else ["不明", None]
    return [
        row.association_id, row.name, row.district_no,
        found.districts.get(row.district_no, "") if row.district_no else "未登録", *figures,
        UNKNOWN if row.amount_yen is None else row.amount_yen, change.before, change.difference,
        "、".join(row.reasons) or None,
    ]  # fmt: skip


def _sum_head(found: Read) -> list[str]:
    return [
        "地区",
        "計算した団体",
        "計算できない団体",
        "合計（円）",
        _before(found).replace("額", "合計"),
        "差（円）",
        "増える",
        "減る",
    ]


def _sums(found: Read) -> list[Cells]:
    has = found.before is not None
    rows: list[Cells] = []
    whole = found.whole
    counted = [*found.by_district, ("合計", whole, sum(n for _, _, n in found.by_district))]
    everybody = len(found.rows)
    by_place: dict[str, int] = {"合計": everybody}
    for row, _ in found.rows:
        by_place[found.place(row)] = by_place.get(found.place(row), 0) + 1
    for label, one, known in counted:
        rows.append([
            label, known, by_place[label] - known, one.after, one.before if has else None,
            one.difference if has else None, one.more if has else None, one.less if has else None,
        ])  # fmt: skip
    return rows


def _about(found: Read) -> list[Cells]:
    run = found.run
    rows: list[Cells] = [
        ["計算", f"第{run.run_no}号　{run.title}"],
        ["状態", runs.STATES[run.state]],
        ["計算した日", run.calculated_at.date().isoformat()],
        ["決定の日", run.decided_on.isoformat() if run.decided_on else "まだ"],
        ["支払の日", run.paid_on.isoformat() if run.paid_on else "まだ"],
        ["きまり", f"{run.fiscal_year} 年度 第{run.rule_version}版（出典：{run.source or '未記入'}）"],
        ["データの種類", LABELS[Quality(run.quality)]],
    ]
    if run.corrects:
        rows.append(["訂正", f"第{run.corrects}号を直したもの。理由：{run.reason}"])
    for name, source, count in found.sources:
        rows.append([f"{name}のもと", f"{source}：{count} 団体"])
    if found.gone:
        rows.append(["前にあって今ない団体", "、".join(row.name for row in found.gone)])
    return rows
