"""Fictitious neighbourhood associations: groups of neighbouring cells, with names no real association bears."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from geodata.sample import facts, sizes
from geodata.sample.draws import Draws
from geodata.sample.facts import TownFact
from geodata.sample.ground import Ground
from geodata.sample.partition import chain, grow
from geodata.sample.streets import Streets

LONG_NAME = "巻堀姫神地区見本合同自治会（四十文字の長い名前が正しく折り返すかを確かめるため）"
_LONG_KANA = "まきぼりひめかみちくみほんごうどうじちかい"
_NONE_EVERY = 37
"""One group in so many has no association: a place where the answer is that there is none."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """An association before rules: `cells` are its area. Cells may belong to two associations."""

    association_id: str
    name: str
    kana: str
    district_no: int
    cells: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """All associations but flats; `owners` gives for each cell the associations (indices) whose area it is in."""

    sketches: tuple[Sketch, ...]
    owners: tuple[tuple[int, ...], ...]
    unclaimed: tuple[int, ...]
    overlap: tuple[int, int, int]
    """(first, second, cell): the cell lies in the areas of both."""

    def owner(self, cell: int) -> int | None:
        """The one association of a cell, None where there is none or two."""
        return self.owners[cell][0] if len(self.owners[cell]) == 1 else None


def sample_id(number: int) -> str:
    """Permanent id of the n-th association of the sample."""
    return f"sample-{number:04}"


def build_associations(seed: int, ground: Ground, streets: Streets) -> Layout:
    """About 370 groups of cells, each inside one district; the last step lets two of them overlap in one cell."""
    draws = Draws(seed, "associations")
    groups: list[tuple[int, list[int]]] = []
    unclaimed: list[int] = []
    counts = sizes.association_counts()
    number = 0
    for district in facts.districts():
        cells = ground.of_district(district.no)
        found = grow(ground, cells, min(counts[district.no], len(cells)), streets.town_of)
        first = {min(group): group for group in found}
        for start in chain(ground.xy, list(first)):
            number += 1
            if number % _NONE_EVERY == 0:
                unclaimed += first[start]
            else:
                groups.append((district.no, first[start]))
    names = _names(draws, groups, streets)
    sketches = [
        Sketch(sample_id(n), name, kana, no, tuple(group))
        for n, ((no, group), (name, kana)) in enumerate(zip(groups, names, strict=True), start=1)
    ]
    overlap = _let_overlap(ground, sketches)
    owners: list[list[int]] = [[] for _ in ground.cells]
    for index, sketch in enumerate(sketches):
        for cell in sketch.cells:
            owners[cell].append(index)
    return Layout(tuple(sketches), tuple(map(tuple, owners)), tuple(unclaimed), overlap)


def main_town(cells: list[int] | tuple[int, ...], streets: Streets) -> TownFact:
    """The town most of the cells lie in."""
    counted = Counter(int(streets.town_of[cell]) for cell in sorted(cells))
    return streets.towns[max(sorted(counted), key=counted.__getitem__)].fact


def _names(draws: Draws, groups: list[tuple[int, list[int]]], streets: Streets) -> list[tuple[str, str]]:
    towns = [main_town(group, streets) for _, group in groups]
    bases = [(t.name, t.kana or t.oaza_kana) if t.chome else (t.oaza, t.oaza_kana) for t in towns]
    many = Counter(base for base, _ in bases)
    seen: Counter[str] = Counter()
    found: list[tuple[str, str]] = []
    for (no, _), town, (base, kana) in zip(groups, towns, bases, strict=True):
        country = town.by_lot or no >= 27
        ending, reading = (
            ("自治会", "じちかい") if country or draws.chance(0.2) else ("町内会", "ちょうないかい")
        )
        seen[base] += 1
        order = f"第{seen[base]}" if many[base] > 1 else ""
        spoken = f"だい{seen[base]}" if order else ""
        found.append((f"{base}見本{order}{ending}", f"{kana}みほん{spoken}{reading}"))
    first_of_27 = next(i for i, (no, _) in enumerate(groups) if no == 27)
    found[first_of_27] = (LONG_NAME, _LONG_KANA)
    return found


def _let_overlap(ground: Ground, sketches: list[Sketch]) -> tuple[int, int, int]:
    """Give a border cell of one association in 青山 to its neighbour as well."""
    members = [i for i, sketch in enumerate(sketches) if sketch.district_no == 6 and len(sketch.cells) > 1]
    for first in members:
        for cell in sketches[first].cells:
            for second in members:
                beside = set(ground.neighbours[cell]) & set(sketches[second].cells)
                if second != first and beside:
                    old = sketches[second]
                    cells = tuple(sorted((*old.cells, cell)))
                    sketches[second] = Sketch(old.association_id, old.name, old.kana, old.district_no, cells)
                    return first, second, cell
    raise ValueError("no two neighbouring associations in district 6")
