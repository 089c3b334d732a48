"""The answer of a lookup, and the JSON everybody gets of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kyodo_geo.buildings import Remembered


class Outcome(StrEnum):
    """Outcomes of a lookup. `ONE` is said only when nothing speaks against it."""

    ONE = "one"
    SEVERAL = "several"
    NONE_HERE = "none_here"
    OUTSIDE_CITY = "outside_city"
    NOT_UNDERSTOOD = "not_understood"


class Basis(StrEnum):
    """What an association was found by: its address rules, its area on the map, or the register of buildings."""

    RULE = "rule"
    AREA = "area"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class FoundAddress:
    """The place asked for.

    `level` says how exactly the point is known: house, lot, block, chome, jiwari, koaza, oaza, or point when a point
    was asked. `block` is 番 or the main lot number, `house` 号 or the lot's branch; `accuracy_m` the radius around
    lon/lat within which the place lies. `confidence` (0–1) says how often a town read in this way is the right one;
    None where that has not been measured. `evidence` names that way; not part of the JSON. None is not known.
    """

    normalised: str | None = None
    municipality: str | None = None
    town: str | None = None
    koaza: str | None = None
    block: str | None = None
    house: str | None = None
    level: str | None = None
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    confidence: float | None = None
    evidence: str = ""

    def as_dict(self) -> dict[str, Any]:
        """JSON-able, coordinates as sent out (6 digits)."""
        return {
            "normalised": self.normalised,
            "municipality": self.municipality,
            "town": self.town,
            "koaza": self.koaza,
            "block": self.block,
            "house": self.house,
            "level": self.level,
            "lon": None if self.lon is None else round(self.lon, 6),
            "lat": None if self.lat is None else round(self.lat, 6),
            "accuracy_m": None if self.accuracy_m is None else round(self.accuracy_m),
            "confidence": self.confidence,
        }


@dataclass(frozen=True, slots=True)
class DistrictRef:
    """Number and name of a district."""

    no: int
    name: str

    def as_dict(self) -> dict[str, Any]:
        return {"no": self.no, "name": self.name}


@dataclass(frozen=True, slots=True)
class FoundAssociation:
    """One association of an answer. `contact` is its own published one, else the city's office.

    `reason` is one Japanese sentence on why it is here. `confidence` (0–1) says how often an association found in this
    way is the right one (docs/CONFIDENCE.md); None where that has not been measured. `evidence` names the way; not
    part of the JSON.
    """

    id: str
    name: str
    basis: Basis
    district: DistrictRef | None
    contact: dict[str, Any]
    confidence: float | None = None
    reason: str = ""
    evidence: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "basis": self.basis.value,
            "confidence": self.confidence,
            "reason": self.reason,
            "district": self.district.as_dict() if self.district else None,
            "contact": self.contact,
        }


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An association near a place that has none. Not a candidate: the place is outside of what is registered for it.

    `distance_m` from the place to its area, None where no area or no place is known; `same_town`: its address rules
    name the town asked for.
    """

    id: str
    name: str
    district: DistrictRef | None
    distance_m: float | None
    same_town: bool

    def as_dict(self) -> dict[str, Any]:
        """JSON-able; the distance in full tens of metres."""
        return {
            "id": self.id,
            "name": self.name,
            "district": self.district.as_dict() if self.district else None,
            "distance_m": None if self.distance_m is None else round(self.distance_m, -1),
            "same_town": self.same_town,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer of a lookup.

    `message` says in Japanese what was found and what to do next; `neighbours` are given for `none_here`. Not part of
    the JSON: `data_fault` (rules and areas contradict each other here: for the staff's statistics), `towns` (names
    among which the address does not decide, or that exist where the given one does not), `undecided` (why `several`
    could not be decided, as said in the message), `notes` (what `one` assumes or could not confirm, as said in it).
    `buildings`: what the register says, for those who may read it.
    """

    outcome: Outcome
    address: FoundAddress
    associations: tuple[FoundAssociation, ...]
    district: DistrictRef | None
    dataset: dict[str, Any]
    message: str
    data_fault: bool = False
    towns: tuple[str, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    undecided: str = ""
    buildings: tuple[Remembered, ...] = ()
    notes: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The JSON of the API: outcome, address, associations, neighbours, district, dataset, message.

        `buildings` comes beside them where the register of buildings knows the one asked for.
        """
        shown = {
            "outcome": self.outcome.value,
            "address": self.address.as_dict(),
            "associations": [association.as_dict() for association in self.associations],
            "neighbours": [neighbour.as_dict() for neighbour in self.neighbours],
            "district": self.district.as_dict() if self.district else None,
            "dataset": self.dataset,
            "message": self.message,
        }
        if self.buildings:
            shown["buildings"] = [building.as_dict() for building in self.buildings]
        return shown
