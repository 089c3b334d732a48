"""What the pages of the inquiry show."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from api.auth.principals import Principal
from api.clock import JAPAN, today
from api.credits import place_credit
from api.edit_forms import PLAIN, QUALITY_CHOICES, Shown
from api.inquiry import forms
from api.routes.accounts import page
from api.services import Services
from geodata.database import Audience
from geodata.inquiries import answers, rounds
from geodata.inquiries.answers import Item
from geodata.queries import plans as plan_queries
from geodata.queries.generation import resolve
from kyodo_geo import inquiry as rules
from kyodo_geo.dates import fiscal_year_label, fiscal_year_of
from kyodo_geo.errors import NotFoundError
from kyodo_geo.inquiry import ItemState
from kyodo_geo.plan_years import plan_years
from kyodo_geo.roles import Role
from maps.text import day as day_text

BASE = "/staff/inquiries"
DONE = {
    "start": "照会を始めました。課ごとのシートができました。",
    "sent": "送ったことを記録しました。",
    "reminded": "催促したことを記録しました。",
    "close": "照会を終えました。",
    "open": "照会をもう一度開きました。",
    "answer": "回答を受け取りました。市民協働推進課が確かめてから、記録に入ります。",
    "same": "前の回答と同じ内容です。変わったところはありません。",
    "accept": "回答を記録に入れました。",
    "aside": "回答を使わないことにしました。記録は変わっていません。",
    "all": "食い違いのない回答を、まとめて記録に入れました。",
}


def keeps(user: Principal) -> bool:
    """Whether somebody runs the inquiry; other staff answer it."""
    return not {Role.PLANNER, Role.ADMINISTRATOR}.isdisjoint(user.roles)


def list_page(
    request: Request, services: Services, user: Principal, shown: Shown = PLAIN, done: str | None = None
) -> Response:
    """All rounds, and the form for a new one."""
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        credit = place_credit(conn, ref)
        plans = plan_queries.plans(conn, ref)
        found = rounds.rounds(conn, ref.municipality_code)
        options = _years(plans)
        silent = []
        if options:
            plan_id, _, year = options[0][0].partition("/")
            silent = rounds.without_department(conn, ref.municipality_code, plan_id, int(year))
    return page(
        request, services, "staff_inquiries.html", shown.status, ref=ref, dataset=credit, user=user, csrf_token=user.csrf_token,
        rounds=found, options=options, silent=silent, keeps=keeps(user), shown=shown, zone=JAPAN, on=today(),
        done=DONE[done] if done else None,
    )  # fmt: skip


def _years(plans: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """plan/year → label, the year that has just ended first."""
    names = {plan["plan_id"]: plan["name"] for plan in plans}
    spans = [(plan["plan_id"], plan["first_fiscal_year"], plan["last_fiscal_year"]) for plan in plans]
    return [
        (f"{plan_id}/{year}", f"{names[plan_id]} {fiscal_year_label(year)}")
        for plan_id, year in plan_years(spans, fiscal_year_of(today()))
    ]


def round_page(
    request: Request, services: Services, user: Principal, inquiry_id: str, shown: Shown = PLAIN, done: str | None = None
) -> Response:  # fmt: skip
    """One round: its departments, who has not answered, files out and in. Raises NotFoundError."""
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        credit = place_credit(conn, ref)
        code = ref.municipality_code
        found = rounds.one(conn, code, inquiry_id)
        sheets = rounds.sheets(conn, code, inquiry_id)
        items = answers.items(conn, code, inquiry_id)
    rows = [_row(found, sheet, items.get(sheet["department_id"], [])) for sheet in sheets]
    return page(
        request, services, "staff_inquiry.html", shown.status, ref=ref, dataset=credit, user=user, csrf_token=user.csrf_token,
        round=found, rows=rows, silent=[row for row in rows if not row["answered"]], keeps=keeps(user), shown=shown,
        totals={state: sum(row["states"][state] for row in rows) for state in ItemState}, states=list(ItemState),
        done=DONE[done] if done else None, zone=JAPAN, on=today(), base=f"{BASE}/{inquiry_id}",
    )  # fmt: skip


def _row(found: dict[str, Any], sheet: dict[str, Any], items: list[Item]) -> dict[str, Any]:
    states = [item.state for item in items]
    return {
        **sheet,
        "items": len(items),
        "answered": any(item.answers for item in items),
        "states": {state: states.count(state) for state in ItemState},
        "mailto": _mailto(found, sheet),
    }


def _mailto(found: dict[str, Any], sheet: dict[str, Any]) -> str | None:
    """A reminder that the sender's own mail program opens: the service sends nothing to the departments by itself."""
    if not sheet["email"]:
        return None
    subject = f"【確認のお願い】{found['title']}"
    body = (
        f"{sheet['name']} 御中\n\n{found['title']}の回答を、{day_text(found['due_on'])}までにお願いしています。\n"
        "まだ届いていないようですので、ご確認をお願いします。行き違いの場合は、ご容赦ください。\n"
    )
    return f"mailto:{quote(sheet['email'], safe='@')}?subject={quote(subject)}&body={quote(body)}"


def sheet_page(
    request: Request, services: Services, user: Principal, inquiry_id: str, department_id: str,
    shown: Shown = PLAIN, done: str | None = None,
) -> Response:  # fmt: skip
    """One department's sheet: its items and how they stand. Raises NotFoundError."""
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        credit = place_credit(conn, ref)
        code = ref.municipality_code
        found = rounds.one(conn, code, inquiry_id)
        items = answers.items(conn, code, inquiry_id, department_id)[department_id]
        sheet = _sheet(rounds.sheets(conn, code, inquiry_id), department_id)
    return page(
        request, services, "staff_inquiry_sheet.html", shown.status, ref=ref, dataset=credit, user=user,
        csrf_token=user.csrf_token, round=found, sheet=sheet, items=items, keeps=keeps(user), shown=shown, zone=JAPAN,
        ready=sum(item.state is ItemState.READY for item in items), done=DONE[done] if done else None,
        base=f"{BASE}/{inquiry_id}/{department_id}",
    )  # fmt: skip


def _sheet(sheets: list[dict[str, Any]], department_id: str) -> dict[str, Any]:
    for sheet in sheets:
        if sheet["department_id"] == department_id:
            return sheet
    raise NotFoundError("この照会に、その課はありません。")


def item_page(
    request: Request, services: Services, user: Principal, inquiry_id: str, department_id: str, number: int,
    shown: Shown = PLAIN, done: str | None = None,
) -> Response:  # fmt: skip
    """One item: last year, the form for an answer, and for who runs the inquiry the sides to choose from."""
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        credit = place_credit(conn, ref)
        code = ref.municipality_code
        found = rounds.one(conn, code, inquiry_id)
        item = answers.find(conn, code, inquiry_id, department_id, number)
        sheet = _sheet(rounds.sheets(conn, code, inquiry_id), department_id)
        count = len(answers.items(conn, code, inquiry_id, department_id)[department_id])
    typed = shown.values if shown.form == "accept" else {}
    return page(
        request, services, "staff_inquiry_item.html", shown.status, ref=ref, dataset=credit, user=user,
        csrf_token=user.csrf_token, round=found, sheet=sheet, item=item, count=count, keeps=keeps(user), shown=shown, zone=JAPAN,
        fields=rules.FIELDS[item.kind], lines=rules.lines_for(item.prefilled), parts_of=rules.DOCUMENT_PARTS,
        stored=forms.stored_of(item), last=forms.lines_of(item, item.last), now=forms.lines_of(item, item.now),
        changed=item.version != item.now_version, came=[(one, forms.lines_of(item, one.content)) for one in item.answers],
        sides=forms.fields_of(item, lambda name: typed.get(name, "")) if item.open else [], seen=item.seen,
        qualities=QUALITY_CHOICES, done=DONE[done] if done else None, base=f"{BASE}/{inquiry_id}/{department_id}",
    )  # fmt: skip
