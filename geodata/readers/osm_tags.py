"""Which ways of OpenStreetMap people walk and drive on, and in which direction. The rules are ours; they leave out about
what osmnx leaves out for `network_type` walk and drive."""

from __future__ import annotations

from collections.abc import Mapping

Tags = Mapping[str, str]
WALK, DRIVE = "walk", "drive"

NO_WAY = frozenset(
    {
        "abandoned", "bus_guideway", "construction", "corridor", "demolished", "disused", "elevator", "emergency_bay",
        "escape", "no", "planned", "platform", "proposed", "raceway", "razed", "rest_area", "services", "via_ferrata",
    }
)  # fmt: skip
"""Values of `highway` that are no way, or none yet, or none any more."""
NOT_ON_FOOT = frozenset({"motorway", "motorway_link", "cycleway", "busway"})
DRIVEN = frozenset(
    {
        "motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link",
        "tertiary", "tertiary_link", "unclassified", "residential", "living_street", "road",
    }
)  # fmt: skip
_OPEN = frozenset({"yes", "designated", "permissive", "destination", "official"})
_CLOSED = frozenset({"no", "private"})
_BACKWARDS = frozenset({"-1", "reverse"})
_FORWARDS = frozenset({"yes", "true", "1"})


def is_used(tags: Tags, mode: str) -> bool:
    """Whether the public walks (drives) there."""
    highway = tags.get("highway", "no")
    if highway in NO_WAY or tags.get("area") == "yes":
        return False
    if mode == DRIVE:
        own = tags.get("motorcar") or tags.get("motor_vehicle") or tags.get("vehicle")
        return highway in DRIVEN and _may(own, tags.get("access"))
    if highway in NOT_ON_FOOT and tags.get("foot") not in _OPEN:
        return False
    if tags.get("motorroad") == "yes" or tags.get("service") == "private":
        return False
    return _may(tags.get("foot"), tags.get("access"))


def _may(own: str | None, general: str | None) -> bool:
    """A tag for this kind of traffic goes before the general one."""
    if own is not None:
        return own not in _CLOSED
    return general not in _CLOSED


def one_way(tags: Tags) -> str:
    """yes, no or -1; roundabouts and motorways are one way without saying so."""
    said = tags.get("oneway", "")
    if said in _BACKWARDS:
        return "-1"
    if said in _FORWARDS:
        return "yes"
    implied = tags.get("junction") in ("roundabout", "circular") or tags.get("highway") == "motorway"
    return "yes" if implied and not said else "no"
