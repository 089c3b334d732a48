"""How all facilities are used: opening, closures, shelters, rooms (everybody), groups (staff)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from geodata.database import Connection
from geodata.queries.generation import Ref


@dataclass(frozen=True, slots=True)
class Opening:
    """Open from `opens` to `closes` on a weekday (1 Monday … 7 Sunday)."""

    facility_id: str
    weekday: int
    opens: time
    closes: time
    quality: str
    source: str | None


@dataclass(frozen=True, slots=True)
class Closure:
    """Closed from a day until another one (None: not known yet)."""

    facility_id: str
    closed_from: date
    reopens_on: date | None
    reason: str
    note: str | None
    quality: str
    source: str | None


@dataclass(frozen=True, slots=True)
class Shelter:
    """What a facility is designated for; `hazards` are keys of `kyodo_geo.facility_terms.HAZARDS`."""

    facility_id: str
    role: str
    capacity: int | None
    hazards: list[str]
    quality: str
    source: str | None


@dataclass(frozen=True, slots=True)
class Room:
    """A room that groups can use."""

    facility_id: str
    room_no: int
    name: str
    area_m2: float | None
    capacity: int | None
    quality: str
    source: str | None


@dataclass(frozen=True, slots=True)
class RoomYear:
    """Hours of a room in a fiscal year; occupancy is known where both are."""

    facility_id: str
    room_no: int
    fiscal_year: int
    hours_open: float | None
    hours_used: float | None
    quality: str
    source: str | None

    @property
    def occupancy(self) -> float | None:
        if self.hours_used is None or not self.hours_open:
            return None
        return self.hours_used / self.hours_open


@dataclass(frozen=True, slots=True)
class Group:
    """A registered group and its weekly hours. Staff only."""

    facility_id: str
    group_no: int
    weekday: int
    starts: time
    ends: time
    people: int
    name: str | None
    room_no: int | None
    quality: str
    source: str | None


def openings(conn: Connection, ref: Ref, facility_id: str | None = None) -> list[Opening]:
    """Hours by facility and weekday. A facility without any is unknown, not closed."""
    rows = conn.execute(
        """
        SELECT facility_id, weekday, opens, closes, quality, source FROM facility_opening
        WHERE municipality_code = %(m)s AND (%(id)s::text IS NULL OR facility_id = %(id)s)
        ORDER BY facility_id, weekday, opens
        """,
        {**ref.args, "id": facility_id},
    )
    return [Opening(**row) for row in rows]


def closures(conn: Connection, ref: Ref, facility_id: str | None = None) -> list[Closure]:
    """Closures by facility, the earliest first."""
    rows = conn.execute(
        """
        SELECT facility_id, closed_from, reopens_on, reason, note, quality, source FROM facility_closure
        WHERE municipality_code = %(m)s AND (%(id)s::text IS NULL OR facility_id = %(id)s)
        ORDER BY facility_id, closed_from
        """,
        {**ref.args, "id": facility_id},
    )
    return [Closure(**row) for row in rows]


def shelters(conn: Connection, ref: Ref, facility_id: str | None = None) -> list[Shelter]:
    """Shelter roles by facility."""
    rows = conn.execute(
        """
        SELECT facility_id, role, capacity, hazards, quality, source FROM facility_shelter
        WHERE municipality_code = %(m)s AND (%(id)s::text IS NULL OR facility_id = %(id)s)
        ORDER BY facility_id, role
        """,
        {**ref.args, "id": facility_id},
    )
    return [Shelter(**row) for row in rows]


def rooms(
    conn: Connection, ref: Ref, facility_id: str | None = None, *, on: date | None = None
) -> list[Room]:
    """Rooms that can be had on the day `on` (default today)."""
    rows = conn.execute(
        """
        SELECT facility_id, room_no, name, area_m2, capacity, quality, source FROM room
        WHERE municipality_code = %(m)s AND (%(id)s::text IS NULL OR facility_id = %(id)s)
          AND daterange(valid_from, valid_to, '[)') @> coalesce(%(on)s::date, current_date)
        ORDER BY facility_id, room_no
        """,
        {**ref.args, "id": facility_id, "on": on},
    )
    return [Room(**row) for row in rows]


def room_years(conn: Connection, ref: Ref, facility_id: str | None = None) -> list[RoomYear]:
    """Hours of rooms by year."""
    rows = conn.execute(
        """
        SELECT facility_id, room_no, fiscal_year, hours_open, hours_used, quality, source FROM room_year
        WHERE municipality_code = %(m)s AND (%(id)s::text IS NULL OR facility_id = %(id)s)
        ORDER BY facility_id, room_no, fiscal_year
        """,
        {**ref.args, "id": facility_id},
    )
    return [RoomYear(**row) for row in rows]


def groups(conn: Connection, ref: Ref, facility_id: str | None = None) -> list[Group]:
    """Registered groups by facility and number; needs the staff audience."""
    rows = conn.execute(
        """
        SELECT facility_id, group_no, weekday, starts, ends, people, name, room_no, quality, source FROM facility_group
        WHERE municipality_code = %(m)s AND (%(id)s::text IS NULL OR facility_id = %(id)s)
        ORDER BY facility_id, group_no
        """,
        {**ref.args, "id": facility_id},
    )
    return [Group(**row) for row in rows]
