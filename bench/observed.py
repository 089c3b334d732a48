"""Answers of the lookup beside the truth: what confidence is measured on.

Towns: the two shared tables of written addresses. Associations: the bundled sample through the independent generator,
and the facilities of 焼津市.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from bench.address_styles import Written, spell
from bench.association_cases import cases
from bench.association_truth import World
from bench.yaizu import yaizu_facilities, yaizu_index
from kyodo_geo.addresses import AddressMatcher, Gazetteer, Status, split_town
from kyodo_geo.addresses.towns import TownName, jiwari_of, koaza_key
from kyodo_geo.lookup import Answer, LookupIndex
from kyodo_geo.lookup.confidence import town_kind
from kyodo_geo.lookup_types import Town
from kyodo_geo.point_table import PointTable
from tests.unit.sample_world import lookup, rows


class Observed(NamedTuple):
    """One candidate that was given: its kind of evidence, whether it was right; `group` is never split, `source` names
    the table."""

    kind: str
    right: bool
    group: str
    source: str


# -- towns


def towns(shared: Path, *, national: bool = True) -> Iterator[Observed]:
    """Towns the matcher gave for the rows of both tables; what it left open or refused is no answer."""
    yield from _morioka(shared)
    if national:
        yield from _national(shared)


def _morioka(shared: Path) -> Iterator[Observed]:
    gathered: dict[tuple[str, str], Town] = {}
    for row in json.loads((shared / "morioka/towns_03201.json").read_text(encoding="utf-8")):
        _gather(gathered, row["town"], row["koaza"] or "")
    for entry in json.loads((shared / "morioka/abr_town_names_03201.json").read_text(encoding="utf-8")):
        names = [(level, name) for level, name in entry["names"] if level > 3]
        # 小字 without a 大字 are no towns; names of 玉山区 are expired spellings of towns that are there.
        if names[0][0] == 5 and not names[0][1].startswith("玉山区"):
            level, below = names[1] if len(names) > 1 else (0, "")
            _gather(gathered, names[0][1] + (below if level == 5 else ""), below if level == 6 else "")
    matcher = AddressMatcher(Gazetteer(gathered.values(), "03201"), "03201", "盛岡市", "岩手県")
    for row in _table(shared / "morioka/addresses_dev.csv"):
        match = matcher.match(row["written"])
        if match.status is not Status.FOUND:
            continue
        reading = match.readings[0]
        found, wanted = split_town(reading.town or ""), split_town(row["expected_town"])
        right = {
            "town": found == wanted,
            "town_or_none": found == wanted,
            "oaza_or_none": found == TownName(wanted.oaza),
            "ambiguous": not found.numbered,
        }.get(row["expect"], False)
        yield Observed(town_kind(reading), right, row["base"], "盛岡")


def _national(shared: Path) -> Iterator[Observed]:
    for row in _table(shared / "national/addresses_dev.csv"):
        if not row["町字"]:
            continue
        matcher = _matcher(shared, row["都道府県"], row["市区町村"])
        match = None if matcher is None else matcher.match(row["住所"])
        if match is None or match.status is not Status.FOUND:
            continue
        reading = match.readings[0]
        found = {split_town(reading.town or ""), split_town((reading.town or "") + (reading.koaza or ""))}
        group = row["都道府県"] + row["市区町村"]
        yield Observed(town_kind(reading), split_town(row["町字"]) in found, group, "全国")


@lru_cache(maxsize=32)
def _matcher(shared: Path, prefecture: str, city: str) -> AddressMatcher | None:
    path = shared / "national/towns" / prefecture / f"{city}.json"
    if not path.exists():
        return None
    gathered: dict[tuple[str, str], Town] = {}
    for row in json.loads(path.read_text(encoding="utf-8")):
        _gather(gathered, row["town"], row["koaza"] or "")
    return AddressMatcher(Gazetteer(gathered.values()), "", city, prefecture)


def _gather(found: dict[tuple[str, str], Town], name: str, koaza: str) -> None:
    parts, jiwari = split_town(name), jiwari_of(koaza)
    key = (str(TownName(parts.oaza, parts.chome, parts.jiwari or jiwari)), "" if jiwari else koaza_key(koaza))
    level = "chome" if parts.chome else "jiwari" if parts.jiwari or jiwari else "koaza" if koaza else "oaza"
    town = Town(f"{len(found)}", name, koaza or None, parts.oaza, parts.chome, parts.jiwari or jiwari, None, None, level,
                (), None, None, None)  # fmt: skip
    found.setdefault(key, town)


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


# -- associations


def sample_world() -> World:
    """The bundled sample for the generator."""
    lots = [{**lot, "block": lot["lot"], "house": None} for lot in rows("lots")]
    return World(rows("association-rules"), rows("associations"), rows("towns"), rows("blocks") + lots)


def sample_associations(every: int = 1) -> Iterator[Observed]:
    """The sample asked for whole addresses (also when no town has a point), for unfinished ones and for points, and
    without rules: with the points of blocks and lots, and with those of towns only."""
    world = sample_world()
    snapshot = lookup().snapshot
    without_points = LookupIndex(
        replace(
            snapshot, blocks=PointTable(), lots=PointTable(),
            towns=tuple(replace(town, lon=None, lat=None) for town in snapshot.towns),
        )
    )  # fmt: skip
    for case in cases(world, every):
        for index in (lookup(), without_points):
            answer = index.by_address(case.text)
            # Where no blocks are loaded nobody can know that one does not exist.
            known = index is not without_points or not case.truth.missing
            if answer.outcome.value == "one" and known:
                yield from given(answer, case.truth.only, case.place, "見本")
    towns_by_name = {(town["name"], town["koaza"] or ""): town for town in world.towns}
    by_areas = LookupIndex(replace(snapshot, rules=()))
    bare = LookupIndex(replace(snapshot, rules=(), blocks=PointTable(), lots=PointTable()))
    for turn, point in enumerate(world.points[:: 2 * every]):
        town = towns_by_name[point["town"], point["koaza"] or ""]
        place = f"{town['name']}{town['koaza'] or ''}"
        house = int(point["house"]) if point["house"] else None
        truth = world.truth(town, int(point["block"]), house)
        inside, on_border = world.areas(point["geom"])
        if len(inside) == 1 and not on_border:
            (only,) = inside
            at_point = lookup().by_point(point["geom"].x, point["geom"].y)
            if at_point.outcome.value == "one":
                yield from given(at_point, only, place, "見本")
            whole = spell(Written(world.prefecture, world.city, town, int(point["block"]), house), turn)
            for index in (by_areas, bare):
                yield from given(index.by_address(whole), only, place, "見本（区域だけ）")
        if len(truth.by_rule) == 1 and not truth.open:
            (only,) = truth.by_rule
            unfinished = spell(Written(world.prefecture, world.city, town, None, None), turn)
            yield from given(lookup().by_address(unfinished), only, place, "見本")


def yaizu_associations(shared: Path) -> Iterator[Observed]:
    """The facilities of 焼津市 by point and by address; also in its school districts, which are larger real areas."""
    for areas_of in ("自治会区域", "小学校区", "中学校区"):
        index = yaizu_index(shared, areas_of)
        for facility in yaizu_facilities(shared, index):
            for answer in (index.by_point(facility.lon, facility.lat), index.by_address(facility.address)):
                yield from given(answer, facility.association_id, facility.address, "焼津")


def given(answer: Answer, truth: str | None, group: str, source: str) -> Iterator[Observed]:
    """The candidates of an answer that rest on a kind of evidence, beside the one that is right."""
    for found in answer.associations:
        if found.evidence:
            yield Observed(found.evidence, found.id == truth, group, source)
