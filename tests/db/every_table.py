"""Rows for every table of a database at any revision of the schema, made out of its catalogue.

What a newer world has is copied where the older schema takes it; a table that is empty then gets a row of its own.
"""

from __future__ import annotations

import re
from graphlib import TopologicalSorter
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

SCHEMAS = ("kyodo", "kyodo_vacant", "kyodo_jobs")
LAST = ("kyodo.generation", "kyodo.generation_dataset")
"""A generation makes the rows of its datasets immutable: it comes when they are all there."""
BY_TRIGGER = ("kyodo.audit_chain",)
"""Written by the database itself, with what it belongs to."""
Row = dict[str, Any]

POINT = "SRID=4326;POINT(141.105 39.705)"
LINE = "SRID=4326;LINESTRING(141.105 39.705, 141.106 39.706)"
POLYGON = "SRID=4326;POLYGON((141.1 39.7, 141.1 39.71, 141.11 39.71, 141.11 39.7, 141.1 39.7))"
MULTI = "SRID=4326;MULTIPOLYGON(((141.1 39.7, 141.1 39.71, 141.11 39.71, 141.11 39.7, 141.1 39.7)))"
SHAPES = {"Point": POINT, "LineString": LINE, "Polygon": POLYGON, "MultiPolygon": MULTI, "Geometry": POINT}

NAMED: Row = {
    "fiscal_year": 2020, "year": 2020, "base_year": 2020, "price_year": 2020, "u": 1, "v": 2, "rows": 5,
    "input_hash": "0" * 64, "mesh_code": "59414000", "key_hash": b"k" * 32, "session_hash": b"s" * 32,
    "token_hash": b"t" * 32, "kmh": 30.0, "length_m": 10.0,
    "minutes": 1.0, "file_names": ["a.csv"], "fall_points": 5, "large_share": 0.6, "not_extendable_share": 0.1,
    "mid_share": 0.5, "starts": "09:00", "ends": "17:00",
    "opens": "09:00", "closes": "17:00", "sealed_secret": "gAAAAx", "horizon": 10, "horizon_years": 40,
    "code": "A1", "category_no": 1, "public_key": b"p" * 32,
}  # fmt: skip
"""Values of columns whose type alone does not say what they may be."""
OF_TABLE: dict[str, Row] = {
    "kyodo.bus_call": {"minutes": None, "weekday": [1] * 30, "saturday": [1] * 30, "sunday": [1] * 30},
    "kyodo.building_confirmation": {"joins_as": "none"},
    "kyodo.partner_key": {"kind": "secret"},
    "kyodo.return_round": {"form_key": b"f" * 32},
    "kyodo.return_code": {"code_hash": b"c" * 32},
    "kyodo.return_visit": {"visit_hash": b"v" * 32, "code_hash": b"c" * 32},
    "kyodo.pending_sign_in": {"state_hash": b"x" * 32, "nonce": "n", "verifier": "v"},
    "kyodo.referral": {"question": "q"},
    "kyodo.area_figure": {"unit": "count"},
    "kyodo.grant_rule": {"rules": Jsonb({"parts": []})},
    "kyodo.grant_run_row": {"amount_yen": 1},
    "kyodo.adviser_dispatch": {"district_no": 1},
    "kyodo.risk_case": {"state": "open"},
    "kyodo.activity_case": {"done_year": 2020},
    "kyodo.busy_period": {"valid_from": "2024-04-01", "valid_to": "2024-05-01"},
    "kyodo.calendar_link": {"link_id": "0" * 12},
    "kyodo.inquiry": {"questions": Jsonb([])},
    "kyodo.inquiry_item": {"prefilled": Jsonb({})},
    "kyodo.inquiry_answer": {"content": Jsonb({}), "state": "open"},
    "kyodo.body_action": {"state": "open"},
    "kyodo.evaluation_grade": {"grade": "A"},
    "kyodo.plan_evaluation": {"state": "draft"},
    "kyodo.responsibility": {"item": "r3-r7/initiative/1"},
    "kyodo.plan_mapping": {"relation": "end", "old_item": "r3-r7/initiative/1"},
    "kyodo.event": {"initiative_no": "3"},
    "kyodo.case_photo": {"sha256": "0" * 64},
    "kyodo.case_photo_file": {"size": 480},
    "kyodo.dataset": {"quality": "real", "kind": "towns"},
    "kyodo.grant_case": {"scheme": "projects", "district_no": 1},
}


def tables(conn: psycopg.Connection[Any]) -> list[str]:
    """Names in an order in which each comes after those it refers to."""
    names = [
        row["name"]
        for row in conn.execute(
            "SELECT n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p') AND NOT c.relispartition",
            (list(SCHEMAS),),
        )
    ]
    graph: dict[str, set[str]] = {name: set() for name in names}
    for row in conn.execute(
        "SELECT DISTINCT conrelid::regclass::text AS a, confrelid::regclass::text AS b FROM pg_constraint "
        "WHERE contype = 'f' AND conrelid <> confrelid"
    ):
        if row["a"] in graph and row["b"] in graph:
            graph[row["a"]].add(row["b"])
    order = list(TopologicalSorter({name: sorted(graph[name]) for name in sorted(graph)}).static_order())
    return [name for name in order if name not in LAST] + [name for name in LAST if name in order]


def columns(conn: psycopg.Connection[Any], table: str) -> dict[str, Row]:
    rows = conn.execute(
        "SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS needed, atthasdef AS given, "
        "attgenerated <> '' AS computed, attidentity <> '' AS identity FROM pg_attribute "
        "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        (table,),
    )
    return {row["name"]: row for row in rows}


def key(conn: psycopg.Connection[Any], table: str) -> list[str]:
    """Columns of the primary key."""
    return [
        row["name"]
        for row in conn.execute(
            "SELECT a.attname AS name FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid "
            "AND a.attnum = ANY(i.indkey) WHERE i.indrelid = %s::regclass AND i.indisprimary ORDER BY a.attnum",
            (table,),
        )
    ]


def name_of(table: str) -> sql.Identifier:
    return sql.Identifier(*table.split("."))


def world(conn: psycopg.Connection[Any]) -> dict[str, list[dict[str, str | None]]]:
    """All rows of a database as text, by table."""
    found = {}
    for table in tables(conn):
        wanted = [name for name, column in columns(conn, table).items() if not column["computed"]]
        query = sql.SQL("SELECT {} FROM {}").format(
            sql.SQL(", ").join(sql.SQL("{0}::text AS {0}").format(sql.Identifier(name)) for name in wanted),
            name_of(table),
        )
        if rows := conn.execute(query).fetchall():
            found[table] = rows
    return found


def fill(url: str, newer: dict[str, list[dict[str, str | None]]]) -> dict[str, int]:
    """Rows for every table of the database (a superuser's URL); how many each has."""
    with psycopg.connect(url, row_factory=dict_row) as conn:
        names, links = tables(conn), links_of(conn)
        conn.execute("SET search_path = kyodo, kyodo_jobs, public")
        for table in names:
            if table in BY_TRIGGER:
                continue
            known = columns(conn, table)
            for row in newer.get(table, []):
                shared = {
                    name: value
                    for name, value in row.items()
                    if name in known and not known[name]["computed"]
                }
                _tried(conn, table, known, shared)
            if conn.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(name_of(table))).fetchone() is None:
                _made(conn, table, known, links.get(table, []))
        conn.execute("RESET search_path")
        for row in conn.execute(
            "SELECT c.oid::regclass::text AS name, a.attname AS column, pg_get_serial_sequence(c.oid::regclass::text, a.attname) "
            "AS sequence FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
            "WHERE c.relnamespace::regnamespace::text = ANY(%s) AND c.relkind IN ('r', 'p') AND a.attnum > 0 "
            "AND NOT a.attisdropped AND pg_get_serial_sequence(c.oid::regclass::text, a.attname) IS NOT NULL",
            (list(SCHEMAS),),
        ).fetchall():
            conn.execute(
                sql.SQL("SELECT setval({}, (SELECT greatest(1, max({})) FROM {}))").format(
                    sql.Literal(row["sequence"]), sql.Identifier(row["column"]), name_of(row["name"])
                )
            )
        conn.commit()  # what triggers write at the end is counted too
        return counts(conn)


def counts(conn: psycopg.Connection[Any]) -> dict[str, int]:
    found = {}
    for table in tables(conn):
        row = conn.execute(sql.SQL("SELECT count(*) AS n FROM {}").format(name_of(table))).fetchone()
        found[table] = row["n"] if row else 0
    return found


def keys(conn: psycopg.Connection[Any], table: str, by: list[str]) -> set[tuple[str, ...]]:
    """The values of some columns, row by row."""
    query = sql.SQL("SELECT {} FROM {}").format(
        sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in by), name_of(table)
    )
    return {tuple(row.values()) for row in conn.execute(query)}


def _tried(conn: psycopg.Connection[Any], table: str, known: dict[str, Row], row: Row) -> bool:
    names = list(row)
    statement = sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({})").format(
        name_of(table),
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.SQL(", ").join(sql.SQL(f"%s::text::{known[name]['type']}") for name in names),
    )
    try:
        with conn.transaction():
            conn.execute(statement, list(row.values()))
    except (psycopg.errors.IntegrityError, psycopg.errors.RaiseException, psycopg.DataError):
        return False
    return True


def links_of(conn: psycopg.Connection[Any]) -> dict[str, list[Row]]:
    """Foreign keys by table, those of fewest columns first."""
    found: dict[str, list[Row]] = {}
    for row in conn.execute(
        "SELECT conrelid::regclass::text AS here, confrelid::regclass::text AS there, "
        "(SELECT array_agg(a.attname::text ORDER BY k.i) FROM unnest(conkey) WITH ORDINALITY k(n, i) "
        " JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = k.n) AS mine, "
        "(SELECT array_agg(a.attname::text ORDER BY k.i) FROM unnest(confkey) WITH ORDINALITY k(n, i) "
        " JOIN pg_attribute a ON a.attrelid = confrelid AND a.attnum = k.n) AS theirs "
        "FROM pg_constraint WHERE contype = 'f' AND connamespace::regnamespace::text = ANY(%s) ORDER BY cardinality(conkey)",
        (list(SCHEMAS),),
    ):
        found.setdefault(row["here"], []).append(row)
    return found


def _made(conn: psycopg.Connection[Any], table: str, known: dict[str, Row], links: list[Row]) -> None:
    """One row of what the table needs; a constraint that refuses it is a gap in this file."""
    rules = [
        row["text"]
        for row in conn.execute(
            "SELECT pg_get_constraintdef(oid) AS text FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'",
            (table,),
        )
    ]
    special = OF_TABLE.get(table, {})
    row = {
        name: special[name] if name in special else _value(name, column["type"], rules)
        for name, column in known.items()
        if name in special
        or (column["needed"] and not (column["given"] or column["identity"] or column["computed"]))
    }
    for link in links:
        if all(name in row for name in link["mine"]):
            parent = conn.execute(
                sql.SQL("SELECT {} FROM {} LIMIT 1").format(
                    sql.SQL(", ").join(map(sql.Identifier, link["theirs"])), name_of(link["there"])
                )
            ).fetchone()
            assert parent is not None, f"{table}: {link['there']} is empty"
            row |= dict(zip(link["mine"], parent.values(), strict=True))
    conn.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            name_of(table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join([sql.Placeholder()] * len(row)),
        )
        if row
        else sql.SQL("INSERT INTO {} DEFAULT VALUES").format(name_of(table)),
        list(row.values()),
    )


def _value(name: str, type_: str, rules: list[str]) -> Any:
    for rule in rules:
        if found := re.search(rf"\(\(?{name} = ANY \(\(?ARRAY\['([^']*)'", rule):
            return found[1]
        if type_ == "bytea" and (found := re.search(rf"octet_length\({name}\) >?= (\d+)", rule)):
            return b"x" * int(found[1])
    if name in NAMED:
        return NAMED[name]
    if found := re.match(r"geometry\((\w+),", type_):
        return SHAPES[found[1]]
    if type_.endswith("[]"):
        return []
    return {
        "integer": 1, "bigint": 1, "smallint": 1, "double precision": 1.0, "real": 1.0, "boolean": True,
        "jsonb": Jsonb({}), "json": Jsonb({}), "bytea": b"x", "date": "2024-04-01",
        "timestamp with time zone": "2030-01-01T00:00:00Z", "uuid": "00000000-0000-4000-8000-000000000000",
    }.get(type_.split("(")[0] if type_.startswith("numeric") else type_, 1 if type_.startswith("numeric") else "x")  # fmt: skip


def orphans(conn: psycopg.Connection[Any]) -> list[str]:
    """Foreign keys that some row breaks, whatever the server believes."""
    wrong = []
    for row in conn.execute(
        "SELECT conname, conrelid::regclass::text AS here, confrelid::regclass::text AS there, convalidated AS valid, "
        "(SELECT array_agg(a.attname::text ORDER BY k.i) FROM unnest(conkey) WITH ORDINALITY k(n, i) "
        " JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = k.n) AS mine, "
        "(SELECT array_agg(a.attname::text ORDER BY k.i) FROM unnest(confkey) WITH ORDINALITY k(n, i) "
        " JOIN pg_attribute a ON a.attrelid = confrelid AND a.attnum = k.n) AS theirs "
        "FROM pg_constraint WHERE contype = 'f' AND connamespace::regnamespace::text = ANY(%s) AND conparentid = 0",
        (list(SCHEMAS),),
    ).fetchall():
        pairs = list(zip(row["mine"], row["theirs"], strict=True))
        query = sql.SQL(
            "SELECT count(*) AS n FROM {} a WHERE {} AND NOT EXISTS (SELECT FROM {} b WHERE {})"
        ).format(
            name_of(row["here"]),
            sql.SQL(" AND ").join(sql.SQL("a.{} IS NOT NULL").format(sql.Identifier(m)) for m, _ in pairs),
            name_of(row["there"]),
            sql.SQL(" AND ").join(
                sql.SQL("a.{} = b.{}").format(sql.Identifier(m), sql.Identifier(t)) for m, t in pairs
            ),
        )
        found = conn.execute(query).fetchone()
        if not row["valid"] or (found and found["n"]):
            wrong.append(row["conname"])
    return wrong
