"""Which municipalities a text may begin with, and how surely."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from kyodo_geo.addresses.head import COUNTRY, PREFECTURE_NAMES, SKIPPED, until
from kyodo_geo.addresses.municipalities import MunicipalityIndex, Named, Spelt
from kyodo_geo.addresses.normalise import Folded
from kyodo_geo.addresses.tail import skip

_PREFECTURE = re.compile("|".join(map(re.escape, PREFECTURE_NAMES)))
# 岩手花巻市: the prefecture without 県 or 府 counts only before a municipality's whole name. 北海 is none.
_BARE = {key[:-1]: name for key, name in PREFECTURE_NAMES.items() if name != "北海道"}
_BARE_PREFECTURE = re.compile("|".join(map(re.escape, _BARE)))
_WARD = re.compile("[^ 0-9市]{1,4}区")
_LONGEST_COUNTY = 6


@dataclass(frozen=True, slots=True)
class Claim:
    """A municipality that the text may begin with; `notes` on what of its name was not used."""

    named: Named
    spelt: Spelt
    notes: tuple[str, ...] = ()


class ClaimReader:
    """Reads the beginnings of addresses by an index of municipalities."""

    def __init__(self, index: MunicipalityIndex) -> None:
        self.index = index

    def claims(self, folded: Folded, postal_end: int) -> list[Claim]:
        """Municipalities the text may begin with, surest first."""
        text = folded.text
        begin = after_country(text, postal_end)
        prefecture, at = read_prefecture(text, begin)
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

    def _named_at(self, folded: Folded, at: int, prefecture: str | None) -> Iterator[Claim]:
        here = list(self.index.at(folded.text, at, prefecture))
        whole = any(named.spelt is Spelt.WHOLE for named in here)
        for named in here:
            yield Claim(named, named.spelt, _renamed(named, folded, at))
            ward = None if whole else _WARD.match(folded.text, named.end)
            if named.spelt is Spelt.PART and ward is not None:
                # 浜松市中央区, where the gazetteer still has the wards of before; or the reverse.
                note = f"「{folded.shown(named.end, ward.end())}」は使っていません。"
                yield Claim(replace(named, end=ward.end()), Spelt.SHORT, (note,))
        county = until(folded.text, at, "郡", _LONGEST_COUNTY)
        if county is None:
            return
        for named in self.index.at(folded.text, county, prefecture):
            # Its own 郡 is part of the whole name; another one, or one that a 市 does not have, is reported.
            if named.spelt is Spelt.WHOLE and folded.text[at:county] != named.county:
                note = f"「{folded.shown(at, county)}」は使っていません。"
                yield Claim(named, Spelt.PART, (note,))
            elif notes := _renamed(named, folded, at):
                yield Claim(named, Spelt.SHORT, notes)


def _renamed(named: Named, folded: Folded, at: int) -> tuple[str, ...]:
    """Note on a 町 or 村 (滝沢村) that is a 市 or 町 today, or nothing."""
    if named.spelt is not Spelt.SHORT or folded.text[named.end - 1] not in "町村":
        return ()
    return (f"「{folded.shown(at, named.end)}」は今の{named.municipality.name}として読みました。",)


def after_country(text: str, at: int) -> int:
    found = COUNTRY.match(text, at)
    return at if found is None else found.end()


def read_prefecture(text: str, at: int) -> tuple[str | None, int]:
    """The prefecture, however often it is repeated, and the place after it."""
    given = None
    while found := _PREFECTURE.match(text, at):
        name = PREFECTURE_NAMES[found.group()]
        if given is not None and name != given:
            break
        given, at = name, skip(text, found.end(), SKIPPED)
    return given, at
