"""A return beside what the city holds: differences and doubts, the area's words read with the city's gazetteer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from geodata.database import Connection
from geodata.edits.active import active_facts
from geodata.queries.gazetteer import towns_of
from geodata.queries.generation import Ref
from geodata.returns.prefill import rules_of
from geodata.returns.rounds import one_round
from geodata.returns.rows import Return
from kyodo_geo.addresses.gazetteer import Gazetteer
from kyodo_geo.returns import Difference, Doubt, area_doubts, differences, doubts


@dataclass(frozen=True, slots=True)
class Checked:
    """One return with what it says otherwise than before, and what looks wrong (gravest first)."""

    row: Return
    differences: tuple[Difference, ...]
    doubts: tuple[Doubt, ...]


def check(conn: Connection, ref: Ref, row: Return) -> Checked:
    """One return; without answers there is nothing to tell."""
    return check_all(conn, ref, [row])[0]


def check_all(conn: Connection, ref: Ref, rows: Iterable[Return]) -> list[Checked]:
    """The same for many of one round, in their order; the gazetteer is read once, and only where words changed."""
    items = list(rows)
    if not items:
        return []
    limits = one_round(conn, ref.municipality_code, items[0].fiscal_year).thresholds
    reworded = [
        item.association_id for item in items
        if item.answers is not None and item.answers.area_text not in (None, item.held.area_text)
    ]  # fmt: skip
    rules = active_facts(conn, ref, "association-rules", reworded) if reworded else {}
    gazetteer = _gazetteer(conn, ref) if reworded else None
    found = []
    for item in items:
        if item.answers is None:
            found.append(Checked(item, (), ()))
            continue
        own = rules_of(rules.get(item.association_id), item.association_id)
        words = area_doubts(item.held, item.answers, rules=own, gazetteer=gazetteer, municipality=ref.name)
        told = (*doubts(item.held, item.answers, limits), *words)
        ordered = tuple(sorted(told, key=lambda doubt: -doubt.severity))
        found.append(Checked(item, differences(item.held, item.answers), ordered))
    return found


def _gazetteer(conn: Connection, ref: Ref) -> Gazetteer | None:
    row = conn.execute("SELECT active_dataset(%(m)s, %(g)s, 'towns') AS towns", ref.args).fetchone()
    towns = towns_of(conn, ref.municipality_code, row["towns"]) if row and row["towns"] is not None else ()
    return Gazetteer(towns, ref.municipality_code) if towns else None
