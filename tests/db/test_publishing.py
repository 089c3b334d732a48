"""The list of what may leave: complete against the schema and the real database, and no wider than the public's rights."""

from __future__ import annotations

from collections import Counter

import psycopg

from geodata.publishing.check import questions
from geodata.publishing.decisions import CARRIED, FIGURES, LOCAL, NEVER
from geodata.schema import metadata
from geodata.schema.partitions import partitioned_tables, partitions_of

Conn = psycopg.Connection[dict[str, object]]

JOBS = "kyodo_jobs."
"""Tables of the job queue, on each side its own: nothing of them is in any list or package."""


def undecided(columns: dict[str, list[str]]) -> list[str]:
    """Tables, and columns of tables that go across, on which nobody has decided, or twice; and decisions about nothing."""
    found = []
    decided = Counter([*CARRIED, *FIGURES, *NEVER, *LOCAL])
    found += [f"{table}: {count} decisions" for table, count in decided.items() if count != 1]
    found += sorted(set(columns) ^ set(decided))
    for table, carried in CARRIED.items():
        listed = Counter(
            [
                *carried.names,
                *carried.replaced,
                *carried.never.split(),
                *carried.computed.split(),
                *carried.local.split(),
            ]
        )
        there = Counter(columns.get(table, []))
        found += [
            f"{table}.{name}" for name in sorted(listed.keys() | there.keys()) if listed[name] != there[name]
        ]
    for table, (listed_figures, _) in FIGURES.items():
        wanted = {"municipality_code", *listed_figures.split()}
        found += [f"{table}.{name}" for name in sorted(wanted ^ set(columns.get(table, [])))]
    return found


def of_metadata() -> dict[str, list[str]]:
    return {name: [column.name for column in table.columns] for name, table in metadata.tables.items()}


def test_every_table_and_column_of_the_schema_is_decided() -> None:
    """A new table or column: say in `geodata/publishing/decisions.py` whether it may leave the internal side."""
    assert undecided(of_metadata()) == []


def test_a_new_table_and_a_new_column_are_found() -> None:
    planted = of_metadata() | {"kyodo.fresh": ["municipality_code"]}
    planted["kyodo.town"] = [*planted["kyodo.town"], "owner"]
    planted["kyodo.published_house"] = [*planted["kyodo.published_house"], "rank"]
    assert undecided(planted) == ["kyodo.fresh", "kyodo.town.owner", "kyodo.published_house.rank"]


def test_the_database_has_no_table_beside_them(conn: Conn) -> None:
    partitions = {f"{table.schema}.{name}" for table in partitioned_tables() for name in partitions_of(table)}
    rows = conn.execute(
        "SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname LIKE 'kyodo%'"
    )
    there = {str(row["name"]) for row in rows} - partitions
    assert {name for name in there if not name.startswith(JOBS)} == {*CARRIED, *FIGURES, *NEVER, *LOCAL}


def test_the_public_role_can_read_each_carried_column_and_no_column_that_never_leaves(conn: Conn) -> None:
    """The database is the second lock: what the list lets out, the role that selects it must be able to read."""

    def may(table: str, column: str) -> bool:
        row = conn.execute(
            "SELECT has_column_privilege('kyodo_public', %s, %s, 'SELECT') AS may", (table, column)
        ).fetchone()
        return bool(row and row["may"])

    refused = [f"{t}.{c}" for t, carried in CARRIED.items() for c in carried.names if not may(t, c)]
    assert refused == []
    left_empty = [f"{t}.{c}" for t, carried in CARRIED.items() for c in carried.never.split() if may(t, c)]
    # Logins of staff: the package leaves them out, the pages of progress never ask for them.
    assert left_empty == ["kyodo.initiative_year.changed_by", "kyodo.indicator_value.changed_by"]
    readable = [
        table for table in (*NEVER, *LOCAL)
        if conn.execute("SELECT has_any_column_privilege('kyodo_public', %s, 'SELECT') AS may", (table,)).fetchone()
        != {"may": False}
    ]  # fmt: skip
    assert readable == []


def test_every_table_that_must_be_empty_is_looked_at_by_some_role(conn: Conn) -> None:
    for table in {table for table, _, _ in questions()}:
        row = conn.execute(
            "SELECT bool_or(has_table_privilege(role, %s, 'SELECT')) AS may "
            "FROM unnest(ARRAY['kyodo_staff', 'kyodo_loader', 'kyodo_auth']) role",
            (table,),
        ).fetchone()
        assert row == {"may": True}, table
    assert set(NEVER) <= {table for table, _, _ in questions()}
