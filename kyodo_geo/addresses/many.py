"""Texts that name more than one address: every one of them is read, or the text is not understood.

An answer for the first of two addresses would be a wrong answer to half of the question, so it is never given as if
the rest were a building.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from kyodo_geo.addresses.beside import MAX_ADDRESSES, chains_beside, most_exact, span
from kyodo_geo.addresses.further import Piece, Sort, read_further
from kyodo_geo.addresses.gazetteer import NAME
from kyodo_geo.addresses.normalise import WAVE, Folded, fold
from kyodo_geo.addresses.parts import first_part, rest_of, stretch_of_numbers
from kyodo_geo.addresses.reading import Match, Part, Reading, Status, Use
from kyodo_geo.addresses.second_place import Elsewhere, is_address, is_elsewhere
from kyodo_geo.addresses.tail import Number, read_tail

CLOSING = " 、,。)]}」』〕】>"
_PLAIN_SEPARATORS = " ,、。・:;/()-"
_ADDRESSES = frozenset({Sort.ITEM, Sort.RANGE, Sort.PLACE, Sort.UNREAD})
_USES = {Sort.ITEM: Use.NUMBERS, Sort.RANGE: Use.NUMBERS, Sort.BUILDING: Use.BUILDING}
_HARMLESS = re.compile("ノ?(?:一部|内|地内|宅地|土地|建物|デス|マデ|ヘ|様|御中|宛)")
_ONE_BY_ONE = "住所は1件ずつ入力してください。"


@dataclass(frozen=True, slots=True)
class Further:
    """What reads further addresses: the matcher itself, the readings of a text's beginning, without a refusal, the other
    municipality that the text begins with, and where within a stretch of a text a town with numbers begins."""

    match: Callable[[str], Match]
    readings: Callable[[Folded], list[Reading]]
    elsewhere: Callable[[Folded], Elsewhere | None]
    inside: Callable[[str, int, int], int | None]


def look_further(match: Match, reader: Further) -> Match:
    """The match, or what it is when the text says more than one address.

    MANY with a reading for each address; the same match with a note or a doubt; UNKNOWN when a part cannot be read or
    lies in another municipality.
    """
    if not match.readings or match.status is Status.UNKNOWN:
        return match
    reading = match.readings[0]
    numbers = first_part(reading.parts, Use.NUMBERS)
    rest = rest_of(reading.parts)
    if reading.koaza and not reading.koaza_known and _names_a_town(reading.koaza, reader):
        shown = reading.koaza
        reason = f"「{shown[:20]}」も書かれています。{_ONE_BY_ONE}"
        return Match(Status.UNKNOWN, match.text, reason=reason, unknown=shown, postal_code=match.postal_code)
    if rest is None and (numbers is None or WAVE not in numbers.text):
        return match
    return _Look(match, reader, reading, numbers, rest).result()


class _Look:
    def __init__(
        self, match: Match, reader: Further, reading: Reading, numbers: Part | None, rest: Part | None
    ) -> None:
        self._match, self._reader, self._reading = match, reader, reading
        self._numbered = reading.level in ("chome", "jiwari")
        self._rest = "" if rest is None else rest.text
        self._folded = fold(self._rest)
        self._begin, self._numbers_end = stretch_of_numbers(match.text, reading.parts)
        written = "" if numbers is None else numbers.text
        self._pieces_of_numbers = written.split(WAVE)
        first = self._pieces_of_numbers[0] if self._is_range() else written
        self._numbers = read_tail(fold(first).text, 0, name_before=False).numbers
        self._rest_part = rest
        town = first_part(reading.parts, Use.TOWN)
        self._town = match.text[: match.text.find(town.text) + len(town.text)] if town is not None else ""
        self._places: dict[str, Match] = {}

    def result(self) -> Match:
        pieces = self._pieces()
        sorts = {piece.sort for piece in pieces}
        if Sort.NOT_THAT in sorts:
            return self._unknown(
                self._rest, f"「{self._rest[:20]}」を読み取れません。調べる住所だけを入力してください。"
            )
        elsewhere = next((piece for piece in pieces if piece.sort is Sort.ELSEWHERE), None)
        if elsewhere is not None:
            shown = self._shown(elsewhere)
            return self._unknown(shown, f"別の市区町村の「{shown[:20]}」も書かれています。{_ONE_BY_ONE}")
        if self._is_range() or any(piece.sort in _ADDRESSES for piece in pieces):
            return self._several(pieces)
        return self._one(pieces)

    def _pieces(self) -> list[Piece]:
        if not self._rest:
            return []
        joint = self._match.text[self._numbers_end :]
        joint = joint[: joint.find(self._rest)] if self._rest in joint else " "
        complete = self._reading.house is not None
        return read_further(
            joint,
            self._folded.text,
            complete=complete,
            block=self._reading.block,
            place=self._place_at,
            town_inside=self._town_inside,
        )

    # -- one address after all

    def _one(self, pieces: Sequence[Piece]) -> Match:
        reading = self._reading
        left = [piece for piece in pieces if piece.sort in (Sort.EARLIER, Sort.LOOSE, Sort.BESIDE)]
        if left and reading.building is not None and reading.parts[-1].use is Use.BUILDING:
            reading.leave_building()
        if self._maybe_range():
            reading.doubt = "番号の範囲とも読めるため、この番地とは限りません。"
        elif any(piece.sort is Sort.BESIDE for piece in left):
            reading.doubt = f"「{self._rest[:20]}」と書かれているため、この番地だけとは限りません。"
        elif reading.unused is not None and self._doubtful(known=bool(left)):
            reading.doubt = f"「{self._rest[:20]}」を読み取れないため、この番地とは限りません。"
        return self._match

    def _doubtful(self, *, known: bool) -> bool:
        """Whether text that was not used may change the address: it touches the numbers, or has numbers itself.

        `known`: it was recognised as an earlier name or as numbers that stand alone.
        """
        rest = self._folded.text
        if not rest or _HARMLESS.match(rest) is not None:
            return False
        touching = self._match.text[self._numbers_end : self._numbers_end + 1] == self._rest[:1]
        return (touching and rest[0] not in "([") or (not known and any(char.isdecimal() for char in rest))

    # -- more than one

    def _several(self, pieces: Sequence[Piece]) -> Match:
        if self._match.status is not Status.FOUND:
            return self._unknown(self._rest, f"「{self._rest[:20]}」も書かれています。{_ONE_BY_ONE}")
        found = self._further([piece for piece in pieces if piece.sort in _ADDRESSES])
        outside = next((one for one in found or () if one.status is Status.OUTSIDE), None)
        if outside is not None:
            return self._unknown(
                outside.text, f"別の市区町村の「{outside.text[:20]}」も書かれています。{_ONE_BY_ONE}"
            )
        if found is None or any(one.status not in (Status.FOUND, Status.MANY) for one in found):
            shown = self._rest or self._pieces_of_numbers[-1]
            return self._unknown(shown, f"「{shown[:20]}」も書かれています。{_ONE_BY_ONE}")
        if sum(len(one.readings) for one in found) >= MAX_ADDRESSES:
            shown = self._rest or self._pieces_of_numbers[-1]
            return self._unknown(shown, f"一度に調べられる住所は{MAX_ADDRESSES}件までです。{_ONE_BY_ONE}")
        first = self._first()
        kept = most_exact([first, *(reading for one in found for reading in one.readings)])
        if kept == [first]:
            return self._match  # rooms: 5-12-3〜15
        left = [self._shown(piece) for piece in pieces if piece.sort in (Sort.EARLIER, Sort.LOOSE)]
        parts = self._reading.parts
        at_end = len(parts) if self._rest_part is None else parts.index(self._rest_part)
        written = (*parts[:at_end], *self._written(pieces), *parts[at_end + 1 :])
        if len(kept) == 1:
            (reading,) = kept
            for text in left:
                reading.leave(text)
            reading.parts = written
            return replace(self._match, readings=(reading,))
        unused = "".join(f"「{text[:20]}」は使っていません。" for text in left)
        reason = f"住所が{len(kept)}件書かれています。{unused}"
        return replace(self._match, status=Status.MANY, readings=tuple(kept), reason=reason, written=written)

    def _written(self, pieces: Sequence[Piece]) -> Iterator[Part]:
        """What each stretch of the rest was taken for."""
        at = 0
        for piece in pieces:
            if joint := self._folded.shown(at, piece.begin).strip(_PLAIN_SEPARATORS):
                yield Part(Use.JOINT, joint)
            at = piece.end
            shown = self._shown(piece)
            if piece.sort is Sort.PLACE:
                address = shown.rstrip(CLOSING)
                yield from self._further_match(address).parts
                at -= len(shown) - len(address)
            else:
                yield Part(_USES.get(piece.sort, Use.UNUSED), shown)
        if joint := self._folded.shown(at).strip(_PLAIN_SEPARATORS):
            yield Part(Use.JOINT, joint)

    def _first(self) -> Reading:
        """The first address without what follows it."""
        end = self._numbers_end
        text = self._with(self._numbers) if self._is_range() else self._match.text[:end]
        (reading, *_) = self._reader.match(text).readings or (self._reading,)
        return reading

    def _further(self, further: Sequence[Piece]) -> list[Match] | None:
        """What the further addresses are; None when one of them does not fit the first."""
        found: list[Match] = []
        before = self._numbers
        if self._is_range():
            last = read_tail(fold(self._pieces_of_numbers[1]).text, 0).numbers
            further = (Piece(Sort.RANGE, 0, 0, last), *further)
        for piece in further:
            if piece.sort is Sort.PLACE:
                found.append(self._further_match(self._shown(piece).rstrip(CLOSING)))
                continue
            chains = chains_beside(before, piece.numbers, numbered=self._numbered, lot=self._reading.lot)
            if piece.sort is Sort.RANGE:
                chains = next((stretch for end in chains if (stretch := span(before, end))), [])
            # Of the ways to complete a chain those count that make an address.
            read = [
                (chain, match)
                for chain in chains
                if (match := self._reader.match(self._with(chain))).readings
            ]
            if not read:
                return None
            before = read[-1][0]
            found += [match for _, match in read]
        return found

    def _is_range(self) -> bool:
        """Whether 〜 among the numbers reaches from one to another; 本宮1〜19 and 3〜12〜1 are hyphens."""
        pieces = self._pieces_of_numbers
        if len(pieces) != 2:
            return False
        first, last = (read_tail(fold(piece).text, 0, name_before=False).numbers for piece in pieces)
        if not first or not last:
            return False
        bare = all(piece.strip().isdecimal() for piece in pieces)
        if self._numbered and (bare or (len(first) == 1 and first[0].unit is None)):
            return False
        united = any(number.unit for number in (*first[self._numbered :], *last))
        return united or last[0].value > first[max(0, len(first) - len(last))].value

    def _maybe_range(self) -> bool:
        """上田1〜12番 may be 一丁目12番, or 1番 to 12番 of a 丁目 that is not written."""
        pieces = self._pieces_of_numbers
        return (
            len(pieces) == 2
            and self._numbered
            and pieces[0].strip().isdecimal()
            and not pieces[1].strip().isdecimal()
        )

    def _with(self, numbers: Sequence[Number]) -> str:
        """The first address with other numbers."""
        chain = "".join(f"{number}{number.unit or '-'}" for number in numbers).rstrip("-")
        return f"{self._match.text[: self._begin]}{chain}"

    # -- places

    def _place_at(self, at: int, listed: bool) -> Sort | None:
        """Whether an address or another municipality begins at a place of the rest."""
        text = self._folded.shown(at).rstrip(CLOSING)
        if len(text) < 2:
            return None
        folded = fold(text)
        complete = self._reading.house is not None
        if any(is_address(item, listed=listed, complete=complete) for item in self._reader.readings(folded)):
            return Sort.PLACE
        if self._is_koaza(text, listed=listed):
            return Sort.PLACE
        other = self._reader.elsewhere(folded)
        return Sort.ELSEWHERE if other is not None and is_elsewhere(text, other) else None

    def _is_koaza(self, text: str, *, listed: bool) -> bool:
        """Whether the text is another 小字 of the first address's 大字, with its number: 、字野中10."""
        if not text.startswith("字") and not (listed and self._reading.koaza):
            return False
        whole = f"{self._town}{text}"
        found = any(
            item.koaza is not None and (item.koaza_known or text.startswith("字")) and item.block is not None
            for item in self._reader.readings(fold(whole))
        )
        if found:
            self._places[text] = self._reader.match(whole)
        return found

    def _town_inside(self, begin: int, end: int) -> int | None:
        """Where, within a word of the rest, a town with an address's numbers begins (駐車場は上田3-10-1)."""
        return self._reader.inside(self._folded.text, begin, end)

    def _further_match(self, text: str) -> Match:
        known = self._places.get(text)
        if known is None:
            known = self._places[text] = self._reader.match(text)
        return known

    def _shown(self, piece: Piece) -> str:
        return self._folded.shown(piece.begin, piece.end)

    def _unknown(self, unknown: str, reason: str) -> Match:
        return Match(
            Status.UNKNOWN,
            self._match.text,
            reason=reason,
            unknown=unknown,
            postal_code=self._match.postal_code,
        )


def _names_a_town(text: str, reader: Further) -> bool:
    """Whether an unknown 小字 is the name of a town (上田・内丸): two places, not one within the other."""
    return any(
        item.tier == NAME and item.parts[-1].use is not Use.UNUSED for item in reader.readings(fold(text))
    )
