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


def diff(conn: Connection, municipality: str, dataset_id: int, against: int | None = None) -> DatasetDiff:
    """Compare `dataset_id` with `against` (default: the active dataset of its kind).

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
    for row in _compare_rows(conn, municipality, spec, against, dataset_id):
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
    return sql.SQL("md5(ST_AsBinary(ST_Normalize(ST_SnapToGrid(geom, {}))))").format(
        sql.Literal(10.0**-GEOJSON_DIGITS)
    )


def row_key(spec: KindTable) -> sql.Composed:
    """The text that tells rows of a kind apart: its key, or for rows without one the first facts."""
    columns = spec.key if spec.running is None else tuple(c for c in spec.columns if c != "geom")[:4]
    return sql.SQL(" || '/' || ").join(
        sql.SQL("coalesce({}::text, '')").format(sql.Identifier(column)) for column in columns
    )


def _compare_rows(
    conn: Connection, municipality: str, spec: KindTable, old: int | None, new: int
) -> list[dict[str, Any]]:
    """One row per verdict (added / removed / changed / same) with its count and first keys."""
    key = row_key(spec)
    ignored = sql.Literal(["dataset_id", "geom", *([spec.running] if spec.running else [])])
    shape = shape_mark(spec)
    side = sql.SQL(
        "SELECT {key} AS key, to_jsonb(t) - {ignored}::text[] AS facts, {shape} AS shape "
        "FROM {table} t WHERE municipality_code = {m} AND dataset_id = {id}"
    )
    parts = {"key": key, "ignored": ignored, "shape": shape, "table": identifier(spec.table)}
    query = sql.SQL(
        """
        WITH old AS ({old}), new AS ({new}), judged AS (
            SELECT coalesce(old.key, new.key) AS key,
                   CASE WHEN old.key IS NULL THEN 'added' WHEN new.key IS NULL THEN 'removed'
                        WHEN old.facts IS DISTINCT FROM new.facts OR old.shape IS DISTINCT FROM new.shape
                        THEN 'changed' ELSE 'same' END AS verdict
            FROM old FULL JOIN new USING (key)
        )
        SELECT verdict, count(*)::int AS n, (array_agg(key ORDER BY key))[1:{most}] AS keys
        FROM judged GROUP BY verdict
        """
    ).format(
        old=side.format(**parts, m=sql.Literal(municipality), id=sql.Literal(old)),
        new=side.format(**parts, m=sql.Literal(municipality), id=sql.Literal(new)),
        most=sql.Literal(MAX_LISTED),
    )
    return conn.execute(query).fetchall()


def _moved(conn: Connection, municipality: str, old: int, new: int) -> tuple[Moved, ...]:
    """Area between pairs of districts by intersection; people by the small areas' inner points.

    Slivers below 1 m² are the rounding of coordinates, not a decision, and are left out.
    """
    query = """
        WITH zone AS (SELECT plane_epsg FROM municipality WHERE municipality_code = %(m)s),
        old AS (SELECT district_no, geom FROM district_area WHERE municipality_code = %(m)s AND dataset_id = %(old)s),
        new AS (SELECT district_no, geom FROM district_area WHERE municipality_code = %(m)s AND dataset_id = %(new)s),
        same AS (SELECT o.district_no FROM old o JOIN new n USING (district_no) WHERE ST_OrderingEquals(o.geom, n.geom)),
        shifted AS (
            SELECT o.district_no AS from_no, n.district_no AS to_no,
                   ST_Area(ST_Transform(ST_Intersection(o.geom, n.geom), (SELECT plane_epsg FROM zone))) AS area_m2
            FROM old o JOIN new n ON o.district_no <> n.district_no AND o.geom && n.geom
            -- Of two districts that are drawn as before nothing has moved: their border need not be cut.
            WHERE NOT (o.district_no IN (TABLE same) AND n.district_no IN (TABLE same))
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
    """
    rows = conn.execute(
        query,
        {"m": municipality, "old": old, "new": new, "generation": active_generation(conn, municipality)},
    )
    return tuple(Moved(r["from_no"], r["to_no"], r["area_m2"], r["people"], r["households"]) for r in rows)
