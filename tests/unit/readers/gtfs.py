"""A small GTFS timetable as text, to be changed file by file."""

from __future__ import annotations

import zipfile
from pathlib import Path

STOPS = """stop_id,stop_name,stop_lat,stop_lon
A,見本駅前,39.70,141.10
B,見本町,39.70,141.11
C,見本団地,39.70,141.12
"""
ROUTES = "route_id,agency_id,route_short_name,route_long_name,route_type\nR1,1,見本線,,3\nR2,1,,見本循環,3\n"
TRIPS = "route_id,service_id,trip_id\nR1,平日,t1\nR1,平日,t2\nR1,土日,t3\n"
TIMES = """trip_id,arrival_time,departure_time,stop_id,stop_sequence
t1,8:00:00,8:00:00,A,1
t1,8:05:00,8:06:00,B,2
t1,8:15:00,8:15:00,C,3
t2,09:30:00,09:30:00,A,1
t2,09:37:00,09:37:00,B,2
t2,09:45:00,09:45:00,C,3
t3,24:10:00,24:10:00,A,1
t3,24:15:00,24:15:00,B,2
t3,24:25:00,24:25:00,C,3
"""
CALENDAR = (
    "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
    "平日,1,1,1,1,1,0,0,20260401,20270331\n土日,0,0,0,0,0,1,1,20260401,20270331\n"
)
DATES = "service_id,date,exception_type\n平日,20260429,2\n土日,20260429,1\n"
FILES = {
    "stops.txt": STOPS, "routes.txt": ROUTES, "trips.txt": TRIPS, "stop_times.txt": TIMES, "calendar.txt": CALENDAR,
    "calendar_dates.txt": DATES, "agency.txt": "agency_id,agency_name\n1,見本バス\n",
}  # fmt: skip


def gtfs(path: Path, encoding: str = "utf-8", **changed: str | None) -> Path:
    """A zip; `stops=...` replaces stops.txt, None leaves it out."""
    files = FILES | {f"{name}.txt": text for name, text in changed.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, text in files.items():
            if text is not None:
                out.writestr(name, text.encode(encoding))
    return path
