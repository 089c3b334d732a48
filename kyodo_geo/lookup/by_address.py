"""The answer to an address: read it, find its point, ask rules and areas."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from kyodo_geo.addresses import (
    AddressMatcher,
    Gazetteer,
    Match,
    Reading,
    Status,
    clean,
    koaza_key,
    split_town,
)
from kyodo_geo.addresses.places import PREFECTURES
from kyodo_geo.lookup.answers import Answer, Basis, FoundAddress, Outcome
from kyodo_geo.lookup.assembly import common_district
from kyodo_geo.lookup.decision import MAX_CANDIDATES, Candidate, Decision, decide_by_rules
from kyodo_geo.lookup.doubts import doubted
from kyodo_geo.lookup.hints import hint_for
from kyodo_geo.lookup.locate import Location, Locator
from kyodo_geo.lookup.places import Places
from kyodo_geo.lookup.registered import Doubt, Registered, What, house_has_letter
from kyodo_geo.lookup.replies import Replies
from kyodo_geo.lookup_types import Snapshot
from kyodo_geo.rules import AddressAt, RuleBook, as_number

_SHOWN_DOUBTS = 2
_SHOWN_PLACES = 3
_CHECK_NUMBERS = "番・号を確かめて入力し直すか、新しい番・号のときは候補から選んでください。"


class AddressLookup:
    """Answers addresses by one snapshot. Not for two threads at once."""

    def __init__(self, snapshot: Snapshot, places: Places, rules: RuleBook, replies: Replies) -> None:
        self._municipality = snapshot.municipality_name
        self._places = places
        self._rules = rules
        self._replies = replies
        self._locator = Locator(snapshot.blocks, snapshot.lots)
        self._registered = Registered(self._locator, rules)
        self.matcher = AddressMatcher(
            Gazetteer(snapshot.towns, snapshot.municipality_code),
            snapshot.municipality_code,
            snapshot.municipality_name,
            snapshot.pref_name,
            snapshot.neighbours,
        )

    def answer(self, text: str) -> Answer:
        """Associations at an address, however it is written; never raises for any text."""
        match = self.matcher.match(text)
        found = self._answer(match)
        return found if found.asked else replace(found, asked=match.text)

    def _answer(self, match: Match) -> Answer:
        words = self._replies.words
        if match.status is Status.OUTSIDE:
            message = words.outside(match.other, match.reason)
            address = FoundAddress(municipality=_municipality(match.other))
            return self._replies.answer(Outcome.OUTSIDE_CITY, address, message=message)
        if match.status is Status.UNKNOWN:
            message = words.not_understood(match.reason, match.suggestions)
            return self._replies.answer(
                Outcome.NOT_UNDERSTOOD, FoundAddress(), message=message, towns=match.suggestions
            )
        if match.status is Status.SEVERAL:
            return self._several_towns(match)
        if match.status is Status.MANY:
            return self._several_addresses(match)
        reading = match.readings[0]
        return self._one_town(
            reading, contradicted=match.postal_conflict or bool(reading.doubt), asked=match.text
        )

    def _one_town(self, reading: Reading, *, contradicted: bool, asked: str) -> Answer:
        """The answer for one town; `contradicted`: the postal code or what else is written speaks of another."""
        at = _address_at(reading)
        location = self._locator.locate(reading, (at.town, at.koaza))
        decision = self._decide(at, location)
        doubt = self._doubt(reading, at, location, decision)
        if doubt is not None:
            decision = doubted(decision, doubt)
        numbers = doubt is not None and doubt.what in (What.BLOCK, What.HOUSE)
        hint = _CHECK_NUMBERS if numbers else hint_for(reading, len(decision.candidates))
        if contradicted and decision.outcome is Outcome.ONE:
            doubtful = tuple(replace(found, evidence="") for found in decision.candidates)
            decision = replace(decision, outcome=Outcome.SEVERAL, candidates=doubtful)
        notes = (self._replies.words.formerly(reading), *reading.notes)
        if decision.outcome is Outcome.NOT_UNDERSTOOD:
            return self._replies.unreadable(reading, "".join((*notes, *decision.reasons)))
        place = None if location is None else (location.lon, location.lat, location.accuracy_m)
        address = self._replies.address(reading, location)
        if reading.doubt:
            # What a doubt quotes need not be quoted once more as unused.
            unused = f"{reading.doubt.partition('」')[0]}」は使っていません。"
            notes = (*(note for note in notes if note != unused), reading.doubt)
        return self._replies.decided(
            decision,
            address,
            reasons=notes,
            hint=hint,
            place=place,
            town=at,
            asked=asked,
        )

    def _several_towns(self, match: Match) -> Answer:
        first = match.readings[0]
        if (zero := self._registered.zero(first, _address_at(first))) is not None:
            return self._replies.unreadable(first, zero.text)
        towns = tuple(dict.fromkeys(name for reading in match.readings for name in reading.names))
        candidates: dict[str, Candidate] = {}
        for reading in match.readings:
            for option in self._options(reading):
                at = _address_at(option)
                location = self._locator.locate(option, (at.town, at.koaza))
                decision = self._decide(at, location)
                doubt = self._doubt(option, at, location, decision)
                against = doubt.text if doubt is not None else ""
                for found in decision.candidates:
                    named = replace(found, reason=f"{option.town}のとき：{found.reason}{against}")
                    candidates.setdefault(found.association_id, named)
        address = FoundAddress(municipality=self._municipality)
        words, show = self._replies.words, self._replies.show
        question = words.which_town(match.reason, towns)
        if not candidates:
            message = words.not_understood(question, ())
            return self._replies.answer(Outcome.NOT_UNDERSTOOD, address, message=message, towns=towns)
        shown = show.found(candidates.values(), None)
        message = words.several(len(shown), [question], hint="丁目や字まで入力すると絞り込めます。")
        return self._replies.answer(
            Outcome.SEVERAL, address, shown, common_district(shown),
            message=message, towns=towns, said=question,
        )  # fmt: skip

    def _several_addresses(self, match: Match) -> Answer:
        """The answer for a text that names several addresses: one association only when all of them have it."""
        candidates: dict[str, Candidate] = {}
        decisions: list[Decision] = []
        without: list[str] = []
        against: list[str] = []
        for reading in match.readings:
            at = _address_at(reading)
            location = self._locator.locate(reading, (at.town, at.koaza))
            decision = self._decide(at, location)
            doubt = self._doubt(reading, at, location, decision)
            if doubt is not None:
                decision = doubted(decision, doubt)
                against.append(doubt.text)
            if decision.outcome is Outcome.NOT_UNDERSTOOD:
                return self._replies.unreadable(reading, "".join((match.reason, *decision.reasons)))
            decisions.append(decision)
            name = self._replies.words.short(reading)
            for found in decision.candidates:
                named = replace(found, reason=f"{name}のとき：{found.reason}", evidence="")
                candidates.setdefault(found.association_id, named)
            if not decision.candidates:
                without.append(name)
        first = match.readings[0]
        towns = {(reading.town, reading.koaza) for reading in match.readings}
        address = (
            self._replies.address(first, None)
            if len(towns) == 1
            else FoundAddress(municipality=self._municipality)
        )
        address = replace(address, block=None, house=None, normalised=None, confidence=None)
        reasons = [match.reason, *(note for reading in match.readings for note in reading.notes)]
        reasons += against[:_SHOWN_DOUBTS]
        fault = any(decision.data_fault for decision in decisions)
        sure = not without and all(decision.outcome is Outcome.ONE for decision in decisions)
        found_all = tuple(candidates.values())
        if not candidates:
            decision = Decision(Outcome.NONE_HERE)
        elif sure and len(found_all) == 1:
            only = replace(found_all[0], reason=decisions[0].candidates[0].reason)
            decision = Decision(Outcome.ONE, (only,))
            reasons.append("どれも同じ町内会・自治会です。")
        else:
            if without:
                shown = "、".join(without[:_SHOWN_PLACES])
                more = f"など{len(without)}件" if len(without) > _SHOWN_PLACES else ""
                reasons.append(f"{shown}{more}を区域とする町内会・自治会は登録されていません。")
            decision = Decision(Outcome.SEVERAL, found_all[:MAX_CANDIDATES], fault)
        hint = "住所を1件ずつ入力すると、それぞれの町内会・自治会がわかります。"
        answer = self._replies.decided(
            decision,
            address,
            reasons=list(dict.fromkeys(reasons)),
            hint=hint,
            place=None,
            town=_address_at(first),
        )
        places = tuple(self._replies.address(reading, None) for reading in match.readings)
        return replace(answer, several=places)

    def _options(self, reading: Reading) -> Iterable[Reading]:
        """One reading for each town an open reading may mean."""
        if reading.town is not None:
            yield reading
            return
        for name in reading.options:
            row = self.matcher.gazetteer.town(name)
            place = self.matcher.gazetteer.place(name) or reading.place
            level = "oaza" if row is None or name == place.name else row.level
            yield Reading(
                place, reading.fit, reading.tier, name, row, level, block=reading.block, house=reading.house
            )

    def _doubt(
        self, reading: Reading, at: AddressAt, location: Location | None, decision: Decision
    ) -> Doubt | None:
        # Those by rule come first.
        ruled = bool(decision.candidates) and decision.candidates[0].basis is Basis.RULE
        level = None if location is None else location.level
        return self._registered.doubt(reading, at, level, ruled=ruled)

    def _decide(self, at: AddressAt, location: Location | None) -> Decision:
        return decide_by_rules(self._replies.show.by_id, self._rules, at, self._places.of(location))


def _address_at(reading: Reading) -> AddressAt:
    """What rules are compared with. Names of the gazetteer are remembered, a 小字 that somebody typed is not."""
    known = reading.koaza_known and reading.koaza
    koaza = _known_koaza(reading.koaza) if known else koaza_key(reading.koaza) if reading.koaza else ""
    town = _known_town(reading.town or reading.place.name)
    house = None if house_has_letter(reading) else as_number(reading.house)
    return AddressAt(town, koaza, as_number(reading.block), house)


def _municipality(named: str | None) -> str | None:
    """The name of a municipality without its prefecture; None for a prefecture alone and for anything else."""
    name = clean(named or "").replace(" ", "")
    for prefecture in PREFECTURES:
        name = name.removeprefix(prefecture)
    return name if _IS_MUNICIPALITY.fullmatch(name) else None


_IS_MUNICIPALITY = re.compile("[^()「」『』〔〕【】,、。・:;/]+[市区町村]")


_known_town = lru_cache(maxsize=16384)(split_town)
_known_koaza = lru_cache(maxsize=16384)(koaza_key)
