"""Address or point → neighbourhood association. The decision, on one generation held in memory.

Rules come first: they are what the city writes down. Areas on the map confirm or contradict them. `one` is said only
when a single association is certain and nothing contradicts it; a border, a missing number, or rules and areas that
disagree give `several`.
"""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Concatenate, ParamSpec, TypeVar

from kyodo_geo.crs import looks_swapped
from kyodo_geo.errors import InputError
from kyodo_geo.lookup.answers import Answer, Basis, FoundAddress, FoundAssociation, Outcome
from kyodo_geo.lookup.areas import AreaIndex
from kyodo_geo.lookup.by_address import AddressLookup
from kyodo_geo.lookup.decision import Candidate, decide_by_areas
from kyodo_geo.lookup.faults import DataFault, find_faults
from kyodo_geo.lookup.names import NamedAssociation, NameIndex, Suggestion
from kyodo_geo.lookup.places import Places
from kyodo_geo.lookup.replies import CHOOSE, Replies
from kyodo_geo.lookup.uncovered import UncoveredTown, find_uncovered
from kyodo_geo.lookup.words import Words
from kyodo_geo.lookup_types import Snapshot
from kyodo_geo.rules import RuleBook

DEVICE_RADII = 2.0

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
        places, rules = Places(snapshot), RuleBook(snapshot.rules)
        self._places = places
        self._replies = Replies(snapshot, places, rules)
        self._addresses = AddressLookup(snapshot, places, rules, self._replies)
        self._names = NameIndex(snapshot, self._replies.show)
        self._faults: tuple[DataFault, ...] | None = None
        self._uncovered: tuple[UncoveredTown, ...] | None = None
        self._lock = threading.RLock()

    @_one_at_a_time
    def by_address(self, text: str) -> Answer:
        """Associations at an address, however it is written; never raises for any text."""
        answer = self._addresses.answer(text)
        name = self._names.called(text, answer.asked)
        found = answer.associations[0].name if answer.outcome is Outcome.ONE else None
        if name is None or name == found:
            return answer
        return replace(answer, message=self._replies.words.is_a_name(name) + answer.message)

    @_one_at_a_time
    def by_point(self, lon: float, lat: float, accuracy_m: float = 0.0) -> Answer:
        """Associations at a point in degrees, known to `accuracy_m` metres.

        Devices state the radius that holds two positions of three; what they say is taken twice as wide. Raises
        `InputError` when the numbers are not a longitude and a latitude.
        """
        if not (math.isfinite(lon) and math.isfinite(lat)) or abs(lon) > 180 or abs(lat) > 90:
            hint = "経度と緯度が逆になっていないか確かめてください。" if looks_swapped(lon, lat) else ""
            raise InputError(f"経度は-180〜180、緯度は-90〜90の数で指定してください。{hint}", field="lon")
        inside = self._places.inside(lon, lat)
        here = self.snapshot.municipality_name if any(inside) else None
        address = FoundAddress(municipality=here, level="point", lon=lon, lat=lat, accuracy_m=accuracy_m)
        if not any(inside):
            return self._replies.answer(
                Outcome.OUTSIDE_CITY, address, message=self._replies.words.outside(None)
            )
        radius = DEVICE_RADII * accuracy_m
        touches = self._places.areas.in_circle(lon, lat, radius)
        decision = decide_by_areas(self.snapshot.associations, touches, radius)
        reasons = [] if all(inside) else ["公表されている市域の線と国勢調査の区域の線の間にあります。"]
        return self._replies.decided(
            decision, address, reasons=reasons, hint=CHOOSE, place=(lon, lat, radius)
        )

    @_one_at_a_time
    def alone_at(self, lon: float, lat: float) -> int | None:
        """Position of the association whose area alone holds the point, where nothing else is to be weighed.

        All points with the same position have the same answer but for their own longitude and latitude. None: ask
        `by_point`, which may well find one too.
        """
        at = self._places.alone_at(lon, lat)
        # Without a district of its own, an association's answer names that of the point.
        return None if at is None or not self._replies.show.district(self.snapshot.associations[at]) else at

    @_one_at_a_time
    def behind_numbers(self, text: str) -> str:
        """What stands behind the town and its numbers in an address: a building, a room; empty without one reading.

        A number more behind a lot is the lot's own (12番地3の4), not a room.
        """
        readings = self._addresses.matcher.match(text).readings
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
        found = self._replies.show.found([Candidate(association_id, Basis.MEMORY, reason)])
        return found[0] if found else None

    @property
    def words(self) -> Words:
        """The sentences of this municipality."""
        return self._replies.words

    @property
    def mark(self) -> str:
        """What every message ends in while the data are not real; else empty."""
        return self._replies.words.mark

    def knows(self, association_id: str) -> bool:
        """Whether there is such an association."""
        return association_id in self._replies.show.by_id

    @property
    def faults(self) -> tuple[DataFault, ...]:
        """Contradictions within the data, for the staff; computed once, on first use."""
        if self._faults is None:
            # Areas of its own: this takes seconds, and lookups go on meanwhile.
            areas = AreaIndex([item.geom for item in self.snapshot.associations])
            self._faults = find_faults(self.snapshot, self._addresses.matcher.gazetteer, areas)
        return self._faults

    def uncovered(self) -> tuple[UncoveredTown, ...]:
        """Towns with blocks that no rule covers, for the staff; computed once, on first use."""
        if self._uncovered is None:
            areas = AreaIndex([item.geom for item in self.snapshot.associations])
            self._uncovered = find_uncovered(self.snapshot, areas)
        return self._uncovered
