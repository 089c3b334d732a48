"""The forms of a case: its own facts, its first step, the next step, and a table of old cases. Each does its work whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from api.clock import today
from api.edit_forms import Sent
from api.record_pages import entry_of
from api.record_words import table_of
from api.services import Services
from geodata.database import Audience, Connection
from geodata.edits import records
from geodata.grants import case_changes, cases
from geodata.queries.generation import Ref, resolve
from kyodo_geo.errors import InputError
from kyodo_geo.grants.case_fields import BASE, CASE_KINDS, CASE_SCHEMES
from kyodo_geo.grants.cases import Deed
from kyodo_geo.grants.step_fields import past_case, past_kind, step_of, ticked_of
from kyodo_geo.grants.table import MAX_CONDITIONS
from kyodo_geo.records import Facts, Kind

FIRST_DEEDS = {"apply": Deed.APPLY, "consult": Deed.CONSULT}


def _facts(conn: Connection, ref: Ref, kind: Kind, sent: Sent, before: Facts | None = None) -> Facts:
    found = entry_of(conn, ref, kind, sent, before)
    if not found["applicant"]:
        refs = records.references(conn, ref, kind)
        found["applicant"] = _named(refs, found)
    return found


def _named(refs: Mapping[str, Mapping[str, str]], facts: Facts) -> str:
    """An association applies under its own name unless another is given."""
    return refs["association"].get(str(facts["association_id"]), str(facts["association_id"]))[:120]


def enter(services: Services, scheme: str, sent: Sent) -> str:
    """A new case; returns where to go. Raises InputError."""
    kind = CASE_KINDS[scheme]
    deed = FIRST_DEEDS.get(sent.text("deed"))
    if deed is None:
        raise InputError("相談か申請かを選んでください。", field="deed")
    with services.database.write(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        facts = _facts(conn, ref, kind, sent)
        step, _ = step_of(CASE_SCHEMES[scheme], deed, sent.text)
        first = [replace(step, no=1)]
        no = case_changes.enter(conn, ref, kind, facts, first, today=today(), actor=sent.actor)
    return f"{BASE}/{no}?done=add"


def correct(services: Services, no: int, sent: Sent) -> str:
    """The case's own facts put right. Raises InputError, EditConflictError, NotFoundError."""
    with services.database.write(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        case = cases.one(conn, ref.municipality_code, no)
        new = _facts(conn, ref, case.kind, sent, case.facts)
        case_changes.correct(conn, ref, no, new, version=sent.version, actor=sent.actor)
    return f"{BASE}/{no}?done=correct"


def take_step(services: Services, no: int, deed: Deed, sent: Sent) -> str:
    """The next step. Raises InputError, ConflictError, EditConflictError, NotFoundError."""
    with services.database.write(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        case = cases.one(conn, ref.municipality_code, no)
        step, answered = step_of(CASE_SCHEMES[case.scheme], deed, sent.text)
        ticked = ticked_of(sent.text, range(1, MAX_CONDITIONS + 1))
        case_changes.take_step(
            conn, ref, no, step, ticked=ticked, answered=answered, version=sent.version, today=today(), actor=sent.actor
        )  # fmt: skip
    return f"{BASE}/{no}?done={deed.value}"


class OnlyLookedError(Exception):
    """Undoes what was tried for a preview."""


def enter_past(services: Services, scheme: str, sent: Sent) -> tuple[int, list[dict[str, Any]]]:
    """Enter the rows of a pasted table with old cases, all or none; returns how many, and the rows as they were read.

    Looks only, unless the form says `save`. Raises InputError with the line.
    """
    kind = past_kind(scheme)
    found: list[Facts] = []
    try:
        with services.database.write(Audience.STAFF) as conn:
            ref = resolve(conn, services.settings.municipality)
            refs = records.references(conn, ref, kind)
            found = table_of(kind, sent.text("rows"), refs)
            for number, row in enumerate(found, start=2):
                try:
                    facts, steps = past_case(scheme, row)
                    facts["applicant"] = facts["applicant"] or _named(refs, facts)
                    case_changes.enter(
                        conn, ref, CASE_KINDS[scheme], facts, steps, today=today(), actor=sent.actor
                    )
                except InputError as error:
                    raise InputError(f"{number} 行目：{error.message}", field="rows") from None
            if sent.text("act") != "save":
                raise OnlyLookedError
    except OnlyLookedError:
        return 0, found
    return len(found), found
