"""The generic editor: pages and forms of one kind of record, whichever kind it is (`kyodo_geo.records`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from fastapi import Request, Response

from api.auth.principals import Principal
from api.clock import JAPAN, today
from api.credits import place_credit
from api.edit_forms import PLAIN, Sent, Shown, act, history_lines
from api.record_words import MAX_ROWS, MAX_TEXT, note_of, row_of, said, sayer, table_of
from api.routes.accounts import page
from api.services import Services
from geodata.database import Audience, Connection
from geodata.edits import history, records
from geodata.queries.generation import Ref, resolve
from kyodo_geo.dates import fiscal_year_label, fiscal_year_of
from kyodo_geo.edits import EditConflictError, stamp
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.records import Facts, Field, Kind, entry, typed_of

FIRST_YEAR = 2006
"""盛岡市 began to work with districts in this way before the first plan; nobody enters anything older."""
ACTIONS = {"add": "追加", "correct": "訂正", "withdraw": "取り消し"}
DONE = {
    "add": "登録しました。",
    "table": "表の行を登録しました。",
    "correct": "記録を直しました。",
    "withdraw": "記録を取り消しました。",
}
Options = list[tuple[str, str]]
OnePage = Callable[[Request, Services, Principal, str, Shown], Response]
"""The page of one record of a kind that has its own."""


class _OnlyLookedError(Exception):
    """Undoes what was tried for a preview."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records the list shows, and what was just done."""

    fiscal_year: int | None = None
    district: int | None = None
    done: str | None = None


def options_of(field: Field, refs: dict[str, dict[str, str]], kept: Any, years: Iterable[int]) -> Options:
    """What a select offers; what is kept stays on offer, also when it has retired since."""
    if field.form == "choice":
        return list(field.options)
    if field.form == "year":
        known = set(years)
        newest = max(fiscal_year_of(today()) + 1, *known, kept or 0)
        offered = {*range(FIRST_YEAR, newest + 1), *known} | ({kept} if kept else set())
        return [(str(year), fiscal_year_label(year)) for year in sorted(offered, reverse=True)]
    offered_refs = dict(refs.get(field.to or "", {}))
    if kept is not None and field.form == "reference":
        offered_refs.setdefault(str(kept), f"{kept}（今のデータにありません）")
    return list(offered_refs.items())


def list_page(
    request: Request, services: Services, user: Principal, kind: Kind, wanted: Wanted, shown: Shown = PLAIN,
    *, template: str = "staff_records.html", more: Any = None,
) -> Response:  # fmt: skip
    """The list with its forms. `more(conn, code, year)` gives a kind's own context."""
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        credit = place_credit(conn, ref)
        code = ref.municipality_code
        refs = records.references(conn, ref, kind)
        years = records.years(conn, code, kind)
        year = wanted.fiscal_year or (years[0] if years else fiscal_year_of(today()))
        only = {"district_no": wanted.district, "fiscal_year": year if kind.has("fiscal_year") else None}
        rows = records.records(conn, code, kind, **only)
        told = history.recent(conn, code, f"edit.{kind.noun}.", limit=20)
        own = more(conn, code, year) if more else {}
    offered = {*years, year}
    return page(
        request, services, template, shown.status, ref=ref, dataset=credit, user=user, csrf_token=user.csrf_token,
        kind=kind, rows=[(key, row_of(kind, facts, refs), facts) for key, facts in rows], year=year, years=years,
        wanted=wanted, shown=shown, done=DONE[wanted.done] if wanted.done else None, named=kind.name_of,
        options={field.name: options_of(field, refs, None, offered) for field in kind.fields},
        stored={field.name: str(year) if field.form == "year" else field.default for field in kind.fields},
        history=_told(kind, told, refs), zone=JAPAN, max_rows=MAX_ROWS, max_text=MAX_TEXT, **own,
    )  # fmt: skip


def one_page(
    request: Request, services: Services, user: Principal, kind: Kind, record_id: str, shown: Shown = PLAIN,
    done: str | None = None,
) -> Response:  # fmt: skip
    """One record: its form and its history. Raises NotFoundError."""
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        credit = place_credit(conn, ref)
        code = ref.municipality_code
        refs = records.references(conn, ref, kind)
        found = records.one(conn, code, kind, record_id)
        told = history.history(conn, code, records.target(kind, record_id))
        years = records.years(conn, code, kind)
    words = row_of(kind, found, refs)
    return page(
        request, services, "staff_record.html", shown.status, ref=ref, dataset=credit, user=user, csrf_token=user.csrf_token,
        kind=kind, record_id=record_id, title=kind.name_of(words), words=words, version=stamp(found), shown=shown,
        done=DONE[done] if done else None,
        options={field.name: options_of(field, refs, found[field.name], years) for field in kind.fields},
        stored={field.name: typed_of(field, found[field.name]) for field in kind.fields},
        history=_told(kind, told, refs), zone=JAPAN,
    )  # fmt: skip


def _told(kind: Kind, told: list[history.Entry], refs: dict[str, dict[str, str]]) -> list[Any]:
    return history_lines(
        told, {f"edit.{kind.noun}.{action}": word for action, word in ACTIONS.items()},
        {field.name: field.label for field in kind.fields}, None, note_of(kind), sayer(kind, refs),
    )  # fmt: skip


def _entry(conn: Connection, ref: Ref, kind: Kind, sent: Sent, before: Facts | None = None) -> Facts:
    refs = records.references(conn, ref, kind)
    for field in kind.fields:
        kept = (before or {}).get(field.name)
        if field.to is not None and kept is not None:
            refs[field.to].setdefault(str(kept), str(kept))
    return entry(kind, sent.text, refs)


async def add(
    request: Request, services: Services, kind: Kind, wanted: Wanted, *, onward: bool = False, **as_list: Any
) -> Response:
    """Enter a record; `onward`: there is more to do on its own page, which comes next."""

    def work(sent: Sent) -> str:
        with services.database.write(Audience.STAFF) as conn:
            ref = resolve(conn, services.settings.municipality)
            new = _entry(conn, ref, kind, sent)
            record_id = records.add(conn, ref.municipality_code, kind, new, actor=sent.actor)
        return f"{kind.base}/{record_id}?done=add" if onward else _back(kind, new, "add")

    return await act(
        request, services, "add", work,
        lambda sent, shown: list_page(request, services, sent.user, kind, wanted, shown, **as_list),
        lambda sent, error: (),
    )  # fmt: skip


async def add_table(
    request: Request, services: Services, kind: Kind, wanted: Wanted, **as_list: Any
) -> Response:
    """Enter the rows of a pasted table: first looked at, then all of them or none."""

    def work(sent: Sent) -> str | Shown:
        try:
            with services.database.write(Audience.STAFF) as conn:
                ref = resolve(conn, services.settings.municipality)
                refs = records.references(conn, ref, kind)
                found = table_of(kind, sent.text("rows"), refs)
                for number, new in enumerate(found, start=2):
                    try:
                        records.add(conn, ref.municipality_code, kind, new, actor=sent.actor)
                    except InputError as error:
                        raise InputError(f"{number} 行目：{error.message}", field="rows") from None
                if sent.text("act") != "save":
                    raise _OnlyLookedError
        except _OnlyLookedError:
            return Shown(200, "table", sent.values(), extra=[row_of(kind, facts, refs) for facts in found])
        return _back(kind, found[0], "table")

    return await act(
        request, services, "table", work,
        lambda sent, shown: list_page(request, services, sent.user, kind, wanted, shown, **as_list),
        lambda sent, error: (),
    )  # fmt: skip


async def correct(
    request: Request, services: Services, kind: Kind, record_id: str, *, page: OnePage | None = None, **as_list: Any
) -> Response:  # fmt: skip
    """Put a record right. `page`: the kind's own page of one record."""

    def work(sent: Sent) -> str:
        with services.database.write(Audience.STAFF) as conn:
            ref = resolve(conn, services.settings.municipality)
            code = ref.municipality_code
            try:
                before = records.one(conn, code, kind, record_id)
            except NotFoundError:
                before = None
            new = _entry(conn, ref, kind, sent, before)
            now = records.correct(conn, code, kind, record_id, new, version=sent.version, actor=sent.actor)
        return f"{kind.base}/{now}?done=correct"

    return await _changed(request, services, kind, record_id, "edit", work, as_list, page)


async def withdraw(
    request: Request, services: Services, kind: Kind, record_id: str, *, page: OnePage | None = None,
    before: Callable[[Connection, str], None] = lambda conn, code: None, **as_list: Any,
) -> Response:  # fmt: skip
    """Take a record back; `before` may raise InputError."""

    def work(sent: Sent) -> str:
        code = services.settings.municipality
        with services.database.write(Audience.STAFF) as conn:
            before(conn, code)
            records.withdraw(conn, code, kind, record_id, version=sent.version, actor=sent.actor)
        return f"{kind.base}?done=withdraw"

    return await _changed(request, services, kind, record_id, "withdraw", work, as_list, page)


async def _changed(
    request: Request, services: Services, kind: Kind, record_id: str, form: str, work: Any,
    as_list: dict[str, Any], page: OnePage | None,
) -> Response:  # fmt: skip
    def again(sent: Sent, shown: Shown) -> Response:
        """The record's page; when somebody has withdrawn it meanwhile, what was typed in the form for a new one."""
        try:
            if page is not None:
                return page(request, services, sent.user, record_id, shown)
            return one_page(request, services, sent.user, kind, record_id, shown)
        except NotFoundError:
            return list_page(
                request, services, sent.user, kind, Wanted(), replace(shown, form="add"), **as_list
            )

    def compare(sent: Sent, error: EditConflictError) -> list[tuple[str, object, object]]:
        with services.database.read(Audience.STAFF) as conn:
            ref = resolve(conn, services.settings.municipality)
            refs = records.references(conn, ref, kind)
        stored: Facts = error.stored or {}
        return [
            (
                field.label,
                said(field, stored.get(field.name), refs),
                _as_said(field, sent, refs) if form == "edit" else "（取り消す）",
            )
            for field in kind.fields
        ]

    return await act(request, services, form, work, again, compare)


def _as_said(field: Field, sent: Sent, refs: dict[str, dict[str, str]]) -> str:
    """What was typed in the words of what is kept, so that equal ones look equal."""
    from kyodo_geo.records import value

    try:
        return said(field, value(field, sent.text(field.name), refs), refs)
    except InputError:
        return sent.text(field.name)


def _back(kind: Kind, new: Facts, done: str) -> str:
    year = f"fiscal_year={new['fiscal_year']}&" if kind.has("fiscal_year") else ""
    return f"{kind.base}?{year}done={done}"
