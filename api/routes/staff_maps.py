"""Maps by association for staff: rates, associations at risk, and the thresholds of that rule. Never stored anywhere."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Annotated, Any
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse

from api.answers import CSV, GEOJSON, private
from api.auth import csrf
from api.auth.principals import Principal, signed_in
from api.cache import send_private
from api.clock import today
from api.geojson import collection, feature
from api.map_choosers import select, shorter_address, years_field
from api.packed import packed
from api.params import No
from api.routes.accounts import NO_STORE, form_of, page, text
from api.routes.downloads import disposition
from api.services import Served, Services
from api.staff_map_views import StaffMap, StaffMapParams, staff_map
from api.tables import properties, to_csv
from geodata import at_risk_rules
from geodata.at_risk_rules import RuleVersion
from geodata.database import Audience
from kyodo_geo.at_risk import LIMITS, NAMES, Show, Thresholds
from kyodo_geo.errors import ConflictError, InputError
from kyodo_geo.roles import CENTRE_KEEPERS, Role

router = APIRouter(include_in_schema=False)

KEEPERS = frozenset({Role.PLANNER, Role.ADMINISTRATOR})
"""Who may change the rule."""

Name = Annotated[str, Path(pattern=r"^[a-z-]{1,40}$")]
Years = Annotated[StaffMapParams, Query()]


def _query(params: StaffMapParams) -> str:
    asked = params.model_dump(mode="json", exclude_defaults=True)
    return f"?{urlencode(asked)}" if asked else ""


def _context(name: str, found: StaffMap, params: StaffMapParams) -> dict[str, Any]:
    """What both pages hand to their template."""
    fields = [years_field("fiscal_year", "年度", found.fiscal_years, found.fiscal_year, id="chooser")]
    if name == "membership":
        fields.append(
            years_field(
                "compare_year", "比べる年度", found.fiscal_years, found.compare_year, nothing="比べない", id="compare-year"
            )
        )  # fmt: skip
    if name == "at-risk":
        chosen = [(no, label, no == params.district) for no, label in found.districts]
        fields += [
            select("show", "表示する団体", [(one.value, one.label, one is params.show) for one in Show]),
            select("district", "地区", [("", "すべての地区", params.district is None), *chosen]),
        ]
    query = _query(params)
    return {
        "hidden": found.hidden,
        "shown": len(found.built.table.rows),
        "all_url": f"/staff/maps/{name}{_query(StaffMapParams(fiscal_year=params.fiscal_year, show=Show.ALL))}",
        "map": found.built,
        "table_html": found.table_html,
        "dataset": found.dataset,
        "script_url": f"/staff/maps/{name}.js{query}",
        "chooser": {"action": f"/staff/maps/{name}", "fields": fields, "kept": []},
        "downloads": [
            {"href": f"/staff/maps/{name}.csv{query}", "label": "表（CSV）", "note": "庁内限り"},
            {
                "href": f"/staff/maps/{name}.geojson{query}",
                "label": "区域と数値（GeoJSON）",
                "note": "庁内限り",
            },
        ],
    }


@router.get("/staff/maps/membership")
async def membership_by_association(request: Request, services: Served, params: Years) -> Response:
    """Rates by association, or their change between two years."""
    principal = await signed_in(request)
    if shorter := shorter_address(request, params):
        return shorter

    def work() -> Response:
        found = staff_map(services, "membership", params)
        made = page(
            request, services, "staff_map_membership.html",
            user=principal, csrf_token=principal.csrf_token, compared=found.compare_year is not None,
            **_context("membership", found, params),
        )  # fmt: skip
        return packed(request, made, found.part)

    return await run_sync(work, limiter=services.limiter)


def _at_risk_page(
    request: Request, services: Services, principal: Principal, params: StaffMapParams, status: int = 200,
    entered: dict[str, str] | None = None, error: str | None = None, field: str | None = None, conflict: bool = False,
) -> Response:  # fmt: skip
    found = staff_map(services, "at-risk", params)
    with services.database.read(Audience.STAFF) as conn:
        versions = at_risk_rules.versions(conn, services.settings.municipality)
    held = versions[0]
    now = _texts(held.thresholds)
    fields = [
        {
            "name": name, "label": label, "now": now[name], "value": (entered or now).get(name, ""),
            "low": LIMITS[name][0], "high": LIMITS[name][1], "wrong": name == field,
        }
        for name, label in NAMES.items()
    ]  # fmt: skip
    made = page(
        request, services, "staff_map_at_risk.html", status,
        user=principal, csrf_token=principal.csrf_token, versions=versions, held=held, fields=fields, names=NAMES,
        note=(entered or {}).get("note", ""), error=error, conflict=conflict, wrong=field,
        cases=found.cases, may_keep=not CENTRE_KEEPERS.isdisjoint(principal.roles),
        may_change=not KEEPERS.isdisjoint(principal.roles), history=_history(versions),
        **_context("at-risk", found, params),
    )  # fmt: skip
    return packed(request, made, found.part)


def _texts(thresholds: Thresholds) -> dict[str, str]:
    return {name: str(getattr(thresholds, name)) for name in NAMES}


def _history(versions: list[RuleVersion]) -> list[dict[str, Any]]:
    """Each version with what it changed of the one before."""
    lines = []
    for newer, older in pairwise(versions):
        before, after = _texts(older.thresholds), _texts(newer.thresholds)
        changed = [f"{NAMES[n]}：{before[n]} → {after[n]}" for n in NAMES if before[n] != after[n]]
        lines.append({"version": newer, "changed": changed})
    return lines


@router.get("/staff/maps/at-risk")
async def associations_at_risk(request: Request, services: Served, params: Years) -> Response:
    """Associations at risk with the rule, its thresholds and their history."""
    principal = await signed_in(request)
    if shorter := shorter_address(request, params):
        return shorter
    return await run_sync(_at_risk_page, request, services, principal, params, limiter=services.limiter)


@router.post("/staff/maps/at-risk")
async def change_thresholds(request: Request, services: Served, params: No) -> Response:
    """Enter other thresholds; a stale form is answered with both values and loses nothing."""
    principal = await signed_in(request)
    form = await form_of(request)
    csrf.check_form(request, form, services.settings, principal)
    entered = {name: text(form, name).strip() for name in (*NAMES, "note")}

    def work() -> Response:
        try:
            wanted = read_thresholds(entered)
            with services.database.write(Audience.STAFF) as conn:
                at_risk_rules.enter(
                    conn, services.settings.municipality, wanted,
                    made_from=_version(form), note=entered["note"] or None, by=principal.login or "",
                )  # fmt: skip
        except ConflictError as error:
            return _at_risk_page(
                request, services, principal, StaffMapParams(), 409, entered, error.message, conflict=True
            )
        except InputError as error:
            field = error.details.get("field")
            return _at_risk_page(
                request, services, principal, StaffMapParams(), 400, entered, error.message, field
            )
        return RedirectResponse("/staff/maps/at-risk#rule-heading", 303, NO_STORE)

    return await run_sync(work, limiter=services.limiter)


def _version(form: FormData) -> int:
    found = text(form, "version")
    if not (found.isascii() and found.isdigit() and len(found) < 9):
        raise InputError("フォームを開き直してから、もう一度送ってください。")
    return int(found)


def read_thresholds(entered: dict[str, str]) -> Thresholds:
    """Thresholds typed into the form; full-width digits are read too. Raises InputError naming the field."""
    values: dict[str, Any] = {}
    for name, label in NAMES.items():
        try:
            number = Decimal(entered[name].translate(_HALF_WIDTH))
            whole = name != "fall_points"
            step = Decimal(1) if whole else Decimal("0.1")
            if not number.is_finite() or abs(number) > 10_000 or number != number.quantize(step):
                raise InvalidOperation
        except InvalidOperation:
            what = "整数" if name != "fall_points" else "数（小数第1位まで）"
            raise InputError(f"「{label}」は{what}で入力してください。", field=name) from None
        values[name] = int(number) if whole else number.quantize(step)
    return Thresholds(**values).entered()


_HALF_WIDTH = str.maketrans("０１２３４５６７８９．", "0123456789.")


# -- script and files: declared after the pages, whose addresses they would match -----------------------------------


@router.get("/staff/maps/{name}.js")
async def staff_map_script(request: Request, services: Served, name: Name, params: Years) -> Response:
    """The script of a map."""
    await signed_in(request)
    found = await run_sync(staff_map, services, name, params, limiter=services.limiter)
    return send_private(request, found.script)


def _file(name: str, found: StaffMap, params: StaffMapParams, ending: str) -> dict[str, str]:
    years = "-".join(str(year) for year in (found.compare_year, found.fiscal_year) if year)
    chosen = "" if params.show is Show.AT_RISK else f"_{params.show.value}"
    chosen += "" if params.district is None else f"_district-{params.district}"
    return disposition(f"staff_{name}{chosen}_{years}_{today():%Y%m%d}{ending}")


@router.get("/staff/maps/{name}.csv")
async def staff_map_table(request: Request, services: Served, name: Name, params: Years) -> Response:
    """The rows of the page as CSV."""
    await signed_in(request)
    found = await run_sync(staff_map, services, name, params, limiter=services.limiter)
    return private(to_csv(found.built.table, found.dataset), CSV, _file(name, found, params, ".csv"))


@router.get("/staff/maps/{name}.geojson")
async def staff_map_areas(request: Request, services: Served, name: Name, params: Years) -> Response:
    """The rows of the page with their areas."""
    await signed_in(request)
    found = await run_sync(staff_map, services, name, params, limiter=services.limiter)
    table = found.built.table
    rows = [
        feature(row.key, found.geometries[str(row.key)], {"name": row.name, **properties(table, row)})
        for row in table.rows
    ]
    more = {"hidden": found.hidden} if name == "at-risk" else {}
    body = collection(rows, found.dataset, municipality=services.settings.municipality, **more)
    return private(body, GEOJSON, _file(name, found, params, ".geojson"))
