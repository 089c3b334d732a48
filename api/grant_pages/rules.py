"""Rules of grants on pages: all schemes and years, one year with its history, and the form of the draft."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

from api.auth.principals import Principal
from api.clock import JAPAN, today
from api.edit_forms import PLAIN, Shown, history_lines
from api.grant_words import LABELS, RULE_ACTIONS, say
from api.routes.accounts import page
from api.services import Services
from geodata.database import Audience
from geodata.edits import history
from geodata.grants import rules, runs
from geodata.grants.rules import HeldRule
from geodata.queries.generation import resolve
from kyodo_geo.dates import fiscal_year_of
from kyodo_geo.grants import words
from kyodo_geo.grants.schemes import SCHEMES, Scheme
from kyodo_geo.grants.table import RuleTable

BASE = "/staff/grants"
FIRST_YEAR = 2006
SHOWN = {name: word for name, word in LABELS.items() if name != "form"}
DONE = {
    "saved": "下書きを保存しました。試算で確かめて、よければ適用してください。",
    "discarded": "下書きを消しました。",
    "forced": "きまりを適用しました。これからの計算に使われます。",
}
NO_FIGURES = (
    "この制度は、申請ごとの金額や月数で計算します。団体や地区の数値だけでは計算できないため、"
    "数値を入れて試してください。"
)


def address(scheme: Scheme, year: int) -> str:
    return f"{BASE}/rules/{scheme.key}/{year}"


def overview(request: Request, services: Services, user: Principal) -> Response:
    """Schemes by year, and the runs of the incentive."""
    code = services.settings.municipality
    now = fiscal_year_of(today())
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, code)
        held = {key: rules.versions(conn, code, key) for key in SCHEMES}
        calculated = runs.runs(conn, code)
    years = sorted(
        {now, now + 1, *(one.fiscal_year for found in held.values() for one in found)}, reverse=True
    )
    table = [
        (scheme, [(year, _states(held[key], year), address(scheme, year)) for year in years])
        for key, scheme in SCHEMES.items()
    ]
    return page(
        request, services, "staff_grants.html", ref=ref, dataset=None, user=user, csrf_token=user.csrf_token,
        years=years, table=table, runs=calculated[:10], run_states=runs.STATES,
        choices=list(range(now + 1, FIRST_YEAR - 1, -1)), schemes=list(SCHEMES.values()),
    )  # fmt: skip


def _states(found: list[HeldRule], year: int) -> list[str]:
    here = [one for one in found if one.fiscal_year == year]
    told = []
    for state in ("in-force", "draft"):
        one = next((one for one in here if one.state == state), None)
        if one is not None:
            told.append(f"{rules.STATES[state]}（第{one.version}版）")
    return told


def year_page(
    request: Request, services: Services, user: Principal, scheme: Scheme, year: int, shown: Shown = PLAIN,
    done: str | None = None,
) -> Response:  # fmt: skip
    """One scheme and year: what holds, the draft, putting into force, versions and history."""
    code = services.settings.municipality
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, code)
        found = rules.versions(conn, code, scheme.key, year)
        told = history.history(conn, code, rules.target(scheme.key, year))
    held = next((one for one in found if one.state == "in-force"), None)
    draft = next((one for one in found if one.state == "draft"), None)
    return page(
        request, services, "staff_grant_rule.html", shown.status, ref=ref, dataset=None, user=user,
        csrf_token=user.csrf_token, scheme=scheme, year=year, base=address(scheme, year), held=_worded(held),
        draft=_worded(draft), versions=found, states=rules.STATES, shown=shown, zone=JAPAN,
        changed=words.differences(held.table, draft.table) if held and draft else None,
        done=DONE[done] if done else None, sample=bool(held and held.quality == "sample"),
        history=history_lines(told, RULE_ACTIONS, SHOWN, say=say, note=lambda one: _note(one.details)),
    )  # fmt: skip


def _note(details: dict[str, Any]) -> str:
    reason = f"。理由：{details['reason']}" if details.get("reason") else ""
    return f"　第{details['version']}版{reason}" if "version" in details else ""


@dataclass(frozen=True, slots=True)
class Worded:
    """A rule as a page shows it."""

    rule: HeldRule
    table: RuleTable
    parts: list[tuple[str, list[str], list[str]]]
    whole: list[str]
    conditions: list[tuple[str, str]]
    figures: tuple[str, ...]


def worded(rule: HeldRule) -> Worded:
    """Raises InputError where what is kept is no rule."""
    read = rule.read()
    return Worded(
        rule, read.table, [(part.name, words.how(part), words.bounds(part)) for part in read.table.parts],
        words.whole(read.table.whole),
        [(words.condition_line(one), one.check.label) for one in read.table.conditions], read.figures,
    )  # fmt: skip


def _worded(rule: HeldRule | None) -> Worded | None:
    return None if rule is None else worded(rule)
