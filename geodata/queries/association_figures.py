"""Figures by association for the maps of staff: households and members of a year, and what points to a risk.

Needs the audience `STAFF`: the public role has no right on membership by association.
"""

from __future__ import annotations

from dataclasses import dataclass

from geodata.database import Connection
from geodata.queries.generation import Ref
from kyodo_geo.crs import GEOJSON_DIGITS
from kyodo_geo.dates import fiscal_year_range

AGED_MEASURE = "aged_65_share"
"""Name of the measure in `area_figure`: share of people of 65 years and more, of one."""


@dataclass(frozen=True, slots=True)
class AssociationRow:
    """One association; figures of the year and of the earlier year, None where not reported."""

    id: str
    name: str
    kana: str | None
    geometry: str | None
    label_lon: float | None
    label_lat: float | None
    district_no: int | None
    district: str | None
    households: int | None
    member_households: int | None
    earlier_households: int | None
    earlier_members: int | None


def associations(
    conn: Connection, ref: Ref, fiscal_year: int, earlier_year: int | None = None
) -> list[AssociationRow]:
    """All associations, by district and id."""
    rows = conn.execute(
        f"""
        SELECT a.association_id AS id, a.name, a.kana,
               ST_AsGeoJSON(ST_ForcePolygonCCW(a.geom), {GEOJSON_DIGITS}) AS geometry,
               ST_X(c.point) AS label_lon, ST_Y(c.point) AS label_lat, d.district_no, n.name AS district,
               m.households, m.member_households, e.households AS earlier_households,
               e.member_households AS earlier_members
        FROM association_area a
        CROSS JOIN LATERAL (SELECT ST_PointOnSurface(a.geom) AS point) c
        LEFT JOIN association_districts(%(m)s, %(g)s) d USING (association_id)
        LEFT JOIN district_area n ON n.municipality_code = a.municipality_code AND n.district_no = d.district_no
            AND n.dataset_id = active_dataset(%(m)s, %(g)s, 'districts')
        LEFT JOIN membership m ON m.municipality_code = a.municipality_code AND m.association_id = a.association_id
            AND m.fiscal_year = %(year)s AND m.dataset_id = active_dataset(%(m)s, %(g)s, 'membership')
        LEFT JOIN membership e ON e.municipality_code = a.municipality_code AND e.association_id = a.association_id
            AND e.fiscal_year = %(earlier)s AND e.dataset_id = active_dataset(%(m)s, %(g)s, 'membership')
        WHERE a.municipality_code = %(m)s AND a.dataset_id = active_dataset(%(m)s, %(g)s, 'associations')
        ORDER BY d.district_no NULLS LAST, a.association_id
        """,  # noqa: S608 - a number of ours
        {**ref.args, "year": fiscal_year, "earlier": earlier_year},
    )
    return [AssociationRow(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class AgedShares:
    """Share of people of 65 years and more, 0–1: by association where there is one, and by district."""

    by_association: dict[str, float]
    by_district: dict[int, float]


def aged_shares(conn: Connection, ref: Ref, fiscal_year: int) -> AgedShares:
    """The newest shares up to the year."""
    rows = conn.execute(
        """
        SELECT DISTINCT ON (area_kind, area_key) area_kind, area_key, value FROM area_figure
        WHERE municipality_code = %(m)s AND measure = %(measure)s AND fiscal_year <= %(year)s
          AND area_kind IN ('association', 'district')
        ORDER BY area_kind, area_key, fiscal_year DESC
        """,
        {**ref.args, "measure": AGED_MEASURE, "year": fiscal_year},
    ).fetchall()
    return AgedShares(
        {row["area_key"]: row["value"] for row in rows if row["area_kind"] == "association"},
        {
            int(row["area_key"]): row["value"]
            for row in rows
            if row["area_kind"] == "district" and row["area_key"].isdecimal()
        },
    )


def people_by_district(conn: Connection, ref: Ref, fiscal_year: int) -> dict[int, int]:
    """People of the resident register by district, on the first day held within the fiscal year."""
    first, last = fiscal_year_range(fiscal_year)
    rows = conn.execute(
        """
        SELECT DISTINCT ON (area_key) area_key, people FROM register_population
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'register-population')
          AND area_kind = 'district' AND as_of BETWEEN %(first)s AND %(last)s AND people IS NOT NULL
        ORDER BY area_key, as_of
        """,
        {**ref.args, "first": first, "last": last},
    )
    return {int(row["area_key"]): row["people"] for row in rows if row["area_key"].isdecimal()}
