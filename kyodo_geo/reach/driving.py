"""How fast a car goes on a street: what is signposted, else a default by the class of the street.

The defaults are an assumption of this program without a source, lower than what is allowed, since lights, corners and
people on the street slow cars down. A city replaces them by a table of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

DEFAULT_KMH: dict[str, float] = {
    "motorway": 80.0,
    "motorway_link": 40.0,
    "trunk": 40.0,
    "trunk_link": 30.0,
    "primary": 35.0,
    "primary_link": 25.0,
    "secondary": 30.0,
    "secondary_link": 25.0,
    "tertiary": 30.0,
    "tertiary_link": 20.0,
    "unclassified": 25.0,
    "residential": 20.0,
    "living_street": 10.0,
    "service": 10.0,
    "road": 20.0,
}
"""km/h by OpenStreetMap's class of way (`highway`)."""
OTHER_KMH = 20.0
"""For classes that are in no table, and streets without one."""
SLOWEST, FASTEST = 1.0, 150.0
ACCESS_KMH = 20.0
"""Between a place and the nearest crossing of the network."""
_MPH = 1.609344


def default_kmh(highway: str | None, table: Mapping[str, float] | None = None) -> float:
    """Speed by class: the city's own table first, then the defaults."""
    name = highway or ""
    if table and name in table:
        return table[name]
    return DEFAULT_KMH.get(name, OTHER_KMH)


def signposted_kmh(texts: Iterable[str]) -> float | None:
    """The lowest of the values of `maxspeed` (km/h, or mph where it says so); None where none is a speed."""
    found = []
    for text in texts:
        for part in re.split(r"[;|,]", text):
            match = re.fullmatch(r"\s*([0-9]{1,3}(?:\.[0-9]+)?)\s*(km/?h|kph|kmh|mph)?\s*", part.casefold())
            if match is None:
                continue
            kmh = float(match[1]) * (_MPH if match[2] == "mph" else 1.0)
            if SLOWEST <= kmh <= FASTEST:
                found.append(kmh)
    return min(found) if found else None


def minutes(length_m: float, kmh: float) -> float:
    """Minutes over so many metres."""
    return length_m / kmh * 60 / 1000
