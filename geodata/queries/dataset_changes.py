"""What differs between two datasets of one kind, row by row, with where it lies. For staff: audience `LOADER`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import sql

from geodata.database import Connection, active_generation
from geodata.diffs import DatasetDiff, facts, row_key, shape_mark
from geodata.kind_tables import KIND_TABLES, KindTable, kind_table
from geodata.rows import identifier
from kyodo_geo.crs import GEOJSON_DIGITS
from kyodo_geo.membership_changes import DistrictYear, MembershipChanges, by_district, compare

MAX_CONTEXT = 500
"""Rows that stay as they are and are drawn beside those that change; with more of them none is drawn."""
_GROUND = {
    "membership": "associations",
    "association-districts": "associations",
    "association-rules": "associations",
    "association-profiles": "associations",
    "district-assignment": "small-areas",
}
"""Kinds without a shape of their own → the kind whose areas their keys name."""


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """One row that is added, removed or changed. Geometries are GeoJSON texts or None; `columns` are those changed."""

    key: str
    verdict: str
    name: str
    columns: tuple[str, ...]
    before: str | None
    after: str | None


def previous_dataset(conn: Connection, municipality: str, dataset_id: int, kind: str) -> int | None:
    """What a dataset is compared with: the active one, or for the active one that which it replaced."""
    row = conn.execute(
        """
        SELECT dataset_id FROM generation_dataset
        WHERE municipality_code = %(m)s AND kind = %(kind)s AND dataset_id <> %(id)s
        ORDER BY generation_no DESC LIMIT 1
        """,
        {"m": municipality, "kind": kind, "id": dataset_id},
    ).fetchone()
    return None if row is None else int(row["dataset_id"])


def changed_rows(conn: Connection, municipality: str, found: DatasetDiff) -> list[ChangedRow]:
    """The rows whose keys `found` lists, in its order: added, changed, removed."""
    spec = kind_table(found.kind)
    wanted = [key for keys in found.keys.values() for key in keys]
    old = _rows(conn, municipality, spec, found.against, wanted)
    new = _rows(conn, municipality, spec, found.dataset_id, wanted)
    ground = _ground(conn, municipality, found.kind, wanted)
    rows = []
    for verdict in ("added", "changed", "removed"):
        for key in found.keys[verdict]:
            before, after = old.get(key), new.get(key)
            area = ground.get(key.partition("/")[0], {})
            name = (after or before or {}).get("name") or area.get("name") or key
            rows.append(
                ChangedRow(
                    key,
                    verdict,
                    str(name),
                    _differing(before, after) if verdict == "changed" else (),
                    (before["geometry"] or area.get("geometry")) if before else None,
                    (after["geometry"] or area.get("geometry")) if after else None,
                )
            )
    return rows


@dataclass(frozen=True, slots=True)
class FactChange:
    """One row that differs, without its shape. `columns`: (column, before, after) of a changed one."""

    key: str
    verdict: str
    name: str
    columns: tuple[tuple[str, Any, Any], ...]


def changed_facts(conn: Connection, municipality: str, found: DatasetDiff) -> list[FactChange]:
    """The rows whose keys `found` lists, as `changed_rows` has them, without geometries: there may be many."""
    spec = kind_table(found.kind)
    wanted = [key for keys in found.keys.values() for key in keys]
    old = _rows(conn, municipality, spec, found.against, wanted, shapes=False)
    new = _rows(conn, municipality, spec, found.dataset_id, wanted, shapes=False)
    ground = _ground(conn, municipality, found.kind, wanted)
    rows = []
    for verdict in ("added", "changed", "removed"):
        for key in found.keys[verdict]:
            before, after = old.get(key), new.get(key)
            name = (after or before or {}).get("name") or ground.get(key.partition("/")[0], {}).get("name")
            columns: tuple[tuple[str, Any, Any], ...] = ()
            if verdict == "changed" and before is not None and after is not None:
                columns = tuple(
                    (column, before["facts"].get(column), after["facts"].get(column))
                    for column in _differing(before, after)
                )
            rows.append(FactChange(key, verdict, str(name or key), columns))
    return rows


def _differing(before: dict[str, Any] | None, after: dict[str, Any] | None) -> tuple[str, ...]:
    if before is None or after is None:
        return ()
    facts = [column for column in after["facts"] if before["facts"].get(column) != after["facts"].get(column)]
    return tuple(facts) + (("geom",) if before["shape"] != after["shape"] else ())


def _rows(
    conn: Connection,
    municipality: str,
    spec: KindTable,
    dataset_id: int | None,
    keys: list[str],
    *,
    shapes: bool = True,
) -> dict[str, dict[str, Any]]:
    if dataset_id is None or not keys:
        return {}
    rows = conn.execute(
        sql.SQL(
            "SELECT * FROM (SELECT {key} AS key, {name} AS name, {facts} AS facts, "
            "{shape} AS shape, {geometry} AS geometry FROM {table} "
            "WHERE municipality_code = %s AND dataset_id = %s) r WHERE key = ANY(%s)"
        ).format(
            key=row_key(spec),
            name=sql.Identifier("name") if "name" in spec.columns else sql.SQL("NULL::text"),
            facts=facts(spec),
            shape=shape_mark(spec),
            geometry=_geojson() if spec.has_geometry and shapes else sql.SQL("NULL::text"),
            table=identifier(spec.table),
        ),
        (municipality, dataset_id, keys),
    )
    return {row["key"]: row for row in rows}


def _geojson() -> sql.Composed:
    return sql.SQL("ST_AsGeoJSON(geom, {})").format(sql.Literal(GEOJSON_DIGITS))


def _ground(conn: Connection, municipality: str, kind: str, keys: list[str]) -> dict[str, dict[str, Any]]:
    """Name and shape of the active area that a key names, for kinds without a shape of their own."""
    base = _GROUND.get(kind)
    if base is None or not keys:
        return {}
    spec = KIND_TABLES[base]
    rows = conn.execute(
        sql.SQL(
            "SELECT {key} AS key, name, {geometry} AS geometry FROM {table} WHERE municipality_code = %(m)s "
            "AND dataset_id = active_dataset(%(m)s, %(g)s, %(kind)s) AND {key} = ANY(%(keys)s)"
        ).format(key=sql.Identifier(spec.key[0]), geometry=_geojson(), table=identifier(spec.table)),
        {
            "m": municipality,
            "g": active_generation(conn, municipality),
            "kind": base,
            "keys": [key.partition("/")[0] for key in keys],
        },
    )
    return {row["key"]: row for row in rows}


def unchanged_shapes(
    conn: Connection, municipality: str, kind: str, dataset_id: int, changed: list[str]
) -> list[tuple[str, str]]:
    """(name, GeoJSON text) of the rows that stay as they are; none when there are more than `MAX_CONTEXT`."""
    spec = kind_table(kind)
    if not spec.has_geometry:
        return []
    rows = conn.execute(
        sql.SQL(
            "SELECT * FROM (SELECT {key} AS key, {name} AS name, {geometry} AS geometry FROM {table} "
            "WHERE municipality_code = %s AND dataset_id = %s AND geom IS NOT NULL) r "
            "WHERE NOT key = ANY(%s) ORDER BY key LIMIT {most}"
        ).format(
            key=row_key(spec),
            name=sql.Identifier("name") if "name" in spec.columns else row_key(spec),
            geometry=_geojson(),
            table=identifier(spec.table),
            most=sql.Literal(MAX_CONTEXT + 1),
        ),
        (municipality, dataset_id, changed),
    ).fetchall()
    if len(rows) > MAX_CONTEXT:
        return []
    return [(str(row["name"] or row["key"]), row["geometry"]) for row in rows]


@dataclass(frozen=True, slots=True)
class MembershipComparison:
    """Figures of two membership datasets compared; names by association, and of districts by number."""

    changes: MembershipChanges
    districts: list[DistrictYear]
    names: dict[str, str]
    district_names: dict[int, str]


def membership_changes(
    conn: Connection, municipality: str, dataset_id: int, against: int | None
) -> MembershipComparison:
    """Two datasets of figures, by association and by district of the active generation."""
    active = {"m": municipality, "g": active_generation(conn, municipality)}
    rows = conn.execute(
        "SELECT a.association_id, a.name, d.district_no FROM association_area a "
        "LEFT JOIN association_districts(%(m)s, %(g)s) d USING (association_id) "
        "WHERE a.municipality_code = %(m)s AND a.dataset_id = active_dataset(%(m)s, %(g)s, 'associations')",
        active,
    ).fetchall()
    districts = conn.execute(
        "SELECT district_no, name FROM district_area WHERE municipality_code = %(m)s "
        "AND dataset_id = active_dataset(%(m)s, %(g)s, 'districts')",
        active,
    )
    old, new = (_membership(conn, municipality, number) for number in (against, dataset_id))
    district_of = {
        row["association_id"]: row["district_no"] for row in rows if row["district_no"] is not None
    }
    return MembershipComparison(
        compare(old, new),
        by_district(old, new, district_of),
        {row["association_id"]: row["name"] for row in rows},
        {row["district_no"]: row["name"] for row in districts},
    )


def _membership(conn: Connection, municipality: str, dataset_id: int | None) -> dict[Any, Any]:
    rows = conn.execute(
        "SELECT association_id, fiscal_year, households, member_households FROM membership "
        "WHERE municipality_code = %s AND dataset_id = %s",
        (municipality, dataset_id),
    )
    return {
        (row["association_id"], row["fiscal_year"]): (row["households"], row["member_households"])
        for row in rows
    }
