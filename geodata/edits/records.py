"""Records of the kinds of `kyodo_geo.records`, as the audience `STAFF`: list, add, correct, withdraw, refer to.

Whoever corrects or withdraws says what they saw; nobody overwrites another unseen. Every change is in the audit log,
personal fields only as having changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import sql

from geodata.database import Connection
from geodata.edits.history import hold, tell
from geodata.edits.record_references import REFERENCES
from geodata.edits.record_stores import STORES, Store
from geodata.queries.generation import Ref
from kyodo_geo.crs import WGS84
from kyodo_geo.dates import fiscal_year_range
from kyodo_geo.edits import EditConflictError, check_stamp
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.records import Facts, Field, Kind

_OVERLAP = {
    "responsibilities": "同じ年度に、ほかの主担当があります。先に前の担当の終わりの年度を入れるか、年度を直してください。",
}
"""What a second record for the same time is told, where it is not about districts; the field is the period's first."""

_OF_CASES = {"projects": ("projects",), "hall-subsidies": ("hall-rent", "hall-works")}
"""Kinds whose records a case of a grant may stand behind → schemes."""
BY_CASE = (
    "この記録は、補助金の案件 第{no}号 に合わせて動いています。案件の画面（補助金の案件）で直してください。"
)


def references(conn: Connection, ref: Ref, kind: Kind) -> dict[str, dict[str, str]]:
    """What the fields of a kind may refer to: "district" → id → name, in the order of display."""
    wanted = {field.to for field in kind.fields if field.to is not None}
    return {
        name: {row["id"]: row["label"] for row in conn.execute(REFERENCES[name], ref.args)}
        for name in sorted(wanted)
    }


def target(kind: Kind, record_id: str) -> str:
    """Name in the audit log."""
    return f"{kind.noun}/{record_id}"


def records(conn: Connection, code: str, kind: Kind, **only: Any) -> list[tuple[str, Facts]]:
    """(id, facts) in the order of display; `only`: field=value, None for any; `fiscal_year` also of a kind that is dated."""
    own = {name: wanted for name, wanted in only.items() if wanted is not None}
    held = {name: wanted for name, wanted in own.items() if kind.has(name) or name in kind.within}
    year = only.get("fiscal_year") if kind.dated else None
    days = dict(zip(("first", "last"), fiscal_year_range(year), strict=True)) if year is not None else {}
    rows = conn.execute(_select(kind, [*held], dated=bool(days)), {"m": code, **held, **days})
    return [(row.pop("id"), row) for row in rows]


def one(conn: Connection, code: str, kind: Kind, record_id: str) -> Facts:
    """One record; raises NotFoundError."""
    query = sql.SQL("SELECT * FROM ({}) r WHERE id = %(id)s").format(_select(kind, []))
    row = conn.execute(query, {"m": code, "id": record_id}).fetchone()
    if row is None:
        raise NotFoundError("この記録はありません。取り消されたかもしれません。")
    row.pop("id")
    return row


def entered_by(conn: Connection, code: str, kind: Kind, record_id: str) -> str | None:
    """Login of who entered a record, None where it is not kept or the record is gone."""
    store = STORES[kind.key]
    if store.by is None:
        return None
    query = sql.SQL("SELECT {} AS login FROM {} WHERE municipality_code = %(m)s AND {} = %(id)s").format(
        sql.Identifier(store.by), _table(kind), _id(kind)
    )
    row = conn.execute(query, {"m": code, "id": record_id}).fetchone()
    return None if row is None else row["login"]


def years(conn: Connection, code: str, kind: Kind) -> list[int]:
    """Fiscal years with a record, newest first; none for a kind without years."""
    if not kind.yearly:
        return []
    year = (
        sql.SQL("fiscal_year")
        if kind.dated is None
        else sql.SQL("extract(year FROM {} - interval '3 months')::int").format(sql.Identifier(kind.dated))
    )
    query = sql.SQL(
        "SELECT DISTINCT {} AS fiscal_year FROM {} WHERE municipality_code = %s ORDER BY 1 DESC"
    ).format(year, _table(kind))
    return [row["fiscal_year"] for row in conn.execute(query, (code,))]


def add(conn: Connection, code: str, kind: Kind, new: Facts, *, actor: str) -> str:
    """Enter a record; returns its id. Raises InputError when it is there already or meets another one's period."""
    store = STORES[kind.key]
    hold(conn, code, kind.key)
    _refuse_twice(conn, code, kind, new, None)
    key = _key(conn, code, store, new)
    who = {} if store.by is None else {store.by: actor}
    values = {**key, **dict(store.fresh), **who, **new}
    own = [*kind.within, *(field.name for field in kind.fields if field.name not in key)]
    columns = [*key, *(name for name, _ in store.fresh), *who, *own]
    query = sql.SQL("INSERT INTO {} (municipality_code, {}) VALUES (%(m)s, {})").format(
        _table(kind), sql.SQL(", ").join(map(sql.Identifier, columns)), sql.SQL(", ").join(map(put, columns))
    )
    _run(conn, kind, query, {"m": code, **flat(values)}, new)
    parts = [*key.values(), *(value for _, value in store.fresh)]
    record_id = _named(store, new) or store.joint.join(map(str, parts))
    _tell(conn, code, kind, actor, "add", record_id, None, new)
    return record_id


def _key(conn: Connection, code: str, store: Store, new: Facts) -> dict[str, Any]:
    """Columns and values that name a new record and are none of its fields, or the first of them."""
    if store.natural:
        return {}
    if store.counted is None:
        return {store.id_column: _made(conn, store)}
    row = conn.execute(
        sql.SQL(
            "SELECT coalesce(max({}), 0) + 1 AS no FROM {} WHERE municipality_code = %s AND {} = %s"
        ).format(
            sql.Identifier(store.counted),
            sql.Identifier("kyodo", store.table),
            sql.Identifier(store.id_column),
        ),
        (code, new[store.id_column]),
    ).fetchone()
    assert row is not None
    return {store.id_column: new[store.id_column], store.counted: row["no"]}


def _made(conn: Connection, store: Store) -> str:
    row = conn.execute("SELECT replace(gen_random_uuid()::text, '-', '') AS id").fetchone()
    assert row is not None
    return store.letter + str(row["id"])


def _named(store: Store, facts: Facts) -> str:
    """The id of a record whose own fields are its key, "" for others."""
    return store.joint.join(str(facts[name]) for name in store.natural)


def correct(
    conn: Connection,
    code: str,
    kind: Kind,
    record_id: str,
    new: Facts,
    *,
    version: str,
    actor: str,
    case: int | None = None,
) -> str:
    """Put a record right; returns its id, which changes with a key of its own fields. `case`: of a grant, that does it.

    Raises InputError, EditConflictError (changed, or gone).
    """
    before = _held(conn, code, kind, record_id, version, case)
    if new == before:
        return record_id
    _refuse_twice(conn, code, kind, {**_within(conn, code, kind, record_id), **new}, record_id)
    sets = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(field.name), put(field.name)) for field in kind.fields
    )
    query = sql.SQL("UPDATE {} SET {} WHERE municipality_code = %(m)s AND {} = %(id)s").format(
        _table(kind), sets, _id(kind)
    )
    _run(conn, kind, query, {"m": code, "id": record_id, **flat(new)}, new)
    record_id = _named(STORES[kind.key], new) or record_id
    _tell(conn, code, kind, actor, "correct", record_id, before, new)
    return record_id


def withdraw(
    conn: Connection,
    code: str,
    kind: Kind,
    record_id: str,
    *,
    version: str,
    actor: str,
    case: int | None = None,
) -> None:
    """Take back a record entered by mistake; what it said stays in the audit log, but for what is personal."""
    before = _held(conn, code, kind, record_id, version, case)
    query = sql.SQL("DELETE FROM {} WHERE municipality_code = %(m)s AND {} = %(id)s").format(
        _table(kind), _id(kind)
    )
    try:
        conn.execute(query, {"m": code, "id": record_id})
    except psycopg.errors.ForeignKeyViolation:
        raise InputError(
            "この記録をもとにした、ほかの記録があります。取り消さずに、終わりの日を入れてください。"
        ) from None
    _tell(conn, code, kind, actor, "withdraw", record_id, before, None)


def _held(conn: Connection, code: str, kind: Kind, record_id: str, version: str, case: int | None) -> Facts:
    hold(conn, code, kind.key)
    try:
        found = one(conn, code, kind, record_id)
    except NotFoundError:
        raise EditConflictError(
            None,
            "画面を開いている間に、ほかの人がこの記録を取り消しました。何も保存していません。入力した内容は、下の欄に残っています。",
        ) from None
    check_stamp(version, found)
    owner = case_of(conn, code, kind, record_id)
    if owner is not None and owner != case:
        raise InputError(BY_CASE.format(no=owner), case=owner)
    return found


def case_of(conn: Connection, code: str, kind: Kind, record_id: str) -> int | None:
    """The case of a grant that keeps the record, None for one that staff keep by hand."""
    schemes = _OF_CASES.get(kind.key)
    if schemes is None:
        return None
    row = conn.execute(
        "SELECT case_no FROM grant_case WHERE municipality_code = %s AND coalesce(linked_id, made_id) = %s "
        "AND scheme = ANY(%s)",
        (code, record_id, list(schemes)),
    ).fetchone()
    return None if row is None else row["case_no"]


def _within(conn: Connection, code: str, kind: Kind, record_id: str) -> Facts:
    """What the address of a record says of it, beside its fields."""
    if not kind.within:
        return {}
    query = sql.SQL("SELECT {} FROM {} WHERE municipality_code = %(m)s AND {} = %(id)s").format(
        sql.SQL(", ").join(map(sql.Identifier, kind.within)), _table(kind), _id(kind)
    )
    return conn.execute(query, {"m": code, "id": record_id}).fetchone() or {}


def _refuse_twice(conn: Connection, code: str, kind: Kind, new: Facts, own: str | None) -> None:
    """The same record twice counts twice: a double click, or two people."""
    if all(new[name] is None for name in kind.same):
        return
    same = sql.SQL(" AND ").join(
        sql.SQL("{} IS NOT DISTINCT FROM {}").format(sql.Identifier(name), sql.Placeholder(name))
        for name in (*kind.within, *kind.same)
    )
    query = sql.SQL(
        "SELECT FROM {} WHERE municipality_code = %(m)s AND {} AND {} IS DISTINCT FROM %(own)s LIMIT 1"
    ).format(_table(kind), same, _id(kind))
    if conn.execute(query, {"m": code, "own": own, **new}).fetchone() is None:
        return
    labels = "・".join(kind.field(name).label.partition("（")[0] for name in kind.same)
    raise InputError(
        f"{labels}が同じ記録が、もう登録されています。別のものなら、区別できるように入力してください。",
        field=next(name for name in kind.same if kind.field(name).form == "line" or name == kind.same[-1]),
    )


def _run(conn: Connection, kind: Kind, query: sql.Composed, values: Mapping[str, Any], new: Facts) -> None:
    try:
        conn.execute(query, values)
    except psycopg.errors.ExclusionViolation:
        if kind.key in _OVERLAP:
            raise InputError(_OVERLAP[kind.key], field="first_year") from None
        raise InputError(
            "同じ期間に、この地区のほかの記録があります（地域窓口担当は、地区に同時に 1 つだけです）。"
            "先に前の担当の終わりの日を入れるか、期間を直してください。",
            field="valid_from",
        ) from None
    except psycopg.errors.ForeignKeyViolation as error:
        name = next(
            (name for name in new if name.partition("_")[0] in (error.diag.constraint_name or "")), None
        )
        raise InputError("登録のないものを指しています。選び直してください。", field=name) from None
    except psycopg.errors.CheckViolation as error:
        if error.diag.constraint_name != "ck_handbook_not_itself":
            raise
        raise InputError(
            "自分自身を「前の版」にはできません。別の手引きを選んでください。", field="replaces_id"
        ) from None


def _tell(
    conn: Connection, code: str, kind: Kind, actor: str, action: str, record_id: str,
    before: Facts | None, after: Facts | None,
) -> None:  # fmt: skip
    personal = [field.name for field in kind.fields if field.personal]
    touched = [name for name in personal if (before or {}).get(name) != (after or {}).get(name)]
    sides = [
        None if side is None else {name: side[name] for name in side if name not in personal}
        for side in (before, after)
    ]
    more = {"touched": touched} if touched else {}
    tell(conn, code, actor, f"edit.{kind.noun}.{action}", target(kind, record_id), sides[0], sides[1], **more)


def _table(kind: Kind) -> sql.Identifier:
    return sql.Identifier("kyodo", STORES[kind.key].table)


def _id(kind: Kind) -> sql.Composable:
    store = STORES[kind.key]
    return sql.SQL(f"({store.id})") if store.id else sql.Identifier(store.id_column)


def _select(kind: Kind, held: list[str], *, dated: bool = False) -> sql.Composed:
    columns = [selected(field) for field in kind.fields]
    conditions = [
        sql.SQL(" AND {} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in held
    ]
    if dated and kind.dated:
        conditions.append(
            sql.SQL(" AND {} BETWEEN %(first)s AND %(last)s").format(sql.Identifier(kind.dated))
        )
    return sql.SQL("SELECT {} AS id, {} FROM {} WHERE municipality_code = %(m)s AND {}{} ORDER BY {}").format(
        _id(kind),
        sql.SQL(", ").join(columns),
        _table(kind),
        sql.SQL(STORES[kind.key].only),
        sql.SQL("").join(conditions),
        sql.SQL(STORES[kind.key].order),
    )


def selected(field: Field) -> sql.Composable:
    """A field as its column is read; a point as [lon, lat]."""
    if field.form == "figure":
        return sql.SQL("{0}::float8 AS {0}").format(sql.Identifier(field.name))
    if field.form != "point":
        return sql.Identifier(field.name)
    return sql.SQL("CASE WHEN geom IS NOT NULL THEN jsonb_build_array(ST_X(geom), ST_Y(geom)) END AS geom")


def put(column: str) -> sql.Composable:
    """Placeholder of a column; of `geom`, the point that `flat` gives."""
    if column != "geom":
        return sql.Placeholder(column)
    return sql.SQL(
        "CASE WHEN %(lon)s::float8 IS NOT NULL THEN ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), {}) END"
    ).format(sql.Literal(WGS84))


def flat(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Values for `put`."""
    lon, lat = facts.get("geom") or (None, None)
    return {**facts, "lon": lon, "lat": lat}
