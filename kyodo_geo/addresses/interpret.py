"""Explain the text after a place's name: 小字, 丁目, 地割, 番, 号 — or refuse.

The decision table behind it: a number chain after a place with 丁目 begins with the 丁目; after a place with 地割 a chain
of two or more begins with the 地割; elsewhere it is 番 and 号, or a lot. What is neither used nor a building makes the
reading impossible, because a name that goes on is another name.
"""

from __future__ import annotations

from collections.abc import Sequence

from kyodo_geo.addresses.gazetteer import Place
from kyodo_geo.addresses.normalise import Folded
from kyodo_geo.addresses.parts import after_name
from kyodo_geo.addresses.ranges import existing
from kyodo_geo.addresses.reading import Fit, Reading
from kyodo_geo.addresses.tail import (
    BAN,
    BANCHI,
    CHOME,
    GO,
    JIWARI,
    Number,
    Tail,
    looks_like_building,
    read_tail,
    skip,
)
from kyodo_geo.addresses.towns import official

_LONGEST_KOAZA = 12
_DIRECTIONS = ("東", "西", "南", "北")
_NO_CHOME = "丁目が書かれていません。"


def interpret(
    place: Place, tier: int, folded: Folded, at: int, *, koaza: str | None = None, as_oaza: bool = False
) -> Reading | None:
    """Reading of `folded` from `at` on, which follows the place's name; None when the place does not explain it.

    `koaza`: the spelling that led here already named this 小字 of the place. `as_oaza`: 大字 or 字 stood before the name.
    """
    text = folded.text
    begin = skip(text, at, " ・、,")
    written = "・" in text[at:begin]
    while text.startswith(("字", "大字", "小字"), begin):
        begin = skip(text, begin + (1 if text[begin] == "字" else 2), " ")
        written = True
    if koaza is not None:
        return _with_koaza(place, tier, folded, at, begin, koaza, known=koaza in place.koaza)
    tail = read_tail(text, begin)
    # After 字 a 小字 wins over a number: 字三ノ坪, 字乙.
    if (written or not tail.numbers) and (found := _known_koaza(place, text, begin)) is not None:
        key, end = found
        reading = _with_koaza(place, tier, folded, at, end, key, known=True)
        if reading is not None:
            reading.literal = written
            return reading
    if tail.numbers:
        return _ended(_numbered(place, tier, tail.numbers, as_oaza=as_oaza), folded, at, tail)
    if written:
        return unknown_koaza(place, tier, folded, at, begin)
    if place.key[-1] in "号線条" and text[begin : begin + 1] in _DIRECTIONS:
        return _on_a_grid(place, tier, folded, at, begin)
    # No name of a town goes on with a parenthesis or a Latin letter.
    apart = begin > at or text[begin : begin + 1] == "(" or "A" <= text[begin : begin + 1] <= "Z"
    return _bare(place, tier, folded, at, tail, apart=apart)


def _on_a_grid(place: Place, tier: int, folded: Folded, at: int, begin: int) -> Reading | None:
    """十四号北1番地: in settlements laid out by lines, a direction belongs to the number."""
    tail = read_tail(folded.text, begin + 1)
    if not tail.numbers or place.chome or tail.numbers[0].unit in (CHOME, JIWARI):
        return None
    reading = _plain(place, tier, tail.numbers)
    reading.block = folded.text[begin] + (reading.block or "")
    return _ended(reading, folded, at, tail)


def _bare(place: Place, tier: int, folded: Folded, at: int, tail: Tail, *, apart: bool) -> Reading | None:
    """Nothing but the name, perhaps with a building, when something set what follows apart from the name."""
    rest = folded.text[tail.rest_from :]
    if rest and not (apart and looks_like_building(rest)):
        return None
    if place.chome:
        return _ended(_open(place, tier, _NO_CHOME), folded, at, tail)
    return _ended(Reading(place, Fit.FULL, tier, place.name, place.plain, "oaza"), folded, at, tail)


def _numbered(place: Place, tier: int, numbers: tuple[Number, ...], *, as_oaza: bool) -> Reading | None:
    first, *rest = numbers
    if any(number.unit in (CHOME, JIWARI) for number in rest):
        return None
    if first.unit == CHOME:
        return _chome(place, tier, first, rest)
    if first.unit == JIWARI:
        return _jiwari(place, tier, first, rest)
    if first.unit in (BAN, BANCHI, GO):
        if not place.chome:
            return _plain(place, tier, numbers)
        if first.unit != BANCHI or place.plain is None:
            return _numbers(_open(place, tier, _NO_CHOME), numbers)
        reading = _plain(place, tier, numbers)
        if not _is_lot_beside_chome(place, numbers):
            reading.fit = Fit.LOWER
            reading.notes = ("丁目のない番地として読みました。", *reading.notes)
        return reading
    return _chain(place, tier, numbers, as_oaza=as_oaza)


def _chain(place: Place, tier: int, numbers: tuple[Number, ...], *, as_oaza: bool) -> Reading | None:
    """2-16-90: what the first number is depends on what the place has."""
    first, *rest = numbers
    if as_oaza and place.chome and not place.jiwari and (place.plain is not None or place.koaza):
        return _beside_chome(place, tier, numbers)
    value = first.value
    as_chome = place.chome.get(value)
    as_jiwari = place.jiwari.get(value) if rest else None
    if as_chome and as_jiwari:
        both = (as_chome.name, official(place.name, jiwari=value))
        return _numbers(_several(place, tier, both, f"「{value}」が丁目か地割か決められません。"), rest)
    if as_chome:
        reading = _chome(place, tier, first, rest)
        if place.plain is not None and len(numbers) == 2:
            lot = f"{place.name}{first}番地{numbers[1]}"
            reading.notes = (f"「{first}」は丁目として読みました（丁目のない番地のときは「{lot}」）。",)
        return reading
    if as_jiwari:
        # 津志田2-16-90 is written both for 津志田第2地割 and, by a slip, for 津志田西二丁目.
        alike = [other.chome[value].name for other in place.siblings if value in other.chome]
        if alike and len(numbers) >= 3:
            options = (official(place.name, jiwari=value), *alike)
            note = f"「{place.name}{value}」から始まる町が複数あります。"
            return _numbers(_several(place, tier, options, note), rest)
        return _jiwari(place, tier, first, rest)
    if place.chome and not _is_lot_beside_chome(place, numbers):
        return _chome(place, tier, first, rest)
    if place.jiwari and rest:
        return _jiwari(place, tier, first, rest)
    return _plain(place, tier, numbers)


def _beside_chome(place: Place, tier: int, numbers: tuple[Number, ...]) -> Reading:
    """大字今泉5-12, where 今泉五丁目 exists too: the 大字 is the rest that has no 丁目, so 5-12 is a lot."""
    chome = place.chome.get(numbers[0].value)
    if chome is not None and chome.name.startswith(("大字", "字")):
        return _chome(place, tier, numbers[0], numbers[1:])
    if chome is None or len(numbers) <= 2:
        return _plain(place, tier, numbers)
    note = f"「{place.name}{numbers[0]}」から始まる町が複数あります。"
    return _several(place, tier, (place.name, chome.name), note)


def _is_lot_beside_chome(place: Place, numbers: tuple[Number, ...]) -> bool:
    """Whether 宮崎150-2 is a lot of the 大字 宮崎 that is left beside 宮崎一丁目 to 六丁目, as no 丁目 counts so far."""
    return place.plain is not None and len(numbers) <= 2 and numbers[0].value > max(20, 2 * max(place.chome))


def _chome(place: Place, tier: int, first: Number, rest: Sequence[Number]) -> Reading:
    row = place.chome.get(first.value)
    if row is None:
        return _missing(place, tier, first.value)
    return _numbers(Reading(place, Fit.FULL, tier, row.name, row, "chome"), rest)


def _missing(place: Place, tier: int, number: int) -> Reading:
    """A 丁目 that does not exist, with those that do."""
    options = [place.chome[known].name for known in sorted(place.chome)]
    notes = [f"{place.name}に{number}丁目はありません。"]
    if options:
        notes.append(existing(place.name, sorted(place.chome), CHOME))
    if options and place.plain is not None:
        options.append(place.name)
        notes.append(f"丁目のない番地のときは「{place.name}{number}番地」と入力してください。")
    return Reading(place, Fit.MISSING, tier, None, None, "none", options=tuple(options), notes=tuple(notes))


def _jiwari(place: Place, tier: int, first: Number, rest: Sequence[Number]) -> Reading | None:
    row = place.jiwari.get(first.value)
    if row is not None:
        # Some gazetteers list a 地割 as a 小字 of its 大字.
        name = official(place.name, jiwari=first.value) if row.koaza else row.name
        return _numbers(Reading(place, Fit.FULL, tier, name, row, "jiwari", lot=True), rest)
    if place.chome and not place.jiwari:
        return None
    note = f"{place.name}の第{first.value}地割は町・字の一覧にありません。"
    if place.jiwari:
        note += existing(place.name, sorted(place.jiwari), JIWARI)
    reading = Reading(place, Fit.LOWER, tier, place.name, place.plain, "oaza", notes=(note,))
    if rest:
        reading.leave("-".join(map(str, rest)))  # the lots of a 地割 that is not known
    return reading


def _plain(place: Place, tier: int, numbers: tuple[Number, ...]) -> Reading:
    """番 and 号, or a lot, directly under the name."""
    reading = _numbers(Reading(place, Fit.FULL, tier, place.name, place.plain, "oaza"), numbers)
    if place.jiwari:
        reading.fit, reading.lot = Fit.LOWER, True
        reading.notes = ("地割が書かれていません。", *reading.notes)
    elif place.koaza:
        # Lot numbers are counted per 小字: without it the number names no lot.
        reading.fit = Fit.FULL if len(numbers) <= 2 else Fit.LOWER
        reading.lot = True
        reading.notes = ("小字が書かれていません。", *reading.notes)
    return reading


def _with_koaza(
    place: Place, tier: int, folded: Folded, at: int, end: int, key: str, *, known: bool
) -> Reading | None:
    """The 小字 that stands between the name's end `at` and `end` of the text, or stood within the name."""
    tail = read_tail(folded.text, end)
    if any(number.unit in (CHOME, JIWARI) for number in tail.numbers):
        return None
    if not tail.numbers and tail.rest_from < len(folded.text) and not tail.set_off:
        return None
    row = place.koaza[key] if known else None
    koaza = (row.koaza if row is not None else None) or key
    reading = Reading(
        place, Fit.FULL if known else Fit.LOWER, tier, place.name, row or place.plain, "koaza" if known else "oaza",
        koaza=koaza.removeprefix("字"), koaza_known=known, lot=True,
        notes=() if known else (f"小字「{koaza}」は町・字の一覧にありません。",),
    )  # fmt: skip
    return _ended(_numbers(reading, tail.numbers), folded, at, tail, end)


def _known_koaza(place: Place, text: str, at: int) -> tuple[str, int] | None:
    """Longest 小字 of the place that stands at `at`, spaces within it allowed; with the place after it."""
    if not place.koaza:
        return None
    for end in range(min(len(text), at + _LONGEST_KOAZA), at, -1):
        key = text[at:end].replace(" ", "")
        if key in place.koaza and text[end - 1] != " ":
            return key, end
    return None


def unknown_koaza(place: Place, tier: int, folded: Folded, at: int, begin: int) -> Reading | None:
    """字 stands there, so what follows is a 小字, though the gazetteer does not have it."""
    text = folded.text
    if place.chome and not (place.plain or place.koaza or place.jiwari):
        return None
    for end in range(begin + 1, min(len(text), begin + _LONGEST_KOAZA) + 1):
        if end == len(text) or text[end] in " (" or read_tail(text, end).numbers:
            return _with_koaza(place, tier, folded, at, end, folded.shown(begin, end), known=False)
    return None


def _open(place: Place, tier: int, note: str) -> Reading:
    """A place with 丁目 of which none is given."""
    options = [place.chome[number].name for number in sorted(place.chome)]
    if place.plain is not None or place.koaza or place.jiwari:
        options.append(place.name)
    return _several(place, tier, tuple(options), note)


def _several(place: Place, tier: int, options: tuple[str, ...], note: str) -> Reading:
    return Reading(place, Fit.SEVERAL, tier, None, None, "oaza", options=options, notes=(note,))


def _numbers(reading: Reading, numbers: Sequence[Number]) -> Reading:
    """Block and house from the numbers under the town; a third one is a room or a further branch."""
    if not numbers:
        return reading
    first, *rest = numbers
    if first.unit == GO:
        # A 号 without its 番 names no house.
        reading.leave("-".join(map(str, numbers)) + "号")
        return reading
    reading.block = str(first)
    reading.lot = reading.lot or first.unit == BANCHI
    if rest and rest[0].unit in (None, GO, BAN):
        reading.house = str(rest[0])
        reading.building = "-".join(map(str, rest[1:])) or None
    elif rest:
        reading.leave("-".join(map(str, rest)))
    return reading


def _ended(
    reading: Reading | None, folded: Folded, at: int, tail: Tail, koaza_to: int | None = None
) -> Reading | None:
    """Name what follows the numbers: a building, or text that was not used."""
    if reading is None:
        return None
    rest = folded.shown(tail.rest_from)
    building = False
    if rest:
        forgotten = len(tail.numbers) == 1 and rest[0].isdigit()
        building = not forgotten and (tail.set_off or looks_like_building(folded.text[tail.rest_from :]))
        if building:
            reading.building = f"{reading.building} {rest}" if reading.building else rest
        else:
            reading.leave(rest)
    reading.parts = after_name(folded, at, koaza_to or at, tail, building=building)
    return reading
