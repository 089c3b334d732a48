"""Published events as everybody reads them (the database shows the public no others), with the place they are in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from geodata.database import Connection
from geodata.queries.generation import Ref
from kyodo_geo.dates import fiscal_year_of


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event. `facility` is None where its place is told in words alone; lon/lat in degrees.

    `participants` is None where unknown, and where the database withholds them (`withheld`): so few came that they might
    be known, or the number would tell that of another event.
    """

    id: str
    initiative_no: int
    title: str
    starts_on: date
    ends_on: date | None
    starts_at: str | None
    ends_at: str | None
    place: str | None
    district_no: int | None
    district: str | None
    audience: str | None
    capacity: int | None
    apply_until: date | None
    apply_how: str | None
    state: str
    theme: str | None
    materials_url: str | None
    participants: int | None
    withheld: bool
    changed_at: datetime
    quality: str
    source: str | None
    facility_id: str | None
    facility: str | None
    address: str | None
    lon: float | None
    lat: float | None

    @property
    def last_day(self) -> date:
        return self.ends_on or self.starts_on

    @property
    def fiscal_year(self) -> int:
        return fiscal_year_of(self.starts_on)


_EVENTS = """
    SELECT e.event_id AS id, e.initiative_no::int AS initiative_no, e.title, e.starts_on, e.ends_on, e.starts_at, e.ends_at,
           e.place, e.district_no, d.name AS district, e.audience, e.capacity, e.apply_until, e.apply_how, e.state, e.theme,
           e.materials_url, s.participants, coalesce(s.withheld, false) AS withheld, e.changed_at, e.quality,
           e.source, f.facility_id, f.name AS facility, f.address,
           ST_X(f.geom) AS lon, ST_Y(f.geom) AS lat
    FROM event e
    LEFT JOIN event_sizes(%(m)s) s ON s.event_id = e.event_id
    LEFT JOIN facility_site f ON f.municipality_code = e.municipality_code AND f.facility_id = e.facility_id
        AND f.dataset_id = (SELECT active_dataset(%(m)s, %(g)s, 'facilities'))
    LEFT JOIN district_area d ON d.municipality_code = e.municipality_code AND d.district_no = e.district_no
        AND d.dataset_id = (SELECT active_dataset(%(m)s, %(g)s, 'districts'))
    WHERE e.municipality_code = %(m)s AND e.published AND (%(id)s::text IS NULL OR e.event_id = %(id)s)
    ORDER BY e.starts_on, e.starts_at NULLS FIRST, e.event_id
"""


def events(conn: Connection, ref: Ref) -> list[EventRow]:
    """All that are published, by day."""
    return [EventRow(**row) for row in conn.execute(_EVENTS, {**ref.args, "id": None})]


def event(conn: Connection, ref: Ref, event_id: str) -> EventRow | None:
    """One that is published."""
    row = conn.execute(_EVENTS, {**ref.args, "id": event_id}).fetchone()
    return None if row is None else EventRow(**row)


def coming(rows: Iterable[EventRow], on: date) -> list[EventRow]:
    """Those that have not ended on the day, the next first."""
    return [row for row in rows if row.last_day >= on]


def past(rows: Iterable[EventRow], on: date) -> list[EventRow]:
    """Those that have, the latest first."""
    return [row for row in reversed(list(rows)) if row.last_day < on]
