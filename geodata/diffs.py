"""Compare a loaded dataset with the active one of its kind, before it is activated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import sql

from geodata.database import Connection, active_generation
from geodata.datasets import show_dataset
from geodata.kind_tables import KindTable, kind_table
from geodata.rows import identifier
from kyodo_geo.crs import GEOJSON_DIGITS

MAX_LISTED = 200


@dataclass(frozen=True, slots=True)
class Moved:
    """What goes from one district to another: square metres (plane zone), people and households."""

    from_no: int | None
    to_no: int | None
    area_m2: float
    people: int | None
    households: int | None


@dataclass(frozen=True, slots=True)
class DatasetDiff:
    """Keys added, removed and changed against the active dataset (each list cut at `MAX_LISTED`)."""

    kind: str
    dataset_id: int
    against: int | None
    added: int
    removed: int
    changed: int
    unchanged: int
    keys: dict[str, list[str]]
    moved: tuple[Moved, ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "dataset_id": self.dataset_id,
            "against": self.against,
            "added": self.added,
            "removed": self.removed,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "keys": self.keys,
            "moved": [
                {
                    "from": m.from_no,
                    "to": m.to_no,
                    "area_m2": round(m.area_m2, 1),
                    "people": m.people,
                    "households": m.households,
                }
                for m in self.moved
            ],
        }


def diff(
    conn: Connection,
    municipality: str,
    dataset_id: int,
    against: int | None = None,
    *,
    most: int = MAX_LISTED,
) -> DatasetDiff:
    """Compare `dataset_id` with `against` (default: the active dataset of its kind), listing `most` keys of each verdict.

    Raises `NotFoundError` for an unknown dataset. With nothing active, every row counts as added.
    """
    kind = show_dataset(conn, municipality, dataset_id)["kind"]
    spec = kind_table(kind)
    if against is None:
        row = conn.execute(
            "SELECT active_dataset(%s, %s, %s) AS id",
            (municipality, active_generation(conn, municipality), kind),
        ).fetchone()
        against = row["id"] if row else None
    counts: dict[str, int] = {"added": 0, "removed": 0, "changed": 0, "same": 0}
    keys: dict[str, list[str]] = {"added": [], "removed": [], "changed": []}
    for row in _compare_rows(conn, municipality, spec, against, dataset_id, most):
        counts[row["verdict"]] += row["n"]
        if row["verdict"] in keys:
            keys[row["verdict"]] = row["keys"]
    moved = _moved(conn, municipality, against, dataset_id) if kind == "districts" and against else ()
    return DatasetDiff(
        kind,
        dataset_id,
        against,
        counts["added"],
        counts["removed"],
        counts["changed"],
        counts["same"],
        keys,
        moved,
    )


def shape_mark(spec: KindTable) -> sql.Composable:
    """What tells shapes apart: their outline on the grid of what is sent out (about 10 cm), wherever a ring begins.

    A layer that was exported, edited in one place and loaded again has changed in that place alone.
    """
    if not spec.has_geometry:
        return sql.SQL("NULL")
    return sql.SQL("md5(ST_AsBinary({}))").format(_normal(sql.SQL("geom")))


def _on_grid(shape: sql.Composable) -> sql.Composed:
    return sql.SQL("ST_SnapToGrid({}, {})").format(shape, sql.Literal(10.0**-GEOJSON_DIGITS))


def _normal(shape: sql.Composable) -> sql.Composed:
    return sql.SQL("ST_Normalize({})").format(_on_grid(shape))


def differs(spec: KindTable, old: str = "old", new: str = "new") -> sql.Composable:
    """Whether two rows' shapes differ, the cheapest test first: most are the same to the byte."""
    if not spec.has_geometry:
        return sql.SQL("false")
    sides = (sql.Identifier(old, "geom"), sql.Identifier(new, "geom"))
    tests = [sides, tuple(_on_grid(side) for side in sides), tuple(_normal(side) for side in sides)]
    # CASE, unlike AND, promises the order.
    return sql.SQL("CASE WHEN {} THEN false WHEN {} THEN false ELSE {} END").format(
        *(sql.SQL("{} IS NOT DISTINCT FROM {}").format(*pair) for pair in tests[:2]),
        sql.SQL("{} IS DISTINCT FROM {}").format(*tests[2]),
    )


def facts(spec: KindTable) -> sql.Composed:
    """Everything a row says besides its shape, as JSON; the shape itself would be made GeoJSON of, which is slow."""
    columns = [column for column in spec.columns if column != "geom"]
    return sql.SQL("jsonb_build_object({})").format(
        sql.SQL(", ").join(
            sql.SQL("{}, {}").format(sql.Literal(name), sql.Identifier(name)) for name in columns
        )
    )


def _plain_columns(spec: KindTable) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(column) for column in spec.columns if column != "geom")


def row_key(spec: KindTable) -> sql.Composed:
    """The text that tells rows of a kind apart: its key, or for rows without one the first facts."""
    columns = spec.key if spec.running is None else tuple(c for c in spec.columns if c != "geom")[:4]
    parts = [sql.SQL("coalesce({}::text, '')").format(sql.Identifier(column)) for column in columns]
    if spec.by_shape:
        # Thousands of areas of one name would otherwise be compared each with each.
        parts.append(sql.SQL("left({}, 8)").format(shape_mark(spec)))
    return sql.SQL(" || '/' || ").join(parts)


def _compare_rows(
    conn: Connection, municipality: str, spec: KindTable, old: int | None, new: int, most: int
) -> list[dict[str, Any]]:
    """One row per verdict (added / removed / changed / same) with its count and first keys."""
    query = sql.SQL(
        """
        WITH judged AS ({judged})
        SELECT verdict, count(*)::int AS n, (array_agg(key ORDER BY key))[1:{most}] AS keys
        FROM judged GROUP BY verdict
        """
    ).format(judged=judged(municipality, spec, old, new), most=sql.Literal(most))
    return conn.execute(query).fetchall()


def judged(municipality: str, spec: KindTable, old: int | None, new: int) -> sql.Composed:
    """Query of (key, verdict) for every row of two datasets."""
    side = sql.SQL(
        "SELECT {key} AS key, ROW({facts}) AS facts, {geom} AS geom FROM {table} "
        "WHERE municipality_code = {m} AND dataset_id = {id}"
    )
    parts = {
        "key": row_key(spec), "facts": _plain_columns(spec), "table": identifier(spec.table), "m": sql.Literal(municipality),
        "geom": sql.SQL("geom") if spec.has_geometry else sql.SQL("NULL::text"),
    }  # fmt: skip
    return sql.SQL(
        """
        SELECT coalesce(old.key, new.key) AS key,
               CASE WHEN old.key IS NULL THEN 'added' WHEN new.key IS NULL THEN 'removed'
                    WHEN old.facts IS DISTINCT FROM new.facts THEN 'changed' WHEN {differs} THEN 'changed'
                    ELSE 'same' END AS verdict
        FROM ({old}) old FULL JOIN ({new}) new USING (key)
        """
    ).format(
        differs=differs(spec),
        old=side.format(**parts, id=sql.Literal(old)),
        new=side.format(**parts, id=sql.Literal(new)),
    )


def _moved(conn: Connection, municipality: str, old: int, new: int) -> tuple[Moved, ...]:
    """Area between pairs of districts by intersection; people by the small areas' inner points.

    Slivers below 1 m² are the rounding of coordinates, not a decision, and are left out.
    """
    query = sql.SQL("""
        WITH zone AS (SELECT plane_epsg FROM municipality WHERE municipality_code = %(m)s),
        -- What goes from one district to another has left a changed one or come to one: the others need no look.
        changed AS MATERIALIZED (
            SELECT district_no FROM
            (SELECT district_no, geom FROM district_area WHERE municipality_code = %(m)s AND dataset_id = %(old)s) old
            FULL JOIN
            (SELECT district_no, geom FROM district_area WHERE municipality_code = %(m)s AND dataset_id = %(new)s) new
            USING (district_no) WHERE {differs}
        ),
        old AS MATERIALIZED (SELECT district_no, geom FROM district_area JOIN changed USING (district_no)
                WHERE municipality_code = %(m)s AND dataset_id = %(old)s),
        new AS MATERIALIZED (SELECT district_no, geom FROM district_area JOIN changed USING (district_no)
                WHERE municipality_code = %(m)s AND dataset_id = %(new)s),
        shifted AS (
            SELECT o.district_no AS from_no, n.district_no AS to_no,
                   ST_Area(ST_Transform(ST_Intersection(o.geom, n.geom), (SELECT plane_epsg FROM zone))) AS area_m2
            FROM old o JOIN new n ON o.district_no <> n.district_no AND o.geom && n.geom
        ),
        areas AS (
            SELECT people, households, ST_PointOnSurface(geom) AS point FROM small_area
            WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(generation)s, 'small-areas')
        ),
        crowd AS (
            SELECT o.district_no AS from_no, n.district_no AS to_no,
                   sum(a.people)::int AS people, sum(a.households)::int AS households
            FROM areas a
            LEFT JOIN old o ON ST_Covers(o.geom, a.point)
            LEFT JOIN new n ON ST_Covers(n.geom, a.point)
            WHERE o.district_no IS DISTINCT FROM n.district_no
            GROUP BY 1, 2
        )
        SELECT coalesce(s.from_no, c.from_no) AS from_no, coalesce(s.to_no, c.to_no) AS to_no,
               coalesce(s.area_m2, 0) AS area_m2, c.people, c.households
        FROM (SELECT * FROM shifted WHERE area_m2 >= 1) s
        FULL JOIN crowd c ON s.from_no = c.from_no AND s.to_no = c.to_no
        ORDER BY area_m2 DESC
    """).format(differs=differs(kind_table("districts")))
    rows = conn.execute(
        query,
        {"m": municipality, "old": old, "new": new, "generation": active_generation(conn, municipality)},
    )
    return tuple(Moved(r["from_no"], r["to_no"], r["area_m2"], r["people"], r["households"]) for r in rows)
