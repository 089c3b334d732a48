"""What the editing of scenarios knows of the city: facilities with their days and floor area, and scenarios in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from api.clock import today
from api.credits import credit
from api.scenario_edit import rows
from geodata import scenarios
from geodata.database import Connection
from geodata.queries import assets, facility_sheet, facility_use
from geodata.queries.datasets import active_datasets
from geodata.queries.generation import Ref
from geodata.scenarios import Action, Scenario
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.scenarios.changes import Change, changed
from kyodo_geo.scenarios.rules import Fault, Place, faults

STATES = {"draft": "下書き", "published": "公開中", "withdrawn": "取り下げ"}
HEAD = {
    "title": "題名",
    "author": "作成者（課・団体）",
    "reason": "ねらい",
    "base_year": "最初の年度",
    "horizon": "期間（年）",
}
"""Fields of a scenario beside its actions."""


@dataclass(frozen=True, slots=True)
class Known:
    """Facilities of the city: names for choosing (those that still stand), names of all, and each as it is."""

    offered: dict[str, str]
    names: dict[str, str]
    places: dict[str, Place]


def known(conn: Connection, ref: Ref) -> Known:
    """Read once per page."""
    sites = facility_sheet.sites(conn, ref, all_times=True)
    closures: dict[str, list[Any]] = {}
    for item in facility_use.closures(conn, ref):
        closures.setdefault(item.facility_id, []).append((item.closed_from, item.reopens_on))
    areas = floor_areas(conn, ref)
    names = {site.id: site.name for site in sites}
    return Known(
        {site.id: site.name for site in sites if site.closed_on is None or site.closed_on > today()},
        names,
        {
            site.id: Place(
                site.id, site.name, site.opened_on, site.closed_on, tuple(closures.get(site.id, ())), areas.get(site.id)
            )
            for site in sites
        },
    )  # fmt: skip


def floor_areas(conn: Connection, ref: Ref) -> dict[str, float | None]:
    """Floor area of each facility with a building, its share of what it divides with others; None: unknown."""
    from kyodo_geo.assets import shares

    found: dict[str, float | None] = {}
    for row in assets.stock(conn, ref, on=today()):
        parts = shares(row.used) if row.used else {}
        for key in row.used:
            before = found.get(key, 0.0)
            whole = parts is not None and row.floor_area_m2 is not None and before is not None
            found[key] = before + parts[key] * row.floor_area_m2 if whole else None  # type: ignore[operator, index]
    return found


def faults_of(scenario: Scenario, known: Known) -> list[Fault]:
    """What cannot be in a version."""
    return faults(scenario.actions, known.places, scenario.base_year, scenario.horizon)


def credit_of(conn: Connection, ref: Ref, *qualities: str) -> dict[str, Any]:
    """The credit of a page about scenarios: facilities, and how far the scenarios themselves may be believed."""
    return credit(active_datasets(conn, ref), ("facilities",), values=set(qualities))


def head_typed(scenario: Scenario) -> dict[str, str]:
    """Fields of a scenario as they stand in the form."""
    return {name: str(getattr(scenario, name)) for name in HEAD}


def head_said(name: str, value: object) -> str:
    """A field of a scenario in words."""
    return fiscal_year_label(int(str(value))) if name == "base_year" else str(value)


def head_changes(before: Scenario, after: Scenario) -> list[tuple[str, str, str]]:
    """(label, before, after) of the fields that differ."""
    return [
        (label, head_said(name, getattr(before, name)), head_said(name, getattr(after, name)))
        for name, label in HEAD.items()
        if getattr(before, name) != getattr(after, name)
    ]


KINDS = {"added": "加えた", "removed": "除いた", "changed": "変えた"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One action that came, went or changed, as two lines."""

    kind: str
    before: str
    after: str

    @property
    def label(self) -> str:
        return KINDS[self.kind]


def differences(before: tuple[Action, ...], after: tuple[Action, ...], names: rows.Names) -> list[Difference]:
    """What is different between the actions of two versions."""

    def said(action: Action | None) -> str:
        return "" if action is None else rows.line(action, names)

    found: list[Change] = changed(before, after)
    return [Difference(item.kind, said(item.before), said(item.after)) for item in found]


def whole(conn: Connection, code: str, scenario_id: str) -> list[Scenario]:
    """Every version that the reader may see with its actions, newest first; raises NotFoundError."""
    newest = scenarios.scenario(conn, code, scenario_id)
    older = [item for item in scenarios.versions(conn, code, scenario_id) if item.version != newest.version]
    return [newest, *(scenarios.scenario(conn, code, scenario_id, item.version) for item in older)]
