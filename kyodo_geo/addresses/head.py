"""The beginning of an address: postal code, prefecture, 郡, municipality, former municipality.

Reads folded text from the left and gives every place where the town may begin; which of them is right is decided by
what the gazetteer can explain.
"""

from __future__ import annotations

from dataclasses import dataclass

from kyodo_geo.addresses.normalise import Folded, fold_name
from kyodo_geo.addresses.places import FORMER, NEIGHBOURS, PREFECTURES, READINGS, Former
from kyodo_geo.addresses.tail import skip

_SKIPPED = " ,、。・:;/　"
_KINDS = "市区町村"
# 市 or 町 followed by one of these is an ordinary word (市民会館, 市役所, 町内会), not the end of a municipality's name.
_NOT_A_NAME = ("民", "役", "営", "立", "内", "道", "場", "街", "有")
_LONGEST_NAME = 7


@dataclass(frozen=True, slots=True)
class Start:
    """A place where the town may begin. `former` restricts it to the towns of a former municipality."""

    at: int
    former: Former | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the town.

    `city_given`: the municipality itself is named; `other`: another municipality, or prefecture, is named for
    certain; `contradiction`: our municipality is named within another prefecture.
    """

    starts: tuple[Start, ...]
    city_given: bool
    other: str | None = None
    contradiction: bool = False


class HeadReader:
    """Reads heads for one municipality; `neighbours` are names of further known municipalities."""

    def __init__(self, code: str, name: str, prefecture: str, neighbours: tuple[str, ...] = ()) -> None:
        self.former = FORMER.get(code, ())
        self._prefecture = fold_name(prefecture)
        self._prefectures = {fold_name(pref): pref for pref in PREFECTURES}
        self._own_prefectures = _spellings(prefecture)
        self._bare_prefectures = tuple(
            s.removesuffix("ケン") if s.endswith("ケン") else s[:-1] for s in self._own_prefectures
        )
        self._city = _spellings(name)
        self._short = tuple(dict.fromkeys(spelling[:-1] for spelling in self._city if len(spelling) > 2))
        self._own_names = (*self._short, *(fold_name(old) for former in self.former for old in former.names))
        known = {*NEIGHBOURS.get(prefecture, ()), *neighbours} - {name}
        self._neighbours = tuple(fold_name(other) for other in known)

    def read(self, text: str) -> Head:
        """Read the head of folded text."""
        at = after_postal_code(text)
        for word in ("日本国", "日本"):
            if text.startswith(word, at):
                at = skip(text, at + len(word), _SKIPPED)
                break
        given, at = self._read_prefecture(text, at)
        foreign = given is not None and given != self._prefecture
        city_at = self._after(text, at, self._city)
        county = _until(text, at, "郡", 4) if given is not None and city_at == at else None
        if county is not None and not foreign:
            # 青森県上北郡横浜町 for a municipality known as 横浜町; without the prefecture it may be another one.
            after = self._after(text, county, self._city)
            city_at = after if after > county else at
        if foreign:
            shown = self._prefectures[given] if given else None
            return Head((), city_at > at, other=shown, contradiction=city_at > at)
        if city_at == at and given is None:
            at, city_at = self._after_bare_prefecture(text, at)
        city_given = city_at > at
        begin = city_at
        starts = [Start(begin)]
        starts.extend(self._former_starts(text, begin))
        if not city_given:
            for short in self._short:
                if text.startswith(short, begin):
                    after = skip(text, begin + len(short), _SKIPPED)
                    starts.append(Start(after))
                    starts.extend(self._former_starts(text, after))
        return Head(tuple(starts), city_given)

    def other_municipality(self, folded: Folded) -> str | None:
        """Name of another municipality the text begins with, as it is written there, when one can be told.

        Only for text that no town of ours explained.
        """
        text = folded.text
        at = start = after_postal_code(text)
        given, at = self._read_prefecture(text, at)
        county = _until(text, at, "郡", 4)
        begin = county or at
        foreign = given is not None and given != self._prefecture
        found = next((begin + len(name) for name in self._neighbours if text.startswith(name, begin)), None)
        if found is None or foreign:
            found = _until(text, begin, _KINDS if county or given else "市区", _LONGEST_NAME)
        if found is None or text.startswith(self._own_names, begin):
            return None
        return folded.shown(start if foreign else at, found)

    def _read_prefecture(self, text: str, at: int) -> tuple[str | None, int]:
        given = None
        while True:
            found = next((key for key in self._prefectures if text.startswith(key, at)), None)
            if found is None:
                own = next((s for s in self._own_prefectures if text.startswith(s, at)), None)
                found, length = (self._prefecture, len(own)) if own else (None, 0)
            else:
                length = len(found)
            if found is None or (given is not None and found != given):
                return given, at
            given, at = found, skip(text, at + length, _SKIPPED)

    def _after(self, text: str, at: int, spellings: tuple[str, ...]) -> int:
        """Place after the name, however often it is repeated."""
        while True:
            found = next((spelling for spelling in spellings if text.startswith(spelling, at)), None)
            if found is None:
                return at
            at = skip(text, at + len(found), _SKIPPED)

    def _after_bare_prefecture(self, text: str, at: int) -> tuple[int, int]:
        """岩手盛岡市: the prefecture without 県 counts only right before the city's full name."""
        for bare in self._bare_prefectures:
            if text.startswith(bare, at):
                begin = skip(text, at + len(bare), _SKIPPED)
                after = self._after(text, begin, self._city)
                if after > begin:
                    return begin, after
        return at, at

    def _former_starts(self, text: str, at: int) -> list[Start]:
        starts = []
        for former in self.former:
            begin = at
            county = fold_name(former.county)
            if text.startswith(county, at):
                begin = skip(text, at + len(county), _SKIPPED)
            for name in (*former.names, former.short):
                if name and text.startswith(fold_name(name), begin):
                    starts.append(Start(skip(text, begin + len(fold_name(name)), _SKIPPED), former))
                    break
        return starts


def _spellings(name: str) -> tuple[str, ...]:
    """盛岡市, モリオカ市, モリオカシ (folded), longest first; 上北郡横浜町 also without its 郡."""
    found = {fold_name(name), fold_name(name).partition("郡")[2]} - {""}
    if reading := READINGS.get(name):
        kana = fold_name(reading)
        kinds = {"市": "シ", "県": "ケン", "町": "チヨウ", "村": "ムラ"}
        found.add(kana)
        found.add(kana.removesuffix(kinds.get(name[-1], "")) + name[-1])
    return tuple(sorted(found, key=len, reverse=True))


def after_postal_code(text: str) -> int:
    """Place after a postal code at the beginning (〒020-0122, 0200122), or the beginning of the text."""
    at = skip(text, 0, _SKIPPED)
    mark = skip(text, at, "〒 ")
    end, digits = mark, 0
    while end < len(text) and digits < 7 and ("0" <= text[end] <= "9" or (text[end] in "- " and digits == 3)):
        digits += text[end].isdigit()
        end += 1
    if digits == 7 and (end == len(text) or not text[end].isdigit()):
        return skip(text, end, _SKIPPED)
    return mark


def _until(text: str, begin: int, kinds: str, longest: int) -> int | None:
    """Place after the first character of `kinds` that can end a name beginning at `begin`."""
    for i in range(begin + 1, min(len(text), begin + longest + 1)):
        char, after = text[i], text[i + 1 : i + 2]
        if char in kinds and after not in _NOT_A_NAME:
            return i + 2 if after == char else i + 1
        if char.isdigit() or char in _SKIPPED:
            return None
    return None
