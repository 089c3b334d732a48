"""Read an address of any municipality of the country: first which municipality, then its towns as everywhere else.

A municipality's gazetteer is built when the first address names it and kept. Municipalities of one name in several
prefectures, left-out prefectures, 郡, 市 or wards are decided by the towns that exist; what stays open is `several`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby

from kyodo_geo.addresses.claims import Claim, ClaimReader, after_country, read_prefecture
from kyodo_geo.addresses.gazetteer import LOOSE, Gazetteer
from kyodo_geo.addresses.head import SKIPPED, FormerReader, Start, read_postal_code
from kyodo_geo.addresses.lenient import oaza_only
from kyodo_geo.addresses.many import Further, look_further
from kyodo_geo.addresses.match import refuse, without_spaces_in_names
from kyodo_geo.addresses.municipalities import Municipality, MunicipalityIndex, Spelt
from kyodo_geo.addresses.normalise import Folded, clean, fold
from kyodo_geo.addresses.postal import check_postal_code, split_postal_code_at_end
from kyodo_geo.addresses.reading import Fit, Match, Reading, Status
from kyodo_geo.addresses.refusal import not_understood
from kyodo_geo.addresses.second_place import Elsewhere
from kyodo_geo.addresses.streets import after_streets
from kyodo_geo.addresses.tail import skip
from kyodo_geo.addresses.town_reader import TownReader, decide, rank
from kyodo_geo.lookup_types import Town

_CODES = {Municipality("岩手県", "盛岡市"): "03201"}
"""Codes of the municipalities whose former municipalities are known (`places.FORMER`)."""
_FORMER = {municipality: FormerReader(code) for municipality, code in _CODES.items()}
_NONE_FORMER = FormerReader("")
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
        if self.match.status not in (Status.FOUND, Status.MANY):
            return None
        reading, *others = self.match.readings
        if any(other.town != reading.town for other in others):
            return None
        joined = reading.koaza if reading.koaza_known and not reading.literal else None
        return f"{reading.town}{joined or ''}"


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
        self._heads = ClaimReader(MunicipalityIndex(self.municipalities))
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
            claims = self._heads.claims(folded, postal_end)
            for _, group in groupby(claims, key=lambda claim: claim.spelt):
                found = self._towns(cleaned, folded, list(group), postal_end, (code, at_end))
                if found is not None and found.match.status is not Status.UNKNOWN:
                    return self._looked_further(found)
                if found is not None:
                    missing = missing or found
                    break  # a 丁目 that does not exist is no reason to look in other municipalities
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

    # -- more than one address

    def _looked_further(self, found: NationalMatch) -> NationalMatch:
        """What was found, or what it is when the text says more than one address."""
        municipality = found.municipality
        if municipality is None:
            return found

        def match(text: str) -> Match:
            other = self.match(text)
            if other.municipality is None or other.match.status is Status.UNKNOWN:
                other = self.match(municipality.full_name + text)
            if other.municipality in (None, municipality):
                return other.match
            return Match(Status.OUTSIDE, other.match.text, other=other.municipality.full_name)

        def readings(folded: Folded) -> list[Reading]:
            here = [
                skip(folded.text, claim.named.end, SKIPPED)
                for claim in self._heads.claims(folded, 0)
                if claim.named.municipality == municipality
            ]
            return self.reader(municipality).readings(folded, map(Start, (0, *here)))

        def elsewhere(folded: Folded) -> Elsewhere | None:
            named = [c.named for c in self._heads.claims(folded, 0) if c.spelt is Spelt.WHOLE]
            return Elsewhere(folded.shown(0, named[0].end), known=True) if named else None

        return NationalMatch(
            municipality,
            look_further(found.match, Further(match, readings, elsewhere, self.reader(municipality).inside)),
            found.candidates,
        )

    # -- which town

    def _towns(
        self,
        cleaned: str,
        folded: Folded,
        claims: list[Claim],
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

    def _readings(self, folded: Folded, claim: Claim, postal_end: int) -> list[Reading]:
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

    def _oaza_only(self, cleaned: str, folded: Folded, claims: list[Claim]) -> NationalMatch | None:
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

    def _not_understood(self, cleaned: str, folded: Folded, claims: list[Claim]) -> NationalMatch:
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
        prefecture, at = read_prefecture(
            folded.text, after_country(folded.text, read_postal_code(folded.text)[1])
        )
        rest = folded.shown(at)
        elsewhere = [named for named in self._heads.index.at(folded.text, at) if named.spelt is Spelt.WHOLE]
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
