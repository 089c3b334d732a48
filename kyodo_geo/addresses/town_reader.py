"""Towns that explain a text: every reading from every place where the town may begin, and which of them counts."""

from __future__ import annotations

from collections.abc import Iterable

from kyodo_geo.addresses.formerly import former_name
from kyodo_geo.addresses.gazetteer import LOOSE, NAME, Gazetteer
from kyodo_geo.addresses.head import Start
from kyodo_geo.addresses.interpret import interpret
from kyodo_geo.addresses.normalise import Folded
from kyodo_geo.addresses.parts import up_to_name
from kyodo_geo.addresses.reading import Fit, Match, Reading, Status
from kyodo_geo.addresses.tail import BAN, BANCHI, SMALLEST_ROOM, read_tail
from kyodo_geo.addresses.towns import split_town

_LONGEST_WITH_AZA = 12


class TownReader:
    """Reads the towns of one gazetteer. Read-only after construction."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self._towns_of = {
            former.names: frozenset(split_town(name).oaza for name in former.towns)
            for former in gazetteer.former
        }

    def readings(self, folded: Folded, starts: Iterable[Start], postal_end: int = 0) -> list[Reading]:
        """Every reading of the text with a town at one of `starts`; `postal_end` is where the region begins."""
        found = []
        text = folded.text
        for start in starts:
            begin, prefixed = start.at, False
            while text.startswith(("大字", "字"), begin) and begin < len(text) - 2:
                begin, prefixed = begin + (2 if text[begin] == "大" else 1), True
            allowed = None if start.former is None else self._towns_of[start.former.names]
            for variant in _variants(folded, begin):
                for end, entry in self.gazetteer.prefixes(variant.text, begin):
                    if allowed is not None and entry.place.key not in allowed:
                        continue
                    promoted = entry.renamed and (prefixed or start.former is not None)
                    tier = NAME if promoted else entry.tier
                    reading = interpret(entry.place, tier, variant, end, koaza=entry.koaza, as_oaza=prefixed)
                    if reading is None:
                        continue
                    reading.literal = reading.literal and variant is folded
                    reading.renamed = entry.renamed and start.former is None
                    reading.name_end = end
                    reading.former = former_name(
                        reading, entry, variant.text[:end], in_former_place=start.former is not None
                    )
                    if entry.tier == LOOSE:
                        written = variant.shown(begin, end)
                        shown = f"「{written}」は{entry.place.name}として読みました。"
                        reading.notes = (shown, *reading.notes)
                    reading.parts = up_to_name(variant, postal_end, start.at, end) + reading.parts
                    found.append(reading)
        return found

    def inside(self, text: str, begin: int, end: int) -> int | None:
        """Where, from `begin` to `end` of folded text, a town's name with two numbers or a 丁目 begins, or None."""
        for at in range(begin, end):
            for after, entry in self.gazetteer.prefixes(text, at):
                if entry.tier != NAME or not text[after : after + 1].isdigit():
                    continue
                numbers = read_tail(text, after).numbers
                room = len(numbers) == 2 and numbers[-1].value >= SMALLEST_ROOM
                if (len(numbers) > 1 and not room) or (numbers and numbers[0].unit in (BAN, BANCHI)):
                    return at
        return None


def decide(cleaned: str, readings: list[Reading]) -> Match:
    """One town when the best readings agree, several when they do not, unknown when the 丁目 does not exist."""
    best_rank = min(map(rank, readings))
    best: dict[tuple[str, ...], Reading] = {}
    kept = [reading for reading in readings if rank(reading) == best_rank]
    if any(reading.renamed and not reading.koaza_known for reading in kept):
        # 大字永井 was the name of today's 玉山永井, but another 永井 bears it now: only a 小字 can tell them apart.
        kept += [reading for reading in readings if reading.tier == NAME and not reading.renamed]
    for reading in kept:
        best.setdefault((*reading.names, reading.koaza or ""), reading)
    found = tuple(best.values())
    first = found[0]
    if first.fit is Fit.MISSING:
        unknown = first.parts[-1].text if first.parts else ""
        return Match(
            Status.UNKNOWN, cleaned, reason="".join(first.notes), suggestions=first.options, unknown=unknown
        )
    if len(found) == 1 and first.town is not None:
        return Match(Status.FOUND, cleaned, found)
    return Match(Status.SEVERAL, cleaned, found, reason="".join(first.notes))


def rank(reading: Reading) -> tuple[int, ...]:
    """Order of readings; equal ranks make several answers.

    A loose spelling wins over the name itself only when it explains a 小字 that the name does not (永井字荒屋 is
    玉山永井). A written 小字 wins over a longer name found by leaving 字 out, and over an unwritten one. Of two that are
    otherwise alike the one that uses more of the text, then the longer name counts (浮津二番町 before 浮津 and 二番).
    """
    group = _GROUP[reading.fit]
    if reading.tier == LOOSE:
        group = 2 if reading.fit is Fit.FULL and reading.koaza_known else 4
    literal, unused = 0 if reading.literal else 1, 0 if reading.unused is None else 1
    return group, reading.tier, int(reading.fit), literal, unused, -reading.name_end


_GROUP = {Fit.FULL: 0, Fit.SEVERAL: 1, Fit.MISSING: 1, Fit.LOWER: 3}


def _variants(folded: Folded, begin: int) -> list[Folded]:
    """The text itself, and with one 字 left out of the name (上太田字三枚橋 for the town 上太田三枚橋)."""
    found = [folded]
    limit = min(len(folded.text), begin + _LONGEST_WITH_AZA)
    at = folded.text.find("字", begin + 1, limit)
    while at >= 0:
        found.append(folded.without((at,)))
        at = folded.text.find("字", at + 1, limit)
    return found
