"""Staff keep the terms of the rent subsidy for vacant houses used as halls: each saving makes another version."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response

from api.auth.principals import Principal, signed_in
from api.clock import JAPAN
from api.credits import place_credit
from api.edit_forms import PLAIN, Sent, Shown, act
from api.params import No, Params
from api.routes.accounts import page
from api.routes.staff_costs import decimal, percent_typed
from api.services import Served, Services
from geodata import hall_terms
from geodata.database import Audience, Connection
from geodata.grants import rules
from geodata.queries.generation import resolve
from kyodo_geo import edit_entries as entries
from kyodo_geo.edits import EditConflictError
from kyodo_geo.errors import ConflictError, InputError
from kyodo_geo.grants import rent_terms
from kyodo_geo.grants.schemes import HALL_RENT
from kyodo_geo.vacancy.terms import Terms

router = APIRouter(include_in_schema=False)

PATH = "/staff/facilities/vacant-houses/terms"
TABLES = 2
"""Rule tables that the page compares with the terms: of this year and the next."""
LABELS = {
    "rate": "補助率（家賃の%）",
    "cap_yen_month": "上限（円/月）",
    "max_years": "期間（年）",
    "min_households": "団体の世帯数（以上）",
    "legal_form": "団体の形（例：認可地縁団体）",
}


class TermsParams(Params):
    """What was just done."""

    done: Literal["yes"] | None = None


@router.get(PATH)
async def hall_terms_form(
    request: Request, services: Served, params: Annotated[TermsParams, Query()]
) -> Response:
    """What holds, in a form for another version, and who entered which."""
    user = await signed_in(request)
    return await run_sync(
        lambda: _page(request, services, user, PLAIN, params.done), limiter=services.limiter
    )


@router.post(PATH)
async def enter_hall_terms(request: Request, services: Served, params: No) -> Response:
    """Another version of the terms."""

    def work(sent: Sent) -> str:
        new, seen = read_terms(sent), sent.version
        source = entries.line(sent.text("source"), "source", "出典", most=300, required=True) or ""
        note = (
            entries.line(sent.text("note"), "note", "変えた理由", most=hall_terms.MAX_NOTE, required=True)
            or ""
        )
        with services.database.write(Audience.STAFF) as conn:
            try:
                hall_terms.enter(
                    conn,
                    services.settings.municipality,
                    new,
                    made_from=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else -1,
                    note=note,
                    source=source,
                    by=sent.actor,
                )
            except ConflictError as error:
                raise EditConflictError(None, error.message) from None
        return f"{PATH}?done=yes"

    return await act(
        request, services, "terms", work,
        lambda sent, shown: _page(request, services, sent.user, shown), lambda sent, error: _now(services, sent),
    )  # fmt: skip


def read_terms(sent: Sent) -> Terms:
    """The form's terms, what is left empty is unknown; raises InputError."""
    rate = None
    if sent.text("rate").strip():
        rate = float(Decimal(str(decimal(sent, "rate", LABELS["rate"], "0", "100"))) / 100)
    return Terms(
        rate=rate,
        cap_yen_month=_whole(sent, "cap_yen_month", 0, 10_000_000, "円"),
        max_years=_whole(sent, "max_years", 1, 100, "年"),
        min_households=_whole(sent, "min_households", 1, 100_000, "世帯"),
        legal_form=entries.line(sent.text("legal_form"), "legal_form", LABELS["legal_form"], most=100),
    )


def _whole(sent: Sent, name: str, least: int, most: int, unit: str) -> int | None:
    found = entries.whole(sent.text(name), name, LABELS[name], most=most, unit=unit)
    if found is not None and found < least:
        raise InputError(f"{LABELS[name]}は、{least:,}〜{most:,} の整数で入力してください。", field=name)
    return found


def typed(terms: Terms) -> dict[str, str]:
    """What holds, as it stands in the form."""
    return {
        "rate": percent_typed(terms.rate),
        "cap_yen_month": "" if terms.cap_yen_month is None else str(terms.cap_yen_month),
        "max_years": "" if terms.max_years is None else str(terms.max_years),
        "min_households": "" if terms.min_households is None else str(terms.min_households),
        "legal_form": terms.legal_form or "",
    }


def _now(services: Services, sent: Sent) -> list[tuple[str, object, object]]:
    with services.database.read(Audience.STAFF) as conn:
        stored = typed(hall_terms.terms(conn, services.settings.municipality).terms)
    return [
        (LABELS[name], value, sent.text(name)) for name, value in stored.items() if value != sent.text(name)
    ]


def _tables(conn: Connection, code: str, terms: Terms) -> list[dict[str, Any]]:
    """The newest rule tables in force for the rent subsidy, and where they say something else than the terms."""
    found = rules.versions(conn, code, HALL_RENT.key, state="in-force")[:TABLES]
    return [
        {
            "year": held.fiscal_year,
            "version": held.version,
            "differences": rent_terms.differences(terms, held.read()),
        }
        for held in found
    ]


def _page(
    request: Request, services: Services, user: Principal, shown: Shown, done: str | None = None
) -> Response:
    code = services.settings.municipality
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, code)
        held = hall_terms.terms(conn, code)
        context: dict[str, Any] = {
            "ref": ref,
            "dataset": place_credit(conn, ref),
            "held": held,
            "stored": typed(held.terms),
            "entered": hall_terms.versions(conn, code),
            "tables": _tables(conn, code, held.terms),
        }
    return page(
        request, services, "staff_hall_terms.html", shown.status, user=user, csrf_token=user.csrf_token, shown=shown,
        labels=LABELS, zone=JAPAN, done="新しい版を保存しました。空き家の候補の画面と紙に、すぐ使われます。" if done else None,
        **context,
    )  # fmt: skip
