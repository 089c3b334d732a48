"""Read an address against the gazetteer: one town, several, another city, or not understood. Never a guess."""

from __future__ import annotations

import re
from dataclasses import replace

from kyodo_geo.addresses.around import (
    behind_a_name,
    halves,
    split_front,
    split_phones,
    towns_written_together,
    with_parts,
)
from kyodo_geo.addresses.gazetteer import Gazetteer
from kyodo_geo.addresses.head import Head, HeadReader, read_postal_code
from kyodo_geo.addresses.many import Further, look_further
from kyodo_geo.addresses.normalise import MAX_LENGTH, Folded, clean, fold
from kyodo_geo.addresses.numerals import KANJI_NUMERALS
from kyodo_geo.addresses.parts import first_part
from kyodo_geo.addresses.plain import PlainReader
from kyodo_geo.addresses.postal import by_postal_code, check_postal_code, split_postal_code_at_end
from kyodo_geo.addresses.reading import Match, Part, Reading, Status, Use
from kyodo_geo.addresses.refusal import not_understood
from kyodo_geo.addresses.second_place import Elsewhere, is_address
from kyodo_geo.addresses.town_reader import TownReader, decide

_SHOWN = 30
_KANJI_CHAIN = re.compile(f"[-〜ノ][{''.join(sorted(KANJI_NUMERALS))}]+(?= )")


class AddressMatcher:
    """Matches addresses of one municipality. What it answers never changes; safe for several threads."""

    def __init__(
        self, gazetteer: Gazetteer, code: str, name: str, prefecture: str, neighbours: tuple[str, ...] = ()
    ) -> None:
        self.gazetteer = gazetteer
        self.municipality = name
        self.prefecture = prefecture
        self._heads = HeadReader(code, name, prefecture, neighbours)
        self._towns = TownReader(gazetteer)
        heads = ("", name, prefecture + name)
        self._plain = PlainReader(gazetteer, heads, self._match, self._starts)
        self._further = Further(self._match, self._readings_at, self._elsewhere_at, self._towns.inside)

    def match(self, text: str) -> Match:
        """Read one address, however it is written; never raises, whatever the text is."""
        known = self._plain.read(text)
        if known is not None:
            return known
        cleaned = clean(text)
        if cleaned != text and (known := self._plain.read(cleaned)) is not None:
            return known
        match = self._match_cleaned(cleaned)
        self._plain.learn(cleaned, match)
        return match

    def _match(self, text: str) -> Match:
        """The long way."""
        return self._match_cleaned(clean(text))

    def _match_cleaned(self, cleaned: str) -> Match:
        if (refused := refuse(cleaned)) is not None:
            return refused
        front, body, use = split_front(cleaned)
        body, last_phones = split_phones(body)
        body, at_end = split_postal_code_at_end(body)
        body, phones = split_phones(body)
        match = self._read(cleaned, body, at_end, second_look=True)
        if not (front or phones or last_phones):
            return match
        return with_parts(match, front, use, phones=phones or last_phones)

    def _read(self, cleaned: str, body: str, at_end: str = "", *, second_look: bool = False) -> Match:
        """The match of `body`, the text without what stands around it; `at_end`: a postal code behind it.

        `second_look`: a text that does not begin with a town may be several towns, or have an address behind a name.
        """
        # Spaces inside names mean nothing, but before a building they do: read without the former, then with all.
        whole = fold(body)
        closed = without_spaces_in_names(whole)
        for folded in (whole,) if closed is whole else (closed, whole):
            head = self._heads.read(folded)
            if head.contradiction:
                return self._contradiction(cleaned, head)
            if head.other is not None:
                return self._elsewhere(cleaned, self._heads.other_municipality(folded) or head.other)
            readings = self._towns.readings(folded, head.starts, head.postal_end)
            if readings:
                for reading in readings if head.notes else ():
                    reading.notes = (*head.notes, *reading.notes)
                match = check_postal_code(decide(cleaned, readings), head.postal_code, at_end, self.gazetteer)
                return look_further(match, self._further)
        other = None if head.city_given else self._heads.other_municipality(folded)
        if other is not None:
            return self._elsewhere(cleaned, other)
        match = self._not_understood(cleaned, folded, head)
        return self._second_look(match, body) if second_look else match

    def _second_look(self, match: Match, body: str) -> Match:
        """A text that is no address from its beginning: several towns written together, or one behind a name."""
        towns = towns_written_together(body)
        for texts in (towns, *halves(body)):
            found = [self._read(text, text) for text in texts]
            if found and all(one.status in (Status.FOUND, Status.MANY) for one in found):
                readings = tuple(reading for one in found for reading in one.readings)
                reason = f"住所が{len(readings)}件書かれています。"
                written = (Part(Use.NUMBERS, match.text),)
                return replace(match, status=Status.MANY, readings=readings, reason=reason, written=written,
                               suggestions=(), unknown="")  # fmt: skip
        behind = behind_a_name(body, self._begins_address)
        if behind is None:
            return match
        front, address = behind
        return with_parts(self._read(match.text, address), front, Use.UNUSED)

    def _begins_address(self, text: str) -> bool:
        return any(
            is_address(reading, listed=False, complete=False)
            and first_part(reading.parts, Use.NUMBERS) is not None
            for reading in self._readings_at(fold(text))
        )

    def _starts(self, folded: Folded) -> list[int]:
        return [start.at for start in self._heads.read(folded).starts]

    def _readings_at(self, folded: Folded) -> list[Reading]:
        head = self._heads.read(folded)
        return [] if head.other is not None else self._towns.readings(folded, head.starts, head.postal_end)

    def _elsewhere_at(self, folded: Folded) -> Elsewhere | None:
        other = self._heads.other_municipality(folded) or self._heads.read(folded).other
        return None if other is None else Elsewhere(other, self._heads.knows(other))

    def _elsewhere(self, cleaned: str, other: str) -> Match:
        return Match(Status.OUTSIDE, cleaned, other=other)

    def _contradiction(self, cleaned: str, head: Head) -> Match:
        city, prefecture = self.municipality, self.prefecture
        reason = f"「{head.other}」に{city}はありません。{city}は{prefecture}です。"
        return Match(
            Status.UNKNOWN, cleaned, contradiction=True, reason=reason, unknown=f"{head.other}{city}",
            postal_code=head.postal_code,
        )  # fmt: skip

    def _not_understood(self, cleaned: str, folded: Folded, head: Head) -> Match:
        begin = head.starts[0].at if head.starts else 0
        if head.postal_code is not None:
            known = by_postal_code(cleaned, head.postal_code, folded.shown(begin), self.gazetteer)
            if known is not None:
                return known
        match = not_understood(cleaned, folded, begin, self.gazetteer, self.municipality)
        return replace(match, postal_code=head.postal_code)


def refuse(cleaned: str) -> Match | None:
    """Answer to text that is too short or too long to be read, or None."""
    if not cleaned:
        return Match(Status.UNKNOWN, "", reason="住所が入力されていません。")
    if len(cleaned) > MAX_LENGTH:
        reason = f"住所は{MAX_LENGTH}字以内で入力してください。"
        return Match(Status.UNKNOWN, clean(cleaned[:_SHOWN]), reason=reason)
    return None


def without_spaces_in_names(folded: Folded) -> Folded:
    """Spaces between the postal code and the first Arabic digit after it dropped."""
    text = folded.text
    if " " not in text:
        return folded
    begin = read_postal_code(text)[1]
    first = next((i for i in range(begin, len(text)) if "0" <= text[i] <= "9"), len(text))
    chain = _KANJI_CHAIN.search(text, begin, first)
    if chain is not None:
        first = chain.end()  # 一-一二-三 城北ビル: the numbers end here, and a building begins
    spaces = [i for i in range(begin, first) if text[i] == " "]
    return folded.without(spaces) if spaces else folded
