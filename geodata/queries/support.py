"""What supports districts and associations: officers, centres, yearly figures by area, subsidies for halls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from geodata.database import Connection
from geodata.queries.generation import Ref


@dataclass(frozen=True, slots=True)
class OfficerRow:
    """An officer of a district as everybody may know them: the department, never the person."""

    district_no: int
    kind: str
    office: str
    office_phone: str | None
    quality: str
    source: str | None


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure of a district (`area_key` is its number) or the city in a fiscal year."""

    area_kind: str
    area_key: str
    measure: str
    fiscal_year: int
    value: float
    quality: str
    source: str | None


@dataclass(frozen=True, slots=True)
class ParticipantRow:
    """People of a district who came to the city's events in a year; None where they are too few to be told."""

    district_no: int
    participants: int | None
    withheld: bool
    quality: str
    source: str | None


@dataclass(frozen=True, slots=True)
class CentreRow:
    """A civic collaboration centre; the place is its own or that of the facility it stands in."""

    id: str
    name: str
    phone: str | None
    facility: str | None
    address: str | None
    lon: float
    lat: float
    quality: str
    source: str | None


@dataclass(frozen=True, slots=True)
class CellRow:
    """People of a small area at a point surely inside it; `x`, `y` in metres of the plane zone."""

    district_no: int | None
    people: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class SubsidyRow:
    """A subsidy for a neighbourhood hall; the place may be unknown."""

    id: str
    kind: str
    work: str | None
    fiscal_year: int
    amount_yen: int | None
    association: str | None
    district_no: int | None
    hall: str | None
    lon: float | None
    lat: float | None
    quality: str
    source: str | None


def officers(conn: Connection, ref: Ref, on: date) -> list[OfficerRow]:
    """Officers in charge on the day, by district."""
    rows = conn.execute(
        """
        SELECT district_no, kind, office, office_phone, quality, source FROM officer
        WHERE municipality_code = %(m)s AND daterange(valid_from, valid_to, '[)') @> %(on)s::date
        ORDER BY district_no, kind, office, officer_id
        """,
        {**ref.args, "on": on},
    )
    return [OfficerRow(**row) for row in rows]


def figures(conn: Connection, ref: Ref, measures: Sequence[str], fiscal_year: int | None) -> list[FigureRow]:
    """Figures of districts and city in one fiscal year (None: in all)."""
    rows = conn.execute(
        """
        SELECT area_kind, area_key, measure, fiscal_year, value, quality, source FROM area_figure
        WHERE municipality_code = %(m)s AND measure = ANY(%(measures)s) AND area_kind IN ('district', 'city')
          AND (%(year)s::int IS NULL OR fiscal_year = %(year)s)
        ORDER BY fiscal_year, measure, area_kind, area_key
        """,
        {**ref.args, "measures": list(measures), "year": fiscal_year},
    )
    return [FigureRow(**row) for row in rows]


def participants(conn: Connection, ref: Ref, fiscal_year: int) -> list[ParticipantRow]:
    """Participants of all events by district, small groups withheld by the database itself."""
    rows = conn.execute(
        "SELECT district_no, participants, withheld, quality, source FROM event_participants(%(m)s) "
        "WHERE fiscal_year = %(year)s ORDER BY district_no",
        {**ref.args, "year": fiscal_year},
    )
    return [ParticipantRow(**row) for row in rows]


def participant_totals(conn: Connection, ref: Ref, fiscal_year: int) -> dict[str, int | None]:
    """Measure (participants_22 …) → participants of the whole city; None: withheld by the database."""
    rows = conn.execute(
        "SELECT measure, participants FROM event_participant_totals(%(m)s) WHERE fiscal_year = %(year)s",
        {**ref.args, "year": fiscal_year},
    )
    return {row["measure"]: row["participants"] for row in rows}


def years(conn: Connection, ref: Ref, measures: Sequence[str]) -> list[int]:
    """Fiscal years with any figure of a district, in order."""
    rows = conn.execute(
        """
        SELECT fiscal_year FROM area_figure
        WHERE municipality_code = %(m)s AND measure = ANY(%(measures)s) AND area_kind = 'district'
        UNION SELECT fiscal_year FROM event_participant_totals(%(m)s) WHERE measure = ANY(%(measures)s)
        ORDER BY 1
        """,
        {**ref.args, "measures": list(measures)},
    )
    return [row["fiscal_year"] for row in rows]


def officer_years(conn: Connection, ref: Ref, last: date) -> list[int]:
    """Fiscal years from that of the first officer's record to that of the day `last`."""
    row = conn.execute(
        """
        SELECT extract(year FROM min(valid_from) - interval '3 months')::int AS first FROM officer
        WHERE municipality_code = %(m)s
        """,
        ref.args,
    ).fetchone()
    this = last.year if last.month >= 4 else last.year - 1
    first = row["first"] if row else None
    return [] if first is None else list(range(first, this + 1))


def centres(conn: Connection, ref: Ref, on: date) -> list[CentreRow]:
    """Civic collaboration centres (市民協働推進センター) with a known place, in the order of their ids."""
    rows = conn.execute(
        """
        SELECT b.body_id AS id, b.name, b.phone, s.name AS facility, s.address,
               ST_X(coalesce(b.geom, s.geom)) AS lon, ST_Y(coalesce(b.geom, s.geom)) AS lat, b.quality, b.source
        FROM body b
        LEFT JOIN facility_site s ON s.municipality_code = b.municipality_code AND s.facility_id = b.facility_id
            AND s.dataset_id = active_dataset(%(m)s, %(g)s, 'facilities')
        WHERE b.municipality_code = %(m)s AND b.kind = 'centre'
          AND daterange(b.valid_from, b.valid_to, '[)') @> %(on)s::date
          AND coalesce(b.geom, s.geom) IS NOT NULL
        ORDER BY b.body_id
        """,
        {**ref.args, "on": on},
    )
    return [CentreRow(**row) for row in rows]


def cells(conn: Connection, ref: Ref) -> list[CellRow]:
    """Small areas with people and their district."""
    rows = conn.execute(
        """
        SELECT a.district_no, s.people, ST_X(c.point) AS x, ST_Y(c.point) AS y
        FROM small_area s
        CROSS JOIN LATERAL (SELECT ST_Transform(ST_PointOnSurface(s.geom), %(plane)s) AS point) c
        LEFT JOIN district_assignment a ON a.municipality_code = s.municipality_code
            AND a.key_code = s.key_code
            AND a.dataset_id = active_dataset(%(m)s, %(g)s, 'district-assignment')
        WHERE s.municipality_code = %(m)s AND s.dataset_id = active_dataset(%(m)s, %(g)s, 'small-areas')
          AND s.people > 0
        ORDER BY s.key_code
        """,
        {**ref.args, "plane": ref.plane_epsg},
    )
    return [CellRow(**row) for row in rows]


def subsidies(conn: Connection, ref: Ref, fiscal_year: int) -> list[SubsidyRow]:
    """Subsidies for halls in a fiscal year, the newest generation's names; staff only."""
    rows = conn.execute(
        """
        SELECT h.subsidy_id AS id, h.kind, h.work, h.fiscal_year, h.amount_yen, n.name AS association,
               p.district_no, s.name AS hall, ST_X(coalesce(h.geom, s.geom)) AS lon,
               ST_Y(coalesce(h.geom, s.geom)) AS lat, h.quality, h.source
        FROM hall_subsidy h
        LEFT JOIN hall s ON s.municipality_code = h.municipality_code AND s.hall_id = h.hall_id
            AND s.dataset_id = active_dataset(%(m)s, %(g)s, 'halls')
        LEFT JOIN association_area n ON n.municipality_code = h.municipality_code
            AND n.association_id = h.association_id AND n.dataset_id = active_dataset(%(m)s, %(g)s, 'associations')
        LEFT JOIN association_districts(%(m)s, %(g)s) p ON p.association_id = h.association_id
        WHERE h.municipality_code = %(m)s AND h.fiscal_year = %(year)s
        ORDER BY h.subsidy_id
        """,
        {**ref.args, "year": fiscal_year},
    )
    return [SubsidyRow(**row) for row in rows]


def subsidy_years(conn: Connection, ref: Ref) -> list[int]:
    """Fiscal years with a subsidy, in order; staff only."""
    rows = conn.execute(
        "SELECT DISTINCT fiscal_year FROM hall_subsidy WHERE municipality_code = %(m)s ORDER BY 1", ref.args
    )
    return [row["fiscal_year"] for row in rows]
