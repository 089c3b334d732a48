"""The city's thresholds for associations at risk: the version that holds, all versions, and entering another.

Needs the audience `STAFF`. Two people never overwrite each other: a change names the version it was made from.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from geodata.audit import record
from geodata.database import Connection
from kyodo_geo.at_risk import Thresholds
from kyodo_geo.errors import ConflictError, InputError

MAX_NOTE = 200
_COLUMNS = "households_below, fall_points, fall_years, aged_percent, people_fall_percent, people_fall_years, signs_needed"


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One version. Number 0 is the rule the program brings along, which nobody has entered."""

    version: int
    thresholds: Thresholds
    note: str | None = None
    created_at: datetime | None = None
    created_by: str | None = None


def versions(conn: Connection, municipality: str) -> list[RuleVersion]:
    """Every version, newest first; the program's own last."""
    rows = conn.execute(
        f"SELECT version, note, created_at, created_by, {_COLUMNS} FROM at_risk_rule "  # noqa: S608 - our own names
        "WHERE municipality_code = %s ORDER BY version DESC",
        (municipality,),
    )
    found = [
        RuleVersion(
            row.pop("version"), note=row.pop("note"), created_at=row.pop("created_at"),
            created_by=row.pop("created_by"), thresholds=Thresholds(**row),
        )
        for row in rows
    ]  # fmt: skip
    return [*found, RuleVersion(0, Thresholds())]


def current(conn: Connection, municipality: str) -> RuleVersion:
    """The version that holds."""
    return versions(conn, municipality)[0]


def enter(
    conn: Connection, municipality: str, thresholds: Thresholds, *, made_from: int, note: str | None, by: str
) -> RuleVersion:
    """Make `thresholds` the next version.

    Raises `ConflictError` when another version than `made_from` holds by now, `InputError` when nothing differs or the
    note is too long.
    """
    # Of two at the same time the second waits here and then finds the first one's version.
    conn.execute(
        "SELECT pg_advisory_xact_lock(hashtext('kyodo.at_risk_rule'), hashtext(%s))", (municipality,)
    )
    held = current(conn, municipality)
    if held.version != made_from:
        raise ConflictError(
            f"ほかの職員が先にきまりを変えました（第{held.version}版）。内容を比べてから、もう一度保存してください。",
            version=held.version,
        )
    if held.thresholds == thresholds:
        raise InputError("きまりに変わったところがありません。")
    if note is not None and len(note) > MAX_NOTE:
        raise InputError(f"変えた理由は {MAX_NOTE} 字までで入力してください。", field="note")
    values = asdict(thresholds)
    row = conn.execute(
        f"INSERT INTO at_risk_rule (municipality_code, version, note, created_by, {_COLUMNS}) "  # noqa: S608
        "VALUES (%(m)s, %(version)s, %(note)s, %(by)s, %(households_below)s, %(fall_points)s, %(fall_years)s, "
        "%(aged_percent)s, %(people_fall_percent)s, %(people_fall_years)s, %(signs_needed)s) RETURNING created_at",
        {"m": municipality, "version": held.version + 1, "note": note, "by": by, **values},
    ).fetchone()
    assert row is not None
    changed = {
        name: {"before": getattr(held.thresholds, name), "after": value}
        for name, value in values.items()
        if getattr(held.thresholds, name) != value
    }
    record(
        conn,
        municipality,
        by,
        "at-risk-rule.change",
        f"version {held.version + 1}",
        {"changed": changed, "note": note},
    )
    return RuleVersion(held.version + 1, thresholds, note, row["created_at"], by)
