"""What a database holds, in numbers that can be compared: rows and checksum by table, and answers to a few lookups.

Everything is read through one connection, in the snapshot that its transaction has. Audience: the schema's owner, whom
row-level security does not narrow.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from psycopg import sql

from geodata.database import Connection
from geodata.queries.generation import resolve
from geodata.queries.snapshot import lookup_snapshot
from kyodo_geo.errors import UnavailableError

SCHEMAS = ("kyodo", "kyodo_vacant", "kyodo_jobs")
PASSING = frozenset({"kyodo.session", "kyodo.sign_in_link"})
"""Whoever was signed in signs in again: a session that was ended since must not come back to life."""
SAMPLE = 40
"""Lookups per municipality, half by address and half by point."""
MOST_SAMPLED = 20
"""Municipalities whose answers are compared; the contents of all are."""

PLAIN_TEXT = (
    "SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'iso_8601'; "
    "SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1; SET LOCAL search_path = kyodo, public; "
    "SET LOCAL row_security = off"
)
"""The same value is written in the same way, whatever the server's settings are."""


def tables(conn: Connection) -> tuple[list[str], list[str]]:
    """(tables whose rows belong into a backup, tables whose rows are left out: unlogged ones and `PASSING`)."""
    rows = conn.execute(
        "SELECT n.nspname || '.' || c.relname AS name, c.relpersistence = 'u' AS unlogged "
        "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1",
        (list(SCHEMAS),),
    ).fetchall()
    left_out = [row["name"] for row in rows if row["unlogged"] or row["name"] in PASSING]
    return [row["name"] for row in rows if row["name"] not in left_out], left_out


def counted(conn: Connection, names: list[str]) -> dict[str, dict[str, Any]]:
    """Table → rows and checksum. The checksum depends on every value of every row, and not on the order of the rows."""
    conn.execute(PLAIN_TEXT)
    found = {}
    for name in names:
        row = conn.execute(
            sql.SQL(
                "SELECT count(*) AS rows, md5(count(*)::text || ' ' || "
                "coalesce(sum(hashtextextended(t::text, 1)::numeric), 0)::text || ' ' || "
                "coalesce(sum(hashtextextended(t::text, 2)::numeric), 0)::text) AS checksum FROM {} AS t"
            ).format(sql.Identifier(*name.split(".")))
        ).fetchone()
        assert row is not None
        found[name] = {"rows": row["rows"], "checksum": row["checksum"]}
    return found


def sequences(conn: Connection) -> dict[str, int]:
    """Last numbers given. They belong to no snapshot: what comes back must be at least what was read before the dump."""
    rows = conn.execute(
        "SELECT schemaname || '.' || sequencename AS name, coalesce(last_value, 0) AS value FROM pg_sequences "
        "WHERE schemaname = ANY(%s) ORDER BY 1",
        (list(SCHEMAS),),
    )
    return {row["name"]: row["value"] for row in rows}


def municipalities(conn: Connection) -> list[dict[str, Any]]:
    """Code, revision and active generation of each municipality."""
    return conn.execute(
        "SELECT m.municipality_code AS code, m.revision, (SELECT max(generation_no) FROM kyodo.generation g "
        "WHERE g.municipality_code = m.municipality_code) AS generation FROM kyodo.municipality m ORDER BY 1"
    ).fetchall()


def audit_head(conn: Connection) -> dict[str, Any]:
    """How long the audit log is, its last entry, and by municipality the head of its chain (schema 0043 and later)."""
    row = conn.execute("SELECT count(*) AS entries, max(entry_no) AS last FROM kyodo.audit").fetchone()
    chained = conn.execute("SELECT to_regclass('kyodo.audit_chain') IS NOT NULL AS it").fetchone()
    heads: list[dict[str, Any]] = []
    if chained and chained["it"]:
        heads = conn.execute(
            "SELECT DISTINCT ON (municipality_code) municipality_code AS code, chain_no, encode(entry_hash, 'hex') AS hash "
            "FROM kyodo.audit_chain ORDER BY municipality_code, chain_no DESC"
        ).fetchall()
    return {**(row or {}), "chains": heads}


def answers(conn: Connection) -> list[dict[str, Any]]:
    """Questions of the lookup with a checksum of their answers: towns and points inside associations, evenly spread."""
    from kyodo_geo.lookup import LookupIndex

    found: list[dict[str, Any]] = []
    for place in municipalities(conn)[:MOST_SAMPLED]:
        try:
            ref = resolve(conn, place["code"])
        except UnavailableError:  # registered, nothing loaded yet
            continue
        index = LookupIndex(lookup_snapshot(conn, ref))
        for question in _questions(conn, ref.args):
            answer = (
                index.by_address(question["address"])
                if "address" in question
                else index.by_point(question["lon"], question["lat"])
            )
            whole = json.dumps(answer.as_dict(), ensure_ascii=False, sort_keys=True, default=str)
            digest = hashlib.sha256(whole.encode()).hexdigest()
            found.append({"municipality": place["code"], **question, "answer": digest})
    return found


def _questions(conn: Connection, args: dict[str, object]) -> list[dict[str, Any]]:
    half = {**args, "half": SAMPLE // 2}
    towns = conn.execute(
        """
        SELECT name FROM (SELECT name, row_number() OVER (ORDER BY town_id) AS n, count(*) OVER () AS all_
            FROM kyodo.town WHERE municipality_code = %(m)s
              AND dataset_id = kyodo.active_dataset(%(m)s, %(g)s, 'towns')) t
        WHERE (n - 1) %% greatest(1, all_ / %(half)s) = 0 ORDER BY n LIMIT %(half)s
        """,
        half,
    ).fetchall()
    points = conn.execute(
        """
        SELECT round(ST_X(p)::numeric, 6)::float8 AS lon, round(ST_Y(p)::numeric, 6)::float8 AS lat FROM (
            SELECT ST_PointOnSurface(geom) AS p, row_number() OVER (ORDER BY association_id) AS n, count(*) OVER () AS all_
            FROM kyodo.association_area WHERE municipality_code = %(m)s AND geom IS NOT NULL
              AND dataset_id = kyodo.active_dataset(%(m)s, %(g)s, 'associations')) t
        WHERE (n - 1) %% greatest(1, all_ / %(half)s) = 0 ORDER BY n LIMIT %(half)s
        """,
        half,
    ).fetchall()
    return [{"address": row["name"]} for row in towns] + [dict(row) for row in points]


def facts(conn: Connection) -> dict[str, Any]:
    """All of it, of the transaction's snapshot."""
    kept, left_out = tables(conn)
    return {
        "tables": counted(conn, kept),
        "left_out": left_out,
        "sequences": sequences(conn),
        "municipalities": municipalities(conn),
        "audit": audit_head(conn),
        "lookups": answers(conn),
    }


def differing(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Names of what is not the same; empty when all is."""
    wrong = [
        f"{name}: {before['tables'].get(name)} → {after['tables'].get(name)}"
        for name in sorted(before["tables"].keys() | after["tables"].keys())
        if before["tables"].get(name) != after["tables"].get(name)
    ]
    wrong += [name for name in ("municipalities", "audit") if before[name] != after[name]]
    given = after["sequences"]
    wrong += [name for name, value in before["sequences"].items() if given.get(name, -1) < value]
    if before["lookups"] != after["lookups"]:
        wrong.append("lookups")
    return wrong
