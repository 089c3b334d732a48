"""Another version of a scenario out of what an editor sent: what changes, what refuses it, what the audit log says."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from api.clock import today
from api.credits import credit
from api.edit_forms import Sent
from api.scenario_edit import reading, rows
from api.scenario_edit.reading import HEAD, Known
from api.services import Services
from geodata import scenarios, unit_costs
from geodata.database import Audience, Connection
from geodata.queries import assets
from geodata.queries.datasets import active_datasets
from geodata.queries.generation import Ref, resolve
from geodata.scenarios import Action, Scenario
from kyodo_geo import edit_entries as entries
from kyodo_geo.edits import EditConflictError, stamp
from kyodo_geo.errors import ConflictError, InputError
from kyodo_geo.scenarios.changes import changed
from kyodo_geo.scenarios.rules import Fault, faults, new_faults

BASE = "/staff/facilities/scenarios"
UNCHANGED = "変わったところがありません。"
GONE_ROW = "直そうとした行動は、ほかの職員が先に変えたか、除きました。今の内容を確かめてください。"
Change = Callable[[Scenario, Known], Scenario]


def mark(action: Action) -> str:
    """What tells an action from others, whatever its place in the list."""
    return stamp(asdict(action))


def version_seen(sent: Sent) -> int:
    """The version that was on the editor's page; what is no number matches none."""
    seen = sent.version
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else -1


def read_head(sent: Sent) -> dict[str, Any]:
    """Title, author, reason and years of a form; raises InputError with `field`."""
    found: dict[str, Any] = {
        "title": entries.line(sent.text("title"), "title", HEAD["title"], most=scenarios.MAX_TITLE, required=True),
        "author": entries.line(sent.text("author"), "author", HEAD["author"], most=scenarios.MAX_TITLE, required=True),
        "reason": entries.words(sent.text("reason"), "reason", HEAD["reason"], most=scenarios.MAX_REASON, required=True),
    }  # fmt: skip
    try:
        base = rows.fiscal_year(sent.text("base_year"))
    except InputError as error:
        raise InputError(error.message, field="base_year") from None
    horizon = entries.whole(sent.text("horizon"), "horizon", HEAD["horizon"], most=100, unit="年")
    if not 1950 <= base <= 2200:
        raise InputError("最初の年度は 1950 年度から 2200 年度までにしてください。", field="base_year")
    if not horizon:
        raise InputError("期間は 1〜100 年で入力してください。", field="horizon")
    return {**found, "base_year": base, "horizon": horizon}


def create(services: Services, sent: Sent) -> str:
    """A new scenario, empty or with the actions of another one; returns its id."""
    head = read_head(sent)
    code = services.settings.municipality
    with services.database.write(Audience.STAFF) as conn:
        ref = resolve(conn, code)
        known = reading.known(conn, ref)
        model = _model(conn, code, sent.text("copy_from"))
        actions = () if model is None else model.actions
        wrong = faults(actions, known.places, head["base_year"], head["horizon"])
        old = [] if model is None else reading.faults_of(model, known)
        if found := new_faults(old, wrong):
            raise InputError(
                f"写すもとの行動が、この期間に合いません：{described(found[0], actions, known)}",
                field="copy_from",
            )
        scenario_id = f"s-{secrets.token_hex(6)}"
        scenarios.save(
            conn, code, scenario_id, made_from=0, **head, actions=actions, basis=_basis(conn, ref),
            quality=_quality(conn, ref, model), source=None if model is None else model.source,
            told=None if model is None else {"copied_from": f"{model.scenario_id} 第{model.version}版"}, by=sent.actor,
        )  # fmt: skip
    return scenario_id


def _quality(conn: Connection, ref: Ref, before: Scenario | None) -> str:
    """A version is as good as what it is made of: the facilities, the records of their buildings, what it was copied from."""
    loaded = active_datasets(conn, ref)
    buildings = [row.quality for row in assets.stock(conn, ref, on=today())]
    return str(
        credit(loaded, ("facilities",), values=[*buildings, None if before is None else before.quality])[
            "quality"
        ]
    )


def _model(conn: Connection, code: str, chosen: str) -> Scenario | None:
    """`id/version` as the form offers it."""
    if not chosen:
        return None
    key, _, version = chosen.rpartition("/")
    if not (version.isascii() and version.isdigit() and len(version) < 9):
        raise InputError("写すもとの案を選んでください。", field="copy_from")
    return scenarios.scenario(conn, code, key, int(version))


def described(fault: Fault, actions: tuple[Action, ...], known: Known) -> str:
    """A fault with the action it is about."""
    about = rows.words(actions[fault.at], known.names)
    return f"{about['year']} {about['facility']}「{about['action']}」— {fault.message}"


def save(services: Services, scenario_id: str, sent: Sent, change: Change, *, one: bool = False) -> int:
    """The next version: `change` of the newest one, if that is what the editor saw. Returns its number.

    `one`: the form is about one action; what is wrong with it stands beside the form's own fields.
    Raises EditConflictError, InputError, NotFoundError.
    """
    code = services.settings.municipality
    with services.database.write(Audience.STAFF) as conn:
        ref = resolve(conn, code)
        newest = scenarios.scenario(conn, code, scenario_id)
        if newest.version != version_seen(sent):
            raise EditConflictError(newest)
        known = reading.known(conn, ref)
        new = change(newest, known)
        if (facts(new), new.actions) == (facts(newest), newest.actions):
            raise InputError(UNCHANGED)
        refuse(newest, new, known, one=one)
        return _store(conn, ref, newest, new, sent.actor)


def facts(scenario: Scenario) -> dict[str, Any]:
    """Fields beside the actions."""
    return {name: getattr(scenario, name) for name in HEAD}


def refuse(before: Scenario, after: Scenario, known: Known, *, one: bool = False) -> None:
    """Raise InputError for the first thing that an edit makes impossible."""
    found = new_faults(reading.faults_of(before, known), reading.faults_of(after, known))
    if not found:
        return
    if one:
        new = [action for action in after.actions if action not in before.actions]
        own = [fault for fault in found if not new or after.actions[fault.at] in new]
        if own:
            raise InputError(own[0].message, field=own[0].field)
        raise InputError(
            f"ほかの行動と合いません：{described(found[0], after.actions, known)}", field="action"
        )
    words = described(found[0], after.actions, known)
    raise InputError(f"{words}{f'（ほか {len(found) - 1} 件）' if len(found) > 1 else ''}", field="rows")


def _store(conn: Connection, ref: Ref, before: Scenario, after: Scenario, by: str) -> int:
    kinds = [item.kind for item in changed(before.actions, after.actions)]
    told = {
        "made_from": before.version,
        "changes": {
            name: {"before": value, "after": facts(after)[name]}
            for name, value in facts(before).items()
            if value != facts(after)[name]
        },
        "added": kinds.count("added"), "removed": kinds.count("removed"), "altered": kinds.count("changed"),
    }  # fmt: skip
    try:
        return scenarios.save(
            conn, ref.municipality_code, before.scenario_id, made_from=before.version, **facts(after),
            actions=after.actions, basis=_basis(conn, ref), quality=_quality(conn, ref, before), source=before.source,
            told=told, by=by,
        )  # fmt: skip
    except ConflictError as error:
        raise EditConflictError(None, error.message) from None


def _basis(conn: Connection, ref: Ref) -> dict[str, Any]:
    """What stood when the version was made: generation, and the versions of the unit costs."""
    code = ref.municipality_code
    return {
        "generation": ref.generation_no,
        "assumptions": unit_costs.assumptions(conn, code).version,
        "unit_costs": {
            rules: unit_costs.unit_costs(conn, code, rules).version for rules in ("60-year", "80-year")
        },
    }


def with_head(head: dict[str, Any]) -> Change:
    """Other fields, the same actions."""
    return lambda newest, known: replace(newest, **head)


def adding(sent: Sent) -> Change:
    """One action more."""

    def change(newest: Scenario, known: Known) -> Scenario:
        return _ordered(newest, (*newest.actions, rows.read_form(sent.text, known.names)))

    return change


def correcting(sent: Sent, row: str) -> Change:
    """One action put right."""

    def change(newest: Scenario, known: Known) -> Scenario:
        at = place_of(newest, row)
        new = rows.read_form(sent.text, known.names)
        return _ordered(newest, (*newest.actions[:at], new, *newest.actions[at + 1 :]))

    return change


def removing(row: str) -> Change:
    """One action less."""

    def change(newest: Scenario, known: Known) -> Scenario:
        at = place_of(newest, row)
        return replace(newest, actions=newest.actions[:at] + newest.actions[at + 1 :])

    return change


def place_of(scenario: Scenario, row: str) -> int:
    """Where an action stands; raises EditConflictError when the version has none like it."""
    for at, action in enumerate(scenario.actions):
        if mark(action) == row:
            return at
    raise EditConflictError(scenario, GONE_ROW)


def taking(found: list[Action], mode: str) -> Change:
    """The rows of a table, instead of all actions or behind them."""

    def change(newest: Scenario, known: Known) -> Scenario:
        return _ordered(newest, (*(() if mode == "replace" else newest.actions), *found))

    return change


def _ordered(scenario: Scenario, actions: tuple[Action, ...]) -> Scenario:
    """Actions by year, those of one year in the order of entry."""
    return replace(scenario, actions=tuple(sorted(actions, key=lambda action: action.year)))
