"""The editing pages of scenarios: list, one scenario, one action, differences of versions, confirmation of publishing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from fastapi import Request, Response

from api.auth.principals import Principal
from api.clock import JAPAN, today
from api.edit_forms import PLAIN, Line, Shown, history_lines
from api.scenario_edit import reading, rows
from api.scenario_edit.reading import HEAD, STATES, Known
from api.scenario_edit.saving import BASE, described, mark
from api.services import Services
from geodata import scenarios
from geodata.database import Audience, Connection
from geodata.edits import history
from geodata.queries.generation import Ref, resolve
from geodata.scenarios import MAX_ACTIONS, MAX_NOTE, MAX_REASON, MAX_TITLE, Scenario
from kyodo_geo.dates import fiscal_year_label, fiscal_year_of
from kyodo_geo.errors import NotFoundError
from kyodo_geo.facility_terms import ACTIONS
from kyodo_geo.roles import FACILITY_KEEPERS
from kyodo_geo.scenarios.rules import remarks

MAX_TEXT = 6_000
"""Characters of a pasted table (`api.record_words.MAX_TEXT`)."""
DEEDS = {"scenario.save": "保存", "scenario.publish": "公開", "scenario.withdraw": "取り下げ"}
DONE = {
    "new": "新しい案を作りました。まだ下書きで、職員だけが見られます。",
    "head": "題名などを保存しました。",
    "add": "行動を加えました。",
    "edit": "行動を直しました。",
    "remove": "行動を除きました。",
    "table": "表の行動を保存しました。",
    "restore": "前の版の内容で、新しい版を作りました。",
    "publish": "公開しました。だれでも見られます。",
    "withdraw": "取り下げました。職員のほかは、もう見られません。",
}


def may_edit(user: Principal) -> bool:
    """Whether somebody may change scenarios; other staff read."""
    return not FACILITY_KEEPERS.isdisjoint(user.roles)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A version with what stands around it."""

    ref: Ref
    scenario: Scenario
    newest: int
    published: int | None
    known: Known
    versions: list[Scenario]
    dataset: dict[str, Any]


def load(conn: Connection, code: str, scenario_id: str, version: int | None = None) -> Loaded:
    """A version (default: the newest); raises NotFoundError."""
    ref = resolve(conn, code)
    found = scenarios.scenario(conn, code, scenario_id, version)
    versions = scenarios.versions(conn, code, scenario_id)
    published = next((item.version for item in versions if item.state == "published"), None)
    return Loaded(
        ref, found, versions[0].version, published, reading.known(conn, ref), versions,
        reading.credit_of(conn, ref, found.quality),
    )  # fmt: skip


def _page(
    request: Request, services: Services, template: str, user: Principal, shown: Shown, **more: Any
) -> Response:
    from api.routes.accounts import page

    return page(
        request, services, template, shown.status, user=user, csrf_token=user.csrf_token, shown=shown, base=BASE,
        states=STATES, head_labels=HEAD, zone=JAPAN, may_edit=may_edit(user), most_title=MAX_TITLE,
        most_reason=MAX_REASON, **more,
    )  # fmt: skip


def list_page(request: Request, services: Services, user: Principal, shown: Shown = PLAIN) -> Response:
    """Every scenario with its newest version, and the form for a new one."""
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        code = ref.municipality_code
        newest = scenarios.scenarios(conn, code)
        lines: list[dict[str, Any]] = []
        for item in newest:
            versions = scenarios.versions(conn, code, item.scenario_id)
            whole = scenarios.scenario(conn, code, item.scenario_id)
            lines.append(
                {
                    "scenario": whole,
                    "published": next((one.version for one in versions if one.state == "published"), None),
                    "versions": versions,
                }
            )
        dataset = reading.credit_of(conn, ref, *(item.quality for item in newest))
    models = [
        (f"{item.scenario_id}/{item.version}", f"{line['scenario'].title[:60]}　第{item.version}版（{STATES[item.state]}）")
        for line in lines
        for item in line["versions"]
    ]  # fmt: skip
    stored = {
        "title": "", "author": "", "reason": "", "base_year": str(fiscal_year_of(today()) + 1), "horizon": "40",
        "copy_from": "",
    }  # fmt: skip
    return _page(
        request, services, "staff_scenarios.html", user, shown, ref=ref, dataset=dataset, lines=lines, models=models,
        stored=stored,
    )  # fmt: skip


def one_page(
    request: Request, services: Services, user: Principal, scenario_id: str, *, version: int | None = None,
    shown: Shown = PLAIN, done: str | None = None,
) -> Response:  # fmt: skip
    """One version: its actions, the forms (on the newest alone), the versions and the history."""
    with services.database.read(Audience.STAFF) as conn:
        code = services.settings.municipality
        found = load(conn, code, scenario_id, version)
        told = history.history(conn, code, scenario_id, prefix="scenario.")
    item, known = found.scenario, found.known
    faults = [described(fault, item.actions, known) for fault in reading.faults_of(item, known)]
    return _page(
        request, services, "staff_scenario.html", user, shown, ref=found.ref, dataset=found.dataset, found=found,
        item=item, is_newest=item.version == found.newest, faults=faults, remarks=remarks(item.actions, known.places),
        lines=[(at, rows.words(action, known.names), action) for at, action in enumerate(item.actions)],
        unknown_costs=sum(action.cost_yen is None for action in item.actions),
        options=action_options(known, item), blank=rows.typed(None), stored=reading.head_typed(item),
        labels=rows.FORM_LABELS, columns=[*rows.LABELS.values()], max_text=MAX_TEXT, most_note=MAX_NOTE,
        max_actions=MAX_ACTIONS, done=DONE[done] if done else None, history=history_of(told),
        last_year=fiscal_year_label(item.last_year),
    )  # fmt: skip


def action_options(known: Known, scenario: Scenario) -> dict[str, list[tuple[str, str]]]:
    """What the selects offer: the years of the scenario, facilities that still stand and those it speaks of."""
    used = {action.facility_id for action in scenario.actions} | {
        action.into_facility for action in scenario.actions if action.into_facility
    }
    sites = {**known.offered, **{key: known.names.get(key, key) for key in used}}
    facilities = sorted(((key, f"{name}（{key}）") for key, name in sites.items()), key=lambda pair: pair[1])
    years = range(scenario.base_year, scenario.base_year + scenario.horizon)
    return {
        "year": [(str(year), fiscal_year_label(year) if year <= 2200 else str(year)) for year in years],
        "facility_id": facilities,
        "action": [(name, name) for name in ACTIONS],
        "into_facility": facilities,
    }


def history_of(told: list[history.Entry]) -> list[Line]:
    """The audit log's entries of one scenario."""

    def note(entry: history.Entry) -> str:
        facts = entry.details
        words = [f"第{facts['version']}版"] if "version" in facts else []
        for key, label in (("added", "加えた"), ("altered", "変えた"), ("removed", "除いた")):
            if facts.get(key):
                words.append(f"{label}行動 {facts[key]} 件")
        if facts.get("copied_from"):
            words.append(f"写したもと：{facts['copied_from']}")
        if facts.get("instead_of"):
            words.append(f"第{facts['instead_of']}版と入れ替え")
        if facts.get("reason"):
            words.append(f"理由：{facts['reason']}")
        return f"（{'、'.join(words)}）" if words else ""

    return history_lines(told, DEEDS, HEAD, None, note, lambda name, value: reading.head_said(name, value))


def action_page(
    request: Request, services: Services, user: Principal, scenario_id: str, no: int, *, row: str = "",
    shown: Shown = PLAIN,
) -> Response:  # fmt: skip
    """One action of the newest version in its form. `row`: the mark of the one meant, wherever it stands by now."""
    with services.database.read(Audience.STAFF) as conn:
        found = load(conn, services.settings.municipality, scenario_id)
    actions = found.scenario.actions
    at = next(
        (place for place, action in enumerate(actions) if mark(action) == row), no - 1 if not row else -1
    )
    if not 0 <= at < len(actions):
        if row:
            return one_page(
                request,
                services,
                user,
                scenario_id,
                shown=replace(shown, form="add" if shown.form == "edit" else ""),
            )
        raise NotFoundError("この番号の行動はありません。", scenario_id=scenario_id[:40], no=no)
    action, known = actions[at], found.known
    return _page(
        request, services, "staff_scenario_action.html", user, shown, ref=found.ref, dataset=found.dataset, found=found,
        item=found.scenario, no=at + 1, row=mark(action), told=rows.line(action, known.names),
        options=action_options(known, found.scenario), stored=rows.typed(action), labels=rows.FORM_LABELS,
        most_note=MAX_NOTE,
    )  # fmt: skip


def changes_page(
    request: Request,
    services: Services,
    user: Principal,
    scenario_id: str,
    first: int | None,
    second: int | None,
) -> Response:
    """What is different between two versions."""
    with services.database.read(Audience.STAFF) as conn:
        code = services.settings.municipality
        found = load(conn, code, scenario_id)
        numbers = [item.version for item in reversed(found.versions)]
        after = scenarios.scenario(conn, code, scenario_id, second or numbers[-1])
        chosen = (
            first if first is not None else max([no for no in numbers if no < after.version] or numbers[:1])
        )
        before = scenarios.scenario(conn, code, scenario_id, chosen)
    return _page(
        request, services, "staff_scenario_changes.html", user, PLAIN, ref=found.ref, dataset=found.dataset, found=found,
        item=found.scenario, before=before, after=after, numbers=numbers,
        heads=reading.head_changes(before, after),
        differences=reading.differences(before.actions, after.actions, found.known.names),
    )  # fmt: skip


def publish_page(
    request: Request, services: Services, user: Principal, scenario_id: str, *, shown: Shown = PLAIN
) -> Response:
    """What becomes public when the newest version is published, and what stands in the way."""
    with services.database.read(Audience.STAFF) as conn:
        code = services.settings.municipality
        found = load(conn, code, scenario_id)
        held = (
            None if found.published is None else scenarios.scenario(conn, code, scenario_id, found.published)
        )
    item, known = found.scenario, found.known
    return _page(
        request, services, "staff_scenario_publish.html", user, shown, ref=found.ref, dataset=found.dataset, found=found,
        item=item, held=held,
        faults=[described(fault, item.actions, known) for fault in reading.faults_of(item, known)],
        remarks=remarks(item.actions, known.places), lines=[rows.words(action, known.names) for action in item.actions],
        unknown_costs=sum(action.cost_yen is None for action in item.actions),
        heads=[] if held is None else reading.head_changes(held, item),
        differences=[] if held is None else reading.differences(held.actions, item.actions, known.names),
        notes=[action.note for action in item.actions if action.note], last_year=fiscal_year_label(item.last_year),
    )  # fmt: skip
