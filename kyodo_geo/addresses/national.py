"""Read an address of any municipality of the country: first which municipality, then its towns as everywhere else.

A municipality's gazetteer is built when the first address names it and kept. Municipalities of one name in several
prefectures, left-out prefectures, 郡, 市 or wards are decided by the towns that exist; what stays open is `several`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from kyodo_geo.addresses.gazetteer import LOOSE, Gazetteer
from kyodo_geo.addresses.head import (
    COUNTRY,
    PREFECTURE_NAMES,
    SKIPPED,
    FormerReader,
    Start,
    read_postal_code,
    until,
)
from kyodo_geo.addresses.lenient import oaza_only
from kyodo_geo.addresses.match import refuse, without_spaces_in_names
from kyodo_geo.addresses.municipalities import Municipality, MunicipalityIndex, Named, Spelt
from kyodo_geo.addresses.normalise import Folded, clean, fold
from kyodo_geo.addresses.postal import check_postal_code, split_postal_code_at_end
from kyodo_geo.addresses.reading import Fit, Match, Reading, Status
from kyodo_geo.addresses.refusal import not_understood
from kyodo_geo.addresses.streets import after_streets
from kyodo_geo.addresses.tail import skip
from kyodo_geo.addresses.town_reader import TownReader, decide, rank
from kyodo_geo.lookup_types import Town

_CODES = {Municipality("岩手県", "盛岡市"): "03201"}
"""Codes of the municipalities whose former municipalities are known (`places.FORMER`)."""
_FORMER = {municipality: FormerReader(code) for municipality, code in _CODES.items()}
_NONE_FORMER = FormerReader("")
_PREFECTURE = re.compile("|".join(map(re.escape, PREFECTURE_NAMES)))
# 岩手花巻市: the prefecture without 県 or 府 counts only before a municipality's whole name. 北海 is none.
_BARE = {key[:-1]: name for key, name in PREFECTURE_NAMES.items() if name != "北海道"}
_BARE_PREFECTURE = re.compile("|".join(map(re.escape, _BARE)))
_WARD = re.compile("[^ 0-9市]{1,4}区")
_LONGEST_COUNTY = 6
_SHOWN = 30


@dataclass(frozen=True, slots=True)
class NationalMatch:
    """The municipality (None when it is not known or several may be meant) and what its towns gave.

    `candidates`: every municipality that may be meant with its own match, when `match.status` is SEVERAL.
    """

    municipality: Municipality | None
    match: Match
    candidates: tuple[tuple[Municipality, Match], ...] = ()

    @property
    def town(self) -> str | None:
        """The town found; with its 小字 where the two are written as one name, without 字 (下海印寺方丸)."""
        if self.match.status is not Status.FOUND:
            return None
        (reading,) = self.match.readings
        joined = reading.koaza if reading.koaza_known and not reading.literal else None
        return f"{reading.town}{joined or ''}"


@dataclass(frozen=True, slots=True)
class _Claim:
    """A municipality that the text may begin with; `notes` on what of its name was not used."""

    named: Named
    spelt: Spelt
    notes: tuple[str, ...] = ()


class NationalMatcher:
    """Matches addresses of the given municipalities; `load` gives the towns of one of them when it is first needed.

    Safe for several threads: two that meet the same municipality at once both build it, and one result is kept.
    """

    def __init__(
        self,
        municipalities: Iterable[Municipality],
        load: Callable[[Municipality], Iterable[Town]],
    ) -> None:
        self.municipalities = tuple(municipalities)
        self._index = MunicipalityIndex(self.municipalities)
        self._load = load
        self._readers: dict[Municipality, TownReader] = {}

    def match(self, text: str) -> NationalMatch:
        """Read one address, however it is written; never raises because of the text."""
        cleaned = clean(text)
        if (refused := refuse(cleaned)) is not None:
            return NationalMatch(None, refused)
        body, at_end = split_postal_code_at_end(cleaned)
        whole = fold(body)
        missing = None
        closed = without_spaces_in_names(whole)
        for folded in (whole,) if closed is whole else (closed, whole):
            code, postal_end = read_postal_code(folded.text)
            claims = self._claims(folded, postal_end)
            for _, group in groupby(claims, key=lambda claim: claim.spelt):
                found = self._towns(cleaned, folded, list(group), postal_end, (code, at_end))
                if found is not None and found.match.status is not Status.UNKNOWN:
                    return found
                missing = missing or found
        return (
            self._oaza_only(cleaned, folded, claims)
            or missing
            or self._not_understood(cleaned, folded, claims)
        )

    def reader(self, municipality: Municipality) -> TownReader:
        """Reader of the municipality's towns, built on first use."""
        known = self._readers.get(municipality)
        if known is None:
            gazetteer = Gazetteer(self._load(municipality), _CODES.get(municipality, ""))
            known = self._readers.setdefault(municipality, TownReader(gazetteer))
        return known

    # -- which municipality

    def _claims(self, folded: Folded, postal_end: int) -> list[_Claim]:
        """Municipalities the text may begin with, surest first."""
        text = folded.text
        begin = _after_country(text, postal_end)
        prefecture, at = _prefecture(text, begin)
        claims = list(self._named_at(folded, at, prefecture))
        if prefecture is None and (bare := _BARE_PREFECTURE.match(text, at)):
            after = skip(text, bare.end(), SKIPPED)
            claims += [
                claim
                for claim in self._named_at(folded, after, _BARE[bare.group()])
                if claim.spelt < Spelt.SHORT
            ]
        claims.sort(key=lambda claim: claim.spelt)
        return claims

    def _named_at(self, folded: Folded, at: int, prefecture: str | None) -> Iterator[_Claim]:
        for named in self._index.at(folded.text, at, prefecture):
            yield _Claim(named, named.spelt, _renamed(named, folded, at))
            if named.spelt is Spelt.PART and (ward := _WARD.match(folded.text, named.end)) is not None:
                # 浜松市中央区, where the gazetteer still has the wards of before; or the reverse.
                note = f"「{folded.shown(named.end, ward.end())}」は使っていません。"
                yield _Claim(replace(named, end=ward.end()), Spelt.SHORT, (note,))
        county = until(folded.text, at, "郡", _LONGEST_COUNTY)
        if county is None:
            return
        for named in self._index.at(folded.text, county, prefecture):
            # Its own 郡 is part of the whole name; another one, or one that a 市 does not have, is reported.
            if named.spelt is Spelt.WHOLE and folded.text[at:county] != named.county:
                note = f"「{folded.shown(at, county)}」は使っていません。"
                yield _Claim(named, Spelt.PART, (note,))
            elif notes := _renamed(named, folded, at):
                yield _Claim(named, Spelt.SHORT, notes)

    # -- which town

    def _towns(
        self,
        cleaned: str,
        folded: Folded,
        claims: list[_Claim],
        postal_end: int,
        codes: tuple[str | None, str],
    ) -> NationalMatch | None:
        """The best reading over all claimed municipalities, or None when no town of theirs explains the text."""
        found: list[tuple[tuple[int, ...], Municipality, Match]] = []
        seen = set()
        for claim in claims:
            municipality = claim.named.municipality
            if municipality in seen:
                continue
            readings = self._readings(folded, claim, postal_end)
            if not readings:
                continue
            seen.add(municipality)
            for reading in readings if claim.notes else ():
                reading.notes = (*claim.notes, *reading.notes)
            match = check_postal_code(decide(cleaned, readings), *codes, self.reader(municipality).gazetteer)
            found.append((min(map(rank, readings)), municipality, match))
        if not found:
            return None
        best = min(order for order, *_ in found)
        kept = tuple((municipality, match) for order, municipality, match in found if order == best)
        if len(kept) == 1:
            return NationalMatch(*kept[0])
        names = "、".join(municipality.full_name for municipality, _ in kept)
        reason = f"同じ名前の町・字が複数の市区町村にあります（{names}）。"
        readings = [reading for _, match in kept for reading in match.readings]
        status = Status.SEVERAL if readings else Status.UNKNOWN
        return NationalMatch(None, Match(status, cleaned, tuple(readings), reason=reason), kept)

    def _readings(self, folded: Folded, claim: _Claim, postal_end: int) -> list[Reading]:
        reader = self.reader(claim.named.municipality)
        at = skip(folded.text, claim.named.end, SKIPPED)
        starts = [Start(at), *_FORMER.get(claim.named.municipality, _NONE_FORMER).starts(folded.text, at)]
        readings = reader.readings(folded, starts, postal_end)
        if not readings and claim.named.municipality.name.startswith("京都市"):
            readings = after_streets(reader, folded, at, postal_end)
        if claim.spelt is Spelt.SHORT:
            # A name without 市 or 町 is only believed when a town follows exactly.
            readings = [item for item in readings if item.tier < LOOSE and item.fit is Fit.FULL]
        return readings

    def _oaza_only(self, cleaned: str, folded: Folded, claims: list[_Claim]) -> NationalMatch | None:
        """The 大字 of the one municipality that is named for certain; streets of 京都 would look like 小字."""
        sure = {claim.named.municipality: claim.named.end for claim in claims if claim.spelt is Spelt.WHOLE}
        if len(sure) != 1:
            return None
        ((municipality, end),) = sure.items()
        if municipality.name.startswith("京都市"):
            return None
        postal_end = read_postal_code(folded.text)[1]
        at = skip(folded.text, end, SKIPPED)
        readings = oaza_only(self.reader(municipality), folded, at, postal_end)
        return NationalMatch(municipality, decide(cleaned, readings)) if readings else None

    def _not_understood(self, cleaned: str, folded: Folded, claims: list[_Claim]) -> NationalMatch:
        sure = [claim.named for claim in claims if claim.spelt is Spelt.WHOLE]
        if sure:
            named = sure[0]
            municipality = named.municipality
            towns = self.reader(municipality).gazetteer
            at = skip(folded.text, named.end, SKIPPED)
            match = not_understood(cleaned, folded, at, towns, municipality.name)
            only = len({item.municipality for item in sure}) == 1
            return NationalMatch(municipality if only else None, match)
        return NationalMatch(None, self._no_municipality(cleaned, folded))

    def _no_municipality(self, cleaned: str, folded: Folded) -> Match:
        prefecture, at = _prefecture(
            folded.text, _after_country(folded.text, read_postal_code(folded.text)[1])
        )
        rest = folded.shown(at)
        elsewhere = [named for named in self._index.at(folded.text, at) if named.spelt is Spelt.WHOLE]
        if prefecture is not None and elsewhere:
            name = elsewhere[0].municipality.name
            theirs = "・".join(
                dict.fromkeys(
                    named.municipality.prefecture for named in elsewhere if named.end == elsewhere[0].end
                )
            )
            reason = f"{prefecture}に{name}はありません。{name}は{theirs}です。"
            return Match(
                Status.UNKNOWN, cleaned, contradiction=True, reason=reason, unknown=cleaned,
            )  # fmt: skip
        reason = f"「{rest[:_SHOWN]}」から市区町村を読み取れません。市区町村名から入力してください。"
        if not rest:
            reason = "市区町村より先が入力されていません。"
        return Match(Status.UNKNOWN, cleaned, reason=reason, unknown=rest)


def _renamed(named: Named, folded: Folded, at: int) -> tuple[str, ...]:
    """Note on a 町 or 村 (滝沢村) that is a 市 or 町 today, or nothing."""
    if named.spelt is not Spelt.SHORT or folded.text[named.end - 1] not in "町村":
        return ()
    return (f"「{folded.shown(at, named.end)}」は今の{named.municipality.name}として読みました。",)


def _after_country(text: str, at: int) -> int:
    found = COUNTRY.match(text, at)
    return at if found is None else found.end()


def _prefecture(text: str, at: int) -> tuple[str | None, int]:
    """The prefecture, however often it is repeated, and the place after it."""
    given = None
    while found := _PREFECTURE.match(text, at):
        name = PREFECTURE_NAMES[found.group()]
        if given is not None and name != given:
            break
        given, at = name, skip(text, found.end(), SKIPPED)
    return given, at
