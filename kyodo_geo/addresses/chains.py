"""What the numbers after a town's name mean: 丁目, 地割, 番 and 号, or a lot.

A chain after a place with 丁目 begins with the 丁目; after a place with 地割 a chain of two or more begins with the 地割;
elsewhere it is 番 and 号, or a lot. What is not used is reported.
"""

from __future__ import annotations

from collections.abc import Sequence

from kyodo_geo.addresses.gazetteer import Place
from kyodo_geo.addresses.ranges import existing
from kyodo_geo.addresses.reading import Fit, Reading
from kyodo_geo.addresses.tail import BAN, BANCHI, CHOME, GO, JIWARI, Number
from kyodo_geo.addresses.towns import official

_BRANCH_AND_ROOM = 2
"""Numbers that may follow a house: its wing and a room."""
NO_CHOME = "丁目が書かれていません。"


def read_chain(place: Place, tier: int, numbers: tuple[Number, ...], *, as_oaza: bool) -> Reading | None:
    first, *rest = numbers
    if any(number.unit in (CHOME, JIWARI) for number in rest):
        return None
    if first.unit == CHOME:
        return _chome(place, tier, first, rest)
    if first.unit == JIWARI:
        return _jiwari(place, tier, first, rest)
    if first.unit in (BAN, BANCHI, GO):
        if not place.chome:
            return without_chome(place, tier, numbers)
        if first.unit != BANCHI or place.plain is None:
            return with_numbers(open_chome(place, tier, NO_CHOME), numbers)
        reading = without_chome(place, tier, numbers)
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
        return with_numbers(_several(place, tier, both, f"「{value}」が丁目か地割か決められません。"), rest)
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
            return with_numbers(_several(place, tier, options, note), rest)
        return _jiwari(place, tier, first, rest)
    if place.chome and not _is_lot_beside_chome(place, numbers):
        return _chome(place, tier, first, rest)
    if place.jiwari and rest:
        return _jiwari(place, tier, first, rest)
    return without_chome(place, tier, numbers)


def _beside_chome(place: Place, tier: int, numbers: tuple[Number, ...]) -> Reading:
    """大字今泉5-12, where 今泉五丁目 exists too: the 大字 is the rest that has no 丁目, so 5-12 is a lot."""
    chome = place.chome.get(numbers[0].value)
    if chome is not None and chome.name.startswith(("大字", "字")):
        return _chome(place, tier, numbers[0], numbers[1:])
    if chome is None or len(numbers) <= 2:
        return without_chome(place, tier, numbers)
    note = f"「{place.name}{numbers[0]}」から始まる町が複数あります。"
    return _several(place, tier, (place.name, chome.name), note)


def _is_lot_beside_chome(place: Place, numbers: tuple[Number, ...]) -> bool:
    """Whether 宮崎150-2 is a lot of the 大字 宮崎 that is left beside 宮崎一丁目 to 六丁目, as no 丁目 counts so far."""
    return place.plain is not None and len(numbers) <= 2 and numbers[0].value > max(20, 2 * max(place.chome))


def _chome(place: Place, tier: int, first: Number, rest: Sequence[Number]) -> Reading:
    row = place.chome.get(first.value)
    if row is None:
        return _missing(place, tier, first.value)
    return with_numbers(Reading(place, Fit.FULL, tier, row.name, row, "chome"), rest)


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
        return with_numbers(Reading(place, Fit.FULL, tier, name, row, "jiwari", lot=True), rest)
    if place.chome and not place.jiwari:
        return None
    if first.value == 0:
        # Every count begins at 1, so this is not a 地割 that the list lacks.
        options = tuple(official(place.name, jiwari=number) for number in sorted(place.jiwari))
        known = existing(place.name, sorted(place.jiwari), JIWARI) if place.jiwari else ""
        notes = (f"{place.name}に第0地割はありません。{known}",)
        return Reading(place, Fit.MISSING, tier, None, None, "none", options=options, notes=notes)
    note = f"{place.name}の第{first.value}地割は町・字の一覧にありません。"
    if place.jiwari:
        note += existing(place.name, sorted(place.jiwari), JIWARI)
    reading = Reading(place, Fit.LOWER, tier, place.name, place.plain, "oaza", notes=(note,))
    if rest:
        reading.leave("-".join(map(str, rest)))  # the lots of a 地割 that is not known
    return reading


def without_chome(place: Place, tier: int, numbers: tuple[Number, ...]) -> Reading:
    """番 and 号, or a lot, directly under the name."""
    reading = with_numbers(Reading(place, Fit.FULL, tier, place.name, place.plain, "oaza"), numbers)
    if place.jiwari:
        reading.fit, reading.lot = Fit.LOWER, True
        reading.notes = ("地割が書かれていません。", *reading.notes)
    elif place.koaza:
        # Lot numbers are counted per 小字: without it the number names no lot.
        reading.fit = Fit.FULL if len(numbers) <= 2 else Fit.LOWER
        reading.lot = True
        reading.notes = ("小字が書かれていません。", *reading.notes)
    return reading


def open_chome(place: Place, tier: int, note: str) -> Reading:
    """A place with 丁目 of which none is given."""
    options = [place.chome[number].name for number in sorted(place.chome)]
    if place.plain is not None or place.koaza or place.jiwari:
        options.append(place.name)
    return _several(place, tier, tuple(options), note)


def _several(place: Place, tier: int, options: tuple[str, ...], note: str) -> Reading:
    return Reading(place, Fit.SEVERAL, tier, None, None, "oaza", options=options, notes=(note,))


def with_numbers(reading: Reading, numbers: Sequence[Number]) -> Reading:
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
        behind = "-".join(map(str, rest[1:]))
        if len(rest) - 1 > _BRANCH_AND_ROOM or any(number.unit in (BAN, BANCHI) for number in rest[1:]):
            reading.leave(behind)
        else:
            reading.building = behind or None
    elif rest:
        reading.leave("-".join(map(str, rest)))
    return reading
