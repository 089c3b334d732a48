"""Districts with their plan state, people and membership rate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from psycopg import sql

from geodata.database import Connection
from geodata.queries.generation import Ref
from geodata.readings import confirmed
from kyodo_geo.crs import GEOJSON_DIGITS
from kyodo_geo.errors import NotFoundError
from kyodo_geo.membership import membership_rate


@dataclass(frozen=True, slots=True)
class DistrictRow:
    """One district in one fiscal year. None is 不明; `suppressed` marks figures withheld as too small.

    `plan_stated_on` is the day of the paper that alone tells of the plan state; None where its first day is known.
    `geometry` is GeoJSON text at 6 digits; `area_m2` is measured in the plane zone (not the official figure);
    `parts` counts its polygons.
    """

    no: int
    name: str
    kana: str | None
    aliases: tuple[str, ...]
    plan_state: str | None
    plan_adopted: bool | None
    plan_stated_on: date | None
    plan_quality: str | None
    people: int | None
    households: int | None
    rate_households: int | None
    member_households: int | None
    membership_rate: float | None
    suppressed: bool
    associations: int
    fiscal_year: int | None
    denominators: tuple[str, ...]
    denominator_as_of: date | None
    area_m2: float
    parts: int
    label_lon: float
    label_lat: float
    geometry: str | None
    kana_confirmed: bool | None = None


_QUERY = """
    WITH assigned AS (
        SELECT district_no, sum(s.people)::int AS people, sum(s.households)::int AS households
        FROM district_assignment a JOIN small_area s USING (municipality_code, key_code)
        WHERE a.municipality_code = %(m)s AND a.dataset_id = active_dataset(%(m)s, %(g)s, 'district-assignment')
          AND s.dataset_id = active_dataset(%(m)s, %(g)s, 'small-areas')
        GROUP BY district_no
    )
    SELECT d.district_no AS no, d.name, d.kana, d.aliases, s.quality = 'real' AS official,
           p.state AS plan_state, p.stated_on AS plan_stated_on, p.quality AS plan_quality,
           a.people, a.households, m.households AS rate_households, m.member_households,
           coalesce(m.suppressed, false) AS suppressed, coalesce(n.associations, 0) AS associations,
           m.fiscal_year, m.denominators, m.denominator_as_of,
           ST_Area(ST_Transform(d.geom, %(plane)s)) AS area_m2, ST_NumGeometries(d.geom) AS parts,
           ST_X(c.point) AS label_lon, ST_Y(c.point) AS label_lat, {geometry} AS geometry
    FROM district_area d
    JOIN dataset s USING (municipality_code, dataset_id)
    CROSS JOIN LATERAL (SELECT ST_PointOnSurface(d.geom) AS point) c
    LEFT JOIN assigned a ON a.district_no = d.district_no
    LEFT JOIN district_membership(%(m)s, %(g)s) m
        ON m.district_no = d.district_no AND m.fiscal_year = %(year)s
    LEFT JOIN (
        SELECT district_no, count(*)::int AS associations FROM association_districts(%(m)s, %(g)s) GROUP BY 1
    ) n ON n.district_no = d.district_no
    LEFT JOIN LATERAL (
        SELECT state, CASE WHEN valid_from IS NULL THEN stated_on END AS stated_on, quality FROM district_plan
        WHERE municipality_code = %(m)s AND district_no = d.district_no
          AND coalesce(valid_from, stated_on, '-infinity') <= coalesce(%(day)s::date, current_date)
          AND coalesce(valid_to, 'infinity') > coalesce(%(day)s::date, current_date)
        ORDER BY valid_from DESC NULLS LAST, record_no DESC LIMIT 1
    ) p ON true
    WHERE d.municipality_code = %(m)s AND d.dataset_id = active_dataset(%(m)s, %(g)s, 'districts')
      AND (%(no)s::int IS NULL OR d.district_no = %(no)s)
    ORDER BY d.district_no
"""

_REWORKED = ("aliases", "denominators", "official")
ADOPTED = frozenset({"adopted", "revised"})


def districts(
    conn: Connection,
    ref: Ref,
    fiscal_year: int | None,
    *,
    with_geometry: bool = True,
    no: int | None = None,
    on: date | None = None,
) -> list[DistrictRow]:
    """All districts by number (or the one numbered `no`); rates of `fiscal_year`, plan state of the day `on`."""
    geometry = (
        f"ST_AsGeoJSON(ST_ForcePolygonCCW(d.geom), {GEOJSON_DIGITS})" if with_geometry else "NULL::text"
    )
    rows = conn.execute(
        sql.SQL(_QUERY).format(geometry=sql.SQL(geometry)),
        {**ref.args, "year": fiscal_year, "plane": ref.plane_epsg, "no": no, "day": on},
    )
    return [
        DistrictRow(
            **{key: value for key, value in row.items() if key not in _REWORKED},
            aliases=tuple(row["aliases"]),
            denominators=tuple(row["denominators"] or ()),
            kana_confirmed=confirmed(ref.municipality_code, row["no"], row["kana"], official=row["official"]),
            plan_adopted=None if row["plan_state"] is None else row["plan_state"] in ADOPTED,
            membership_rate=membership_rate(row["member_households"], row["rate_households"]),
        )
        for row in rows
    ]


def district(
    conn: Connection, ref: Ref, no: int, fiscal_year: int | None, *, on: date | None = None
) -> DistrictRow:
    """One district; raises `NotFoundError`."""
    found = districts(conn, ref, fiscal_year, no=no, on=on)
    if not found:
        raise NotFoundError(f"番号 {no} のコミュニティ推進地区はありません。", district_no=no)
    return found[0]
