"""The beginning of an address: postal code, prefecture, 郡, municipality, former municipality.

Reads folded text from the left and gives every place where the town may begin; which of them is right is decided by
what the gazetteer can explain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from kyodo_geo.addresses.cities import CITIES, WARDS
from kyodo_geo.addresses.normalise import Folded, fold_name
from kyodo_geo.addresses.places import FORMER, NEIGHBOURS, PREFECTURES, READINGS, Former
from kyodo_geo.addresses.tail import skip

SKIPPED = " ,、。・:;/　()[]「」『』【】〔〕<>\"'■□●○◆◇★☆→⇒*#-"
_GAP = f"[{re.escape(SKIPPED)}]*"
_KINDS = "市区町村"
# 市 or 町 followed by one of these is an ordinary word (市民会館, 市役所, 町内会), not the end of a municipality's name.
ORDINARY = ("民", "役", "営", "立", "内", "道", "場", "街", "有")
_LONGEST_NAME = 7
COUNTRY = re.compile(f"(?:日本国?{_GAP})?")
_LABELS = f"(?:(?:現住所|新住所|ゴ?住所地?|物件所在地|所在地?|住居表示)(?=[{re.escape(SKIPPED)}]){_GAP})*"
_POSTAL_CODE = re.compile(
    rf"{_GAP}{_LABELS}(?:郵便番号{_GAP}|〒 *)*(?:([0-9]{{3}})[- 〜]*([0-9]{{4}})(?![0-9]))?{_GAP}{_LABELS}"
)
_CITIES = frozenset(map(fold_name, CITIES))
_WARDS = frozenset(map(fold_name, WARDS))
_NO_MUNICIPALITIES = ("地区", "街区", "学区", "校区", "画区", "鉱区")
PREFECTURE_NAMES = {fold_name(prefecture): prefecture for prefecture in PREFECTURES}


@dataclass(frozen=True, slots=True)
class Start:
    """A place where the town may begin. `former` restricts it to the towns of a former municipality."""

    at: int
    former: Former | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the town.

    `city_given`: the municipality itself is named; `other`: another municipality, or prefecture, is named for
    certain; `contradiction`: our municipality is named within another prefecture; `postal_code` with the place
    after it; `notes`: what was written but not used.
    """

    starts: tuple[Start, ...]
    city_given: bool
    other: str | None = None
    contradiction: bool = False
    postal_code: str | None = None
    postal_end: int = 0
    notes: tuple[str, ...] = ()


class HeadReader:
    """Reads heads for one municipality; `neighbours` are names of further known municipalities."""

    def __init__(self, code: str, name: str, prefecture: str, neighbours: tuple[str, ...] = ()) -> None:
        self._prefecture = fold_name(prefecture)
        own = _spellings(prefecture)
        self._prefectures = {key: key for key in PREFECTURE_NAMES} | dict.fromkeys(own, self._prefecture)
        self._prefecture_at = _any(self._prefectures)
        city = _spellings(name)
        self._city = _repeated(city)
        bare = (s.removesuffix("ケン") if s.endswith("ケン") else s[:-1] for s in own)
        # 岩手盛岡市: the prefecture without 県 counts only right before the city's full name.
        self._after_bare = re.compile(f"(?:{_choice(bare)}){_GAP}(?={_choice(city)})")
        # None: a 町 or 村 that is known without its 郡.
        self._county = _county_of(name)
        self._short = tuple(dict.fromkeys(spelling[:-1] for spelling in city if len(spelling) > 2))
        former = FORMER.get(code, ())
        self._former = FormerReader(code)
        self._own_names = (*self._short, *(fold_name(old) for item in former for old in item.names))
        known = {*NEIGHBOURS.get(prefecture, ()), *neighbours} - {name}
        self._neighbours = tuple(fold_name(other) for other in known)

    def read(self, folded: Folded) -> Head:
        """Read the head of a folded text."""
        text = folded.text
        code, postal_end = read_postal_code(text)
        at = _after(COUNTRY, text, postal_end)
        given, at = self._read_prefecture(text, at)
        city_at = _after(self._city, text, at)
        notes: tuple[str, ...] = ()
        if given is not None and given != self._prefecture:
            named = city_at > at
            return Head((), named, PREFECTURE_NAMES[given], named, code, postal_end)
        if city_at == at and given is not None and (county := until(text, at, "郡", 4)) is not None:
            # 青森県上北郡横浜町 for a municipality known as 横浜町; without the prefecture it may be another one.
            after = _after(self._city, text, county)
            if after > county:
                if self._county is not None and text[at:county] != self._county:
                    notes = (f"「{folded.shown(at, county)}」は使っていません。",)
                city_at = after
        if city_at == at and given is None and (bare := self._after_bare.match(text, at)):
            at = bare.end()
            city_at = _after(self._city, text, at)
        starts = [Start(city_at), *self._former.starts(text, city_at)]
        if city_at == at:
            for short in self._short:
                if text.startswith(short, at):
                    after = skip(text, at + len(short), SKIPPED)
                    starts += [Start(after), *self._former.starts(text, after)]
        return Head(tuple(starts), city_at > at, None, False, code, postal_end, notes)

    def other_municipality(self, folded: Folded) -> str | None:
        """Name of another municipality the text begins with, as it is written there, when one can be told.

        Only for text that no town of ours explained.
        """
        text = folded.text
        at = start = read_postal_code(text)[1]
        given, at = self._read_prefecture(text, at)
        county = until(text, at, "郡", 4)
        begin = county or at
        foreign = given is not None and given != self._prefecture
        found = None if foreign else self._known_at(text, begin)
        if found is None and (county or given):
            found = until(text, begin, _KINDS, _LONGEST_NAME)
            if found is not None and text[found - 2 : found] in _NO_MUNICIPALITIES:
                found = None
        if found is None or text.startswith(self._own_names, begin):
            return None
        return folded.shown(start if foreign else at, found)

    def _known_at(self, text: str, begin: int) -> int | None:
        """The place after the name of a neighbour, or of a city of the country, that stands at `begin`."""
        named = [begin + len(name) for name in self._neighbours if text.startswith(name, begin)]
        named += [
            end + 1
            for end in range(begin + 1, begin + _LONGEST_NAME)
            if (text[end : end + 1] == "市" and text[begin:end] in _CITIES)
            or (text[end : end + 1] == "区" and text[begin:end] in _WARDS)
        ]
        # 花巻市場 is a market, 八戸市内丸 a town; 市 and 市 in a row are a slip.
        real = [end for end in named if text[end : end + 1] not in ORDINARY or text[end : end + 1] == "内"]
        return max(real, default=None)

    def knows(self, name: str) -> bool:
        """Whether another municipality's name, as written, is that of a known one, or begins with a prefecture's."""
        key = fold_name(name)
        if key in self._neighbours or self._prefecture_at.match(key) is not None:
            return True
        return self._known_at(key, 0) is not None

    def _read_prefecture(self, text: str, at: int) -> tuple[str | None, int]:
        """Folded name of the prefecture, however often it is repeated, and the place after it."""
        given = None
        while found := self._prefecture_at.match(text, at):
            key = self._prefectures[found.group()]
            if given is not None and key != given:
                break
            given, at = key, skip(text, found.end(), SKIPPED)
        return given, at


class FormerReader:
    """Reads the names of the municipalities that became part of one, written in front of their towns."""

    def __init__(self, code: str) -> None:
        self._former = tuple((item, _former_pattern(item)) for item in FORMER.get(code, ()))

    def starts(self, text: str, at: int) -> list[Start]:
        """Where the town may begin after a former municipality that stands at `at`."""
        return [
            Start(found.end(), former)
            for former, pattern in self._former
            if (found := pattern.match(text, at)) is not None
        ]


def _county_of(name: str) -> str | None:
    if name[-1:] not in ("町", "村"):
        return ""
    county, found, _ = fold_name(name).partition("郡")
    return county + found if found else None


def _former_pattern(former: Former) -> re.Pattern[str]:
    county, names = (
        fold_name(former.county),
        [fold_name(name) for name in (*former.names, former.short) if name],
    )
    return re.compile(f"(?:{county}{_GAP})?(?:{_choice(names)}){_GAP}")


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return at if found is None else found.end()


def _choice(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(set(words), key=len, reverse=True)))


def _any(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(_choice(words))


def _repeated(words: Iterable[str]) -> re.Pattern[str]:
    """One of the words, however often it is repeated, with what separates it from what follows."""
    return re.compile(f"(?:(?:{_choice(words)}){_GAP})*")


def _spellings(name: str) -> tuple[str, ...]:
    """盛岡市, モリオカ市, モリオカシ (folded), longest first; 上北郡横浜町 also without its 郡."""
    found = {fold_name(name), fold_name(name).partition("郡")[2]} - {""}
    if reading := READINGS.get(name):
        kana = fold_name(reading)
        kinds = {"市": "シ", "県": "ケン", "町": "チヨウ", "村": "ムラ"}
        found.add(kana)
        found.add(kana.removesuffix(kinds.get(name[-1], "")) + name[-1])
    return tuple(sorted(found, key=len, reverse=True))


def read_postal_code(text: str) -> tuple[str | None, int]:
    """Seven digits at the beginning of folded text, or None; and the place after them."""
    found = _POSTAL_CODE.match(text)
    assert found is not None  # every part of it may be absent
    first, second = found.groups()
    return (first + second if first else None), found.end()


def until(text: str, begin: int, kinds: str, longest: int) -> int | None:
    """Place after the first character of `kinds` that can end a name beginning at `begin`."""
    for i in range(begin + 1, min(len(text), begin + longest + 1)):
        char, after = text[i], text[i + 1 : i + 2]
        # 八戸市内丸 is a 市 with its town; 町内会 is a word.
        if char in kinds and (after not in ORDINARY or char + after == "市内"):
            return i + 2 if after == char else i + 1
        if char.isdigit() or char in SKIPPED:
            return None
    return None
