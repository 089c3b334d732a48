"""Address or point → neighbourhood association. The decision, on one generation held in memory.

Rules come first: they are what the city writes down. Areas on the map confirm or contradict them. `one` is said only
when a single association is certain and nothing contradicts it; a border, a missing number, or rules and areas that
disagree give `several`.
"""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Concatenate, ParamSpec, TypeVar

import shapely

from kyodo_geo.addresses import AddressMatcher, Gazetteer, Match, Reading, Status, koaza_key, split_town
from kyodo_geo.crs import looks_swapped
from kyodo_geo.errors import InputError
from kyodo_geo.lookup.answers import (
    Answer,
    Basis,
    DistrictRef,
    FoundAddress,
    FoundAssociation,
    Neighbour,
    Outcome,
)
from kyodo_geo.lookup.areas import BORDER_DEG, AreaIndex, Touch
from kyodo_geo.lookup.assembly import Assembly, common_district
from kyodo_geo.lookup.confidence import town_confidence, town_kind
from kyodo_geo.lookup.decision import (
    FINE_LEVELS,
    MAX_CANDIDATES,
    Candidate,
    Decision,
    Place,
    decide_by_areas,
    decide_by_rules,
)
from kyodo_geo.lookup.faults import DataFault, find_faults
from kyodo_geo.lookup.locate import Location, Locator
from kyodo_geo.lookup.names import NamedAssociation, NameIndex, Suggestion
from kyodo_geo.lookup.neighbours import find_neighbours
from kyodo_geo.lookup.uncovered import UncoveredTown, find_uncovered
from kyodo_geo.lookup.words import Words
from kyodo_geo.lookup_types import Snapshot
from kyodo_geo.rules import AddressAt, RuleBook, as_number

_ADD_NUMBERS = "番・号まで入力すると絞り込めることがあります。"
DEVICE_RADII = 2.0
_CHOOSE = "候補から選んでください。"

P = ParamSpec("P")
R = TypeVar("R")


def _one_at_a_time(
    method: Callable[Concatenate[LookupIndex, P], R],
) -> Callable[Concatenate[LookupIndex, P], R]:
    """The method, never run by two threads at once on one index."""

    @functools.wraps(method)
    def alone(self: LookupIndex, *args: P.args, **kwargs: P.kwargs) -> R:
        with self._lock:
            return method(self, *args, **kwargs)

    return alone


class LookupIndex:
    """The lookup of one municipality, built from one snapshot; answers never change, safe for several threads.

    Questions are answered one at a time: GEOS gives up the interpreter while it works, and two threads on one
    prepared geometry end the process.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._matcher = AddressMatcher(
            Gazetteer(snapshot.towns, snapshot.municipality_code),
            snapshot.municipality_code,
            snapshot.municipality_name,
            snapshot.pref_name,
            snapshot.neighbours,
        )
        self._rules = RuleBook(snapshot.rules)
        self._show = Assembly(snapshot)
        self._positions = {item.association_id: i for i, item in enumerate(snapshot.associations)}
        self._areas = AreaIndex([item.geom for item in snapshot.associations])
        self._district_areas = AreaIndex([item.geom for item in snapshot.districts])
        self._bounds = [_prepared(snapshot.outline), _prepared(snapshot.small_area_union)]
        self._locator = Locator(snapshot.blocks, snapshot.lots)
        self._words = Words(snapshot)
        self._names = NameIndex(snapshot, self._show)
        self._faults: tuple[DataFault, ...] | None = None
        self._uncovered: tuple[UncoveredTown, ...] | None = None
        self._town_places: dict[Location, Place] = {}
        self._lock = threading.RLock()

    # -- questions

    @_one_at_a_time
    def by_address(self, text: str) -> Answer:
        """Associations at an address, however it is written; never raises for any text."""
        answer = self._by_address(text)
        name = self._names.called(text)
        found = answer.associations[0].name if answer.outcome is Outcome.ONE else None
        if name is None or name == found:
            return answer
        return replace(answer, message=self._words.is_a_name(name) + answer.message)

    def _by_address(self, text: str) -> Answer:
        match = self._matcher.match(text)
        if match.status is Status.OUTSIDE:
            message = self._words.outside(match.other, match.reason)
            address = FoundAddress(municipality=match.other)
            return self._answer(Outcome.OUTSIDE_CITY, address, message=message)
        if match.status is Status.UNKNOWN:
            message = self._words.not_understood(match.reason, match.suggestions)
            return self._answer(
                Outcome.NOT_UNDERSTOOD, FoundAddress(), message=message, towns=match.suggestions
            )
        if match.status is Status.SEVERAL:
            return self._several_towns(match)
        if match.status is Status.MANY:
            return self._several_addresses(match)
        reading = match.readings[0]
        return self._one_town(reading, contradicted=match.postal_conflict or bool(reading.doubt))

    @_one_at_a_time
    def by_point(self, lon: float, lat: float, accuracy_m: float = 0.0) -> Answer:
        """Associations at a point in degrees, known to `accuracy_m` metres.

        Devices state the radius that holds two positions of three; what they say is taken twice as wide. Raises
        `InputError` when the numbers are not a longitude and a latitude.
        """
        if not (math.isfinite(lon) and math.isfinite(lat)) or abs(lon) > 180 or abs(lat) > 90:
            hint = "経度と緯度が逆になっていないか確かめてください。" if looks_swapped(lon, lat) else ""
            raise InputError(f"経度は-180〜180、緯度は-90〜90の数で指定してください。{hint}", field="lon")
        inside = self._inside(lon, lat)
        here = self.snapshot.municipality_name if any(inside) else None
        address = FoundAddress(municipality=here, level="point", lon=lon, lat=lat, accuracy_m=accuracy_m)
        if not any(inside):
            return self._answer(Outcome.OUTSIDE_CITY, address, message=self._words.outside(None))
        radius = DEVICE_RADII * accuracy_m
        touches = self._areas.in_circle(lon, lat, radius)
        decision = decide_by_areas(self.snapshot.associations, touches, radius)
        reasons = [] if all(inside) else ["公表されている市域の線と国勢調査の区域の線の間にあります。"]
        return self._decided(decision, address, reasons=reasons, hint=_CHOOSE, place=(lon, lat, radius))

    @_one_at_a_time
    def behind_numbers(self, text: str) -> str:
        """What stands behind the town and its numbers in an address: a building, a room; empty without one reading.

        A number more behind a lot is the lot's own (12番地3の4), not a room.
        """
        readings = self._matcher.match(text).readings
        if len(readings) != 1:
            return ""
        rest = readings[0].building or readings[0].unused or ""
        return "" if readings[0].lot and rest.isdecimal() else rest

    def search_names(self, text: str, limit: int = 20) -> tuple[NamedAssociation, ...]:
        """Associations by name or reading, whole or in part; best first."""
        return self._names.search(text, limit)

    def towns_of_postal_code(self, text: str) -> tuple[str, ...]:
        """Official names of the towns with a postal code; each can be asked for with `by_address`."""
        return self._names.towns_of_postal_code(text)

    def suggest(self, text: str, limit: int = 10) -> tuple[Suggestion, ...]:
        """Names of towns and associations that begin with what has been typed; nothing else ever comes back."""
        return self._names.suggest(text, limit)

    def remembered(self, association_id: str, reason: str) -> FoundAssociation | None:
        """An association as the register of buildings names it; None when there is none such."""
        found = self._show.found([Candidate(association_id, Basis.MEMORY, reason)])
        return found[0] if found else None

    @property
    def words(self) -> Words:
        """The sentences of this municipality."""
        return self._words

    @property
    def mark(self) -> str:
        """What every message ends in while the data are not real; else empty."""
        return self._words.mark

    def knows(self, association_id: str) -> bool:
        """Whether there is such an association."""
        return association_id in self._show.by_id

    @property
    def faults(self) -> tuple[DataFault, ...]:
        """Contradictions within the data, for the staff; computed once, on first use."""
        if self._faults is None:
            # Geometries of its own: this takes seconds, and lookups go on meanwhile.
            apart = _copied(self.snapshot)
            areas = AreaIndex([item.geom for item in apart.associations])
            self._faults = find_faults(apart, self._matcher.gazetteer, areas)
        return self._faults

    def uncovered(self) -> tuple[UncoveredTown, ...]:
        """Towns with blocks that no rule covers, for the staff; computed once, on first use."""
        if self._uncovered is None:
            apart = _copied(self.snapshot)
            self._uncovered = find_uncovered(apart, AreaIndex([item.geom for item in apart.associations]))
        return self._uncovered

    # -- answers

    def _one_town(self, reading: Reading, *, contradicted: bool = False) -> Answer:
        """The answer for one town; `contradicted`: the postal code or what else is written speaks of another."""
        at = _address_at(reading)
        location = self._locator.locate(reading, (at.town, at.koaza))
        decision = self._decide(at, location)
        if contradicted and decision.outcome is Outcome.ONE:
            doubtful = tuple(replace(found, evidence="") for found in decision.candidates)
            decision = replace(decision, outcome=Outcome.SEVERAL, candidates=doubtful)
        hint = _CHOOSE if reading.house else _ADD_NUMBERS
        place = None if location is None else (location.lon, location.lat, location.accuracy_m)
        return self._decided(
            decision,
            self._address(reading, location),
            reasons=[*reading.notes, *filter(None, [reading.doubt])],
            hint=hint,
            place=place,
            town=at,
        )

    def _several_towns(self, match: Match) -> Answer:
        towns = tuple(dict.fromkeys(name for reading in match.readings for name in reading.names))
        candidates: dict[str, Candidate] = {}
        for reading in match.readings:
            for option in self._options(reading):
                at = _address_at(option)
                decision = self._decide(at, self._locator.locate(option, (at.town, at.koaza)))
                for found in decision.candidates:
                    named = replace(found, reason=f"{option.town}のとき：{found.reason}")
                    candidates.setdefault(found.association_id, named)
        address = FoundAddress(municipality=self.snapshot.municipality_name)
        question = self._words.which_town(match.reason, towns)
        if not candidates:
            message = self._words.not_understood(question, ())
            return self._answer(Outcome.NOT_UNDERSTOOD, address, message=message, towns=towns)
        shown = self._show.found(candidates.values(), None)
        message = self._words.several(len(shown), [question], hint="丁目や字まで入力すると絞り込めます。")
        return self._answer(
            Outcome.SEVERAL, address, shown, common_district(shown),
            message=message, towns=towns, undecided=question,
        )  # fmt: skip

    def _several_addresses(self, match: Match) -> Answer:
        """The answer for a text that names several addresses: one association only when all of them have it."""
        candidates: dict[str, Candidate] = {}
        decisions = []
        without = []
        for reading in match.readings:
            at = _address_at(reading)
            decision = self._decide(at, self._locator.locate(reading, (at.town, at.koaza)))
            decisions.append(decision)
            name = self._words.short(reading)
            for found in decision.candidates:
                named = replace(found, reason=f"{name}のとき：{found.reason}", evidence="")
                candidates.setdefault(found.association_id, named)
            if not decision.candidates:
                without.append(name)
        first = match.readings[0]
        towns = {(reading.town, reading.koaza) for reading in match.readings}
        address = (
            self._address(first, None)
            if len(towns) == 1
            else FoundAddress(municipality=self.snapshot.municipality_name)
        )
        address = replace(address, block=None, house=None, normalised=None, confidence=None)
        reasons = [match.reason, *(note for reading in match.readings for note in reading.notes)]
        fault = any(decision.data_fault for decision in decisions)
        if not candidates:
            return self._decided(
                Decision(Outcome.NONE_HERE),
                address,
                reasons=reasons,
                hint="",
                place=None,
                town=_address_at(first),
            )
        sure = not without and all(decision.outcome is Outcome.ONE for decision in decisions)
        found_all = tuple(candidates.values())
        if sure and len(found_all) == 1:
            only = replace(found_all[0], reason=decisions[0].candidates[0].reason)
            decision = Decision(Outcome.ONE, (only,))
            reasons.append("どれも同じ町内会・自治会です。")
        else:
            if without:
                reasons.append(f"{'、'.join(without)}を区域とする町内会・自治会は登録されていません。")
            decision = Decision(Outcome.SEVERAL, found_all[:MAX_CANDIDATES], fault)
        hint = "住所を1件ずつ入力すると、それぞれの町内会・自治会がわかります。"
        return self._decided(
            decision,
            address,
            reasons=list(dict.fromkeys(reasons)),
            hint=hint,
            place=None,
            town=_address_at(first),
        )

    def _options(self, reading: Reading) -> Iterable[Reading]:
        """One reading for each town an open reading may mean."""
        if reading.town is not None:
            yield reading
            return
        for name in reading.options:
            row = self._matcher.gazetteer.town(name)
            place = self._matcher.gazetteer.place(name) or reading.place
            level = "oaza" if row is None or name == place.name else row.level
            yield Reading(
                place, reading.fit, reading.tier, name, row, level, block=reading.block, house=reading.house
            )

    def _decide(self, at: AddressAt, location: Location | None) -> Decision:
        return decide_by_rules(self._show.by_id, self._rules, at, self._place(location))

    def _place(self, location: Location | None) -> Place | None:
        if location is None:
            return None
        if location.level in FINE_LEVELS:
            return self._measured(location)
        # The point of a town is the gazetteer's and the same for all its addresses; those of houses, blocks and lots
        # are not remembered: they would tell what was asked for.
        known = self._town_places.get(location)
        if known is None:
            known = self._town_places[location] = self._measured(location)
        return known

    def _measured(self, location: Location) -> Place:
        lon, lat, accuracy_m = location.lon, location.lat, location.accuracy_m
        in_circle, middle = map(self._by_id, self._areas.around(lon, lat, accuracy_m))
        depth_m = functools.cache(lambda key: self._depth_m(key, lon, lat))
        return Place(in_circle, middle, location.level, accuracy_m, depth_m)

    def _depth_m(self, key: str, lon: float, lat: float) -> float:
        return self._areas.depth_m(self._positions[key], lon, lat)

    def _by_id(self, touches: Sequence[Touch]) -> dict[str, bool]:
        associations = self.snapshot.associations
        return {associations[touch.position].association_id: touch.inside for touch in touches}

    def _decided(
        self,
        decision: Decision,
        address: FoundAddress,
        *,
        reasons: list[str],
        hint: str,
        place: tuple[float, float, float] | None,
        town: AddressAt | None = None,
    ) -> Answer:
        found = self._show.found(decision.candidates, 1.0 if town is None else address.confidence)
        reasons = [*reasons, *decision.reasons]
        neighbours: tuple[Neighbour, ...] = ()
        if decision.outcome is Outcome.ONE:
            district = found[0].district or self._district_at(place)
            message = self._words.one(found[0].name, by_rule=found[0].basis is Basis.RULE)
            message = "".join([*reasons, message])
        elif decision.outcome is Outcome.SEVERAL:
            district = common_district(found)
            message = self._words.several(len(found), reasons, hint=hint, fault=decision.data_fault)
        else:
            district = self._district_at(place)
            neighbours = self._neighbours(town, place)
            message = self._words.none_here(reasons, neighbours)
        return self._answer(
            decision.outcome, address, found, district,
            message=message, data_fault=decision.data_fault, neighbours=neighbours, undecided="".join(reasons),
        )  # fmt: skip

    def _neighbours(
        self, town: AddressAt | None, place: tuple[float, float, float] | None
    ) -> tuple[Neighbour, ...]:
        point = None if place is None else place[:2]
        found = find_neighbours(self.snapshot.associations, self._areas, self._rules, town, point)
        return tuple(self._show.neighbour(*near) for near in found)

    def _answer(
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
        undecided: str = "",
    ) -> Answer:
        return Answer(
            outcome,
            address,
            associations,
            district,
            self.snapshot.dataset,
            message,
            data_fault,
            towns,
            neighbours,
            undecided if outcome is Outcome.SEVERAL else "",
        )

    def _address(self, reading: Reading, location: Location | None) -> FoundAddress:
        kind = town_kind(reading)
        return FoundAddress(
            normalised=self._words.normalised(self.snapshot.pref_name, reading),
            municipality=self.snapshot.municipality_name,
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

    def _district_at(self, place: tuple[float, float, float] | None) -> DistrictRef | None:
        """The district that holds the place with its whole circle, when there is exactly one."""
        if place is None:
            return None
        touches = self._district_areas.in_circle(*place)
        if len(touches) != 1 or not touches[0].inside:
            return None
        return self._show.districts[self.snapshot.districts[touches[0].position].no]

    def _inside(self, lon: float, lat: float) -> list[bool]:
        """Whether the point lies in the outline and in the small areas, as far as they are known."""
        known = [geom for geom in self._bounds if geom is not None]
        if not known:
            return [bool(self._areas.at_point(lon, lat) or self._district_areas.at_point(lon, lat))]
        point = shapely.Point(lon, lat)
        return [bool(shapely.dwithin(geom, point, BORDER_DEG)) for geom in known]


def _address_at(reading: Reading) -> AddressAt:
    """What rules are compared with. Names of the gazetteer are remembered, a 小字 that somebody typed is not."""
    known = reading.koaza_known and reading.koaza
    koaza = _known_koaza(reading.koaza) if known else koaza_key(reading.koaza) if reading.koaza else ""
    town = _known_town(reading.town or reading.place.name)
    return AddressAt(town, koaza, as_number(reading.block), as_number(reading.house))


_known_town = lru_cache(maxsize=16384)(split_town)
_known_koaza = lru_cache(maxsize=16384)(koaza_key)


def _copied(snapshot: Snapshot) -> Snapshot:
    """The snapshot with geometries that share nothing with those the lookup has prepared."""
    copies = (
        replace(item, geom=None if item.geom is None else shapely.from_wkb(shapely.to_wkb(item.geom)))
        for item in snapshot.associations
    )
    return replace(snapshot, associations=tuple(copies))


def _prepared(geom: Any) -> Any:
    if geom is None or geom.is_empty:
        return None
    shapely.prepare(geom)
    return geom
