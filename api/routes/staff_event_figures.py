"""What the records of events and dispatches add up to, beside the yearly figures that are kept; one press takes a sum over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response

from api.auth.principals import Principal, signed_in
from api.clock import today
from api.credits import place_credit
from api.edit_forms import PLAIN, Sent, Shown, act
from api.params import FiscalYear, No, Params
from api.record_pages import year_options
from api.routes.accounts import page
from api.routes.staff_records import EMPTY
from api.services import Served, Services
from geodata import progress as kept_progress
from geodata.database import Audience, Connection
from geodata.edits import figures
from geodata.edits.figures import Sheet
from geodata.queries import event_records
from geodata.queries.association_names import district_names
from geodata.queries.generation import Ref, resolve
from geodata.queries.plans import indicators
from kyodo_geo import edit_entries as entries
from kyodo_geo.centres.event_figures import (
    FROM_RECORDS,
    INDICATOR,
    INDICATOR_MEASURES,
    Compared,
    Offered,
    compare,
    offered,
)
from kyodo_geo.dates import fiscal_year_label, fiscal_year_of
from kyodo_geo.edits import EditConflictError, stamp
from kyodo_geo.errors import ConflictError, InputError
from kyodo_geo.figure_sheets import MEASURES, said
from kyodo_geo.progress_entries import ValueEntry
from kyodo_geo.quality import Quality, worst

router = APIRouter(include_in_schema=False)

SOURCE = "催しの記録"
SENT = "アドバイザーの派遣の記録"
DONE = {
    "taken": "記録の合計を、年度の数値として保存しました。",
    "same": "年度の数値は、もう記録の合計と同じです。",
    "indicator": "指標の値を登録しました。計画の進捗のページに出ます。",
}


class YearParams(Params):
    """Which fiscal year, and what was just done."""

    fiscal_year: Annotated[FiscalYear | None, EMPTY] = None
    done: Literal["taken", "same", "indicator"] | None = None


Asked = Annotated[YearParams, Query()]


@dataclass(frozen=True, slots=True)
class Part:
    """One measure on the page: what the records say, what is kept, and the mark of the latter."""

    found: Offered
    sheet: Sheet
    rows: list[Compared]
    version: str
    areas: int

    @property
    def kept_total(self) -> float | None:
        return sum(self.sheet.values.values()) if self.sheet.values else None

    @property
    def same(self) -> bool:
        """Whether the figures kept are those of the records."""
        return all(row.same for row in self.rows)


@dataclass(frozen=True, slots=True)
class Indicated:
    """The indicator of 26 and 27 in the year: what the kept figures give, what is entered. None: unknown."""

    title: str
    plan_id: str
    value: float | None
    entered: float | None
    baseline_year: bool
    quality: Quality


def _areas(conn: Connection, ref: Ref, key: str) -> list[tuple[str, str]]:
    if MEASURES[key].city:
        return [(ref.municipality_code, "市全体")]
    return [(str(no), f"{no} {name}") for no, name in district_names(conn, ref)]


def _part(conn: Connection, ref: Ref, key: str, year: int, held: Any, sent: Any) -> Part:
    areas = _areas(conn, ref, key)
    numbers = [no for no, _ in district_names(conn, ref)]
    found = offered(key, held, sent, city=ref.municipality_code, districts=numbers)
    sheet = figures.sheet(conn, ref.municipality_code, MEASURES[key], year)
    known = dict(areas)
    extra = [(area, f"{area}（今のデータにありません）") for area in found.values if area not in known]
    rows = compare(found, sheet.values, [*areas, *extra])
    return Part(found, sheet, rows, stamp(figures.seen(sheet)), len(areas))


def _indicated(conn: Connection, ref: Ref, year: int, parts: dict[str, Part]) -> Indicated | None:
    """The newest plan's indicator, where the year is one of its."""
    row = next((row for row in indicators(conn, ref) if row["indicator_id"] == INDICATOR), None)
    if row is None or year < row["baseline_fiscal_year"]:
        return None
    totals = [parts[key].kept_total for key in INDICATOR_MEASURES]
    known = [total for total in totals if total is not None]
    entered = next((v["value"] for v in row["values"] if v["fiscal_year"] == year), None)
    return Indicated(
        row["title"], row["plan_id"], sum(known) if len(known) == len(totals) else None,
        None if entered is None else float(entered), year == row["baseline_fiscal_year"],
        worst(Quality(parts[key].sheet.quality) for key in INDICATOR_MEASURES),
    )  # fmt: skip


@router.get("/staff/event-figures")
async def figures_beside(request: Request, services: Served, params: Asked) -> Response:
    """Every measure of a year: records, figures kept, difference."""
    user = await signed_in(request)
    return await run_sync(
        lambda: _page(request, services, user, params.fiscal_year, PLAIN, params.done),
        limiter=services.limiter,
    )


def _page(
    request: Request, services: Services, user: Principal, wanted: int | None, shown: Shown, done: str | None = None
) -> Response:  # fmt: skip
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        credit = place_credit(conn, ref)
        known = event_records.years(conn, ref.municipality_code)
        year = wanted or (known[0] if known else fiscal_year_of(today()))
        parts = _parts(conn, ref, year)
        indicated = _indicated(conn, ref, year, parts)
    return page(
        request, services, "staff_event_figures.html", shown.status, ref=ref, dataset=credit, user=user,
        csrf_token=user.csrf_token, year=year, years=year_options([*known, year]), parts_of=parts, indicated=indicated,
        indicator=INDICATOR, said=said, shown=shown, done=DONE[done] if done else None,
    )  # fmt: skip


def _parts(conn: Connection, ref: Ref, year: int) -> dict[str, Part]:
    held = event_records.held_events(conn, ref, year)
    sent = event_records.sent_advisers(conn, ref, year)
    return {key: _part(conn, ref, key, year, held, sent) for key in FROM_RECORDS}


@router.post("/staff/event-figures")
async def take_over(request: Request, services: Served, params: No) -> Response:
    """Keep the sum of the records as the yearly figure, or the kept figures as the indicator's value."""
    code = services.settings.municipality

    def work(sent: Sent) -> str:
        year = _year(sent)
        with services.database.write(Audience.STAFF) as conn:
            ref = resolve(conn, code)
            parts = _parts(conn, ref, year)
            if sent.text("act") == "indicator":
                _enter(conn, ref, year, _indicated(conn, ref, year, parts), sent)
                return f"/staff/event-figures?fiscal_year={year}&done=indicator"
            key = entries.choice(sent.text("measure"), "measure", "数値", FROM_RECORDS)
            part = parts[key]
            if not part.found.ready:
                raise InputError(
                    f"「{part.found.measure.label}」には、まだ数えられない記録があるため、取り込めません。",
                    field=key,
                )
            new = Sheet(
                part.found.values, part.found.quality.value, SENT if key == "adviser_dispatches" else SOURCE
            )
            changed = figures.save(
                conn, code, part.found.measure, year, new, version=sent.version, actor=sent.actor,
                keys={area for area, _ in _areas(conn, ref, key)},
            )  # fmt: skip
        return f"/staff/event-figures?fiscal_year={year}&done={'taken' if changed else 'same'}"

    def compared(sent: Sent, error: EditConflictError) -> list[tuple[str, object, object]]:
        year, key = _year(sent), sent.text("measure")
        with services.database.read(Audience.STAFF) as conn:
            part = _parts(conn, resolve(conn, code), year)[key]
        return [
            (row.label, said(part.found.measure, row.kept), said(part.found.measure, row.recorded))
            for row in part.rows
        ]

    def again(sent: Sent, shown: Shown) -> Response:
        try:
            year: int | None = _year(sent)
        except InputError:
            year = None
        return _page(request, services, sent.user, year, shown)

    return await act(request, services, "take", work, again, compared)


def _year(sent: Sent) -> int:
    found = entries.whole(sent.text("fiscal_year"), "fiscal_year", "年度", most=2200)
    if found is None or found < 1950:
        raise InputError("年度を選んでください。", field="fiscal_year")
    return found


def _enter(conn: Connection, ref: Ref, year: int, found: Indicated | None, sent: Sent) -> None:
    if found is None or found.value is None:
        raise InputError(
            "26 と 27 の参加者の数値がそろっていないため、指標の値にできません。", field="indicator"
        )
    if found.entered is not None or found.baseline_year:
        raise InputError(
            "この年度の指標の値は、もう登録されています。直すときは、指標のページで理由と一緒に直してください。",
            field="indicator",
        )
    if year > fiscal_year_of(today()):
        raise InputError("これからの年度の値は登録できません。", field="indicator")
    entry = ValueEntry(
        fiscal_year=year, value=found.value, sample_size=None, low=None, high=None,
        source=f"年度ごとの数値（取組26・27 の参加者、{fiscal_year_label(year)}）", quality=found.quality.value,
    )  # fmt: skip
    key = kept_progress.Key("indicator", found.plan_id, INDICATOR)
    before = kept_progress.one(conn, ref.municipality_code, key, year)
    try:
        kept_progress.save(
            conn, ref.municipality_code, key, entry, version=before.version if before else 0, actor=sent.actor
        )
    except ConflictError as error:
        raise InputError(error.message, field="indicator") from None
