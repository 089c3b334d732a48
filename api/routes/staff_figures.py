"""Staff enter yearly figures by district as one sheet: meetings, advisers, participants, events, ageing."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator, BeforeValidator

from api.auth.principals import Principal, signed_in
from api.clock import JAPAN, today
from api.credits import place_credit
from api.edit_forms import PLAIN, QUALITY_CHOICES, Sent, Shown, act, history_lines
from api.edit_forms import shown as in_words
from api.params import FiscalYear, Params, refuse
from api.record_pages import FIRST_YEAR
from api.routes.accounts import page
from api.services import Served, Services
from geodata.database import Audience
from geodata.edits import figures, history
from geodata.edits.figures import Sheet
from geodata.queries.association_names import district_names
from geodata.queries.generation import resolve
from kyodo_geo import edit_entries as entries
from kyodo_geo.dates import fiscal_year_label, fiscal_year_of
from kyodo_geo.edits import EditConflictError, stamp
from kyodo_geo.figure_sheets import MEASURES, Measure, field_of, pasted, said, sheet, typed_of

router = APIRouter(include_in_schema=False)

EMPTY = BeforeValidator(lambda value: value or None)


def _known(value: str) -> str:
    if value not in MEASURES:
        raise refuse("画面にある数値から選んでください")
    return value


class FigureParams(Params):
    """Which sheet, and what was just done."""

    measure: Annotated[str, AfterValidator(_known)] = "meetings_issue"
    fiscal_year: Annotated[FiscalYear | None, EMPTY] = None
    done: Literal["saved", "same"] | None = None


Asked = Annotated[FigureParams, Query()]
DONE = {"saved": "保存しました。", "same": "今の内容と同じなので、何も変えていません。"}


@router.get("/staff/figures")
async def figure_page(request: Request, services: Served, params: Asked) -> Response:
    """One sheet: a field per district."""
    user = await signed_in(request)
    return await run_sync(lambda: _page(request, services, user, params, PLAIN), limiter=services.limiter)


def _areas(services: Services, measure: Measure, known: list[tuple[int, str]]) -> list[tuple[str, str]]:
    if measure.city:
        return [(services.settings.municipality, "市全体")]
    return [(str(no), f"{no} {name}") for no, name in known]


def _page(
    request: Request, services: Services, user: Principal, params: FigureParams, shown: Shown
) -> Response:
    measure = MEASURES[params.measure]
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        credit = place_credit(conn, ref)
        known = district_names(conn, ref)
        held_years = figures.years(conn, ref.municipality_code).get(measure.key, [])
        year = params.fiscal_year or (held_years[0] if held_years else fiscal_year_of(today()) - 1)
        held = figures.sheet(conn, ref.municipality_code, measure, year)
        told = history.history(conn, ref.municipality_code, figures.target(measure, year))
    areas = _areas(services, measure, known)
    offered = sorted({*range(FIRST_YEAR, fiscal_year_of(today()) + 1), *held_years, year}, reverse=True)
    labels = {**dict(areas), "quality": "記録の種類", "source": "出典"}
    return page(
        request, services, "staff_figures.html", shown.status, ref=ref, dataset=credit, user=user, csrf_token=user.csrf_token,
        measure=measure, measures=[(item.key, item.label) for item in MEASURES.values()], year=year, held=held,
        years=[(item, fiscal_year_label(item) + ("" if item in held_years else "（未入力）")) for item in offered],
        areas=[(key, label, field_of(key), typed_of(measure, held.values.get(key))) for key, label in areas],
        total=None if measure.share or not held.values else sum(held.values.values()),
        version=stamp(figures.seen(held)), qualities=QUALITY_CHOICES, shown=shown,
        done=DONE[params.done] if params.done else None, zone=JAPAN,
        history=history_lines(told, {"edit.figures.save": "保存"}, labels, None, say=_sayer(measure)),
    )  # fmt: skip


def _sayer(measure: Measure) -> Any:
    words = {"quality": dict(QUALITY_CHOICES)}
    return lambda name, value: (
        said(measure, value)
        if name not in ("quality", "source")
        else words.get(name, {}).get(value) or in_words(value)
    )


@router.post("/staff/figures")
async def save_figures(request: Request, services: Served, params: Asked) -> Response:
    """Keep a sheet, or fill its fields from two pasted columns without keeping anything."""
    measure, code = MEASURES[params.measure], services.settings.municipality

    def work(sent: Sent) -> str | Shown:
        year = entries.whole(sent.text("fiscal_year"), "fiscal_year", "年度", most=2200)
        if year is None or year < FIRST_YEAR:
            entries.choice("", "fiscal_year", "年度", ())
        assert year is not None
        with services.database.write(Audience.STAFF) as conn:
            ref = resolve(conn, code)
            keys = [key for key, _ in _areas(services, measure, district_names(conn, ref))]
            if sent.text("act") == "fill":
                values = {**sent.values(), **pasted(sent.text("rows"), keys), "rows": ""}
                return Shown(200, "sheet", values, extra="filled")
            values_kept = sheet(measure, keys, sent.text)
            new = Sheet(
                values_kept,
                entries.choice(sent.text("quality"), "quality", "記録の種類", [key for key, _ in QUALITY_CHOICES]),
                entries.line(sent.text("source"), "source", "出典", most=300),
            )  # fmt: skip
            if not values_kept:
                new = Sheet({})
            changed = figures.save(
                conn, code, measure, year, new, version=sent.version, actor=sent.actor, keys=keys
            )
        return (
            f"/staff/figures?measure={measure.key}&fiscal_year={year}&done={'saved' if changed else 'same'}"
        )

    def compare(sent: Sent, error: EditConflictError) -> list[tuple[str, object, object]]:
        stored = error.stored or {}
        with services.database.read(Audience.STAFF) as conn:
            areas = _areas(services, measure, district_names(conn, resolve(conn, code)))
        mine = sheet(measure, [key for key, _ in areas], sent.text)
        rows: list[tuple[str, object, object]] = [
            (label, said(measure, stored["values"].get(key)), said(measure, mine.get(key)))
            for key, label in areas
            if stored["values"].get(key) != mine.get(key)
        ]
        words = dict(QUALITY_CHOICES)
        return [
            *rows,
            ("記録の種類", words.get(stored["quality"]), words.get(sent.text("quality"))),
            ("出典", stored["source"], sent.text("source")),
        ]

    def again(sent: Sent, shown: Shown) -> Response:
        year = sent.text("fiscal_year")
        number = int(year) if year.isascii() and year.isdigit() and 1950 <= int(year[:6]) <= 2200 else None
        asked = params.model_copy(update={"fiscal_year": number, "done": None})
        return _page(request, services, sent.user, asked, shown)

    return await act(request, services, "sheet", work, again, compare, most_fields=200)
