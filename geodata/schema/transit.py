"""Bus lines: where each stops, minutes from stop to stop, departures by hour of three kinds of days."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Double, Index, Integer, Text
from sqlalchemy.dialects.postgresql import ARRAY

from geodata.schema.base import JAPANESE, generational, geometry, key, opt, req, valid_geometry

HOURS = 30
"""Hours of a timetable day: 24 and more are after midnight."""

bus_call = generational(
    "bus_call",
    key("pattern_no", Integer, "Number of a line with one order of stops: 1, 2 …"),
    key("seq", Integer, "Place of the stop in that order: 1, 2 …"),
    req("line", JAPANESE, "Name of the line as published"),
    req("stop_id", Text, "The stop's id in the timetable"),
    req("stop_name", JAPANESE, "Its name"),
    opt("minutes", Double, "Median minutes from the stop before, the stay there included; NULL at the first"),
    req("board", Boolean, "Whether one may get on here"),
    req("alight", Boolean, "Whether one may get off here"),
    req("weekday", ARRAY(Integer), "Departures from here in each hour 0–29 of a weekday"),
    req("saturday", ARRAY(Integer), "The same of a Saturday"),
    req("sunday", ARRAY(Integer), "The same of a Sunday"),
    geometry("POINT"),
    valid_geometry(),
    CheckConstraint("pattern_no > 0 AND seq > 0", name="numbers_range"),
    CheckConstraint("(seq = 1) = (minutes IS NULL) AND minutes >= 0", name="minutes_range"),
    CheckConstraint(
        " AND ".join(
            f"cardinality({day}) = {HOURS} AND array_position({day}, NULL) IS NULL AND 0 <= ALL ({day})"
            for day in ("weekday", "saturday", "sunday")
        ),
        name="departures_range",
    ),
    Index("ix_bus_call_geom", "geom", postgresql_using="gist"),
    comment="Stops of bus lines in order, with minutes and departures by hour",
)
