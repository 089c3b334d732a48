"""What people write around an address: telephone numbers, an earlier address, a name in front; and lists of towns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from kyodo_geo.addresses.numerals import KANJI_NUMERALS, read_number
from kyodo_geo.addresses.reading import Match, Part, Status, Use

_PHONE = r"(?:TEL|FAX|電話|携帯|☎|℡)?[ :.]*(?<![0-9-])0[0-9]{1,4}-[0-9]{1,4}-[0-9]{3,4}(?![0-9-])"
_PHONES_AT_END = re.compile(
    rf"[ ,、。/(;:]{{1,3}}(?:{_PHONE})[ )]{{0,3}}$|(?:TEL|FAX|電話)[ :.]*0[0-9-]{{8,12}}\)?$", re.IGNORECASE
)
_PHONE_IN_FRONT = re.compile(rf"^{_PHONE}[ ,、/;:)]+", re.IGNORECASE)
_EARLIER_IN_FRONT = re.compile(
    "^(?:旧住所|前住所|旧所在地)[ :]*(.+?)[ 、,/;]*(?:新住所|現住所|移転先|新所在地)[ :]*"
)
_BREAKS = re.compile(r"[ ,、。/;:()「」『』【】\[\]〔〕]+")
_PLACE_ENDS = "市区町村郡県府道都"
_MAX_BREAKS = 12
_MAX_TOWNS = 30
_NUMBER = f"[0-9{''.join(sorted(KANJI_NUMERALS))}]+"
_TOWNS = re.compile(
    rf"(?P<head>.*?[^0-9{''.join(sorted(KANJI_NUMERALS))}第])第?(?P<first>{_NUMBER})(?:丁目|地割)?"
    rf" ?(?P<joint>〜|から|・|、|,|と|及び) ?第?(?P<last>{_NUMBER})(?P<unit>丁目|地割)(?P<rest>.*)"
)
_AND = re.compile("及び|および|または|又は|と|、|・|,|/|&")


def split_phones(text: str) -> tuple[str, str]:
    """The text before telephone numbers that stand at its end, and those."""
    body = text
    while (found := _PHONES_AT_END.search(body)) is not None and found.start() > 0:
        body = body[: found.start()]
    return body, text[len(body) :]


def split_front(text: str) -> tuple[str, str, Use]:
    """A telephone number or an earlier address in front, the rest, and what the front is; an empty front if none."""
    if (found := _PHONE_IN_FRONT.match(text)) is not None:
        return text[: found.end()], text[found.end() :], Use.PHONE
    if (found := _EARLIER_IN_FRONT.match(text)) is not None:
        return text[: found.end()], text[found.end() :], Use.UNUSED
    return "", text, Use.UNUSED


def with_parts(match: Match, front: str, use: Use, *, phones: str = "") -> Match:
    """The match with what stood in front of the address and the telephone numbers behind it, a front not used noted."""
    shown = front.strip(" ,、。/;:()「」【】")
    before = (Part(use, shown),) if shown else ()
    behind = (Part(Use.PHONE, phones.strip(" ,、。/(;:")),) if phones else ()
    note = f"「{shown[:20]}」は使っていません。" if shown and use is Use.UNUSED else ""
    for reading in match.readings:
        reading.parts = (*before, *reading.parts, *behind)
        if note and match.status is Status.FOUND:
            reading.notes = (note, *reading.notes)
            reading.unused = f"{shown} {reading.unused or ''}".strip()
    written = (*before, *match.written, *behind) if match.written else ()
    reason = match.reason if match.status is Status.FOUND else f"{note}{match.reason}"
    return replace(match, written=written, reason=reason)


def behind_a_name(text: str, is_address: Callable[[str], bool]) -> tuple[str, str] | None:
    """(front, address) where an address begins behind a name, a label or in brackets; None when none does.

    What ends in 市, 町 or 県 is no name in front but a place that is not known.
    """
    for turn, found in enumerate(_BREAKS.finditer(text)):
        if turn >= _MAX_BREAKS:
            return None
        front, address = text[: found.start()], text[found.end() :]
        if not front or front[-1] in _PLACE_ENDS:
            continue
        address = address.rstrip(" )）」』】]〕")
        if address and is_address(address):
            return front, address
    return None


def towns_written_together(text: str) -> list[str]:
    """大通1〜3丁目 and 下飯岡第8・9地割 as one text for each town; empty when it is no such list."""
    found = _TOWNS.fullmatch(text)
    if found is None:
        return []
    first, last = read_number(found["first"], 0), read_number(found["last"], 0)
    if first is None or last is None:
        return []
    numbers = [first[0], last[0]]
    if found["joint"] in ("〜", "から"):
        if not 0 < last[0] - first[0] < _MAX_TOWNS:
            return []
        numbers = list(range(first[0], last[0] + 1))
    return [f"{found['head']}{number}{found['unit']}{found['rest']}" for number in numbers]


def halves(text: str) -> Iterator[tuple[str, str]]:
    """What stands before and behind each of the first words that may join two addresses."""
    for turn, found in enumerate(_AND.finditer(text, 1)):
        if turn >= 3 or found.end() >= len(text):
            return
        yield text[: found.start()], text[found.end() :]
