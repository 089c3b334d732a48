"""Address rules of two datasets compared, before one replaces the other. Audience `LOADER`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geodata.database import Connection, active_generation
from geodata.queries.gazetteer import association_facts
from kyodo_geo.lookup_types import Rule
from kyodo_geo.rule_changes import RuleChanges, rule_changes, touched_by, touches


@dataclass(frozen=True, slots=True)
class RuleComparison:
    """What changes, and the associations' names by id."""

    changes: RuleChanges
    names: dict[str, str]


def compare_rules(
    conn: Connection,
    municipality: str,
    dataset_id: int,
    against: int | None,
    together: Mapping[str, int] | None = None,
) -> RuleComparison:
    """Rules of a dataset beside those of another (None: none), over the active towns, blocks and associations.

    `together`: kind → dataset that becomes active at the same time.
    """
    active: dict[str, int] = {
        row["kind"]: row["dataset_id"]
        for row in conn.execute(
            "SELECT kind, dataset_id FROM generation_dataset WHERE municipality_code = %s AND generation_no = %s",
            (municipality, active_generation(conn, municipality)),
        )
    } | dict(together or {})
    names, _ = association_facts(conn, municipality, active.get("associations"))
    old, new = (_rules(conn, municipality, number) for number in (against, dataset_id))
    return RuleComparison(changes_between(conn, municipality, old, new, active), names or {})


def changes_between(
    conn: Connection, municipality: str, old: list[Rule], new: list[Rule], active: Mapping[str, int | None]
) -> RuleChanges:
    """Two sets of rules over the towns, blocks and associations of `active` (kind → dataset)."""
    _, buildings = association_facts(conn, municipality, active.get("associations"))
    touched = touched_by(old, new)
    return rule_changes(
        old,
        new,
        _places(conn, municipality, "town", "name", active.get("towns")),
        _blocks(conn, municipality, active.get("blocks"), touched),
        buildings,
    )


def _places(
    conn: Connection, municipality: str, table: str, column: str, dataset_id: int | None
) -> list[tuple[str, str | None]]:
    standing = " AND valid_to IS NULL" if table == "town" else ""
    rows = conn.execute(
        f"SELECT DISTINCT {column} AS town, koaza FROM {table} "  # noqa: S608 - fixed names
        f"WHERE municipality_code = %s AND dataset_id = %s{standing} ORDER BY 1, 2",
        (municipality, dataset_id),
    )
    return [(row["town"], row["koaza"]) for row in rows]


def _blocks(
    conn: Connection, municipality: str, dataset_id: int | None, touched: set[str]
) -> list[tuple[str, str | None, str]]:
    """Blocks of the 大字 that are looked at."""
    places = _places(conn, municipality, "block", "town", dataset_id)
    towns = sorted({town for town, koaza in places if touches(town, koaza, touched)})
    rows = conn.execute(
        "SELECT DISTINCT town, koaza, block FROM block "
        "WHERE municipality_code = %s AND dataset_id = %s AND town = ANY(%s) ORDER BY 1, 2, 3",
        (municipality, dataset_id, towns),
    )
    return [(row["town"], row["koaza"], row["block"]) for row in rows]


def _rules(conn: Connection, municipality: str, dataset_id: int | None) -> list[Rule]:
    rows = conn.execute(
        "SELECT association_id, kind, town, koaza, block_from, block_to, house_from, house_to FROM address_rule "
        "WHERE municipality_code = %s AND dataset_id = %s ORDER BY association_id, rule_no",
        (municipality, dataset_id),
    )
    return [Rule(**row) for row in rows]
