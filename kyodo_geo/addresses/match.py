"""Read an address against the gazetteer: one town, several, another city, or not understood. Never a guess."""

from __future__ import annotations

from dataclasses import replace

from kyodo_geo.addresses.gazetteer import LOOSE, NAME, Gazetteer
from kyodo_geo.addresses.head import HeadReader, Start, after_postal_code
from kyodo_geo.addresses.interpret import interpret
from kyodo_geo.addresses.normalise import MAX_LENGTH, Folded, clean, fold
from kyodo_geo.addresses.reading import Fit, Match, Reading, Status

_SHOWN = 30


class AddressMatcher:
    """Matches addresses of one municipality. Read-only after construction; safe for several threads."""

    def __init__(
        self, gazetteer: Gazetteer, code: str, name: str, prefecture: str, neighbours: tuple[str, ...] = ()
    ) -> None:
        self.gazetteer = gazetteer
        self.municipality = name
        self.prefecture = prefecture
        self._heads = HeadReader(code, name, prefecture, neighbours)

    def match(self, text: str) -> Match:
        """Read one address, however it is written; never raises, whatever the text is."""
        cleaned = clean(text)
        if not cleaned:
            return Match(Status.UNKNOWN, "", reason="住所が入力されていません。")
        if len(cleaned) > MAX_LENGTH:
            return Match(
                Status.UNKNOWN, cleaned[:_SHOWN], reason=f"住所は{MAX_LENGTH}字以内で入力してください。"
            )
        # Spaces inside names mean nothing, but before a building they do: read without the former, then with all.
        for folded in _without_spaces_in_names(fold(cleaned)), fold(cleaned):
            head = self._heads.read(folded.text)
            if head.other is not None:
                named = None if head.contradiction else self._heads.other_municipality(folded)
                return self._elsewhere(cleaned, named or head.other, contradiction=head.contradiction)
            readings = self._readings(folded, head.starts)
            if readings:
                return _decide(cleaned, readings)
        other = None if head.city_given else self._heads.other_municipality(folded)
        if other is not None:
            return self._elsewhere(cleaned, other)
        return self._not_understood(cleaned, folded, head.starts)

    def _readings(self, folded: Folded, starts: tuple[Start, ...]) -> list[Reading]:
        found = []
        for start in starts:
            begin, prefixed = start.at, False
            text = folded.text
            while text.startswith(("大字", "字"), begin) and begin < len(text) - 2:
                begin, prefixed = begin + (2 if text[begin] == "大" else 1), True
            allowed = None if start.former is None else {self._key(name) for name in start.former.towns}
            for variant in _variants(folded, begin):
                for end, entry in self.gazetteer.prefixes(variant.text, begin):
                    if allowed is not None and entry.place.key not in allowed:
                        continue
                    promoted = entry.renamed and (prefixed or start.former is not None)
                    reading = interpret(
                        entry.place, NAME if promoted else entry.tier, variant, end, koaza=entry.koaza
                    )
                    if reading is not None:
                        found.append(reading if variant is folded else replace(reading, literal=False))
        return found

    def _key(self, name: str) -> str:
        place = self.gazetteer.place(name)
        return place.key if place else ""

    def _elsewhere(self, cleaned: str, other: str, *, contradiction: bool = False) -> Match:
        reason = ""
        if contradiction:
            city, prefecture = self.municipality, self.prefecture
            reason = f"「{other}」に{city}はありません。{city}は{prefecture}です。"
        return Match(Status.OUTSIDE, cleaned, other=other, contradiction=contradiction, reason=reason)

    def _not_understood(self, cleaned: str, folded: Folded, starts: tuple[Start, ...]) -> Match:
        begin = starts[0].at if starts else 0
        rest = folded.shown(begin)
        if not rest:
            return Match(Status.UNKNOWN, cleaned, reason="町名より先が入力されていません。")
        suggestions = tuple(self.gazetteer.similar(rest))
        if not suggestions:
            rest = (
                cleaned  # 盛岡市役所 is not 「役所」: cutting off the city helps only where a town may follow
            )
        return Match(
            Status.UNKNOWN,
            cleaned,
            reason=f"{self.municipality}の町・字の一覧に「{rest[:_SHOWN]}」で始まるものはありません。",
            suggestions=suggestions,
        )


def _decide(cleaned: str, readings: list[Reading]) -> Match:
    best_rank = min(map(_rank, readings))
    best: dict[tuple[str, ...], Reading] = {}
    for reading in readings:
        if _rank(reading) == best_rank:
            best.setdefault((*reading.names, reading.koaza or ""), reading)
    found = tuple(best.values())
    first = found[0]
    if first.fit is Fit.MISSING:
        return Match(Status.UNKNOWN, cleaned, reason="".join(first.notes), suggestions=first.options)
    if len(found) == 1 and first.town is not None:
        return Match(Status.FOUND, cleaned, found)
    return Match(Status.SEVERAL, cleaned, found, reason="".join(first.notes))


def _rank(reading: Reading) -> tuple[int, int, int, int]:
    """Order of readings; equal ranks make several answers.

    A loose spelling wins over the name itself only when it explains a 小字 that the name does not (永井字荒屋 is
    玉山永井). A written 小字 wins over a longer name found by leaving 字 out, and over an unwritten one.
    """
    fit, tier = reading.fit, reading.tier
    if tier == LOOSE:
        group = 2 if fit is Fit.FULL and reading.koaza_known else 4
    else:
        group = {Fit.FULL: 0, Fit.SEVERAL: 1, Fit.MISSING: 1, Fit.LOWER: 3}[fit]
    return group, tier, int(fit), 0 if reading.literal else 1


def _variants(folded: Folded, begin: int) -> list[Folded]:
    """The text itself, and with one 字 left out of the name (上太田字三枚橋 for the town 上太田三枚橋)."""
    found = [folded]
    limit = min(len(folded.text), begin + 12)
    for i in range(begin + 1, limit):
        if folded.text[i] == "字":
            text = folded.text[:i] + folded.text[i + 1 :]
            found.append(Folded(text, folded.at[:i] + folded.at[i + 1 :], folded.source))
    return found


def _without_spaces_in_names(folded: Folded) -> Folded:
    """Spaces between the postal code and the first Arabic digit after it dropped."""
    text = folded.text
    begin = after_postal_code(text)
    first = next((i for i in range(begin, len(text)) if "0" <= text[i] <= "9"), len(text))
    keep = [i for i, char in enumerate(text) if char != " " or not begin <= i < first]
    return Folded(
        "".join(text[i] for i in keep), (*(folded.at[i] for i in keep), folded.at[-1]), folded.source
    )
