"""Terms of the rent subsidy for vacant houses used as halls: what holds, all versions, entering another. Audience `STAFF`.

Nothing is known until somebody enters it. Two people never overwrite each other: a change names the version it was made from.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime

from geodata.audit import differing, record
from geodata.database import Connection
from kyodo_geo.errors import ConflictError, InputError
from kyodo_geo.vacancy.terms import Terms

MAX_NOTE = 200
CHANGED = "ほかの職員が先に変えました（第{}版）。内容を比べてから、もう一度保存してください。"
_TERMS = tuple(field.name for field in fields(Terms))


@dataclass(frozen=True, slots=True)
class HeldTerms:
    """The terms that hold. Version 0: nobody has entered any, so that all are unknown."""

    version: int
    terms: Terms
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


def terms(conn: Connection, municipality: str, version: int | None = None) -> HeldTerms:
    """The newest version, or the one of a number."""
    row = conn.execute(
        f"SELECT version, {', '.join(_TERMS)}, valid_from, quality, source FROM hall_terms "  # noqa: S608 - our own names
        "WHERE municipality_code = %s AND (%s::int IS NULL OR version = %s) ORDER BY version DESC LIMIT 1",
        (municipality, version, version),
    ).fetchone()
    if row is None:
        return HeldTerms(0, Terms(), None, "real", None)
    values = {name: row[name] for name in _TERMS}
    values["rate"] = None if values["rate"] is None else float(values["rate"])
    return HeldTerms(row["version"], Terms(**values), row["valid_from"], row["quality"], row["source"])


def versions(conn: Connection, municipality: str) -> list[Entered]:
    """Who entered which, newest first."""
    rows = conn.execute(
        "SELECT version, created_at, created_by, note FROM hall_terms WHERE municipality_code = %s "
        "ORDER BY version DESC",
        (municipality,),
    )
    return [Entered(**row) for row in rows]


def enter(
    conn: Connection,
    municipality: str,
    new: Terms,
    *,
    made_from: int,
    note: str,
    source: str,
    by: str,
    quality: str = "real",
) -> int:
    """Make `new` the next version; returns its number.

    Raises `ConflictError` when another version than `made_from` holds by now, `InputError` when nothing differs or source or
    reason is missing.
    """
    conn.execute("SELECT pg_advisory_xact_lock(hashtext('kyodo.hall_terms'), hashtext(%s))", (municipality,))
    held = terms(conn, municipality)
    if held.version != made_from:
        raise ConflictError(CHANGED.format(held.version), version=held.version)
    if held.terms == new and held.source == source:
        raise InputError("補助の条件に変わったところがありません。")
    if not source.strip():
        raise InputError("補助の条件の出典を入力してください。", field="source")
    if not note.strip() or len(note) > MAX_NOTE:
        raise InputError(f"変えた理由を {MAX_NOTE} 字までで入力してください。", field="note")
    values = asdict(new)
    conn.execute(
        f"INSERT INTO hall_terms (municipality_code, version, note, created_by, source, quality, {', '.join(_TERMS)}) "  # noqa: S608
        f"VALUES (%(m)s, %(version)s, %(note)s, %(by)s, %(source)s, %(quality)s, "
        f"{', '.join(f'%({name})s' for name in _TERMS)})",
        {
            "m": municipality, "version": held.version + 1, "note": note, "by": by, "source": source,
            "quality": quality, **values,
        },
    )  # fmt: skip
    changed = differing(asdict(held.terms), values)
    record(
        conn, municipality, by, "hall-terms.change", f"version {held.version + 1}",
        {"changed": changed, "note": note},
    )  # fmt: skip
    return held.version + 1
