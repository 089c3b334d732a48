"""The city's unit costs and assumptions of renewal: what holds, all versions, and entering another.

Reading what holds needs no more than the public audience; `versions` and entering need `STAFF`. Two people never
overwrite each other: a change names the version it was made from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime

from geodata.audit import differing, record
from geodata.database import Connection
from kyodo_geo.errors import ConflictError, InputError
from kyodo_geo.facility_terms import RULE_SETS, USE_CLASSES
from kyodo_geo.unit_costs import ASSUMPTION_SOURCE, Assumptions, UnitCost, default_unit_costs, source_of

MAX_NOTE = 200
CHANGED = "ほかの職員が先に変えました（第{}版）。内容を比べてから、もう一度保存してください。"
_UNIT = tuple(field.name for field in fields(UnitCost))
_ASSUMED = tuple(field.name for field in fields(Assumptions))


@dataclass(frozen=True, slots=True)
class UnitCosts:
    """Unit costs of a rule set by class. Version 0 is what the program brings along, which nobody has entered."""

    rule_set: str
    version: int
    costs: dict[str, UnitCost]
    valid_from: date | None
    quality: str
    source: str | None


@dataclass(frozen=True, slots=True)
class HeldAssumptions:
    """The assumptions that hold; version 0 as above."""

    version: int
    assumptions: Assumptions
    valid_from: date | None
    quality: str
    source: str | None


@dataclass(frozen=True, slots=True)
class Entered:
    """Who entered a version, when and why."""

    version: int
    created_at: datetime
    created_by: str
    note: str | None


def unit_costs(conn: Connection, municipality: str, rule_set: str, version: int | None = None) -> UnitCosts:
    """The version that holds, or the one asked for (0: the program's). Raises `InputError` for what is neither."""
    if rule_set not in RULE_SETS:
        raise InputError(f"更新のきまり「{rule_set[:20]}」はありません。", field="rule_set")
    columns = ", ".join(_UNIT)
    rows = conn.execute(
        f"""
        SELECT version, {columns}, valid_from, quality, source FROM unit_cost
        WHERE municipality_code = %(m)s AND rule_set = %(rule)s AND version = coalesce(%(v)s::int,
            (SELECT max(version) FROM unit_cost WHERE municipality_code = %(m)s AND rule_set = %(rule)s))
        """,  # noqa: S608 - our own names
        {"m": municipality, "rule": rule_set, "v": version},
    ).fetchall()
    if not rows:
        if version:
            raise InputError(f"単価の第{version}版はありません。", field="version")
        own = {cost.use_class: cost for cost in default_unit_costs() if cost.rule_set == rule_set}
        return UnitCosts(rule_set, 0, own, None, "real", source_of(rule_set))
    found = {row["use_class"]: _unit_cost(row) for row in rows}
    first = rows[0]
    return UnitCosts(
        rule_set,
        first["version"],
        {name: found[name] for name in USE_CLASSES if name in found},
        first["valid_from"],
        first["quality"],
        first["source"],
    )


def _unit_cost(row: dict[str, object]) -> UnitCost:
    values = {name: row[name] for name in _UNIT}
    share = values["mid_share"]
    return UnitCost(**{**values, "mid_share": None if share is None else float(share)})  # type: ignore[arg-type]


def assumptions(conn: Connection, municipality: str, version: int | None = None) -> HeldAssumptions:
    """The version that holds, or the one asked for (0: the program's). Raises `InputError` for one that is not there."""
    columns = ", ".join(_ASSUMED)
    row = conn.execute(
        f"""
        SELECT version, {columns}, valid_from, quality, source FROM cost_assumption
        WHERE municipality_code = %(m)s AND version = coalesce(%(v)s::int,
            (SELECT max(version) FROM cost_assumption WHERE municipality_code = %(m)s))
        """,  # noqa: S608 - our own names
        {"m": municipality, "v": version},
    ).fetchone()
    if row is None:
        if version:
            raise InputError(f"前提の第{version}版はありません。", field="version")
        return HeldAssumptions(0, Assumptions(), None, "unofficial", ASSUMPTION_SOURCE)
    values = {name: row[name] for name in _ASSUMED}
    for name in ("price_index", "not_extendable_share", "large_share"):
        values[name] = float(values[name])
    return HeldAssumptions(
        row["version"], Assumptions(**values), row["valid_from"], row["quality"], row["source"]
    )


def versions(conn: Connection, municipality: str, rule_set: str | None = None) -> list[Entered]:
    """Who entered which version of a rule set, or of the assumptions (None), newest first; staff."""
    if rule_set is None:
        rows = conn.execute(
            "SELECT version, created_at, created_by, note FROM cost_assumption WHERE municipality_code = %s "
            "ORDER BY version DESC",
            (municipality,),
        )
    else:
        rows = conn.execute(
            "SELECT DISTINCT version, created_at, created_by, note FROM unit_cost "
            "WHERE municipality_code = %s AND rule_set = %s ORDER BY version DESC",
            (municipality, rule_set),
        )
    return [Entered(**row) for row in rows]


def enter_unit_costs(
    conn: Connection,
    municipality: str,
    rule_set: str,
    costs: Sequence[UnitCost],
    *,
    made_from: int,
    note: str | None,
    source: str,
    by: str,
    valid_from: date | None = None,
) -> int:
    """Make `costs` (one per class) the next version; returns its number.

    Raises `ConflictError` when another version than `made_from` holds by now, `InputError` when a class is missing or
    stands twice, nothing differs, or the note is too long.
    """
    _lock(conn, municipality)
    held = unit_costs(conn, municipality, rule_set)
    if held.version != made_from:
        raise ConflictError(CHANGED.format(held.version), version=held.version)
    new = {cost.use_class: cost for cost in costs}
    if len(costs) != len(new) or set(new) != set(USE_CLASSES) or {c.rule_set for c in costs} != {rule_set}:
        raise InputError("13の分類の単価を、1つずつ指定してください。", field="use_class")
    if new == held.costs:
        raise InputError("単価に変わったところがありません。")
    _check(note, source)
    version = held.version + 1
    for name in USE_CLASSES:
        values = asdict(new[name])
        conn.execute(
            f"INSERT INTO unit_cost (municipality_code, version, valid_from, note, created_by, source, {', '.join(_UNIT)}) "  # noqa: S608
            f"VALUES (%(m)s, %(version)s, %(valid_from)s, %(note)s, %(by)s, %(source)s, "
            f"{', '.join(f'%({column})s' for column in _UNIT)})",
            {
                "m": municipality, "version": version, "valid_from": valid_from, "note": note, "by": by,
                "source": source, **values,
            },
        )  # fmt: skip
    changed = {
        name: {"before": _shown(held.costs.get(name)), "after": _shown(new[name])}
        for name in USE_CLASSES
        if held.costs.get(name) != new[name]
    }
    record(
        conn, municipality, by, "unit-cost.change", f"{rule_set} version {version}",
        {"changed": changed, "note": note},
    )  # fmt: skip
    return version


def _shown(cost: UnitCost | None) -> dict[str, object] | None:
    if cost is None:
        return None
    return {name: value for name, value in asdict(cost).items() if name not in ("rule_set", "use_class")}


def enter_assumptions(
    conn: Connection,
    municipality: str,
    new: Assumptions,
    *,
    made_from: int,
    note: str | None,
    source: str,
    by: str,
    valid_from: date | None = None,
) -> int:
    """Make `new` the next version; returns its number. Raises as `enter_unit_costs` does."""
    _lock(conn, municipality)
    held = assumptions(conn, municipality)
    if held.version != made_from:
        raise ConflictError(CHANGED.format(held.version), version=held.version)
    if held.assumptions == new:
        raise InputError("前提に変わったところがありません。")
    _check(note, source)
    values = asdict(new)
    conn.execute(
        f"INSERT INTO cost_assumption (municipality_code, version, valid_from, note, created_by, source, {', '.join(_ASSUMED)}) "  # noqa: S608
        f"VALUES (%(m)s, %(version)s, %(valid_from)s, %(note)s, %(by)s, %(source)s, "
        f"{', '.join(f'%({column})s' for column in _ASSUMED)})",
        {
            "m": municipality, "version": held.version + 1, "valid_from": valid_from, "note": note, "by": by,
            "source": source, **values,
        },
    )  # fmt: skip
    changed = differing(asdict(held.assumptions), values)
    record(
        conn, municipality, by, "cost-assumption.change", f"version {held.version + 1}",
        {"changed": changed, "note": note},
    )  # fmt: skip
    return held.version + 1


def _lock(conn: Connection, municipality: str) -> None:
    """Of two at the same time the second waits here and then finds the first one's version."""
    conn.execute("SELECT pg_advisory_xact_lock(hashtext('kyodo.unit_cost'), hashtext(%s))", (municipality,))


def _check(note: str | None, source: str) -> None:
    if note is not None and len(note) > MAX_NOTE:
        raise InputError(f"変えた理由は {MAX_NOTE} 字までで入力してください。", field="note")
    if not source.strip():
        raise InputError("単価や前提の出典を入力してください。", field="source")
