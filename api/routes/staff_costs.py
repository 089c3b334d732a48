"""Staff keep the assumptions and unit costs of renewal: each saving makes another version, none is lost."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response

from api.auth.principals import Principal, signed_in
from api.clock import JAPAN
from api.credits import place_credit
from api.edit_forms import PLAIN, Sent, Shown, act
from api.params import No, Params
from api.routes.accounts import page
from api.services import Served, Services
from geodata import unit_costs
from geodata.database import Audience
from geodata.queries.generation import resolve
from kyodo_geo import edit_entries as entries
from kyodo_geo.edits import EditConflictError
from kyodo_geo.errors import ConflictError, InputError
from kyodo_geo.facility_terms import RULE_SETS, USE_CLASSES
from kyodo_geo.unit_costs import Assumptions, UnitCost

router = APIRouter(include_in_schema=False)

BASE = "/staff/facilities/costs"
MOST_YEN_M2 = 10_000_000
MOST_UPKEEP = MOST_DEMOLITION = 1_000_000
MOST_YEN = 100_000_000_000
RuleSet = Annotated[Literal["60-year", "80-year"], Path()]
ASSUMED = {
    "price_index": "物価の倍率",
    "price_year": "単価の価格の年（西暦）",
    "demolition_yen_m2": "除却の単価（円/m²）",
    "not_extendable_share": "延命できるか不明な建物のうち、できない割合（%）",
    "large_type": "80年の大規模改修の単価",
    "large_share": "建替えに対する割合（%、B のとき）",
    "horizon_years": "期間（年）",
    "ceiling_yen": "1 年に使える上限（円）",
}
PARTS = {
    "large": "大規模改修",
    "rebuild": "建替え",
    "upkeep": "維持管理（年）",
    "mid": "中規模修繕（建替えの%）",
}


class CostFormParams(Params):
    """What was just done."""

    done: Literal["assumptions", "60-year", "80-year"] | None = None


@router.get(BASE)
async def costs_form(
    request: Request, services: Served, params: Annotated[CostFormParams, Query()]
) -> Response:
    """What holds, in forms for another version, and who entered which."""
    user = await signed_in(request)
    return await run_sync(
        lambda: _page(request, services, user, PLAIN, params.done), limiter=services.limiter
    )


@router.post(f"{BASE}/assumptions")
async def enter_assumptions(request: Request, services: Served, params: No) -> Response:
    """Another version of the assumptions."""

    def work(sent: Sent) -> str:
        new = read_assumptions(sent)
        with services.database.write(Audience.STAFF) as conn:
            _entering(
                lambda: unit_costs.enter_assumptions(
                    conn, services.settings.municipality, new, **_basis(sent)
                )
            )
        return f"{BASE}?done=assumptions"

    return await act(
        request, services, "assumptions", work,
        lambda sent, shown: _page(request, services, sent.user, shown), lambda sent, error: _now(services, sent, None),
    )  # fmt: skip


@router.post(f"{BASE}/{{rule_set}}")
async def enter_unit_costs(request: Request, services: Served, rule_set: RuleSet, params: No) -> Response:
    """Another version of a rule set's unit costs."""

    def work(sent: Sent) -> str:
        new = read_unit_costs(sent, rule_set)
        with services.database.write(Audience.STAFF) as conn:
            _entering(
                lambda: unit_costs.enter_unit_costs(
                    conn, services.settings.municipality, rule_set, new, **_basis(sent)
                )
            )
        return f"{BASE}?done={rule_set}"

    return await act(
        request, services, rule_set, work,
        lambda sent, shown: _page(request, services, sent.user, shown),
        lambda sent, error: _now(services, sent, rule_set), most_fields=80,
    )  # fmt: skip


def _entering(enter: Any) -> None:
    try:
        enter()
    except ConflictError as error:
        raise EditConflictError(None, error.message) from None


def _basis(sent: Sent) -> dict[str, Any]:
    """What both forms say besides: the version seen, the reason, the source."""
    seen = sent.version
    source = entries.line(sent.text("source"), "source", "出典", most=300, required=True)
    return {
        "made_from": int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else -1,
        "note": entries.line(
            sent.text("note"), "note", "変えた理由", most=unit_costs.MAX_NOTE, required=True
        ),
        "source": source or "",
        "by": sent.actor,
    }


def decimal(sent: Sent, name: str, label: str, low: str, high: str) -> float:
    """A number as people write it; raises InputError with `field`."""
    text = unicodedata.normalize("NFKC", sent.text(name)).replace(",", "").strip().removesuffix("%").strip()
    wrong = InputError(f"{label}は、{low}〜{high} の数で入力してください。", field=name)
    if not text or not all(char in "0123456789." for char in text):
        raise wrong
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise wrong from None
    if not Decimal(low) <= found <= Decimal(high) or len(text) > 8:
        raise wrong
    return float(found)


def _whole(sent: Sent, name: str, label: str, least: int, most: int) -> int:
    found = entries.whole(sent.text(name), name, label, most=most)
    if found is None or found < least:
        raise InputError(f"{label}は、{least:,}〜{most:,} の整数で入力してください。", field=name)
    return found


def read_assumptions(sent: Sent) -> Assumptions:
    """The form's assumptions; raises InputError."""
    return Assumptions(
        price_index=decimal(sent, "price_index", ASSUMED["price_index"], "0.1", "10"),
        price_year=None
        if not sent.text("price_year").strip()
        else _whole(sent, "price_year", ASSUMED["price_year"], 1950, 2200),
        demolition_yen_m2=entries.whole(
            sent.text("demolition_yen_m2"),
            "demolition_yen_m2",
            ASSUMED["demolition_yen_m2"],
            most=MOST_DEMOLITION,
        ),
        not_extendable_share=_share(sent, "not_extendable_share", ASSUMED["not_extendable_share"]),
        large_type=entries.choice(sent.text("large_type"), "large_type", ASSUMED["large_type"], ("A", "B")),
        large_share=_share(sent, "large_share", ASSUMED["large_share"]),
        horizon_years=_whole(sent, "horizon_years", ASSUMED["horizon_years"], 10, 80),
        ceiling_yen=entries.whole(
            sent.text("ceiling_yen"), "ceiling_yen", ASSUMED["ceiling_yen"], most=MOST_YEN
        ),
    )


def _share(sent: Sent, name: str, label: str) -> float:
    return float(Decimal(str(decimal(sent, name, label, "0", "100"))) / 100)


def read_unit_costs(sent: Sent, rule_set: str) -> list[UnitCost]:
    """The form's thirteen classes; raises InputError."""
    return [
        UnitCost(
            rule_set,
            name,
            _whole(sent, f"large-{n}", f"{name}の大規模改修", 0, MOST_YEN_M2),
            _whole(sent, f"rebuild-{n}", f"{name}の建替え", 0, MOST_YEN_M2),
            _share(sent, f"mid-{n}", f"{name}の中規模修繕") if rule_set == "80-year" else None,
            _whole(sent, f"upkeep-{n}", f"{name}の維持管理", 0, MOST_UPKEEP),
        )
        for n, name in enumerate(USE_CLASSES)
    ]


def percent_typed(share: float | None) -> str:
    """0.3 → 30."""
    return "" if share is None else f"{Decimal(str(share)) * 100:f}".rstrip("0").rstrip(".") or "0"


def typed_assumptions(held: Assumptions) -> dict[str, str]:
    """What holds, as it stands in the form."""
    return {
        name: percent_typed(value) if name.endswith("_share") else "" if value is None else f"{value:g}"
        if isinstance(value, float) else str(value)
        for name, value in asdict(held).items()
    }  # fmt: skip


def typed_costs(costs: dict[str, UnitCost]) -> dict[str, str]:
    """The same of unit costs."""
    found: dict[str, str] = {}
    for n, name in enumerate(USE_CLASSES):
        cost = costs.get(name)
        found[f"large-{n}"] = "" if cost is None else str(cost.large_yen_m2)
        found[f"rebuild-{n}"] = "" if cost is None else str(cost.rebuild_yen_m2)
        found[f"mid-{n}"] = "" if cost is None else percent_typed(cost.mid_share)
        found[f"upkeep-{n}"] = "" if cost is None else str(cost.upkeep_yen_m2)
    return found


def _now(services: Services, sent: Sent, rule_set: str | None) -> list[tuple[str, object, object]]:
    """What holds beside what was typed, where they differ."""
    code = services.settings.municipality
    with services.database.read(Audience.STAFF) as conn:
        if rule_set is None:
            stored = typed_assumptions(unit_costs.assumptions(conn, code).assumptions)
            labels = ASSUMED
        else:
            stored = typed_costs(unit_costs.unit_costs(conn, code, rule_set).costs)
            labels = {
                f"{part}-{n}": f"{name} {word}"
                for n, name in enumerate(USE_CLASSES)
                for part, word in PARTS.items()
            }
    return [
        (labels[name], value, sent.text(name)) for name, value in stored.items() if value != sent.text(name)
    ]


def _page(
    request: Request, services: Services, user: Principal, shown: Shown, done: str | None = None
) -> Response:
    code = services.settings.municipality
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, code)
        dataset = place_credit(conn, ref)
        assumed = unit_costs.assumptions(conn, code)
        rules = [
            {
                "key": key,
                "label": label,
                "held": (held := unit_costs.unit_costs(conn, code, key)),
                "stored": typed_costs(held.costs),
                "versions": unit_costs.versions(conn, code, key),
            }
            for key, label in RULE_SETS.items()
        ]
        entered = unit_costs.versions(conn, code)
    return page(
        request, services, "staff_costs.html", shown.status, ref=ref, dataset=dataset, user=user,
        csrf_token=user.csrf_token, shown=shown, assumed=assumed, stored=typed_assumptions(assumed.assumptions),
        labels=ASSUMED, rules=rules, classes=USE_CLASSES, entered=entered, zone=JAPAN,
        done="新しい版を保存しました。更新費用のページに、すぐ使われます。" if done else None,
    )  # fmt: skip
