"""Thresholds for associations at risk: versions that stay, one change at a time, an audit entry for each."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import psycopg
import pytest

from geodata import at_risk_rules
from geodata.audit import entries
from geodata.database import Audience, Database
from geodata.queries.generation import revisions
from kyodo_geo.at_risk import Thresholds
from kyodo_geo.errors import ConflictError, InputError
from tests.factories import CODE

STRICTER = replace(Thresholds(), households_below=80, fall_points=Decimal("2.5"))


def enter(db: Database, thresholds: Thresholds, made_from: int, by: str = "planner") -> int:
    with db.write(Audience.STAFF) as conn:
        return at_risk_rules.enter(conn, CODE, thresholds, made_from=made_from, note="見直し", by=by).version


def test_before_any_change_the_programs_own_rule_holds(db: Database) -> None:
    with db.read(Audience.STAFF) as conn:
        held = at_risk_rules.current(conn, CODE)
    assert (held.version, held.thresholds) == (0, Thresholds())


def test_a_change_is_another_version_with_an_audit_entry_and_a_new_revision(db: Database) -> None:
    with db.read() as conn:
        before = revisions(conn)[CODE]
    assert enter(db, STRICTER, 0) == 1
    with db.read(Audience.STAFF) as conn:
        found = at_risk_rules.versions(conn, CODE)
        entry = entries(conn, CODE)[0]
        after = revisions(conn)[CODE]
    assert [version.thresholds for version in found] == [STRICTER, Thresholds()]
    assert (found[0].created_by, found[0].note) == ("planner", "見直し")
    assert entry["action"] == "at-risk-rule.change"
    assert entry["details"]["changed"] == {
        "households_below": {"before": 50, "after": 80},
        "fall_points": {"before": "3.0", "after": "2.5"},
    }
    assert after == before + 1


def test_a_stale_change_is_refused_and_changes_nothing(db: Database) -> None:
    enter(db, STRICTER, 0)
    with pytest.raises(ConflictError) as refused:
        enter(db, replace(STRICTER, signs_needed=3), 0, by="other")
    assert refused.value.details["version"] == 1
    with db.read(Audience.STAFF) as conn:
        assert at_risk_rules.current(conn, CODE).thresholds == STRICTER


def test_no_change_is_no_version(db: Database) -> None:
    with pytest.raises(InputError):
        enter(db, Thresholds(), 0)


def test_a_version_stays_as_it_was_entered(db: Database) -> None:
    enter(db, STRICTER, 0)
    for statement in ("UPDATE at_risk_rule SET signs_needed = 1", "DELETE FROM at_risk_rule"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), db.write(Audience.STAFF) as conn:
            conn.execute(statement)


@pytest.mark.parametrize("audience", [Audience.PUBLIC, Audience.PARTNER])
def test_only_staff_read_the_rule(db: Database, audience: Audience) -> None:
    office = {"office": "o1"} if audience is Audience.PARTNER else {}
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.read(audience, **office) as conn:
        at_risk_rules.current(conn, CODE)
