"""Records of the kinds of `kyodo_geo.records`, as the audience `STAFF`: list, add, correct, withdraw, refer to.

Whoever corrects or withdraws says what they saw; nobody overwrites another unseen. Every change is in the audit log,
personal fields only as having changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from geodata.database import Connection
from geodata.edits.history import hold, tell
from geodata.queries.generation import Ref
from kyodo_geo.crs import WGS84
from kyodo_geo.edits import EditConflictError, check_stamp
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.records import Facts, Kind


@dataclass(frozen=True, slots=True)
class _Store:
    """Where a kind is kept. `id`: the record's name in addresses; `fresh`: key columns of a new one beside its id.

    `natural`: the fields that are its key, where it has no id of its own; `by`: column with who entered it. `counted`:
    the column of its number among the records with the same first field. `joint` stands between the parts of an id.
    """

    table: str
    id_column: str
    order: str
    letter: str
    id: str | None = None
    fresh: tuple[tuple[str, Any], ...] = ()
    natural: tuple[str, ...] = ()
    by: str | None = None
    counted: str | None = None
    joint: str = "~"


_STORES = {
    "projects": _Store("project", "project_id", 'fiscal_year DESC, district_no, title COLLATE "ja-x-icu", project_id', "p"),
    "officers": _Store(
        "officer", "officer_id", "district_no, array_position(ARRAY['contact', 'issue', 'coordinator'], kind), "
        "valid_from DESC NULLS LAST, officer_id, record_no", "o", "officer_id || '~' || record_no", (("record_no", 1),),
    ),
    "bodies": _Store("body", "body_id", 'kind, district_no NULLS FIRST, name COLLATE "ja-x-icu", body_id', "b"),
    "hall-subsidies": _Store("hall_subsidy", "subsidy_id", "fiscal_year DESC, kind, association_id, subsidy_id", "h"),
    "stages": _Store(
        "facility_stage", "", "facility_id, decided_on DESC", "", "facility_id || '~' || decided_on", (),
        ("facility_id", "decided_on"), "entered_by",
    ),
    "buildings": _Store("building", "building_id", "building_id", "b"),
    "rooms": _Store(
        "room", "facility_id", "facility_id, room_no", "", "facility_id || '.' || room_no", (), counted="room_no", joint=".",
    ),
    "facility-years": _Store(
        "facility_year", "", "facility_id, fiscal_year", "", "facility_id || '.' || fiscal_year", (),
        ("facility_id", "fiscal_year"), joint=".",
    ),
    "cases": _Store("activity_case", "case_id", 'done_year DESC, district_no, title COLLATE "ja-x-icu", case_id', "c"),
    "handbooks": _Store("handbook", "handbook_id", 'title COLLATE "ja-x-icu", issued_on DESC, handbook_id', "b"),
    "subsidy-notices": _Store("subsidy_notice", "notice_id", "closes_after DESC NULLS FIRST, title, notice_id", "n"),
}  # fmt: skip

_REFERENCES = {
    "district": """
        SELECT district_no::text AS id, district_no || ' ' || name AS label FROM district_area
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'districts') ORDER BY district_no
    """,
    "association": """
        SELECT association_id AS id, name AS label FROM association_area
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'associations')
        ORDER BY coalesce(kana, name) COLLATE "ja-x-icu", association_id
    """,
    "facility": """
        SELECT facility_id AS id, name AS label FROM facility_site
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'facilities')
        ORDER BY name COLLATE "ja-x-icu", facility_id
    """,
    # A record may tell of a facility that is no more.
    "any-facility": """
        SELECT facility_id AS id, facility_id AS label FROM facility
        WHERE municipality_code = %(m)s ORDER BY facility_id
    """,
    "handbook": """
        SELECT handbook_id AS id, title || coalesce(' ' || edition, '') AS label FROM handbook
        WHERE municipality_code = %(m)s ORDER BY title COLLATE "ja-x-icu", issued_on DESC, handbook_id
    """,
    "hall": """
        SELECT hall_id AS id, name AS label FROM hall
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'halls')
        ORDER BY name COLLATE "ja-x-icu", hall_id
    """,
}


def references(conn: Connection, ref: Ref, kind: Kind) -> dict[str, dict[str, str]]:
    """What the fields of a kind may refer to: "district" → id → name, in the order of display."""
    wanted = {field.to for field in kind.fields if field.to is not None}
    return {
        name: {row["id"]: row["label"] for row in conn.execute(_REFERENCES[name], ref.args)}
        for name in sorted(wanted)
    }


def target(kind: Kind, record_id: str) -> str:
    """Name in the audit log."""
    return f"{kind.noun}/{record_id}"


def records(conn: Connection, code: str, kind: Kind, **only: Any) -> list[tuple[str, Facts]]:
    """(id, facts) in the order of display; `only`: field=value, None for any."""
    held = {name: wanted for name, wanted in only.items() if wanted is not None and kind.has(name)}
    rows = conn.execute(_select(kind, [*held]), {"m": code, **held})
    return [(row.pop("id"), row) for row in rows]


def one(conn: Connection, code: str, kind: Kind, record_id: str) -> Facts:
    """One record; raises NotFoundError."""
    query = sql.SQL("SELECT * FROM ({}) r WHERE id = %(id)s").format(_select(kind, []))
    row = conn.execute(query, {"m": code, "id": record_id}).fetchone()
    if row is None:
        raise NotFoundError("この記録はありません。取り消されたかもしれません。")
    row.pop("id")
    return row


def years(conn: Connection, code: str, kind: Kind) -> list[int]:
    """Fiscal years with a record, newest first; none for a kind without years."""
    if not kind.has("fiscal_year"):
        return []
    query = sql.SQL(
        "SELECT DISTINCT fiscal_year FROM {} WHERE municipality_code = %s ORDER BY 1 DESC"
    ).format(_table(kind))
    return [row["fiscal_year"] for row in conn.execute(query, (code,))]


def add(conn: Connection, code: str, kind: Kind, new: Facts, *, actor: str) -> str:
    """Enter a record; returns its id. Raises InputError when it is there already or meets another one's period."""
    store = _STORES[kind.key]
    hold(conn, code, kind.key)
    _refuse_twice(conn, code, kind, new, None)
    key = _key(conn, code, store, new)
    who = {} if store.by is None else {store.by: actor}
    values = {**key, **dict(store.fresh), **who, **new}
    own = [field.name for field in kind.fields if field.name not in key]
    columns = [*key, *(name for name, _ in store.fresh), *who, *own]
    query = sql.SQL("INSERT INTO {} (municipality_code, {}) VALUES (%(m)s, {})").format(
        _table(kind), sql.SQL(", ").join(map(sql.Identifier, columns)), sql.SQL(", ").join(map(_put, columns))
    )
    _run(conn, query, {"m": code, **_flat(values)}, new)
    parts = [*key.values(), *(value for _, value in store.fresh)]
    record_id = _named(store, new) or store.joint.join(map(str, parts))
    _tell(conn, code, kind, actor, "add", record_id, None, new)
    return record_id


def _key(conn: Connection, code: str, store: _Store, new: Facts) -> dict[str, Any]:
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


def _made(conn: Connection, store: _Store) -> str:
    row = conn.execute("SELECT replace(gen_random_uuid()::text, '-', '') AS id").fetchone()
    assert row is not None
    return store.letter + str(row["id"])


def _named(store: _Store, facts: Facts) -> str:
    """The id of a record whose own fields are its key, "" for others."""
    return store.joint.join(str(facts[name]) for name in store.natural)


def correct(
    conn: Connection, code: str, kind: Kind, record_id: str, new: Facts, *, version: str, actor: str
) -> str:
    """Put a record right; returns its id, which changes with a key of its own fields.

    Raises InputError, EditConflictError (changed, or gone).
    """
    before = _held(conn, code, kind, record_id, version)
    if new == before:
        return record_id
    _refuse_twice(conn, code, kind, new, record_id)
    sets = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(field.name), _put(field.name)) for field in kind.fields
    )
    query = sql.SQL("UPDATE {} SET {} WHERE municipality_code = %(m)s AND {} = %(id)s").format(
        _table(kind), sets, _id(kind)
    )
    _run(conn, query, {"m": code, "id": record_id, **_flat(new)}, new)
    record_id = _named(_STORES[kind.key], new) or record_id
    _tell(conn, code, kind, actor, "correct", record_id, before, new)
    return record_id


def withdraw(conn: Connection, code: str, kind: Kind, record_id: str, *, version: str, actor: str) -> None:
    """Take back a record entered by mistake; what it said stays in the audit log, but for what is personal."""
    before = _held(conn, code, kind, record_id, version)
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


def _held(conn: Connection, code: str, kind: Kind, record_id: str, version: str) -> Facts:
    hold(conn, code, kind.key)
    try:
        found = one(conn, code, kind, record_id)
    except NotFoundError:
        raise EditConflictError(
            None,
            "画面を開いている間に、ほかの人がこの記録を取り消しました。何も保存していません。入力した内容は、下の欄に残っています。",
        ) from None
    check_stamp(version, found)
    return found


def _refuse_twice(conn: Connection, code: str, kind: Kind, new: Facts, own: str | None) -> None:
    """The same record twice counts twice: a double click, or two people."""
    if all(new[name] is None for name in kind.same):
        return
    same = sql.SQL(" AND ").join(
        sql.SQL("{} IS NOT DISTINCT FROM {}").format(sql.Identifier(name), sql.Placeholder(name))
        for name in kind.same
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


def _run(conn: Connection, query: sql.Composed, values: Mapping[str, Any], new: Facts) -> None:
    try:
        conn.execute(query, values)
    except psycopg.errors.ExclusionViolation:
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
    return sql.Identifier("kyodo", _STORES[kind.key].table)


def _id(kind: Kind) -> sql.Composable:
    store = _STORES[kind.key]
    return sql.SQL(f"({store.id})") if store.id else sql.Identifier(store.id_column)


def _select(kind: Kind, held: list[str]) -> sql.Composed:
    columns = [
        sql.SQL("CASE WHEN geom IS NOT NULL THEN jsonb_build_array(ST_X(geom), ST_Y(geom)) END AS geom")
        if field.form == "point"
        else sql.Identifier(field.name)
        for field in kind.fields
    ]
    return sql.SQL("SELECT {} AS id, {} FROM {} WHERE municipality_code = %(m)s{} ORDER BY {}").format(
        _id(kind),
        sql.SQL(", ").join(columns),
        _table(kind),
        sql.SQL("").join(
            sql.SQL(" AND {} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in held
        ),
        sql.SQL(_STORES[kind.key].order),
    )


def _put(column: str) -> sql.Composable:
    if column != "geom":
        return sql.Placeholder(column)
    return sql.SQL(
        "CASE WHEN %(lon)s::float8 IS NOT NULL THEN ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), {}) END"
    ).format(sql.Literal(WGS84))


def _flat(facts: Mapping[str, Any]) -> dict[str, Any]:
    lon, lat = facts.get("geom") or (None, None)
    return {**facts, "lon": lon, "lat": lat}
