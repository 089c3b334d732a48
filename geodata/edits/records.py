"""Records of the kinds of `kyodo_geo.records`, as the audience `STAFF`: list, add, correct, withdraw, refer to.

Whoever corrects or withdraws says what they saw; nobody overwrites another unseen. Every change is in the audit log,
personal fields only as having changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from geodata.database import Connection
from geodata.edits.history import hold, tell
from geodata.queries.generation import Ref
from kyodo_geo.crs import WGS84
from kyodo_geo.dates import fiscal_year_range
from kyodo_geo.edits import EditConflictError, check_stamp
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.records import Facts, Field, Kind


@dataclass(frozen=True, slots=True)
class _Store:
    """Where a kind is kept. `id`: the record's name in addresses; `fresh`: key columns of a new one beside its id.

    `natural`: the fields that are its key, where it has no id of its own; `by`: column with who entered it. `counted`:
    the column of its number among the records with the same first field. `joint` stands between the parts of an id.
    `only`: SQL for the rows that may be edited here, where others of the table may not.
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
    only: LiteralString = "true"


def _of_draft(table: str, key: str, order: str | None = None) -> _Store:
    """A part of a plan, while the plan is a draft."""
    return _Store(
        table, "", f"plan_id DESC, {order or key}", "", f"plan_id || '~' || {key}", (), ("plan_id", key),
        only="plan_id IN (SELECT d.plan_id FROM kyodo.plan d WHERE d.municipality_code = %(m)s AND d.state = 'draft')",
    )  # fmt: skip


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
    "busy-periods": _Store("busy_period", "period_id", "yearly DESC, valid_from, title, period_id", "q"),
    "meetings": _Store("city_meeting", "meeting_id", "held_on, starts NULLS FIRST, meeting_id", "m", by="entered_by"),
    "documents": _Store(
        "sent_document", "document_id", "sent_on DESC, department, title, document_id", "d", by="entered_by"
    ),
    "buildings": _Store("building", "building_id", "building_id", "b"),
    "rooms": _Store(
        "room", "facility_id", "facility_id, room_no", "", "facility_id || '.' || room_no", (), counted="room_no", joint=".",
    ),
    "facility-years": _Store(
        "facility_year", "", "facility_id, fiscal_year", "", "facility_id || '.' || fiscal_year", (),
        ("facility_id", "fiscal_year"), joint=".",
    ),
    "departments": _Store("department", "department_id", 'name COLLATE "ja-x-icu", department_id', "d"),
    "responsibilities": _Store(
        "responsibility", "responsibility_id",
        "plan_id DESC, initiative_no NULLS LAST, indicator_id, role, first_year NULLS FIRST, responsibility_id", "r",
    ),
    "body-meetings": _Store("body_meeting", "meeting_id", "held_on DESC, body, meeting_id", "m"),
    "body-actions": _Store(
        "body_action", "action_id", "settled_on NULLS FIRST, due_on NULLS LAST, what, action_id", "a",
    ),
    "plans": _Store(
        "plan", "plan_id", "first_fiscal_year DESC, plan_id", "", None, (("state", "draft"),), ("plan_id",),
        only="state = 'draft'",
    ),
    "plan-policies": _of_draft("plan_policy", "policy_no"),
    "plan-initiatives": _of_draft("initiative", "initiative_no"),
    "plan-indicators": _of_draft("indicator", "indicator_id", "sort_order, indicator_id"),
    "plan-mappings": _Store(
        "plan_mapping", "mapping_id", "plan_id DESC, old_initiative_no NULLS LAST, old_indicator_id NULLS LAST, "
        "new_initiative_no, new_indicator_id, mapping_id", "x",
    ),
    "topics": _Store("consultation_topic", "topic_id", "sort_order, topic_id", "t"),
    "consultations": _Store("consultation", "consultation_id", "held_on DESC, body_id, consultation_id", "c"),
    "events": _Store("event", "event_id", "starts_on DESC, starts_at, event_id", "e"),
    "risk-cases": _Store(
        "risk_case", "case_id", "array_position(ARRAY['open', 'watching', 'closed'], state), opened_on DESC, case_id", "r",
    ),
    "risk-visits": _Store("risk_visit", "visit_id", "visited_on DESC, visit_id", "v"),
    "dispatches": _Store("adviser_dispatch", "dispatch_id", "dispatched_on DESC, dispatch_id", "d"),
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
    # A case of a grant may stand for a record that somebody entered by hand, not for one that another case made.
    "project": """
        SELECT p.project_id AS id, p.fiscal_year || '年度 地区' || p.district_no || ' ' || p.title AS label FROM project p
        WHERE p.municipality_code = %(m)s AND NOT EXISTS (
            SELECT FROM grant_case c WHERE c.municipality_code = p.municipality_code AND c.made_id = p.project_id)
        ORDER BY p.fiscal_year DESC, p.district_no, p.title COLLATE "ja-x-icu", p.project_id
    """,
    "hall-subsidy": """
        SELECT h.subsidy_id AS id, h.fiscal_year || '年度 ' || coalesce(n.name, h.association_id)
               || CASE h.kind WHEN 'rent' THEN ' 賃借料' ELSE ' 整備' END
               || coalesce(' ' || to_char(h.amount_yen, 'FM999,999,999,999') || '円', '') AS label
        FROM hall_subsidy h
        LEFT JOIN association_area n ON n.municipality_code = h.municipality_code AND n.association_id = h.association_id
            AND n.dataset_id = active_dataset(%(m)s, %(g)s, 'associations')
        WHERE h.municipality_code = %(m)s AND NOT EXISTS (
            SELECT FROM grant_case c WHERE c.municipality_code = h.municipality_code AND c.made_id = h.subsidy_id)
        ORDER BY h.fiscal_year DESC, n.name COLLATE "ja-x-icu", h.subsidy_id
    """,
    "department": """
        SELECT department_id AS id, name AS label FROM department
        WHERE municipality_code = %(m)s ORDER BY name COLLATE "ja-x-icu", department_id
    """,
    "plan-in-force": """
        SELECT plan_id AS id, name || '（' || plan_id || '）' AS label FROM plan
        WHERE municipality_code = %(m)s AND state = 'in_force' ORDER BY first_fiscal_year DESC
    """,
    "draft-plan": """
        SELECT plan_id AS id, name || '（' || plan_id || '）' AS label FROM plan
        WHERE municipality_code = %(m)s AND state = 'draft' ORDER BY first_fiscal_year DESC
    """,
    "successor-plan": """
        SELECT plan_id AS id, name || '（' || plan_id || '）' AS label FROM plan
        WHERE municipality_code = %(m)s AND successor_of IS NOT NULL ORDER BY first_fiscal_year DESC
    """,
    "plan-item": """
        SELECT id, label FROM (
            SELECT plan_id || '/initiative/' || initiative_no AS id, upper(plan_id) || ' 取組 ' || initiative_no || ' ' || title
                       AS label, plan_id, 1 AS part, initiative_no AS no
            FROM initiative WHERE municipality_code = %(m)s
            UNION ALL
            SELECT plan_id || '/indicator/' || indicator_id, upper(plan_id) || ' 指標 ' || title, plan_id, 2, sort_order
            FROM indicator WHERE municipality_code = %(m)s
        ) i JOIN plan p USING (plan_id)
        WHERE p.municipality_code = %(m)s ORDER BY p.first_fiscal_year DESC, plan_id, part, no, id
    """,
    "body-meeting": """
        SELECT meeting_id AS id, to_char(held_on, 'YYYY-MM-DD') || ' '
                   || CASE body WHEN 'liaison' THEN '連絡会議' ELSE 'アドバイザー会議' END AS label
        FROM body_meeting WHERE municipality_code = %(m)s ORDER BY held_on DESC, body
    """,
    "centre": """
        SELECT body_id AS id, name AS label FROM body
        WHERE municipality_code = %(m)s AND kind = 'centre' ORDER BY name, body_id
    """,
    "topic": """
        SELECT topic_id AS id,
               label || CASE WHEN valid_to <= (now() AT TIME ZONE 'Asia/Tokyo')::date THEN '（終了）' ELSE '' END AS label
        FROM consultation_topic
        WHERE municipality_code = %(m)s ORDER BY sort_order, topic_id
    """,
    "case": """
        SELECT c.case_id AS id, coalesce(a.name, c.association_id) || '（' || c.opened_on || '）' AS label
        FROM risk_case c LEFT JOIN association_area a ON a.municipality_code = c.municipality_code
            AND a.association_id = c.association_id AND a.dataset_id = active_dataset(%(m)s, %(g)s, 'associations')
        WHERE c.municipality_code = %(m)s ORDER BY c.opened_on DESC, c.case_id
    """,
}
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
        name: {row["id"]: row["label"] for row in conn.execute(_REFERENCES[name], ref.args)}
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
    store = _STORES[kind.key]
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
    store = _STORES[kind.key]
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
    record_id = _named(_STORES[kind.key], new) or record_id
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
    return sql.Identifier("kyodo", _STORES[kind.key].table)


def _id(kind: Kind) -> sql.Composable:
    store = _STORES[kind.key]
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
        sql.SQL(_STORES[kind.key].only),
        sql.SQL("").join(conditions),
        sql.SQL(_STORES[kind.key].order),
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
