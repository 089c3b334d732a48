"""The generic editor: pages and forms of one kind of record, whichever kind it is (`kyodo_geo.records`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as member
from typing import Any

from fastapi import Request, Response

from api.auth.principals import Principal
from api.clock import JAPAN, today
from api.credits import place_credit
from api.edit_forms import PLAIN, Sent, Shown, act, history_lines
from api.record_words import MAX_ROWS, MAX_TEXT, note_of, row_of, said, sayer, table_of, typed_in
from api.routes.accounts import page
from api.services import Services
from geodata.database import Audience, Connection
from geodata.edits import history, records
from geodata.queries.generation import Ref, resolve
from kyodo_geo.dates import fiscal_year_label, fiscal_year_of
from kyodo_geo.edits import EditConflictError, stamp
from kyodo_geo.errors import ForbiddenError, InputError, NotFoundError
from kyodo_geo.records import Facts, Field, Kind, entry

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
Compare = Callable[[Sent, EditConflictError], list[tuple[str, object, object]]]
Check = Callable[[Facts], None]
"""Of what somebody wants to enter: raises InputError where they may not."""
More = Callable[[Connection, str, int], dict[str, Any]]
"""A kind's own context of its list: (connection, municipality, fiscal year) → names for the template."""


@dataclass(frozen=True, slots=True)
class Single:
    """A kind's own page of one record. `more` gives further context; `locked`: why this user may not change it, else None.

    `page` makes the page as a whole, where it is more than a form.
    """

    template: str = "staff_record.html"
    more: Callable[[Connection, Ref, str, Facts], dict[str, Any]] | None = None
    locked: Callable[[Connection, str, Principal, str], str | None] | None = None
    page: Callable[[Request, Services, Principal, str, Shown], Response] | None = None


PLAINLY = Single()


def _any(facts: Facts) -> None:
    """Whoever reaches the form may enter it."""


class _OnlyLookedError(Exception):
    """Undoes what was tried for a preview."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records the list shows, and what was just done."""

    fiscal_year: int | None = None
    district: int | None = None
    done: str | None = None
    chosen: Mapping[str, str] = member(default_factory=dict)
    """Field of `Kind.filters` → what it must be."""


def options_of(field: Field, refs: dict[str, dict[str, str]], kept: Any, years: Iterable[int]) -> Options:
    """What a select offers; what is kept stays on offer, also when it has retired since."""
    if field.form == "choice":
        return list(field.options)
    if field.form == "yes_no":
        return [("yes", "はい"), ("no", "いいえ")]
    if field.form == "year":
        return year_options({*years, *({kept} if kept else ())}, ahead=field.ahead)
    offered_refs = dict(refs.get(field.to or "", {}))
    if kept is not None and field.form == "reference":
        offered_refs.setdefault(str(kept), f"{kept}（今のデータにありません）")
    return list(offered_refs.items())


def year_options(years: Iterable[int], *, ahead: int = 1) -> Options:
    """Fiscal years on offer, newest first: those known, and all from the first that anybody enters to `ahead` from now."""
    known = set(years)
    offered = {*range(FIRST_YEAR, max(fiscal_year_of(today()) + ahead, *known, 0) + 1), *known}
    return [(str(year), fiscal_year_label(year)) for year in sorted(offered, reverse=True)]


def list_page(
    request: Request, services: Services, user: Principal, kind: Kind, wanted: Wanted, shown: Shown = PLAIN,
    *, template: str = "staff_records.html", more: More | None = None,
    start: Callable[[Connection, str, Principal], dict[str, str]] | None = None,
) -> Response:  # fmt: skip
    """The list with its forms. `start` gives what stands in the form for a new record before anybody types."""
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        credit = place_credit(conn, ref)
        code = ref.municipality_code
        refs = records.references(conn, ref, kind)
        years = records.years(conn, code, kind)
        year = wanted.fiscal_year or (years[0] if years else fiscal_year_of(today()))
        only = {"district_no": wanted.district, "fiscal_year": year if kind.yearly else None, **wanted.chosen}
        rows = records.records(conn, code, kind, **only)
        told = history.recent(conn, code, f"edit.{kind.noun}.", limit=20)
        own = more(conn, code, year) if more else {}
        begun = start(conn, code, user) if start else {}
    offered = {*years, year}
    return page(
        request, services, template, shown.status, ref=ref, dataset=credit, user=user, csrf_token=user.csrf_token,
        kind=kind, rows=[(key, row_of(kind, facts, refs), facts) for key, facts in rows], year=year, years=years,
        wanted=wanted, shown=shown, done=DONE[wanted.done] if wanted.done else None, named=kind.name_of,
        options={field.name: options_of(field, refs, None, offered) for field in kind.fields},
        stored={
            field.name: str(year) if field.form == "year" and field.required else field.default for field in kind.fields
        } | begun,
        year_options=year_options(offered) if kind.yearly else [],
        history=_told(kind, told, refs), zone=JAPAN, max_rows=MAX_ROWS, max_text=MAX_TEXT, **own,
    )  # fmt: skip


def one_page(
    request: Request, services: Services, user: Principal, kind: Kind, record_id: str, shown: Shown = PLAIN,
    done: str | None = None, single: Single = PLAINLY,
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
        locked = single.locked(conn, code, user, record_id) if single.locked else None
        own = single.more(conn, ref, record_id, found) if single.more else {}
    words = row_of(kind, found, refs)
    return page(
        request, services, single.template, shown.status, ref=ref, dataset=credit, user=user, csrf_token=user.csrf_token,
        kind=kind, record_id=record_id, title=kind.name_of(words), words=words, version=stamp(found), shown=shown,
        done=DONE[done] if done else None,
        options={field.name: options_of(field, refs, found[field.name], years) for field in kind.fields},
        stored={field.name: typed_in(field, found[field.name], refs) for field in kind.fields},
        history=_told(kind, told, refs), zone=JAPAN, locked=locked, year=kind.year_of(found), **own,
    )  # fmt: skip


def _told(kind: Kind, told: list[history.Entry], refs: dict[str, dict[str, str]]) -> list[Any]:
    return history_lines(
        told, {f"edit.{kind.noun}.{action}": word for action, word in ACTIONS.items()},
        {field.name: field.label for field in kind.fields}, None, note_of(kind), sayer(kind, refs),
    )  # fmt: skip


def entry_of(conn: Connection, ref: Ref, kind: Kind, sent: Sent, before: Facts | None = None) -> Facts:
    """What a form says; what was kept may be kept, also when it has retired since. Raises InputError."""
    refs = records.references(conn, ref, kind)
    for field in kind.fields:
        kept = (before or {}).get(field.name)
        if field.to is not None and kept is not None:
            refs[field.to].setdefault(str(kept), str(kept))
    return entry(kind, sent.text, refs)


async def add(
    request: Request,
    services: Services,
    kind: Kind,
    wanted: Wanted,
    *,
    to_record: bool = False,
    check: Check = _any,
    **as_list: Any,
) -> Response:
    """Enter a record, and go to its page (`to_record`) or back to the list."""

    def work(sent: Sent) -> str:
        with services.database.write(Audience.STAFF) as conn:
            ref = resolve(conn, services.settings.municipality)
            new = entry_of(conn, ref, kind, sent)
            check(new)
            made = records.add(conn, ref.municipality_code, kind, new, actor=sent.actor)
        return f"{kind.base}/{made}?done=add" if to_record else _back(kind, new, "add")

    return await act(
        request, services, "add", work,
        lambda sent, shown: list_page(request, services, sent.user, kind, wanted, shown, **as_list),
        lambda sent, error: (),
    )  # fmt: skip


async def add_table(
    request: Request, services: Services, kind: Kind, wanted: Wanted, *, check: Check = _any, **as_list: Any
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
                        check(new)
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
    request: Request, services: Services, kind: Kind, record_id: str, single: Single = PLAINLY, *,
    before: Callable[[Connection, str, Sent], None] = lambda conn, code, sent: None, check: Check = _any, **as_list: Any,
) -> Response:  # fmt: skip
    """Put a record right; `before` may raise InputError."""

    def work(sent: Sent) -> str:
        with services.database.write(Audience.STAFF) as conn:
            ref = resolve(conn, services.settings.municipality)
            code = ref.municipality_code
            _refuse_locked(conn, code, sent, record_id, single)
            before(conn, code, sent)
            try:
                kept = records.one(conn, code, kind, record_id)
            except NotFoundError:
                kept = None
            new = entry_of(conn, ref, kind, sent, kept)
            check(new)
            now = records.correct(conn, code, kind, record_id, new, version=sent.version, actor=sent.actor)
        return f"{kind.base}/{now}?done=correct"

    return await _changed(request, services, kind, record_id, "edit", work, single, as_list)


async def withdraw(
    request: Request, services: Services, kind: Kind, record_id: str, single: Single = PLAINLY, *,
    before: Callable[[Connection, str], None] = lambda conn, code: None, **as_list: Any,
) -> Response:  # fmt: skip
    """Take a record back; `before` may raise InputError."""

    def work(sent: Sent) -> str:
        code = services.settings.municipality
        with services.database.write(Audience.STAFF) as conn:
            _refuse_locked(conn, code, sent, record_id, single)
            before(conn, code)
            records.withdraw(conn, code, kind, record_id, version=sent.version, actor=sent.actor)
        return f"{kind.base}?done=withdraw"

    return await _changed(request, services, kind, record_id, "withdraw", work, single, as_list)


def _refuse_locked(conn: Connection, code: str, sent: Sent, record_id: str, single: Single) -> None:
    why = single.locked(conn, code, sent.user, record_id) if single.locked else None
    if why is not None:
        raise ForbiddenError(why)


async def _changed(
    request: Request, services: Services, kind: Kind, record_id: str, form: str, work: Any,
    single: Single, as_list: dict[str, Any],
) -> Response:  # fmt: skip
    def again(sent: Sent, shown: Shown) -> Response:
        """The record's page; when somebody has withdrawn it meanwhile, what was typed in the form for a new one."""
        try:
            if single.page is not None:
                return single.page(request, services, sent.user, record_id, shown)
            return one_page(request, services, sent.user, kind, record_id, shown, single=single)
        except NotFoundError:
            return list_page(
                request, services, sent.user, kind, Wanted(), replace(shown, form="add"), **as_list
            )

    return await act(request, services, form, work, again, compare_of(services, kind, form))


def compare_of(services: Services, kind: Kind, form: str) -> Compare:
    """How `act` sets what is kept now against what was typed (`form` edit) or asked for (withdraw), field by field."""

    def compare(sent: Sent, error: EditConflictError) -> list[tuple[str, object, object]]:
        with services.database.read(Audience.STAFF) as conn:
            ref = resolve(conn, services.settings.municipality)
            refs = records.references(conn, ref, kind)
        stored: Facts = error.stored or {}
        return [
            (
                field.label,
                said(field, stored.get(field.name), refs),
                as_said(field, sent, refs) if form == "edit" else "（取り消す）",
            )
            for field in kind.fields
        ]

    return compare


def as_said(field: Field, sent: Sent, refs: dict[str, dict[str, str]]) -> str:
    """What was typed in the words of what is kept, so that equal ones look equal."""
    from kyodo_geo.records import value

    try:
        return said(field, value(field, sent.text(field.name), refs), refs)
    except InputError:
        return sent.text(field.name)


def _back(kind: Kind, new: Facts, done: str) -> str:
    year = f"fiscal_year={kind.year_of(new)}&" if kind.yearly else ""
    return f"{kind.base}?{year}done={done}"
