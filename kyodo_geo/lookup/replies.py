"""Answers put together: what was decided, with district, neighbours, message and credit."""

from __future__ import annotations

from collections.abc import Sequence

from kyodo_geo.addresses import Reading
from kyodo_geo.lookup.answers import (
    Answer,
    Basis,
    DistrictRef,
    FoundAddress,
    FoundAssociation,
    Neighbour,
    Outcome,
)
from kyodo_geo.lookup.assembly import Assembly, common_district
from kyodo_geo.lookup.confidence import town_confidence, town_kind
from kyodo_geo.lookup.decision import Decision
from kyodo_geo.lookup.locate import Location
from kyodo_geo.lookup.neighbours import find_neighbours
from kyodo_geo.lookup.places import Circle, Places
from kyodo_geo.lookup.words import Words
from kyodo_geo.lookup_types import Snapshot
from kyodo_geo.rules import AddressAt, RuleBook

CHOOSE = "候補から選んでください。"


class Replies:
    """Answers about one snapshot."""

    def __init__(self, snapshot: Snapshot, places: Places, rules: RuleBook) -> None:
        self._snapshot = snapshot
        self._places = places
        self._rules = rules
        self.show = Assembly(snapshot)
        self.words = Words(snapshot)

    def decided(
        self,
        decision: Decision,
        address: FoundAddress,
        *,
        reasons: Sequence[str],
        hint: str,
        place: Circle | None,
        town: AddressAt | None = None,
        asked: str = "",
    ) -> Answer:
        """The answer to a decision. `reasons` come before the decision's own; `town`: what rules were compared with."""
        found = self.show.found(decision.candidates, 1.0 if town is None else address.confidence)
        reasons = [*reasons, *decision.reasons]
        neighbours: tuple[Neighbour, ...] = ()
        if decision.outcome is Outcome.ONE:
            district = found[0].district or self._district_at(place)
            message = self.words.one(found[0].name, by_rule=found[0].basis is Basis.RULE)
            message = "".join([*reasons, message])
        elif decision.outcome is Outcome.SEVERAL:
            district = common_district(found)
            message = self.words.several(len(found), reasons, hint=hint, fault=decision.data_fault)
        else:
            district = self._district_at(place)
            neighbours = self._neighbours(town, place)
            message = self.words.none_here(reasons, neighbours)
        return self.answer(
            decision.outcome, address, found, district,
            message=message, data_fault=decision.data_fault, neighbours=neighbours, said="".join(reasons), asked=asked,
        )  # fmt: skip

    def answer(
        self,
        outcome: Outcome,
        address: FoundAddress,
        associations: tuple[FoundAssociation, ...] = (),
        district: DistrictRef | None = None,
        *,
        message: str,
        data_fault: bool = False,
        towns: tuple[str, ...] = (),
        neighbours: tuple[Neighbour, ...] = (),
        said: str = "",
        asked: str = "",
    ) -> Answer:
        """An answer with the credit of the data it rests on. `said`: what speaks against it, part of the message."""
        return Answer(
            outcome,
            address,
            associations,
            district,
            self._snapshot.dataset,
            message,
            data_fault,
            towns,
            neighbours,
            undecided=said if outcome is Outcome.SEVERAL else "",
            notes=said if outcome is Outcome.ONE else "",
            asked=asked,
        )

    def unreadable(self, reading: Reading, reason: str) -> Answer:
        """The town was understood, but not the numbers; `reason` names them."""
        address = FoundAddress(
            municipality=self._snapshot.municipality_name, town=reading.town, koaza=reading.koaza
        )
        message = self.words.not_understood(reason, ())
        return self.answer(Outcome.NOT_UNDERSTOOD, address, message=message)

    def address(self, reading: Reading, location: Location | None) -> FoundAddress:
        """The place of a reading with one town."""
        kind = town_kind(reading)
        return FoundAddress(
            normalised=self.words.normalised(self._snapshot.pref_name, reading),
            municipality=self._snapshot.municipality_name,
            town=reading.town,
            koaza=reading.koaza,
            block=reading.block,
            house=reading.house,
            level=location.level if location else reading.level,
            lon=location.lon if location else None,
            lat=location.lat if location else None,
            accuracy_m=location.accuracy_m if location else None,
            confidence=town_confidence(kind),
            evidence=kind,
        )

    def _neighbours(self, town: AddressAt | None, place: Circle | None) -> tuple[Neighbour, ...]:
        point = None if place is None else place[:2]
        found = find_neighbours(self._snapshot.associations, self._places.areas, self._rules, town, point)
        return tuple(self.show.neighbour(*near) for near in found)

    def _district_at(self, place: Circle | None) -> DistrictRef | None:
        number = self._places.district_no(place)
        return None if number is None else self.show.districts[number]
