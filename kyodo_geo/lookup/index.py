"""Address or point → neighbourhood association. The decision, on one generation held in memory.

Rules come first: they are what the city writes down. Areas on the map confirm or contradict them. `one` is said only
when a single association is certain and nothing contradicts it; a border, a missing number, or rules and areas that
disagree give `several`.
"""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Concatenate, ParamSpec, TypeVar

import shapely

from kyodo_geo.addresses import AddressMatcher, Gazetteer, Match, Reading, Status
from kyodo_geo.crs import looks_swapped
from kyodo_geo.errors import InputError
from kyodo_geo.lookup.answers import Answer, Basis, DistrictRef, FoundAddress, FoundAssociation, Outcome
from kyodo_geo.lookup.areas import BORDER_DEG, AreaIndex
from kyodo_geo.lookup.decision import Decision, decide_by_areas, decide_by_rules
from kyodo_geo.lookup.faults import DataFault, find_faults
from kyodo_geo.lookup.locate import Location, Locator
from kyodo_geo.lookup.words import Words
from kyodo_geo.lookup_types import Association, Snapshot
from kyodo_geo.rules import AddressAt, RuleBook, address_at

_ADD_NUMBERS = "番・号まで入力すると絞り込めることがあります。"
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
    """The lookup of one municipality, built from one snapshot; read-only, safe for several threads.

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
        self._associations = {item.association_id: item for item in snapshot.associations}
        self._districts = {item.no: DistrictRef(item.no, item.name) for item in snapshot.districts}
        self._areas = AreaIndex([item.geom for item in snapshot.associations])
        self._district_areas = AreaIndex([item.geom for item in snapshot.districts])
        self._bounds = [_prepared(snapshot.outline), _prepared(snapshot.small_area_union)]
        self._locator = Locator(snapshot.blocks)
        self._words = Words(snapshot)
        self._faults: tuple[DataFault, ...] | None = None
        self._lock = threading.RLock()

    # -- questions

    @_one_at_a_time
    def by_address(self, text: str) -> Answer:
        """Associations at an address, however it is written; never raises for any text."""
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
        return self._one_town(match.readings[0])

    @_one_at_a_time
    def by_point(self, lon: float, lat: float) -> Answer:
        """Associations at a point in degrees.

        Raises `InputError` when the numbers are not a longitude and a latitude.
        """
        if not (math.isfinite(lon) and math.isfinite(lat)) or abs(lon) > 180 or abs(lat) > 90:
            hint = "経度と緯度が逆になっていないか確かめてください。" if looks_swapped(lon, lat) else ""
            raise InputError(f"経度は-180〜180、緯度は-90〜90の数で指定してください。{hint}", field="lon")
        inside = self._inside(lon, lat)
        here = self.snapshot.municipality_name if any(inside) else None
        address = FoundAddress(municipality=here, level="point", lon=lon, lat=lat, accuracy_m=0.0)
        if not any(inside):
            return self._answer(Outcome.OUTSIDE_CITY, address, message=self._words.outside(None))
        decision = decide_by_areas(self.snapshot.associations, self._areas.at_point(lon, lat))
        reasons = [] if all(inside) else ["公表されている市域の線と国勢調査の区域の線の間にあります。"]
        return self._decided(decision, address, reasons=reasons, hint=_CHOOSE, place=(lon, lat, 0.0))

    @property
    def faults(self) -> tuple[DataFault, ...]:
        """Contradictions within the data, for the staff; computed once, on first use."""
        if self._faults is None:
            # Geometries of its own: this takes seconds, and lookups go on meanwhile.
            apart = _copied(self.snapshot)
            areas = AreaIndex([item.geom for item in apart.associations])
            self._faults = find_faults(apart, self._matcher.gazetteer, areas)
        return self._faults

    # -- answers

    def _one_town(self, reading: Reading) -> Answer:
        location = self._locator.locate(reading)
        decision = self._decide(reading, location)
        hint = _CHOOSE if reading.house else _ADD_NUMBERS
        place = None if location is None else (location.lon, location.lat, location.accuracy_m)
        return self._decided(
            decision, self._address(reading, location), reasons=list(reading.notes), hint=hint, place=place
        )

    def _several_towns(self, match: Match) -> Answer:
        towns = tuple(dict.fromkeys(name for reading in match.readings for name in reading.names))
        candidates: dict[str, Basis] = {}
        for reading in match.readings:
            for option in self._options(reading):
                for key, basis in self._decide(option, self._locator.locate(option)).candidates:
                    candidates.setdefault(key, basis)
        address = FoundAddress(municipality=self.snapshot.municipality_name)
        question = self._words.which_town(match.reason, towns)
        if not candidates:
            message = self._words.not_understood(question, ())
            return self._answer(Outcome.NOT_UNDERSTOOD, address, message=message, towns=towns)
        found = self._found(candidates.items())
        message = self._words.several(len(found), [question], hint="丁目や字まで入力すると絞り込めます。")
        return self._answer(Outcome.SEVERAL, address, found, _common(found), message=message, towns=towns)

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

    def _decide(self, reading: Reading, location: Location | None) -> Decision:
        at = _address_at(reading)
        touches = (
            None
            if location is None
            else self._areas.in_circle(location.lon, location.lat, location.accuracy_m)
        )
        center = None if location is None else self._areas.at_point(location.lon, location.lat)
        return decide_by_rules(self.snapshot.associations, self._rules, at, touches, center)

    def _decided(
        self,
        decision: Decision,
        address: FoundAddress,
        *,
        reasons: list[str],
        hint: str,
        place: tuple[float, float, float] | None,
    ) -> Answer:
        found = self._found(decision.candidates)
        reasons = [*reasons, *decision.reasons]
        if decision.outcome is Outcome.ONE:
            district = found[0].district or self._district_at(place)
            message = self._words.one(found[0].name, by_rule=found[0].basis is Basis.RULE)
            message = "".join([*reasons, message])
        elif decision.outcome is Outcome.SEVERAL:
            district = _common(found)
            message = self._words.several(len(found), reasons, hint=_CHOOSE if decision.data_fault else hint)
        else:
            district = self._district_at(place)
            message = self._words.none_here(reasons)
        return self._answer(
            decision.outcome, address, found, district, message=message, data_fault=decision.data_fault
        )

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
    ) -> Answer:
        return Answer(
            outcome, address, associations, district, self.snapshot.dataset, message, data_fault, towns
        )

    def _address(self, reading: Reading, location: Location | None) -> FoundAddress:
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
        )

    def _found(self, candidates: Iterable[tuple[str, Basis]]) -> tuple[FoundAssociation, ...]:
        known = [(self._associations[key], basis) for key, basis in candidates if key in self._associations]
        return tuple(
            FoundAssociation(
                item.association_id, item.name, basis, self._district_of(item), self._contact(item)
            )
            for item, basis in known
        )

    def _contact(self, association: Association) -> dict[str, Any]:
        snapshot = self.snapshot
        if association.contact:
            return {"of": "association", **association.contact}
        return {
            "of": "city",
            "role": "市の窓口",
            "name": snapshot.department or snapshot.municipality_name,
            "phone": snapshot.phone or None,
            "email": snapshot.email or None,
        }

    def _district_of(self, association: Association) -> DistrictRef | None:
        return None if association.district_no is None else self._districts.get(association.district_no)

    def _district_at(self, place: tuple[float, float, float] | None) -> DistrictRef | None:
        """The district that holds the place with its whole circle, when there is exactly one."""
        if place is None:
            return None
        touches = self._district_areas.in_circle(*place)
        if len(touches) != 1 or not touches[0].inside:
            return None
        return self._districts[self.snapshot.districts[touches[0].position].no]

    def _inside(self, lon: float, lat: float) -> list[bool]:
        """Whether the point lies in the outline and in the small areas, as far as they are known."""
        known = [geom for geom in self._bounds if geom is not None]
        if not known:
            return [bool(self._areas.at_point(lon, lat) or self._district_areas.at_point(lon, lat))]
        point = shapely.Point(lon, lat)
        return [bool(shapely.dwithin(geom, point, BORDER_DEG)) for geom in known]


def _address_at(reading: Reading) -> AddressAt:
    return address_at(reading.town or reading.place.name, reading.koaza, reading.block, reading.house)


def _common(found: tuple[FoundAssociation, ...]) -> DistrictRef | None:
    """The district all candidates share."""
    districts = {association.district for association in found}
    return districts.pop() if len(districts) == 1 else None


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
