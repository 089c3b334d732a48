"""Associations: pages of them for lists and maps, and one with its rules and published contacts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from psycopg import sql

from geodata.database import Connection
from geodata.features.area_sources import IN_DISTRICT
from geodata.queries.generation import Ref
from kyodo_geo.crs import GEOJSON_DIGITS, WGS84
from kyodo_geo.errors import NotFoundError

Bbox = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class AssociationRow:
    """One association. `district_basis` is list (the city's list) or area; contacts as the reader may see them."""

    id: str
    name: str
    kana: str | None
    kind: str
    area_text: str | None
    district_no: int | None
    district_name: str | None
    district_basis: str | None
    geometry: str | None
    contacts: tuple[dict[str, Any], ...] = ()
    rules: tuple[dict[str, Any], ...] = ()


_DISTRICT = sql.SQL("coalesce(l.district_no, c.district_no)")
_QUERY = """
    SELECT a.association_id AS id, a.name, a.kana, a.kind, a.area_text, {district} AS district_no, n.name AS district_name,
           CASE WHEN l.district_no IS NOT NULL THEN 'list' WHEN c.district_no IS NOT NULL THEN 'area' END AS district_basis,
           ST_AsGeoJSON(ST_ForcePolygonCCW(a.geom), {digits}) AS geometry
    FROM association_area a
    {joins}
    WHERE a.municipality_code = %(m)s AND a.dataset_id = (SELECT active_dataset(%(m)s, %(g)s, 'associations'))
      AND {condition}
    ORDER BY a.association_id LIMIT %(limit)s
"""


def _query(condition: sql.Composable) -> sql.Composed:
    return sql.SQL(_QUERY).format(
        district=_DISTRICT,
        digits=sql.Literal(GEOJSON_DIGITS),
        joins=sql.SQL(IN_DISTRICT),
        condition=condition,
    )


def page(
    conn: Connection,
    ref: Ref,
    *,
    district: int | None = None,
    bbox: Bbox | None = None,
    after: str | None = None,
    limit: int = 100,
) -> tuple[list[AssociationRow], str | None]:
    """Associations by id after `after`; returns the rows and the id to go on from (None at the end).

    `bbox` is (west, south, east, north) in degrees.
    """
    conditions: list[sql.Composable] = [sql.SQL("true")]
    if district is not None:
        conditions.append(sql.SQL("{} = %(district)s").format(_DISTRICT))
    if bbox is not None:
        conditions.append(
            sql.SQL("ST_Intersects(a.geom, ST_MakeEnvelope(%(w)s, %(s)s, %(e)s, %(n)s, {srid}))").format(
                srid=sql.Literal(WGS84)
            )
        )
    if after is not None:
        conditions.append(sql.SQL("a.association_id > %(after)s"))
    w, s, e, n = bbox or (None, None, None, None)
    rows = conn.execute(
        _query(sql.SQL(" AND ").join(conditions)),
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
    found = [AssociationRow(**row) for row in rows[:limit]]
    return found, (found[-1].id if len(rows) > limit else None)


def one(conn: Connection, ref: Ref, association_id: str) -> AssociationRow:
    """One association with contacts and address rules; raises `NotFoundError`."""
    row = conn.execute(
        _query(sql.SQL("a.association_id = %(id)s")),
        {**ref.args, "id": association_id, "limit": 1},
    ).fetchone()
    if row is None:
        raise NotFoundError("この番号の町内会・自治会はありません。", association_id=association_id)
    contacts = conn.execute(
        """
        SELECT role, name, phone, email, address FROM association_contact
        WHERE municipality_code = %(m)s AND association_id = %(id)s
          AND daterange(valid_from, valid_to, '[)') @> current_date
        ORDER BY contact_no
        """,
        {**ref.args, "id": association_id},
    ).fetchall()
    rules = conn.execute(
        """
        SELECT kind, town, koaza, block_from, block_to, house_from, house_to FROM address_rule
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'association-rules')
          AND association_id = %(id)s ORDER BY rule_no
        """,
        {**ref.args, "id": association_id},
    ).fetchall()
    return replace(AssociationRow(**row), contacts=tuple(contacts), rules=tuple(rules))
