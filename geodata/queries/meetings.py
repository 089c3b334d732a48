"""The shared calendar: meetings as the rules of `kyodo_geo.meetings` take them, busy times, departments.

As `PUBLIC` the meetings that are shown to everybody alone; the database chooses them.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from geodata.database import Connection
from geodata.queries.generation import Ref
from kyodo_geo.meetings.meeting import BusyPeriod, Meeting
from kyodo_geo.meetings.people import Town, districts_of, people

_COLUMNS = """
    m.meeting_id, m.title, m.department, m.held_on, m.starts, m.ends, m.place, m.audience, m.district_nos,
    m.association_ids, m.required, m.state, m.note, m.changes, m.changed_at
"""


def town_of(conn: Connection, ref: Ref) -> dict[str, int | None]:
    """Association → district, by the active generation."""
    rows = conn.execute(
        "SELECT association_id, district_no FROM association_districts(%(m)s, %(g)s) ORDER BY 1", ref.args
    )
    return {row["association_id"]: row["district_no"] for row in rows}


def meetings(
    conn: Connection, ref: Ref, town: Town, first: date, last: date, *,
    district: int | None = None, department: str | None = None, shown: bool = False,
) -> list[Meeting]:  # fmt: skip
    """Meetings from `first` to `last`, both included, by day and hour; `district`: those that ask any of its people.

    `shown`: only those that everybody may see, also for staff.
    """
    rows = conn.execute(
        f"""
        SELECT {_COLUMNS}, ST_X(f.geom) AS lon, ST_Y(f.geom) AS lat
        FROM city_meeting m
        LEFT JOIN facility_site f ON f.municipality_code = m.municipality_code AND f.facility_id = m.facility_id
            AND f.dataset_id = active_dataset(%(m)s, %(g)s, 'facilities')
        WHERE m.municipality_code = %(m)s AND m.held_on BETWEEN %(first)s AND %(last)s
          AND (m.shown OR NOT %(shown)s) AND (%(department)s::text IS NULL OR m.department = %(department)s)
        ORDER BY m.held_on, m.starts NULLS FIRST, m.meeting_id
        """,  # noqa: S608 - our own columns
        {**ref.args, "first": first, "last": last, "department": department, "shown": shown},
    )
    return _asking([meeting_of(row, town) for row in rows], district)


def of_link(
    conn: Connection, code: str, token_hash: bytes, town: Town, first: date, last: date, *,
    district: int | None = None, department: str | None = None,
) -> list[Meeting]:  # fmt: skip
    """What a secret address may read, as `PUBLIC`; nothing for one that does not work."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM calendar_meetings(%s, %s, %s, %s) m "  # noqa: S608 - our own columns
        "WHERE %s::text IS NULL OR m.department = %s ORDER BY m.held_on, m.starts NULLS FIRST, m.meeting_id",
        (code, token_hash, first, last, department, department),
    )
    return _asking([meeting_of(row, town) for row in rows], district)


def _asking(found: list[Meeting], district: int | None) -> list[Meeting]:
    return found if district is None else [one for one in found if district in one.districts]


def meeting_of(row: dict[str, Any], town: Town) -> Meeting:
    """A row with the people it asks in this town."""
    asked = people(row["audience"], row["district_nos"], row["association_ids"], town)
    lon, lat = row.get("lon"), row.get("lat")
    return Meeting(
        row["meeting_id"], row["title"], row["department"], row["held_on"], row["starts"], row["ends"],
        row["place"] or "", None if lon is None or lat is None else (lon, lat), row["audience"], row["required"],
        row["state"], asked, districts_of(asked, town), row["note"] or "", row["changes"], row["changed_at"],
    )  # fmt: skip


def facility_points(conn: Connection, ref: Ref) -> dict[str, tuple[float, float]]:
    """Facility → lon/lat, of those that have a place."""
    rows = conn.execute(
        "SELECT facility_id, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM facility_site WHERE municipality_code = %(m)s "
        "AND dataset_id = active_dataset(%(m)s, %(g)s, 'facilities') AND geom IS NOT NULL",
        ref.args,
    )
    return {row["facility_id"]: (row["lon"], row["lat"]) for row in rows}


def periods(conn: Connection, code: str) -> list[BusyPeriod]:
    """Busy times, in the order of the year."""
    rows = conn.execute(
        "SELECT title, valid_from, valid_to, yearly FROM busy_period WHERE municipality_code = %s "
        "ORDER BY extract(month FROM valid_from), valid_from, period_id",
        (code,),
    )
    day = timedelta(days=1)
    return [BusyPeriod(row["title"], row["valid_from"], row["valid_to"] - day, row["yearly"]) for row in rows]


def departments(conn: Connection, code: str, *, shown: bool = False) -> list[str]:
    """Departments that asked to a meeting; `shown`: to one that everybody may see."""
    rows = conn.execute(
        "SELECT DISTINCT department FROM city_meeting WHERE municipality_code = %s AND (shown OR NOT %s) ORDER BY 1",
        (code, shown),
    )
    return [row["department"] for row in rows]


def own_department(conn: Connection, code: str, login: str) -> str:
    """The department that somebody entered last, "" before they entered anything."""
    row = conn.execute(
        """
        SELECT department FROM (
            SELECT department, changed_at AS at FROM city_meeting WHERE municipality_code = %(m)s AND entered_by = %(login)s
            UNION ALL
            SELECT department, entered_at FROM sent_document WHERE municipality_code = %(m)s AND entered_by = %(login)s
        ) own ORDER BY at DESC LIMIT 1
        """,
        {"m": code, "login": login},
    ).fetchone()
    return "" if row is None else str(row["department"])
