"""What one district's page shows beside its figures: towns, register, plan history, projects, officers, neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from geodata.database import Connection
from geodata.queries.generation import Ref
from kyodo_geo.crs import GEOJSON_DIGITS

NEIGHBOUR_M = 1.0
"""Districts whose borders come this near are neighbours; loaded borders may differ by less."""


@dataclass(frozen=True, slots=True)
class RegisterCount:
    """Resident register of one day; unknown is None."""

    as_of: date
    people: int | None
    households: int | None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A district that borders on another; the point lies inside it."""

    no: int
    name: str
    lon: float
    lat: float
    geometry: str


def towns(conn: Connection, ref: Ref, no: int, on: date) -> list[str]:
    """Names of towns whose point the district covers, without 小字: by reading of their 大字, then by 丁目 or 地割."""
    rows = conn.execute(
        """
        WITH held AS (
            SELECT t.name, t.oaza, t.chome, t.jiwari, min(t.kana) OVER (PARTITION BY t.oaza) AS reading
            FROM town t
            JOIN district_area d ON d.municipality_code = t.municipality_code AND d.district_no = %(no)s
                AND d.dataset_id = active_dataset(%(m)s, %(g)s, 'districts')
            WHERE t.municipality_code = %(m)s AND t.dataset_id = active_dataset(%(m)s, %(g)s, 'towns')
              AND t.koaza IS NULL AND (t.valid_to IS NULL OR t.valid_to > %(day)s) AND ST_Covers(d.geom, t.geom)
        )
        SELECT name FROM held GROUP BY name
        ORDER BY min(reading) NULLS LAST, min(oaza), min(chome), min(jiwari), name
        """,
        {**ref.args, "no": no, "day": on},
    )
    return [row["name"] for row in rows]


def small_area_names(conn: Connection, ref: Ref, no: int) -> list[str]:
    """Names of the census small areas assigned to the district, by key; unnamed ones are left out."""
    rows = conn.execute(
        """
        SELECT DISTINCT ON (s.key_code) s.name FROM district_assignment a
        JOIN small_area s USING (municipality_code, key_code)
        WHERE a.municipality_code = %(m)s AND a.district_no = %(no)s
          AND a.dataset_id = active_dataset(%(m)s, %(g)s, 'district-assignment')
          AND s.dataset_id = active_dataset(%(m)s, %(g)s, 'small-areas') AND s.name <> ''
        ORDER BY s.key_code
        """,
        {**ref.args, "no": no},
    )
    return list(dict.fromkeys(row["name"] for row in rows))


def register(conn: Connection, ref: Ref, on: date, no: int | None = None) -> list[RegisterCount]:
    """Resident register up to the day `on`, oldest first, of the district `no` (None: the city).

    Where the register is loaded by small area only, a district's count is the sum of its small areas.
    """
    rows = conn.execute(
        """
        WITH held AS (
            SELECT area_kind, area_key, as_of, people, households FROM register_population
            WHERE municipality_code = %(m)s AND as_of <= %(day)s
              AND dataset_id = active_dataset(%(m)s, %(g)s, 'register-population')
        ), whole AS (
            SELECT as_of, people, households FROM held
            WHERE CASE WHEN %(no)s::int IS NULL THEN area_kind = 'city'
                       ELSE area_kind = 'district' AND area_key = %(no)s::text END
        ), summed AS (
            SELECT h.as_of, CASE WHEN count(*) = count(h.people) THEN sum(h.people)::int END AS people,
                   CASE WHEN count(*) = count(h.households) THEN sum(h.households)::int END AS households
            FROM held h JOIN district_assignment a ON a.municipality_code = %(m)s AND a.key_code = h.area_key
                AND a.dataset_id = active_dataset(%(m)s, %(g)s, 'district-assignment')
            WHERE h.area_kind = 'small-area' AND a.district_no = %(no)s
            GROUP BY h.as_of
        )
        SELECT as_of, people, households FROM whole
        UNION ALL SELECT as_of, people, households FROM summed WHERE as_of NOT IN (SELECT as_of FROM whole)
        ORDER BY as_of
        """,
        {**ref.args, "no": no, "day": on},
    )
    return [RegisterCount(**row) for row in rows]


def plan_history(conn: Connection, ref: Ref, no: int, on: date) -> list[dict[str, Any]]:
    """Records of the district's community development plan that had begun by the day `on`, newest first.

    A later end tells of what is to come, which is not public yet.
    """
    return conn.execute(
        """
        SELECT record_no, state, title, document_url, stated_on, note, valid_from,
               CASE WHEN valid_to <= %(day)s::date THEN valid_to END AS valid_to, quality, source
        FROM district_plan
        WHERE municipality_code = %(m)s AND district_no = %(no)s
          AND coalesce(valid_from, stated_on, '-infinity') <= %(day)s::date
        ORDER BY valid_from DESC NULLS LAST, record_no DESC
        """,
        {**ref.args, "no": no, "day": on},
    ).fetchall()


def projects(conn: Connection, ref: Ref, no: int | None = None) -> list[dict[str, Any]]:
    """Community development projects and grants of the district (None: of all), newest year first, by id."""
    return conn.execute(
        """
        SELECT project_id, district_no, fiscal_year, title, theme, grant_yen, participants, counts_as_project,
               quality, source
        FROM project
        WHERE municipality_code = %(m)s AND (%(no)s::int IS NULL OR district_no = %(no)s)
        ORDER BY fiscal_year DESC, project_id
        """,
        {**ref.args, "no": no},
    ).fetchall()


def yearly(conn: Connection, ref: Ref, no: int, measure: str) -> list[dict[str, Any]]:
    """A yearly figure of the district (`area_figure`): fiscal_year, value, quality, source; newest first."""
    return conn.execute(
        """
        SELECT fiscal_year, value, quality, source FROM area_figure
        WHERE municipality_code = %(m)s AND area_kind = 'district' AND area_key = %(no)s::text AND measure = %(measure)s
        ORDER BY fiscal_year DESC
        """,
        {**ref.args, "no": no, "measure": measure},
    ).fetchall()


def officers(conn: Connection, ref: Ref, no: int, on: date) -> list[dict[str, Any]]:
    """Departments of the district's officers on the day: contact, issue, coordinator. Never a person's name."""
    return conn.execute(
        """
        SELECT DISTINCT kind, office, office_phone, quality, source,
               array_position(ARRAY['contact', 'issue', 'coordinator'], kind) AS place
        FROM officer
        WHERE municipality_code = %(m)s AND district_no = %(no)s
          AND daterange(valid_from, valid_to, '[)') @> %(day)s::date
        ORDER BY place, office
        """,
        {**ref.args, "no": no, "day": on},
    ).fetchall()


def bodies(conn: Connection, ref: Ref, no: int, on: date) -> list[dict[str, Any]]:
    """Organisations that work in the district on the day (地区組織, 地域づくり組織), by kind and name."""
    return conn.execute(
        """
        SELECT kind, name, phone, quality, source FROM body
        WHERE municipality_code = %(m)s AND district_no = %(no)s
          AND kind IN ('district-organisation', 'community-building')
          AND daterange(valid_from, valid_to, '[)') @> %(day)s::date
        ORDER BY kind DESC, name
        """,
        {**ref.args, "no": no, "day": on},
    ).fetchall()


def nearest_centre(conn: Connection, ref: Ref, no: int, on: date) -> dict[str, Any] | None:
    """The civic collaboration centre nearest to a point inside the district: name, phone, address, `distance_m`.

    None where no centre with a place is known. The distance is a straight line in the plane zone.
    """
    return conn.execute(
        """
        WITH held AS (
            SELECT b.name, b.phone, f.address, coalesce(b.geom, f.geom) AS geom, b.quality, b.source, b.body_id
            FROM body b
            LEFT JOIN facility_site f ON f.municipality_code = b.municipality_code AND f.facility_id = b.facility_id
                AND f.dataset_id = active_dataset(%(m)s, %(g)s, 'facilities')
                AND daterange(f.opened_on, f.closed_on, '[)') @> %(day)s::date
            WHERE b.municipality_code = %(m)s AND b.kind = 'centre'
              AND daterange(b.valid_from, b.valid_to, '[)') @> %(day)s::date
        )
        SELECT h.name, h.phone, h.address, h.quality, h.source, ST_Covers(d.geom, h.geom) AS inside,
               ST_Distance(ST_Transform(h.geom, %(plane)s),
                           ST_Transform(ST_PointOnSurface(d.geom), %(plane)s)) AS distance_m
        FROM held h
        JOIN district_area d ON d.municipality_code = %(m)s AND d.district_no = %(no)s
            AND d.dataset_id = active_dataset(%(m)s, %(g)s, 'districts')
        WHERE h.geom IS NOT NULL AND d.geom IS NOT NULL
        ORDER BY distance_m, h.body_id LIMIT 1
        """,
        {**ref.args, "no": no, "day": on, "plane": ref.plane_epsg},
    ).fetchone()


def neighbours(conn: Connection, ref: Ref, no: int) -> list[Neighbour]:
    """Districts whose border touches that of the district, by number."""
    rows = conn.execute(
        """
        SELECT o.district_no AS no, o.name, ST_X(c.point) AS lon, ST_Y(c.point) AS lat,
               ST_AsGeoJSON(o.geom, %(digits)s) AS geometry
        FROM district_area d
        JOIN district_area o ON o.municipality_code = d.municipality_code AND o.dataset_id = d.dataset_id
            AND o.district_no <> d.district_no AND ST_Expand(d.geom, 0.0001) && o.geom
        CROSS JOIN LATERAL (SELECT ST_PointOnSurface(o.geom) AS point) c
        WHERE d.municipality_code = %(m)s AND d.dataset_id = active_dataset(%(m)s, %(g)s, 'districts')
          AND d.district_no = %(no)s
          AND ST_DWithin(ST_Transform(d.geom, %(plane)s), ST_Transform(o.geom, %(plane)s), %(near)s)
        ORDER BY o.district_no
        """,
        {**ref.args, "no": no, "plane": ref.plane_epsg, "near": NEIGHBOUR_M, "digits": GEOJSON_DIGITS},
    )
    return [Neighbour(**row) for row in rows]
