"""Census small areas with their district, in pages."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import sql

from geodata.database import Connection
from geodata.queries.associations import Bbox
from geodata.queries.generation import Ref
from kyodo_geo.crs import GEOJSON_DIGITS, WGS84


@dataclass(frozen=True, slots=True)
class SmallAreaRow:
    """One small area; `confidence` says how sure its district is (official / sure / likely / guess)."""

    key_code: str
    name: str | None
    people: int | None
    households: int | None
    area_m2: float
    district_no: int | None
    confidence: str | None
    geometry: str


def page(
    conn: Connection,
    ref: Ref,
    *,
    bbox: Bbox | None = None,
    district: int | None = None,
    after: str | None = None,
    limit: int = 500,
) -> tuple[list[SmallAreaRow], str | None]:
    """Small areas by key after `after`; returns the rows and the key to go on from (None at the end)."""
    w, s, e, n = bbox or (None, None, None, None)
    rows = conn.execute(
        sql.SQL(
            """
            SELECT s.key_code, s.name, s.people, s.households, s.area_m2, a.district_no, a.confidence,
                   ST_AsGeoJSON(ST_ForcePolygonCCW(s.geom), {digits}) AS geometry
            FROM small_area s
            LEFT JOIN district_assignment a ON a.municipality_code = s.municipality_code
                AND a.key_code = s.key_code
                AND a.dataset_id = active_dataset(%(m)s, %(g)s, 'district-assignment')
            WHERE s.municipality_code = %(m)s AND s.dataset_id = active_dataset(%(m)s, %(g)s, 'small-areas')
              AND (%(district)s::int IS NULL OR a.district_no = %(district)s)
              AND (%(after)s::text IS NULL OR s.key_code > %(after)s)
              AND (%(w)s::float8 IS NULL
                   OR ST_Intersects(s.geom, ST_MakeEnvelope(%(w)s, %(s)s, %(e)s, %(n)s, {srid})))
            ORDER BY s.key_code LIMIT %(limit)s
            """
        ).format(digits=sql.Literal(GEOJSON_DIGITS), srid=sql.Literal(WGS84)),
        {
            **ref.args,
            "district": district,
            "after": after,
            "limit": limit + 1,
            "w": w,
            "s": s,
            "e": e,
            "n": n,
        },
    ).fetchall()
    found = [SmallAreaRow(**row) for row in rows[:limit]]
    return found, (found[-1].key_code if len(rows) > limit else None)


def names_of(conn: Connection, ref: Ref, keys: list[str]) -> dict[str, str]:
    """KEY_CODE → name of those that are in the generation (the code itself where there is no name)."""
    rows = conn.execute(
        "SELECT key_code, coalesce(name, key_code) AS name FROM small_area WHERE municipality_code = %(m)s "
        "AND dataset_id = active_dataset(%(m)s, %(g)s, 'small-areas') AND key_code = ANY(%(keys)s)",
        {**ref.args, "keys": keys},
    )
    return {row["key_code"]: row["name"] for row in rows}
