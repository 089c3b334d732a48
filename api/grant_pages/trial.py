"""A rule tried with figures, typed or of a real association or district; nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from fastapi import Request, Response

from api.auth.principals import Principal
from api.edit_forms import Shown
from api.grant_pages.rules import address, worded
from api.routes.accounts import page
from api.services import Services
from geodata.database import Audience, Connection
from geodata.grants import ground, rules
from geodata.grants.ground import Recipient
from geodata.grants.rules import HeldRule
from geodata.queries.generation import resolve
from kyodo_geo import edit_entries as entries
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.grants.calculate import Known, calculate
from kyodo_geo.grants.schemes import Figure, Scheme

FORM = "trial"
MOST = 10**12


@dataclass(frozen=True, slots=True)
class Field:
    """A figure of the form: what was typed, else what is known of the chosen recipient."""

    figure: Figure
    typed: str
    known: str
    needed: bool


def version_of(conn: Connection, code: str, scheme: Scheme, wanted: str | None, year: int) -> HeldRule:
    """The rule `2026-2` (year and version); without one the draft of the year, else what holds. Raises NotFoundError."""
    if wanted is not None:
        of_year, _, version = wanted.partition("-")
        return rules.one(conn, code, scheme.key, int(of_year), int(version))
    return rules.draft(conn, code, scheme.key, year) or rules.in_force(conn, code, scheme.key, year)


def choices(conn: Connection, code: str, scheme: Scheme) -> list[tuple[str, str]]:
    """(2026-2, its words) of all rules."""
    return [
        (
            f"{one.fiscal_year}-{one.version}",
            f"{one.fiscal_year} 年度 第{one.version}版（{rules.STATES[one.state]}）",
        )
        for one in rules.versions(conn, code, scheme.key)
    ]


def trial_page(
    request: Request, services: Services, user: Principal, scheme: Scheme, year: int, wanted: str | None,
    area: str | None, typed: Mapping[str, str],
) -> Response:  # fmt: skip
    """The form and, once something was chosen or typed, every step of the calculation."""
    code = services.settings.municipality
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, code)
        rule = version_of(conn, code, scheme, wanted, year)
        offered = choices(conn, code, scheme)
        known = ground.recipients(conn, ref, scheme, year)
    chosen = _chosen(known, area)
    shown = Shown()
    figures: dict[str, Known] = {}
    for figure in scheme.figures:
        text = typed.get(figure.key, "")
        try:
            figures[figure.name] = _number(figure, text)
        except InputError as error:
            shown = shown if shown.error else Shown(400, FORM, typed, error.message, figure.key)
        held = chosen.figures.get(figure.name) if chosen else None
        if not text.strip() and held is not None:
            figures[figure.name] = held.value
    found = worded(rule)
    asked = chosen is not None or any(text.strip() for text in typed.values())
    result = calculate(rule.read(), figures) if asked and not shown.error else None
    return page(
        request, services, "staff_grant_trial.html", shown.status, ref=ref, dataset=None, user=user,
        csrf_token=user.csrf_token, scheme=scheme, year=year, base=address(scheme, year), rule=rule, found=found,
        offered=offered, wanted=f"{rule.fiscal_year}-{rule.version}", states=rules.STATES, shown=shown, result=result,
        chosen=chosen, recipients=_groups(known),
        fields=[
            Field(figure, typed.get(figure.key, ""), _held(chosen, figure), figure.name in found.figures)
            for figure in scheme.figures
        ],
    )  # fmt: skip


def _chosen(known: list[Recipient], area: str | None) -> Recipient | None:
    if area is None:
        return None
    for one in known:
        if one.key == area:
            return one
    raise NotFoundError("選んだ団体や地区が、今のデータにありません。一覧から選び直してください。")


def _groups(known: list[Recipient]) -> list[tuple[str, list[tuple[str, str]]]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for one in known:
        label = f"{one.district_no} {one.district_name}" if one.district_no else "地区が未登録"
        groups.setdefault(label, []).append((one.key, one.name))
    return list(groups.items())


def _held(chosen: Recipient | None, figure: Figure) -> str:
    held = chosen.figures.get(figure.name) if chosen else None
    if held is None:
        return "この団体・地区の数値は分かりません" if chosen and not figure.typed else ""
    return f"{held.value:,}{figure.unit}（{held.source}、{held.as_of}）"


def _number(figure: Figure, text: str) -> Known:
    if figure.unit == "m²":
        found = entries.amount(text, figure.key, figure.name, most=MOST, unit=figure.unit)
        return None if found is None else Decimal(str(found))
    return entries.whole(text, figure.key, figure.name, most=MOST, unit=figure.unit)
