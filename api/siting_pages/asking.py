"""Asking for a run: what the form offers of the present data, and entering the question."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from api import figures
from api.answers import Reading
from api.auth.principals import Principal
from api.clock import today
from api.reach_pages.params import kinds_of
from api.reach_pages.people import DEMAND, PROJECTIONS, latest, span, year_label
from api.siting_pages import form, view, words
from geodata import siting_runs, siting_sites
from geodata.database import Audience
from geodata.queries import driving, planning_layers
from geodata.queries.generation import Ref
from kyodo_geo.errors import ForbiddenError, InputError
from kyodo_geo.kinds import KIND_NAMES
from kyodo_geo.roles import VACANT_HOUSE_READERS, Role
from kyodo_geo.siting_city import question as q
from kyodo_geo.siting_city.question import Question

if TYPE_CHECKING:
    from api.reach_pages.shelf import Held
    from api.services import Services

ASKERS = VACANT_HOUSE_READERS
"""Planner, facility staff and administrator ask for runs and cancel them; all other staff read."""


def may_ask(principal: Principal) -> bool:
    return not ASKERS.isdisjoint(principal.roles)


def sources_for(roles: Collection[Role]) -> dict[str, str]:
    """Sources of new places that these roles may ask for."""
    return {
        key: label
        for key, label in q.NEW.items()
        if key == "none" or not siting_sites.readers_of(key).isdisjoint(roles)
    }


def form_facts(services: Services, held: Held, roles: Collection[Role]) -> dict[str, Any]:
    """What the form offers, the credit of the data, and the runs (blocking)."""
    with services.database.read(Audience.STAFF) as conn:
        ref = view.ref_of(conn, services.settings.municipality)
        district = figures.district_figures(Reading(conn, ref, today(), services), geometry=False)
        layers = planning_layers.loaded(conn, ref)
        roads = driving.loaded(conn, ref)
        runs = view.listed(conn, services.settings.municipality, roles)
    found = held.prepared
    first, last = span(found)
    by_cohort = len(found.cohort_years) > 0 and bool(found.projected.any())
    if by_cohort:
        last = max(last, span(found, "cohort")[1])
    with_network = found.has_network or not held.ready
    return {
        "ref": ref,
        "dataset": district.credit(*view.KINDS, plans=False),
        "runs": [(run, Question.from_json(run.parameters)) for run in runs],
        "district_names": {row.no: row.name for row in district.rows},
        "years": [(str(year), year_label(found, year)) for year in range(first, last + 1)],
        "demands": list(DEMAND.items()) if held.meshed else [("areas", DEMAND["areas"])],
        "projections": list(PROJECTIONS.items()) if by_cohort else [("table", PROJECTIONS["table"])],
        "latest": str(latest(found)),
        "supplies": [(name, words.supply(name)) for name in ("activity", "all", *kinds_of(found))],
        "bys": [(key, label) for key, label in words.BY.items() if key == "straight" or with_network],
        "sources": sources_for(roles),
        "has_roads": roads,
        "layers": layers,
        "missing_layers": [
            KIND_NAMES[k] for k in ("residential-zone", "landslide", "flood") if k not in layers
        ],
        "known_ages": bool(found.people[..., :3].any()),
        "facilities": sorted(
            {(str(name), str(kind)) for name, kind in zip(found.site_name, found.site_kind, strict=True)}
        ),
    }


def check_data(found: form.Read, facts: dict[str, Any]) -> None:
    """What these data cannot answer, as errors of fields."""
    asked, errors = found.question, found.errors
    if asked is None:
        return
    for name, value, offered in (
        ("year", str(asked.year), facts["years"]),
        ("demand", asked.demand, facts["demands"]),
        ("projection", asked.projection, facts["projections"]),
        ("supply", asked.supply, facts["supplies"]),
        ("by", asked.by, facts["bys"]),
    ):
        if value not in {key for key, _ in offered}:
            errors.setdefault(name, "一覧から選んでください。")
    if not facts["known_ages"] and len(set(asked.weights)) > 1:
        errors.setdefault("age", "年齢別の人口が読み込まれていないため、年齢では分けられません。")
    for name, numbers in (
        ("districts", asked.districts),
        ("new_districts", asked.new_districts),
        ("drive_districts", asked.drive_districts),
    ):
        if not set(numbers) <= set(facts["district_names"]):
            errors.setdefault(name, "地区を一覧から選んでください。")


def enter(services: Services, principal: Principal, found: form.Read) -> str | None:
    """Enter the question; returns the run's id, None where a name was wrong (`found.errors`). Blocking.

    Raises `ForbiddenError` for places this person may not see, `ConflictError` when too many runs wait.
    """
    from geodata.siting_problem import hash_of
    from geodata.siting_sites import facilities

    assert found.question is not None
    asked, code = found.question, services.settings.municipality
    if asked.new not in sources_for(principal.roles):
        raise ForbiddenError("この種類の候補地を使えるのは、担当の職員だけです。")
    with services.database.read(Audience.STAFF) as conn:
        ref: Ref = view.ref_of(conn, code)
        try:
            new = siting_sites.new_places(conn, ref, asked)
        except InputError as error:
            found.errors.setdefault(str(error.details.get("field", "new")), error.message)
            return None
        places = [*facilities.gather(conn, ref, asked), *new]
        named = form.resolve_names(found, places)
        if found.errors:
            return None
        asked = replace(asked, **named)
        hashed = hash_of(conn, ref, asked)
    wanted = {*asked.required, *asked.forbidden, *asked.prices}
    run_id = secrets.token_hex(12)
    with services.database.write(Audience.STAFF) as conn:
        siting_runs.ask(
            conn, code, run_id, model=asked.model, parameters=asked.to_json(), by=principal.login or "",
            basis={
                "generation": ref.generation_no,
                "input_hash": hashed,
                "names": {place.id: place.name for place in places if place.id in wanted},
            },
        )  # fmt: skip
    return run_id
