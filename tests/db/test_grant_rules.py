"""Rule tables of grants: drafts, what is in force, former versions, and two people at once."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from geodata.database import Audience, Connection, Database
from geodata.edits.history import history
from geodata.grants import rules
from kyodo_geo.edits import EditConflictError
from kyodo_geo.errors import ConflictError, InputError, NotFoundError
from kyodo_geo.grants.calculate import calculate
from kyodo_geo.grants.schemes import INCENTIVE
from kyodo_geo.grants.table import Part, RuleTable
from tests.factories import CODE

TABLE = RuleTable((Part("均等割", "10,000円"), Part("世帯割", "会員世帯数 × 300円")))
DEARER = replace(TABLE, parts=(TABLE.parts[0], Part("世帯割", "会員世帯数 × 350円")))


def save(conn: Connection, table: RuleTable = TABLE, seen: str = "", year: int = 2026) -> rules.HeldRule:
    return rules.save_draft(
        conn, CODE, INCENTIVE, year, table, quality="sample", source="見本", seen=seen, actor="planner"
    )


def force(conn: Connection, seen: str, reason: str | None = None) -> rules.HeldRule:
    return rules.put_into_force(conn, CODE, INCENTIVE, 2026, seen=seen, reason=reason, actor="planner")


def test_a_draft_is_changed_put_into_force_and_replaced_with_a_reason(db: Database) -> None:
    with db.write(Audience.STAFF) as conn:
        with pytest.raises(NotFoundError, match="適用されていません"):
            rules.in_force(conn, CODE, "incentive", 2026)
        first = save(conn)
        held = force(conn, first.mark)
        assert (held.version, held.state, held.table) == (1, "in-force", TABLE)
        assert calculate(held.read(), {"会員世帯数": 100}).total == 40_000
        second = save(conn)
        with pytest.raises(InputError, match="理由"):
            force(conn, second.mark)
        with pytest.raises(InputError, match="同じ内容"):
            force(conn, second.mark, "単価の改定")
        second = save(conn, DEARER, second.mark)
        assert force(conn, second.mark, "単価の改定").version == 2
        assert [(one.version, one.state) for one in rules.versions(conn, CODE, "incentive", 2026)] == [
            (2, "in-force"), (1, "replaced"),
        ]  # fmt: skip
        assert rules.one(conn, CODE, "incentive", 2026, 1).table == TABLE
        told = [entry.action for entry in history(conn, CODE, "grants/incentive/2026")]
    assert told == [
        "edit.grant-rule.force", "edit.grant-rule.save", "edit.grant-rule.save", "edit.grant-rule.force",
        "edit.grant-rule.save",
    ]  # fmt: skip


def test_two_people_do_not_overwrite_each_other(db: Database) -> None:
    with db.write(Audience.STAFF) as conn:
        seen = save(conn).mark
        save(conn, DEARER, seen)
        for attempt in (
            lambda: save(conn, TABLE, seen), lambda: save(conn), lambda: force(conn, seen),
            lambda: rules.discard_draft(conn, CODE, INCENTIVE, 2026, seen=seen, actor="other"),
        ):  # fmt: skip
            with pytest.raises(EditConflictError):
                attempt()
        now = rules.draft(conn, CODE, "incentive", 2026)
        assert now is not None and now.table == DEARER
        rules.discard_draft(conn, CODE, INCENTIVE, 2026, seen=now.mark, actor="planner")
        with pytest.raises(ConflictError, match="下書きがもうありません"):
            force(conn, now.mark)
        with pytest.raises(EditConflictError):
            save(conn, TABLE, now.mark)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE grant_rule SET rules = '{\"parts\": []}' WHERE version = 1",
        "UPDATE grant_rule SET state = 'draft', in_force_at = NULL WHERE version = 1",
        "DELETE FROM grant_rule WHERE version = 1",
    ],
)
def test_the_database_keeps_what_was_in_force(db: Database, statement: str) -> None:
    with db.write(Audience.STAFF) as conn:
        force(conn, save(conn).mark)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.write(Audience.STAFF) as conn:
        conn.execute(statement)


def test_nobody_but_staff_reads_rules(db: Database) -> None:
    for audience in (Audience.PUBLIC, Audience.PARTNER):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), db.read(audience) as conn:
            conn.execute("SELECT * FROM grant_rule")
