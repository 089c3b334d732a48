"""Address labels of the associations: PDF for label paper, and the same as a table. Personal data: never in an address."""

from __future__ import annotations

from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from pydantic import BeforeValidator

from api.answers import CSV, private
from api.auth import csrf
from api.auth.principals import Principal, signed_in
from api.clock import today
from api.credits import place_credit
from api.edit_forms import PLAIN, Sent, Shown
from api.paper.serve import PDF, attachment, rendered
from api.params import DistrictNo, No, Params
from api.routes.accounts import form_of, page
from api.routes.downloads import disposition
from api.routes.staff_returns import ONE, Year, own, whole
from api.services import Served, Services
from api.tables import rows_to_csv
from geodata import return_labels, returns
from geodata.database import Audience
from geodata.queries.association_names import district_names
from geodata.queries.generation import resolve
from kyodo_geo import labels
from kyodo_geo.errors import InputError

router = APIRouter(include_in_schema=False)

EMPTY = BeforeValidator(lambda value: value or None)
TO = (
    (return_labels.CIRCULATION, "回覧文書の届け先（決まっていなければ会長）"),
    (return_labels.PRESIDENT, "会長"),
)
HEADINGS = ("地区の番号", "番号", "町内会・自治会", "宛先", "名前", "郵便番号", "住所", "部数")


class LabelParams(Params):
    """Which district is looked at first."""

    district: Annotated[DistrictNo | None, EMPTY] = None


def _page(
    request: Request, services: Services, user: Principal, fiscal_year: int, district: int | None, shown: Shown = PLAIN
) -> Response:  # fmt: skip
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        found = returns.one_round(conn, ref.municipality_code, fiscal_year)
        items = {to: return_labels.found(conn, ref, fiscal_year, to) for to, _ in TO}
        known = district_names(conn, ref)
        credit = place_credit(conn, ref)
    known_copies = [item.copies for item in items[return_labels.CIRCULATION] if item.copies is not None]
    nowhere = [item for item in labels.in_order(items[return_labels.CIRCULATION]) if not item.complete]
    return page(
        request, services, "staff_return_labels.html", shown.status, ref=ref, dataset=credit, user=user,
        csrf_token=user.csrf_token, own=own(fiscal_year), round=found, shown=shown, to=TO,
        sheets=[(sheet.key, sheet.title) for sheet in labels.SHEETS.values()], district=district,
        districts=[(no, f"{no} {name}") for no, name in known], nowhere=nowhere,
        total=len(items[return_labels.CIRCULATION]),
        copies=sum(known_copies) if known_copies else None,
        without_copies=len(items[return_labels.CIRCULATION]) - len(known_copies),
    )  # fmt: skip


@router.get(ONE + "/labels")
async def labels_page(
    request: Request, services: Served, fiscal_year: Year, params: Annotated[LabelParams, Query()]
) -> Response:  # fmt: skip
    """What to print, for whom, on which paper."""
    user = await signed_in(request)
    return await run_sync(
        lambda: _page(request, services, user, fiscal_year, params.district), limiter=services.limiter
    )


def _millimetres(sent: Sent, name: str, label: str) -> float:
    text = sent.text(name).strip()
    try:
        return float(text) if text else 0.0
    except ValueError:
        raise InputError(f"{label}は、1.5 や -2 のように数で入力してください。", field=name) from None


def _chosen(
    services: Services, sent: Sent, fiscal_year: int, form: str
) -> tuple[list[labels.Addressee], dict[str, Any]]:
    """The addressees, with what the frame of a sheet shows; that they were taken is written down."""
    to = sent.text("to")
    if to not in dict(TO):
        raise InputError("宛先を選んでください。", field="to")
    district = whole(sent.text("district")) or None
    with services.database.write(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        returns.one_round(conn, ref.municipality_code, fiscal_year)
        items = labels.in_order(return_labels.found(conn, ref, fiscal_year, to, district))
        if form == "pdf":
            items = [item for item in items if item.complete]
        if not items:
            raise InputError(
                "印刷できる宛先がありません。住所が登録されているか、地区を確かめてください。",
                field="district",
            )
        return_labels.taken(
            conn, ref.municipality_code, fiscal_year, items, to=to, form=form, actor=sent.actor
        )
        return items, {"ref": ref, "dataset": place_credit(conn, ref)}


async def _sent(request: Request, services: Services) -> Sent:
    user = await signed_in(request)
    form = await form_of(request)
    csrf.check_form(request, form, services.settings, user)
    return Sent(user, form)


def _refused(
    request: Request, services: Services, fiscal_year: int, sent: Sent, error: InputError
) -> Response:  # fmt: skip
    shown = Shown(400, "labels", sent.values(), error.message, error.details.get("field"))
    return _page(request, services, sent.user, fiscal_year, whole(sent.text("district")) or None, shown)


@router.post(ONE + "/labels.pdf")
async def labels_sheet(request: Request, services: Served, fiscal_year: Year, params: No) -> Response:
    """Labels on A4."""
    sent = await _sent(request, services)

    def build() -> str | Response:
        try:
            sheet = labels.SHEETS.get(sent.text("sheet"))
            if sheet is None:
                raise InputError("用紙を選んでください。", field="sheet")
            first = whole(sent.text("first").strip() or "1")
            right, down = (
                _millimetres(sent, "right", "右へずらす長さ"),
                _millimetres(sent, "down", "下へずらす長さ"),
            )
            labels.pages(sheet, [], first=first, right=right, down=down)  # before anything is written down
            items, frame = _chosen(services, sent, fiscal_year, "pdf")
            placed = labels.pages(sheet, items, first=first, right=right, down=down)
        except InputError as error:
            return _refused(request, services, fiscal_year, sent, error)
        return services.pages.render(
            "paper/labels.html", path=own(fiscal_year), html_lang="ja", sheet=sheet, pages=placed,
            split=labels.split_postcode, sample=frame["dataset"]["quality"] == "sample", **frame,
        )  # fmt: skip

    made = await run_sync(build, limiter=services.limiter)
    if not isinstance(made, str):
        return made
    return private(await rendered(services, made), PDF, attachment(f"atena-{fiscal_year}.pdf"))


@router.post(ONE + "/labels.csv")
async def labels_table(request: Request, services: Served, fiscal_year: Year, params: No) -> Response:
    """The same as a table, those without an address too."""
    sent = await _sent(request, services)

    def build() -> bytes | Response:
        try:
            items, _ = _chosen(services, sent, fiscal_year, "csv")
        except InputError as error:
            return _refused(request, services, fiscal_year, sent, error)
        return rows_to_csv(HEADINGS, (_line(item) for item in items))

    made = await run_sync(build, limiter=services.limiter)
    if not isinstance(made, bytes):
        return made
    return private(made, CSV, disposition(f"labels_{fiscal_year}_{today():%Y%m%d}.csv"))


def _line(item: labels.Addressee) -> list[str | int | float]:
    post, rest = labels.split_postcode(item.address or "")
    return [
        "" if item.district_no is None else item.district_no, item.association_id, item.association, item.role,
        item.name or "", post or "", rest, "" if item.copies is None else item.copies,
    ]  # fmt: skip
